"""Whose calls they are: the calls on tickets by agent and day, so that one agent's are found without looking at all of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator
from typing import Final

from .calllog import SECOND, Micros, micros
from .queue import Row
from .ticket import Call

_DAY_US: Final[Micros] = 86400 * SECOND
_Days = dict[int, dict[str, tuple[Call, ...]]]
"""By the day of UTC on which a call began, the agent's calls on each ticket."""


class Callbook:
    """The calls that an agent has answered. ``versions`` of an agent changes with every change of one of his calls."""

    def __init__(self) -> None:
        self.versions: Counter[str] = Counter()
        self._agents: dict[str, _Days] = {}

    def exchange(self, ticket: str, old: Row | None, new: Row | None) -> None:
        """Takes the calls of the row as it was out and puts those of the row as it is in."""
        was, now = _filed(old), _filed(new)
        for place in was.keys() | now.keys():
            if was.get(place) == now.get(place):
                continue
            agent, day = place
            days = self._agents.setdefault(agent, {})
            if place in now:
                days.setdefault(day, {})[ticket] = tuple(now[place])
            elif day in days and days[day].pop(ticket, None) is not None and not days[day]:
                del days[day]
            self.versions[agent] += 1

    def agents(self) -> Collection[str]:
        return self._agents.keys()

    def of(self, agent: str, since: Micros) -> Iterator[tuple[str, Call]]:
        """The agent's calls of the days from that of ``since`` on, each with its ticket."""
        for day, tickets in self._agents.get(agent, {}).items():
            if day >= since // _DAY_US:
                for ticket, calls in tickets.items():
                    for call in calls:
                        yield ticket, call


def _filed(row: Row | None) -> dict[tuple[str, int], list[Call]]:
    found: dict[tuple[str, int], list[Call]] = {}
    for call in row.calls if row is not None else ():
        if call.agent and call.marks:
            found.setdefault((call.agent, micros(call.marks[0].at) // _DAY_US), []).append(call)
    return found
