"""The demo's telephone: callers ring, wait and give up; a colleague answers, holds, ends and wraps up."""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from okpay_console import errors
from okpay_console.content.rules import load_rules
from okpay_console.domain import callclock, ops, wire
from okpay_console.domain.overlay import View
from okpay_console.domain.queue import row_of
from okpay_console.domain.ticket import Ticket
from okpay_console.server.colleague import Colleague
from okpay_console.server.demo import Scene, history, load_script
from okpay_console.server.hotline import Hotline

NOW = datetime(2026, 11, 22, 6, tzinfo=UTC)
RULES = load_rules()


class Room:
    """A server in memory with one clock: tickets by id, and what was refused."""

    def __init__(self) -> None:
        self.now = NOW
        self.tickets: dict[str, Ticket] = {}
        self.refused: list[str] = []

    def clock(self) -> datetime:
        return self.now

    async def push(self, push: wire.Push) -> wire.PushReply:
        [item] = push.items
        op = wire.to_op(item, by="hotline")
        outcome = wire.Outcome(item.uuid, "confirmed", item.id)
        try:
            self.apply(op)
        except errors.Refused as error:
            outcome = wire.Outcome(item.uuid, "rejected", item.id, code=error.code)
            self.refused.append(error.code)
        return wire.PushReply([outcome], wire.Last(item.mid, item.uuid), self.now)

    def apply(self, op: ops.AnyOp) -> None:
        after = ops.apply(self.tickets.get(op.ticket), op, self.now, RULES)
        self.tickets[op.ticket] = replace(after, number=after.number or len(self.tickets) + 1)

    # A colleague's desk

    def rows(self) -> Any:
        return {key: row_of(ticket) for key, ticket in self.tickets.items()}

    def view(self, ticket: str, /) -> View:
        return View(self.tickets.get(ticket), self.tickets.get(ticket))

    async def do(self, op: ops.AnyOp, /) -> None:
        self.apply(op)

    async def claim(self, ticket: str, /) -> None:
        before = self.tickets[ticket]
        self.tickets[ticket] = replace(before, assignee="li", status="open", claim_no=before.claim_no + 1)

    def ringing(self) -> list[Ticket]:
        return [ticket for ticket in self.tickets.values() if callclock.ringing(ticket)]


@pytest.fixture
def room() -> Room:
    return Room()


@pytest.fixture
def hotline(room: Room) -> Hotline:
    return Hotline(Scene(load_script("zh"), seed=4), room.push, client="hotline-4", clock=room.clock)


async def test_callers_ring_at_most_two_at_a_time_and_nobody_rings_longer_than_forty_seconds(
    room: Room, hotline: Hotline
) -> None:
    for _ in range(200):
        await hotline.event()
        room.now += timedelta(seconds=3)
        await hotline.give_up()
        assert len(room.ringing()) <= 2
    calls = [call for ticket in room.tickets.values() for call in ticket.calls]
    over = [call for call in calls if callclock.phase(call) == "done"]
    assert {call.marks[-1].event for call in over} == {"abandoned", "callback"}
    assert all(15 <= callclock.clocks(call, room.now).wait_s <= 43 for call in over)
    assert (hotline.gave_up, hotline.refused, room.refused) == (len(over), 0, [])
    assert any(len(ticket.calls) > 1 and ticket.chases for ticket in room.tickets.values())
    assert all(ticket.channel == "hotline" for ticket in room.tickets.values() if ticket.calls)


async def test_a_caller_who_was_answered_talks_on_and_counts_as_no_trouble(room: Room, hotline: Hotline) -> None:
    while not room.ringing():
        await hotline.event()
        room.now += timedelta(seconds=1)
    [ticket] = room.ringing()
    author = Scene(load_script("zh"), seed=5).author("li", room.clock)
    room.apply(author.mark(ticket, ticket.calls[0].id, "answered"))
    room.now += timedelta(seconds=60)
    await hotline.give_up()
    assert callclock.phase(room.tickets[ticket.id].calls[0]) == "talking"
    assert (hotline.gave_up, hotline.refused) == (0, 0)


async def test_contacts_come_every_three_seconds_on_average_also_while_callers_ring(
    room: Room, hotline: Hotline, monkeypatch: pytest.MonkeyPatch
) -> None:
    stop = asyncio.Event()

    async def rest(self: Hotline, _: asyncio.Event, seconds: float) -> None:
        room.now += timedelta(seconds=max(seconds, 0.001))
        if room.now > NOW + timedelta(minutes=10):
            stop.set()

    monkeypatch.setattr(Hotline, "_rest", rest)
    await hotline.run(stop)
    # Ten minutes: some two hundred events, of which a third are follow-ups.
    assert 90 <= hotline.created <= 180
    assert 10 <= hotline.gave_up <= 31
    assert (hotline.refused, room.ringing()) == (0, [])


async def test_when_the_demo_ends_nobody_goes_on_ringing(room: Room, hotline: Hotline) -> None:
    while not room.ringing():
        await hotline.event()
        room.now += timedelta(seconds=1)
    await hotline.give_up(everybody=True)
    assert room.ringing() == []


async def test_the_colleague_takes_calls_through_all_their_phases_and_wraps_them_up(
    room: Room, hotline: Hotline
) -> None:
    scene = Scene(load_script("zh"), seed=9)
    colleague = Colleague(scene, room, scene.author("li", room.clock), clock=room.clock)
    for step in range(900):
        if step % 3 == 0:
            await hotline.event()
        await hotline.give_up()
        await colleague.step()
        room.now += timedelta(seconds=4)
    calls = [call for ticket in room.tickets.values() for call in ticket.calls if call.agent == "li"]
    done = [call for call in calls if call.code]
    events = Counter(mark.event for call in done for mark in call.marks)
    assert (colleague.answered, len(calls) - len(done)) == (len(calls), int(bool(live(room))))
    assert len(done) > 20
    assert events["held"] == events["resumed"] > 0
    assert len({call.code for call in done}) >= 4
    clocks = [callclock.clocks(call, room.now) for call in done]
    assert all(20 <= one.talk_s + one.hold_s <= 120 and one.acw_s > 0 for one in clocks)
    assert colleague.refused == 0


def live(room: Room) -> list[Ticket]:
    return [ticket for ticket in room.tickets.values() if callclock.live(ticket, "li")]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_calls_of_the_past_are_over_wrapped_up_and_as_long_as_calls_are(lang: str) -> None:
    past = history(load_script(lang), count=300, seed=2, now=NOW, rules=RULES)
    calls = [call for ticket in past for call in ticket.calls]
    assert len(calls) > 80
    assert {callclock.phase(call) for call in calls} == {"done"}
    assert all((call.agent == "") == (call.code == "") for call in calls)
    answered = [callclock.clocks(call, NOW) for call in calls if call.agent]
    assert all(3 <= one.wait_s <= 25 and one.talk_s >= 0 for one in answered)
    assert all(mark.at <= NOW for call in calls for mark in call.marks)
    again = [msgspec.json.decode(msgspec.json.encode(ticket), type=Ticket) for ticket in past]
    assert again == past
