"""Encodes replies once: JSON bytes, compressed where the caller takes it and it pays."""

from __future__ import annotations

import asyncio
import zlib
from typing import Any, Final

import msgspec
from litestar import Request, Response
from litestar.openapi import ResponseSpec

_WORTH: Final = 1 << 10
_ASIDE: Final = 32 << 10
"""Above this many bytes compression goes to a thread, so that event streams do not wait for it."""


def says(kind: type, what: str, *, status: int = 200) -> dict[int, ResponseSpec]:
    """For the OpenAPI document: the reply of a route that encodes it itself."""
    return {status: ResponseSpec(kind, description=what, generate_examples=False)}


Req = Request[Any, Any, Any]


async def reply(
    request: Req, value: object, *, status: int = 200, headers: dict[str, str] | None = None
) -> Response[bytes]:
    """``value`` as JSON; gzip (RFC 1952) for bodies over 1 KiB."""
    body = msgspec.json.encode(value)
    out = {"Cache-Control": "no-store", "Vary": "Accept-Encoding", **(headers or {})}
    if len(body) >= _WORTH and "gzip" in request.headers.get("accept-encoding", ""):
        body = await asyncio.to_thread(_gzip, body) if len(body) >= _ASIDE else _gzip(body)
        out["Content-Encoding"] = "gzip"
    return Response(body, status_code=status, media_type="application/json", headers=out)


def _gzip(body: bytes) -> bytes:
    # Level 3: ticket JSON shrinks about six times at a third of the default level's time.
    packer = zlib.compressobj(3, zlib.DEFLATED, 31)
    return packer.compress(body) + packer.flush()
