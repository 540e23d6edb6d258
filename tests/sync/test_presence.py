"""Presence is told at once and every ten seconds, by one request at a time, and never stands in anybody's way."""

from __future__ import annotations

import asyncio
import heapq
import itertools
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta

import pytest

from okpay_console import errors
from okpay_console.domain.presence import Beside, Company, Here
from okpay_console.sync.presence import Presence

from .conftest import Desk

LI = (Beside("小李", writing=True),)


class Hands:
    """A clock that goes on only when told to."""

    def __init__(self) -> None:
        self.at = 0.0
        self._sleeping: list[tuple[float, int, asyncio.Future[None]]] = []
        self._serial = itertools.count()

    def now(self) -> datetime:
        return datetime(2026, 11, 22, tzinfo=UTC) + timedelta(seconds=self.at)

    def monotonic(self) -> float:
        return self.at

    async def sleep(self, seconds: float) -> None:
        waiting: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleeping, (self.at + seconds, next(self._serial), waiting))
        await waiting

    async def on(self, seconds: float) -> None:
        """Lets so much time go by, and everybody do what is due in it."""
        end = self.at + seconds
        await self.settle()
        while self._sleeping and self._sleeping[0][0] <= end:
            self.at, _, waiting = heapq.heappop(self._sleeping)
            if not waiting.done():
                waiting.set_result(None)
            await self.settle()
        self.at = end

    async def settle(self) -> None:
        for _ in range(20):
            await asyncio.sleep(0)


class World:
    """A console's presence with a server that keeps a list of what it was told."""

    def __init__(self) -> None:
        self.clock = Hands()
        self.heard: list[tuple[float, Here]] = []
        self.news: list[str] = []
        self.online = True
        self.answer: Callable[[Here], Company] = lambda _: Company(LI)
        self.slow: asyncio.Event | None = None
        self.running = 0
        self.presence = Presence(clock=self.clock, ask=self.ask, online=lambda: self.online, told=self.news.append)

    async def ask(self, here: Here) -> Company:
        assert self.running == 0, "two requests at a time"
        self.running += 1
        try:
            self.heard.append((self.clock.at, here))
            if self.slow is not None:
                await self.slow.wait()
            return self.answer(here)
        finally:
            self.running -= 1

    @property
    def told(self) -> list[Here]:
        return [here for _, here in self.heard]


@pytest.fixture
async def world() -> AsyncIterator[World]:
    made = World()
    task = asyncio.create_task(made.presence.run())
    yield made
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def test_an_open_case_is_told_at_once_and_every_ten_seconds_and_none_is_not(world: World) -> None:
    await world.clock.on(60)
    assert world.heard == []
    world.presence.look("t1")
    await world.clock.on(35)
    assert [at for at, _ in world.heard] == [60, 70, 80, 90]
    assert set(world.told) == {Here("t1")}
    assert world.presence.others("t1") == LI and world.news == ["t1"]


async def test_writing_and_going_on_are_told_within_a_second_and_what_was_left_with_them(world: World) -> None:
    world.presence.look("t1")
    await world.clock.on(0.1)
    world.presence.look("t1", writing=True)
    await world.clock.on(1)
    world.presence.look("t2")
    assert world.presence.others("t1") == () == world.presence.others("t2")
    await world.clock.on(1)
    world.presence.look("")
    await world.clock.on(30)
    assert world.told == [Here("t1"), Here("t1", True), Here("t2", False, ("t1",)), Here("", False, ("t2",))]


async def test_a_walk_through_the_queue_is_one_request_a_second(world: World) -> None:
    for number in range(100):
        world.presence.look(f"t{number}")
        await world.clock.on(0.1)
    assert len(world.heard) <= 11
    last = max(world.heard)[1]
    await world.clock.on(1)
    assert world.told[-1].ticket == "t99" and (last.ticket == "t99" or last.ticket in world.told[-1].left)


async def test_one_agent_with_a_case_every_three_minutes_asks_less_than_once_in_eight_seconds(world: World) -> None:
    """So 500 agents are fewer than 63 requests a second, and each of them is one look-up by key."""
    for number in range(20):
        world.presence.look(f"t{number}")
        await world.clock.on(60)
        world.presence.look(f"t{number}", writing=True)
        await world.clock.on(60)
        world.presence.look(f"t{number}")
        await world.clock.on(60)
    assert len(world.heard) * 8 < world.clock.at


@pytest.mark.parametrize(
    "failure",
    [errors.Offline("x"), errors.NotFound("x"), errors.SignedOut("x"), errors.Unavailable("x"), TimeoutError()],
)
async def test_a_request_that_fails_is_not_repeated_before_the_next_beat(world: World, failure: Exception) -> None:
    def fail(_: Here) -> Company:
        raise failure

    world.answer = fail
    world.presence.look("t1")
    for number in range(49):
        world.presence.look("t1", writing=bool(number % 2))
        await world.clock.on(0.6)
    assert len(world.heard) == 3


async def test_company_that_was_not_heard_of_for_25_seconds_is_shown_no_longer(world: World) -> None:
    world.presence.look("t1")
    await world.clock.on(1)
    world.online = False
    await world.clock.on(20)
    assert world.presence.others("t1") == LI
    await world.clock.on(15)
    assert world.presence.others("t1") == () and world.news == ["t1", "t1"]
    asked = len(world.heard)
    await world.clock.on(60)
    assert len(world.heard) == asked, "offline nobody is asked"
    world.online = True
    await world.clock.on(11)
    assert world.presence.others("t1") == LI


async def test_an_answer_about_a_case_that_was_left_meanwhile_is_nobodys_company(world: World) -> None:
    world.slow = asyncio.Event()
    world.presence.look("t1")
    await world.clock.on(0)
    world.presence.look("t2")
    world.slow.set()
    await world.clock.on(0)
    assert world.presence.others("t2") == () and world.news == []
    await world.clock.on(1)
    assert world.told[-1] == Here("t2", False, ("t1",))


async def test_two_consoles_see_each_other_through_a_real_server(
    desk: Desk, eventually: Callable[..., Awaitable[None]]
) -> None:
    one, two = await desk.console("小王", role="agent"), await desk.console("小李", role="agent")
    ticket = await one.new()
    running = [asyncio.create_task(console.engine.run()) for console in (one, two)]
    try:
        await eventually(lambda: one.engine.status().state == two.engine.status().state == "online")
        await eventually(lambda: one.engine.status().pending == 0)
        one.engine.look(ticket, writing=True)
        await one.api.here(Here(ticket, writing=True))
        two.engine.look(ticket)
        await eventually(lambda: two.engine.others(ticket) == (Beside("小王", writing=True),))
        assert any(ticket in change.tickets for change in two.changes)
        one.engine.look(ticket)
        await eventually(lambda: one.engine.others(ticket) == (Beside("小李"),))
    finally:
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
