"""Worlds in which everything goes wrong end with every word where it belongs, and the worlds notice a missing rule."""

from __future__ import annotations

import importlib.util
import os
import sys
from pathlib import Path

import pytest

_spec = importlib.util.spec_from_file_location("okpay_sim_world", Path(__file__).with_name("world.py"))
assert _spec and _spec.loader
world = importlib.util.module_from_spec(_spec)
sys.modules[_spec.name] = world
_spec.loader.exec_module(world)

# OKPAY_SIM_SEEDS=500 runs more of them; ``world.py --seeds`` does so without pytest.
SEEDS = int(os.environ.get("OKPAY_SIM_SEEDS", "8"))


@pytest.fixture(scope="module")
def folder():
    with world.worlds() as made:
        yield made


@pytest.mark.parametrize("seed", range(1, SEEDS + 1))
def test_every_world_ends_with_all_equal_nothing_lost_and_nothing_twice(folder, seed):
    world.simulate(seed, folder)


def test_a_seed_is_one_history(folder):
    assert world.simulate(3, folder).log == world.simulate(3, folder).log


@pytest.mark.parametrize(
    ("mutant", "fault"), [("no-tray", 0.12), ("no-reoffer", 0.12), ("two-records", 0.3), ("no-outcomes", 0.12)]
)
def test_a_missing_rule_is_noticed(folder, mutant, fault):
    for seed in range(1, 41):
        try:
            world.simulate(seed, folder, fault=fault, mutant=mutant)
        except Exception:
            return
    raise AssertionError(f"forty worlds without noticing {mutant}")
