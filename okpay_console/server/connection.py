"""One connection from outside: how long and how large a request may be before anybody has seen what it is."""

from __future__ import annotations

import asyncio
from functools import partial
from http import HTTPStatus
from typing import Any, Final

from litestar import Response
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from ..domain.wire import PROTOCOL, PROTOCOL_HEADER
from . import problems
from .settings import ServerConfig

HEAD_BYTES: Final = 32 << 10
"""Request line and header lines together, as they cross the network, and what trails a chunked body."""
HEAD_LINES: Final = 100
LINGER_S: Final = 1.0
LINGER_BYTES: Final = 4 << 20
"""So long, and so much of what still comes, is thrown away after a refusal: who still writes would lose the answer otherwise."""


def bounded(settings: ServerConfig) -> Any:
    """The protocol class that uvicorn makes its connections with."""
    return partial(Bounded, head_s=settings.head_s, body_s=settings.body_s)


class Bounded(HttpToolsProtocol):
    """uvicorn's own protocol with the limits that httptools leaves to others.

    The head of a request must be whole ``head_s`` seconds after the connection or the head began, its body ``body_s`` seconds after
    the head. What still comes of a request that is answered is thrown away for ``LINGER_S`` and ``LINGER_BYTES``, and not for ever.
    """

    def __init__(self, *args: Any, head_s: float, body_s: float, **named: Any) -> None:
        super().__init__(*args, **named)
        self._head_s = head_s
        self._body_s = body_s
        self._stage: str = "head"
        self._came = 0  # bytes since the head began
        self._size = 0  # of its header lines
        self._lines = 0
        self._answered = False  # before it was whole
        self._over = False
        self._cycles: list[RequestResponseCycle] = []  # the request that is worked on, and those that wait behind it
        self._timer: asyncio.TimerHandle | None = None

    # What comes in

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._within(self._head_s)

    def connection_lost(self, exc: Exception | None) -> None:
        self._within(None)
        self._leave()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        self._came += len(data)
        if (self._over or self._answered) and self._came > LINGER_BYTES:
            self.transport.close()
        if self._over or self.parser is None or self.transport.is_closing():
            return
        super().data_received(data)
        if self._stage == "head" and self._came > HEAD_BYTES:
            self._refuse(_long())
        elif self._stage == "between" and self._timer is None and (self.cycle is None or self.cycle.response_complete):
            # Line feeds before a request end uvicorn's own wait for the next one.
            self._within(self._head_s)

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._stage, self._size, self._lines = "head", 0, 0
        self._within(self._head_s)

    def on_url(self, url: bytes) -> None:
        self._count(len(url))
        super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        self._lines += 1
        self._count(len(name) + len(value) + 4)
        super().on_header(name, value)

    def on_headers_complete(self) -> None:
        self._stage = "body"
        self._within(self._body_s)
        super().on_headers_complete()
        self._cycles = [*self._working(), self.cycle]

    def on_message_complete(self) -> None:
        self._stage, self._came, self._answered = "between", 0, False
        self._within(None)
        super().on_message_complete()

    # What goes out

    def on_response_complete(self) -> None:
        super().on_response_complete()
        if self._stage == "body" and self.cycle.response_complete and not self.transport.is_closing():
            # The rest of the request is on its way, or comes for ever; who has sent it may go on with the next one.
            self._answered, self._came = True, 0
            self._unset_keepalive_if_required()
            self._within(LINGER_S)

    def send_400_response(self, msg: str) -> None:
        """Called where the parser gives up, or one of the counts above has made it."""
        too_long = self._size > HEAD_BYTES or self._lines > HEAD_LINES
        self._refuse(_long() if too_long else _misread())

    def _count(self, size: int) -> None:
        self._size += size
        if self._size > HEAD_BYTES or self._lines > HEAD_LINES:
            raise ValueError("the head is too large")

    def _within(self, seconds: float | None) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = None if seconds is None else self.loop.call_later(seconds, self._late)

    def _late(self) -> None:
        self._timer = None
        self.transport.close() if self._answered else self._refuse(_late())

    def _refuse(self, reply: Response[bytes]) -> None:
        """Says why, where nothing was said yet, and ends the connection; whoever works on its request is told that it is gone."""
        if self._over or self.transport.is_closing():
            return
        working = self._working()
        # Behind a request that waits for its turn it would be read as the answer to another.
        if len(working) < 2 and not any(cycle.response_started for cycle in working):
            body, status = reply.content, HTTPStatus(reply.status_code or 500)
            head = (
                f"HTTP/1.1 {status.value} {status.phrase}\r\ncontent-type: {problems.MEDIA}\r\n"
                f"content-length: {len(body)}\r\ncache-control: no-store\r\nconnection: close\r\n"
                # Without it a console takes the reply for that of somebody on the way.
                f"{PROTOCOL_HEADER.lower()}: {PROTOCOL}\r\n\r\n"
            )
            self.transport.write(head.encode() + body)
        self._leave()
        self._end()

    def _working(self) -> list[RequestResponseCycle]:
        return [cycle for cycle in self._cycles if not cycle.response_complete]

    def _leave(self) -> None:
        """Tells all of them that nobody waits any more; uvicorn itself knows the newest one only."""
        for cycle in self._working():
            cycle.disconnected = True
            cycle.message_event.set()

    def _end(self) -> None:
        self._over = True
        self._came = 0
        self._within(None)
        self._unset_keepalive_if_required()
        self.flow.resume_reading()
        self._timer = self.loop.call_later(LINGER_S, self.transport.close)


def _misread() -> Response[bytes]:
    what, advice = "This is no HTTP request.", "Check what stands between console and server."
    return problems.problem(400, "bad-request", what, advice)


def _long() -> Response[bytes]:
    what, advice = "The request's header lines are too long or too many.", "Send fewer and shorter ones."
    return problems.problem(431, "head-too-large", what, advice)


def _late() -> Response[bytes]:
    return problems.problem(408, "too-slow", "The request did not arrive whole in time.", "Send it again.")
