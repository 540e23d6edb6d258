"""What the matter is: checklist details, category, priority, subject, tags, links, and steps walked through."""

from __future__ import annotations

from datetime import datetime

from msgspec.structs import replace

from .. import errors
from . import sla
from .merging import Rules, differs, fence, logged, said
from .operations import ChangeTags, LinkTicket, SetCategory, SetField, SetPriority, SetSubject, TickStep
from .ticket import FieldAnswer, FieldState, Ticket

_HAS_VALUE: frozenset[FieldState] = frozenset({"known", "filled", "verified"})


def field(ticket: Ticket, op: SetField, now: datetime, _: Rules) -> Ticket:
    current = ticket.answers.get(op.field, FieldAnswer())
    said(op.field)
    if op.state in _HAS_VALUE:
        said(op.value)
    if current.value == op.value:
        # Somebody who types the same value again has not taken back that it was verified.
        if current.state == op.state or (current.state == "verified" and op.state in _HAS_VALUE):
            return ticket
    elif differs(op, f"answers.{op.field}", current.value, op.value):
        fence(ticket, op, mine=op.value)
    answer = FieldAnswer(op.value, op.state, op.source, op.by, now)
    # The value stays out of the timeline: the timeline is shown in places where fields are masked.
    log = logged(ticket, op, now, "field", field=op.field, state=op.state, source=op.source)
    return replace(ticket, answers={**ticket.answers, op.field: answer}, timeline=log)


def category(ticket: Ticket, op: SetCategory, now: datetime, rules: Rules) -> Ticket:
    if op.category == ticket.category:
        return ticket
    if rules.checklists and op.category not in rules.checklists:
        raise errors.Refused("There is no such category.", "Choose one of the list.", code="no-category")
    fresh = sla.start(op.category, ticket.channel, ticket.created_at, rules.sla)
    clock = replace(fresh, responded_at=ticket.sla.responded_at, resolved_at=ticket.sla.resolved_at)
    log = logged(ticket, op, now, "category", was=ticket.category, to=op.category)
    return replace(ticket, category=op.category, sla=clock, timeline=log)


def priority(ticket: Ticket, op: SetPriority, now: datetime, _: Rules) -> Ticket:
    if op.priority == ticket.priority:
        return ticket
    log = logged(ticket, op, now, "priority", was=ticket.priority, to=op.priority)
    return replace(ticket, priority=op.priority, timeline=log)


def subject(ticket: Ticket, op: SetSubject, now: datetime, _: Rules) -> Ticket:
    if said(op.subject) == ticket.subject:
        return ticket
    log = logged(ticket, op, now, "subject", was=ticket.subject, to=op.subject)
    return replace(ticket, subject=op.subject, timeline=log)


def tags(ticket: Ticket, op: ChangeTags, now: datetime, _: Rules) -> Ticket:
    for tag in (*op.add, *op.remove):
        said(tag)
    left = [tag for tag in ticket.tags if tag not in op.remove or tag in op.add]
    changed = tuple(dict.fromkeys([*left, *op.add]))
    if changed == ticket.tags:
        return ticket
    log = logged(ticket, op, now, "tag", add=" ".join(op.add), remove=" ".join(op.remove))
    return replace(ticket, tags=changed, timeline=log)


def link(ticket: Ticket, op: LinkTicket, now: datetime, _: Rules) -> Ticket:
    if said(op.other) == ticket.id:
        raise errors.Refused("A ticket cannot be linked to itself.", "Choose another ticket.", code="self-link")
    if op.other in ticket.links:
        return ticket
    return replace(ticket, links=(*ticket.links, op.other), timeline=logged(ticket, op, now, "link", other=op.other))


def step(ticket: Ticket, op: TickStep, now: datetime, _: Rules) -> Ticket:
    done = ticket.steps.get(op.answer, [])
    if op.step in done:
        return ticket
    log = logged(ticket, op, now, "step", answer=op.answer, step=op.step)
    return replace(ticket, steps={**ticket.steps, op.answer: [*done, op.step]}, timeline=log)
