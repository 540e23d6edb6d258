"""A laptop that slept for hours wakes up to the truth: whose the tickets are, how old its data is, and that its person was gone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from msgspec.structs import replace
from sqlalchemy import Connection

from okpay_console import errors
from okpay_console.server import history
from okpay_console.server.db import Database
from okpay_console.sync.clock import HouseClock

NIGHT = timedelta(hours=8)


class Laptop:
    """A machine's clock that can sleep: its wall clock goes on, and its seconds do too or stand still, as systems differ."""

    def __init__(self) -> None:
        self.slept = timedelta()
        self.counted = 0.0
        self.seconds = 0.0

    def now(self) -> datetime:
        return datetime.now(UTC) - NIGHT + self.slept + timedelta(seconds=self.seconds)

    def monotonic(self) -> float:
        return 1000.0 + self.counted + self.seconds

    async def sleep(self, seconds: float) -> None:
        self.seconds += seconds

    def night(self, *, counts: bool) -> None:
        self.slept += NIGHT
        self.counted += NIGHT.total_seconds() if counts else 0.0


def on(laptop: Laptop, console: Any) -> None:
    """The console runs on this machine, whose clock the server's is taken from by the morning."""
    house: HouseClock = console.engine._clock
    house._machine = laptop
    house._ahead = 0.0
    house.heard = lambda *_: 0.0  # type: ignore[method-assign]
    console.engine._standing.fresh()


def states(console: Any, name: str) -> list[tuple[str, str]]:
    return [(line.what, line.reason) for line in console.engine.daybook() if line.kind == "state" and line.by == name]


async def evening(desk: Any) -> tuple[Any, Laptop]:
    """An agent's desk at the end of the day; the machine's night is before the server's now."""
    one = await desk.console("wang", role="agent")
    laptop = Laptop()
    on(laptop, one)
    one.engine._daybook._live = True
    await one.engine.round()
    await one.engine.begin_shift()
    await one.engine.round()
    assert states(one, "wang") == [("available", "")]
    return one, laptop


@pytest.mark.parametrize("counts", [True, False], ids=["seconds go on", "seconds stand still"])
async def test_the_person_was_gone_since_the_last_sign_and_is_there_again(desk: Any, *, counts: bool) -> None:
    one, laptop = await evening(desk)
    await one.engine._shift.sign()
    last = laptop.now()
    laptop.night(counts=counts)
    await one.engine._shift.sign()
    await one.engine.round()
    assert states(one, "wang") == [("available", ""), ("offline", "lost"), ("available", "")]
    lost, back = [line for line in one.engine.daybook() if line.by == "wang"][1:]
    assert abs((lost.at - last).total_seconds()) < 60
    assert timedelta(hours=7.9) < back.at - lost.at < timedelta(hours=8.1)
    assert one.engine._shift.at_work and one.engine.telling() == 0
    await one.engine._shift.sign()
    await one.engine.round()
    assert len(states(one, "wang")) == 3


async def test_without_a_network_it_is_settled_by_the_machines_own_time(desk: Any) -> None:
    one, laptop = await evening(desk)
    await one.engine._shift.sign()
    await desk.stop()
    laptop.night(counts=False)
    await one.engine._shift.sign()
    assert (await one.engine.round()).link == "offline"
    assert len(states(one, "wang")) == 1, "it may have been the clock"
    await one.engine._shift.sign()
    assert states(one, "wang")[1:] == [("offline", "lost")]
    await desk.start()
    await one.engine.round()
    assert states(one, "wang")[1:] == [("offline", "lost"), ("available", "")]


async def test_a_clock_that_was_only_set_makes_nobody_gone(desk: Any) -> None:
    one, laptop = await evening(desk)
    await one.engine._shift.sign()
    laptop.night(counts=False)
    await one.engine._shift.sign()
    one.engine._clock._ahead = NIGHT.total_seconds()
    await one.engine.round()
    await one.engine._shift.sign()
    await one.engine.round()
    assert states(one, "wang") == [("available", "")]
    assert one.engine._shift.at_work


async def test_what_he_says_on_waking_stands_and_the_night_is_no_working_time(desk: Any) -> None:
    one, laptop = await evening(desk)
    await one.engine._shift.sign()
    laptop.night(counts=False)
    await one.engine._shift.sign()
    await one.engine.tell("state", what="training")
    await one.engine.round()
    assert states(one, "wang") == [("available", ""), ("offline", "lost"), ("training", "")]
    assert one.engine._daybook.book.mark.what == "training"


@pytest.mark.parametrize("what", ["training", "offline"])
async def test_what_he_says_before_anybody_has_noticed_the_night_does_not_hide_it(desk: Any, what: str) -> None:
    one, laptop = await evening(desk)
    await one.engine._shift.sign()
    laptop.night(counts=False)
    await one.engine.tell("state", what=what)
    await one.engine.round()
    await one.engine._shift.sign()
    await one.engine.round()
    assert states(one, "wang") == [("available", ""), ("offline", "lost"), (what, "")]
    assert one.engine._daybook.book.mark.what == what


async def test_a_desk_that_is_closed_on_waking_was_left_the_evening_before(desk: Any) -> None:
    one, laptop = await evening(desk)
    await one.engine._shift.sign()
    last = laptop.now()
    laptop.night(counts=False)
    await one.engine.leave()
    states_told = [line for line in one.engine.daybook() if line.by == "wang"]
    assert [(line.what, line.reason) for line in states_told] == [("available", ""), ("offline", "lost")]
    assert abs((states_told[-1].at - last).total_seconds()) < 60


async def test_who_worked_elsewhere_meanwhile_is_not_made_available_by_a_lid(desk: Any) -> None:
    one, laptop = await evening(desk)
    await one.engine._shift.sign()
    other = await desk.console("wang", at="office", role="agent")
    await other.engine.round()
    await other.engine.tell("state", what="break", reason="meal")
    await other.engine.round()
    laptop.night(counts=False)
    await one.engine._shift.sign()
    await one.engine.round()
    assert states(one, "wang") == [("available", ""), ("offline", "lost"), ("break", "meal")]
    assert not one.engine._shift.at_work, "his shift is at the other console"


async def test_signs_that_the_disk_did_not_take_are_no_sleep(desk: Any) -> None:
    one, laptop = await evening(desk)

    async def full(_: object) -> None:
        raise errors.StoreFull("the disk is full")

    real, one.engine._disk._writer = one.engine._disk._writer, full
    for _ in range(5):
        laptop.seconds += 60
        with pytest.raises(errors.StoreFull):
            await one.engine._shift.sign()
    one.engine._disk._writer = real
    laptop.seconds += 60
    await one.engine._shift.sign()
    await one.engine.round()
    assert states(one, "wang") == [("available", "")]


@pytest.mark.parametrize("counts", [True, False], ids=["seconds go on", "seconds stand still"])
async def test_old_data_is_not_called_fresh_by_a_sign_of_life_from_before_the_night(desk: Any, *, counts: bool) -> None:
    one, laptop = await evening(desk)
    laptop.night(counts=counts)
    one.engine._pace._wake.clear()
    one.engine._still_true()
    status = one.engine.status()
    assert laptop.now() - status.last_sync_at > timedelta(hours=7.9)
    assert one.engine._pace._wake.is_set(), "the server is asked instead"
    await one.engine.round()
    assert laptop.now() - one.engine.status().last_sync_at < timedelta(minutes=1)
    laptop.seconds += 15
    one.engine._still_true()
    assert laptop.now() - one.engine.status().last_sync_at < timedelta(seconds=5)


async def test_a_ticket_that_somebody_else_took_at_night_is_his_and_an_open_promise_is_late(desk: Any) -> None:
    one, laptop = await evening(desk)
    ticket, kept = await one.new(), await one.new("没有别人要")
    await one.engine.claim(ticket)
    await one.engine.claim(kept)
    shown = one.engine.view(kept).ticket
    assert shown is not None
    await one.engine.do(one.author.promise(shown, "回电", laptop.now() + timedelta(hours=1)))
    await one.engine.round()
    database = Database(desk.database)

    def lapse(conn: Connection) -> None:
        """The leases run out while everybody sleeps."""
        found = [history.load(conn, one_of) for one_of in (ticket, kept)]
        puts = [replace(held, lease_until=laptop.now()) for held in found if held is not None]
        history.commit(conn, now=datetime.now(UTC), puts=puts)

    await database.write(lapse)
    await database.close()
    two = await desk.console("li")
    await two.engine.round()
    await two.engine.claim(ticket)
    laptop.night(counts=True)
    await one.engine.round()
    await one.engine.keep()
    assert one.engine.view(ticket).ticket.assignee == "li"
    assert one.engine.view(kept).ticket.assignee == "wang"
    [owed] = one.engine.view(kept).ticket.promises
    assert owed.due_at < one.engine.now()
