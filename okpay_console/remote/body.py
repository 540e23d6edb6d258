"""A reply's bytes as they come, and its body unpacked within a limit."""

from __future__ import annotations

import zlib
from collections.abc import AsyncIterator

import httpx

from .. import errors
from .problems import CHECK_ADDRESS

PACKED = "gzip"
"""The one packing that is asked for and taken."""
_PLAIN = ("", "identity")


def packing(response: httpx.Response) -> str:
    """How the body is packed, "" for not at all."""
    named: str = response.headers.get("content-encoding", "").strip().lower()
    return "" if named in _PLAIN else named


async def pieces(response: httpx.Response) -> AsyncIterator[bytes]:
    """The bytes as they crossed the network, at most 64 KiB at a time; ``BadReply`` where they are packed."""
    if packing(response):
        raise _not_asked_for()
    async for piece in response.aiter_raw():
        yield piece


async def read(response: httpx.Response, limit: int) -> bytes:
    """The whole body; ``BadReply`` (``reply-too-large``) as soon as it is known to hold more than ``limit`` bytes.

    Unpacked here and not by httpx, which unpacks each piece whole and as many layers as the other side names: 64 KiB
    packed twice are 64 GiB before anybody could count them.
    """
    named = packing(response)
    if named not in ("", PACKED):
        raise _not_asked_for()
    unpack = zlib.decompressobj(wbits=16 + zlib.MAX_WBITS) if named else None
    parts: list[bytes] = []
    size = 0
    async for piece in response.aiter_raw():
        try:
            part = piece if unpack is None else unpack.decompress(piece, limit - size + 1)
        except zlib.error as error:
            raise _not_unpacked() from error
        size += len(part)
        if size > limit:
            raise errors.BadReply(
                f"The answer is larger than {limit >> 20} MiB.",
                "Ask the server's administrator.",
                code="reply-too-large",
            )
        if unpack is not None and unpack.unused_data:
            raise _not_unpacked()
        parts.append(part)
    if unpack is not None and size and not unpack.eof:
        raise _not_unpacked()
    return b"".join(parts)


def _not_asked_for() -> errors.BadReply:
    return errors.BadReply("The server's answer is packed in a way that was not asked for.", CHECK_ADDRESS)


def _not_unpacked() -> errors.BadReply:
    return errors.BadReply("The server's answer cannot be unpacked.", CHECK_ADDRESS)
