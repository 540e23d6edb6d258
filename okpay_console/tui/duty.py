"""What somebody is at by his own lines in the daybook: since when, until when, and the minutes that he took."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

import msgspec

if TYPE_CHECKING:
    from ..domain.daybook import Line

MINUTE: Final = "minute"
"""The reason of a break that is asked for to catch one's breath, and ends by itself."""
CHOICES: Final[tuple[tuple[str, str], ...]] = (
    ("available", ""), ("break", "rest"), ("break", "meal"), ("break", "meeting"), ("training", ""), ("break", MINUTE),
    ("offline", ""),
)  # fmt: skip
"""What can be chosen, as (state, reason), in the order of its digits."""
_BETWEEN: Final = timedelta(hours=4)
"""Whoever was away for so long has begun another shift; by the day it would end at midnight for those who work then."""


class Allowance(msgspec.Struct, frozen=True):
    """What the house allows and plans, as ``config.Care`` explains."""

    minute_seconds: int = 120
    minutes_per_shift: int = 3
    minute_waiting: int = 0
    rest_minutes: int = 15
    meal_minutes: int = 30
    meeting_minutes: int = 30
    training_minutes: int = 60

    def planned(self, what: str, reason: str) -> timedelta | None:
        """How long a state is to last; None where nothing is planned."""
        if reason == MINUTE:
            return timedelta(seconds=self.minute_seconds)
        minutes: int = getattr(self, f"{reason or what}_minutes", 0)
        return timedelta(minutes=minutes) if minutes else None


def allowance(settings: Mapping[str, int]) -> Allowance:
    """The house's own values over the shipped ones."""
    return msgspec.convert(dict(settings), Allowance)


class Duty(msgspec.Struct, frozen=True):
    """One state: ``what`` is the daybook's, "" for somebody in none; ``until`` is its planned end."""

    what: str = ""
    reason: str = ""
    since: datetime | None = None
    until: datetime | None = None

    @property
    def away(self) -> bool:
        """Whether no caller is to be put through."""
        return self.what in ("break", "training", "offline")

    @property
    def word(self) -> str:
        """The key of its name among the texts."""
        return self.reason if self.what == "break" and self.reason else self.what

    def over(self, now: datetime) -> bool:
        return self.until is not None and now >= self.until


def duty(lines: Iterable[Line], me: str) -> Duty:
    """The state that somebody is in; of two consoles the one that told later counts."""
    last = max(_states(lines, me), key=lambda line: line.at, default=None)
    return Duty(last.what, last.reason, last.at, last.until) if last is not None else Duty()


def minutes_taken(lines: Iterable[Line], me: str) -> int:
    """How often he has asked for a minute since his shift began."""
    count = 0
    left: datetime | None = None
    for line in sorted(_states(lines, me), key=lambda line: line.at):
        if left is not None and line.what != "offline" and line.at - left >= _BETWEEN:
            count = 0
        left = (left or line.at) if line.what == "offline" else None
        count += line.what == "break" and line.reason == MINUTE
    return count


def _states(lines: Iterable[Line], me: str) -> list[Line]:
    return [line for line in lines if line.kind == "state" and line.by == me]
