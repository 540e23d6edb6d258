"""How old the data is called, by clocks that were set wrong."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

import pytest

from okpay_console.domain import wire
from okpay_console.domain.author import Author
from okpay_console.domain.ops import NO_RULES
from okpay_console.local.mirror import Mirror
from okpay_console.local.outbox import Outbox
from okpay_console.local.store import open_store
from okpay_console.sync.engine import Engine

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


class Machine:
    """A clock that somebody sets, over seconds that nobody does."""

    def __init__(self) -> None:
        self.ahead, self.seconds = timedelta(), 0.0

    def now(self) -> datetime:
        return NOON + timedelta(seconds=self.seconds) + self.ahead

    def monotonic(self) -> float:
        return self.seconds

    async def sleep(self, seconds: float) -> None:
        self.seconds += seconds


@pytest.fixture
def machine():
    return Machine()


@pytest.fixture
def mirror(tmp_path):
    """Last complete at noon, by the server's clock."""
    with open_store(tmp_path / "store") as db:
        made = Mirror(db)
        made.apply_page(wire.Page([], "c", False, wire.Last(), [], NOON), "", outbox=Outbox(db), now=NOON)
        yield made


def console(mirror: Mirror, machine: Machine) -> Engine:
    return Engine(
        api=None,
        mirror=mirror,
        outbox=Outbox(mirror.store),
        author=Author("wang", lambda: "id", machine.now),
        rules=NO_RULES,
        clock=machine,
        rng=random.Random(1),
    )


def age(engine: Engine) -> timedelta:
    last = engine.status().last_sync_at
    assert last is not None
    return engine.now() - last


def test_data_grows_old_by_the_clock(mirror, machine):
    engine = console(mirror, machine)
    machine.seconds = 90
    assert age(engine) == timedelta(seconds=90)


def test_a_clock_that_is_set_back_does_not_make_old_data_new(mirror, machine):
    engine = console(mirror, machine)
    machine.seconds, machine.ahead = 3600, timedelta(days=-1)
    assert age(engine) == timedelta(hours=1)


def test_a_machine_that_starts_without_the_time_counts_from_its_start(mirror, machine):
    machine.ahead = timedelta(days=-400)
    engine = console(mirror, machine)
    machine.seconds = 45
    assert age(engine) == timedelta(seconds=45)


def test_a_sleep_that_the_seconds_do_not_see_is_seen_by_the_clock(mirror, machine):
    engine = console(mirror, machine)
    machine.seconds, machine.ahead = 10, timedelta(hours=8)
    assert age(engine) == timedelta(hours=8, seconds=10)


def test_without_any_data_there_is_no_age(tmp_path, machine):
    with open_store(tmp_path / "empty") as db:
        assert console(Mirror(db), machine).status().last_sync_at is None
