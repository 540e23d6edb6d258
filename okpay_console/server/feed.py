"""The change feed: whole commits after a cursor, read in one snapshot, and the trimming of its past."""

from __future__ import annotations

from collections import OrderedDict
from datetime import datetime
from typing import Any, Final

import msgspec
from sqlalchemy import BindParameter, Connection, bindparam, delete, func, literal, or_, select, true, update

from .. import errors
from ..domain.operations import Witness
from ..domain.wire import PAGE_BYTES, PAGE_ROWS, Last
from . import history, opaque
from .cursor import Cursor, decode, gone
from .db import Database
from .marks import Marks
from .policy import Who
from .schema import clients, commits, departures, log, mutations, sync_head, tickets

_CACHED: Final = 16
_MANY: Final = 1 << 53
_WITNESS: Final = str(Witness.__struct_config__.tag)


class RawPage(msgspec.Struct, frozen=True):
    """``wire.Page`` with documents and outcomes as the bytes they are stored as; its JSON is the same."""

    changes: msgspec.Raw
    cursor: str
    more: bool
    last: Last
    outcomes: list[msgspec.Raw]
    now: datetime
    shelf: int
    daybook: int


class _RawChange(msgspec.Struct, frozen=True, omit_defaults=True):
    kind: str
    id: str
    rev: int = 0
    doc: msgspec.Raw | None = None
    gone: bool = False


class _Cut(msgspec.Struct, frozen=True):
    changes: msgspec.Raw
    following: Cursor
    more: bool
    news: bool


class Feed:
    """Cuts pages. A page's rows are encoded once and shared by every console that asks from the same place."""

    def __init__(self, db: Database, *, marks: Marks) -> None:
        self._db = db
        self._marks = marks
        self._cuts: OrderedDict[tuple[Any, ...], _Cut] = OrderedDict()

    async def page(self, who: Who, *, client: str, cursor: str | None, limit: int, now: datetime) -> RawPage:
        """The next page for ``who`` after ``cursor`` (None: from zero). Declined: 410 cursor-gone, 409 client-forked.

        Rows, head, last and outcomes are of one moment. All outcomes since the cursor come with every page, so that ``last``
        never covers a mutation whose refusal is still to come.
        """

        def work(conn: Connection) -> RawPage:
            head, key = history.head(conn), opaque.key_of(conn)
            start = _start(conn, who, cursor, head, key)
            cut = self._cut(conn, who, start, head, min(max(limit, 1), PAGE_ROWS))
            last = _last(conn, who, client)
            outcomes = _outcomes(conn, who, client, start.pos)
            if cursor and who.queues and not cut.news and _logged(conn, client) <= start.pos:
                # Whoever sees some queues is not to know that something happened in the others: his place stays the same.
                following = cursor
            else:
                following = cut.following.encode(key)
            daybook = self._marks.daybook(conn, head, who, now=now)
            return RawPage(cut.changes, following, cut.more, last, outcomes, now, head.shelf, daybook)

        return await self._db.read(work)

    def _cut(self, conn: Connection, who: Who, start: Cursor, head: history.Head, limit: int) -> _Cut:
        key = (start.pos, start.keep, start.scope, head.seq, head.fork, limit)
        cut = self._cuts.get(key)
        if cut is None:
            cut = _read(conn, who, start, head, limit)
            self._cuts[key] = cut
            while len(self._cuts) > _CACHED:
                self._cuts.popitem(last=False)
        return cut


def _start(conn: Connection, who: Who, cursor: str | None, head: history.Head, key: bytes) -> Cursor:
    if cursor is None:
        return Cursor(0, head.seq, head.seq, head.fork, who.scope)
    start = decode(cursor, key)
    if not start.pos <= start.keep <= start.head:
        raise gone("The cursor cannot be read.")
    if start.keep < head.horizon:
        raise gone("The cursor is older than what is kept.")
    fork = None
    if start.head <= head.seq:
        fork = conn.execute(_fork, {"b_seq": start.head}).scalar()
    if fork != start.fork:
        raise gone("The cursor is from another history of this server.")
    if start.scope != who.scope:
        raise gone("Your role or your queues have changed.")
    return start


def _read(conn: Connection, who: Who, start: Cursor, head: history.Head, limit: int) -> _Cut:
    rows = _rows(conn, who, start, limit=limit + 1)
    more = len(rows) > limit
    if more:
        # The commit of the surplus row goes to the next page whole; one that alone is larger than a page goes out now, whole.
        cut_at = rows[-1].seq
        rows = [row for row in rows if row.seq < cut_at] or _rows(conn, who, start, only=cut_at)
    size = 0
    for index, row in enumerate(rows):
        size += len(row.doc.encode()) + 100
        if size > PAGE_BYTES and row.seq != rows[0].seq:
            rows = [kept for kept in rows[:index] if kept.seq < row.seq]
            more = True
            break
    if more:
        pos = rows[-1].seq
        more = bool(_rows(conn, who, start, after=pos, limit=1))
    if not more:
        pos = head.seq
    changes = [
        _RawChange("ticket", row.id, gone=True)
        if row.gone
        else _RawChange("ticket", row.id, row.rev, msgspec.Raw(row.doc))
        for row in rows
    ]
    following = Cursor(pos, max(start.keep, pos), head.seq, head.fork, start.scope)
    return _Cut(msgspec.Raw(msgspec.json.encode(changes)), following, more, bool(changes))


def _rows(
    conn: Connection, who: Who, start: Cursor, *, after: int = 0, only: int | None = None, limit: int | None = None
) -> list[Any]:
    """What has changed for ``who`` in the order of commits: tickets of his queues, and those that have left them.

    Of a ticket in others' queues nothing is told, not even that there is one. Up to ``keep`` the console holds nothing that
    could have gone, so that only living rows are of use.
    """
    keep = max(start.pos, start.keep)
    given: dict[str, Any] = {"b_keep": keep, "b_limit": _MANY if limit is None else limit, "b_high": only or _MANY}
    given["b_low"] = max(start.pos, after) if only is None else only - 1
    if not who.queues:
        return list(conn.execute(_all, given))
    queues = sorted(who.queues)
    found = list(conn.execute(_left, {**given, "b_queues": queues}))
    for queue in queues:
        # One by one: each comes in the order of its index, and none is sorted that is not on the page.
        found += conn.execute(_within, {**given, "b_queues": [queue]})
    return sorted(found, key=_place)[:limit]


def _place(row: Any) -> tuple[int, str]:
    return row.seq, row.id


def _last(conn: Connection, who: Who, client: str) -> Last:
    row = conn.execute(_client, {"b_client": client}).one_or_none()
    if row is None:
        return Last()
    if row.user != who.user:
        raise errors.Declined(409, "client-forked", "This store belongs to another user.", "Make a store of your own.")
    return Last(row.last_mid, row.last_uuid)


def _logged(conn: Connection, client: str) -> int:
    """The newest commit that this client's own log made."""
    return conn.execute(_newest, {"b_client": client}).scalar() or 0


def _outcomes(conn: Connection, who: Who, client: str, pos: int) -> list[msgspec.Raw]:
    given = {"b_client": client, "b_pos": pos, "b_user": who.user}
    return [msgspec.Raw(text) for text in conn.execute(_refused, given).scalars()]


async def trim(db: Database, horizon: int) -> int:
    """Forgets commits before ``horizon`` and the tombstones and confirmed mutations up to it; returns the horizon that stands.

    A console whose cursor needs more than is left lists again. The horizon never goes back nor past the head.
    """

    def work(conn: Connection) -> int:
        query = select(sync_head.c.seq, sync_head.c.horizon).with_for_update()
        seq, standing = (conn.execute(query)).one()
        wanted: int = max(standing, min(horizon, seq))
        conn.execute(update(sync_head).values(horizon=wanted))
        conn.execute(delete(commits).where(commits.c.seq < wanted))
        conn.execute(delete(tickets).where(tickets.c.gone, tickets.c.seq <= wanted))
        conn.execute(delete(departures).where(departures.c.seq <= wanted))
        for table in (log, mutations):
            past = delete(table).where(table.c.seq <= wanted, table.c.state == "confirmed")
            # An operation on a ticket is known again by the ticket's timeline, a witness by nothing else.
            conn.execute(past.where(table.c.name != _WITNESS) if table is mutations else past)
        return wanted

    return await db.write(work)


# Written out once: building a statement anew takes longer than SQLite takes to carry it out.
_queues: BindParameter[Any] = bindparam("b_queues", expanding=True)
_columns = (tickets.c.id, tickets.c.rev)
_fork = select(commits.c.fork).where(commits.c.seq == bindparam("b_seq"))
_client = select(clients).where(clients.c.client == bindparam("b_client"))
_newest = select(func.max(log.c.seq)).where(log.c.client == bindparam("b_client"))
_refused = (
    select(mutations.c.outcome)
    .join(log, log.c.uuid == mutations.c.uuid)
    .where(
        log.c.client == bindparam("b_client"),
        log.c.seq > bindparam("b_pos"),
        log.c.state != "confirmed",
        mutations.c.user == bindparam("b_user"),
    )
    .order_by(log.c.mid)
)
_all = (
    select(tickets.c.seq, *_columns, tickets.c.gone, tickets.c.doc)
    .where(
        tickets.c.seq > bindparam("b_low"),
        tickets.c.seq <= bindparam("b_high"),
        or_(tickets.c.seq > bindparam("b_keep"), tickets.c.gone.is_(False)),
    )
    .order_by(tickets.c.seq, tickets.c.id)
    .limit(bindparam("b_limit"))
)
_within = _all.where(tickets.c.queue.in_(_queues))
_left = (
    select(departures.c.seq, *_columns, true().label("gone"), literal("").label("doc"))
    .where(
        tickets.c.id == departures.c.ticket,
        departures.c.queue.in_(_queues),
        departures.c.seq > bindparam("b_keep"),
        departures.c.seq > bindparam("b_low"),
        departures.c.seq <= bindparam("b_high"),
        or_(tickets.c.gone, tickets.c.queue.not_in(_queues)),
    )
    .order_by(departures.c.seq, tickets.c.id)
    .limit(bindparam("b_limit"))
)
