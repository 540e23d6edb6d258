"""The one door through which a ticket changes: ``apply``, the same on the server and in every console."""

from __future__ import annotations

from datetime import datetime

from msgspec.structs import replace

from .. import errors
from .effects import APPLIERS, Rules, new_ticket
from .operations import (
    AddMessage,
    AddNote,
    AddReply,
    AnyOp,
    Assign,
    ChangeTags,
    Close,
    Decide,
    Guard,
    LinkTicket,
    MakePromise,
    NewTicket,
    Op,
    Release,
    Reopen,
    SetCategory,
    SetField,
    SetPriority,
    SetStatus,
    SetSubject,
    SettlePromise,
    TickStep,
)
from .ticket import Ticket

__all__ = [
    "NO_RULES",
    "AddMessage",
    "AddNote",
    "AddReply",
    "AnyOp",
    "Assign",
    "ChangeTags",
    "Close",
    "Decide",
    "Guard",
    "LinkTicket",
    "MakePromise",
    "NewTicket",
    "Op",
    "Release",
    "Reopen",
    "Rules",
    "SetCategory",
    "SetField",
    "SetPriority",
    "SetStatus",
    "SetSubject",
    "SettlePromise",
    "TickStep",
    "apply",
]

NO_RULES = Rules()


def apply(ticket: Ticket | None, op: AnyOp, now: datetime, rules: Rules = NO_RULES) -> Ticket:
    """The ticket after ``op`` at ``now``; the very same ticket where the operation changes nothing or has happened already.

    Raises ``Refused`` for what can never succeed and ``NeedsReview`` where a guarded field moved since the author saw it.
    """
    if isinstance(op, NewTicket):
        return new_ticket(ticket, op, now, rules)
    if ticket is None:
        raise errors.Refused("The ticket does not exist here.", "Check the ticket's id.", code="no-ticket")
    if any(entry.id == op.uuid for entry in ticket.timeline):
        return ticket
    after = APPLIERS[type(op)](ticket, op, now, rules)
    return ticket if after is ticket else replace(after, updated_at=now)
