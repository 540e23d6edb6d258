"""The one door through which a ticket changes: ``apply``, the same on the server and in every console."""

from __future__ import annotations

from datetime import datetime
from itertools import combinations
from typing import TypeGuard

from msgspec.structs import replace

from .. import errors
from . import erasure, secret
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
    _check_halves(ticket, op)
    if ticket.erased_at is not None:
        erasure.check(op)
    after = APPLIERS[type(op)](ticket, op, now, rules)
    if after is ticket:
        return ticket
    if after.handover is not None and after.handover is ticket.handover and _takes_up(ticket, op):
        after = replace(after, handover=None)
    if ticket.erased_at is not None:
        after = erasure.wordless(after)
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
            raise _refusal(op, found[0].kind)


_LATELY = 20
"""Entries of the timeline among which the same author's former words are looked for: whoever reads a number out goes on at once."""


_FORMER = 3
"""Own entries that may hold the earlier pieces: a word in between, or a number in four parts, hides nothing."""


def _check_halves(ticket: Ticket, op: AnyOp) -> None:
    """``SecretRefused`` where a note or a reply completes the secret that its author's last ``_FORMER`` ones began.

    Any of them may be a filler, so the text is read behind each choice of them, in their order.
    """
    if not isinstance(op, AddNote | AddReply):
        return
    own = [entry.text for entry in ticket.timeline[-_LATELY:] if entry.by == op.by and entry.kind in ("note", "reply")]
    own = own[-_FORMER:]
    text = op.text[: secret.AROUND]
    for count in range(1, len(own) + 1):
        for chosen in combinations(own, count):
            if half := secret.joined(" ".join(chosen), text):
                raise _refusal(op, half)


def _refusal(op: AnyOp, kind: secret.SecretKind) -> errors.SecretRefused:
    # A first contact that was refused has no ticket.
    ticket = "" if isinstance(op, NewTicket) else op.ticket
    return errors.SecretRefused(
        f"The text carries {_SECRETS[kind]}, which must never be kept.",
        "Take it out; of a card only the last four digits may stay.",
        kind=kind,
        ticket=ticket,
    )
