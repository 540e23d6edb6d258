"""Pokes: notices that the head has moved and tells every open event stream, with one encoding for all of them."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from datetime import datetime
from typing import Final

from sqlalchemy import Connection

from .. import errors
from . import history
from .db import Database
from .marks import Marks, key_of
from .policy import Who

_Key = tuple[str, str, frozenset[str]]
_log = logging.getLogger("okpay.server")
_RETRY: Final = b"retry: 2000\n\n"
_PING: Final = b": ping\n\n"
_REAUTH: Final = b"event: reauth\ndata: {}\n\n"


class Hub:
    """One watcher of the head per process. A stream holds no queue: it writes the newest poke, however many it missed."""

    def __init__(
        self,
        db: Database,
        *,
        clock: Callable[[], datetime],
        marks: Marks,
        poll_s: float,
        ping_s: float,
        stream_s: float,
    ) -> None:
        self._db = db
        self._clock = clock
        self._marks = marks
        self._poll_s = poll_s
        self._ping_s = ping_s
        self._stream_s = stream_s
        self._woken = asyncio.Event()
        self._waiting: dict[asyncio.Event, Who] = {}
        self._watcher: asyncio.Task[None] | None = None
        self._closed = False
        self.head: history.Head | None = None
        self._poke = b""
        self._pokes: dict[_Key, bytes] = {}

    @property
    def streams(self) -> int:
        return len(self._waiting)

    def streams_of(self, user: str) -> int:
        return sum(who.user == user for who in self._waiting.values())

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
        self,
        who: Who,
        *,
        last_id: str | None,
        reauth_in: float | None,
        expires_in: float | None,
        still: Callable[[], Awaitable[bool]],
    ) -> AsyncIterator[bytes]:
        """The bytes of one event stream of somebody (``facts`` on the protocol, §2.2); of others' queues it tells nothing.

        ``still`` is asked whenever somebody's rights or sessions were changed: the stream ends where it says no.
        ``reauth_in`` and ``expires_in`` are the seconds until the token's end is announced and reached; None for never.
        """
        loop = asyncio.get_running_loop()
        opened = loop.time()
        ends = opened + min(self._stream_s, expires_in if expires_in is not None else self._stream_s)
        reauth = None if reauth_in is None else opened + reauth_in
        mine = asyncio.Event()
        self._waiting[mine] = who
        try:
            yield _RETRY
            with suppress(errors.Unavailable):
                await self._meet(who)
            people = self.head.people if self.head is not None else 0
            sent = self._news(who)
            if sent != _poke(last_id or ""):
                sent = b""
            while not self._closed and (now := loop.time()) < ends:
                if self.head is not None and self.head.people != people:
                    people = self.head.people
                    if not await still():
                        return
                news = self._news(who)
                if news and news != sent:
                    sent = news
                    yield sent
                if reauth is not None and now >= reauth:
                    reauth = None
                    yield _REAUTH
                next_stop = min(now + self._ping_s, ends, reauth if reauth is not None else ends)
                mine.clear()
                if self._news(who) not in (b"", sent) or self._closed:
                    continue
                try:
                    await asyncio.wait_for(mine.wait(), max(next_stop - now, 0.0))
                except TimeoutError:
                    if loop.time() >= now + self._ping_s:
                        yield _PING
        finally:
            self._waiting.pop(mine, None)

    def _confined(self) -> dict[_Key, Who]:
        """Those who listen and see some queues only."""
        return {key_of(who): who for who in self._waiting.values() if who.queues}

    def _news(self, who: Who) -> bytes:
        """The newest poke for this person."""
        return self._pokes.get(key_of(who), b"") if who.queues else self._poke

    async def _meet(self, who: Who) -> None:
        """Sees to it that there is a poke for somebody of some queues, whose stream has just been opened."""
        while who.queues and key_of(who) not in self._pokes:

            def look(conn: Connection) -> tuple[history.Head, str]:
                head = history.head(conn)
                return head, self._marks.poke(conn, head, who, now=self._clock())

            head, told = await self._db.read(look, quick=True)
            # Of an older head it would hide what has happened since; of a newer one the next look finds the same.
            if self.head is None or head.seq >= self.head.seq:
                self._pokes.setdefault(key_of(who), _poke(told))

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
        before = self.head
        while True:
            here = self._confined()

            def look(conn: Connection, here: dict[_Key, Who] = here) -> tuple[history.Head, dict[_Key, str]]:
                head = history.head(conn)
                now = self._clock()
                if before is not None and (head.seq, head.fork) == (before.seq, before.fork):
                    return head, {}
                return head, {key: self._marks.poke(conn, head, who, now=now) for key, who in here.items()}

            head, told = await self._db.read(look, quick=not here)
            # Whoever opened his stream meanwhile was looked at before this, or is now.
            if self._confined().keys() <= here.keys():
                break
        if head == before:
            return
        self.head = head
        if before is not None and (head.seq, head.fork) == (before.seq, before.fork):
            return
        pokes = {key: _poke(text) for key, text in told.items()}
        self._poke, was, self._pokes = _poke(head.token), self._pokes, pokes
        for waiting, who in self._waiting.items():
            # Nobody else is woken, so that not even the time of his next ping tells that something happened.
            if (
                not who.queues
                or was.get(key_of(who)) != pokes.get(key_of(who))
                or before is None
                or before.people != head.people
            ):
                waiting.set()


def _poke(token: str) -> bytes:
    return f"id: {token}\nevent: state\ndata: {{}}\n\n".encode()
