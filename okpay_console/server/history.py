"""The one door through which tickets change: stamps the rows of a commit with the next number of the history."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, Final

import msgspec
from msgspec.structs import replace
from sqlalchemy import ColumnElement, Connection, bindparam, insert, select, true, update
from sqlalchemy.dialects import postgresql, sqlite

from .. import errors
from ..domain import queue
from ..domain.ticket import Ticket, from_json
from . import numbering
from .clock import millis, new_fork
from .schema import commits, departures, sync_head, tickets

NEVER: Final = 1 << 53
"""Stands for "no due time": later than any, and exact in every JSON reader."""
MAX_DOC: Final = 2 << 20


class Head(msgspec.Struct, frozen=True):
    """The newest commit; ``horizon`` is the oldest one from which tombstones are still kept, ``shelf`` names the answers' state,
    ``daybook`` that of the notices and alarms, ``people`` that of roles, queues and sessions.
    """

    seq: int
    fork: int
    horizon: int
    shelf: int = 0
    daybook: int = 0
    people: int = 0

    @property
    def token(self) -> str:
        return f"{self.seq}.{self.fork:08x}"


class Committed(msgspec.Struct, frozen=True):
    """A commit's number, and the tickets as they now stand (with number and rev)."""

    seq: int
    tickets: list[Ticket]


def head(conn: Connection) -> Head:
    return Head(*conn.execute(_head).one())


def server_id(conn: Connection) -> str:
    """The database's own name, minted with it; a restored backup brings it along."""
    found: str = conn.execute(select(sync_head.c.server_id)).scalar_one()
    return found


def mix_numbers(conn: Connection) -> None:
    """From the next ticket on numbers tell nothing (``numbering``); harmless when done twice."""
    begin = update(sync_head).where(sync_head.c.id == 1, sync_head.c.numbers_from == 0)
    conn.execute(begin.values(numbers_from=sync_head.c.next_number))


def load(conn: Connection, ticket: str, *, queues: Collection[str] = ()) -> Ticket | None:
    """The ticket, locked until the transaction ends; None where there is none or it is gone.

    One outside of ``queues`` (none: all) is not even read, so that it takes no longer to find than one that is not there.
    """
    query = select(tickets.c.doc).where(tickets.c.id == ticket, tickets.c.gone.is_(False), within(queues))
    doc = (conn.execute(query.with_for_update())).scalar()
    return None if doc is None else from_json(doc.encode())


def within(queues: Collection[str]) -> ColumnElement[bool]:
    """That a ticket's row is of one of these queues; none named means all of them."""
    return tickets.c.queue.in_(sorted(queues)) if queues else true()


def commit(
    conn: Connection,
    *,
    now: datetime,
    puts: Sequence[Ticket] = (),
    gone: Sequence[str] = (),
    shelf: int | None = None,
    daybook: int | None = None,
    people: int | None = None,
) -> Committed:
    """Takes the head, and writes ``puts`` (one more rev each) and tombstones under its new number.

    Call it once in a transaction and after everything that may wait for a lock: the head row, locked last, makes the order
    of numbers the order in which commits become visible, without gaps (``facts`` on the change feed). A ticket of rev 0 is new.
    ``shelf`` is a new name for the state of the canned answers, where this commit changes it, ``daybook`` for that of the
    notices and alarms, and ``people`` for that of roles, queues and sessions.
    """
    bump: dict[str, Any] = {"seq": sync_head.c.seq + 1}
    if shelf is not None:
        bump["shelf"] = shelf
    if daybook is not None:
        bump["daybook"] = daybook
    if people is not None:
        bump["people"] = people
    fresh = sum(ticket.rev == 0 for ticket in puts)
    if fresh:
        bump["next_number"] = sync_head.c.next_number + fresh
    taken = update(sync_head).where(sync_head.c.id == 1).values(**bump)
    seq, following, begin, secret = conn.execute(taken.returning(*_TAKEN)).one()
    count = following - fresh
    new: list[dict[str, Any]] = []
    changed: list[dict[str, Any]] = []
    after: list[Ticket] = []
    for before in puts:
        ticket = replace(before, rev=before.rev + 1)
        if before.rev == 0:
            ticket = replace(ticket, number=numbering.number(bytes.fromhex(secret), count, begin=begin))
            count += 1
        after.append(ticket)
        (new if before.rev == 0 else changed).append(row(ticket, seq))
    if new:
        conn.execute(insert(tickets), new)
    for values in changed:
        _leave(conn, values["id"], values["queue"], seq)
        done = conn.execute(_update, {"b_id": values["id"], "b_rev": values["rev"] - 1, **values})
        if done.rowcount != 1:
            raise errors.Unavailable("The ticket changed under the server's hands.", "Try again.", retry_after=1.0)
    if gone:
        conn.execute(_bury, [{"b_id": ticket, "b_seq": seq} for ticket in gone])
    conn.execute(_put_commit, {"seq": seq, "fork": new_fork(), "at": millis(now)})
    return Committed(seq, after)


def _leave(conn: Connection, ticket: str, queue: str, seq: int) -> None:
    """Notes which queue the ticket leaves, where it does."""
    left = conn.execute(_elsewhere, {"b_id": ticket, "b_queue": queue}).scalar()
    if left is not None:
        make: Any = (sqlite.insert if conn.dialect.name == "sqlite" else postgresql.insert)(departures)
        make = make.values(ticket=ticket, queue=left, seq=seq)
        conn.execute(make.on_conflict_do_update(index_elements=["ticket", "queue"], set_={"seq": seq}))


def row(ticket: Ticket, seq: int) -> dict[str, Any]:
    """The ticket's row: its document, and beside it the columns that queries need."""
    shown = queue.row_of(ticket)
    rank = int(queue.order_key(shown)[0])
    due = queue.due(shown)
    return {
        "id": ticket.id,
        "seq": seq,
        "number": ticket.number,
        "rev": ticket.rev,
        "queue": ticket.queue,
        "status": ticket.status,
        "priority": ticket.priority,
        "channel": ticket.channel,
        "category": ticket.category,
        "assignee": ticket.assignee,
        "lease_until": None if ticket.lease_until is None else millis(ticket.lease_until),
        "claim_no": ticket.claim_no,
        "external_id": ticket.external_id or None,
        "brought_by": ticket.timeline[0].by if ticket.timeline else "",
        "work_rank": rank,
        "due": NEVER if due is None else millis(due),
        "created": millis(ticket.created_at),
        "gone": False,
        "doc": msgspec.json.encode(ticket).decode(),
    }


# Written out once: SQLAlchemy compiles a statement the first time it sees it and keeps it.
_head = select(
    sync_head.c.seq, commits.c.fork, sync_head.c.horizon, sync_head.c.shelf, sync_head.c.daybook, sync_head.c.people
).join(commits, commits.c.seq == sync_head.c.seq)
_TAKEN: Final = (sync_head.c.seq, sync_head.c.next_number, sync_head.c.numbers_from, sync_head.c.secret)
_put_commit = insert(commits)
_update = update(tickets).where(
    tickets.c.id == bindparam("b_id"), tickets.c.rev == bindparam("b_rev"), tickets.c.gone.is_(False)
)
_elsewhere = select(tickets.c.queue).where(tickets.c.id == bindparam("b_id"), tickets.c.queue != bindparam("b_queue"))
_bury = (
    update(tickets)
    .where(tickets.c.id == bindparam("b_id"))
    .values(seq=bindparam("b_seq"), gone=True, doc="", external_id=None, assignee=None, work_rank=9)
)
