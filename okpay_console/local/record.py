"""One line of the journal: a checksum chained from the line before it, then one transaction as JSON."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping
from typing import Any
from zlib import crc32

import msgspec

from okpay_console.errors import StoreForeign
from okpay_console.local.codec import PLAIN

VERSION = 1
"""The format that this program writes; it reads this one and every older one."""

CRC = 8
"""Length of the checksum at the head of each line: CRC-32 in lower-case hexadecimal."""

_MASK = 0xFFFFFFFF

Document = dict[str, Any]
Rows = dict[str, Document]
Tables = dict[str, Rows]


class Change(msgspec.Struct, frozen=True, omit_defaults=True):
    """What one transaction does to one table, in this order: take, drop or clear, delete, put.

    ``put``: documents by id, whole; ``delete``: ids, missing ones are ignored; ``clear``: the table stays, empty;
    ``drop``: the table goes, unless ``put`` makes it anew; ``take``: the rows of that other table become this table's
    rows and the other is gone (a relisted queue is swapped in by one short record). A change of nothing makes the table.
    """

    put: Rows = msgspec.field(default_factory=dict, name="u")
    delete: list[str] = msgspec.field(default_factory=list, name="d")
    clear: bool = msgspec.field(default=False, name="x")
    drop: bool = msgspec.field(default=False, name="z")
    take: str = msgspec.field(default="", name="m")


Changes = Mapping[str, Change]


class Header(msgspec.Struct, frozen=True):
    """The first line: format version, name of the codec, and a salt that makes every file's chain its own."""

    okdb: int
    salt: str
    codec: str = PLAIN.name


class SealedHeader(Header, frozen=True):
    """The first line of a sealed file: the salt stands there twice, because no record can be opened without it."""

    again: str = ""


_encoder = msgspec.json.Encoder()
_changes = msgspec.json.Decoder(dict[str, Change])
_header = msgspec.json.Decoder(Header)


def encode(changes: Changes) -> bytes:
    """A transaction as JSON.

    Raises ``TypeError`` or ``ValueError`` for what JSON cannot hold. NaN and infinities become null.
    """
    return _encoder.encode(changes)


def decode(payload: bytes | memoryview) -> dict[str, Change]:
    """The transaction again, made of fresh objects; raises ``ValueError`` when it is not one."""
    return _changes.decode(payload)


def apply(tables: Tables, changes: Changes) -> None:
    """Make ``changes`` to ``tables``. Cleared tables become new dicts, so that older snapshots keep their rows."""
    for name, change in changes.items():
        if change.take:
            tables[name] = tables.pop(change.take, {})
        if change.drop:
            tables.pop(name, None)
            if not change.put:
                continue
        elif change.clear:
            tables[name] = {}
        rows = tables.setdefault(name, {})
        for doc_id in change.delete:
            rows.pop(doc_id, None)
        rows.update(change.put)


class Chain:
    """The running checksum of one file.

    A line's CRC starts from its predecessor's CRC plus the header's, so a line fits one place in one file: old disk
    blocks, lines of an earlier file and swapped lines do not check out. CRC-32 finds damage, not malice.
    """

    __slots__ = ("last", "number", "salt", "seed")

    def __init__(self, *, seed: int, salt: bytes, last: int | None = None, number: int = 0) -> None:
        self.seed = seed
        self.salt = salt
        self.last = seed if last is None else last
        self.number = number

    def sum(self, sealed: bytes | memoryview, *, after: int | None = None) -> int:
        """The CRC that these bytes must carry when they follow the last line (or one whose CRC is ``after``)."""
        return crc32(sealed, ((self.last if after is None else after) + self.seed) & _MASK)

    def advance(self, crc: int) -> None:
        """One more line is part of the file."""
        self.last = crc
        self.number += 1


def line(crc: int, sealed: bytes) -> bytes:
    """The bytes of one line."""
    return b"%08x%b\n" % (crc, sealed)


def new_header(codec: str) -> tuple[bytes, Chain]:
    """The first line of a new file, and the chain that starts with it."""
    salt = secrets.token_bytes(16)
    header = Header(okdb=VERSION, salt=salt.hex())
    if codec != PLAIN.name:
        header = SealedHeader(okdb=VERSION, salt=salt.hex(), codec=codec, again=salt.hex())
    payload = _encoder.encode(header)
    seed = crc32(payload)
    return line(seed, payload), Chain(seed=seed, salt=salt)


def codec_name(head: bytes) -> str:
    """The codec that a file's first bytes name; "" where its first line is damaged, or not whole."""
    text, end, _ = head.partition(b"\n")
    if not end or text[:CRC] != b"%08x" % crc32(text[CRC:]):
        return ""
    try:
        return _header.decode(text[CRC:]).codec
    except (ValueError, RecursionError):
        return ""


def read_header(text: bytes, *, codec: str) -> Chain | None:
    """The chain that this first line starts, None when the line is damaged.

    Raises ``StoreForeign`` when it is whole and says that the file is of a newer version or sealed in another way.
    """
    payload = text[CRC:]
    seed = crc32(payload)
    if text[:CRC] != b"%08x" % seed:
        return None
    try:
        header = _header.decode(payload)
        salt = bytes.fromhex(header.salt)
    except (ValueError, RecursionError):
        return None
    if header.okdb > VERSION:
        raise StoreForeign(
            f"this cache was written by a newer console (format {header.okdb}, this one reads up to {VERSION})",
            "Update this console, or choose another profile.",
        )
    if header.codec != codec:
        raise StoreForeign(
            f"this cache is stored as '{header.codec}', and it was opened as '{codec}'",
            "Sign in as the user who owns it, or choose another profile.",
        )
    return Chain(seed=seed, salt=salt)


def snapshot_records(tables: Iterable[tuple[str, list[tuple[str, Document]]]], *, rows: int = 256) -> Iterable[Changes]:
    """The transactions that rebuild ``tables`` from nothing, at most ``rows`` documents in each.

    Small records keep a rotten spot from taking much with it. The empty last one is a fence: damage to the record
    before it has data behind it, and is therefore never mistaken for a torn write.
    """
    for name, items in tables:
        for start in range(0, max(len(items), 1), rows):
            yield {name: Change(put=dict(items[start : start + rows]))}
    yield {}
