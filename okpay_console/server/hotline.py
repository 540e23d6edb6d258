"""The demo's present: callers on all four channels who open tickets, ring, wait, give up, and come back."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

import msgspec

from okpay_console.domain import ops, wire
from okpay_console.domain.ticket import CHANNELS, Caller, CallEvent, Ticket

from .scene import Scene

Pusher = Callable[[wire.Push], Awaitable[wire.PushReply]]

_LINES = 2
"""Callers who ring at the same time: more than one colleague and the person at the console could ever answer bore both."""
_APART_S = 20.0
_PATIENCE_S = (15.0, 40.0)
_BEFORE_THE_CALL = frozenset({"call-state", "call-taken"})


class _Ring(msgspec.Struct, frozen=True):
    """Somebody rings, until ``until`` at the longest."""

    ticket: Ticket
    call: str
    until: datetime


class Hotline:
    """Sends first contacts, rings and follow-ups to the server as a telephone system would, through its public interface.

    ``push`` carries a batch there; ``client`` names the hotline's own log of mutations. ``speed`` 1.0 is one event every
    three seconds on average, a ring every twenty at the most, and 15 to 40 seconds of patience. ``created`` and ``changed``
    count what the server has confirmed, ``gave_up`` the callers whom nobody answered.
    """

    def __init__(
        self, scene: Scene, push: Pusher, *, client: str, clock: Callable[[], datetime], speed: float = 1.0
    ) -> None:
        self.created = 0
        self.changed = 0
        self.refused = 0
        self.gave_up = 0
        self._scene = scene
        self._push = push
        self._client = client
        self._clock = clock
        self._author = scene.author("hotline", clock)
        self._speed = max(speed, 0.01)
        self._pause = 3.0 / self._speed
        self._mid = 0
        self._prev = ""
        self._open: list[Ticket] = []
        self._rings: list[_Ring] = []
        self._rang_at: datetime | None = None

    async def run(self, stop: asyncio.Event) -> None:
        """Events at random moments until ``stop``; an event that could not be sent is the error of who asked for it."""
        next_event = self._clock()
        while not stop.is_set():
            await self.give_up()
            if self._clock() >= next_event:
                await self.event()
                pause = min(self._scene.chance.expovariate(1 / self._pause), self._pause * 4)
                next_event = self._clock() + timedelta(seconds=pause)
            until = min([next_event, *(ring.until for ring in self._rings)])
            await self._rest(stop, (until - self._clock()).total_seconds())
        await self.give_up(everybody=True)

    async def event(self) -> None:
        """One contact: mostly a new matter, sometimes somebody who calls or writes again."""
        chance = self._scene.chance
        if self._open and chance.random() < 0.35:
            ticket = chance.choice(self._open)
            words = chance.choice(self._scene.script.follow_ups)
            if ticket.channel == "hotline" and self._free():
                await self._send(self._author.chase(ticket, text=words))
                await self._ring(ticket)
            else:
                await self._send(self._author.message(ticket, words))
            return
        contact = self._scene.contact()
        if contact["channel"] == "hotline" and not self._free():
            # Whoever finds the lines busy writes instead.
            contact |= {"channel": chance.choice(CHANNELS[1:]), "caller": Caller(name=contact["caller"].name)}
        op = self._author.new(**contact)
        if await self._send(op):
            ticket = Ticket(id=op.ticket, subject=op.subject, channel=op.channel, created_at=op.at, updated_at=op.at)
            self._open.append(ticket)
            # Only recent callers come back.
            del self._open[:-30]
            if op.channel == "hotline":
                await self._ring(ticket)

    async def give_up(self, *, everybody: bool = False) -> None:
        """Hangs up for those whose patience is over, or asks for a call back; who was answered meanwhile talks on."""
        now = self._clock()
        for ring in [ring for ring in self._rings if everybody or ring.until <= now]:
            self._rings.remove(ring)
            event: CallEvent = "callback" if self._scene.chance.random() < 0.25 else "abandoned"
            # The server's answer is how a telephone system without a line of its own learns that somebody has answered.
            if await self._send(self._author.mark(ring.ticket, ring.call, event), unless=_BEFORE_THE_CALL):
                self.gave_up += 1

    def _free(self) -> bool:
        apart = timedelta(seconds=_APART_S / self._speed)
        return len(self._rings) < _LINES and (self._rang_at is None or self._clock() - self._rang_at >= apart)

    async def _ring(self, ticket: Ticket) -> None:
        call = self._author.new_id()
        if await self._send(self._author.mark(ticket, call, "offered")):
            self._rang_at = self._clock()
            patience = self._scene.chance.uniform(*_PATIENCE_S) / self._speed
            self._rings.append(_Ring(ticket, call, self._rang_at + timedelta(seconds=patience)))

    async def _rest(self, stop: asyncio.Event, seconds: float) -> None:
        """Until ``stop``, or so long."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), max(seconds, 0.001))

    async def _send(self, op: ops.AnyOp, *, unless: frozenset[str] = frozenset()) -> bool:
        """Whether the server has taken it; a refusal of one of these codes is an answer and no trouble."""
        item = wire.to_item(op, mid=self._mid + 1, prev=self._prev)
        reply = await self._push(wire.Push(client=self._client, items=[item]))
        self._mid, self._prev = item.mid, item.uuid
        outcome = reply.outcomes[-1]
        confirmed = outcome.state == "confirmed"
        if not confirmed:
            self.refused += outcome.code not in unless
        elif item.name == "ticket.new":
            self.created += 1
        else:
            self.changed += 1
        return confirmed
