"""When the next round is due: at once after a doing or a poke, else by poll, and never sooner than the link allows."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, Protocol

from .clock import Clock
from .link import Link

POLL_S = 20.0
POLL_POKED_S = 300.0


class Pokes(Protocol):
    """The server's event stream as hints: ``up``, ``state``, ``reauth``, ``alive``, ``down``; never ends by itself."""

    def __call__(self) -> AsyncIterator[str]: ...


class Pace:
    """The engine's background loop. ``streaming`` is True while the event stream is up, and polls are rare then."""

    def __init__(self, *, clock: Clock, uniform: Callable[[float, float], float], pokes: Pokes | None) -> None:
        self.streaming = False
        self._clock = clock
        self._uniform = uniform
        self._pokes = pokes
        self._wake = asyncio.Event()

    def wake(self) -> None:
        """Something is to be sent or fetched."""
        self._wake.set()

    async def run(
        self,
        round_: Callable[[], Awaitable[object]],
        link: Callable[[], Link],
        *,
        reauth: Callable[[], None],
        soon: Callable[[], float | None] = lambda: None,
        alive: Callable[[], None] = lambda: None,
    ) -> None:
        """One round after another until cancelled, or until the stream's reader fails: that is no quiet stream.

        ``soon`` tells in how many seconds one is due at the latest, None for whenever the next poll is; ``alive`` is called
        when the server says that nothing has happened since the last round.
        """
        listening = asyncio.create_task(self._listen(reauth, alive)) if self._pokes else None
        if listening is not None:
            listening.add_done_callback(lambda _: self._wake.set())
        try:
            while True:
                self._wake.clear()
                if listening is not None and listening.done():
                    listening.result()
                if link().may_try(self._clock.monotonic()):
                    await round_()
                await self._rest(link, soon)
        finally:
            self.streaming = False
            if listening is not None:
                listening.cancel()
                await asyncio.gather(listening, return_exceptions=True)

    async def _rest(self, link: Callable[[], Link], soon: Callable[[], float | None]) -> None:
        """Until something is to be done: a wake while the link is up, or the next poll, or the next try."""
        if link().state == "online":
            # Spread, so that consoles started together do not poll together.
            poll = (POLL_POKED_S if self.streaming else POLL_S) * self._uniform(0.9, 1.1)
            due = soon()
            await self._woken(poll if due is None else min(poll, due))
            return
        while not link().may_try(self._clock.monotonic()):
            retry_at = link().retry_at
            # Work that is done meanwhile waits for the same moment: a server in trouble is not asked once per keystroke.
            await self._woken(None if retry_at is None else max(retry_at - self._clock.monotonic(), 0.01))
            self._wake.clear()

    async def _woken(self, seconds: float | None) -> None:
        """Until somebody wakes the loop, at most so long; the clock is an argument of the engine's."""
        waiting: set[asyncio.Future[Any]] = {asyncio.ensure_future(self._wake.wait())}
        if seconds is not None:
            waiting.add(asyncio.ensure_future(self._clock.sleep(seconds)))
        try:
            await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in waiting:
                task.cancel()

    async def _listen(self, reauth: Callable[[], None], alive: Callable[[], None]) -> None:
        assert self._pokes is not None
        async for hint in self._pokes():
            if hint == "alive":
                if not self._wake.is_set():
                    alive()
                continue
            self.streaming = hint != "down"
            if hint == "reauth":
                reauth()
            # Also when it went down: the rest that is under way was meant for a stream that pokes.
            self._wake.set()
