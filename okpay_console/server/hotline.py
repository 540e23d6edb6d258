"""The demo's present: callers on all four channels who open tickets and come back to them."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime

from okpay_console.domain import wire
from okpay_console.domain.ops import AnyOp
from okpay_console.domain.ticket import Ticket

from .demo import Scene

Pusher = Callable[[wire.Push], Awaitable[wire.PushReply]]


class Hotline:
    """Sends first contacts and follow-ups to the server as an integration would, through its public interface.

    ``push`` carries a batch there; ``client`` names the hotline's own log of mutations. ``speed`` 1.0 is one event every
    three seconds on average. ``created`` and ``changed`` count what the server has confirmed.
    """

    def __init__(
        self, scene: Scene, push: Pusher, *, client: str, clock: Callable[[], datetime], speed: float = 1.0
    ) -> None:
        self.created = 0
        self.changed = 0
        self.refused = 0
        self._scene = scene
        self._push = push
        self._client = client
        self._author = scene.author("hotline", clock)
        self._pause = 3.0 / max(speed, 0.01)
        self._mid = 0
        self._prev = ""
        self._open: list[Ticket] = []

    async def run(self, stop: asyncio.Event) -> None:
        """Events at random moments until ``stop``; an event that could not be sent is the error of who asked for it."""
        while not stop.is_set():
            await self.event()
            wait = min(self._scene.chance.expovariate(1 / self._pause), self._pause * 4)
            try:
                await asyncio.wait_for(stop.wait(), wait)
            except TimeoutError:
                continue

    async def event(self) -> None:
        """One contact: mostly a new matter, sometimes somebody who calls again."""
        chance = self._scene.chance
        if self._open and chance.random() < 0.35:
            ticket = chance.choice(self._open)
            await self._send(self._author.message(ticket, chance.choice(self._scene.script.follow_ups)))
            return
        op = self._author.new(**self._scene.contact())
        if await self._send(op):
            self._open.append(
                Ticket(id=op.ticket, subject=op.subject, channel=op.channel, created_at=op.at, updated_at=op.at)
            )
            # Only recent callers come back.
            del self._open[:-30]

    async def _send(self, op: AnyOp) -> bool:
        item = wire.to_item(op, mid=self._mid + 1, prev=self._prev)
        reply = await self._push(wire.Push(client=self._client, items=[item]))
        self._mid, self._prev = item.mid, item.uuid
        confirmed = reply.outcomes[-1].state == "confirmed"
        if not confirmed:
            self.refused += 1
        elif item.name == "ticket.new":
            self.created += 1
        else:
            self.changed += 1
        return confirmed
