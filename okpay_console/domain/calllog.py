"""What happened on the telephone: events of calls and agents, in any order, put together to calls and to agents' time."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from itertools import groupby
from typing import Final, Literal, get_args

import msgspec

from .contacts import Leg, Step, legs

CallKind = Literal["offered", "answered", "held", "resumed", "ended", "wrapped", "abandoned", "callback"]
AgentKind = Literal["available", "break", "training", "offline"]
Outcome = Literal["answered", "callback", "abandoned", "waiting"]
State = Literal["contact", "idle", "break", "training"]

CALL_KINDS: Final[tuple[CallKind, ...]] = get_args(CallKind)
AGENT_KINDS: Final[tuple[AgentKind, ...]] = get_args(AgentKind)

Micros = int
"""A moment as microseconds of UTC since 1970, or a span of them: whole numbers, so that parts add up to the whole."""

SECOND: Final[Micros] = 1_000_000
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_LEAVING: Final[tuple[Outcome, ...]] = ("answered", "callback", "abandoned")
_THERE: Final[dict[str, State]] = {"available": "idle", "break": "break", "training": "training"}


class Event(msgspec.Struct, frozen=True):
    """One line of the log. ``at`` has a time zone; a call event names its ``call``, an agent event its ``agent``.

    ``wrapped``: the after-call work is done. ``callback``: the caller chose to be called back and left the queue.
    """

    at: datetime
    event: CallKind | AgentKind
    call: str = ""
    agent: str = ""


class Contact(msgspec.Struct, frozen=True):
    """An agent with a call: answered at ``began``, ``ended`` and ready again at ``wrapped``; None where it lasts or is not known.

    ``busy_until``: how far it is known to have kept the agent. ``hold``: of the time between answer and end.
    """

    agent: str
    began: Micros
    ended: Micros | None
    wrapped: Micros | None
    busy_until: Micros
    hold: Micros


class Call(msgspec.Struct, frozen=True):
    """A call that entered the queue at ``offered`` and left it at ``left`` (None while it waits) by its ``outcome``."""

    id: str
    offered: Micros
    outcome: Outcome
    left: Micros | None
    contacts: tuple[Contact, ...]

    @property
    def wait(self) -> Micros | None:
        """Time in the queue; None while it waits. Clocks that disagree make no wait negative."""
        return None if self.left is None else max(0, self.left - self.offered)

    @property
    def finished(self) -> bool:
        """Answered and ended; what still goes on has no handle time yet."""
        return self.outcome == "answered" and all(contact.ended is not None for contact in self.contacts)


class Agent(msgspec.Struct, frozen=True):
    """An agent's time as (from, to, state) in order, without overlaps: with a call, idle, on a break, or in a training.

    ``known`` where the log says when the agent was there; otherwise nothing but the contacts is known, and no idle time.
    """

    name: str
    known: bool
    spans: tuple[tuple[Micros, Micros, State], ...]


class Log(msgspec.Struct, frozen=True):
    """The calls in order of their offer, the agents by name, up to the moment ``until``.

    ``headless`` are ids of calls whose offer the log does not hold, so that nobody can say how long they waited: they count
    in their agents' time and nowhere else.
    """

    calls: tuple[Call, ...]
    agents: tuple[Agent, ...]
    until: Micros
    headless: tuple[str, ...]


def micros(at: datetime) -> Micros:
    """A moment in UTC microseconds. ``ValueError`` without a time zone: nobody can say when that was."""
    if at.tzinfo is not UTC and at.utcoffset() is None:
        raise ValueError("a moment of the log needs a time zone")
    # Through UTC first: two moments of one zone subtract by the clock on the wall, which jumps twice a year.
    since = (at if at.tzinfo is UTC else at.astimezone(UTC)) - _EPOCH
    return (since.days * 86400 + since.seconds) * SECOND + since.microseconds


def read(events: Iterable[Event], *, until: datetime | None = None) -> Log:
    """Puts the log together as of ``until`` (default: its last event); what comes later has not happened yet.

    The order of the events does not matter, nor do repeated ones: of a kind that can happen once, the first counts.
    The first of answered, callback and abandoned decides how a call left the queue (at one instant in that order).
    A contact without an end lasts until its agent answers another call, goes offline, or ``until``. After-call work lasts
    to ``wrapped``; where that is missing, to the agent's ``available`` if that is the agent's next sign, and counts nothing
    otherwise. An event that cannot follow what came before is passed over.
    """
    limit = None if until is None else micros(until)
    seen = {(micros(one.at), one.event, one.call, one.agent) for one in events}
    lines = sorted(line for line in seen if limit is None or line[0] <= limit)
    limit = limit if limit is not None else lines[-1][0] if lines else 0
    told: dict[str, list[Step]] = defaultdict(list)
    states: dict[str, list[tuple[Micros, str]]] = defaultdict(list)
    for at, kind, call, agent in lines:
        if kind in AGENT_KINDS:
            states[agent].append((at, kind))
        else:
            told[call].append((at, kind, agent))
    contacts = _contacts({call: legs(steps) for call, steps in told.items()}, states, limit)
    calls = [_call(call, steps, contacts[call]) for call, steps in told.items()]
    return Log(
        calls=tuple(sorted((call for call in calls if call is not None), key=lambda one: (one.offered, one.id))),
        agents=tuple(_agents(contacts, states, limit)),
        until=limit,
        headless=tuple(sorted(call for call, found in zip(told, calls, strict=True) if found is None)),
    )


def alone(name: str, steps: Iterable[Step]) -> Call | None:
    """The call of these steps where nothing is known of its agents but them, as ``read`` has it; None without an offer."""
    told = sorted(set(steps))
    return _call(name, told, _contacts({name: legs(told)}, {}, told[-1][0] if told else 0)[name])


def desk(
    name: str, runs: dict[str, list[Leg]], signs: list[tuple[Micros, str]], limit: Micros
) -> tuple[dict[str, tuple[Contact, ...]], Agent]:
    """One agent's contacts by call and time, as ``read`` has them: ``runs`` are the calls' legs, all of this agent.

    ``signs`` are the states that were told, sorted and without repetitions. Nothing in either is later than ``limit``.
    """
    states = {name: signs} if signs else {}
    contacts = _contacts(runs, states, limit)
    return contacts, next(_agents(contacts, states, limit), Agent(name, False, ()))


def _call(name: str, steps: list[Step], contacts: tuple[Contact, ...]) -> Call | None:
    first = {kind: at for at, kind, _ in reversed(steps)}
    if "offered" not in first:
        return None
    left = min(((first[way], place) for place, way in enumerate(_LEAVING) if way in first), default=None)
    if left is None:
        return Call(name, first["offered"], "waiting", None, contacts)
    return Call(name, first["offered"], _LEAVING[left[1]], left[0], contacts)


def _contacts(
    runs: dict[str, list[Leg]], states: dict[str, list[tuple[Micros, str]]], limit: Micros
) -> dict[str, tuple[Contact, ...]]:
    """The legs with the ends that the agents' other events tell."""
    answers: dict[str, list[Micros]] = defaultdict(list)
    for run in runs.values():
        for leg in run:
            answers[leg.agent].append(leg.began)
    for moments in answers.values():
        moments.sort()

    def close(leg: Leg) -> Contact:
        # Of contacts whose agent is not named, nothing else can be known.
        others = answers[leg.agent] if leg.agent else []
        place = bisect_right(others, leg.began)
        other = others[place] if place < len(others) else limit + 1
        signs = states.get(leg.agent, []) if leg.agent else []
        if leg.ended is None:
            gone = next((at for at, kind in signs if at > leg.began and kind == "offline"), limit)
            return Contact(leg.agent, leg.began, None, None, min(other, gone, limit), leg.hold)
        wrapped = leg.wrapped
        if wrapped is None:
            place = bisect_left(signs, (leg.ended, ""))
            if place < len(signs) and signs[place][1] == "available" and signs[place][0] <= other:
                wrapped = signs[place][0]
        busy = leg.ended if wrapped is None else wrapped
        return Contact(leg.agent, leg.began, leg.ended, wrapped, busy, leg.hold)

    return {call: tuple(close(leg) for leg in run) for call, run in runs.items()}


def _agents(
    contacts: dict[str, tuple[Contact, ...]], states: dict[str, list[tuple[Micros, str]]], limit: Micros
) -> Iterator[Agent]:
    busy: dict[str, list[tuple[Micros, Micros]]] = defaultdict(list)
    for run in contacts.values():
        for one in run:
            busy[one.agent].append((one.began, one.busy_until))
    for name in sorted({*busy, *states} - {""}):
        taken = _merged(busy[name])
        there = list(_presence(states.get(name, []), limit))
        spans: list[tuple[Micros, Micros, State]] = [(began, ended, "contact") for began, ended in taken]
        # Who talks is no longer idle, and a break that was asked for during a call begins after it.
        first = min((began for began, _, _ in there), default=limit)
        free = [first, *(moment for span in taken for moment in span), limit]
        gaps = list(zip(free[::2], free[1::2], strict=True))
        for began, ended, state in there:
            start = max(0, bisect_right(gaps, (began, limit)) - 1)
            for since, to in gaps[start:]:
                if since >= ended:
                    break
                if max(since, began) < min(to, ended):
                    spans.append((max(since, began), min(to, ended), state))
        yield Agent(name, bool(there), tuple(sorted(spans)))


def _merged(spans: list[tuple[Micros, Micros]]) -> list[tuple[Micros, Micros]]:
    merged: list[tuple[Micros, Micros]] = []
    for began, ended in sorted(spans):
        if merged and began <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], ended))
        elif began < ended:
            merged.append((began, ended))
    return merged


def _presence(told: list[tuple[Micros, str]], limit: Micros) -> Iterator[tuple[Micros, Micros, State]]:
    """When the agent was there. At one instant a change comes before what was true already: a re-login ends in "there".

    A state that only a newer version knows changes nothing: what was said before it goes on.
    """
    since, state = 0, "offline"
    known = [one for one in told if one[1] in AGENT_KINDS]
    for at, instant in groupby(known, key=lambda one: one[0]):
        before = state
        together = [kind for _, kind in instant]
        while together:
            kind = min(together, key=lambda one: (one == state, AGENT_KINDS.index(one)))
            together.remove(kind)
            state = kind
        if state != before:
            if before != "offline":
                yield since, at, _THERE[before]
            since = at
    if state != "offline":
        yield since, limit, _THERE[state]
