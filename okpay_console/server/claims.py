"""Claims: who works on a ticket, won by one and only one, for as long as the lease is kept up."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from msgspec.structs import replace
from sqlalchemy import Connection, or_, select

from .. import errors
from ..domain.ticket import Entry, Ticket, to_doc
from ..domain.wire import Claimed
from . import history
from .clock import millis, new_id
from .db import Database
from .judging import ID, LABEL
from .policy import Who, holder
from .schema import tickets


async def claim(db: Database, who: Who, ticket: str, *, now: datetime, lease_s: float) -> Claimed:
    """Makes the ticket this person's. Declined: 404, 409 held {held_by}, 409 closed.

    Asking again for what is his already keeps the fencing number and begins a new lease, so a lost reply does no harm.
    """

    def work(conn: Connection) -> Claimed:
        before = visible(conn, who, ticket)
        _free(before, who, now)
        return _take(conn, before, who, now, lease_s)

    return await db.write(work)


async def renew(db: Database, who: Who, ticket: str, *, now: datetime, lease_s: float) -> Claimed:
    """Begins the lease anew. Declined: 404, 409 held {held_by}, 409 not-held where nobody holds it any more."""

    def work(conn: Connection) -> Claimed:
        before = visible(conn, who, ticket)
        if before.assignee != who.user:
            _free(before, who, now)
            raise errors.Declined(409, "not-held", "The ticket is not yours any more.", "Claim it again.")
        return _take(conn, before, who, now, lease_s)

    return await db.write(work)


async def next_ticket(
    db: Database, who: Who, *, queues: Sequence[str] = (), now: datetime, lease_s: float
) -> Claimed | None:
    """Claims the ticket that is to be worked on next, in the order of ``domain.queue``; None where there is none.

    ``queues`` narrows the person's own; PostgreSQL passes over rows that a colleague is claiming this instant.
    """
    wanted = sorted(queue for queue in (queues or who.queues) if who.sees(queue) and LABEL.fullmatch(queue))
    free = or_(tickets.c.assignee.is_(None), tickets.c.lease_until < millis(now))
    # Ranks from 5 on wait for the customer or are closed (``domain.queue.order_key``).
    query = select(tickets.c.id).where(tickets.c.gone.is_(False), tickets.c.work_rank < 5, free)
    if wanted or queues:
        query = query.where(tickets.c.queue.in_(wanted))
    query = query.order_by(tickets.c.work_rank, tickets.c.due, tickets.c.created, tickets.c.id).limit(1)

    def work(conn: Connection) -> Claimed | None:
        found = (conn.execute(query.with_for_update(skip_locked=True))).scalar()
        if found is None:
            return None
        before = visible(conn, who, found)
        return _take(conn, before, who, now, lease_s)

    return await db.write(work)


def visible(conn: Connection, who: Who, ticket: str) -> Ticket:
    """The ticket, locked; Declined (404) where there is none in this person's queues."""
    found = history.load(conn, ticket, queues=who.queues) if ID.fullmatch(ticket) else None
    if found is None:
        raise errors.Declined(404, "not-found", "There is no such ticket here.", "Check its id.")
    return found


def _free(ticket: Ticket, who: Who, now: datetime) -> None:
    held_by = holder(ticket, now)
    if held_by not in (None, who.user):
        raise errors.Declined(
            409, "held", "Somebody else works on this ticket.", "Take another, or ask the holder.", held_by=held_by
        )
    if ticket.status == "closed":
        raise errors.Declined(409, "closed", "The ticket is closed.", "Reopen it first.")


def _take(conn: Connection, before: Ticket, who: Who, now: datetime, lease_s: float) -> Claimed:
    # The row is locked since it was read, and ``commit`` writes it on condition of its rev: two cannot both win.
    lease = now + timedelta(seconds=lease_s)
    after = replace(before, lease_until=lease)
    if before.assignee != who.user:
        claim_no = before.claim_no + 1
        data = {"claim_no": str(claim_no), **({"was": before.assignee} if before.assignee else {})}
        after = replace(
            after,
            assignee=who.user,
            claim_no=claim_no,
            status="open" if before.status == "new" else before.status,
            timeline=(*before.timeline, Entry(new_id(), "claim", now, who.user, data=data)),
            updated_at=now,
        )
    [stands] = (history.commit(conn, now=now, puts=[after])).tickets
    return Claimed(to_doc(stands), stands.claim_no, lease_s)
