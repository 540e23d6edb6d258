"""How a message to a webhook is signed, and how whoever receives it checks that (Standard Webhooks 1.0.0, symmetric)."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping
from typing import Final

PREFIX: Final = "whsec_"
TOLERANCE_S: Final = 300
"""A receiver refuses what was signed longer ago, so that a message somebody recorded cannot be played again later."""
_LEAST: Final = 24
_MOST: Final = 64


def secret_of(key: bytes) -> str:
    """The form in which a key is shown: ``whsec_`` and base64. ValueError unless it has 24 to 64 bytes."""
    if not _LEAST <= len(key) <= _MOST:
        raise ValueError("a key has 24 to 64 bytes")
    return PREFIX + base64.b64encode(key).decode()


def sign(secret: str, *, message: str, at: int, body: bytes) -> dict[str, str]:
    """The three headers for ``body``. ``at``: seconds since 1970 UTC of this try; ``message``: the id, the same at every try."""
    return {"webhook-id": message, "webhook-timestamp": str(at), "webhook-signature": _mark(secret, message, at, body)}


def verify(secret: str, headers: Mapping[str, str], body: bytes, *, now: int) -> bool:
    """What a receiver does, over the bytes as they came; ``headers`` with lower-case names.

    Marks are compared in constant time: a comparison that stops at the first wrong letter tells a forger, by how long it takes, how
    much of a guess was right. Every mark is looked at, since more than one may be given. A receiver then keeps the id and
    passes over a message whose id it has seen: each is sent at least once, and may come again.
    """
    stamp = headers.get("webhook-timestamp", "")
    if not (stamp.isascii() and stamp.isdecimal()) or abs(now - int(stamp)) > TOLERANCE_S:
        return False
    try:
        wanted = _mark(secret, headers.get("webhook-id", ""), int(stamp), body).encode()
    except (binascii.Error, ValueError):
        return False
    good = False
    for mark in headers.get("webhook-signature", "").split():
        good |= hmac.compare_digest(mark.encode(), wanted)
    return good


def _mark(secret: str, message: str, at: int, body: bytes) -> str:
    key = base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    signed = hmac.new(key, f"{message}.{at}.".encode() + body, hashlib.sha256).digest()
    return "v1," + base64.b64encode(signed).decode()
