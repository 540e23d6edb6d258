"""Tells the server which case is open here, and hears who else has it open: best effort, and never in anybody's way."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from .. import errors
from ..domain.presence import ALIVE_S, BEAT_S, MOST_LEFT, Beside, Company, Here
from .clock import Clock

CHANGE_S = 1.0
"""An agent who walks through the queue is told of once a second at most."""
PATIENCE_S = 5.0


class Presence:
    """One agent's presence. ``look`` says what is in front of him and returns at once; ``run`` does the telling.

    ``ask`` is the request and ``online`` whether it is worth while; ``told`` is called with a ticket when the company at it has
    changed. At most one request is under way, and one that fails is not repeated: the next beat tells the same.
    """

    def __init__(
        self,
        *,
        clock: Clock,
        ask: Callable[[Here], Awaitable[Company]],
        online: Callable[[], bool],
        told: Callable[[str], None] = lambda _: None,
    ) -> None:
        self._clock = clock
        self._ask = ask
        self._online = online
        self._told = told
        self._wake = asyncio.Event()
        self._ticket, self._writing = "", False
        self._known: set[str] = set()
        self._others: tuple[Beside, ...] = ()
        self._heard_at = 0.0

    def look(self, ticket: str, *, writing: bool = False) -> None:
        """This case is open in front of the agent, "" for none; harmless to say again."""
        if (ticket, writing) == (self._ticket, self._writing):
            return
        if ticket != self._ticket:
            self._others = ()
        self._ticket, self._writing = ticket, writing
        self._wake.set()

    def others(self, ticket: str) -> tuple[Beside, ...]:
        """Who else has this ticket open, as far as was heard lately."""
        return self._others if ticket == self._ticket else ()

    async def run(self) -> None:
        """Tells at once what is new and every ``BEAT_S`` what is still so, until cancelled."""
        while True:
            self._wake.clear()
            if not self._ticket and not self._known:
                await self._wake.wait()
                continue
            went = await self._tell()
            await self._clock.sleep(CHANGE_S if went else BEAT_S)
            if went:
                await self._woken(BEAT_S - CHANGE_S)

    async def _tell(self) -> bool:
        # Also what was never confirmed: a request whose answer was lost may have been heard.
        left = sorted(self._known - {self._ticket})[:MOST_LEFT]
        here = Here(self._ticket, self._writing, tuple(left))
        others: tuple[Beside, ...] | None = None
        if self._online():
            self._known |= {here.ticket} - {""}
            try:
                async with asyncio.timeout(PATIENCE_S):
                    others = (await self._ask(here)).others
            except (errors.OkpayError, TimeoutError):
                others = None
        now = self._clock.monotonic()
        if others is not None:
            self._known -= set(left)
            self._heard_at = now
        elif now - self._heard_at >= ALIVE_S:
            # Nobody knows of this agent any more, nor he of the others.
            self._known.clear()
            self._hear(())
        if others is not None and here.ticket == self._ticket:
            self._hear(others)
        return others is not None

    def _hear(self, others: tuple[Beside, ...]) -> None:
        if others != self._others:
            self._others = others
            self._told(self._ticket)

    async def _woken(self, seconds: float) -> None:
        """Until there is something new, at most so long."""
        waiting: set[asyncio.Future[Any]] = {
            asyncio.ensure_future(self._wake.wait()),
            asyncio.ensure_future(self._clock.sleep(seconds)),
        }
        try:
            await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in waiting:
                task.cancel()
