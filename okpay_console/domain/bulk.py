"""One change for many tickets at once: the operation for each, and which tickets stay as they are and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from typing import Final, Literal, assert_never, get_args

import msgspec

from .. import errors
from . import ops
from .author import Author
from .ticket import PRIORITIES, Ticket

Lever = Literal["assign", "priority", "queue"]
LEVERS: Final[tuple[Lever, ...]] = get_args(Lever)
_HANDS_OVER: Final = frozenset({"supervisor", "admin"})
_WORKS: Final = frozenset({"agent", *_HANDS_OVER})
_FROM_HANDS: Final = frozenset({"assign", "queue"})
"""What takes a ticket out of the hands of whoever works on it at this moment."""


class Change(msgspec.Struct, frozen=True):
    """What is wanted: another owner, priority or queue."""

    lever: Lever
    value: str


class Stays(msgspec.Struct, frozen=True):
    """A ticket that does not change. ``why`` is role, no-ticket (another's queue, or gone), closed, same (it is so already), held
    (by ``who``, whose claim lives), or the code of what the rules of the house have against it."""

    ticket: str
    why: str
    who: str = ""


class Doing(msgspec.Struct, frozen=True):
    """A ticket that changes: as it was seen, and the operation."""

    before: Ticket
    op: ops.AnyOp


class Plan(msgspec.Struct, frozen=True):
    """A bulk change before it is carried out."""

    change: Change
    doing: tuple[Doing, ...] = ()
    staying: tuple[Stays, ...] = ()

    @property
    def operations(self) -> tuple[ops.AnyOp, ...]:
        return tuple(one.op for one in self.doing)

    @property
    def reasons(self) -> dict[str, int]:
        """How many tickets stay for which reason, the most frequent first."""
        return dict(Counter(one.why for one in self.staying).most_common())


def barred(role: str, lever: Lever) -> bool:
    """Whether the role has not got this lever at all; "" (the server has not said yet) bars nothing: the server judges."""
    return bool(role) and role not in (_HANDS_OVER if lever == "assign" else _WORKS)


def one(
    ticket_id: str, ticket: Ticket | None, change: Change, *, author: Author, role: str, rules: ops.Rules = ops.NO_RULES
) -> Doing | Stays:
    """What a change means for one ticket as it is seen; None: this desk has it not.

    Never raises for a ticket. A ticket under a living claim of somebody else is not taken from under his hands in bulk, and an
    agent moves nothing that another holds at all (``server.policy`` judges the same).
    """
    if barred(role, change.lever):
        return Stays(ticket_id, "role")
    if ticket is None:
        return Stays(ticket_id, "no-ticket")
    if ticket.status == "closed":
        return Stays(ticket_id, "closed")
    if _value(ticket, change.lever) == change.value:
        return Stays(ticket_id, "same")
    if change.lever in _FROM_HANDS and _held(ticket, author.name, author.now(), role):
        return Stays(ticket_id, "held", ticket.assignee or "")
    op = _operation(ticket, change, author)
    try:
        after = ops.apply(ticket, op, op.at, rules)
    except (errors.Refused, errors.NeedsReview) as error:
        return Stays(ticket_id, error.code)
    return Stays(ticket_id, "same") if after is ticket else Doing(ticket, op)


def plan(change: Change, judged: Iterable[Doing | Stays]) -> Plan:
    """All of them together, each ticket once, in their order."""
    doing: dict[str, Doing] = {}
    staying: dict[str, Stays] = {}
    for found in judged:
        if isinstance(found, Doing):
            doing.setdefault(found.op.ticket, found)
        else:
            staying.setdefault(found.ticket, found)
    return Plan(change, tuple(doing.values()), tuple(staying.values()))


def _value(ticket: Ticket, lever: Lever) -> str | None:
    match lever:
        case "assign":
            return ticket.assignee
        case "priority":
            return ticket.priority
        case "queue":
            return ticket.queue
    assert_never(lever)


def _held(ticket: Ticket, me: str, now: datetime, role: str) -> bool:
    if ticket.assignee in (None, me):
        return False
    if ticket.lease_until is None:
        # Given to somebody, without a claim: his own to move, or a supervisor's.
        return role == "agent"
    return ticket.lease_until >= now


def _operation(ticket: Ticket, change: Change, author: Author) -> ops.AnyOp:
    match change.lever:
        case "assign":
            return author.assign(ticket, change.value)
        case "priority":
            if change.value not in PRIORITIES:
                raise ValueError(change.value)
            return author.priority(ticket, change.value)
        case "queue":
            return author.queue(ticket, change.value)
    assert_never(change.lever)
