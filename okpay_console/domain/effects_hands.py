"""Into whose hands the matter goes: another queue, a colleague with a note, the next level of the ladder."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Final

from msgspec.structs import replace

from .. import errors
from . import escalation
from .ending import joined
from .merging import Rules, base, differs, fence, kept, logged, moved, said
from .operations import Escalate, HandOver, SetQueue
from .ticket import Handover, Hop, Ticket
from .words import Words

_QUEUE: Final = re.compile(r"[^\x00-\x1f\x7f]{1,64}")
_UNNAMED: Final = Words("", "")


def queue(ticket: Ticket, op: SetQueue, now: datetime, _: Rules) -> Ticket:
    if not differs(op, "queue", ticket.queue, _named(op.queue)):
        return ticket
    fence(ticket, op, mine=op.queue)
    log = logged(ticket, op, now, "queue", was=ticket.queue, to=op.queue)
    return replace(ticket, queue=op.queue, timeline=log)


def handover(ticket: Ticket, op: HandOver, now: datetime, rules: Rules) -> Ticket:
    """To a colleague, or to nobody in a queue, with the note that the next owner sees first.

    Raises the fencing number, so that the former holder's late edits go to review. ``Refused``: empty-text (no note),
    no-owner (neither a colleague nor a queue), closed.
    """
    said(op.note)
    if not op.to.strip() and not op.queue.strip():
        raise errors.Refused("Nobody is named to take over.", "Name a colleague or a queue.", code="no-owner")
    if op.to == op.by:
        # It would be a claim without the server's word and without a lease.
        raise errors.Refused("Nobody hands over to himself.", "Claim the ticket instead.", code="own-hands")
    target = _named(op.queue) if op.queue else ticket.queue
    note = Handover(op.by, now, op.note, op.to)
    standing = ticket.handover
    if (
        standing is not None
        and (standing.by, standing.note, standing.to) == (note.by, note.note, note.to)
        and (ticket.assignee, ticket.queue) == (op.to or None, target)
    ):
        return ticket
    _in_work(ticket)
    seen = base(op, "assignee")
    if seen != ticket.assignee:
        mine = joined(op.to or op.queue, op.note)
        raise errors.NeedsReview("assignee", base=seen, mine=mine, theirs=ticket.assignee)
    fence(ticket, op, mine=joined(op.to or op.queue, op.note))
    log = logged(ticket, op, now, "handover", op.note, was=ticket.assignee or "", to=op.to, queue=op.queue)
    given = _given(ticket, op.to or None, target, note)
    if ticket.status != "pending":
        given = moved(given, "open" if op.to else "new", now, rules)
    return replace(given, timeline=log)


def escalate(ticket: Ticket, op: Escalate, now: datetime, rules: Rules) -> Ticket:
    """One or more levels up: the level's queue and clock, and a note for its people. The customer's clock never moves.

    A level outside the house is told to the caller and changes nothing but the timeline. ``Refused``: empty-text (no note),
    no-level (not on the category's ladder), level-below (not above the present one), closed.
    """
    said(op.note)
    ladder = rules.ladder(ticket.category)
    level = escalation.level(ladder, said(op.level)) or (None if ladder else escalation.Level(op.level, _UNNAMED))
    if level is None:
        raise errors.Refused("There is no such level for this matter.", "Choose one of its ladder.", code="no-level")
    _in_work(ticket)
    if level.outside:
        return replace(ticket, timeline=logged(ticket, op, now, "escalate", op.note, level=level.id, outside="yes"))
    mine = joined(op.level, op.note)
    if not differs(op, "level", ticket.level, op.level, mine=mine):
        # Two who took it to the same level agree, and both said why; one who says the same again says nothing.
        return kept(ticket, op, now, "" if op.note == ticket.hops[-1].note else op.note) if ticket.hops else ticket
    fence(ticket, op, mine=mine)
    if ladder and level not in escalation.above(ladder, ticket.level):
        raise errors.Refused("The ticket is at a higher level already.", "Choose a level above.", code="level-below")
    due = now + timedelta(seconds=level.due_s) if level.due_s else None
    log = logged(
        ticket, op, now, "escalate", op.note, was=ticket.level, level=level.id, queue=level.queue,
        due=due.isoformat() if due else "",
    )  # fmt: skip
    given = _given(ticket, None, level.queue or ticket.queue, Handover(op.by, now, op.note))
    given = replace(given, level=level.id, hops=(*ticket.hops, Hop(level.id, op.by, now, op.note, due)))
    # The next level has something to do now, even where the matter waited for somebody else until this.
    return replace(moved(given, "new", now, rules), timeline=log)


def _given(ticket: Ticket, to: str | None, queue: str, note: Handover) -> Ticket:
    return replace(ticket, assignee=to, queue=queue, handover=note, claim_no=ticket.claim_no + 1, lease_until=None)


def _in_work(ticket: Ticket) -> None:
    if ticket.status == "closed":
        raise errors.Refused("The ticket is closed.", "Reopen it first.", code="closed")


def _named(queue: str) -> str:
    """The queue's name; ``Refused`` (bad-queue) for one that could not be a column: 64 visible characters at most."""
    if not _QUEUE.fullmatch(said(queue)):
        raise errors.Refused("The queue's name cannot be used.", "Choose one of the list.", code="bad-queue")
    return queue
