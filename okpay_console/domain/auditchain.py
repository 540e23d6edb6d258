"""The chain of the audit log: each line carries a hash over itself and the line before it, here and in every copy of it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Final

import msgspec

from .ticket import Instant

FIRST: Final = "0" * 64
"""What stands in the place of the hash before the first line."""
COLUMNS: Final = ("id", "at", "who", "what", "about", "prev", "link")
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MS: Final = timedelta(milliseconds=1)


class Linked(msgspec.Struct, frozen=True):
    """One line with the hash before it (``prev``) and its own (``link``), both 64 hexadecimal digits; ``at`` to the millisecond."""

    id: int
    at: Instant
    who: str
    what: str
    about: str
    prev: str
    link: str


class AuditPage(msgspec.Struct, frozen=True):
    """``GET /v1/audit``: lines after a number; ``first`` and ``last`` are the numbers of all that were asked for (0: none)."""

    rows: list[Linked]
    first: int
    last: int


class Chain(msgspec.Struct, frozen=True):
    """What a check has found: ``lines`` from number ``first`` to ``last``, whose hash is ``head``.

    ``broken`` is the place (from 1) of the first line that does not follow, 0 where all do; ``why``: ``changed`` (the line is not
    what its hash was made of), ``gap`` (lines are missing or out of order), ``cut`` (it does not follow the one before it).
    """

    lines: int = 0
    first: int = 0
    last: int = 0
    head: str = FIRST
    broken: int = 0
    why: str = ""


class Anchor(msgspec.Struct, frozen=True, omit_defaults=True):
    """The end of the log at a moment, kept elsewhere: whoever cuts lines off, or makes the whole log anew, cannot make it fit.

    ``server`` is the database's own name; ``id`` and ``link`` are those of the last line. ``signature`` is HMAC-SHA-256 over the
    rest, where a key was used.
    """

    server: str
    id: int
    link: str
    at: Instant
    signature: str = ""


def link(prev: str, *parts: object) -> str:
    """The hash of a line: SHA-256 over the hash before it and its parts: id, milliseconds since 1970 UTC, who, what, about."""
    return hashlib.sha256("\x1f".join([prev, *map(str, parts)]).encode()).hexdigest()


def missing(anchors: Iterable[Anchor], links: Mapping[int, str], server: str) -> Anchor | None:
    """The first anchor that the log does not hold, None where it holds all; ``links`` are its hashes by number.

    One of another database is no anchor of this log, and is told as missing too.
    """
    return next((one for one in anchors if one.server != server or links.get(one.id) != one.link), None)


def milliseconds(at: datetime) -> int:
    return (at - _EPOCH) // _MS


def check(lines: Iterable[Linked], found: Chain | None = None) -> Chain:
    """Checks lines that follow one another, going on from an earlier check; stops at the first that does not fit."""
    found = found or Chain()
    for line in lines:
        place = found.lines + 1
        why = ""
        if link(line.prev, line.id, milliseconds(line.at), line.who, line.what, line.about) != line.link:
            why = "changed"
        elif found.lines and line.id != found.last + 1:
            why = "gap"
        elif (found.lines or line.id == 1) and line.prev != found.head:
            why = "cut"
        if why:
            return msgspec.structs.replace(found, broken=place, why=why)
        found = Chain(place, found.first or line.id, line.id, line.link)
    return found
