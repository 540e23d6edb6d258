"""The same weekdays before: their sums, and what each of their half-hours brought."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta, tzinfo

import msgspec

from . import intervals
from .callbins import Bins
from .calllog import micros
from .calls import Tally


class Weekdays(msgspec.Struct, frozen=True):
    """``total`` of all these days; of each that had a call, the calls by the label of the half-hour."""

    total: Tally
    days: tuple[dict[str, float], ...]


class History:
    """Kept until the day changes or something that is past does: late news of old calls is rare."""

    def __init__(self, bins: Bins, *, tz: tzinfo, weeks: int) -> None:
        self._bins = bins
        self._tz = tz
        self._weeks = weeks
        self._kept: tuple[datetime, Weekdays] | None = None

    def weekdays(self, now: datetime) -> Weekdays:
        """Those before the day of ``now``. A day without any call is not known: the line may not have been there yet."""
        today = now.astimezone(self._tz).date()
        begins = intervals.begins(today, self._tz)
        changed = self._bins.changed_before(micros(begins))
        if self._kept is not None and self._kept[0] == begins and not changed:
            return self._kept[1]
        total, days = Tally(), []
        for week in range(1, self._weeks + 1):
            stretch = intervals.whole(today - timedelta(days=7 * week), self._tz)
            tally = self._bins.tally(micros(stretch.begins), micros(stretch.ends))
            if tally.offered:
                total += tally
                days.append(self._brought(intervals.halves(stretch, self._tz)))
        self._kept = (begins, Weekdays(total, tuple(days)))
        return self._kept[1]

    def _brought(self, halves: Iterable[intervals.Half]) -> dict[str, float]:
        told: dict[str, list[int]] = {}
        for half in halves:
            told.setdefault(half.label, []).append(self._bins.tally(micros(half.begins), micros(half.ends)).offered)
        # An hour that the clocks showed twice is one hour of the forecast.
        return {label: sum(counts) / len(counts) for label, counts in told.items()}
