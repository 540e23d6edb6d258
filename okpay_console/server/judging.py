"""What becomes of one operation: the rules of every console, and those that only the server can check."""

from __future__ import annotations

import logging
import re
from datetime import datetime
from typing import Final

import msgspec
from msgspec.structs import replace
from sqlalchemy import ColumnElement, Connection, and_, or_, select

from .. import errors
from ..domain import audited, ops, wire
from ..domain.ticket import Ticket
from . import history
from .policy import WORKS, Who, check_op
from .schema import tickets, users

_logger = logging.getLogger("okpay.server")
ID: Final = re.compile(r"[A-Za-z0-9._:-]{1,64}")
LABEL: Final = re.compile(r"[^\x00-\x1f\x7f]*")
"""What may become a column: PostgreSQL's text cannot hold a NUL."""
_COLUMNS: Final = (("queue", 64), ("category", 64), ("assignee", 64), ("to", 64), ("into", 64), ("external_id", 200))
_HOPS: Final = 32
"""Merges in a row that are followed; a chain this long is nobody's work."""


class Judged(msgspec.Struct, frozen=True):
    """``op`` is None where it could not be read; ``after`` where it was not taken, or changes no ticket at all.

    ``secret`` is the kind of the secret that it was refused for, "" for none.
    """

    op: ops.AnyOp | None
    before: Ticket | None
    after: Ticket | None
    outcome: wire.Outcome
    secret: str = ""

    @property
    def changed(self) -> bool:
        return self.after is not None and self.after is not self.before


def judge(
    conn: Connection, who: Who, raw: msgspec.Raw, uuid: str, place: str, *, now: datetime, rules: ops.Rules
) -> Judged:
    """The ticket ``place`` before and after one mutation; what cannot be done is an outcome, never an error."""
    ticket = place if ID.fullmatch(place) else ""
    op: ops.AnyOp | None = None
    before: Ticket | None = None
    try:
        op = wire.to_op(_item(raw), by=who.user)
        if isinstance(op, ops.Witness):
            # Without a ticket, or about one that this server has yet to hear of: it is recorded all the same.
            check_op(who, None, op, now)
            audited.check(op)
            return Judged(op, None, None, wire.Outcome(uuid, "confirmed", ticket))
        if not ticket:
            raise errors.Refused("The ticket's id cannot be used.", "Make a new ticket.", code="bad-arguments")
        before = history.load(conn, ticket, queues=who.queues)
        home = _home(conn, before, op)
        if home is not before and home is not None:
            # Who may say it there may say it here: nothing is told of the ticket that it went into but its id.
            check_op(who, before, op, now)
            before, ticket, op = home, home.id, _redirected(op, home.id)
            after = decide(conn, who, before, op, now=now, rules=rules, allowed=True)
        else:
            after = decide(conn, who, before, op, now=now, rules=rules)
    except errors.Refused as error:
        outcome = wire.Outcome(uuid, "rejected", ticket, code=error.code, what=error.what, advice=error.advice)
        return Judged(op, before, None, outcome, error.kind if isinstance(error, errors.SecretRefused) else "")
    except errors.NeedsReview as error:
        outcome = wire.Outcome(
            uuid, "review", ticket, code=error.code, what=error.what, advice=error.advice,
            field=error.field, base=error.base, mine=error.mine, theirs=error.theirs,
        )  # fmt: skip
        return Judged(op, before, None, outcome)
    return Judged(op, before, after, wire.Outcome(uuid, "confirmed", ticket))


def decide(
    conn: Connection,
    who: Who,
    before: Ticket | None,
    op: ops.AnyOp,
    *,
    now: datetime,
    rules: ops.Rules,
    unseen: bool = False,
    allowed: bool = False,
) -> Ticket:
    """The ticket after ``op``, by the same rules as in every console plus those only the server can check.

    ``unseen``: the caller has made sure that a new ticket's ids are new; ``allowed``: that the person may do this.
    """
    if not allowed:
        check_op(who, before, op, now)
    _check_labels(op)
    if isinstance(op, ops.NewTicket) and before is None and not unseen:
        _check_new(conn, who, op)
    if isinstance(op, ops.HandOver) and op.to:
        _check_colleague(conn, op.to)
    if isinstance(op, ops.Assign) and op.assignee and op.assignee != who.user:
        _check_colleague(conn, op.assignee)
    if isinstance(op, ops.MergeTicket):
        _check_merge(conn, who, op)
    if isinstance(op, ops.LinkTicket) and op.kind == "merged" and not op.gone:
        _check_merged(conn, who, op)
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


def _home(conn: Connection, ticket: Ticket | None, op: ops.AnyOp) -> Ticket | None:
    """The ticket that an operation belongs to: what a caller says about a merged one goes to the one it went into.

    A channel knows the ticket that it opened and nothing of merges; whoever works on the matter must see what comes. The way
    ends where a ticket is in no other, is gone, or stands on the way already (merges in a circle).
    """
    if ticket is None or not isinstance(op, (ops.AddMessage, ops.Chase)):
        return ticket
    passed = {ticket.id}
    while ticket.merged_into and ticket.merged_into not in passed and len(passed) < _HOPS:
        passed.add(ticket.merged_into)
        following = history.load(conn, ticket.merged_into)
        if following is None:
            break
        ticket = following
    return ticket


def _redirected(op: ops.AnyOp, home: str) -> ops.AnyOp:
    moved = replace(op, ticket=home)
    # A caller who asked again in the very ticket that it went into has asked again there.
    return replace(moved, other="") if isinstance(moved, ops.Chase) and moved.other == home else moved


def _check_labels(op: ops.AnyOp) -> None:
    for name, most in _COLUMNS:
        value = getattr(op, name, None)
        if value and (len(value) > most or not LABEL.fullmatch(value)):
            raise errors.Refused("A name in this operation cannot be used.", "Shorten it.", code="bad-arguments")


def _check_new(conn: Connection, who: Who, op: ops.NewTicket) -> None:
    taken = select(tickets.c.id).where(tickets.c.id == op.ticket)
    if op.external_id:
        known = and_(tickets.c.external_id == op.external_id, known_to(who))
        taken = select(tickets.c.id).where(or_(tickets.c.id == op.ticket, known))
    if (conn.execute(taken)).first() is not None:
        raise errors.Refused("This ticket exists already.", "Open it instead.", code="exists")


def known_to(who: Who) -> ColumnElement[bool]:
    """That an external id is of a ticket which this person sees or has brought in himself; of others' nothing is told."""
    return or_(history.within(who.queues), tickets.c.brought_by == who.user)


def _check_colleague(conn: Connection, name: str) -> None:
    # A ticket that is given to a misspelt name would be nobody's, and nobody would know.
    query = select(users.c.role).where(users.c.name == name, users.c.disabled.is_(False))
    if conn.execute(query).scalar() not in WORKS:
        raise errors.Refused(
            f"There is no colleague {name}.", "Check the name, or hand over to a queue.", code="no-colleague"
        )


def _check_merge(conn: Connection, who: Who, op: ops.MergeTicket) -> None:
    """What the two tickets alone cannot tell: that the other is there, and that it is not a part of this one by now."""
    ticket: Ticket | None = None
    passed: set[str] = set()
    following = op.into
    while following and following not in passed and len(passed) < _HOPS:
        passed.add(following)
        found = history.load(conn, following, queues=() if ticket else who.queues)
        ticket = ticket or found
        following = found.merged_into if found is not None else ""
    if ticket is None or ticket.id != op.into:
        raise errors.Refused("The ticket to merge into does not exist here.", "Check its id.", code="no-ticket")
    if op.ticket in passed and op.ticket != op.into:
        raise errors.Refused(
            "The other ticket was merged into this one.", "Merge them the other way.", code="merge-loop"
        )


def _check_merged(conn: Connection, who: Who, op: ops.LinkTicket) -> None:
    # The other half of a merge stands only where the first one does: a merge that was refused leaves no trace here.
    other = history.load(conn, op.other, queues=who.queues)
    if other is None or op.ticket not in (other.merged_into, other.id):
        raise errors.Refused("The other ticket is not a part of this one.", "Merge it first.", code="not-merged")


class _Guard(ops.Guard, frozen=True, forbid_unknown_fields=True):
    """A condition that this server does not know cannot be kept by it."""


class _Item(wire.Item, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a newer console says of an operation is not to be dropped: it is refused, with what is to be updated."""

    guard: _Guard | None = None


def _item(raw: msgspec.Raw) -> wire.Item:
    try:
        return msgspec.json.decode(raw, type=_Item)
    except (msgspec.DecodeError, RecursionError) as error:
        code = "unknown-operation" if _says_more(raw) else "bad-arguments"
        raise errors.Refused(
            "The server does not understand this operation.", "Update the older of console and server.", code=code
        ) from error


def _says_more(raw: msgspec.Raw) -> bool:
    """Whether it could be read but for what is not known here."""
    try:
        msgspec.json.decode(raw, type=wire.Item)
    except (msgspec.DecodeError, RecursionError):
        return False
    return True
