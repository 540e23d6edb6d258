"""The one door through which a ticket changes: ``apply``, the same on the server and in every console."""

from __future__ import annotations

from datetime import datetime

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

    Raises ``Refused`` for what can never succeed (``SecretRefused`` where a text carries a secret) and ``NeedsReview`` where
    a guarded field moved since the author saw it. Neither message quotes a text.
    """
    if ticket is not None and any(entry.id == op.uuid for entry in ticket.timeline):
        return ticket
    _judge_texts(op)
    if isinstance(op, NewTicket):
        return new_ticket(ticket, op, now, rules)
    if ticket is None:
        raise errors.Refused("The ticket does not exist here.", "Check the ticket's id.", code="no-ticket")
    after = APPLIERS[type(op)](ticket, op, now, rules)
    return ticket if after is ticket else replace(after, updated_at=now)


_SECRETS: dict[secret.SecretKind, str] = {
    "card": "a whole card number",
    "code": "a one-time code",
    "password": "a password or PIN",
    "cvv": "a card security code",
}


def _judge_texts(op: AnyOp) -> None:
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
