"""The audit log: who did what to what and when, never a value; each row carries a hash over the one before it."""

from __future__ import annotations

import asyncio
import hashlib
from datetime import datetime

import msgspec
from sqlalchemy import Connection, insert, select

from .clock import millis, moment
from .db import Database, at_head, upgrade
from .schema import audit, sync_head

_FIRST = "0" * 64


def append(conn: Connection, *, now: datetime, who: str, what: str, about: str = "") -> None:
    """One more row at the end of the chain; the head row's lock makes the rows follow one another."""
    conn.execute(select(sync_head.c.seq).where(sync_head.c.id == 1).with_for_update())
    newest = select(audit.c.id, audit.c.link).order_by(audit.c.id.desc()).limit(1)
    before = (conn.execute(newest)).one_or_none()
    number, link = (1, _FIRST) if before is None else (before.id + 1, before.link)
    at = millis(now)
    conn.execute(
        insert(audit).values(
            id=number, at=at, who=who, what=what, about=about, link=_link(link, number, at, who, what, about)
        )
    )


class Row(msgspec.Struct, frozen=True):
    """One row as kept; ``about`` names tickets, users, fields and codes."""

    id: int
    at: datetime
    who: str
    what: str
    about: str


async def listing(database: str, *, limit: int = 1000) -> tuple[list[Row], int | None]:
    """The newest rows, oldest of them first, and the first row where the chain is broken (None: it is whole)."""
    newest = select(audit).order_by(audit.c.id.desc()).limit(limit)

    def work(conn: Connection) -> tuple[list[Row], int | None]:
        rows = [Row(row.id, moment(row.at), row.who, row.what, row.about) for row in conn.execute(newest)]
        return rows[::-1], broken_at(conn)

    db = Database(database)
    try:
        if not await db.read(at_head):
            await asyncio.to_thread(upgrade, database)
        return await db.read(work)
    finally:
        await db.close()


def broken_at(conn: Connection) -> int | None:
    """The first row whose hash does not follow from the row before it; None where the chain is whole."""
    link = _FIRST
    expected = 1
    for row in conn.execute(select(audit).order_by(audit.c.id)):
        link = _link(link, row.id, row.at, row.who, row.what, row.about)
        if row.id != expected or row.link != link:
            return int(row.id)
        expected += 1
    return None


def _link(before: str, *parts: object) -> str:
    return hashlib.sha256("\x1f".join([before, *map(str, parts)]).encode()).hexdigest()
