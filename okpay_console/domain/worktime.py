"""Time in which the house works: due moments and elapsed time over opening windows, holidays and make-up days."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta, tzinfo
from functools import lru_cache
from typing import Final, NamedTuple

import msgspec

from .words import Words

Window = tuple[int, int]
"""From minute to minute of a day, 0 being its midnight; an end beyond 1440 lies on the next day (22:00 to 06:00 is 1320, 1800)."""
Gap = tuple[datetime, datetime, str]
"""A time that does not count: since, until, and why."""

DAY_MINUTES: Final = 1440
_MINUTE: Final = 60_000_000
_DAY: Final = DAY_MINUTES * _MINUTE
_SECOND: Final = 1_000_000
_US: Final = timedelta(microseconds=1)
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_EPOCH_DAY: Final = date(1970, 1, 1).toordinal()
_LONGEST_SHUT: Final = 400  # days; a calendar that stays shut for longer never opens again


class Calendar(msgspec.Struct, frozen=True, eq=False):
    """When the house works. Compared by identity, so that its days can be remembered.

    ``windows`` are those of Monday to Sunday, several a day if need be; a window belongs to the day on which it begins. On a
    day of ``holidays`` (by its name) none begins; a day of ``workdays``, worked in exchange for a bridge day (调休), has the
    windows of ``makeup`` whatever else it is. ``h24`` is always open and knows no days. ``announced`` is the last year whose
    exchanged days are known, 0 where there is nothing to announce. ``title`` is what people call it.
    """

    windows: tuple[tuple[Window, ...], ...] = ((),) * 7
    tz: tzinfo = UTC
    holidays: Mapping[date, str] = {}
    workdays: frozenset[date] = frozenset()
    makeup: tuple[Window, ...] = ()
    h24: bool = False
    announced: int = 0
    title: Words | None = None

    @property
    def workday_s(self) -> int:
        """Seconds of a working day: the longest of the week, 24 hours where it is always open."""
        if self.h24:
            return DAY_MINUTES * 60
        return max((sum(end - begin for begin, end in day) for day in self.windows), default=0) * 60


ALWAYS: Final = Calendar(h24=True)


class Counted(msgspec.Struct, frozen=True):
    """Where the seconds between two moments went; together they are exactly those seconds.

    ``counted_s`` the house worked; ``closed_s`` it did not, for the hour or the day of the week; ``holidays`` it did not for
    that day's name; ``paused`` it would have worked, but waited, by reason. Both in the order of their first second.
    """

    counted_s: int
    closed_s: int = 0
    holidays: tuple[tuple[str, int], ...] = ()
    paused: tuple[tuple[str, int], ...] = ()

    @property
    def holiday_s(self) -> int:
        return sum(seconds for _, seconds in self.holidays)

    @property
    def paused_s(self) -> int:
        return sum(seconds for _, seconds in self.paused)

    @property
    def total_s(self) -> int:
        return self.counted_s + self.closed_s + self.holiday_s + self.paused_s


def add(start: datetime, seconds: int, calendar: Calendar, *, gaps: Iterable[Gap] = ()) -> datetime:
    """The first moment at which ``seconds`` have counted since ``start``, in the zone of ``start``; gaps do not count.

    Work that is done by the second in which the house closes is due then, not when it opens again. ``ValueError`` for a
    calendar that does not open within a year.
    """
    left = seconds * _SECOND
    if left <= 0:
        return start
    begin = _us(start)
    pauses = _ordered(gaps)
    if calendar.h24 and not pauses:
        return _moment(begin + left, start)
    for since, until in _open(calendar, begin):
        for piece_since, piece_until, paused in _split(since, until, pauses):
            if paused is not None:
                continue
            if piece_until - piece_since >= left:
                return _moment(piece_since + left, start)
            left -= piece_until - piece_since
    raise AssertionError("opening times do not end")


def between(start: datetime, end: datetime, calendar: Calendar, *, gaps: Iterable[Gap] = ()) -> Counted:
    """Where the time from ``start`` to ``end`` went; every moment is taken to the second below. Nothing where end is first."""
    begin, stop = _floor(_us(start)), _floor(_us(end))
    pauses = [(_floor(since), _floor(until), why) for since, until, why in _ordered(gaps)]
    counted = closed = 0
    holidays: dict[str, int] = {}
    paused: dict[str, int] = {}
    at = begin
    for opens, shuts, name in _days(calendar, begin, stop):
        if opens > at:
            closed += opens - at
        for since, until, why in _split(opens, shuts, pauses):
            if name is not None:
                holidays[name] = holidays.get(name, 0) + until - since
            elif why is None:
                counted += until - since
            else:
                paused[why] = paused.get(why, 0) + until - since
        at = shuts
    closed += max(stop - at, 0)
    return Counted(
        counted // _SECOND,
        closed // _SECOND,
        tuple((name, us // _SECOND) for name, us in holidays.items()),
        tuple((why, us // _SECOND) for why, us in paused.items()),
    )


def years(start: datetime, end: datetime, calendar: Calendar) -> tuple[int, ...]:
    """The years between two moments, by the calendar's own days, whose exchanged days are not announced yet."""
    if calendar.h24 or not calendar.announced or end < start:
        return ()
    first, last = start.astimezone(calendar.tz).year, end.astimezone(calendar.tz).year
    return tuple(range(max(first, calendar.announced + 1), last + 1))


class _Day(NamedTuple):
    """A day in microseconds since 1970: where it begins and ends, when the house is open, and the holiday's name if it is one."""

    begin: int
    end: int
    open: tuple[tuple[int, int], ...]
    holiday: str | None


@lru_cache(maxsize=16384)
def _day(calendar: Calendar, ordinal: int) -> _Day:
    begin, end = _midnight(calendar.tz, ordinal), _midnight(calendar.tz, ordinal + 1)
    yesterday = [(since - DAY_MINUTES, until - DAY_MINUTES) for since, until in _windows(calendar, ordinal - 1)]
    own = [(max(since, 0), min(until, DAY_MINUTES)) for since, until in (*yesterday, *_windows(calendar, ordinal))]
    spans: list[tuple[int, int]] = []
    for since, until, offset in _offsets(calendar.tz, begin, end):
        # The wall clock of this stretch: where it is put back an hour is lived twice, where it is put on one never is.
        midnight = (ordinal - _EPOCH_DAY) * _DAY - offset
        for opens, shuts in own:
            span = max(midnight + opens * _MINUTE, since), min(midnight + shuts * _MINUTE, until)
            if span[0] < span[1]:
                spans.append(span)
    day = date.fromordinal(ordinal)
    holiday = None if day in calendar.workdays else calendar.holidays.get(day)
    return _Day(begin, end, tuple(_merged(spans)), holiday)


def _windows(calendar: Calendar, ordinal: int) -> tuple[Window, ...]:
    """The windows that begin on a day."""
    day = date.fromordinal(max(ordinal, 1))
    if day in calendar.workdays:
        return calendar.makeup
    return () if day in calendar.holidays else calendar.windows[day.weekday()]


def _open(calendar: Calendar, begin: int) -> Iterator[tuple[int, int]]:
    """The stretches in which the house is open, from ``begin`` on and without end."""
    if calendar.h24:
        yield begin, 1 << 62
    ordinal = _ordinal(calendar.tz, begin)
    shut = 0
    while shut < _LONGEST_SHUT:
        day = _day(calendar, ordinal)
        for since, until in day.open:
            if until > begin:
                yield max(since, begin), until
        shut = 0 if day.open else shut + 1
        ordinal += 1
    raise ValueError("The calendar does not open within a year.")


def _days(calendar: Calendar, begin: int, end: int) -> Iterator[tuple[int, int, str | None]]:
    """What is not simply closed between two moments, in order: open (None), or a holiday by its name."""
    if calendar.h24:
        if begin < end:
            yield begin, end, None
        return
    ordinal = _ordinal(calendar.tz, begin)
    while begin < end:
        day = _day(calendar, ordinal)
        at = begin
        for since, until in (*day.open, (day.end, day.end)):
            opens, shuts = max(since, begin), min(until, end)
            if day.holiday is not None and at < min(opens, end):
                yield at, min(opens, end), day.holiday
            if opens < shuts:
                yield opens, shuts, None
            at = max(at, shuts)
        begin = max(begin, day.end)
        ordinal += 1


def _split(since: int, until: int, pauses: Iterable[tuple[int, int, str]]) -> Iterator[tuple[int, int, str | None]]:
    """A stretch cut where pauses begin and end: each piece with the reason of its pause, None where it counts."""
    at = since
    for begin, end, why in pauses:
        begin, end = max(begin, at), min(end, until)  # noqa: PLW2901 - clipped to what is left of the stretch
        if begin >= end:
            continue
        if begin > at:
            yield at, begin, None
        yield begin, end, why
        at = end
    if at < until:
        yield at, until, None


def _ordered(gaps: Iterable[Gap]) -> list[tuple[int, int, str]]:
    """The gaps by their beginning; where two overlap, the one that began first has the time."""
    return sorted(((_us(since), _us(until), why) for since, until, why in gaps), key=lambda gap: gap[:2])


def _merged(spans: list[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    spans.sort()
    while spans:
        since, until = spans.pop(0)
        while spans and spans[0][0] <= until:
            until = max(until, spans.pop(0)[1])
        yield since, until


def _offsets(tz: tzinfo, begin: int, end: int) -> list[tuple[int, int, int]]:
    """The stretches of a day by their offset from UTC; two where the clocks are put on or back that day."""
    first, last = _offset(tz, begin), _offset(tz, end - 1)
    if first == last:
        return [(begin, end, first)]
    low, high = begin // _SECOND, (end - 1) // _SECOND
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if _offset(tz, middle * _SECOND) == first else (low, middle)
    return [(begin, high * _SECOND, first), (high * _SECOND, end, last)]


def _offset(tz: tzinfo, us: int) -> int:
    return ((_EPOCH + timedelta(microseconds=us)).astimezone(tz).utcoffset() or timedelta()) // _US


def _midnight(tz: tzinfo, ordinal: int) -> int:
    wall = datetime.fromordinal(ordinal).replace(tzinfo=tz)
    return (ordinal - _EPOCH_DAY) * _DAY - (wall.utcoffset() or timedelta()) // _US


def _ordinal(tz: tzinfo, us: int) -> int:
    return (_EPOCH + timedelta(microseconds=us)).astimezone(tz).toordinal()


def _us(moment: datetime) -> int:
    return (moment - _EPOCH) // _US


def _floor(us: int) -> int:
    return us - us % _SECOND


def _moment(us: int, like: datetime) -> datetime:
    """The moment in the zone of ``like``."""
    return (_EPOCH + timedelta(microseconds=us)).astimezone(like.tzinfo)
