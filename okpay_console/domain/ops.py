"""The one door through which a ticket changes: ``apply``, the same on the server and in every console."""

from __future__ import annotations

from datetime import datetime
from typing import TypeGuard

from msgspec.structs import replace

from .. import errors
from . import secret
from .effects import APPLIERS, Rules, new_ticket
from .operations import (
    MAX_TEXT,
    AddMessage,
    AddNote,
    AddReply,
    AnyOp,
    Assign,
    ChangeTags,
    Chase,
    Close,
    Decide,
    Escalate,
    Guard,
    HandOver,
    LinkTicket,
    MakePromise,
    MarkCall,
    MergeTicket,
    NewTicket,
    Op,
    RateAnswer,
    Release,
    Reopen,
    Reveal,
    SetCategory,
    SetField,
    SetPriority,
    SetQueue,
    SetStatus,
    SetSubject,
    SettlePromise,
    TickStep,
    Witness,
    WrapUp,
    texts,
)
from .ticket import Ticket

__all__ = [
    "MAX_TEXT",
    "NO_RULES",
    "AddMessage",
    "AddNote",
    "AddReply",
    "AnyOp",
    "Assign",
    "ChangeTags",
    "Chase",
    "Close",
    "Decide",
    "Escalate",
    "Guard",
    "HandOver",
    "LinkTicket",
    "MakePromise",
    "MarkCall",
    "MergeTicket",
    "NewTicket",
    "Op",
    "RateAnswer",
    "Release",
    "Reopen",
    "Reveal",
    "Rules",
    "SetCategory",
    "SetField",
    "SetPriority",
    "SetQueue",
    "SetStatus",
    "SetSubject",
    "SettlePromise",
    "TickStep",
    "Witness",
    "WrapUp",
    "apply",
    "check_texts",
    "is_witness",
]

NO_RULES = Rules()


def apply(ticket: Ticket | None, op: AnyOp, now: datetime, rules: Rules = NO_RULES) -> Ticket:
    """The ticket after ``op`` at ``now``; the very same ticket where the operation changes nothing or has happened already.

    Raises ``Refused`` for what can never succeed (``SecretRefused`` where a text carries a secret) and ``NeedsReview`` where
    a guarded field moved since the author saw it. Neither message quotes a text.
    """
    if ticket is not None and any(entry.id == op.uuid for entry in ticket.timeline):
        return ticket
    check_texts(op)
    if isinstance(op, NewTicket):
        return new_ticket(ticket, op, now, rules)
    if ticket is None:
        raise errors.Refused("The ticket does not exist here.", "Check the ticket's id.", code="no-ticket")
    if is_witness(op):
        return ticket
    after = APPLIERS[type(op)](ticket, op, now, rules)
    if after is ticket:
        return ticket
    if after.handover is not None and after.handover is ticket.handover and _takes_up(ticket, op):
        after = replace(after, handover=None)
    return replace(after, updated_at=now)


def is_witness(op: AnyOp) -> TypeGuard[Witness]:
    """Whether the operation is one that changes no ticket: whoever keeps it does so without ``apply``.

    On a ticket it would change nothing, and without one ``apply`` could only refuse it; its texts are judged by ``check_texts``.
    """
    return isinstance(op, Witness)


# Looking, taking, answering the telephone and hearing the customer are not yet work on what the former owner asked for.
_NO_WORK = (AddMessage, Assign, Chase, MarkCall, RateAnswer, Release, Reveal)


def _takes_up(ticket: Ticket, op: AnyOp) -> bool:
    """Whether the one who holds the ticket has done something to it, so that the note of the former owner has been heeded."""
    return op.by == ticket.assignee and not isinstance(op, _NO_WORK)


_SECRETS: dict[secret.SecretKind, str] = {
    "card": "a whole card number",
    "code": "a one-time code",
    "password": "a password or PIN",
    "cvv": "a card security code",
    "answer": "the answer to a security question",
}


def check_texts(op: AnyOp) -> None:
    """``SecretRefused`` where a text carries a secret, ``Refused`` (too-long) where one is longer than may be kept."""
    for field, text in texts(op):
        if len(text) > MAX_TEXT:
            raise errors.Refused(
                f"A text is longer than {MAX_TEXT} characters.", "Shorten it, or write it in parts.", code="too-long"
            )
        found = secret.find(text, field=field)
        if found:
            raise errors.SecretRefused(
                f"The text carries {_SECRETS[found[0].kind]}, which must never be kept.",
                "Take it out; of a card only the last four digits may stay.",
            )
