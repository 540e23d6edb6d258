"""Identifiers that sort by the moment they were made (UUID version 7, RFC 9562 §5.7)."""

from __future__ import annotations


def uuid7(milliseconds: int, randomness: bytes) -> str:
    """The UUIDv7 text for Unix ``milliseconds`` and at least 10 bytes of ``randomness``.

    Time and randomness come in as arguments, so a seeded run makes the same ids again.
    """
    if len(randomness) < 10:
        raise ValueError("uuid7 needs 10 random bytes")
    tail = int.from_bytes(randomness[:10], "big")
    value = (milliseconds & ((1 << 48) - 1)) << 80
    value |= 0x7 << 76
    value |= (tail >> 68 & 0xFFF) << 64
    value |= 0b10 << 62
    value |= tail & ((1 << 62) - 1)
    text = f"{value:032x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"
