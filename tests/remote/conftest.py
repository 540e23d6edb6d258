"""A loopback server of our own that answers with exactly the bytes a test gives it."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator

import pytest


class Scripted:
    """Answers every request with ``reply``; ``hold`` keeps the connection open and silent after it; ``eager``
    answers before it is asked."""

    def __init__(self) -> None:
        self.reply = b""
        self.hold = False
        self.eager = False
        self.requests: list[bytes] = []
        self.url = ""
        self._server: asyncio.Server | None = None

    async def start(self, tls: ssl.SSLContext | None = None) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0, ssl=tls)
        self.url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    async def stop(self) -> None:
        assert self._server is not None
        self._server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = await (reader.read(1 << 16) if self.eager else reader.readuntil(b"\r\n\r\n"))
            length = next(
                (int(line[15:]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")), 0
            )
            self.requests.append(head + await reader.readexactly(length))
            writer.write(self.reply)
            await writer.drain()
            if self.hold:
                await reader.read()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    def answer(
        self, status: int, body: bytes = b"", *, ours: bool = True, kind: str = "application/json", **headers: str
    ) -> None:
        lines = [f"HTTP/1.1 {status} X", f"Content-Type: {kind}", f"Content-Length: {len(body)}", "Connection: close"]
        if ours:
            lines.append("OKPay-Protocol: 1")
        lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
        self.reply = "\r\n".join(lines).encode() + b"\r\n\r\n" + body


@pytest.fixture
async def scripted() -> AsyncIterator[Scripted]:
    server = Scripted()
    await server.start()
    yield server
    await server.stop()
