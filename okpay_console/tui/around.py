"""What stands around a case: who handed it on and what he says, how often the caller was in touch, what it is tied to."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from msgspec.structs import replace

from ..content import rules
from ..content.interface import lang, t
from ..domain import escalation
from ..domain.overlay import View
from ..domain.ticket import Ticket
from ..domain.timeline import timeline
from ..domain.veil import veil
from ..domain.visits import Visits
from .render import line
from .rows import span
from .when import local

Number = Callable[[str], str]
"""A ticket's number as people write it, by its id."""
_LINKS = 3


def around(
    ticket: Ticket, visits: Visits, *, number: Number, now: datetime, show: Callable[[str], str] = veil
) -> list[tuple[str, str]]:
    """Lines with their roles, what must be read first at the top; none where the case stands alone.

    ``show`` masks what people wrote.
    """
    laid: list[tuple[str, str]] = []
    if ticket.merged_into:
        laid.append((t("around.merged_into", number=number(ticket.merged_into)), "late"))
    if ticket.handover is not None:
        handed = ticket.handover
        laid.append((t("around.handed", who=line(handed.by), note=line(show(handed.note))), "late"))
    if ticket.level:
        laid.append(_level(ticket, now))
    words = []
    if visits.before:
        last = f"{_day(visits.last, now)}" if visits.last is not None else ""
        words.append(t("around.visits", count=visits.before + 1, last=last))
    if ticket.chases:
        words.append(t("around.chases", count=ticket.chases))
    tied = [other for other in ticket.links if other != ticket.merged_into]
    if tied:
        named = t("list.comma").join(number(other) for other in tied[:_LINKS])
        words.append(t("around.links" if len(tied) <= _LINKS else "around.more_links", named=named, count=len(tied)))
    if words:
        laid.append(("  ".join(words), "state"))
    return laid


def _level(ticket: Ticket, now: datetime) -> tuple[str, str]:
    ladders = rules.load_ladders()
    found = escalation.level(ladders.get(ticket.category) or (), ticket.level) or next(
        (step for ladder in ladders.values() for step in ladder if step.id == ticket.level), None
    )
    title = found.title.of(lang()) if found is not None else line(ticket.level)
    due = ticket.hops[-1].due_at if ticket.hops else None
    if due is None or ticket.status == "closed":
        return t("around.level", title=title), "state"
    late = escalation.late(ticket.hops, now)
    words = t(
        "around.level_late" if late else "around.level_due",
        title=title,
        span=span(abs(int((due - now).total_seconds()))),
    )
    return words, "late" if late else "state"


def _day(moment: datetime, now: datetime) -> str:
    then, today = local(moment), local(now).date()
    days = (today - then.date()).days
    if days in (0, 1):
        return t("around.today" if days == 0 else "around.yesterday", time=then.strftime("%H:%M"))
    return then.strftime("%m-%d %H:%M")


def inside(ticket: Ticket, look: Callable[[str], Ticket | None]) -> list[Ticket]:
    """The tickets that went into this one, and those that went into them; ``look`` gives a ticket by its id."""
    found: dict[str, Ticket] = {}
    left = [ticket]
    while left:
        here = left.pop()
        for name in (other for other, kind in here.link_kinds.items() if kind == "merged"):
            other = look(name)
            if other is not None and other.merged_into == here.id and name not in found and name != ticket.id:
                found[name] = other
                left.append(other)
    return list(found.values())


def gathered(view: View, others: Sequence[Ticket]) -> View:
    """The view with the words of the tickets that are ``inside`` it, each in its place by time."""
    ticket = view.ticket
    return replace(view, ticket=replace(ticket, timeline=timeline(ticket, others))) if ticket and others else view
