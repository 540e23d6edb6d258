"""Pokes: notices that the head has moved and tells every open event stream, with one encoding for all of them."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Final

from .. import errors
from . import history
from .db import Database

_log = logging.getLogger("okpay.server")
_RETRY: Final = b"retry: 2000\n\n"
_PING: Final = b": ping\n\n"
_REAUTH: Final = b"event: reauth\ndata: {}\n\n"


class Hub:
    """One watcher of the head per process. A stream holds no queue: it writes the newest poke, however many it missed."""

    def __init__(self, db: Database, *, poll_s: float, ping_s: float, stream_s: float) -> None:
        self._db = db
        self._poll_s = poll_s
        self._ping_s = ping_s
        self._stream_s = stream_s
        self._woken = asyncio.Event()
        self._waiting: set[asyncio.Event] = set()
        self._watcher: asyncio.Task[None] | None = None
        self._closed = False
        self.head: history.Head | None = None
        self._poke = b""

    @property
    def streams(self) -> int:
        return len(self._waiting)

    def wake(self) -> None:
        """A commit of this process: look at the head now instead of at the next poll."""
        self._woken.set()

    async def start(self) -> None:
        self._watcher = asyncio.create_task(self._watch(), name="okpay-head")

    def close(self) -> None:
        """Ends every stream, so that a process told to stop need not wait for them; harmless when done twice."""
        self._closed = True
        for waiting in self._waiting:
            waiting.set()

    async def stop(self) -> None:
        self.close()
        if self._watcher is not None:
            self._watcher.cancel()
            with suppress(asyncio.CancelledError):
                await self._watcher

    async def stream(
        self, *, last_id: str | None, reauth_in: float | None, expires_in: float | None
    ) -> AsyncIterator[bytes]:
        """The bytes of one event stream (``facts`` on the protocol, §2.2).

        ``reauth_in`` and ``expires_in`` are the seconds until the token's end is announced and reached; None for never.
        """
        loop = asyncio.get_running_loop()
        opened = loop.time()
        ends = opened + min(self._stream_s, expires_in if expires_in is not None else self._stream_s)
        reauth = None if reauth_in is None else opened + reauth_in
        mine = asyncio.Event()
        self._waiting.add(mine)
        try:
            yield _RETRY
            sent = self._poke if self.head is not None and last_id == self.head.token else b""
            while not self._closed and (now := loop.time()) < ends:
                if self._poke != sent:
                    sent = self._poke
                    yield sent
                if reauth is not None and now >= reauth:
                    reauth = None
                    yield _REAUTH
                next_stop = min(now + self._ping_s, ends, reauth if reauth is not None else ends)
                mine.clear()
                if self._poke != sent or self._closed:
                    continue
                try:
                    await asyncio.wait_for(mine.wait(), max(next_stop - now, 0.0))
                except TimeoutError:
                    if loop.time() >= now + self._ping_s:
                        yield _PING
        finally:
            self._waiting.discard(mine)

    async def _watch(self) -> None:
        while True:
            try:
                await self._follow()
            except (errors.Unavailable, OSError) as error:
                _log.warning("the head cannot be read: %s", type(error).__name__)
                await asyncio.sleep(1.0)

    async def _follow(self) -> None:
        version: int | None = None
        while True:
            self._woken.clear()
            seen = self._db.version()
            if seen is None or seen != version:
                version = seen
                await self._look()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._woken.wait(), self._poll_s)

    async def _look(self) -> None:
        head = await self._db.read(history.head, quick=True)
        if head != self.head:
            moved = self.head is None or (head.seq, head.fork) != (self.head.seq, self.head.fork)
            self.head = head
            if moved:
                self._poke = f"id: {head.token}\nevent: state\ndata: {{}}\n\n".encode()
                for waiting in self._waiting:
                    waiting.set()
