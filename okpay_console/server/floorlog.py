"""Reads what has changed on the floor since a place: tickets by the feed, lines by the daybook, of one moment."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final, NamedTuple

from sqlalchemy import Connection, Row, and_, func, or_, select

from . import alarms, history
from .clock import moment
from .schema import commits, daybook, duties, heard, tickets

DUTY: Final = "floor"
ROWS: Final = 200
LINES: Final = 1_000


class Place(NamedTuple):
    """How far both logs were read.

    ``head`` with its ``fork`` is the newest commit that was seen and proves the history; ``keep``: tombstones are needed from here;
    ``seq`` and ``id`` are the last ticket that was read. ``line`` with its ``mark`` is the last line.
    """

    head: int = 0
    fork: int = 0
    keep: int = 0
    seq: int = 0
    id: str = ""
    line: int = 0
    mark: int = 0


class Slice(NamedTuple):
    """The next rows and lines, and the place after them; ``more`` where there are others."""

    rows: list[Row[Any]]
    lines: list[Row[Any]]
    place: Place
    more: bool


class Beside(NamedTuple):
    """What else the numbers need: the alarms, when everybody was last heard of, and when the numbers were last wanted."""

    alarms: list[alarms.Kept]
    seen: dict[str, datetime]
    asked: int


def following(conn: Connection, place: Place, *, since: int) -> Slice | None:
    """What follows a place; lines from the beginning are those kept ``since`` (milliseconds). None where it is of another history.

    That is so after a backup was put back, and where a ticket that went has been forgotten before it was read that it has gone.
    """
    head = history.head(conn)
    if place.head:
        stands = conn.execute(select(commits.c.fork).where(commits.c.seq == place.head)).scalar()
        if stands != place.fork or place.keep < head.horizon:
            return None
    if place.line:
        mark = conn.execute(select(daybook.c.fork).where(daybook.c.seq == place.line)).scalar()
        if mark != place.mark:
            return None
    rows = _rows(conn, place)
    lines = _lines(conn, place, since)
    more = len(rows) == ROWS
    seq, name = (rows[-1].seq, rows[-1].id) if more else (head.seq, "\U0010ffff")
    line, mark = (lines[-1].seq, lines[-1].fork) if lines else (place.line, place.mark)
    keep = max(place.keep, seq) if place.head else head.seq
    return Slice(rows, lines, Place(head.seq, head.fork, keep, seq, name, line, mark), more or len(lines) == LINES)


def beside(conn: Connection) -> Beside:
    """Read each time and as it is now: small tables."""
    seen = {row.user: moment(row.at) for row in conn.execute(select(heard.c.user, heard.c.at))}
    asked = conn.execute(select(duties.c.asked).where(duties.c.name == DUTY)).scalar()
    return Beside(alarms.kept(conn), seen, asked or 0)


def _rows(conn: Connection, place: Place) -> list[Row[Any]]:
    # Not by whole commits: a ticket that changes between two slices comes again, under a later number.
    after = or_(tickets.c.seq > place.seq, and_(tickets.c.seq == place.seq, tickets.c.id > place.id))
    columns = (tickets.c.seq, tickets.c.id, tickets.c.gone, tickets.c.doc)
    return list(conn.execute(select(*columns).where(after).order_by(tickets.c.seq, tickets.c.id).limit(ROWS)))


def _lines(conn: Connection, place: Place, since: int) -> list[Row[Any]]:
    after = place.line
    if not after:
        first = conn.execute(select(func.min(daybook.c.seq)).where(daybook.c.kept >= since)).scalar()
        if first is None:
            return []
        after = int(first) - 1
    query = select(daybook.c.seq, daybook.c.fork, daybook.c.doc).where(daybook.c.seq > after)
    return list(conn.execute(query.order_by(daybook.c.seq).limit(LINES)))
