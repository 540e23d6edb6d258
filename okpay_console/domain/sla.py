"""The service level's clocks: when an answer and a solution are due, what stops and pauses them, and why one is late."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final, Literal

import msgspec
from msgspec.structs import replace

from .targets import Limit, Matter, Policy, Target
from .ticket import Channel, Pause, Priority, Sla, Ticket
from .words import Words
from .worktime import Counted, Gap, add, between, years

__all__ = [
    "CLOSED", "CUSTOMER", "PARTNER", "Explanation", "Limit", "Matter", "Part", "Policy", "Reckoning", "State", "Target", "answered",
    "ended", "explain", "first_answer", "paused", "reopened", "resumed", "retarget", "start",
]  # fmt: skip

State = Literal["running", "paused", "late", "met", "missed"]

CUSTOMER: Final = "customer"
PARTNER: Final = "partner"
CLOSED: Final = "closed"
_PAUSES: Final = {"": CUSTOMER, "PENDING_CUSTOMER": CUSTOMER, "PENDING_PARTNER": PARTNER}


def start(category: str, priority: Priority, channel: Channel, created_at: datetime, policy: Policy) -> Sla:
    """The clocks of a matter whose first contact was at ``created_at``; its later changes move due times, never this start."""
    kind = {"category": category, "priority": priority, "channel": channel}
    return Sla(_due("response", kind, created_at, policy), _due("resolve", kind, created_at, policy))


def retarget(ticket: Ticket, policy: Policy) -> Sla:
    """The clocks after the ticket's category or priority changed: the new limits, counted from the first contact.

    What came already stands, and pauses that are over still do not count. One that stands is added when it ends. Without any
    target nothing is judged: the rules were not loaded.
    """
    if not policy.targets:
        return ticket.sla
    fresh = start(ticket.category, ticket.priority, ticket.channel, ticket.created_at, policy)
    return replace(ticket.sla, response_due=fresh.response_due, resolve_due=_resolve_due(ticket, ticket.sla, policy))


def paused(clock: Sla, now: datetime, reason: str = "") -> Sla:
    """The clock to the solution stands from ``now``; the one to the first answer goes on, whatever happens.

    ``reason`` is ``customer`` (also where nothing is said), ``partner``, a disposition that means one of them, or words.
    """
    why = _PAUSES.get(reason.strip(), reason.strip())
    standing = _standing(clock)
    if standing is not None and standing.reason == why:
        return clock
    return replace(clock, pauses=(*_ended(clock, now), Pause(now, why)))


def resumed(clock: Sla, now: datetime, policy: Policy, *, ticket: Ticket) -> Sla:
    """The clock to the solution runs again, and its due time is later by what the pause took of working time.

    A pause that began after the due time moves nothing: what was late stays late.
    """
    if _standing(clock) is None:
        return clock
    after = replace(clock, pauses=_ended(clock, now))
    if not policy.targets:
        return after
    return replace(after, resolve_due=_resolve_due(ticket, after, policy))


def ended(clock: Sla, at: datetime, policy: Policy, *, ticket: Ticket) -> Sla:
    """The clocks of a ticket that was closed at ``at``: an answer and a solution came by then at the latest."""
    after = resumed(clock, at, policy, ticket=ticket)
    return replace(after, responded_at=after.responded_at or at, resolved_at=after.resolved_at or at)


def reopened(clock: Sla, now: datetime, policy: Policy, *, ticket: Ticket) -> Sla:
    """The clocks of a ticket that goes on: from the first contact, without the time in which it was closed.

    So a case that was closed in time has the rest of its time left, and one that was late is as late as it was.
    """
    since = ticket.closed_at or clock.resolved_at or now
    shut = replace(clock, resolved_at=None, pauses=(*_ended(clock, since), Pause(since, CLOSED)))
    return resumed(shut, now, policy, ticket=ticket)


def answered(clock: Sla, at: datetime) -> Sla:
    """Somebody of the house has answered the caller: a reply or a call that was taken. The first answer is the one that counts.

    Nothing takes it back, neither a later message of the caller nor a release, and a note among colleagues is none.
    """
    return clock if clock.responded_at is not None else replace(clock, responded_at=at)


class Part(msgspec.Struct, frozen=True):
    """So many seconds of a kind; ``why`` is the holiday's name or the pause's reason."""

    kind: Literal["counted", "holiday", "closed", "paused"]
    seconds: int
    why: str = ""


class Reckoning(msgspec.Struct, frozen=True, kw_only=True):
    """Why a due time is what it is. ``parts`` are exactly the seconds from ``since`` to ``until``.

    ``until`` is when the clock stopped (an answer, a solution), else now. ``target`` is the rule that gave ``limit_s`` seconds
    of ``calendar``, in which a working day has ``workday_s``; None where these rules have none. ``left_s`` of working time is
    negative beyond the limit. ``due`` is the ticket's own, ``ours`` what these rules say: they differ where the server's rules are
    others, or the ticket is older than the rules. ``unannounced`` are years of the reckoning whose exchanged days nobody knows.
    """

    matter: Matter
    state: State
    since: datetime
    until: datetime
    due: datetime
    ours: datetime | None
    target: Target | None
    limit_s: int | None
    calendar: str
    title: Words | None
    workday_s: int
    h24: bool
    parts: tuple[Part, ...]
    left_s: int
    reason: str = ""
    unannounced: tuple[int, ...] = ()

    @property
    def agrees(self) -> bool:
        """Whether the ticket's due time is the one that these rules give, to the second."""
        return self.ours is not None and abs((self.ours - self.due).total_seconds()) < 1


class Explanation(msgspec.Struct, frozen=True):
    """The clocks of one ticket at ``now``, the answer's first; one without a due time is left out."""

    now: datetime
    clocks: tuple[Reckoning, ...]


def explain(ticket: Ticket, now: datetime, policy: Policy) -> Explanation:
    """Why the ticket is late or not: what was counted and what was not, by the rules of ``policy``."""
    clocks = (_response(ticket, now, policy), _resolve(ticket, now, policy))
    return Explanation(now, tuple(clock for clock in clocks if clock is not None))


def _response(ticket: Ticket, now: datetime, policy: Policy) -> Reckoning | None:
    due = ticket.sla.response_due
    if due is None:
        return None
    return _reckon("response", ticket, policy, due=due, stopped=first_answer(ticket), now=now, gaps=())


def _resolve(ticket: Ticket, now: datetime, policy: Policy) -> Reckoning | None:
    clock = ticket.sla
    if clock.resolve_due is None:
        return None
    stopped = clock.resolved_at or ticket.closed_at
    gaps = tuple((one.since, one.until or stopped or now, one.reason) for one in clock.pauses)
    return _reckon("resolve", ticket, policy, due=clock.resolve_due, stopped=stopped, now=now, gaps=gaps)


def first_answer(ticket: Ticket) -> datetime | None:
    """When the caller was answered first; a call also by whoever took its ticket (``queue.due`` says the same)."""
    if ticket.sla.responded_at is not None:
        return ticket.sla.responded_at
    if ticket.channel != "hotline" or ticket.assignee is None:
        return None
    taken = (entry.at for entry in ticket.timeline if entry.kind in ("claim", "assign", "handover"))
    return next(taken, ticket.created_at)


def _reckon(
    matter: Matter,
    ticket: Ticket,
    policy: Policy,
    *,
    due: datetime,
    stopped: datetime | None,
    now: datetime,
    gaps: tuple[Gap, ...],
) -> Reckoning:
    target = policy.target(matter, category=ticket.category, priority=ticket.priority, channel=ticket.channel)
    limit: Limit | None = getattr(target, matter) if target is not None else None
    name = limit.calendar if limit is not None else "always"
    calendar = policy.calendar(name)
    since, until = ticket.created_at, max(stopped or now, ticket.created_at)
    spent = between(since, until, calendar, gaps=gaps)
    limit_s = limit.seconds if limit is not None else None
    ours = None if limit_s is None else _resolve_due(ticket, ticket.sla, policy)
    if matter == "response" and limit_s is not None:
        ours = add(since, limit_s, calendar)
    standing = _standing(ticket.sla) if matter == "resolve" and stopped is None else None
    return Reckoning(
        matter=matter,
        state=_state(due, stopped=stopped, now=now, waits=standing is not None),
        since=since,
        until=until,
        due=due,
        ours=ours,
        target=target if limit_s is not None else None,
        limit_s=limit_s,
        calendar=name,
        title=calendar.title,
        workday_s=calendar.workday_s,
        h24=calendar.h24,
        parts=_parts(spent),
        left_s=int((due - until).total_seconds()) if limit_s is None else limit_s - spent.counted_s,
        reason=standing.reason if standing is not None else "",
        unannounced=years(since, max(until, due), calendar),
    )


def _state(due: datetime, *, stopped: datetime | None, now: datetime, waits: bool) -> State:
    if stopped is not None:
        return "met" if stopped <= due else "missed"
    if waits:
        return "paused"
    return "late" if due < now else "running"


def _parts(spent: Counted) -> tuple[Part, ...]:
    parts = [Part("counted", spent.counted_s)]
    parts += [Part("holiday", seconds, name) for name, seconds in spent.holidays]
    parts += [Part("closed", spent.closed_s)] if spent.closed_s else []
    parts += [Part("paused", seconds, why) for why, seconds in spent.paused]
    return tuple(parts)


def _due(
    matter: Matter, kind: Mapping[str, str], created_at: datetime, policy: Policy, *, gaps: tuple[Gap, ...] = ()
) -> datetime | None:
    target = policy.target(matter, category=kind["category"], priority=kind["priority"], channel=kind["channel"])
    limit: Limit | None = getattr(target, matter) if target is not None else None
    if limit is None or limit.seconds is None:
        return None
    return add(created_at, limit.seconds, policy.calendar(limit.calendar), gaps=gaps)


def _resolve_due(ticket: Ticket, clock: Sla, policy: Policy) -> datetime | None:
    kind = {"category": ticket.category, "priority": ticket.priority, "channel": ticket.channel}
    gaps = tuple((one.since, one.until, one.reason) for one in clock.pauses if one.until is not None)
    return _due("resolve", kind, ticket.created_at, policy, gaps=gaps)


def _standing(clock: Sla) -> Pause | None:
    """The pause that has not ended; there is at most one, the last."""
    return clock.pauses[-1] if clock.pauses and clock.pauses[-1].until is None else None


def _ended(clock: Sla, now: datetime) -> tuple[Pause, ...]:
    """The pauses, none of them standing any longer."""
    return tuple(one if one.until is not None else replace(one, until=max(now, one.since)) for one in clock.pauses)
