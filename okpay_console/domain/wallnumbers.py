"""Everything that the wall and ``stats`` show at one moment, and the rules of the house that stand beside it."""

from __future__ import annotations

from datetime import datetime
from typing import Final, Literal

import msgspec

from .attainment import Attainment, Part
from .backlog import Backlog
from .callbins import Dimension
from .calls import Formula, Numbers, Rule, ServiceLevel
from .crewnumbers import CrewNumbers
from .forecast import Expected
from .levers import Goal, Lever
from .stats import Numbers as Tickets

FORMULAS: Final[tuple[Formula, ...]] = ("strict", "freshcaller", "genesys", "flex", "connect")
ENOUGH: Final = 30
"""Finished calls from which on the handle time of today stands alone; with fewer, the weekdays before are taken with it."""
SURE: Final = 3
"""Days from which on a forecast stands alone; with fewer, the pace of the last hour is taken where that is higher."""
Stage = Literal["past", "now", "next"]


class House(msgspec.Struct, frozen=True, kw_only=True):
    """The house's values. Shares are fractions of 1; ``fcr_days`` is how long nobody may come back after a solved contact.

    ``solving`` are the codes of contacts that end the matter; ``weeks``: so many of the same weekday make the forecast.
    ``care_…`` are the limits of ``care.Limits``.
    """

    target_s: float = 20.0
    short_abandon_s: float = 5.0
    goal: float = 0.8
    occupancy: float = 0.85
    shrinkage: float = 0.3
    fcr_days: int = 7
    weeks: int = 4
    formula: Formula = "strict"
    solving: frozenset[str] = frozenset()
    care_stretch_s: float = 7200.0
    care_abusive: int = 2
    care_contact: float = 0.9

    @property
    def rule(self) -> Rule:
        return Rule(target_s=self.target_s, short_abandon_s=self.short_abandon_s)

    @property
    def needs(self) -> Goal:
        return Goal(target_s=self.target_s, goal=self.goal, occupancy=self.occupancy, shrinkage=self.shrinkage)


class Group(msgspec.Struct, frozen=True, kw_only=True):
    """One channel, category or queue: its open and overdue tickets now, and today's calls."""

    open: int
    overdue: int
    calls: Numbers


class HalfHour(msgspec.Struct, frozen=True, kw_only=True):
    """A half-hour of today by the local clock: what came, what was answered, and what was to be expected."""

    label: str
    stage: Stage
    offered: int
    answered: int
    service_level: ServiceLevel
    expected: Expected


class Measured(msgspec.Struct, frozen=True, kw_only=True):
    """What the staffing is reckoned with: seconds, None where nobody could be measured.

    ``finished`` and ``abandoned``: how many calls tell it. ``pooled``: with the weekdays before, since today has fewer than
    ``ENOUGH``. ``there``: agents at work now by the daybook. Where it is not there: those seen at work in the last half-hour,
    with a call of the last hour, or just ready again; who was ready all that time without a call is not seen then.
    """

    aht_s: float | None
    patience_s: float | None
    finished: int
    abandoned: int
    pooled: bool
    there: int


class Wall(msgspec.Struct, frozen=True, kw_only=True):
    """All numbers as of ``as_of``; today and the ``before`` of a week ago both end at the same time of the day.

    ``ringing`` calls wait now, the first of them for ``longest_ring_s`` seconds. ``written_down``: today's calls without an
    offer, which count nowhere else. ``first_contact`` of the contacts whose window of ``house.fcr_days`` has closed within as many
    days again. ``promises``: those due today by now.
    """

    as_of: datetime
    house: House
    tickets: Tickets
    calls: Numbers
    before: Numbers
    ringing: int
    longest_ring_s: float | None
    written_down: int
    backlog: Backlog
    response: Attainment
    resolve: Attainment
    promises: Part
    first_contact: Part
    groups: dict[Dimension, dict[str, Group]]
    halves: tuple[HalfHour, ...]
    measured: Measured
    levers: tuple[Lever, ...]
    crew: CrewNumbers | None = None
