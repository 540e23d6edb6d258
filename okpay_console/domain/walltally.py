"""Reckons the numbers of the wall from what a watch has read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

from msgspec.structs import replace

from . import calls, intervals, stats
from .attainment import Attainment, Part
from .backlog import backlog
from .callbins import DIMENSIONS, Dimension, by
from .calllog import SECOND, Micros, micros
from .crewnumbers import CrewNumbers
from .forecast import Expected, expected
from .levers import Lever, WhatIf, lever
from .rowpoints import overdue_of
from .wallnumbers import ENOUGH, SURE, Group, HalfHour, Measured, Stage, Wall
from .watch import Watch

AHEAD: Final = 3
"""Half-hours after the present one for which agents are reckoned."""
_HALF_US: Final[Micros] = 1800 * SECOND
_DAY_US: Final[Micros] = 86400 * SECOND


def numbers(watch: Watch, now: datetime, what_if: WhatIf | None = None, *, crew: CrewNumbers | None = None) -> Wall:
    """Everything as of ``now``, the agents' part as it was reckoned. A what-if changes the staffing alone."""
    day, week = intervals.day_of(now, watch.tz), intervals.before(now, watch.tz)
    kinds = watch.bins.kinds(*_micros(day))
    total = watch.bins.tally(*_micros(day))
    at = micros(now)
    rings = watch.series["ringing"].between(None, at + 1)
    halves = _halves(watch, now)
    measured = _measured(watch, total, now, crew)
    tickets = _tickets(watch, now)
    return Wall(
        as_of=now,
        house=watch.house,
        tickets=tickets,
        calls=_with_times(calls.numbers(total), crew),
        before=calls.numbers(watch.bins.tally(*_micros(week))),
        ringing=len(rings),
        longest_ring_s=(at - rings[0][0]) / SECOND if rings else None,
        written_down=watch.series["written"].count(*_micros(day)),
        backlog=backlog(
            watch.series["open"].points(), overdue=tickets.overdue, cycles=watch.lateness.cycles(at), now=at
        ),
        response=_attained(watch, "response", day, at),
        resolve=_attained(watch, "resolve", day, at),
        promises=Part(watch.series["kept"].count(*_micros(day)), watch.series["due"].count(*_micros(day))),
        first_contact=Part(*(watch.series[name].count(*closed_windows(watch, at)) for name in ("solved", "first"))),
        groups={one: _group(watch, one, by(kinds, one), at) for one in DIMENSIONS},
        halves=halves,
        measured=measured,
        levers=_levers(watch, halves, measured, at, what_if),
        crew=crew,
    )


def _with_times(found: calls.Numbers, crew: CrewNumbers | None) -> calls.Numbers:
    """Tickets do not say how long nobody called; the daybook does."""
    if crew is None:
        return found
    return replace(found, occupancy=crew.occupancy, utilisation=crew.utilisation)


def _tickets(watch: Watch, now: datetime) -> stats.Numbers:
    at, local = micros(now), intervals.whole(now.astimezone(watch.tz).date(), watch.tz)
    idle = watch.series["idle"].points()
    groups: dict[str, dict[str, int]] = {group: {} for group in stats.GROUPS}
    for (group, key), number in sorted(watch.counts.items()):
        if group in groups and number:
            groups[group][key] = number
    return stats.Numbers(
        as_of=now,
        all=len(watch.rows),
        open=len(watch.series["open"]),
        waiting=watch.counts["waiting", ""],
        overdue=watch.series["overdue"].count(None, at),
        pending=watch.counts["pending", ""],
        closed_today=watch.series["closed"].count(*_micros(local)),
        promises_open=watch.counts["promises_open", ""],
        promises_overdue=watch.series["owed"].count(None, at),
        oldest_wait_s=max(0, at - idle[0][0]) / SECOND if idle else None,
        by_channel=groups["by_channel"],
        by_category=groups["by_category"],
        by_queue=groups["by_queue"],
        by_agent=groups["by_agent"],
        by_status=groups["by_status"],
        by_priority=groups["by_priority"],
    )


def closed_windows(watch: Watch, at: Micros) -> tuple[Micros, Micros]:
    """The contacts whose window has closed, within the last window of time."""
    window = watch.house.fcr_days * _DAY_US
    return at - 2 * window, at - window


def _attained(watch: Watch, matter: str, day: intervals.Stretch, at: Micros) -> Attainment:
    met, missed = (watch.series[f"{matter}-{end}"].count(*_micros(day)) for end in ("met", "missed"))
    return Attainment(met=met, missed=missed, late=watch.series[f"{matter}-running"].count(None, at))


def _group(watch: Watch, dimension: Dimension, tallies: Mapping[str, calls.Tally], at: Micros) -> dict[str, Group]:
    open_now = {key: n for (group, key), n in watch.counts.items() if group == f"by_{dimension}" and n}
    return {
        key: Group(
            open=open_now.get(key, 0),
            overdue=watch.series[overdue_of(dimension, key)].count(None, at),
            calls=calls.numbers(tallies.get(key, calls.Tally())),
        )
        for key in sorted({*open_now, *tallies})
    }


def _halves(watch: Watch, now: datetime) -> tuple[HalfHour, ...]:
    local = intervals.whole(now.astimezone(watch.tz).date(), watch.tz)
    parts = intervals.halves(local, watch.tz)
    told = expected([half.label for half in parts], watch.history.weekdays(now).days)
    return tuple(_half(watch, half, forecast, now) for half, forecast in zip(parts, told, strict=True))


def _half(watch: Watch, half: intervals.Half, forecast: Expected, now: datetime) -> HalfHour:
    found = calls.numbers(watch.bins.tally(micros(half.begins), min(micros(half.ends), micros(now) + 1)))
    stage: Stage = "past" if half.ends <= now else "now" if half.begins <= now else "next"
    return HalfHour(
        label=half.label, stage=stage, offered=found.offered, answered=found.answered,
        service_level=found.service_level, expected=forecast,
    )  # fmt: skip


def _measured(watch: Watch, today: calls.Tally, now: datetime, crew: CrewNumbers | None) -> Measured:
    pooled = today.finished < ENOUGH
    tally = today + watch.history.weekdays(now).total if pooled else today
    found = calls.numbers(tally)
    at = micros(now)
    there = {
        call.agent
        for call in watch.bins.between(at - 2 * _HALF_US, at + 1)
        if call.agent and (call.busy_until is None or call.busy_until > at - _HALF_US)
    }
    # The daybook tells of those as well who wait for a call; without it, those are taken who had one lately.
    told = crew is not None and crew.occupancy is not None
    return Measured(
        aht_s=found.aht_s, patience_s=found.patience_s, finished=tally.finished, abandoned=tally.abandoned,
        pooled=pooled, there=crew.working if crew is not None and told else len(there),
    )  # fmt: skip


def _levers(
    watch: Watch, halves: Sequence[HalfHour], measured: Measured, at: Micros, what_if: WhatIf | None
) -> tuple[Lever, ...]:
    coming = [half for half in halves if half.stage != "past"][: AHEAD + 1]
    # Half of what the last hour brought, where that is all there is to go by.
    pace = watch.bins.tally(at - 2 * _HALF_US, at + 1).offered / 2 or None
    found = []
    for half in coming:
        calls_due = half.expected.calls
        if calls_due is None:
            calls_due = pace
        elif half.expected.days < SURE:
            calls_due = max(calls_due, pace or 0.0)
        if calls_due is not None and half.stage == "now":
            calls_due = max(calls_due, half.offered)
        found.append(
            lever(
                half.label, calls=calls_due, aht_s=measured.aht_s, patience_s=measured.patience_s, there=measured.there,
                goal=watch.house.needs, what_if=what_if,
            )
        )  # fmt: skip
    return tuple(found)


def _micros(stretch: intervals.Stretch) -> tuple[Micros, Micros]:
    return micros(stretch.begins), micros(stretch.ends)
