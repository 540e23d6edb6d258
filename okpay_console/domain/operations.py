"""The operations on a ticket: frozen values that say who wants what, and what he saw when he wanted it."""

from __future__ import annotations

from typing import Any

import msgspec

from .ticket import Caller, CallEvent, Channel, FieldState, Instant, LinkKind, Priority, Status


class Guard(msgspec.Struct, frozen=True, omit_defaults=True):
    """What the author saw: the claim's fencing number, and for outward effects the status and the last moment to act.

    ``answered`` is the id of the last reply by somebody else, "" for none (None: it was not looked at).
    """

    claim_no: int | None = None
    status: Status | None = None
    expires_at: Instant | None = None
    answered: str | None = None


class Op(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="name", forbid_unknown_fields=True):
    """What every operation carries. One with a detail that is not known here is not understood: dropped, it would be lost.

    ``uuid`` is minted by the author and makes it happen once; ``was`` is the value of each changed field that the author saw
    (the merge base); ``at`` is the author's clock and for display only.
    """

    uuid: str
    ticket: str
    by: str
    at: Instant
    was: dict[str, Any] = {}
    guard: Guard | None = None


class NewTicket(Op, frozen=True, kw_only=True, omit_defaults=True, tag="ticket.new"):
    """A first contact: what it is about, over which channel, and the caller's own words if there are any."""

    subject: str
    channel: Channel
    category: str = ""
    priority: Priority = "normal"
    queue: str = "general"
    caller: Caller = Caller()
    text: str = ""
    tags: tuple[str, ...] = ()
    external_id: str = ""


class AddMessage(Op, frozen=True, kw_only=True, omit_defaults=True, tag="ticket.message"):
    """The customer said something more; a closed ticket opens again."""

    text: str


class AddNote(Op, frozen=True, kw_only=True, omit_defaults=True, tag="ticket.note"):
    """Words for colleagues."""

    text: str


class AddReply(Op, frozen=True, kw_only=True, omit_defaults=True, tag="ticket.reply"):
    """Words to the customer: an outward effect, so it is guarded and expires."""

    text: str


class SetField(Op, frozen=True, kw_only=True, omit_defaults=True, tag="field.set"):
    """One checklist detail. ``was`` holds its former value under ``answers.<field>``."""

    field: str
    value: str = ""
    state: FieldState = "filled"
    source: str = ""


class SetCategory(Op, frozen=True, kw_only=True, omit_defaults=True, tag="category.set"):
    category: str


class SetPriority(Op, frozen=True, kw_only=True, omit_defaults=True, tag="priority.set"):
    priority: Priority


class SetSubject(Op, frozen=True, kw_only=True, omit_defaults=True, tag="subject.set"):
    subject: str


class ChangeTags(Op, frozen=True, kw_only=True, omit_defaults=True, tag="tags.change"):
    """Tags to add and to remove; a tag in both is added. Between two operations the server's order decides."""

    add: tuple[str, ...] = ()
    remove: tuple[str, ...] = ()


class SetQueue(Op, frozen=True, kw_only=True, omit_defaults=True, tag="queue.set"):
    """Moves the ticket to another queue of the same house."""

    queue: str


class LinkTicket(Op, frozen=True, kw_only=True, omit_defaults=True, tag="ticket.link"):
    """Ties another ticket to this one, or unties it (``gone``)."""

    other: str
    kind: LinkKind = "related"
    gone: bool = False


class MergeTicket(Op, frozen=True, kw_only=True, omit_defaults=True, tag="ticket.merge"):
    """Ends this ticket as a part of another one, which goes on; the other's own link of kind "merged" is an operation there."""

    into: str


class Chase(Op, frozen=True, kw_only=True, omit_defaults=True, tag="ticket.chase"):
    """The caller asks again about this matter: raises its priority by one step and reopens it; no clock begins anew.

    ``other`` is the ticket of the new contact, "" where there is none.
    """

    text: str = ""
    channel: Channel = "hotline"
    other: str = ""


class Reveal(Op, frozen=True, kw_only=True, omit_defaults=True, tag="field.reveal"):
    """A masked value was looked at, and why. ``field`` is a checklist field, or ``caller.mobile`` and the like."""

    field: str
    reason: str


class RateAnswer(Op, frozen=True, kw_only=True, omit_defaults=True, tag="answer.rate"):
    """Whether a canned answer helped this caller; said again, the last word counts."""

    answer: str
    helped: bool


class MarkCall(Op, frozen=True, kw_only=True, omit_defaults=True, tag="call.mark"):
    """Something happened to a call at ``moment``, by the clock of whoever saw it. ``call`` is the call's id."""

    call: str
    event: CallEvent
    moment: Instant


class WrapUp(Op, frozen=True, kw_only=True, omit_defaults=True, tag="call.wrapup"):
    """The end of one contact: its disposition decides whether the matter is closed, waits, or goes on.

    ``call`` is "" for a contact without a call. ``override`` is the reason where the checklist is not complete.
    """

    disposition: str
    call: str = ""
    summary: str = ""
    override: str = ""


class SetStatus(Op, frozen=True, kw_only=True, omit_defaults=True, tag="status.set"):
    """Open or pending with a reason; closing and reopening have operations of their own."""

    status: Status
    reason: str = ""


class Assign(Op, frozen=True, kw_only=True, omit_defaults=True, tag="ticket.assign"):
    """Hands the ticket to somebody; raises the fencing number, so the former holder's late edits go to review."""

    assignee: str


class HandOver(Op, frozen=True, kw_only=True, omit_defaults=True, tag="ticket.handover"):
    """Gives the ticket to a colleague (``to``) or to a queue, with the note that the next owner sees first."""

    note: str
    to: str = ""
    queue: str = ""


class Escalate(Op, frozen=True, kw_only=True, omit_defaults=True, tag="ticket.escalate"):
    """One step up the ladder of the category: a note, the level's queue, a clock of its own."""

    level: str
    note: str


class Release(Op, frozen=True, kw_only=True, omit_defaults=True, tag="ticket.release"):
    """Gives a claimed ticket back to the queue."""


class MakePromise(Op, frozen=True, kw_only=True, omit_defaults=True, tag="promise.make"):
    """What was promised and by when; the operation's uuid becomes the promise's id."""

    text: str
    due_at: Instant


class SettlePromise(Op, frozen=True, kw_only=True, omit_defaults=True, tag="promise.settle"):
    """Kept or broken; ``withdrawn`` where it was written down by mistake and counts neither way."""

    promise: str
    kept: bool
    withdrawn: bool = False


class TickStep(Op, frozen=True, kw_only=True, omit_defaults=True, tag="step.tick"):
    """A step of a canned answer was walked through with the caller; ``done`` False takes that back."""

    answer: str
    step: str
    done: bool = True


class Decide(Op, frozen=True, kw_only=True, omit_defaults=True, tag="ticket.decide"):
    """A decision that only people take: any difference from what was seen goes to review; money needs a second person.

    ``kind`` is refund, identity or freeze; ``verdict`` proposed, approved or rejected.
    """

    kind: str
    verdict: str
    amount: str = ""
    currency: str = ""


class Close(Op, frozen=True, kw_only=True, omit_defaults=True, tag="ticket.close"):
    """The end of the matter: a disposition code, a summary, and the reason where the checklist is not complete."""

    disposition: str
    summary: str = ""
    override: str = ""


class Reopen(Op, frozen=True, kw_only=True, omit_defaults=True, tag="ticket.reopen"):
    reason: str = ""


class Witness(Op, frozen=True, kw_only=True, omit_defaults=True, tag="audit.witness"):
    """Something that must be known to have happened and changes no ticket: ``what`` with its ``kind``, at ``place``.

    ``ticket`` is "" where no case was open. Never holds the value itself: a refused secret leaves its kind alone. ``reason`` is
    why somebody did it, in a code or in a few words of his own; no personal value is among them.
    """

    what: str
    kind: str = ""
    place: str = ""
    reason: str = ""


AnyOp = (
    NewTicket | AddMessage | AddNote | AddReply | SetField | Reveal | SetCategory | SetPriority | SetSubject | SetQueue
    | ChangeTags | LinkTicket | MergeTicket | Chase | SetStatus | Assign | HandOver | Escalate | Release | MakePromise
    | SettlePromise | TickStep | RateAnswer | MarkCall | WrapUp | Decide | Close | Reopen | Witness
)  # fmt: skip

MAX_TEXT = 40_000
"""Characters of any one text: as JSON it stays below what one push may carry, so no operation can get stuck in an outbox."""

_CALLER_FIELDS = ("name", "mobile", "email", "handle")
_HEADER = frozenset(Op.__struct_fields__)


def texts(op: Op) -> list[tuple[str | None, str]]:
    """Every text that the operation would keep, with the checklist field (or caller's detail) it is for, None for free text.

    What the author saw (``was``) is not among them: it is on the ticket already, and must stay replaceable.
    """
    found: list[tuple[str | None, str]] = []
    for name in op.__struct_fields__:
        if name in _HEADER:
            continue
        value = getattr(op, name)
        if isinstance(value, Caller):
            found += [(detail, getattr(value, detail)) for detail in _CALLER_FIELDS]
        elif isinstance(value, tuple):
            found += [(None, item) for item in value]
        elif isinstance(value, str):
            found.append((_field_of(op, name), value))
    return [(field, text) for field, text in found if text]


def _field_of(op: Op, name: str) -> str | None:
    if isinstance(op, SetField) and name == "value":
        return op.field
    # A telephone system numbers its calls as others number their tickets.
    return "external_id" if name in ("external_id", "call") else None
