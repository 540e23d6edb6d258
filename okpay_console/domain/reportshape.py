"""What a report of a day or a week has in it: calls, limits kept, the flow of tickets, groups, half-hours, days and people."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Final, Literal

import msgspec

from .attainment import Attainment, Part
from .callbins import Dimension
from .calls import Numbers
from .wallnumbers import Wall

Kind = Literal["day", "week"]
WEEK: Final = timedelta(days=7)


class Flow(msgspec.Struct, frozen=True):
    """Tickets of a stretch: ``came`` first contacts, ``ended`` closes (a ticket closed twice counts twice), ``open`` at the end."""

    came: int
    ended: int
    open: int


class Group(msgspec.Struct, frozen=True, kw_only=True):
    """One channel, category or queue: its first contacts and calls of the stretch, its open and overdue tickets at the end."""

    came: int
    open: int
    overdue: int
    calls: Numbers


class Half(msgspec.Struct, frozen=True):
    """A half-hour of the clock, over all days of the stretch."""

    label: str
    calls: Numbers


class Day(msgspec.Struct, frozen=True, kw_only=True):
    """One calendar day of a week."""

    day: date
    calls: Numbers
    flow: Flow
    response: Part
    resolve: Part
    promises: Part


class Agent(msgspec.Struct, frozen=True, kw_only=True):
    """One agent's calls of the stretch: times in seconds, of the finished ones; ``name`` is "" where names are not wanted."""

    name: str
    answered: int
    contact_s: float
    aht_s: float | None


class Team(msgspec.Struct, frozen=True, kw_only=True):
    """Everybody who had a call: how many people, and their time with callers and in after-call work, in seconds."""

    agents: int
    answered: int
    contact_s: float
    aht_s: float | None


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """The stretch from ``begins`` up to and including ``until``, which is before ``ends`` while the stretch goes on.

    ``wall`` are the wall's numbers at ``until``. ``before`` and ``flow_before``: seven days earlier, up to the same clock time.
    ``since``: the oldest first contact of the cache, None where it is empty; ``unsure``: tickets whose state at ``until`` is
    partly guessed.
    """

    kind: Kind
    first: date
    last: date
    begins: datetime
    ends: datetime
    until: datetime
    wall: Wall
    calls: Numbers
    before: Numbers
    response: Attainment
    resolve: Attainment
    promises: Part
    promises_before: Part
    flow: Flow
    flow_before: Flow
    groups: dict[Dimension, dict[str, Group]]
    halves: tuple[Half, ...]
    days: tuple[Day, ...]
    endings: dict[str, int]
    team: Team
    agents: tuple[Agent, ...] = ()
    since: datetime | None = None
    unsure: int = 0

    @property
    def over(self) -> bool:
        """Whether the stretch had ended."""
        return self.until >= self.ends - timedelta.resolution

    @property
    def gap(self) -> bool:
        """Whether the cache begins after the stretch that this one is compared with."""
        return self.since is None or self.since > self.begins - WEEK
