"""What belongs together: links, one ticket that goes into another, and a caller who has to ask again."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from msgspec.structs import replace

from .. import errors
from . import sla
from .disposition import DUPLICATE_LINKED
from .merging import Rules, base, closed, fence, logged, moved, reopened, said, tied, unmerged, working
from .operations import Chase, LinkTicket, MergeTicket
from .ticket import Priority, Ticket

HIGHER: Final[dict[Priority, Priority]] = {"low": "normal", "normal": "high", "high": "urgent", "urgent": "urgent"}


def link(ticket: Ticket, op: LinkTicket, now: datetime, _: Rules) -> Ticket:
    """Tied with a kind, tied with another kind, or untied; ``Refused`` (merged) to untie what this ticket went into."""
    _another(ticket, said(op.other))
    log = logged(ticket, op, now, "link", other=op.other, kind=op.kind, gone="yes" if op.gone else "")
    if op.gone:
        if op.other not in ticket.links:
            return ticket
        if op.other == ticket.merged_into:
            unmerged(ticket)
        links = tuple(other for other in ticket.links if other != op.other)
        kinds = {other: kind for other, kind in ticket.link_kinds.items() if other != op.other}
        return replace(ticket, links=links, link_kinds=kinds, timeline=log)
    if op.other in ticket.links and ticket.link_kinds.get(op.other, "related") == op.kind:
        return ticket
    if op.other == ticket.merged_into:
        unmerged(ticket)
    return replace(tied(ticket, op.other, op.kind), timeline=log)


def merge(ticket: Ticket, op: MergeTicket, now: datetime, rules: Rules) -> Ticket:
    """Closed as a part of another ticket, which goes on; its promises stay open, since they were given all the same.

    ``Refused``: self-link, merged (it is in another one already), merge-loop (the other one is in this).
    """
    _another(ticket, said(op.into))
    if ticket.merged_into == op.into:
        return ticket
    unmerged(ticket)
    if ticket.link_kinds.get(op.into) == "merged":
        raise errors.Refused(
            "That ticket was merged into this one.", "Split it off first, or go on here.", code="merge-loop"
        )
    seen = base(op, "status")
    if seen != ticket.status:
        raise errors.NeedsReview("status", base=seen, mine=f"merged: {op.into}", theirs=ticket.status)
    fence(ticket, op, mine=f"merged: {op.into}")
    log = logged(ticket, op, now, "merge", into=op.into)
    gone = replace(tied(ticket, op.into, "merged"), merged_into=op.into)
    return replace(closed(gone, DUPLICATE_LINKED, ticket.summary, now, rules), timeline=log)


def chase(ticket: Ticket, op: Chase, now: datetime, rules: Rules) -> Ticket:
    """The caller asks again: one step more urgent, in work again, counted; no clock begins anew.

    A due time comes nearer where the house has a nearer one for that priority, counted from the first contact all the same.
    """
    unmerged(ticket)
    if op.other:
        _another(ticket, op.other)
    log = logged(ticket, op, now, "chase", op.text, channel=op.channel, other=op.other)
    if ticket.status == "closed":
        after = reopened(ticket, now, rules)
    else:
        after = moved(ticket, working(ticket), now, rules) if ticket.status == "pending" else ticket
    if op.other and after.link_kinds.get(op.other, "related") == "related":
        after = tied(after, op.other, "chase")
    louder = replace(after, priority=HIGHER[ticket.priority], chases=ticket.chases + 1, timeline=log)
    return replace(louder, sla=sla.retarget(louder, rules.sla))


def _another(ticket: Ticket, other: str) -> None:
    if other == ticket.id:
        raise errors.Refused("A ticket cannot be linked to itself.", "Choose another ticket.", code="self-link")
