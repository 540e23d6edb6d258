"""One call's contacts: which agent had it from when to when, how long the caller was on hold, and when the agent was ready."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Final

Step = tuple[int, str, str]
"""When (microseconds of UTC), what, and which agent ("" where the log does not say)."""


class Leg:
    """A contact in the making; moments and ``hold`` in microseconds, None where the log does not tell yet."""

    __slots__ = ("agent", "began", "ended", "held_at", "hold", "wrapped")

    def __init__(self, agent: str, began: int) -> None:
        self.agent = agent
        self.began = began
        self.ended: int | None = None
        self.wrapped: int | None = None
        self.held_at: int | None = None
        self.hold = 0

    def end(self, at: int) -> None:
        self.resume(at)
        self.ended = at

    def resume(self, at: int) -> None:
        if self.held_at is not None:
            self.hold += at - self.held_at
            self.held_at = None


def legs(told: Iterable[Step]) -> list[Leg]:
    """The contacts of one call in order; a second agent who answers has taken the call over from the first.

    A caller who is said to have abandoned after the answer has hung up, where no other end is told.
    """
    steps = [step for step in sorted(told) if step[1] not in ("offered", "callback")]
    plain = _plain(steps)
    if plain is not None:
        return plain
    if any(kind == "ended" for _, kind, _ in steps):
        steps = [step for step in steps if step[1] != "abandoned"]
    found: list[Leg] = []
    for step in _in_turn(steps, found):
        _take(step, found)
    return found


def _plain(steps: list[Step]) -> list[Leg] | None:
    """The same where one agent's steps follow each other as they should, which is nearly always; None for any other call."""
    leg: Leg | None = None
    before = -1
    for at, kind, agent in steps:
        if leg is None:
            if kind != "answered":
                return None
            leg = Leg(agent, at)
        elif at <= before or agent != leg.agent or leg.wrapped is not None:
            return None
        elif leg.ended is not None:
            if kind != "wrapped":
                return None
            leg.wrapped = at
        elif kind == "ended":
            leg.end(at)
        elif kind == "held" and leg.held_at is None:
            leg.held_at = at
        elif kind == "resumed" and leg.held_at is not None:
            leg.resume(at)
        else:
            return None
        before = at
    return [] if leg is None else [leg]


def _take(step: Step, found: list[Leg]) -> None:
    at, kind, agent = step
    last = found[-1] if found else None
    if kind == "answered":
        if last is not None and last.ended is None:
            if agent in ("", last.agent):
                return  # told twice
            last.end(at)
        found.append(Leg(agent, at))
        return
    leg = next((one for one in reversed(found) if one.agent == agent), last)
    if leg is None:
        return
    if kind == "wrapped":
        if leg.ended is None:
            leg.end(at)  # the line with the end was lost
        if leg.wrapped is None:
            leg.wrapped = at
    elif leg.ended is not None:
        return
    elif kind == "ended" or (kind == "abandoned" and at > leg.began):
        leg.end(at)
    elif kind == "held" and leg.held_at is None:
        leg.held_at = at
    elif kind == "resumed":
        leg.resume(at)


_TALKING: Final[tuple[str, ...]] = ("held", "resumed", "ended", "abandoned", "wrapped", "answered")
_ON_HOLD: Final[tuple[str, ...]] = ("resumed", "held", "ended", "abandoned", "wrapped", "answered")
_WRAPPING: Final[tuple[str, ...]] = ("wrapped", "answered")
_IDLE: Final[tuple[str, ...]] = ("answered",)


def _in_turn(steps: list[Step], found: list[Leg]) -> Iterator[Step]:
    """The steps by time; at one instant the one first that can follow what has happened, whichever line stood first."""
    for _, instant in groupby(steps, key=lambda step: step[0]):
        together = list(instant)
        while len(together) > 1:
            last = found[-1] if found else None
            if last is None or (last.ended is not None and last.wrapped is not None):
                order = _IDLE
            elif last.ended is not None:
                order = _WRAPPING
            else:
                order = _TALKING if last.held_at is None else _ON_HOLD
            step = min(together, key=lambda one: (order.index(one[1]) if one[1] in order else len(order), one))
            together.remove(step)
            yield step
        yield together[0]
