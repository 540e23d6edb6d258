"""What the matter is: checklist details and looks at them, category, priority, subject, tags, steps and answers used."""

from __future__ import annotations

from datetime import datetime

from msgspec.structs import replace

from .. import errors
from . import sla
from .merging import Rules, differs, fence, logged, said
from .operations import (
    ChangeTags,
    RateAnswer,
    Reveal,
    SetCategory,
    SetField,
    SetPriority,
    SetSubject,
    TickStep,
)
from .ticket import FieldAnswer, FieldState, Ticket

_HAS_VALUE: frozenset[FieldState] = frozenset({"known", "filled", "verified"})
_SHORTEST_REASON = 2


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
    answers = {name: answer for name, answer in ticket.answers.items() if name != op.field}
    if op.value or op.state != "empty":
        answers = {**ticket.answers, op.field: FieldAnswer(op.value, op.state, op.source, op.by, now)}
    # The value stays out of the timeline: the timeline is shown in places where fields are masked.
    log = logged(ticket, op, now, "field", field=op.field, state=op.state, source=op.source)
    return replace(ticket, answers=answers, timeline=log)


def category(ticket: Ticket, op: SetCategory, now: datetime, rules: Rules) -> Ticket:
    if op.category == ticket.category:
        return ticket
    if rules.checklists and op.category not in rules.checklists:
        raise errors.Refused("There is no such category.", "Choose one of the list.", code="no-category")
    log = logged(ticket, op, now, "category", was=ticket.category, to=op.category)
    moved = replace(ticket, category=op.category, timeline=log)
    return replace(moved, sla=sla.retarget(moved, rules.sla))


def priority(ticket: Ticket, op: SetPriority, now: datetime, rules: Rules) -> Ticket:
    if op.priority == ticket.priority:
        return ticket
    log = logged(ticket, op, now, "priority", was=ticket.priority, to=op.priority)
    moved = replace(ticket, priority=op.priority, timeline=log)
    return replace(moved, sla=sla.retarget(moved, rules.sla))


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


def step(ticket: Ticket, op: TickStep, now: datetime, _: Rules) -> Ticket:
    done = ticket.steps.get(said(op.answer), [])
    if (said(op.step) in done) == op.done:
        return ticket
    left = [*done, op.step] if op.done else [step for step in done if step != op.step]
    steps = {name: ticked for name, ticked in {**ticket.steps, op.answer: left}.items() if ticked}
    log = logged(ticket, op, now, "step", answer=op.answer, step=op.step, done="" if op.done else "no")
    return replace(ticket, steps=steps, timeline=log)


def reveal(ticket: Ticket, op: Reveal, now: datetime, _: Rules) -> Ticket:
    """A look leaves a line with its reason and changes nothing else; every look is a line of its own."""
    if len(op.reason.strip()) < _SHORTEST_REASON:
        raise errors.Refused("A reason is needed to see this value.", "Say why in a few words.", code="reason-missing")
    return replace(ticket, timeline=logged(ticket, op, now, "reveal", op.reason, field=said(op.field)))


def rate(ticket: Ticket, op: RateAnswer, now: datetime, _: Rules) -> Ticket:
    if ticket.helped.get(said(op.answer)) == op.helped:
        return ticket
    log = logged(ticket, op, now, "helped", answer=op.answer, helped="yes" if op.helped else "no")
    return replace(ticket, helped={**ticket.helped, op.answer: op.helped}, timeline=log)
