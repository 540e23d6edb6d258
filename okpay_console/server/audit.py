"""The audit log: who did what to what and when, never a value; each row carries a hash over the one before it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, Final

import msgspec
from sqlalchemy import Connection, func, insert, select

from .. import errors
from ..domain import auditchain
from ..domain.auditchain import Anchor, AuditPage, Chain, Linked
from . import clock
from .clock import millis, moment
from .db import Database, at_head, upgrade
from .schema import audit, sync_head

PAGE: Final = 1000
"""Rows of one page: about 250 KiB."""


def append(conn: Connection, *, now: datetime, who: str, what: str, about: str = "") -> None:
    """One more row at the end of the chain; the head row's lock makes the rows follow one another."""
    conn.execute(select(sync_head.c.seq).where(sync_head.c.id == 1).with_for_update())
    newest = select(audit.c.id, audit.c.link).order_by(audit.c.id.desc()).limit(1)
    before = (conn.execute(newest)).one_or_none()
    number, link = (1, auditchain.FIRST) if before is None else (before.id + 1, before.link)
    at = millis(now)
    conn.execute(
        insert(audit).values(
            id=number, at=at, who=who, what=what, about=about, link=auditchain.link(link, number, at, who, what, about)
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


async def verify(database: str) -> Chain:
    """Checks the whole chain of a database that is there; ConfigError where its schema is of another version."""
    db = Database(database)
    try:
        return await db.read(whole)
    finally:
        await db.close()


async def anchor(database: str) -> Anchor:
    """The end of the log, to be kept elsewhere; Refused (audit-broken) where the chain does not hold up to it."""

    def work(conn: Connection) -> Anchor:
        found = whole(conn)
        if found.broken:
            raise errors.Refused(
                f"The audit log does not hold together from line {found.broken} on.",
                "Keep the database as it is and report it.",
                code="audit-broken",
            )
        server: str = conn.execute(select(sync_head.c.server_id)).scalar_one()
        return Anchor(server, found.last, found.head, clock.now())

    db = Database(database)
    try:
        return await db.read(work)
    finally:
        await db.close()


async def missing(database: str, anchors: Sequence[Anchor]) -> Anchor | None:
    """The first of these anchors that the log does not hold (any more): its end was cut off, or it was made anew."""

    def work(conn: Connection) -> Anchor | None:
        ids = [one.id for one in anchors]
        rows = conn.execute(select(audit.c.id, audit.c.link).where(audit.c.id.in_(ids)))
        server: str = conn.execute(select(sync_head.c.server_id)).scalar_one()
        return auditchain.missing(anchors, {row.id: row.link for row in rows}, server)

    db = Database(database)
    try:
        return await db.read(work)
    finally:
        await db.close()


def broken_at(conn: Connection) -> int | None:
    """The first row that does not follow from the row before it; None where the chain is whole."""
    found = whole(conn)
    if not found.broken:
        return None
    ahead = select(audit.c.id).order_by(audit.c.id).offset(found.broken - 1).limit(1)
    return int(conn.execute(ahead).scalar_one())


def whole(conn: Connection) -> Chain:
    """The check of every row, from the first."""
    found, after = Chain(), -1
    while not found.broken:
        rows = list(conn.execute(select(audit).where(audit.c.id > after).order_by(audit.c.id).limit(PAGE)))
        if not rows:
            break
        found = auditchain.check(_linked(rows, found.head), found)
        after = rows[-1].id
    return found


async def page(
    db: Database, *, after: int, limit: int = PAGE, since: datetime | None = None, until: datetime | None = None
) -> AuditPage:
    """The next rows after a number, of those between the first at ``since`` or later and the last before ``until``.

    Rows between those two are all there, whatever their time: a clock that was set back makes no hole in the chain.
    """

    def work(conn: Connection) -> AuditPage:
        first, last = _reach(conn, since, until)
        start = max(after, first - 1)
        wanted = select(audit).where(audit.c.id > start, audit.c.id <= last).order_by(audit.c.id)
        before = conn.execute(select(audit.c.link).where(audit.c.id == start)).scalar()
        rows = conn.execute(wanted.limit(min(max(limit, 1), PAGE)))
        return AuditPage(list(_linked(rows, before or auditchain.FIRST)), first, last)

    return await db.read(work)


def _reach(conn: Connection, since: datetime | None, until: datetime | None) -> tuple[int, int]:
    first, last = select(func.min(audit.c.id)), select(func.max(audit.c.id))
    if since is not None:
        first = first.where(audit.c.at >= millis(since))
    if until is not None:
        last = last.where(audit.c.at < millis(until))
    found = conn.execute(first).scalar() or 0, conn.execute(last).scalar() or 0
    return found if 0 < found[0] <= found[1] else (0, 0)


def _linked(rows: Any, prev: str) -> Iterator[Linked]:
    for row in rows:
        yield Linked(row.id, moment(row.at), row.who, row.what, row.about, prev, row.link)
        prev = row.link
