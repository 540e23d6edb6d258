"""Who may do what: one table of roles and operations, and which queues a person sees."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Final, Literal, get_args

import msgspec

from .. import errors
from ..domain import audited, ops
from ..domain.ticket import Ticket

Role = Literal["agent", "supervisor", "admin", "integration"]
ROLES: Final[tuple[Role, ...]] = get_args(Role)

WORKS: Final = frozenset({"agent", "supervisor", "admin"})
"""The roles of people who work on tickets."""
LEADS: Final = frozenset({"supervisor", "admin"})
"""The roles of people who may take whole values out."""
_MACHINES: Final = WORKS | {"integration"}

ALLOWED: Final[Mapping[type[ops.Op], frozenset[str]]] = {
    # A machine brings in what customers say and when their calls ring; what is done about it is for people.
    ops.NewTicket: _MACHINES,
    ops.AddMessage: _MACHINES,
    ops.Chase: _MACHINES,
    ops.MarkCall: _MACHINES,
    ops.AddNote: WORKS,
    ops.AddReply: WORKS,
    ops.SetField: WORKS,
    ops.Reveal: WORKS,
    ops.SetCategory: WORKS,
    ops.SetPriority: WORKS,
    ops.SetSubject: WORKS,
    ops.SetQueue: WORKS,
    ops.ChangeTags: WORKS,
    ops.LinkTicket: WORKS,
    ops.MergeTicket: WORKS,
    ops.SetStatus: WORKS,
    ops.Assign: WORKS,
    ops.HandOver: WORKS,
    ops.Escalate: WORKS,
    ops.Release: WORKS,
    ops.MakePromise: WORKS,
    ops.SettlePromise: WORKS,
    ops.TickStep: WORKS,
    ops.RateAnswer: WORKS,
    ops.WrapUp: WORKS,
    ops.Decide: WORKS,
    ops.Close: WORKS,
    ops.Reopen: WORKS,
    ops.Witness: WORKS,
}
"""The roles that may do each operation; one that is not listed is nobody's."""

_OF_THE_HOLDER: Final = (ops.Release, ops.SetQueue, ops.MergeTicket, ops.HandOver, ops.Escalate)
"""What takes a ticket out of somebody's hands: an agent does it to his own tickets and to those that nobody holds."""
_OF_MACHINES: Final = frozenset({"offered", "abandoned", "callback"})
"""What a telephone system sees of a call by itself; the rest is marked by whoever talks."""


class Who(msgspec.Struct, frozen=True):
    """The person or machine behind a token. No ``queues`` means all of them."""

    user: str
    role: str
    queues: frozenset[str]
    expires_at: datetime | None = None
    session: str = ""

    def sees(self, queue: str) -> bool:
        return not self.queues or queue in self.queues

    @property
    def scope(self) -> bytes:
        """Eight bytes that change when the visible queues change, the role, or what is told of the other queues (the number).

        A console whose role was changed thereby lists again, and before that asks who it is.
        """
        told = ["3", self.role, *sorted(self.queues)]
        return hashlib.sha256("\n".join(told).encode()).digest()[:8]


def check_op(who: Who, ticket: Ticket | None, op: ops.AnyOp, now: datetime) -> None:
    """Raises Refused where this person may not do this to this ticket.

    A ticket of a queue that he does not see is the same as none, so that asking tells nothing. A witness needs no ticket.
    """
    if who.role not in ALLOWED.get(type(op), frozenset()):
        raise errors.Refused("Your role does not allow this.", "Ask a supervisor.", code="forbidden")
    if isinstance(op, ops.Witness):
        if audited.takes_whole(op) and who.role not in LEADS:
            raise errors.Refused("Your role does not export whole values.", "Ask a supervisor.", code="forbidden")
        return
    if isinstance(op, ops.NewTicket):
        if not who.sees(op.queue):
            raise errors.Refused("You do not work in this queue.", "Choose one of your queues.", code="no-queue")
        return
    if ticket is None or not who.sees(ticket.queue):
        raise errors.Refused("The ticket does not exist here.", "Check the ticket's id.", code="no-ticket")
    if who.role == "agent":
        _check_hands(who, ticket, op, now)
    if who.role == "integration" and isinstance(op, ops.MarkCall) and op.event not in _OF_MACHINES:
        raise errors.Refused("A machine only tells when a call rings or is given up.", "", code="forbidden")


def _check_hands(who: Who, ticket: Ticket, op: ops.AnyOp, now: datetime) -> None:
    # An agent takes and gives back for himself alone; assigning without a note is the supervisor's.
    free = holder(ticket, now) in (None, who.user)
    if isinstance(op, ops.Assign) and op.assignee != who.user:
        raise errors.Refused("Only a supervisor assigns to others.", "Hand it over with a note.", code="forbidden")
    if isinstance(op, (ops.Assign, *_OF_THE_HOLDER)) and not free:
        raise _held()
    if isinstance(op, (ops.MarkCall, ops.WrapUp)) and op.call:
        agent = next((call.agent for call in ticket.calls if call.id == op.call), "")
        if agent not in ("", who.user):
            raise errors.Refused("A colleague has this call.", "Take another one.", code="call-taken")
        free = free or agent == who.user
    if isinstance(op, ops.WrapUp) and not free:
        raise _held()


def _held() -> errors.Refused:
    return errors.Refused("Somebody else holds this ticket.", "Ask the holder or a supervisor.", code="held")


def holder(ticket: Ticket, now: datetime) -> str | None:
    """Who holds the ticket: an assignment without a lease holds until it is changed, a claim until its lease ends."""
    if ticket.lease_until is not None and ticket.lease_until < now:
        return None
    return ticket.assignee
