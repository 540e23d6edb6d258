"""What each operation does to a ticket: one pure function per operation, found by its type."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, TypeVar

import msgspec
from msgspec.structs import replace

from .. import errors
from . import checklist, sla
from .operations import (
    AddMessage,
    AddNote,
    AddReply,
    Assign,
    ChangeTags,
    Close,
    Decide,
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
from .ticket import Decision, Entry, EntryKind, FieldAnswer, Promise, Status, Ticket


class Rules(msgspec.Struct, frozen=True):
    """The house's own rules that an operation is judged by; data, the same on both ends."""

    checklists: Mapping[str, checklist.Checklist] = {}
    sla: sla.Policy = sla.Policy()


_TRANSITIONS: dict[Status, frozenset[Status]] = {
    "new": frozenset({"open", "pending", "closed"}),
    "open": frozenset({"new", "pending", "closed"}),
    "pending": frozenset({"new", "open", "closed"}),
    "closed": frozenset({"open"}),
}

_MONEY = frozenset({"refund"})
_T = TypeVar("_T", bound=Op)
_Applier = Callable[[Ticket, Any, datetime, Rules], Ticket]
APPLIERS: dict[type[Op], _Applier] = {}


def _applies(kind: type[_T]) -> Callable[[Callable[[Ticket, _T, datetime, Rules], Ticket]], _Applier]:
    def register(function: Callable[[Ticket, _T, datetime, Rules], Ticket]) -> _Applier:
        APPLIERS[kind] = function
        return function

    return register


def _log(ticket: Ticket, op: Op, now: datetime, kind: EntryKind, text: str = "", **data: str) -> tuple[Entry, ...]:
    return (
        *ticket.timeline,
        Entry(op.uuid, kind, now, op.by, text, {key: value for key, value in data.items() if value}),
    )


def _text(text: str) -> str:
    if not text.strip():
        raise errors.Refused("The text is empty.", "Write something first.", code="empty-text")
    return text


def _fence(ticket: Ticket, op: Op) -> None:
    """Sends the edit of an author whose claim was overtaken to review (fencing number, ``facts`` on claims)."""
    if op.guard and op.guard.claim_no is not None and op.guard.claim_no != ticket.claim_no:
        raise errors.NeedsReview("claim_no", base=op.guard.claim_no, mine=op.guard.claim_no, theirs=ticket.claim_no)


def _merge(op: Op, field: str, current: object, new: object) -> bool:
    """Three-way merge of a guarded field: True where it must be set, False where it stands already."""
    if current == new:
        return False
    if field not in op.was:
        raise errors.Refused(
            f"The operation does not say which {field} it saw.", "Update this console.", code="base-missing"
        )
    if op.was[field] != current:
        raise errors.NeedsReview(field, base=op.was[field], mine=new, theirs=current)
    return True


def new_ticket(ticket: Ticket | None, op: NewTicket, now: datetime, rules: Rules) -> Ticket:
    if ticket is not None:
        if any(entry.id == op.uuid for entry in ticket.timeline):
            return ticket
        raise errors.Refused("A ticket with this id exists already.", "Open it instead.", code="exists")
    created = Entry(op.uuid, "created", now, op.by, op.text, {"channel": op.channel})
    return Ticket(
        id=op.ticket,
        subject=_text(op.subject),
        channel=op.channel,
        category=op.category,
        priority=op.priority,
        queue=op.queue,
        caller=op.caller,
        tags=tuple(dict.fromkeys(op.tags)),
        external_id=op.external_id,
        timeline=(created,),
        sla=sla.start(op.category, op.channel, now, rules.sla),
        created_at=now,
        updated_at=now,
    )


@_applies(AddMessage)
def _message(ticket: Ticket, op: AddMessage, now: datetime, _: Rules) -> Ticket:
    log = _log(ticket, op, now, "message", _text(op.text))
    status: Status = "open" if ticket.assignee else "new"
    if ticket.status in ("closed", "pending"):
        return replace(ticket, timeline=log, status=status, closed_at=None)
    return replace(ticket, timeline=log)


@_applies(AddNote)
def _note(ticket: Ticket, op: AddNote, now: datetime, _: Rules) -> Ticket:
    return replace(ticket, timeline=_log(ticket, op, now, "note", _text(op.text)))


@_applies(AddReply)
def _reply(ticket: Ticket, op: AddReply, now: datetime, _: Rules) -> Ticket:
    _text(op.text)
    _fence(ticket, op)
    if op.guard and op.guard.status is not None and op.guard.status != ticket.status:
        raise errors.NeedsReview("status", base=op.guard.status, mine=op.text, theirs=ticket.status)
    if op.guard and op.guard.expires_at is not None and now > op.guard.expires_at:
        raise errors.NeedsReview("expires_at", base=op.guard.expires_at, mine=op.text, theirs=now)
    if ticket.assignee not in (None, op.by):
        raise errors.NeedsReview("assignee", base=op.by, mine=op.text, theirs=ticket.assignee)
    clock = ticket.sla if ticket.sla.responded_at else replace(ticket.sla, responded_at=now)
    return replace(ticket, timeline=_log(ticket, op, now, "reply", op.text), sla=clock)


@_applies(SetField)
def _field(ticket: Ticket, op: SetField, now: datetime, _: Rules) -> Ticket:
    current = ticket.answers.get(op.field, FieldAnswer())
    if (current.value, current.state) == (op.value, op.state):
        return ticket
    if current.value != op.value:
        _merge(op, f"answers.{op.field}", current.value, op.value)
        _fence(ticket, op)
    answer = FieldAnswer(op.value, op.state, op.source, op.by, now)
    # The value stays out of the timeline: the timeline is shown in places where fields are masked.
    log = _log(ticket, op, now, "field", field=op.field, state=op.state, source=op.source)
    return replace(ticket, answers={**ticket.answers, op.field: answer}, timeline=log)


@_applies(SetCategory)
def _category(ticket: Ticket, op: SetCategory, now: datetime, rules: Rules) -> Ticket:
    if op.category == ticket.category:
        return ticket
    if rules.checklists and op.category not in rules.checklists:
        raise errors.Refused("There is no such category.", "Choose one of the list.", code="no-category")
    fresh = sla.start(op.category, ticket.channel, ticket.created_at, rules.sla)
    clock = replace(fresh, responded_at=ticket.sla.responded_at, resolved_at=ticket.sla.resolved_at)
    log = _log(ticket, op, now, "category", was=ticket.category, to=op.category)
    return replace(ticket, category=op.category, sla=clock, timeline=log)


@_applies(SetPriority)
def _priority(ticket: Ticket, op: SetPriority, now: datetime, _: Rules) -> Ticket:
    if op.priority == ticket.priority:
        return ticket
    return replace(
        ticket, priority=op.priority, timeline=_log(ticket, op, now, "priority", was=ticket.priority, to=op.priority)
    )


@_applies(SetSubject)
def _subject(ticket: Ticket, op: SetSubject, now: datetime, _: Rules) -> Ticket:
    if _text(op.subject) == ticket.subject:
        return ticket
    return replace(
        ticket, subject=op.subject, timeline=_log(ticket, op, now, "subject", was=ticket.subject, to=op.subject)
    )


@_applies(ChangeTags)
def _tags(ticket: Ticket, op: ChangeTags, now: datetime, _: Rules) -> Ticket:
    kept = [tag for tag in ticket.tags if tag not in op.remove or tag in op.add]
    tags = tuple(dict.fromkeys([*kept, *op.add]))
    if tags == ticket.tags:
        return ticket
    return replace(
        ticket, tags=tags, timeline=_log(ticket, op, now, "tag", add=" ".join(op.add), remove=" ".join(op.remove))
    )


@_applies(LinkTicket)
def _link(ticket: Ticket, op: LinkTicket, now: datetime, _: Rules) -> Ticket:
    if op.other == ticket.id:
        raise errors.Refused("A ticket cannot be linked to itself.", "Choose another ticket.", code="self-link")
    if op.other in ticket.links:
        return ticket
    return replace(ticket, links=(*ticket.links, op.other), timeline=_log(ticket, op, now, "link", other=op.other))


@_applies(SetStatus)
def _status(ticket: Ticket, op: SetStatus, now: datetime, _: Rules) -> Ticket:
    if op.status == "closed":
        raise errors.Refused("Closing needs a disposition.", "Use the close operation.", code="close-needs-disposition")
    if not _merge(op, "status", ticket.status, op.status):
        return ticket
    _fence(ticket, op)
    if op.status not in _TRANSITIONS[ticket.status]:
        raise errors.Refused(
            f"A {ticket.status} ticket cannot become {op.status}.", "Reopen or claim it first.", code="bad-transition"
        )
    log = _log(ticket, op, now, "status", op.reason, was=ticket.status, to=op.status)
    return replace(ticket, status=op.status, timeline=log, closed_at=None)


@_applies(Assign)
def _assign(ticket: Ticket, op: Assign, now: datetime, _: Rules) -> Ticket:
    if not _merge(op, "assignee", ticket.assignee, op.assignee):
        return ticket
    if ticket.status == "closed":
        raise errors.Refused("The ticket is closed.", "Reopen it first.", code="closed")
    status: Status = "open" if ticket.status == "new" else ticket.status
    log = _log(ticket, op, now, "assign", was=ticket.assignee or "", to=op.assignee)
    return replace(
        ticket, assignee=op.assignee, status=status, claim_no=ticket.claim_no + 1, lease_until=None, timeline=log
    )


@_applies(Release)
def _release(ticket: Ticket, op: Release, now: datetime, _: Rules) -> Ticket:
    if not _merge(op, "assignee", ticket.assignee, None):
        return ticket
    _fence(ticket, op)
    status: Status = "new" if ticket.status == "open" else ticket.status
    log = _log(ticket, op, now, "release", was=ticket.assignee or "")
    return replace(ticket, assignee=None, status=status, lease_until=None, timeline=log)


@_applies(MakePromise)
def _promise(ticket: Ticket, op: MakePromise, now: datetime, _: Rules) -> Ticket:
    made = Promise(op.uuid, _text(op.text), op.due_at, op.by, now)
    log = _log(ticket, op, now, "promise", op.text, due=op.due_at.isoformat())
    return replace(ticket, promises=(*ticket.promises, made), timeline=log)


@_applies(SettlePromise)
def _settle(ticket: Ticket, op: SettlePromise, now: datetime, _: Rules) -> Ticket:
    found = next((promise for promise in ticket.promises if promise.id == op.promise), None)
    if found is None:
        raise errors.Refused("There is no such promise on this ticket.", "Look at its promises.", code="no-promise")
    if found.state != "open":
        return ticket
    settled = replace(found, state="kept" if op.kept else "broken", settled_at=now)
    promises = tuple(settled if promise.id == op.promise else promise for promise in ticket.promises)
    return replace(
        ticket, promises=promises, timeline=_log(ticket, op, now, "promise", settled=settled.state, promise=op.promise)
    )


@_applies(TickStep)
def _step(ticket: Ticket, op: TickStep, now: datetime, _: Rules) -> Ticket:
    done = ticket.steps.get(op.answer, [])
    if op.step in done:
        return ticket
    log = _log(ticket, op, now, "step", answer=op.answer, step=op.step)
    return replace(ticket, steps={**ticket.steps, op.answer: [*done, op.step]}, timeline=log)


@_applies(Decide)
def _decide(ticket: Ticket, op: Decide, now: datetime, _: Rules) -> Ticket:
    field = f"decisions.{op.kind}"
    standing = ticket.decisions.get(op.kind)
    seen = standing.verdict if standing else ""
    if op.was.get(field) != seen:
        raise errors.NeedsReview(field, base=op.was.get(field), mine=op.verdict, theirs=seen)
    _fence(ticket, op)
    if op.kind in _MONEY and op.verdict == "approved":
        if standing is None or standing.verdict != "proposed":
            raise errors.Refused("Nothing was proposed to approve.", "Propose it first.", code="not-proposed")
        if standing.by == op.by:
            raise errors.Refused("Money needs a second person.", "Ask a colleague to approve.", code="second-person")
        if (standing.amount, standing.currency) != (op.amount, op.currency):
            mine, theirs = f"{op.amount} {op.currency}", f"{standing.amount} {standing.currency}"
            raise errors.NeedsReview(f"{field}.amount", base=mine, mine=mine, theirs=theirs)
        decided = replace(standing, verdict="approved", approved_by=op.by)
    else:
        decided = Decision(op.verdict, op.by, now, op.amount, op.currency)
    log = _log(ticket, op, now, "decision", matter=op.kind, verdict=op.verdict, amount=op.amount, currency=op.currency)
    return replace(ticket, decisions={**ticket.decisions, op.kind: decided}, timeline=log)


@_applies(Close)
def _close(ticket: Ticket, op: Close, now: datetime, rules: Rules) -> Ticket:
    if ticket.status == "closed" and (ticket.disposition, ticket.summary) == (op.disposition, op.summary):
        return ticket
    if "status" not in op.was or op.was["status"] != ticket.status:
        raise errors.NeedsReview("status", base=op.was.get("status"), mine="closed", theirs=ticket.status)
    _fence(ticket, op)
    listed = rules.checklists.get(ticket.category)
    if listed is not None and not op.override.strip():
        missing = checklist.progress(listed, ticket.answers).missing
        if missing:
            names = ", ".join(missing)
            raise errors.Refused(
                f"The checklist is not complete: {names}.",
                "Ask for them, or close with a reason.",
                code="checklist-incomplete",
            )
    if op.disposition == "CALLBACK_PROMISED" and not any(promise.state == "open" for promise in ticket.promises):
        raise errors.Refused(
            "A promised call back needs a promise with a time.", "Write the promise down first.", code="promise-missing"
        )
    clock = replace(ticket.sla, responded_at=ticket.sla.responded_at or now, resolved_at=now)
    log = _log(ticket, op, now, "close", op.summary, disposition=op.disposition, override=op.override)
    return replace(
        ticket, status="closed", disposition=op.disposition, summary=op.summary, closed_at=now, sla=clock, timeline=log,
        lease_until=None,
    )  # fmt: skip


@_applies(Reopen)
def _reopen(ticket: Ticket, op: Reopen, now: datetime, _: Rules) -> Ticket:
    if ticket.status != "closed":
        return ticket
    if op.was.get("status", "closed") != "closed":
        raise errors.NeedsReview("status", base=op.was["status"], mine="open", theirs="closed")
    status: Status = "open" if ticket.assignee else "new"
    log = _log(ticket, op, now, "reopen", op.reason)
    return replace(
        ticket, status=status, closed_at=None, disposition="", timeline=log, sla=replace(ticket.sla, resolved_at=None)
    )
