"""What leaves the program as a file: tickets, their timelines, answers and the daybook as flat records with stable keys.

Personal values are masked as on the screen: the caller and the checklist by ``privacy.mask``, what people wrote by ``veil``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any, Final, Literal

import msgspec
from msgspec.structs import asdict

from .answers import Answer
from .privacy import mask, mask_caller
from .secret import CARD_ALLOWED
from .ticket import Entry, FieldAnswer, Ticket
from .veil import veil

Kind = Literal["tickets", "timeline", "calls", "daybook", "answers", "audit"]
KINDS: Final[tuple[Kind, ...]] = ("tickets", "timeline", "calls", "daybook", "answers", "audit")

MARK: Final = "okpay_export"
"""The column by which an import knows a ticket that this program has written: ``1:whole``, or ``1:masked`` if it was not whole."""
WHOLE: Final = "1:whole"
MASKED: Final = "1:masked"

TICKETS: Final = (
    "id", "number", "subject", "channel", "category", "status", "priority", "queue", "assignee", "name", "mobile", "email",
    "handle", "text", "tags", "external_id", "created_at", "updated_at", "closed_at", "disposition", "summary", "level",
    "chases", "merged_into", "links", "response_due", "resolve_due", "responded_at", "resolved_at", "answers", "steps",
    "promises", "decisions", "handover", "hops", "helped", "calls", "entries", "rev", "pending", MARK,
)  # fmt: skip
TIMELINE: Final = ("ticket", "number", "id", "at", "said_at", "kind", "by", "text", "data", "pending")
ANSWERS: Final = (
    "id", "lang", "title", "category", "keywords", "body", "steps", "spoken", "written", "placeholders",
)  # fmt: skip
DAYBOOK: Final = (
    "uuid", "seq", "at", "kind", "by", "about", "queue", "ticket", "what", "reason", "until", "words",
)  # fmt: skip

Record = dict[str, Any]
_Show = Callable[[str], str]


class Span(msgspec.Struct, frozen=True):
    """The moments from ``begins`` up to but not including ``ends``; None: without that end."""

    begins: datetime | None = None
    ends: datetime | None = None

    def holds(self, at: datetime) -> bool:
        return (self.begins is None or at >= self.begins) and (self.ends is None or at < self.ends)


def ticket_record(ticket: Ticket, *, whole: bool, pending: bool = False) -> Record:
    """A ticket as one record; the columns of ``import tickets`` are among its keys.

    ``pending``: it has operations of this console that the server has not confirmed. ``entries`` counts its timeline.
    """
    record = _ticket(ticket, whole=True, pending=pending)
    if whole:
        return {**record, MARK: WHOLE}
    hidden = _ticket(ticket, whole=False, pending=pending)
    return {**hidden, MARK: WHOLE if hidden == record else MASKED}


def timeline_records(
    ticket: Ticket, span: Span, *, whole: bool, pending: frozenset[str] = frozenset()
) -> Iterator[Record]:
    """The entries of a ticket's timeline within a span, oldest first; ``pending`` are the ids of unconfirmed ones."""
    for entry in ticket.timeline:
        if span.holds(entry.at):
            yield _entry(ticket, entry, whole=whole, pending=entry.id in pending)


def answer_record(answer: Answer) -> Record:
    """A canned answer in one language; it holds nothing personal."""
    return {name: msgspec.to_builtins(getattr(answer, name)) for name in ANSWERS}


def line_record(line: msgspec.Struct, *, whole: bool) -> Record:
    """A line of the daybook; what was said to somebody, or searched for, is masked."""
    told: Record = {name: msgspec.to_builtins(getattr(line, name)) for name in DAYBOOK}
    return told if whole else {**told, "words": veil(told["words"])}


def shown_value(field: str, value: str) -> str:
    """A checklist value as it may be shown; numbers by which a matter is found stay whole."""
    masked = mask(field, value)
    return masked if masked != value or field in CARD_ALLOWED else veil(value)


def _ticket(ticket: Ticket, *, whole: bool, pending: bool) -> Record:
    show: _Show = str if whole else veil
    caller = ticket.caller if whole else mask_caller(ticket.caller)
    first = next((entry.text for entry in ticket.timeline if entry.kind == "created"), "")
    sla, note = ticket.sla, ticket.handover
    return {
        "id": ticket.id,
        "number": ticket.number,
        "subject": show(ticket.subject),
        "channel": ticket.channel,
        "category": ticket.category,
        "status": ticket.status,
        "priority": ticket.priority,
        "queue": ticket.queue,
        "assignee": ticket.assignee,
        **asdict(caller),
        "text": show(first),
        "tags": [show(tag) for tag in ticket.tags],
        "external_id": show(ticket.external_id),
        "created_at": _time(ticket.created_at),
        "updated_at": _time(ticket.updated_at),
        "closed_at": _time(ticket.closed_at),
        "disposition": ticket.disposition,
        "summary": show(ticket.summary),
        "level": ticket.level,
        "chases": ticket.chases,
        "merged_into": ticket.merged_into,
        "links": {other: ticket.link_kinds.get(other, "related") for other in ticket.links},
        "response_due": _time(sla.response_due),
        "resolve_due": _time(sla.resolve_due),
        "responded_at": _time(sla.responded_at),
        "resolved_at": _time(sla.resolved_at),
        "answers": {field: _answer(field, answer, whole=whole) for field, answer in ticket.answers.items()},
        "steps": ticket.steps,
        "promises": [_worded(one, "text", show) for one in ticket.promises],
        "decisions": {kind: _plain(one) for kind, one in ticket.decisions.items()},
        "handover": None if note is None else _worded(note, "note", show),
        "hops": [_worded(one, "note", show) for one in ticket.hops],
        "helped": ticket.helped,
        "calls": len(ticket.calls),
        "entries": len(ticket.timeline),
        "rev": ticket.rev,
        "pending": pending,
    }


def _entry(ticket: Ticket, entry: Entry, *, whole: bool, pending: bool) -> Record:
    show: _Show = str if whole else veil
    return {
        "ticket": ticket.id,
        "number": ticket.number,
        "id": entry.id,
        "at": _time(entry.at),
        "said_at": _time(entry.said_at),
        "kind": entry.kind,
        "by": entry.by,
        "text": show(entry.text),
        "data": {key: show(value) for key, value in entry.data.items()},
        "pending": pending,
    }


def _answer(field: str, answer: FieldAnswer, *, whole: bool) -> Record:
    told = _plain(answer)
    return told if whole else {**told, "value": shown_value(field, answer.value)}


def _worded(one: msgspec.Struct, name: str, show: _Show) -> Record:
    told = _plain(one)
    return {**told, name: show(str(told[name]))}


def _plain(one: msgspec.Struct) -> Record:
    """Every field, defaults included: whoever reads the file should not have to know our defaults."""
    return {name: msgspec.to_builtins(getattr(one, name)) for name in one.__struct_fields__}


def _time(at: datetime | None) -> str | None:
    return None if at is None else str(msgspec.to_builtins(at))


COLUMNS: Final[Mapping[str, tuple[str, ...]]] = {
    "tickets": TICKETS, "timeline": TIMELINE, "answers": ANSWERS, "daybook": DAYBOOK,
}  # fmt: skip
