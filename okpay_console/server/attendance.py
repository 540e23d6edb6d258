"""The demo's daybook: when the agents of its past must have been there, as far as their calls tell."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Final

from okpay_console.domain.daybook import Line
from okpay_console.domain.ticket import Ticket

LATELY: Final = timedelta(hours=24)
_EARLY: Final = timedelta(minutes=4)
"""Agents sit down so long before their first call and leave so long after their last."""
_APART: Final = timedelta(hours=2)
"""Nobody waited so long for a call: he was away in between."""
_GAP: Final = timedelta(minutes=25)
_REST: Final = timedelta(minutes=12)
"""A gap that long has a rest of that length in its middle."""


def attendance(past: Iterable[Ticket], *, now: datetime) -> list[Line]:
    """Lines of the last day: available around each run of calls, with rests in its gaps, offline after it.

    Everybody has left by ``now``: who is there now tells that from a console.
    """
    spans: dict[str, list[tuple[datetime, datetime]]] = {}
    for ticket in past:
        for call in ticket.calls:
            told = [mark.at for mark in call.marks if mark.event not in ("offered", "abandoned", "callback")]
            if call.agent and told and told[0] > now - LATELY:
                spans.setdefault(call.agent, []).append((told[0], told[-1]))
    found: list[Line] = []
    for agent, calls in sorted(spans.items()):
        for place, (at, what, reason, until) in enumerate(_states(sorted(calls), now)):
            uuid = f"demo-{len(found)}-{place}"
            found.append(Line(uuid=uuid, kind="state", at=at, by=agent, what=what, reason=reason, until=until))
    return found


def _states(
    calls: list[tuple[datetime, datetime]], now: datetime
) -> Iterator[tuple[datetime, str, str, datetime | None]]:
    free: datetime | None = None
    for began, ended in calls:
        if free is None or began - free >= _APART:
            if free is not None:
                yield free + _EARLY, "offline", "", None
            yield began - _EARLY, "available", "", None
        elif began - free >= _GAP:
            rest = free + (began - free - _REST) / 2
            yield rest, "break", "rest", rest + _REST
            yield rest + _REST, "available", "", None
        free = max(ended, free or ended)
    if free is not None:
        yield min(free + _EARLY, now), "offline", "", None
