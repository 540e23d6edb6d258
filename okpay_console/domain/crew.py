"""Who is at work, doing what and since when, and what the agents' time adds up to; read from the daybook and from the calls."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Final

from msgspec.structs import replace

from . import intervals
from .calllog import SECOND, Micros, micros
from .care import Limits, Strain, care
from .crewnumbers import DOING, WORKING, CrewNumbers, Doing, Member
from .crewtime import Day, Reader, key
from .daybook import Line
from .watch import Watch

__all__ = ["DOING", "SILENT_S", "WORKING", "Crew", "CrewNumbers", "Doing", "Member"]

SILENT_S: Final = 90.0
"""A console beats every 30 seconds; after three beats that did not come nobody can say what its agent does."""
_SILENT_US: Final = round(SILENT_S * SECOND)
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_LINES_US: Final[Micros] = 48 * 3600 * SECOND
_CALLS_US: Final[Micros] = 24 * 3600 * SECOND
"""So long before a day its agents' lines and calls still count: states and calls that go on over midnight."""


class Crew:
    """Learns lines in any order, each once, and reckons only those agents anew of whom something has changed.

    ``tz`` says when a day begins.
    """

    def __init__(self, *, tz: tzinfo) -> None:
        self._tz = tz
        self._lines: dict[str, dict[str, Line]] = {}
        self._versions: dict[str, int] = {}
        self._readers: dict[str, Reader] = {}
        self._days: dict[str, tuple[tuple[int, int], Day]] = {}
        self._learned: object = None

    def learn(self, lines: Iterable[Line]) -> None:
        """Takes states and abuse marks; all other lines are passed by. The same sequence again costs nothing."""
        if lines is self._learned:
            return
        for line in lines:
            if line.kind not in ("state", "abuse"):
                continue
            mine = self._lines.setdefault(line.by, {})
            if line.uuid not in mine:
                mine[line.uuid] = line
                self._versions[line.by] = self._versions.get(line.by, 0) + 1
        if isinstance(lines, tuple):
            self._learned = lines

    def stale(self, watch: Watch, now: datetime) -> list[str]:
        """The agents that ``reckon`` has to read; all of them when a day begins."""
        begin, at = self._begin(now), micros(now)
        found = []
        for name in self._lines.keys() | watch.callbook.agents():
            kept = self._days.get(name)
            if kept is None or kept[0] != self._version(watch, name) or not kept[1].current(begin, at):
                found.append(name)
        return found

    def reckon(self, watch: Watch, agents: Iterable[str], now: datetime) -> None:
        """Reads these agents as of ``now``; about a millisecond for each who had 400 calls."""
        begin, at = self._begin(now), micros(now)
        for name in agents:
            version = self._version(watch, name)
            reader = self._readers.setdefault(name, Reader())
            listed = list(watch.callbook.of(name, begin - _CALLS_US))
            runs, last, coming = reader.read(listed, at)
            since = begin - _LINES_US
            lines = sorted(
                (line for line in self._lines.get(name, {}).values() if micros(line.at) >= since),
                key=lambda line: (line.at, line.uuid),
            )
            states, abuse = ([line for line in lines if line.kind == kind] for kind in ("state", "abuse"))
            calls = {key(ticket, call): call for ticket, call in listed}
            day = Day(
                name, states=states, abuse=abuse, calls=calls, runs=runs, marks=(last, coming), begin=begin, now=at
            )
            self._days[name] = version, day

    def numbers(self, watch: Watch, seen: Mapping[str, datetime] | None, now: datetime) -> CrewNumbers:
        """Everything as of ``now``. ``seen``: when each was last heard of; None where silence cannot be told from quiet."""
        self.reckon(watch, self.stale(watch, now), now)
        at = micros(now)
        members: list[Member] = []
        strains: list[Strain] = []
        totals = [0, 0, 0, 0]
        for name, (_, day) in self._days.items():
            heard = at if seen is None else max(day.turn, micros(seen[name]) if name in seen else -1)
            silent = at - heard > _SILENT_US
            limit = heard if silent else at
            spent = day.spent(limit)
            if day.there:
                totals = [total + part for total, part in zip(totals, spent, strict=True)]
            if not _listed(day, spent, silent=silent):
                continue
            members.append(_member(day, spent, silent=silent, heard=heard, now=now))
            if day.there:
                strain = day.strain(limit)
                strains.append(strain if not silent else replace(strain, at_work=False))
        members.sort(key=lambda one: (not one.late, DOING.index(one.doing), one.since, one.name))
        counts: dict[str, int] = dict.fromkeys(DOING, 0)
        for one in members:
            counts[one.doing] += 1
        contact, idle, away, training = totals
        return CrewNumbers(
            members=tuple(members), counts=counts, occupancy=_share(contact, contact + idle),
            utilisation=_share(contact, contact + idle + away + training), contact_s=contact / SECOND, idle_s=idle / SECOND,
            break_s=away / SECOND, training_s=training / SECOND, care=care(strains, _limits(watch)),
        )  # fmt: skip

    def strain(self, name: str, now: datetime) -> Strain | None:
        """What one agent bears, as of the last reckoning; for that agent's own eyes. None for nobody known."""
        kept = self._days.get(name)
        return None if kept is None else kept[1].strain(micros(now))

    def _begin(self, now: datetime) -> Micros:
        return micros(intervals.begins(now.astimezone(self._tz).date(), self._tz))

    def _version(self, watch: Watch, name: str) -> tuple[int, int]:
        return self._versions.get(name, 0), watch.callbook.versions[name]


def _listed(day: Day, spent: tuple[Micros, ...], *, silent: bool) -> bool:
    """Whoever was there today. Of whom no line tells, only while something is heard and the call is not done."""
    if day.there:
        return any(spent) or day.running is not None
    return day.doing in ("call", "hold", "wrapup") and not silent


def _member(day: Day, spent: tuple[Micros, ...], *, silent: bool, heard: Micros, now: datetime) -> Member:
    lost = silent and day.doing != "offline"
    doing: Doing = "unheard" if lost else day.doing
    ticket, _, call = day.call.partition(" ")
    line = day.line
    until = line.until if line is not None else None
    contact, idle, away, training = (part / SECOND for part in spent)
    return Member(
        name=day.name, doing=doing, since=_EPOCH + timedelta(microseconds=heard if lost else day.since),
        was=day.doing if lost else "", reason=line.reason if line is not None else "", until=until,
        late=not lost and until is not None and day.doing != "offline" and until < now, ticket=ticket, call=call,
        worked_s=sum(spent) / SECOND, contact_s=contact, idle_s=idle, break_s=away, training_s=training, calls=day.calls,
        aht_s=_share(day.handled, day.finished * SECOND),
        occupancy=_share(spent[0], spent[0] + spent[1]) if day.there else None,
    )  # fmt: skip


def _limits(watch: Watch) -> Limits:
    house = watch.house
    return Limits(stretch_s=house.care_stretch_s, abusive=house.care_abusive, contact=house.care_contact)


def _share(part: Micros, whole: Micros) -> float | None:
    return part / whole if whole else None
