"""Tickets for callers without a log of their own: read, list, edit with If-Match, create with Idempotency-Key."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import datetime
from typing import Any, Final, TypeVar

import msgspec
from sqlalchemy import Connection, select

from .. import errors
from ..domain import ops, wire
from ..domain.ticket import Caller, Channel, Priority, Ticket
from . import history, watching
from .claims import visible
from .clock import new_id
from .db import Database
from .judging import ID, LABEL, decide
from .policy import Who
from .schema import mutations, tickets
from .service import keep

T = TypeVar("T")
PAGE: Final = 200


class Edit(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``PATCH /v1/tickets/{id}``: the fields to change; ``tags`` is the whole new list."""

    subject: str | msgspec.UnsetType = msgspec.UNSET
    priority: Priority | msgspec.UnsetType = msgspec.UNSET
    category: str | msgspec.UnsetType = msgspec.UNSET
    tags: tuple[str, ...] | msgspec.UnsetType = msgspec.UNSET


class Draft(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``POST /v1/tickets`` and one item of a batch: a first contact. ``created_at`` is for imports of past ones."""

    subject: str
    channel: Channel
    category: str = ""
    priority: Priority = "normal"
    queue: str = "general"
    text: str = ""
    caller: Caller = Caller()
    tags: tuple[str, ...] = ()
    external_id: str = ""
    created_at: datetime | None = None


class Created(msgspec.Struct, frozen=True):
    id: str
    number: int


class Listed(msgspec.Struct, frozen=True):
    """``GET /v1/tickets``: highest number first; ``before`` asks for the next page, None where there is none.

    That is no order in time where numbers are mixed (``numbering``); the feed has that order.
    """

    tickets: list[msgspec.Raw]
    before: int | None


async def read(db: Database, who: Who, ticket: str) -> tuple[msgspec.Raw, int]:
    """The document as stored, and its rev. Declined: 404."""
    query = select(tickets.c.doc, tickets.c.rev).where(
        tickets.c.id == ticket, tickets.c.gone.is_(False), history.within(who.queues)
    )
    row = None
    if ID.fullmatch(ticket):
        row = await db.read(lambda conn: conn.execute(query).one_or_none())
    if row is None:
        raise errors.Declined(404, "not-found", "There is no such ticket here.", "Check its id.")
    return msgspec.Raw(row.doc), row.rev


async def listing(db: Database, who: Who, *, before: int | None, limit: int, **equal: str | None) -> Listed:
    """One page of the tickets whose columns ``equal`` the given values (None: any), highest number first."""
    query = select(tickets.c.number, tickets.c.doc).where(tickets.c.gone.is_(False), history.within(who.queues))
    for name, value in equal.items():
        if value is not None:
            query = query.where(tickets.c[name] == value)
    if before is not None:
        query = query.where(tickets.c.number < before)
    if not all(LABEL.fullmatch(value) for value in equal.values() if value):
        raise errors.Declined(422, "bad-request", "A filter's value cannot be used.", "Leave control characters out.")
    limit = min(max(limit, 1), PAGE)
    page = query.order_by(tickets.c.number.desc()).limit(limit + 1)
    rows = await db.read(lambda conn: list(conn.execute(page)))
    more = len(rows) > limit
    rows = rows[:limit]
    return Listed([msgspec.Raw(row.doc) for row in rows], rows[-1].number if more else None)


async def edit(
    db: Database, who: Who, ticket: str, change: Edit, *, rev: int, now: datetime, rules: ops.Rules
) -> Ticket:
    """The ticket after the edit, made on top of ``rev``. Declined: 404, 412 with the current document; Refused by the rules."""

    tried: list[ops.AnyOp] = []

    def work(conn: Connection) -> Ticket:
        before = visible(conn, who, ticket)
        if before.rev != rev:
            current = msgspec.to_builtins(before)
            raise errors.Declined(
                412,
                "changed",
                "The ticket has changed since you read it.",
                "Look at it and decide again.",
                current=current,
            )
        after = before
        for op in _ops(before, change, who, now):
            tried[:] = [op]
            after = decide(conn, who, after, op, now=now, rules=rules)
        if after is before:
            return before
        return (history.commit(conn, now=now, puts=[after])).tickets[0]

    return await _written(db, who, work, tried, now)


def _ops(ticket: Ticket, change: Edit, who: Who, now: datetime) -> list[ops.AnyOp]:
    def header() -> dict[str, Any]:
        return {"uuid": new_id(), "ticket": ticket.id, "by": who.user, "at": now}

    wanted: list[ops.AnyOp] = []
    if change.subject is not msgspec.UNSET:
        wanted.append(ops.SetSubject(**header(), subject=change.subject))
    if change.priority is not msgspec.UNSET:
        wanted.append(ops.SetPriority(**header(), priority=change.priority))
    if change.category is not msgspec.UNSET:
        wanted.append(ops.SetCategory(**header(), category=change.category))
    if change.tags is not msgspec.UNSET:
        gone = tuple(tag for tag in ticket.tags if tag not in change.tags)
        wanted.append(ops.ChangeTags(**header(), add=change.tags, remove=gone))
    return wanted


def new_op(draft: Draft, *, by: str, now: datetime, uuid: str) -> ops.NewTicket:
    """The operation that a draft asks for, under an id minted here."""
    return ops.NewTicket(
        uuid=uuid,
        ticket=new_id(),
        by=by,
        at=now,
        subject=draft.subject,
        channel=draft.channel,
        category=draft.category,
        priority=draft.priority,
        queue=draft.queue,
        caller=draft.caller,
        text=draft.text,
        tags=draft.tags,
        external_id=draft.external_id,
    )


async def create(
    db: Database, who: Who, draft: Draft, *, key: str, body: bytes, now: datetime, rules: ops.Rules
) -> tuple[Created, bool]:
    """The new ticket, and whether it had been created before under this key (draft-ietf-httpapi-idempotency-key-header-07).

    Refused by the rules; Declined: 422 where the key was used for another body. A refusal is not remembered: nothing happened.
    """
    tried: list[ops.AnyOp] = []
    uuid = "key:" + hashlib.sha256(f"{who.user}\x00{key}".encode()).hexdigest()[:48]
    fingerprint = hashlib.sha256(body).hexdigest()

    def work(conn: Connection) -> tuple[Created, bool]:
        known = (conn.execute(select(mutations).where(mutations.c.uuid == uuid))).one_or_none()
        if known is not None:
            if known.fingerprint != fingerprint:
                raise errors.Declined(422, "key-reused", "This key was used for another request.", "Use a fresh key.")
            number = select(tickets.c.number).where(tickets.c.id == known.ticket)
            return Created(known.ticket, (conn.execute(number)).scalar() or 0), True
        op = new_op(draft, by=who.user, now=now, uuid=uuid)
        tried[:] = [op]
        after = decide(conn, who, None, op, now=now, rules=rules)
        done = history.commit(conn, now=now, puts=[after])
        outcome = wire.Outcome(uuid, "confirmed", after.id)
        keep(conn, who, outcome, name="ticket.new", seq=done.seq, now=now, fingerprint=fingerprint)
        return Created(after.id, done.tickets[0].number), False

    return await _written(db, who, work, tried, now)


async def _written(db: Database, who: Who, work: Callable[[Connection], T], tried: list[ops.AnyOp], now: datetime) -> T:
    """What the transaction gives; a secret in the last operation that it tried leaves a line in the audit log."""
    try:
        return await db.write(work)
    except errors.SecretRefused:
        await watching.secret(db, who, tried[-1], now=now)
        raise
