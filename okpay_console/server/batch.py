"""Many first contacts in one commit: for imports and for other systems, idempotent by their own ids."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final, Literal

import msgspec
from msgspec.structs import replace
from sqlalchemy import Connection, select

from .. import errors
from ..domain import audited, ops, sla
from ..domain.ticket import Ticket
from . import audit, history, watching
from .clock import new_id
from .db import Database
from .judging import LABEL, decide, known_to
from .policy import Who
from .schema import tickets
from .tickets import Draft, new_op

MAX_ITEMS: Final = 500
_AHEAD: Final = timedelta(minutes=5)


class RawBatch(msgspec.Struct, frozen=True):
    """``POST /v1/tickets/batch``: drafts (``tickets.Draft``), decoded one by one so that a spoilt one is refused alone."""

    items: list[msgspec.Raw]


class Result(msgspec.Struct, frozen=True):
    """What became of the item at ``index``; ``reason`` is a stable code, ``what`` its sentence, both for refused ones."""

    index: int
    state: Literal["created", "exists", "refused"]
    id: str = ""
    number: int = 0
    reason: str = ""
    what: str = ""


class Report(msgspec.Struct, frozen=True):
    """One result per item, in order."""

    items: list[Result]


async def bring_in(db: Database, who: Who, sent: RawBatch, *, now: datetime, rules: ops.Rules) -> Report:
    """Creates what is new in one transaction. An item whose external id is known is left as it is. Declined: 413."""
    if len(sent.items) > MAX_ITEMS:
        raise errors.Declined(413, "too-large", "Too many items in one request.", f"Send {MAX_ITEMS} at most.")
    drafts = [_draft(raw) for raw in sent.items]

    def work(conn: Connection) -> Report:
        known = _known(conn, who, [draft.external_id for draft in drafts if isinstance(draft, Draft)])
        results: list[Result | Ticket] = []
        secrets: list[str] = []
        for index, draft in enumerate(drafts):
            results.append(_one(conn, who, index, draft, known, secrets=secrets, now=now, rules=rules))
        watching.secrets(conn, who, secrets, now=now)
        puts = [item for item in results if isinstance(item, Ticket)]
        numbers: dict[str, int] = {}
        if puts:
            audit.append(conn, now=now, who=who.user, what="tickets.import", about=str(len(puts)))
            done = history.commit(conn, now=now, puts=puts)
            numbers = {ticket.id: ticket.number for ticket in done.tickets}
        return Report([_result(index, item, numbers) for index, item in enumerate(results)])

    return await db.write(work)


def _one(
    conn: Connection,
    who: Who,
    index: int,
    draft: Draft | Result,
    known: dict[str, tuple[str, int]],
    *,
    secrets: list[str],
    now: datetime,
    rules: ops.Rules,
) -> Result | Ticket:
    if isinstance(draft, Result):
        return replace(draft, index=index)
    if draft.external_id in known:
        return Result(index, "exists", *known[draft.external_id])
    op = new_op(draft, by=who.user, now=now, uuid=new_id())
    try:
        after = _dated(
            decide(conn, who, None, op, now=now, rules=rules, unseen=True), draft.created_at, now=now, rules=rules
        )
    except errors.Refused as error:
        if isinstance(error, errors.SecretRefused):
            secrets.append(audited.secret_kind(op))
        return Result(index, "refused", reason=error.code, what=error.what)
    if draft.external_id:
        known[draft.external_id] = (after.id, 0)
    return after


def _dated(ticket: Ticket, created_at: datetime | None, *, now: datetime, rules: ops.Rules) -> Ticket:
    """The ticket as if its first contact had come in then, so that an import is not late by when it was imported."""
    if created_at is None:
        return ticket
    if created_at.tzinfo is None:
        raise errors.Refused("The time has no time zone.", "Write it as RFC 3339.", code="bad-time")
    if created_at > now + _AHEAD:
        raise errors.Refused("The time is in the future.", "Correct it.", code="bad-time")
    timeline = tuple(replace(entry, at=created_at) for entry in ticket.timeline)
    clock = sla.start(ticket.category, ticket.priority, ticket.channel, created_at, rules.sla)
    return replace(ticket, created_at=created_at, timeline=timeline, sla=clock)


def _known(conn: Connection, who: Who, external_ids: list[str]) -> dict[str, tuple[str, int]]:
    wanted = sorted({value for value in external_ids if value and LABEL.fullmatch(value)})
    if not wanted:
        return {}
    query = select(tickets.c.external_id, tickets.c.id, tickets.c.number)
    query = query.where(tickets.c.external_id.in_(wanted), known_to(who))
    return {row.external_id: (row.id, row.number) for row in conn.execute(query)}


def _result(index: int, item: Result | Ticket, numbers: dict[str, int]) -> Result:
    if isinstance(item, Ticket):
        return Result(index, "created", item.id, numbers[item.id])
    # The second of two equal external ids in one batch learns the number that the first was given just now.
    return replace(item, number=numbers.get(item.id, item.number))


def _draft(raw: msgspec.Raw) -> Draft | Result:
    try:
        return msgspec.json.decode(raw, type=Draft)
    except (msgspec.DecodeError, RecursionError) as error:
        return Result(0, "refused", reason="bad-arguments", what=_field(error))


def _field(error: Exception) -> str:
    # msgspec names the place as "… - at `$.channel`"; what stood there is the caller's and is not repeated.
    _, found, place = str(error).rpartition("`$.")
    named: Any = place.rstrip("`") if found else ""
    return f"The field {named} is wrong." if named and len(named) < 40 else "The item cannot be read."
