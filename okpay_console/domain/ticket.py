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
PromiseState = Literal["open", "kept", "broken", "withdrawn"]
EntryKind = Literal[
    "created", "message", "note", "reply", "field", "reveal", "category", "priority", "subject", "tag", "queue", "link",
    "merge", "chase", "status", "assign", "handover", "escalate", "claim", "release", "promise", "step", "helped", "call",
    "wrapup", "decision", "close", "reopen",
]  # fmt: skip
CallEvent = Literal[
    "offered", "answered", "held", "resumed", "muted", "unmuted", "ended", "wrapped", "abandoned", "callback",
]  # fmt: skip
LinkKind = Literal["related", "duplicate", "chase", "split", "merged", "callback"]

CHANNELS: tuple[Channel, ...] = get_args(Channel)
STATUSES: tuple[Status, ...] = get_args(Status)
PRIORITIES: tuple[Priority, ...] = get_args(Priority)
CALL_EVENTS: tuple[CallEvent, ...] = get_args(CallEvent)
LINK_KINDS: tuple[LinkKind, ...] = get_args(LinkKind)
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

    ``kind`` is an ``EntryKind``, or a kind that a newer server knows. ``text`` is somebody's words and never markup; ``data``
    holds what the kind needs, all of it strings. ``at`` is when the server took it; ``said_at`` is the author's own time where
    that was more than a minute earlier.
    """

    id: str
    kind: str
    at: Instant
    by: str = ""
    text: str = ""
    data: dict[str, str] = {}
    said_at: Instant | None = None

    @property
    def told(self) -> datetime:
        """When it happened, for those who read it: before ``at`` where the author had no network."""
        return self.said_at or self.at


class Promise(msgspec.Struct, frozen=True, omit_defaults=True):
    """What the caller was told would happen, and by when; it lives on when the ticket's status changes.

    ``state`` is a ``PromiseState``, or one that a newer server knows.
    """

    id: str
    text: str
    due_at: Instant
    made_by: str
    made_at: Instant
    state: str = "open"
    settled_at: Instant | None = None


class Decision(msgspec.Struct, frozen=True, omit_defaults=True):
    """A decision only people take (refund, identity, freeze). ``amount`` is a decimal string, ``currency`` ISO 4217."""

    verdict: str
    by: str
    at: Instant
    amount: str = ""
    currency: str = ""
    approved_by: str = ""


class Mark(msgspec.Struct, frozen=True):
    """One thing that happened to a call, at the moment when it happened there (not when the server heard of it).

    ``event`` is a ``CallEvent``, or one that a newer server knows.
    """

    event: str
    at: Instant


class Call(msgspec.Struct, frozen=True, omit_defaults=True):
    """One call about the matter: who had it and what happened, in order; ``code`` is the disposition of its wrap-up.

    ``agent`` is "" while it only rings. The clocks are read from the marks (``callclock``), so they survive a crash.
    """

    id: str
    agent: str = ""
    marks: tuple[Mark, ...] = ()
    code: str = ""


class Handover(msgspec.Struct, frozen=True, omit_defaults=True):
    """What the former owner tells the next one; shown first until the next one has acted."""

    by: str
    at: Instant
    note: str
    to: str = ""


class Hop(msgspec.Struct, frozen=True, omit_defaults=True):
    """One step up the escalation ladder, with a clock of its own; the customer's clock goes on all the while."""

    level: str
    by: str
    at: Instant
    note: str
    due_at: Instant | None = None


class Pause(msgspec.Struct, frozen=True, omit_defaults=True):
    """A time in which the clock to the solution stood, and why; ``until`` is None while it stands."""

    since: Instant
    reason: str = ""
    until: Instant | None = None


class Sla(msgspec.Struct, frozen=True, omit_defaults=True):
    """When an answer and a solution are due, and when they came. None: no target, or not yet.

    ``pauses`` are the times in which the house waited for somebody else; ``resolve_due`` has them added already.
    """

    response_due: Instant | None = None
    resolve_due: Instant | None = None
    responded_at: Instant | None = None
    resolved_at: Instant | None = None
    pauses: tuple[Pause, ...] = ()


class Ticket(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """The whole case. Never changed in place: an operation makes the next one.

    ``number`` is 0 until the server has given one; ``rev`` counts the server's changes; ``claim_no`` is the fencing
    number of the last claim, and ``lease_until`` its end by the server's clock. ``link_kinds`` says how a linked ticket
    belongs to this one ("related" where it is silent); ``chases`` counts how often the caller had to ask again; ``level`` is the
    step of the escalation ladder, "" for the first line; ``helped`` says of each canned answer used whether it helped.
    ``erased_at``: since when the caller's personal values are gone from it (``erasure``).

    Names that only say more (kinds of entries, calls' events, kinds of links, states of promises) may be of a newer server and
    are read as they are. What the rules compute with (channel, status, priority, state of a field) is closed: a new one
    would be judged wrongly here, and therefore needs a new protocol.
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
    link_kinds: dict[str, str] = {}
    merged_into: str = ""
    chases: int = 0
    calls: tuple[Call, ...] = ()
    level: str = ""
    hops: tuple[Hop, ...] = ()
    handover: Handover | None = None
    helped: dict[str, bool] = {}
    sla: Sla = Sla()
    disposition: str = ""
    summary: str = ""
    external_id: str = ""
    created_at: Instant
    updated_at: Instant
    closed_at: Instant | None = None
    erased_at: Instant | None = None


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
