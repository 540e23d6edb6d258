"""A day or a week of the hotline, whole: the numbers of the wall over a stretch, beside the same stretch a week before."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta, tzinfo

from . import calls, intervals, walltally
from .attainment import Attainment, Part
from .callbins import DIMENSIONS, Dimension, by
from .calllog import SECOND, Micros, micros
from .calls import Tally
from .crewnumbers import CrewNumbers
from .intervals import Stretch
from .queue import Row
from .reportshape import WEEK, Agent, Day, Flow, Group, Half, Kind, Report, Team
from .sla import CLOSED
from .wallnumbers import Wall
from .watch import Watch

__all__ = ["Agent", "Day", "Flow", "Group", "Half", "Kind", "Report", "Team", "cut", "report", "stretch", "until"]


def stretch(kind: Kind, day: date, tz: tzinfo) -> tuple[date, date, Stretch]:
    """The first and the last day, and their moments: that day, or its week from Monday on."""
    first = day if kind == "day" else day - timedelta(days=day.weekday())
    last = first if kind == "day" else first + timedelta(days=6)
    return first, last, Stretch(intervals.begins(first, tz), intervals.begins(last + timedelta(days=1), tz))


def until(whole: Stretch, now: datetime) -> datetime:
    """The moment of a report's numbers: now, or the last moment of a stretch that is over."""
    return min(now, whole.ends - timedelta.resolution)


def report(
    watch: Watch,
    kind: Kind,
    day: date,
    now: datetime,
    *,
    crew: CrewNumbers | None = None,
    names: bool = False,
    unsure: int = 0,
) -> Report:
    """Of the rows as they were at ``until(…)``, which the watch has read. ``names``: with each agent's own line.

    ``crew``: the agents' time of that day up to that moment, None where the daybook does not tell of the whole day.
    """
    tz = watch.tz
    first, last, whole = stretch(kind, day, tz)
    at = until(whole, now)
    told = Stretch(whole.begins, at + timedelta.resolution)
    earlier = Stretch(intervals.begins(first - WEEK, tz), intervals.before(at, tz).ends)
    wall = walltally.numbers(watch, at, crew=crew)
    rows = watch.rows
    tally = _tally(watch, told)
    agents = _agents(watch, told)
    flow, flow_before = _flows(rows.values(), [told, earlier])
    return Report(
        kind=kind,
        first=first,
        last=last,
        begins=whole.begins,
        ends=whole.ends,
        until=at,
        wall=wall,
        calls=wall.calls if kind == "day" else calls.numbers(tally),
        before=calls.numbers(_tally(watch, earlier)),
        response=_attained(watch, "response", told, wall.response.late),
        resolve=_attained(watch, "resolve", told, wall.resolve.late),
        promises=_promises(watch, told),
        promises_before=_promises(watch, earlier),
        flow=flow,
        flow_before=flow_before,
        groups=_groups(watch, told, wall),
        halves=_halves(watch, first, last, told),
        days=_days(watch, first, last, told) if kind == "week" else (),
        endings=_endings(rows.values(), told),
        team=_team(agents),
        agents=agents if names else (),
        since=min((row.created_at for row in rows.values()), default=None),
        unsure=unsure,
    )


def _micros(one: Stretch) -> tuple[Micros, Micros]:
    return micros(one.begins), micros(one.ends)


def _tally(watch: Watch, one: Stretch) -> Tally:
    return watch.bins.tally(*_micros(one))


def _attained(watch: Watch, matter: str, one: Stretch, late: int) -> Attainment:
    met, missed = (watch.series[f"{matter}-{end}"].count(*_micros(one)) for end in ("met", "missed"))
    return Attainment(met=met, missed=missed, late=late)


def _settled(watch: Watch, matter: str, one: Stretch) -> Part:
    found = _attained(watch, matter, one, 0)
    return Part(found.met, found.met + found.missed)


def _promises(watch: Watch, one: Stretch) -> Part:
    return Part(watch.series["kept"].count(*_micros(one)), watch.series["due"].count(*_micros(one)))


def _flows(rows: Iterable[Row], stretches: list[Stretch]) -> list[Flow]:
    """A time in which a ticket was closed, before somebody reopened it, stands among the pauses of its clock."""
    came, ended, still = ([0] * len(stretches) for _ in range(3))
    for row in rows:
        shut = [(one.since, one.until) for one in row.sla.pauses if one.reason == CLOSED]
        if row.closed_at is not None:
            shut.append((row.closed_at, None))
        for place, one in enumerate(stretches):
            came[place] += one.begins <= row.created_at < one.ends
            ended[place] += sum(one.begins <= since < one.ends for since, _ in shut)
            closed = any(since < one.ends and (to is None or to >= one.ends) for since, to in shut)
            still[place] += row.created_at < one.ends and not closed
    return [Flow(*numbers) for numbers in zip(came, ended, still, strict=True)]


def _groups(watch: Watch, one: Stretch, wall: Wall) -> dict[Dimension, dict[str, Group]]:
    kinds = watch.bins.kinds(*_micros(one))
    fresh = [row for row in watch.rows.values() if one.begins <= row.created_at < one.ends]
    found: dict[Dimension, dict[str, Group]] = {}
    for dimension in DIMENSIONS:
        tallies = by(kinds, dimension)
        came = Counter(str(getattr(row, dimension)) for row in fresh)
        now = wall.groups.get(dimension, {})
        found[dimension] = {
            key: Group(
                came=came[key],
                open=now[key].open if key in now else 0,
                overdue=now[key].overdue if key in now else 0,
                calls=calls.numbers(tallies.get(key, Tally())),
            )
            for key in sorted({*tallies, *came, *now})
        }
    return found


def _each(first: date, last: date) -> Iterable[date]:
    return (first + timedelta(days=number) for number in range((last - first).days + 1))


def _halves(watch: Watch, first: date, last: date, told: Stretch) -> tuple[Half, ...]:
    sums: dict[str, Tally] = {}
    for day in _each(first, last):
        for half in intervals.halves(intervals.whole(day, watch.tz), watch.tz):
            part = Stretch(half.begins, min(half.ends, told.ends))
            tally = _tally(watch, part) if part.begins < part.ends else Tally()
            sums[half.label] = sums.get(half.label, Tally()) + tally
    return tuple(Half(label, calls.numbers(tally)) for label, tally in sorted(sums.items()))


def _days(watch: Watch, first: date, last: date, told: Stretch) -> tuple[Day, ...]:
    stretches = {}
    for day in _each(first, last):
        whole = intervals.whole(day, watch.tz)
        if whole.begins < told.ends:
            stretches[day] = Stretch(whole.begins, min(whole.ends, told.ends))
    flows = _flows(watch.rows.values(), list(stretches.values()))
    return tuple(
        Day(
            day=day,
            calls=calls.numbers(_tally(watch, one)),
            flow=flow,
            response=_settled(watch, "response", one),
            resolve=_settled(watch, "resolve", one),
            promises=_promises(watch, one),
        )
        for (day, one), flow in zip(stretches.items(), flows, strict=True)
    )


def _endings(rows: Iterable[Row], one: Stretch) -> dict[str, int]:
    """By disposition, the tickets that were closed within the stretch and are closed at its end."""
    found = Counter(
        row.disposition for row in rows if row.closed_at is not None and one.begins <= row.closed_at < one.ends
    )
    return dict(sorted(found.items(), key=lambda item: (-item[1], item[0])))


def _agents(watch: Watch, one: Stretch) -> tuple[Agent, ...]:
    sums: dict[str, list[int]] = {}
    for call in watch.bins.between(*_micros(one)):
        if call.agent:
            mine = sums.setdefault(call.agent, [0, 0, 0])
            mine[0] += 1
            mine[1] += call.finished
            mine[2] += call.talk + call.hold + call.acw
    return tuple(
        Agent(name=name, answered=count, contact_s=spent / SECOND, aht_s=_mean(spent, finished))
        for name, (count, finished, spent) in sorted(sums.items())
    )


def _team(agents: tuple[Agent, ...]) -> Team:
    spent = sum(one.contact_s for one in agents)
    finished = sum(round(one.contact_s / one.aht_s) for one in agents if one.aht_s)
    return Team(
        agents=len(agents),
        answered=sum(one.answered for one in agents),
        contact_s=spent,
        aht_s=spent / finished if finished else None,
    )


def _mean(spent: Micros, count: int) -> float | None:
    return spent / (count * SECOND) if count else None


def cut(rows: Mapping[str, Row], at: datetime) -> tuple[dict[str, Row], list[str]]:
    """The rows that ``at`` is no past for, and the tickets that were there but have changed since and must be read back."""
    same = {name: row for name, row in rows.items() if row.updated_at <= at}
    return same, [name for name, row in rows.items() if row.updated_at > at >= row.created_at]
