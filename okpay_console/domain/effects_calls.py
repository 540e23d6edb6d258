"""What happens to a call, and the end of a contact by its wrap-up."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from msgspec.structs import replace

from .. import errors
from . import callclock
from .callclock import Phase
from .disposition import WRAPUP_TIMEOUT, Terms
from .ending import complete, joined, prerequisite, terms_of
from .merging import Rules, base, closed, fence, kept, logged, moved, reopened, said, working
from .operations import MarkCall, WrapUp
from .ticket import Call, CallEvent, Mark, Ticket

_AHEAD: Final = timedelta(minutes=5)
"""How far a console's clock may run before the server's."""

_Where = Phase | None  # None: nobody has heard of the call yet
_MAKES_SENSE: Final[dict[CallEvent, frozenset[_Where]]] = {
    "offered": frozenset({None}),
    "answered": frozenset({None, "ringing"}),
    "abandoned": frozenset({None, "ringing"}),
    "callback": frozenset({None, "ringing"}),
    "held": frozenset({"talking"}),
    "resumed": frozenset({"held"}),
    "muted": frozenset({"talking", "held"}),
    "unmuted": frozenset({"talking", "held"}),
    "ended": frozenset({"talking", "held"}),
    "wrapped": frozenset({"talking", "held", "wrapup"}),
}
# Where the event is true already, or comes late without saying anything new, it is passed over.
_NOTHING_NEW: Final[dict[CallEvent, frozenset[_Where]]] = {
    "offered": frozenset({"ringing", "talking", "held", "wrapup", "done"}),
    "held": frozenset({"held"}),
    "resumed": frozenset({"talking"}),
    "unmuted": frozenset({"wrapup", "done"}),
    "ended": frozenset({"wrapup", "done"}),
    "wrapped": frozenset({"done"}),
}


def mark(ticket: Ticket, op: MarkCall, now: datetime, rules: Rules) -> Ticket:
    """One more mark on the call, in the order in which they are told; a moment before the last mark's counts as that one.

    ``Refused``: bad-moment (more than five minutes ahead of ``now``), call-taken (a colleague answered first), call-state
    (the event makes no sense where the call is). Who answers has the ticket if nobody else holds it, and has answered the
    caller.
    """
    said(op.call)
    if op.moment > now + _AHEAD:
        raise errors.Refused("The moment lies in the future.", "Set this machine's clock.", code="bad-moment")
    call = callclock.find(ticket.calls, op.call) or Call(op.call)
    if call.marks and _stands(call, op):
        return ticket
    where = callclock.phase(call) if call.marks else None
    if where not in _MAKES_SENSE[op.event]:
        if op.event == "answered" and call.agent not in ("", op.by):
            raise errors.Refused("A colleague has answered this call.", "Take another one.", code="call-taken")
        raise errors.Refused(
            f"A call that is {where or 'not known'} cannot be {op.event}.", "Look at the call.", code="call-state"
        )
    log = logged(ticket, op, now, "call", event=op.event, call=op.call, at=op.moment.isoformat())
    if op.event == "answered":
        call = replace(call, agent=op.by)
        ticket = _answered(ticket, op, now, rules)
    return replace(with_call(ticket, marked(call, op.event, op.moment)), timeline=log)


def marked(call: Call, event: CallEvent, moment: datetime) -> Call:
    """The call with one more mark; the end of the work on it takes the end of the talk along where that was not told."""
    at = max(moment, call.marks[-1].at) if call.marks else moment
    marks: tuple[Mark, ...] = (Mark(event, at),)
    if event == "wrapped" and callclock.phase(call) in ("talking", "held"):
        marks = (Mark("ended", at), *marks)
    return replace(call, marks=(*call.marks, *marks))


def with_call(ticket: Ticket, call: Call) -> Ticket:
    """The ticket with this call in its place, or as the last one."""
    if callclock.find(ticket.calls, call.id) is None:
        return replace(ticket, calls=(*ticket.calls, call))
    return replace(ticket, calls=tuple(call if other.id == call.id else other for other in ticket.calls))


def _stands(call: Call, op: MarkCall) -> bool:
    where = callclock.phase(call)
    if where in _NOTHING_NEW.get(op.event, ()):
        return True
    match op.event:
        case "answered":
            return call.agent == op.by and where != "ringing"
        case "muted" | "unmuted":
            silent = next(
                (mark.event for mark in reversed(call.marks) if mark.event in ("muted", "unmuted")), "unmuted"
            )
            return silent == op.event
        case "abandoned" | "callback":
            return call.marks[-1].event == op.event
        case _:
            return False


def _answered(ticket: Ticket, op: MarkCall, now: datetime, rules: Rules) -> Ticket:
    if ticket.sla.responded_at is None:
        ticket = replace(ticket, sla=replace(ticket.sla, responded_at=op.moment))
    lapsed = ticket.lease_until is not None and ticket.lease_until < now
    if ticket.status == "closed" or (ticket.assignee is not None and not (lapsed and ticket.assignee != op.by)):
        return ticket
    taken = replace(ticket, assignee=op.by, claim_no=ticket.claim_no + 1, lease_until=None)
    return moved(taken, "open", now, rules) if ticket.status == "new" else taken


def wrapup(ticket: Ticket, op: WrapUp, now: datetime, rules: Rules) -> Ticket:
    """The end of the contact; its disposition closes the ticket, lets it wait, or leaves it in work.

    The gate is that of a close: the checklist complete, or a reason, or a disposition that needs neither. A wrap-up that the
    clock made (WRAPUP_TIMEOUT) changes the call alone, never replaces a person's, and is replaced by one. A ticket that was
    merged into another stays so: only the contact ends.
    """
    clock = op.disposition == WRAPUP_TIMEOUT
    terms = terms_of(op.disposition, rules, system=clock)
    call = callclock.find(ticket.calls, op.call) if op.call else None
    if op.call and call is None:
        raise errors.Refused("There is no such call on this ticket.", "Look at its calls.", code="no-call")
    if call is not None and call.code:
        if _same(ticket, op, call):
            return kept(ticket, op, now, op.override)
        if clock:
            return kept(ticket, op, now, joined(op.summary, op.override))
    ends = not clock and not ticket.merged_into
    if ends:
        _judge(ticket, op, rules, terms)
    log = logged(ticket, op, now, "wrapup", op.summary, disposition=op.disposition, call=op.call, override=op.override)
    after = _after(ticket, op, now, rules, terms) if ends else ticket
    if call is not None:
        if callclock.phase(call) in ("talking", "held", "wrapup"):
            call = marked(call, "wrapped", min(op.at, now + _AHEAD))
        after = with_call(after, replace(call, code=op.disposition))
    return replace(after, timeline=log)


def _same(ticket: Ticket, op: WrapUp, call: Call) -> bool:
    """Whether the very same was said of this call before."""
    said_before = next(
        (e for e in reversed(ticket.timeline) if e.kind == "wrapup" and e.data.get("call") == op.call), None
    )
    return call.code == op.disposition and said_before is not None and said_before.text == op.summary


def _judge(ticket: Ticket, op: WrapUp, rules: Rules, terms: Terms) -> None:
    mine = joined(op.disposition, op.summary, op.override)
    # What only goes on does not touch the status that a colleague may have changed meanwhile.
    if terms.after != "open" and base(op, "status") != ticket.status:
        raise errors.NeedsReview("status", base=op.was["status"], mine=mine, theirs=ticket.status)
    fence(ticket, op, mine=mine)
    if not terms.ungated and not op.override.strip():
        complete(ticket, rules)
    prerequisite(ticket, terms)


def _after(ticket: Ticket, op: WrapUp, now: datetime, rules: Rules, terms: Terms) -> Ticket:
    if terms.after == "closed":
        return closed(ticket, op.disposition, op.summary, now, rules)
    back = reopened(ticket, now, rules) if ticket.status == "closed" else ticket
    return moved(back, "pending" if terms.after == "pending" else working(back), now, rules, reason=op.disposition)
