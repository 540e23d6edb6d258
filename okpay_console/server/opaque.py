"""Positions as they are handed out: sealed with the database's own key, so that nobody counts by them or makes up one."""

from __future__ import annotations

import hashlib
import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import TYPE_CHECKING

from sqlalchemy import Connection, select

from .schema import sync_head

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers.aead import AESSIV


def key_of(conn: Connection) -> bytes:
    """The key of this database. Read each time: a backup that is put back brings its own."""
    found: str = conn.execute(_secret).scalar_one()
    return bytes.fromhex(found)


def seal(key: bytes, kind: str, data: bytes) -> str:
    """``data`` as text that tells nothing of it; the same for the same data (AES-SIV, RFC 5297)."""
    return urlsafe_b64encode(_siv(key).encrypt(data, [kind.encode()])).rstrip(b"=").decode()


def unseal(key: bytes, kind: str, text: str) -> bytes:
    """What was sealed as this ``kind``; ValueError for anything else."""
    from cryptography.exceptions import InvalidTag

    try:
        raw = urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4))
        data: bytes = _siv(key).decrypt(raw, [kind.encode()])
    except (InvalidTag, UnicodeEncodeError) as error:
        raise ValueError(kind) from error
    return data


def mark(key: bytes, kind: str, *parts: object, length: int = 16) -> str:
    """A name for these parts in hex digits, which nobody without the key can find out by trying (HMAC-SHA256)."""
    text = "\x00".join((kind, *map(str, parts)))
    return hmac.new(key, text.encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()[:length]


def _siv(key: bytes) -> AESSIV:
    # 60 ms, and no command that only opens the database needs it.
    from cryptography.hazmat.primitives.ciphers.aead import AESSIV

    return AESSIV(hashlib.sha256(b"okpay position" + key).digest())


_secret = select(sync_head.c.secret).where(sync_head.c.id == 1)
