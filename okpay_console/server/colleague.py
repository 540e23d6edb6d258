"""The demo's second agent: claims, asks, notes, replies, promises and closes like a person at another desk."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, Protocol

from okpay_console import errors
from okpay_console.domain import ops
from okpay_console.domain.author import Author
from okpay_console.domain.overlay import View
from okpay_console.domain.queue import Row
from okpay_console.domain.ticket import Ticket

from .demo import Scene

_HANDS = 3
"""Tickets that the colleague keeps at the same time."""


class Desk(Protocol):
    """What the colleague works with: a console's engine, or anything that answers like one."""

    def rows(self) -> Mapping[str, Row]: ...

    def view(self, ticket: str, /) -> View: ...

    async def do(self, op: ops.AnyOp, /) -> Any: ...

    async def claim(self, ticket: str, /) -> Any: ...


class Colleague:
    """One simulated agent at ``desk``, working as ``author``; ``made`` are the ids of the operations that went into the outbox."""

    def __init__(
        self, scene: Scene, desk: Desk, author: Author, *, clock: Callable[[], datetime], pause: float = 4.0
    ) -> None:
        self.made: list[str] = []
        self.claimed = 0
        self.refused = 0
        self._scene = scene
        self._desk = desk
        self._author = author
        self._clock = clock
        self._pause = pause
        self._mine: list[str] = []

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
        """Claims the next ticket or does one thing on a ticket at hand; what the rules refuse is counted, not hidden."""
        try:
            if len(self._mine) < _HANDS and self._scene.chance.random() < 0.6:
                await self._take()
            elif self._mine:
                await self._work(self._scene.chance.choice(self._mine))
        except (errors.Refused, errors.NeedsReview):
            self.refused += 1
        except errors.RemoteError:
            # Claiming needs the server; everything else waits in the outbox.
            return

    async def _take(self) -> None:
        waiting = [
            row for row in self._desk.rows().values() if row.assignee is None and row.status == "new" and row.number
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
        await self._desk.do(op)
        self.made.append(op.uuid)
        if isinstance(op, (ops.Close, ops.Release)):
            self._mine.remove(ticket_id)

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
