"""Server-sent events: a parser that takes bytes as they come, and a loop that never gives up."""

from __future__ import annotations

import codecs
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from typing import Protocol

import msgspec

from .. import errors

LINE_CHARS = 64 << 10
RETRY_DIGITS = 9
"""A wait of more than eleven days is none; Python refuses to read numbers of thousands of digits."""
BASE_S = 1.0
CAP_S = 30.0


class Event(msgspec.Struct, frozen=True):
    """One event; ``kind`` is "message" where the stream names none."""

    kind: str
    data: str
    id: str


class Parser:
    """The algorithm of the HTML standard, §9.2.6, fed in pieces of any size; it keeps at most one event in memory.

    ``last_id`` is to be sent with the next connection; ``retry_s`` is the wait that the server asked for, None for none.
    """

    def __init__(self, *, last_id: str = "", line_chars: int = LINE_CHARS) -> None:
        self.last_id = last_id
        self.retry_s: float | None = None
        self._decoder = codecs.getincrementaldecoder("utf-8-sig")("replace")
        self._limit = line_chars
        self._rest = ""
        self._after_cr = False
        self._kind = ""
        self._data: list[str] = []
        self._size = 0
        self._id = last_id

    def feed(self, part: bytes) -> list[Event]:
        """The events that this piece completes. ``BadReply`` for a line or an event beyond the limit."""
        text = self._decoder.decode(part)
        if self._after_cr and text:
            text = text.removeprefix("\n")
            self._after_cr = False
        if text.endswith("\r"):
            # The line feed of this pair may come with the next piece.
            self._after_cr = True
        text = (self._rest + text).replace("\r\n", "\n").replace("\r", "\n")
        *lines, self._rest = text.split("\n")
        events: list[Event] = []
        for line in lines:
            self._check(len(line))
            event = self._line(line)
            if event is not None:
                events.append(event)
        self._check(len(self._rest))
        return events

    def _check(self, size: int) -> None:
        if size > self._limit or self._size > self._limit:
            raise errors.BadReply("The event stream sent a line without end.", "Ask the server's administrator.")

    def _line(self, line: str) -> Event | None:
        if not line:
            return self._dispatch()
        if line.startswith(":"):
            return None
        name, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if name == "event":
            self._kind = value
        elif name == "data":
            self._data.append(value)
            self._size += len(value) + 1  # the line feed between two: lines of nothing are held too
        elif name == "id" and "\0" not in value:
            self._id = value
        elif name == "retry" and value.isascii() and value.isdigit() and len(value) <= RETRY_DIGITS:
            self.retry_s = int(value) / 1000
        return None

    def _dispatch(self) -> Event | None:
        self.last_id = self._id
        kind, data = self._kind or "message", self._data
        named = bool(self._kind)
        self._kind, self._data, self._size = "", [], 0
        # The standard drops events without data; ours carry none on purpose, so a name is enough.
        return Event(kind, "\n".join(data), self._id) if data or named else None


class Streams(Protocol):
    """Opens the stream (``Api.stream``)."""

    def stream(self, last_event_id: str = "") -> AbstractAsyncContextManager[AsyncIterator[bytes]]: ...


async def hints(
    api: Streams,
    *,
    sleep: Callable[[float], Awaitable[None]],
    uniform: Callable[[float, float], float],
    monotonic: Callable[[], float],
) -> AsyncIterator[str]:
    """What the stream tells, for ever: ``up`` on each connection, ``state``, ``reauth``, ``alive``, and ``down`` when it broke.

    ``alive`` is a sign of life without news: since the last ``state`` nothing has changed.

    Reconnects with full jitter between 0 and a bound that doubles from 1 s (or the server's ``retry``) to 30 s, and starts at
    the lowest again after a stream that lived for 30 s: one that opens and ends at once, as behind a proxy that allows none,
    would otherwise make every console ask for a page twice a second.
    """
    last_id = ""
    attempts = 0
    while True:
        parser = Parser(last_id=last_id)
        lives_from: float | None = None
        try:
            async with api.stream(last_id) as parts:
                lives_from = monotonic()
                yield "up"
                async for part in parts:
                    told = [event.kind for event in parser.feed(part) if event.kind in ("state", "reauth")]
                    for kind in told or ["alive"]:
                        yield kind
                    last_id = parser.last_id
        except errors.OkpayError:
            pass
        attempts = 0 if lives_from is not None and monotonic() - lives_from >= CAP_S else attempts + 1
        yield "down"
        base = max(BASE_S, parser.retry_s or 0.0)
        bound = min(CAP_S, base * 2 ** min(attempts, 10))
        await sleep(uniform(0.0, bound))
