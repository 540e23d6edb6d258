"""The demo's second agent: answers calls and claims, asks, notes, replies, promises and closes like a person at another desk."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, Protocol

from okpay_console import errors
from okpay_console.domain import callclock, ops
from okpay_console.domain.author import Author
from okpay_console.domain.overlay import View
from okpay_console.domain.queue import Row
from okpay_console.domain.ticket import Ticket

from .scene import Scene

_HANDS = 3
"""Tickets that the colleague keeps at the same time."""
_TALK = (5.0, 15.0)
_WORK = (1.5, 5.0)
"""How many pauses a talk and the work after it last: 20 to 60 and 6 to 20 seconds where a pause is four."""
_ENDINGS = ("INFO_GIVEN", "RESOLVED_ON_CALL", "SELF_SERVICE_GUIDED", "PENDING_CUSTOMER", "CALLBACK_PROMISED")
_ENDING_WEIGHTS = (4, 4, 2, 2, 1)


class Desk(Protocol):
    """What the colleague works with: a console's engine, or anything that answers like one."""

    def rows(self) -> Mapping[str, Row]: ...

    def view(self, ticket: str, /) -> View: ...

    async def do(self, op: ops.AnyOp, /) -> Any: ...

    async def claim(self, ticket: str, /) -> Any: ...


class Colleague:
    """One simulated agent at ``desk``, working as ``author``; ``made`` are the ids of the operations that went into the outbox.

    ``answered`` counts the calls that were taken. ``pause`` is the mean time between two steps in seconds.
    """

    def __init__(
        self, scene: Scene, desk: Desk, author: Author, *, clock: Callable[[], datetime], pause: float = 4.0
    ) -> None:
        self.made: list[str] = []
        self.claimed = 0
        self.answered = 0
        self.refused = 0
        self._scene = scene
        self._desk = desk
        self._author = author
        self._clock = clock
        self._pause = pause
        self._mine: list[str] = []
        # The ticket whose caller is on the line, and when the present part of the call ends.
        self._on_call = ""
        self._until: datetime = clock()

    async def run(self, stop: asyncio.Event) -> None:
        """One step at a time until ``stop``, ``pause`` seconds apart on average."""
        while not stop.is_set():
            await self.step()
            wait = min(self._scene.chance.expovariate(1 / self._pause), self._pause * 4)
            try:
                await asyncio.wait_for(stop.wait(), wait)
            except TimeoutError:
                continue

    async def step(self) -> None:
        """Goes on with the call, answers one, claims the next ticket or does one thing on a ticket at hand.

        What the rules refuse is counted, not hidden.
        """
        chance = self._scene.chance
        try:
            if self._on_call:
                await self._go_on()
            elif chance.random() < 0.7 and (row := self._ringing()):
                await self._answer(row)
            elif len(self._mine) < _HANDS and chance.random() < 0.6:
                await self._take()
            elif self._mine:
                await self._work(chance.choice(self._mine))
        except (errors.Refused, errors.NeedsReview):
            self.refused += 1
            self._on_call = ""
        except errors.RemoteError:
            # Claiming needs the server; everything else waits in the outbox.
            return

    def _ringing(self) -> Row | None:
        """A call that nobody has answered, of a matter that is nobody's or the colleague's own; the longest waiting first."""
        mine = (None, self._author.name)
        found = [row for row in self._desk.rows().values() if row.assignee in mine and callclock.ringing(row)]
        return min(found, key=lambda row: row.updated_at, default=None)

    async def _answer(self, row: Row) -> None:
        if row.assignee is None:
            await self._desk.claim(row.id)
            self.claimed += 1
        ticket = self._desk.view(row.id).ticket
        call = callclock.ringing(ticket) if ticket else None
        if ticket is None or call is None:
            return
        await self._do(self._author.mark(ticket, call.id, "answered"))
        self.answered += 1
        self._on_call = row.id
        self._lasts(*_TALK)
        if row.id not in self._mine:
            self._mine.append(row.id)

    async def _go_on(self) -> None:
        """The call at hand: talk, sometimes a hold, then the end, the work after it, and its disposition."""
        chance, author = self._scene.chance, self._author
        ticket = self._desk.view(self._on_call).ticket
        call = callclock.live(ticket, author.name) if ticket else None
        if ticket is None or call is None:
            self._on_call = ""
            return
        match callclock.phase(call):
            case "held" if chance.random() < 0.6:
                await self._do(author.mark(ticket, call.id, "resumed"))
            case "held":
                return
            case "talking" if self._clock() >= self._until:
                await self._do(author.mark(ticket, call.id, "ended"))
                self._lasts(*_WORK)
            case "talking" if chance.random() < 0.15:
                await self._do(author.mark(ticket, call.id, "held"))
            case "wrapup" if self._clock() >= self._until:
                await self._wrap_up(ticket, call.id)
            case _ if chance.random() < 0.3:
                await self._do(author.note(ticket, chance.choice(self._scene.script.notes)))
            case _:
                return

    async def _wrap_up(self, ticket: Ticket, call: str) -> None:
        chance, script, author = self._scene.chance, self._scene.script, self._author
        code = chance.choices(_ENDINGS, _ENDING_WEIGHTS)[0]
        if code == "CALLBACK_PROMISED":
            due = self._clock() + timedelta(hours=chance.choice((1, 2, 4)))
            await self._do(author.promise(ticket, chance.choice(script.promises), due))
            ticket = self._desk.view(ticket.id).ticket or ticket
        summary, override = chance.choice(script.summaries), chance.choice(script.overrides)
        await self._do(author.wrapup(ticket, code, call=call, summary=summary, override=override))
        self._on_call = ""

    def _lasts(self, low: float, high: float) -> None:
        self._until = self._clock() + timedelta(seconds=self._scene.chance.uniform(low, high) * self._pause)

    async def _take(self) -> None:
        waiting = [
            row
            for row in self._desk.rows().values()
            if row.assignee is None and row.status == "new" and row.number and not callclock.ringing(row)
        ]
        if not waiting:
            return
        # Not always the first: the person at the console wants that one too.
        row = self._scene.chance.choice(sorted(waiting, key=lambda one: one.created_at)[:10])
        await self._desk.claim(row.id)
        self.claimed += 1
        self._mine.append(row.id)

    async def _work(self, ticket_id: str) -> None:
        ticket = self._desk.view(ticket_id).ticket
        if ticket is None or ticket.status == "closed" or ticket.assignee != self._author.name:
            self._mine.remove(ticket_id)
            return
        op = self._next(ticket)
        await self._do(op)
        if isinstance(op, (ops.Close, ops.Release)):
            self._mine.remove(ticket_id)

    async def _do(self, op: ops.AnyOp) -> None:
        await self._desk.do(op)
        self.made.append(op.uuid)

    def _next(self, ticket: Ticket) -> ops.AnyOp:
        chance, script, author = self._scene.chance, self._scene.script, self._author
        match chance.choices(("note", "reply", "promise", "close", "release"), (5, 3, 1, 2, 1))[0]:
            case "reply" if ticket.channel != "hotline":
                return author.reply(ticket, chance.choice(script.replies))
            case "promise":
                return author.promise(ticket, chance.choice(script.promises), self._clock() + timedelta(hours=2))
            case "close" if len(ticket.timeline) > 4:
                summary, override = chance.choice(script.summaries), chance.choice(script.overrides)
                return author.close(ticket, "INFO_GIVEN", summary=summary, override=override)
            case "release" if len(ticket.timeline) > 6:
                return author.release(ticket)
            case _:
                return author.note(ticket, chance.choice(script.notes))
