"""Days and half-hours by the clock on the wall of one time zone, as exact stretches of time."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Final

import msgspec

HALF: Final = timedelta(minutes=30)


class Stretch(msgspec.Struct, frozen=True):
    """The moments from ``begins`` up to but not including ``ends``, both in UTC."""

    begins: datetime
    ends: datetime

    def holds(self, at: datetime) -> bool:
        return self.begins <= at < self.ends


class Half(msgspec.Struct, frozen=True):
    """One half-hour of a day; ``label`` is the local clock at its beginning ("09:30"), which an hour put back shows twice."""

    label: str
    begins: datetime
    ends: datetime


def begins(day: date, tz: tzinfo) -> datetime:
    """The first moment of a calendar day, in UTC. Where midnight is skipped, that is the moment of the skip.

    PEP 495 gives a time in a gap the offset from before it, which names just that moment.
    """
    return datetime.combine(day, time.min, tz).astimezone(UTC)


def whole(day: date, tz: tzinfo) -> Stretch:
    """The calendar day: 24 hours, or 23 or 25 where the clocks are changed."""
    return Stretch(begins(day, tz), begins(day + timedelta(days=1), tz))


def day_of(now: datetime, tz: tzinfo) -> Stretch:
    """The day that has ``now`` in it, up to and including ``now``."""
    return Stretch(begins(now.astimezone(tz).date(), tz), now.astimezone(UTC) + timedelta.resolution)


def before(now: datetime, tz: tzinfo, *, days: int = 7) -> Stretch:
    """The day so many days before, up to the same time on the clock: what today can fairly be compared with.

    A time that the clocks showed twice is taken the first time.
    """
    local = now.astimezone(tz)
    day = local.date() - timedelta(days=days)
    until = datetime.combine(day, local.time(), tz).astimezone(UTC)
    return Stretch(begins(day, tz), until + timedelta.resolution)


def halves(stretch: Stretch, tz: tzinfo) -> tuple[Half, ...]:
    """The half-hours of a stretch from its beginning on, in the order in which they pass; the last may be cut."""
    found = []
    at = stretch.begins
    while at < stretch.ends:
        found.append(Half(at.astimezone(tz).strftime("%H:%M"), at, min(at + HALF, stretch.ends)))
        at += HALF
    return tuple(found)
