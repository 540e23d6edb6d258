"""Care for the people on the telephone: how many of them are over a limit, and never who."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import msgspec

ENOUGH: Final = 3
"""With fewer agents at work a count points at somebody, so nothing is said."""
REST_S: Final = 300.0
"""A break, or an absence, is a rest from so many seconds on; a shorter one interrupts no stretch.

The lower end of the "5 to 10 minutes every hour" that the British Health and Safety Executive recommends for work at a screen.
"""
SHARE_S: Final = 1800.0
"""Seconds of work that the last hour must hold before its share of contact is judged; the house's choice."""


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """From where on somebody is over a limit; all three are the house's choice, with no norm behind them.

    ``stretch_s``: seconds at work since the last rest. ``abusive``: calls in a row that the agent has marked as abusive.
    ``contact``: the share of the last hour's work spent on contacts.
    """

    stretch_s: float = 7200.0
    abusive: int = 2
    contact: float = 0.9


class Strain(msgspec.Struct, frozen=True, kw_only=True):
    """What one agent bears; for nobody's eyes but the agent's own.

    ``stretch_s``: seconds at work since the last rest, 0 during one; ``longest_s``: the longest such stretch that reaches into
    today. ``abusive_run``: the last calls in a row that were marked. ``contact``: of the last hour's work, None where that was
    too short. ``minutes``: how often a minute was needed today.
    """

    at_work: bool
    stretch_s: float
    longest_s: float
    abusive_run: int
    contact: float | None
    minutes: int


class Care(msgspec.Struct, frozen=True, kw_only=True):
    """How many of the agents ``at_work`` are over each limit, None where fewer than ``ENOUGH`` are at work.

    ``minutes``: how often somebody needed a minute today.
    """

    at_work: int
    stretch: int | None
    abusive: int | None
    contact: int | None
    minutes: int | None
    limits: Limits


def care(strains: Iterable[Strain], limits: Limits) -> Care:
    """Counts those at work; the minutes are of everybody who was here today."""
    told = list(strains)
    here = [one for one in told if one.at_work]
    if len(here) < ENOUGH:
        return Care(at_work=len(here), stretch=None, abusive=None, contact=None, minutes=None, limits=limits)
    return Care(
        at_work=len(here),
        stretch=sum(one.stretch_s >= limits.stretch_s for one in here),
        abusive=sum(one.abusive_run >= limits.abusive for one in here),
        contact=sum(one.contact is not None and one.contact >= limits.contact for one in here),
        minutes=sum(one.minutes for one in told),
        limits=limits,
    )
