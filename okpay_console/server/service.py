"""Judges mutations: each one is applied, recorded and numbered in one transaction, exactly once."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from datetime import datetime
from typing import Any, Final

import msgspec
from sqlalchemy import Connection, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from .. import errors
from ..domain import ops, wire
from ..domain.ticket import Ticket
from . import history
from .clock import millis
from .db import Database
from .policy import Who, check_op
from .schema import clients, log, mutations, tickets

_logger = logging.getLogger("okpay.server")
ID: Final = re.compile(r"[A-Za-z0-9._:-]{1,64}")
LABEL: Final = re.compile(r"[^\x00-\x1f\x7f]*")
"""What may become a column: PostgreSQL's text cannot hold a NUL."""
_MAX_MID: Final = 1 << 53


class RawPush(msgspec.Struct, frozen=True):
    """``wire.Push`` whose items are decoded one by one, so that a spoilt item is refused alone and blocks nobody."""

    client: str
    items: list[msgspec.Raw]


class _Place(msgspec.Struct, frozen=True):
    """The part of an item without which it cannot even be refused."""

    mid: int
    uuid: str
    prev: str
    id: str = ""
    name: str = ""


async def push(
    db: Database, who: Who, sent: RawPush, *, clock: Callable[[], datetime], rules: ops.Rules
) -> wire.PushReply:
    """Records the items in order and says what became of each (``facts`` on the protocol, §2.3).

    Declined: 409 client-forked, 409 mid-gap, 413, 422. What was recorded before a 409 stays recorded.
    """
    if not ID.fullmatch(sent.client):
        raise errors.Declined(422, "bad-request", "The client's id cannot be used.", "Make a fresh store.")
    if len(sent.items) > wire.PUSH_ITEMS:
        raise errors.Declined(
            413, "too-large", "Too many mutations in one request.", f"Send {wire.PUSH_ITEMS} at most."
        )
    places = [_place(raw) for raw in sent.items]
    outcomes = []
    last = wire.Last()
    for raw, place in zip(sent.items, places, strict=True):

        def work(conn: Connection, raw: msgspec.Raw = raw, place: _Place = place) -> tuple[wire.Outcome, wire.Last]:
            return _one(conn, who, sent.client, raw, place, now=clock(), rules=rules)

        outcome, last = await db.write(work)
        outcomes.append(outcome)
    if not sent.items:
        standing = await db.read(lambda conn: _standing(conn, who, sent.client))
        last = standing or wire.Last()
    return wire.PushReply(outcomes, last, clock())


def _one(
    conn: Connection, who: Who, client: str, raw: msgspec.Raw, place: _Place, *, now: datetime, rules: ops.Rules
) -> tuple[wire.Outcome, wire.Last]:
    last = _standing(conn, who, client, bind=True)
    assert last is not None
    if place.mid <= last.mid:
        return _again(conn, client, place, last), last
    if place.mid > last.mid + 1:
        raise errors.Declined(
            409, "mid-gap", "Mutations are missing before this one.", "Send them first.", expect=last.mid + 1
        )
    if place.prev != last.uuid:
        raise _forked("The mutation does not follow the last one that was recorded.", last.mid + 1)
    outcome, seq = _record(conn, who, raw, place, now=now, rules=rules)
    conn.execute(insert(log).values(client=client, mid=place.mid, uuid=place.uuid, seq=seq, state=outcome.state))
    mark = update(clients).where(clients.c.client == client)
    conn.execute(mark.values(last_mid=place.mid, last_uuid=place.uuid))
    return msgspec.structs.replace(outcome, mid=place.mid), wire.Last(place.mid, place.uuid)


def _record(
    conn: Connection, who: Who, raw: msgspec.Raw, place: _Place, *, now: datetime, rules: ops.Rules
) -> tuple[wire.Outcome, int]:
    seen = (conn.execute(select(mutations).where(mutations.c.uuid == place.uuid))).one_or_none()
    if seen is not None:
        # Numbered again by a client that made itself a new id: the effect is there already, only the log grows.
        return msgspec.json.decode(seen.outcome, type=wire.Outcome), (history.commit(conn, now=now)).seq
    before, after, outcome = judge(conn, who, raw, place, now=now, rules=rules)
    puts = [] if after is None or after is before else [after]
    seq = (history.commit(conn, now=now, puts=puts)).seq
    keep(conn, who, outcome, name=place.name[:64], seq=seq, now=now)
    return outcome, seq


def keep(
    conn: Connection,
    who: Who,
    outcome: wire.Outcome,
    *,
    name: str,
    seq: int,
    now: datetime,
    fingerprint: str | None = None,
) -> None:
    """Writes down what became of a mutation; its uuid is thereby used."""
    conn.execute(
        insert(mutations).values(
            uuid=outcome.uuid,
            user=who.user,
            ticket=outcome.ticket,
            name=name if LABEL.fullmatch(name) else "",
            seq=seq,
            state=outcome.state,
            outcome=msgspec.json.encode(outcome).decode(),
            fingerprint=fingerprint,
            at=millis(now),
        )
    )


def judge(
    conn: Connection, who: Who, raw: msgspec.Raw, place: _Place, *, now: datetime, rules: ops.Rules
) -> tuple[Ticket | None, Ticket | None, wire.Outcome]:
    """The ticket before and after, and the outcome; what cannot be done is an outcome, never an error."""
    ticket = place.id if ID.fullmatch(place.id) else ""
    before: Ticket | None = None
    try:
        op = wire.to_op(_item(raw), by=who.user)
        if not ticket:
            raise errors.Refused("The ticket's id cannot be used.", "Make a new ticket.", code="bad-arguments")
        before = history.load(conn, ticket)
        after = decide(conn, who, before, op, now=now, rules=rules)
    except errors.Refused as error:
        outcome = wire.Outcome(
            place.uuid, "rejected", ticket, mid=place.mid, code=error.code, what=error.what, advice=error.advice
        )
        return before, None, outcome
    except errors.NeedsReview as error:
        outcome = wire.Outcome(
            place.uuid, "review", ticket, mid=place.mid, code=error.code, what=error.what, advice=error.advice,
            field=error.field, base=error.base, mine=error.mine, theirs=error.theirs,
        )  # fmt: skip
        return before, None, outcome
    return before, after, wire.Outcome(place.uuid, "confirmed", ticket, mid=place.mid)


def decide(
    conn: Connection,
    who: Who,
    before: Ticket | None,
    op: ops.AnyOp,
    *,
    now: datetime,
    rules: ops.Rules,
    unseen: bool = False,
) -> Ticket:
    """The ticket after ``op``, by the same rules as in every console plus those only the server can check.

    ``unseen``: the caller has made sure that a new ticket's ids are new.
    """
    check_op(who, before, op, now)
    if isinstance(op, ops.NewTicket) and before is None:
        _check_labels(op)
        if not unseen:
            _check_new(conn, op)
    try:
        after = ops.apply(before, op, now, rules)
    except (errors.Refused, errors.NeedsReview):
        raise
    except Exception as error:
        # The rules are pure: what they fail on once, they fail on always. Recorded, so that it cannot block the client's log.
        _logger.error("an operation %s could not be judged: %s", type(op).__name__, type(error).__name__)
        raise errors.Refused("The server could not carry this out.", "Report it.", code="not-applicable") from None
    if after is not before and len(msgspec.json.encode(after)) > history.MAX_DOC:
        raise errors.Refused("The ticket would become too large.", "Go on in a new ticket.", code="too-large")
    return after


def _check_labels(op: ops.NewTicket) -> None:
    lengths = ((op.queue, 64), (op.category, 64), (op.external_id, 200))
    if not all(len(value) <= most and LABEL.fullmatch(value) for value, most in lengths):
        raise errors.Refused("A name in the new ticket cannot be used.", "Shorten it.", code="bad-arguments")


def _check_new(conn: Connection, op: ops.NewTicket) -> None:
    taken = select(tickets.c.id).where(tickets.c.id == op.ticket)
    if op.external_id:
        taken = select(tickets.c.id).where((tickets.c.id == op.ticket) | (tickets.c.external_id == op.external_id))
    if (conn.execute(taken)).first() is not None:
        raise errors.Refused("This ticket exists already.", "Open it instead.", code="exists")


def _standing(conn: Connection, who: Who, client: str, *, bind: bool = False) -> wire.Last | None:
    """The client's high-water mark, locked; ``bind`` makes the client this user's where it is nobody's yet."""
    query = select(clients).where(clients.c.client == client).with_for_update()
    row = (conn.execute(query)).one_or_none()
    if row is None and bind:
        make: Any = sqlite.insert if conn.dialect.name == "sqlite" else postgresql.insert
        fresh = make(clients).values(client=client, user=who.user, last_mid=0, last_uuid="")
        conn.execute(fresh.on_conflict_do_nothing())
        row = (conn.execute(query)).one()
    if row is None:
        return None
    if row.user != who.user:
        raise _forked("This store belongs to another user.", 0)
    return wire.Last(row.last_mid, row.last_uuid)


def _again(conn: Connection, client: str, place: _Place, last: wire.Last) -> wire.Outcome:
    query = (
        select(log.c.uuid, mutations.c.outcome)
        .join(mutations, mutations.c.uuid == log.c.uuid)
        .where(log.c.client == client, log.c.mid == place.mid)
    )
    row = (conn.execute(query)).one_or_none()
    if row is None and (place.mid, place.uuid) == (last.mid, last.uuid):
        # Only confirmed ones are trimmed.
        return wire.Outcome(place.uuid, "confirmed", place.id if ID.fullmatch(place.id) else "", mid=place.mid)
    if row is None or row.uuid != place.uuid:
        raise _forked("Another mutation was recorded under this number.", 0)
    return msgspec.structs.replace(msgspec.json.decode(row.outcome, type=wire.Outcome), mid=place.mid)


def _forked(what: str, expect: int) -> errors.Declined:
    return errors.Declined(409, "client-forked", what, "Number the mutations again under a new client.", expect=expect)


def _place(raw: msgspec.Raw) -> _Place:
    try:
        place = msgspec.json.decode(raw, type=_Place)
    except (msgspec.DecodeError, RecursionError) as error:
        raise errors.Declined(422, "bad-request", "A mutation cannot be read.", "Update this console.") from error
    if not 1 <= place.mid < _MAX_MID or not ID.fullmatch(place.uuid):
        raise errors.Declined(422, "bad-request", "A mutation has no usable number or id.", "Update this console.")
    return place


def _item(raw: msgspec.Raw) -> wire.Item:
    try:
        return msgspec.json.decode(raw, type=wire.Item)
    except (msgspec.DecodeError, RecursionError) as error:
        raise errors.Refused(
            "The server does not understand this operation.", "Update this console.", code="bad-arguments"
        ) from error
