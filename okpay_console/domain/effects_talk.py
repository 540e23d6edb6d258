"""What was said: the first contact, the customer's messages, notes for colleagues, replies to the customer."""

from __future__ import annotations

from datetime import datetime

from msgspec.structs import replace

from .. import errors
from . import sla
from .blanks import unfilled
from .merging import Rules, earlier, fence, logged, moved, reopened, said, unmerged, working
from .operations import AddMessage, AddNote, AddReply, NewTicket
from .stale import answered
from .ticket import Entry, Ticket


def new_ticket(ticket: Ticket | None, op: NewTicket, now: datetime, rules: Rules) -> Ticket:
    """The first contact; another one under an id that is taken is refused (exists)."""
    if ticket is not None:
        raise errors.Refused("A ticket with this id exists already.", "Open it instead.", code="exists")
    created = Entry(op.uuid, "created", now, op.by, op.text, {"channel": op.channel}, earlier(op, now))
    return Ticket(
        id=op.ticket,
        subject=said(op.subject),
        channel=op.channel,
        category=op.category,
        priority=op.priority,
        queue=op.queue,
        caller=op.caller,
        tags=tuple(dict.fromkeys(op.tags)),
        external_id=op.external_id,
        timeline=(created,),
        sla=sla.start(op.category, op.priority, op.channel, now, rules.sla),
        created_at=now,
        updated_at=now,
    )


def message(ticket: Ticket, op: AddMessage, now: datetime, rules: Rules) -> Ticket:
    """The customer speaks: a closed ticket opens again, and one that waited for him waits no longer.

    A ticket that was merged into another keeps the words and stays where it is: they are read with the other's timeline.
    """
    spoken = replace(ticket, timeline=logged(ticket, op, now, "message", said(op.text)))
    if ticket.status == "closed":
        return spoken if ticket.merged_into else reopened(spoken, now, rules)
    return moved(spoken, working(ticket), now, rules) if ticket.status == "pending" else spoken


def note(ticket: Ticket, op: AddNote, now: datetime, _: Rules) -> Ticket:
    return replace(ticket, timeline=logged(ticket, op, now, "note", said(op.text)))


def reply(ticket: Ticket, op: AddReply, now: datetime, _: Rules) -> Ticket:
    """Words that leave the house: whole, not without a guard, nor after the status, the claim or the moment has passed."""
    said(op.text)
    if unfilled(op.text):
        raise errors.Refused(
            "The reply still has places in braces that nobody has filled.",
            "Fill them in or take them out.",
            code="blanks",
        )
    unmerged(ticket)
    if op.guard is None:
        raise errors.Refused("The reply does not say what its author saw.", "Update this console.", code="base-missing")
    fence(ticket, op, mine=op.text)
    if op.guard.status is not None and op.guard.status != ticket.status:
        raise errors.NeedsReview("status", base=op.guard.status, mine=op.text, theirs=ticket.status)
    if op.guard.expires_at is not None and now > op.guard.expires_at:
        raise errors.NeedsReview("expires_at", base=op.guard.expires_at, mine=op.text, theirs=now)
    theirs = answered(ticket, op.by)
    if op.guard.answered is not None and theirs is not None and theirs.id != op.guard.answered:
        # Two people answered one question: the later of them reads the other's words before his own go out.
        seen = next((entry.text for entry in ticket.timeline if entry.id == op.guard.answered), "")
        raise errors.NeedsReview("answered", base=seen, mine=op.text, theirs=theirs.text)
    if ticket.assignee not in (None, op.by):
        raise errors.NeedsReview("assignee", base=op.by, mine=op.text, theirs=ticket.assignee)
    return replace(ticket, timeline=logged(ticket, op, now, "reply", op.text), sla=sla.answered(ticket.sla, now))
