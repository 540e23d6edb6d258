"""Alarms: a threshold on a number of the wall, when it is up, and when that may be said."""

from __future__ import annotations

import math
import re
from datetime import datetime, timedelta, tzinfo
from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta

from . import wallpath

Told = Literal["raised", "cleared"]
GAP_S: Final = 30.0
"""Who has not looked for longer than this cannot say that anything held meanwhile."""
DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_NAME: Final = re.compile(r"[A-Za-z0-9._\-]{1,64}")
_CLOCK: Final = r"^([01][0-9]|2[0-3]):[0-5][0-9]$"
_LONGEST: Final = 86400.0
_WORDS: Final = 200

Clock = Annotated[str, Meta(pattern=_CLOCK)]
Seconds = Annotated[float, Meta(ge=0, le=_LONGEST)]


class Quiet(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Hours by the local clock, from ``begins`` up to but not including ``ends``; over midnight where ``ends`` is not later.

    ``days`` are those on which the hours begin, empty for every day. The same time twice is a whole day.
    """

    begins: Clock
    ends: Clock
    days: tuple[Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"], ...] = ()

    def holds(self, local: datetime) -> bool:
        """Whether a moment, given by the local clock, falls into the hours: as the clock shows it, also where it was changed."""
        clock = local.strftime("%H:%M")
        day = local
        if self.begins < self.ends:
            inside = self.begins <= clock < self.ends
        else:
            inside = clock >= self.begins or clock < self.ends
            if clock < self.begins:
                day = local - timedelta(days=1)
        return inside and (not self.days or DAYS[day.weekday()] in self.days)


class Alarm(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """Up once ``metric`` (a path of ``wallpath``) has been above ``above``, or below ``below``, for ``for_s`` seconds.

    Down again once it has been back at ``clear`` (None: the threshold itself) for ``after_s`` seconds. In ``quiet`` hours
    nothing is said. ``queue`` is whose alarm it is, "" for the house; ``tell_agents``: that queue's agents see it too.
    """

    id: str
    metric: str
    above: float | None = None
    below: float | None = None
    clear: float | None = None
    for_s: Seconds = 0.0
    after_s: Seconds = 0.0
    quiet: tuple[Quiet, ...] = ()
    queue: str = ""
    tell_agents: bool = False
    words: str = ""

    @property
    def threshold(self) -> float:
        return self.above if self.above is not None else self.below or 0.0

    def beyond(self, value: float) -> bool:
        """Whether the value is on the bad side; exactly at the threshold it is not."""
        return value > self.threshold if self.above is not None else value < self.threshold

    def back(self, value: float) -> bool:
        """Whether the value is where it should be again."""
        clear = self.threshold if self.clear is None else self.clear
        return value <= clear if self.above is not None else value >= clear

    def silent(self, now: datetime, tz: tzinfo) -> bool:
        return any(one.holds(now.astimezone(tz)) for one in self.quiet)


class State(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Where an alarm stands: ``up`` since when (None: it is not), whether that is ``told``, and when something was told last.

    ``held_s``: for so long the value has been where the other state begins, None while it is not there. ``seen``: when it was
    looked at last, with its ``value`` then, None for no data.
    """

    up: datetime | None = None
    told: bool = False
    told_at: datetime | None = None
    held_s: float | None = None
    seen: datetime | None = None
    value: float | None = None

    @property
    def no_data(self) -> bool:
        return self.seen is not None and self.value is None

    @property
    def settled(self) -> State:
        """What of it must outlast the process: the rest is seen again within seconds."""
        return State(up=self.up, told=self.told, told_at=self.told_at)


def step(alarm: Alarm, state: State, value: float | None, now: datetime, tz: tzinfo) -> tuple[State, Told | None]:
    """The state after one more look, and what is to be said about it.

    Time counts as held only between looks at most ``GAP_S`` apart: a clock put forward, or hours without a server, hold
    nothing; put back, the clock adds nothing. Without data nothing holds, so an alarm that is up stays up. What changes in quiet
    hours is said after them if it is still so, and not at all if it has passed.
    """
    value = None if value is None or not math.isfinite(value) else value
    leaves = value is not None and (alarm.back(value) if state.up is not None else alarm.beyond(value))
    held = _held(state, now) if leaves else None
    up = state.up
    if held is not None and held >= (alarm.for_s if up is None else alarm.after_s):
        up, held = (now if up is None else None), None
    said: Told | None = None
    told, told_at = state.told, state.told_at
    if told != (up is not None) and not alarm.silent(now, tz):
        told, told_at = not told, now
        said = "raised" if told else "cleared"
    return State(up=up, told=told, told_at=told_at, held_s=held, seen=now, value=value), said


def _held(state: State, now: datetime) -> float:
    if state.held_s is None or state.seen is None:
        return 0.0
    passed = (now - state.seen).total_seconds()
    return 0.0 if passed > GAP_S else state.held_s + max(passed, 0.0)


def faults(alarm: Alarm) -> str:
    """Why the alarm cannot be kept, as one stable word; "" where it can."""
    if not _NAME.fullmatch(alarm.id):
        return "name"
    if not wallpath.known(alarm.metric):
        return "metric"
    if (alarm.above is None) == (alarm.below is None) or not all(
        math.isfinite(one) for one in (alarm.above, alarm.below, alarm.clear) if one is not None
    ):
        return "threshold"
    if alarm.clear is not None and alarm.beyond(alarm.clear):
        return "clear"
    if len(alarm.quiet) > 20:
        return "quiet"
    if len(alarm.words) > _WORDS or any(ord(char) < 32 for char in alarm.words):
        return "words"
    if alarm.queue and not re.fullmatch(r"[^\s\x00-\x1f\x7f/\\]{1,64}", alarm.queue):
        return "queue"
    return ""


def of_queue(alarm: Alarm) -> bool:
    """Whether the alarm looks at nothing but its own queue, so that whoever is confined to the queue may have it."""
    return bool(alarm.queue) and wallpath.within(alarm.metric, alarm.queue)
