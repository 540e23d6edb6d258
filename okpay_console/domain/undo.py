"""Taking back: the operations that undo an operation, where it can be undone at all."""

from __future__ import annotations

from typing import cast

from . import ops
from .author import Author
from .ticket import FieldAnswer, LinkKind, Ticket


def inverse(before: Ticket, op: ops.AnyOp, after: Ticket, author: Author) -> tuple[ops.AnyOp, ...]:
    """What brings ``after`` (the ticket as it is now) back to ``before`` (as it was when ``op`` was made), in order.

    () where the operation changed nothing, where somebody has changed the same thing since, and for what cannot be undone:
    words that were said stay, and so do calls, claims by others, decisions, chases, promises settled, and a first category
    or rating, for which there is nothing to go back to. What an undone operation wrote into the timeline stays there too.
    """
    match op:
        case ops.SetField():
            return _field(before, op, after, author)
        case ops.SetCategory() if before.category and after.category == op.category != before.category:
            return (author.category(after, before.category),)
        case ops.SetPriority() if after.priority == op.priority != before.priority:
            return (author.priority(after, before.priority),)
        case ops.SetSubject() if after.subject == op.subject != before.subject:
            return (author.subject(after, before.subject),)
        case ops.SetQueue() if after.queue == op.queue != before.queue:
            return (author.queue(after, before.queue),)
        case ops.ChangeTags():
            return _tags(before, op, after, author)
        case ops.LinkTicket():
            return _link(before, op.other, after, author)
        case ops.TickStep():
            was = op.step in before.steps.get(op.answer, [])
            stands = op.step in after.steps.get(op.answer, [])
            return (author.step(after, op.answer, op.step, done=was),) if was != stands == op.done else ()
        case ops.RateAnswer():
            rated = before.helped.get(op.answer)
            same = rated is None or rated == op.helped or after.helped.get(op.answer) != op.helped
            return () if same else (author.rate(after, op.answer, helped=not op.helped),)
        case ops.MakePromise():
            made = next((promise for promise in after.promises if promise.id == op.uuid), None)
            mine = made is not None and made.state == "open" and made.made_by == author.name
            return (author.settle(after, op.uuid, kept=False, withdrawn=True),) if mine else ()
        case ops.SetStatus() if after.status == op.status != before.status:
            return _status(before, after, author)
        case ops.Assign() | ops.Release():
            return _hands(before, op, after, author)
        case ops.Close() | ops.WrapUp() | ops.MergeTicket():
            return _end(before, op, after, author)
        case _:
            return ()


def _field(before: Ticket, op: ops.SetField, after: Ticket, author: Author) -> tuple[ops.AnyOp, ...]:
    was, stands = before.answers.get(op.field, FieldAnswer()), after.answers.get(op.field, FieldAnswer())
    if (stands.value, stands.state, stands.by) != (op.value, op.state, op.by) or (was.value, was.state) == (
        stands.value, stands.state
    ):  # fmt: skip
        return ()
    back = author.field(after, op.field, was.value, state=was.state, source=was.source)
    if stands.state != "verified" or was.value != stands.value:
        return (back,)
    # A value typed again stays verified: it has to go before it can come back as it was.
    cleared = author.field(after, op.field, "", state="empty")
    between = ops.apply(after, cleared, author.now())
    return cleared, author.field(between, op.field, was.value, state=was.state, source=was.source)


def _tags(before: Ticket, op: ops.ChangeTags, after: Ticket, author: Author) -> tuple[ops.AnyOp, ...]:
    lost = tuple(tag for tag in op.remove if tag in before.tags and tag not in after.tags)
    gained = tuple(tag for tag in op.add if tag not in before.tags and tag in after.tags)
    return (author.tags(after, add=lost, remove=gained),) if lost or gained else ()


def _link(before: Ticket, other: str, after: Ticket, author: Author) -> tuple[ops.AnyOp, ...]:
    was, stands = _kind(before, other), _kind(after, other)
    if was == stands or other == after.merged_into:
        return ()
    if was is None:
        return (author.link(after, other, gone=True),)
    return (author.link(after, other, kind=was),)


def _kind(ticket: Ticket, other: str) -> LinkKind | None:
    return cast("LinkKind", ticket.link_kinds.get(other, "related")) if other in ticket.links else None


def _status(before: Ticket, after: Ticket, author: Author) -> tuple[ops.AnyOp, ...]:
    if before.status in ("closed", after.status) or (before.status == "new" and after.assignee):
        return ()
    return (author.status(after, before.status),)


def _hands(before: Ticket, op: ops.Assign | ops.Release, after: Ticket, author: Author) -> tuple[ops.AnyOp, ...]:
    given = op.assignee if isinstance(op, ops.Assign) else None
    if after.assignee != given or before.assignee == given or after.status == "closed":
        return ()
    if before.assignee is None:
        back: ops.AnyOp = author.release(after)
    elif isinstance(op, ops.Release) and before.assignee != author.name:
        return ()
    else:
        back = author.assign(after, before.assignee)
    between = ops.apply(after, back, author.now())
    return back, *_status(before, between, author)


def _end(
    before: Ticket, op: ops.Close | ops.WrapUp | ops.MergeTicket, after: Ticket, author: Author
) -> tuple[ops.AnyOp, ...]:
    if before.status in ("closed", after.status):
        return ()
    if after.status != "closed":
        # A wrap-up that let the matter wait; that the contact is over stays.
        return _status(before, after, author) if isinstance(op, ops.WrapUp) else ()
    if isinstance(op, ops.MergeTicket):
        if after.merged_into != op.into:
            return ()
    elif after.disposition != op.disposition or after.merged_into:
        return ()
    back: list[ops.AnyOp] = [author.reopen(after)]
    ticket = ops.apply(after, back[0], author.now())
    more = _status(before, ticket, author)
    if isinstance(op, ops.MergeTicket):
        more = (*_link(before, op.into, ticket, author), *more)
    return (*back, *more)
