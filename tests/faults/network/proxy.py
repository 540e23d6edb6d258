"""A small proxy on loopback that does to a connection whatever a network, a proxy on the way or a dying server may do.

It speaks just enough HTTP/1.1 to know where a request and its reply begin and end; a fault is a function of one ``Turn``.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import socket
import ssl
import struct
import threading
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

PATIENCE = 20.0
STREAM = "GET /v1/events"
HELLO = b"\x16"
"""How a TLS connection begins, where somebody expects HTTP."""

Fault = Callable[["Turn"], Awaitable[None]]


class Turn:
    """One request of a console at the proxy, and what may be done with it.

    ``name`` is method and path; ``request`` are its bytes. A fault that sends nothing leaves the console waiting.
    """

    def __init__(self, proxy: Proxy, name: str, request: bytes, writer: asyncio.StreamWriter) -> None:
        self.proxy = proxy
        self.name = name
        self.request = request
        self.over = False
        self._writer = writer

    async def ask(self, request: bytes | None = None) -> bytes:
        """The server's whole reply, on a connection of its own."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.proxy.target)
        try:
            writer.write(self.request if request is None else request)
            return await _reply(reader)
        finally:
            writer.close()

    async def send(self, data: bytes) -> None:
        await self.proxy.flowing.wait()
        self._writer.write(data)
        await self._writer.drain()

    async def pass_on(self) -> None:
        """As if there were no proxy; a stream goes on until either side ends it."""
        if not self.name.startswith(STREAM):
            await self.send(await self.ask())
            return
        reader, writer = await asyncio.open_connection("127.0.0.1", self.proxy.target)
        self.over = True
        try:
            writer.write(self.request)
            while piece := await reader.read(1 << 16):
                await self.send(piece)
        finally:
            writer.close()

    async def never(self) -> None:
        """The connection stays open and nothing comes, until the console gives up."""
        self.over = True
        await asyncio.Event().wait()

    def cut(self) -> None:
        """Ends the connection in good order (FIN)."""
        self.over = True
        self._writer.close()

    def reset(self) -> None:
        """Ends it with a reset, as a crash or a firewall does."""
        self.over = True
        _reset(self._writer)


class Proxy:
    """Listens on ``port`` and passes to ``target``, both on 127.0.0.1; runs in a thread of its own.

    ``names`` lists every request by method and path, ``heads`` their bytes; ``tls`` makes it speak TLS to consoles.
    """

    def __init__(self, target: int = 0, *, tls: ssl.SSLContext | None = None) -> None:
        self.target = target
        self.names: list[str] = []
        self.requests: list[bytes] = []
        self._tls = tls
        self._rules: list[tuple[str, Fault, Any]] = []
        self._news = threading.Condition()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="proxy", daemon=True)
        self._thread.start()
        self._server: asyncio.Server | None = None
        self._busy: set[asyncio.Task[None]] = set()
        self._writers: set[asyncio.StreamWriter] = set()
        self.flowing = asyncio.Event()
        self.flowing.set()
        self._released = asyncio.Event()
        self.port = 0
        self._do(self._listen())
        self.url = f"{'https' if tls else 'http'}://127.0.0.1:{self.port}"

    # What a test does with it

    def on(self, name: str, fault: Fault, *, times: int | None = 1, after: int = 0) -> None:
        """The next ``times`` requests (None: all) whose method and path begin so meet the fault, ``after`` so many did not."""
        turns = itertools.count() if times is None else range(after + times)
        self._rules.append((name, fault, iter((number >= after) for number in turns)))

    def calm(self) -> None:
        """No faults any more: everything flows, held replies are let go, and the port is open."""
        self._rules.clear()
        self._do(self._flow(True))
        self.release()
        self._do(self._listen())

    def freeze(self) -> None:
        """From now on no byte passes and no end of a connection is told: a cable that was pulled."""
        self._do(self._flow(False))

    def refuse(self) -> None:
        """Closes the port and resets what is open."""
        self._do(self._shut())

    def cut_all(self) -> None:
        """Resets every open connection; new ones are welcome."""
        self._do(self._reset_all())

    def listen(self) -> None:
        """Opens the port again after ``refuse``; the faults stay."""
        self._do(self._listen())

    def answer_as(self, tls: ssl.SSLContext | None) -> None:
        """Opens the port again with this certificate; None: in clear text."""
        self._tls = tls
        self._do(self._listen())

    def release(self) -> None:
        """Lets go the replies that ``late`` holds, and holds the later ones again."""
        self._do(self._release())

    def heard(self, name: str) -> int:
        """How many requests of this method and path have arrived."""
        return sum(one.startswith(name) for one in self.names)

    def wait(self, name: str, count: int = 1, *, patience: float = PATIENCE) -> None:
        """Returns when so many such requests have arrived since the proxy was made."""
        with self._news:
            came = self._news.wait_for(lambda: self.heard(name) >= count, patience)
        assert came, f"waited for {count} x {name}, saw {self.names}"

    def close(self) -> None:
        self._do(self._shut())
        self._do(self._end())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    # Inside: on the loop's thread

    def _do(self, work: Coroutine[Any, Any, None]) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(PATIENCE)

    async def _listen(self) -> None:
        if self._server is None:
            self._server = await asyncio.start_server(self._accept, "127.0.0.1", self.port, ssl=self._tls)
            self.port = self._server.sockets[0].getsockname()[1]

    async def _shut(self) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None
        await self._reset_all()

    async def _reset_all(self) -> None:
        for writer in list(self._writers):
            _reset(writer)
        for task in list(self._busy):
            task.cancel()

    async def _end(self) -> None:
        await asyncio.gather(*self._busy, return_exceptions=True)

    async def _flow(self, on: bool) -> None:
        if on:
            self.flowing.set()
        else:
            self.flowing.clear()

    async def _release(self) -> None:
        self._released.set()
        self._released = asyncio.Event()

    async def held(self) -> None:
        """Until the next ``release``."""
        await self._released.wait()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._busy.add(task)
        self._writers.add(writer)
        try:
            over = False
            while not over and (request := await _request(reader)):
                await self.flowing.wait()
                if request == HELLO:
                    # As a server of plain HTTP does.
                    writer.write(b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n")
                    await writer.drain()
                    break
                over = await self._turn(request, writer)
        except (OSError, EOFError, asyncio.CancelledError):
            _reset(writer)
        finally:
            self._busy.discard(task)
            self._writers.discard(writer)
            writer.close()

    async def _turn(self, request: bytes, writer: asyncio.StreamWriter) -> bool:
        method, path, _ = request.split(b"\r\n", 1)[0].decode("latin-1").split(" ", 2)
        turn = Turn(self, f"{method} {path}", request, writer)
        fault = self._fault(turn.name)
        with self._news:
            self.names.append(turn.name)
            self.requests.append(request)
            self._news.notify_all()
        await (fault(turn) if fault is not None else turn.pass_on())
        return turn.over

    def _fault(self, name: str) -> Fault | None:
        for prefix, fault, turns in self._rules:
            if name.startswith(prefix) and next(turns, False):
                return fault
        return None


# Faults


async def lost_request(turn: Turn) -> None:
    """Nothing reaches the server."""
    turn.reset()


async def lost_reply(turn: Turn) -> None:
    """The server has done it, and nobody hears."""
    await turn.ask()
    turn.reset()


async def swallowed(turn: Turn) -> None:
    """The server has done it, and the line goes dead without an end."""
    await turn.ask()
    await turn.never()


async def black_hole(turn: Turn) -> None:
    await turn.never()


def half_request(count: int) -> Fault:
    """The server gets so many bytes of the request, then the line breaks."""

    async def fault(turn: Turn) -> None:
        with contextlib.suppress(OSError, EOFError):
            async with asyncio.timeout(0.05):
                await turn.ask(turn.request[:count])
        turn.reset()

    return fault


def half_reply(count: int) -> Fault:
    """The console gets so many bytes of the reply (from its end where negative), then the line ends in good order."""

    async def fault(turn: Turn) -> None:
        await turn.send((await turn.ask())[:count])
        turn.cut()

    return fault


async def twice(turn: Turn) -> None:
    """The request arrives twice at the same moment; the console hears one of the answers."""
    replies = await asyncio.gather(turn.ask(), turn.ask())
    await turn.send(replies[1])


async def late(turn: Turn) -> None:
    """The reply is made now and comes at ``Proxy.release``."""
    reply = await turn.ask()
    await turn.proxy.held()
    await turn.send(reply)


def dripping(*, pause: float = 0.02, step: int = 1) -> Fault:
    """The reply comes byte by byte: never silent for long, never done."""

    async def fault(turn: Turn) -> None:
        reply = await turn.ask()
        for start in range(0, len(reply), step):
            await turn.send(reply[start : start + step])
            await asyncio.sleep(pause)
        await turn.never()

    return fault


def instead(
    status: int,
    body: bytes = b"",
    *,
    kind: str = "text/html",
    ours: bool = False,
    deliver: bool = False,
    length: int | None = None,
    **headers: str,
) -> Fault:
    """Another reply than the server's; ``deliver``: the server did hear the request. ``ours``: with our protocol's header."""

    async def fault(turn: Turn) -> None:
        if deliver:
            await turn.ask()
        lines = [
            f"HTTP/1.1 {status} X",
            f"Content-Type: {kind}",
            f"Content-Length: {len(body) if length is None else length}",
        ]
        lines += ["OKPay-Protocol: 1"] if ours else []
        lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
        await turn.send("\r\n".join(lines).encode() + b"\r\n\r\n" + body)
        if length is not None:
            turn.cut()

    return fault


def streaming(*pieces: bytes) -> Fault:
    """An event stream of the server's own kind with these bytes in it, which then stays open."""
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nOKPay-Protocol: 1\r\nConnection: close\r\n\r\n"

    async def fault(turn: Turn) -> None:
        for piece in (head, *pieces):
            await turn.send(piece)
        await turn.never()

    return fault


def first(act: Callable[[], None], then: Fault | None = None) -> Fault:
    """Something happens between the request's arrival and its passing on (in a thread: it may take its time)."""

    async def fault(turn: Turn) -> None:
        await asyncio.to_thread(act)
        await (then(turn) if then is not None else turn.pass_on())

    return fault


# Bytes


async def _request(reader: asyncio.StreamReader) -> bytes:
    try:
        head = await reader.readexactly(1)
        if head == HELLO:
            return head
        head += await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError:
        return b""
    return head + await reader.readexactly(_length(head) or 0)


async def _reply(reader: asyncio.StreamReader) -> bytes:
    head = await reader.readuntil(b"\r\n\r\n")
    status = int(head[9:12])
    if status in (204, 304):
        return head
    length = _length(head)
    if length is not None:
        return head + await reader.readexactly(length)
    parts = [head]
    while parts[-1] != b"0\r\n":
        size = await reader.readuntil(b"\r\n")
        parts += [size] if size == b"0\r\n" else [size, await reader.readexactly(int(size, 16) + 2)]
    return b"".join([*parts, await reader.readuntil(b"\r\n")])


def _length(head: bytes) -> int | None:
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            return int(line[15:])
    return None


def _reset(writer: asyncio.StreamWriter) -> None:
    sock = writer.get_extra_info("socket")
    if sock is not None:
        with contextlib.suppress(OSError):
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()
