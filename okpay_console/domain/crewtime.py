"""One agent's day as it was told: sums up to the last thing that happened, and what has gone on since then."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from . import callclock
from .calllog import CALL_KINDS, SECOND, Contact, Micros, State, desk, micros
from .care import REST_S, SHARE_S, Strain
from .contacts import Leg, Step, legs
from .crewnumbers import Doing
from .daybook import Line
from .ticket import Call

STATES: Final[tuple[State, ...]] = ("contact", "idle", "break", "training")
MINUTE: Final = "minute"
"""The reason of a break that the agent took because a minute was needed."""
_KINDS: Final = frozenset(CALL_KINDS)
_NEVER: Final[Micros] = 1 << 62
_REST_US: Final = round(REST_S * SECOND)
_SHARE_US: Final = round(SHARE_S * SECOND)
_HOUR_US: Final = 3600 * SECOND
_TOLD: Final[Mapping[State | None, Doing]] = {
    "idle": "available", "break": "break", "training": "training", None: "offline"
}  # fmt: skip
_NOBODY: Final = Strain(at_work=False, stretch_s=0, longest_s=0, abusive_run=0, contact=None, minutes=0)
Span = tuple[Micros, Micros, State]


def key(ticket: str, call: Call) -> str:
    """The name of a call on a ticket."""
    return f"{ticket} {call.id}"


class Reader:
    """Reads the legs of an agent's calls, each call once as long as it stays as it is."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[Call, list[Micros], list[Leg]]] = {}

    def read(self, calls: Iterable[tuple[str, Call]], now: Micros) -> tuple[dict[str, list[Leg]], Micros, Micros]:
        """The legs by call as of ``now``; with the moments of the last mark by then and of the first one after it."""
        found: dict[str, list[Leg]] = {}
        known: dict[str, tuple[Call, list[Micros], list[Leg]]] = {}
        last, coming = -1, _NEVER
        for ticket, call in calls:
            name = key(ticket, call)
            kept = self._known.get(name)
            if kept is None or kept[0] is not call:
                steps = sorted(
                    {(micros(mark.at), mark.event, call.agent) for mark in call.marks if mark.event in _KINDS}
                )
                kept = (call, [at for at, _, _ in steps], legs(steps))
            known[name] = kept
            moments = kept[1]
            if not moments:
                continue
            if moments[-1] <= now:
                found[name] = kept[2]
                last = max(last, moments[-1])
                continue
            # Of a call that goes on in the future, only what has happened.
            place = bisect_left(moments, now + 1)
            coming = min(coming, moments[place])
            if place:
                last = max(last, moments[place - 1])
                found[name] = legs(step for step in _steps(call) if step[0] <= now)
        self._known = known
        return found, last, coming


def _steps(call: Call) -> list[Step]:
    return sorted({(micros(mark.at), mark.event, call.agent) for mark in call.marks if mark.event in _KINDS})


class Day:
    """What is known of one agent from ``turn``, the last thing that happened, up to ``horizon``, where the next will.

    ``sums``: microseconds since ``begin`` by ``STATES``, up to ``turn``; ``running`` is what goes on since then, None for
    nothing. ``doing`` since ``since``, with the ``line`` that told it. ``there``: the daybook says when the agent was there.
    """

    def __init__(
        self, name: str, *, states: Sequence[Line], abuse: Iterable[Line], calls: Mapping[str, Call],
        runs: Mapping[str, list[Leg]], marks: tuple[Micros, Micros], begin: Micros, now: Micros,
    ) -> None:  # fmt: skip
        """``states`` in order of their moments; ``calls`` and ``runs`` by the same names, as ``Reader`` gives them."""
        told = [(micros(line.at), line) for line in states]
        happened = bisect_left(told, now + 1, key=lambda one: one[0])
        signs = sorted({(at, line.what) for at, line in told[:happened]})
        self.name = name
        self.begin = begin
        self.turn = max(marks[0], signs[-1][0] if signs else -1)
        self.horizon = min(marks[1], told[happened][0] if happened < len(told) else _NEVER)
        # One instant further, so that what has just begun is there; the sums leave that instant out again.
        contacts, agent = desk(name, dict(runs), signs, self.turn + 1)
        self.there = agent.known
        self.spans: tuple[Span, ...] = agent.spans
        self.running: State | None = agent.spans[-1][2] if agent.spans and agent.spans[-1][1] > self.turn else None
        self.sums = self._sum()
        lines = [line for _, line in told[:happened]]
        self._work(lines, contacts, calls, signs)
        self._today(lines, contacts, calls, abuse)
        self._stretches()

    def current(self, begin: Micros, now: Micros) -> bool:
        """Whether all this is still so at ``now``, on the day that began at ``begin``."""
        return begin == self.begin and self.turn <= now < self.horizon

    def spent(self, limit: Micros) -> tuple[Micros, Micros, Micros, Micros]:
        """The sums up to ``limit``, by ``STATES``."""
        if self.running is None:
            return self.sums
        more = max(0, limit - max(self.turn, self.begin))
        contact, idle, away, training = self.sums
        match self.running:
            case "contact":
                return contact + more, idle, away, training
            case "idle":
                return contact, idle + more, away, training
            case "break":
                return contact, idle, away + more, training
            case _:
                return contact, idle, away, training + more

    def strain(self, limit: Micros) -> Strain:
        """What the agent bears as of ``limit``."""
        if not self.spans:
            return _NOBODY
        running = self.running
        stretch, longest = 0, self._longest
        if self._since is not None:
            if running in ("contact", "idle", "training"):
                stretch = max(0, limit - self._since)
            elif limit - self._worked < _REST_US:
                stretch = self._worked - self._since
            if self._worked > self.begin or stretch:
                longest = max(longest, stretch, self._worked - self._since)
        return Strain(
            at_work=running in ("contact", "idle"), stretch_s=stretch / SECOND, longest_s=longest / SECOND,
            abusive_run=self._abusive, contact=self._share(limit), minutes=self._minutes,
        )  # fmt: skip

    def _sum(self) -> tuple[Micros, Micros, Micros, Micros]:
        sums = dict.fromkeys(STATES, 0)
        # Contact and idle time up to each end, so that those of the last hour are a difference.
        self._ends, self._contact, self._idle = [0], [0], [0]
        for began, ended, state in self.spans:
            end = min(ended, self.turn)
            if end > self.begin:
                sums[state] += max(0, end - max(began, self.begin))
            self._ends.append(end)
            self._contact.append(self._contact[-1] + (end - began) * (state == "contact"))
            self._idle.append(self._idle[-1] + (end - began) * (state == "idle"))
        return sums["contact"], sums["idle"], sums["break"], sums["training"]

    def _work(
        self, lines: list[Line], contacts: Mapping[str, tuple[Contact, ...]], calls: Mapping[str, Call],
        signs: list[tuple[Micros, str]],
    ) -> None:  # fmt: skip
        """What the agent does: the states of the daybook, but a call comes before them, and so does the work after it."""
        last = max(((run[-1].began, name) for name, run in contacts.items() if run), default=None)
        name = last[1] if last is not None else ""
        contact = contacts[name][-1] if name else None
        self.line: Line | None = None
        self.call = name
        self.since = self.spans[-1][0] if self.running is not None else self.turn
        if contact is not None and self.running == "contact" and contact.ended is None:
            held = callclock.phase(calls[name]) == "held"
            at = callclock.since(calls[name], "held") if held else None
            self.doing: Doing = "hold" if held else "call"
            self.since = contact.began if at is None else micros(at)
        elif (
            contact is not None
            and contact.ended is not None
            and contact.wrapped is None
            and not any(at >= contact.ended for at, _ in signs)
        ):
            self.doing, self.since = "wrapup", contact.ended
        else:
            self.call = ""
            self.doing = _TOLD.get(self.running, "available")
            self.line = next((line for line in reversed(lines) if line.what == self.doing), None)
            if self.running is None and self.line is not None:
                self.since = micros(self.line.at)

    def _today(
        self, lines: list[Line], contacts: Mapping[str, tuple[Contact, ...]], calls: Mapping[str, Call],
        abuse: Iterable[Line],
    ) -> None:  # fmt: skip
        today = sorted(
            (one.began, name, one) for name, run in contacts.items() for one in run if one.began >= self.begin
        )
        over = [one for _, _, one in today if one.ended is not None]
        self.calls, self.finished = len(today), len(over)
        self.handled = sum(one.busy_until - one.began for one in over)
        marked = {line.what: line.reason != "none" for line in abuse}
        self._abusive = 0
        for _, name, one in reversed(today):
            if marked.get(calls[name].id, False):
                self._abusive += 1
            elif one.ended is not None:
                break
        self._minutes = sum(
            line.what == "break" and line.reason == MINUTE and micros(line.at) >= self.begin for line in lines
        )

    def _stretches(self) -> None:
        """The stretches at work, split where there was a rest: the longest that is over, and since when the last one lasts."""
        self._longest: Micros = 0
        self._since: Micros | None = None
        self._worked: Micros = 0
        for began, ended, state in self.spans:
            if state == "break":
                continue
            if self._since is None or began - self._worked >= _REST_US:
                if self._since is not None and self._worked > self.begin:
                    self._longest = max(self._longest, self._worked - self._since)
                self._since = began
            self._worked = min(ended, self.turn)

    def _share(self, limit: Micros) -> float | None:
        """Contact as a part of contact and idle time, within the hour before ``limit``."""
        since = limit - _HOUR_US
        place = bisect_right(self._ends, since) - 1
        contact, idle = (sums[-1] - sums[place] for sums in (self._contact, self._idle))
        if place < len(self.spans):
            began, _, state = self.spans[place]
            before = max(0, since - began)
            contact -= before * (state == "contact")
            idle -= before * (state == "idle")
        more = limit - max(self.turn, since)
        contact += more * (self.running == "contact")
        idle += more * (self.running == "idle")
        whole = contact + idle
        return contact / whole if whole >= _SHARE_US else None
