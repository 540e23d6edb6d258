"""An operation wanted once more, over what stands now: the same words with a new id and a fresh merge base."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from .. import errors
from ..domain import ops
from ..domain.author import REPLY_LIVES, Author
from ..domain.stale import answered
from ..domain.ticket import FieldAnswer, Ticket


def again(op: ops.AnyOp, ticket: Ticket | None, author: Author) -> ops.AnyOp:
    """The operation as its author would make it on seeing ``ticket``; ``Refused`` where there is no ticket any more."""
    now = author.now()
    fresh: dict[str, Any] = {"uuid": author.new_id(), "by": author.name, "at": now}
    if isinstance(op, ops.NewTicket):
        return replace(op, **fresh)
    if ticket is None:
        raise errors.Refused(
            "The ticket is no longer in your queues.", "Copy the words to another ticket.", code="no-ticket"
        )
    fresh["was"] = {field: _standing(ticket, field) for field in op.was}
    if op.guard is not None:
        fresh["guard"] = replace(
            op.guard,
            claim_no=None if op.guard.claim_no is None else ticket.claim_no,
            status=None if op.guard.status is None else ticket.status,
            expires_at=None if op.guard.expires_at is None else now + REPLY_LIVES,
            answered=None if op.guard.answered is None else _answered(ticket, author.name),
        )
    return replace(op, **fresh)


def _answered(ticket: Ticket, me: str) -> str:
    theirs = answered(ticket, me)
    return theirs.id if theirs is not None else ""


def _standing(ticket: Ticket, field: str) -> Any:
    """The value of a field by the name that a merge base uses for it."""
    kind, _, key = field.partition(".")
    if kind == "answers":
        return ticket.answers.get(key, FieldAnswer()).value
    if kind == "decisions":
        standing = ticket.decisions.get(key)
        return standing.verdict if standing else ""
    return getattr(ticket, kind, None)
