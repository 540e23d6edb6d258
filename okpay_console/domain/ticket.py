"""A ticket: one matter of one caller, from the first contact to the close."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal, get_args

import msgspec

Instant = Annotated[datetime, msgspec.Meta(tz=True)]
"""A time with its zone: one without would not compare with the others, so it is refused where it comes in."""

Channel = Literal["hotline", "chat", "email", "social"]
Status = Literal["new", "open", "pending", "closed"]
Priority = Literal["urgent", "high", "normal", "low"]
FieldState = Literal["empty", "known", "unknown", "na", "filled", "verified"]
PromiseState = Literal["open", "kept", "broken"]
EntryKind = Literal[
    "created", "message", "note", "reply", "field", "category", "priority", "subject", "tag", "link", "status",
    "assign", "claim", "release", "promise", "step", "call", "decision", "close", "reopen",
]  # fmt: skip

CHANNELS: tuple[Channel, ...] = get_args(Channel)
STATUSES: tuple[Status, ...] = get_args(Status)
PRIORITIES: tuple[Priority, ...] = get_args(Priority)
FIELD_STATES: tuple[FieldState, ...] = get_args(FieldState)


class Caller(msgspec.Struct, frozen=True, omit_defaults=True):
    """Who is asking. Every value is personal and is shown masked (``privacy``)."""

    name: str = ""
    mobile: str = ""
    email: str = ""
    handle: str = ""


class FieldAnswer(msgspec.Struct, frozen=True, omit_defaults=True):
    """One checklist detail: its value, how it is known, from where (a ticket number, "wallet"), by whom and since when."""

    value: str = ""
    state: FieldState = "empty"
    source: str = ""
    by: str = ""
    at: Instant | None = None


class Entry(msgspec.Struct, frozen=True, omit_defaults=True):
    """One line of the timeline. ``id`` is the operation's uuid, so that the same operation adds it once.

    ``text`` is somebody's words and never markup; ``data`` holds what the kind needs, all of it strings.
    """

    id: str
    kind: EntryKind
    at: Instant
    by: str = ""
    text: str = ""
    data: dict[str, str] = {}


class Promise(msgspec.Struct, frozen=True, omit_defaults=True):
    """What the caller was told would happen, and by when; it lives on when the ticket's status changes."""

    id: str
    text: str
    due_at: Instant
    made_by: str
    made_at: Instant
    state: PromiseState = "open"
    settled_at: Instant | None = None


class Decision(msgspec.Struct, frozen=True, omit_defaults=True):
    """A decision only people take (refund, identity, freeze). ``amount`` is a decimal string, ``currency`` ISO 4217."""

    verdict: str
    by: str
    at: Instant
    amount: str = ""
    currency: str = ""
    approved_by: str = ""


class Sla(msgspec.Struct, frozen=True, omit_defaults=True):
    """When an answer and a solution are due, and when they came. None: no target, or not yet."""

    response_due: Instant | None = None
    resolve_due: Instant | None = None
    responded_at: Instant | None = None
    resolved_at: Instant | None = None


class Ticket(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """The whole case. Never changed in place: an operation makes the next one.

    ``number`` is 0 until the server has given one; ``rev`` counts the server's changes; ``claim_no`` is the fencing
    number of the last claim, and ``lease_until`` its end by the server's clock.
    """

    id: str
    number: int = 0
    rev: int = 0
    subject: str
    channel: Channel
    category: str = ""
    status: Status = "new"
    priority: Priority = "normal"
    queue: str = "general"
    assignee: str | None = None
    claim_no: int = 0
    lease_until: Instant | None = None
    caller: Caller = Caller()
    answers: dict[str, FieldAnswer] = {}
    steps: dict[str, list[str]] = {}
    timeline: tuple[Entry, ...] = ()
    promises: tuple[Promise, ...] = ()
    decisions: dict[str, Decision] = {}
    tags: tuple[str, ...] = ()
    links: tuple[str, ...] = ()
    sla: Sla = Sla()
    disposition: str = ""
    summary: str = ""
    external_id: str = ""
    created_at: Instant
    updated_at: Instant
    closed_at: Instant | None = None


_decoder = msgspec.json.Decoder(Ticket)


def from_json(data: bytes) -> Ticket:
    """The ticket in one JSON document; fields that we do not know are passed over. ``msgspec.ValidationError`` if wrong."""
    return _decoder.decode(data)


def from_doc(doc: dict[str, Any]) -> Ticket:
    """The ticket in a decoded JSON object, as the cache holds it."""
    return msgspec.convert(doc, Ticket)


def to_doc(ticket: Ticket) -> dict[str, Any]:
    """The JSON object of a ticket, times as RFC 3339 text, defaults left out."""
    doc: dict[str, Any] = msgspec.to_builtins(ticket)
    return doc
