"""Who may do what: one table of roles and operations, and which queues a person sees."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Final, Literal, get_args

import msgspec

from .. import errors
from ..domain import ops
from ..domain.ticket import Ticket

Role = Literal["agent", "supervisor", "admin", "integration"]
ROLES: Final[tuple[Role, ...]] = get_args(Role)

_EVERY: Final = frozenset(ops.Op.__subclasses__())
_OPS: Final[Mapping[str, frozenset[type[ops.Op]]]] = {
    "agent": _EVERY,
    "supervisor": _EVERY,
    "admin": _EVERY,
    # A machine brings in what customers say; what is done about it is for people.
    "integration": frozenset({ops.NewTicket, ops.AddMessage}),
}
_CLAIM: Final = frozenset({"agent", "supervisor", "admin"})
_BATCH: Final = frozenset({"integration", "supervisor", "admin"})


class Who(msgspec.Struct, frozen=True):
    """The person or machine behind a token. No ``queues`` means all of them."""

    user: str
    role: str
    queues: frozenset[str]
    expires_at: datetime | None = None

    def sees(self, queue: str) -> bool:
        return not self.queues or queue in self.queues

    @property
    def scope(self) -> bytes:
        """Eight bytes that change when the visible queues change."""
        return hashlib.sha256("\n".join(sorted(self.queues)).encode()).digest()[:8]


def check_op(who: Who, ticket: Ticket | None, op: ops.AnyOp, now: datetime) -> None:
    """Raises Refused where this person may not do this to this ticket.

    A ticket of a queue that he does not see is the same as none, so that asking tells nothing.
    """
    if type(op) not in _OPS.get(who.role, frozenset()):
        raise errors.Refused("Your role does not allow this.", "Ask a supervisor.", code="forbidden")
    if isinstance(op, ops.NewTicket):
        if not who.sees(op.queue):
            raise errors.Refused("You do not work in this queue.", "Choose one of your queues.", code="no-queue")
        return
    if ticket is None or not who.sees(ticket.queue):
        raise errors.Refused("The ticket does not exist here.", "Check the ticket's id.", code="no-ticket")
    if who.role == "agent":
        _check_hands(who, ticket, op, now)


def _check_hands(who: Who, ticket: Ticket, op: ops.AnyOp, now: datetime) -> None:
    # An agent takes and gives back for himself alone; handing over is the supervisor's.
    if isinstance(op, ops.Assign):
        if op.assignee != who.user:
            raise errors.Refused("Only a supervisor assigns to others.", "Ask a supervisor.", code="forbidden")
        if holder(ticket, now) not in (None, who.user):
            raise errors.Refused("Somebody else holds this ticket.", "Ask the holder or a supervisor.", code="held")
    if isinstance(op, ops.Release) and ticket.assignee not in (None, who.user):
        raise errors.Refused("Somebody else holds this ticket.", "Ask the holder or a supervisor.", code="held")


def holder(ticket: Ticket, now: datetime) -> str | None:
    """Who holds the ticket: an assignment without a lease holds until it is changed, a claim until its lease ends."""
    if ticket.lease_until is not None and ticket.lease_until < now:
        return None
    return ticket.assignee


def check_claim(who: Who) -> None:
    """Raises Declined (403) where the role does not work on tickets."""
    if who.role not in _CLAIM:
        raise errors.Declined(403, "forbidden", "Your role does not claim tickets.", "Sign in as an agent.")


def check_batch(who: Who) -> None:
    """Raises Declined (403) where the role does not bring in tickets in bulk."""
    if who.role not in _BATCH:
        raise errors.Declined(403, "forbidden", "Your role does not import tickets.", "Ask for an integration user.")
