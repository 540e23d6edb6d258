"""What the caller's earlier tickets and the call itself tell already, so that nobody asks for it again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

import msgspec

from .checklist import Checklist, fields
from .ticket import Caller, Channel, FieldAnswer, Ticket

CALLER = "caller"
"""The source of what came with the contact itself: the number that calls, the address that writes."""

_TOLD = ("filled", "verified", "known")


class Known(msgspec.Struct, frozen=True):
    """One detail that is known: ``source`` is ``#20419`` (the ticket that it was told in) or ``caller`` (this contact)."""

    field: str
    value: str
    source: str


def known(
    earlier: Sequence[Ticket],
    listed: Checklist,
    answers: Mapping[str, FieldAnswer],
    *,
    caller: Caller | None = None,
    channel: Channel = "hotline",
) -> tuple[Known, ...]:
    """What can be filled in without asking, in the order of the checklist.

    Only fields that the checklist asks for, that nobody has touched yet, and that belong to the person or the phone rather than to
    one matter (``Checklist.carries``, from ``carries = true`` in the content's field list). What the contact itself brings goes
    first; then the newest word of ``earlier``, which may come in any order. "Asked, unknown" and "does not apply" of an
    earlier ticket tell nothing. A detail that was itself carried over names the ticket where the caller told it.
    """
    told = _by_field(earlier, listed.carries)
    brought = {"mobile": caller.mobile, "email": caller.email} if caller else {}
    found: list[Known] = []
    for field in fields(listed, answers, channel=channel):
        if answers.get(field, FieldAnswer()).state != "empty":
            continue
        if brought.get(field):
            found.append(Known(field, brought[field], CALLER))
        elif field in told:
            found.append(told[field])
    return tuple(found)


def _by_field(earlier: Sequence[Ticket], carries: frozenset[str]) -> dict[str, Known]:
    newest: dict[str, tuple[datetime, int, Known]] = {}
    for ticket in earlier:
        for field in carries & ticket.answers.keys():
            answer = ticket.answers[field]
            if answer.state not in _TOLD or not answer.value:
                continue
            source = answer.source if answer.source.startswith("#") else _name(ticket)
            told = (answer.at or ticket.updated_at, ticket.number, Known(field, answer.value, source))
            if field not in newest or told[:2] > newest[field][:2]:
                newest[field] = told
    return {field: told[2] for field, told in newest.items()}


def _name(ticket: Ticket) -> str:
    # A ticket that the server has not numbered yet is told apart by the start of its id, as the command line does.
    return f"#{ticket.number or ticket.id[:13]}"
