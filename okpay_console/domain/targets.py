"""Which limits the house has set itself: targets by category, priority and channel, each counted by a calendar."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Literal

import msgspec

from .worktime import ALWAYS, Calendar

Matter = Literal["response", "resolve"]


class Limit(msgspec.Struct, frozen=True):
    """So many seconds of a calendar, by its name in the policy; ``seconds`` None: no limit on purpose."""

    seconds: int | None
    calendar: str = "always"


class Target(msgspec.Struct, frozen=True, kw_only=True):
    """The limits of tickets of a category, a priority and a channel; "" is any. None says nothing of that limit."""

    category: str = ""
    priority: str = ""
    channel: str = ""
    response: Limit | None = None
    resolve: Limit | None = None

    @property
    def rank(self) -> tuple[int, bool, bool, bool]:
        """How specific it is: by the number of conditions, then category before priority before channel."""
        given = bool(self.category), bool(self.priority), bool(self.channel)
        return (sum(given), *given)


class Policy(msgspec.Struct, frozen=True, eq=False):
    """The house's targets and the calendars that they count by; for each limit the most specific target that has one wins.

    Of two equally specific ones the later wins, so that a house's own come after the shipped ones. None at all: no limits.
    """

    targets: tuple[Target, ...] = ()
    calendars: Mapping[str, Calendar] = {}

    def calendar(self, name: str) -> Calendar:
        """The calendar of that name; one that nobody has described is always open."""
        return self.calendars.get(name, ALWAYS)

    def target(self, matter: Matter, *, category: str, priority: str, channel: str) -> Target | None:
        """The target that gives this limit; None where none does."""
        return _target(self, matter, category, priority, channel)


@lru_cache(maxsize=4096)
def _target(policy: Policy, matter: Matter, category: str, priority: str, channel: str) -> Target | None:
    wanted = {"category": category, "priority": priority, "channel": channel}
    fitting = [
        (target.rank, place, target)
        for place, target in enumerate(policy.targets)
        if getattr(target, matter) is not None
        and all(getattr(target, name) in ("", value) for name, value in wanted.items())
    ]
    return max(fitting, key=lambda one: one[:2])[2] if fitting else None
