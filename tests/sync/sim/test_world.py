"""Worlds in which everything goes wrong end with every word where it belongs, and the worlds notice a missing rule."""

from __future__ import annotations

import gc
import tempfile
from pathlib import Path

import pytest
from okpay_sim.faults import HEAVY, Wrong
from okpay_sim.mutants import MUTANTS
from okpay_sim.targets import PLANS, TARGETS
from okpay_sim.world import simulate

SEEDS = 2_000
"""``python tests/sync/sim --seeds N`` runs more of them."""
BATCH = 40
HEAVY_SEEDS = 6


@pytest.fixture(scope="module", autouse=True)
def frozen():
    """What the suite has in memory by now is not looked through once for each few worlds."""
    gc.collect()
    gc.freeze()
    yield
    gc.unfreeze()


@pytest.fixture(scope="module")
def folder():
    """In memory where the machine has such a place: this is about the protocol, not about the disk."""
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None) as made:
        yield Path(made)


@pytest.mark.parametrize("first", range(1, SEEDS + 1, BATCH))
def test_every_world_ends_with_all_equal_nothing_lost_nothing_twice_and_nobody_deceived(first):
    failed = []
    for seed in range(first, first + BATCH):
        try:
            simulate(seed)
        except Exception as error:
            failed.append(f"{type(error).__name__}: {error}\n  python tests/sync/sim --log --seeds 1 --start {seed}")
    assert not failed, "\n".join(failed)


@pytest.mark.parametrize("seed", range(1, HEAVY_SEEDS + 1))
def test_the_same_holds_for_the_whole_http_application_over_files(folder, seed):
    try:
        simulate(seed, mix=HEAVY, folder=folder)
    except Exception as error:
        error.add_note(f"python tests/sync/sim --heavy --log --seeds 1 --start {seed}")
        raise


def test_a_seed_is_one_history():
    first = simulate(3).log
    assert len(first) > 30
    assert simulate(3).log == first


@pytest.mark.parametrize("mutant", sorted({*MUTANTS} - {*PLANS}))
def test_a_missing_rule_is_noticed(mutant):
    for seed in range(1, 61):
        try:
            simulate(seed, mix=TARGETS.get(mutant, TARGETS["all"]), mutant=mutant)
        except Wrong:
            return
    raise AssertionError(f"sixty worlds without noticing {mutant}")


@pytest.mark.parametrize("mix", sorted({*TARGETS} - {"all"}))
def test_a_mix_that_looks_for_one_thing_finds_none_with_every_rule_in_place(mix):
    for seed in range(1, 4):
        simulate(seed, mix=TARGETS[mix])


@pytest.mark.parametrize("mutant", PLANS)
def test_a_rule_that_is_needed_once_in_thousands_of_worlds_is_missed_in_the_one_that_needs_it(mutant):
    plan, mix = PLANS[mutant]
    simulate(1, mix=mix, plan=plan)
    with pytest.raises(Wrong, match="neither on its ticket nor in front of anybody"):
        simulate(1, mix=mix, plan=plan, mutant=mutant)
