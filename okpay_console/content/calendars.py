"""The calendars that limits are counted by: weekdays' windows, China's holidays, and what a house adds or takes away."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, tzinfo
from functools import cache
from importlib import resources
from itertools import pairwise
from typing import Final, NoReturn

import msgspec

from okpay_console.domain.words import Words
from okpay_console.domain.worktime import DAY_MINUTES, Calendar, Window

__all__ = ["Days", "Entry", "Wrong", "holiday_word", "make", "shipped_holidays"]

Wrong = Callable[[str, str], NoReturn]
"""Raises the error of a file: where in it, and why that cannot stand."""

WEEK: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_WINDOW: Final = re.compile(r"([01]\d|2[0-4]):([0-5]\d)-([01]\d|2[0-4]):([0-5]\d)")


class Entry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One ``[calendar.NAME]`` as it is written; sla.toml says what each key means."""

    title: Words | None = None
    timezone: str = "Asia/Shanghai"
    days: dict[str, list[str]] | str = {}
    holidays: str = ""
    makeup: str = "mon"
    closed: dict[str, str] = {}
    open: list[date] = []
    workdays: list[date] = []
    no_workdays: list[date] = []
    announced: int = 0


class _Table(msgspec.Struct, frozen=True):
    announced: int
    names: list[tuple[str, str]]
    off: dict[str, dict[str, int]]
    work: dict[str, list[str]]


class Days(msgspec.Struct, frozen=True):
    """Holidays by their Chinese names, the weekend days worked in exchange, and the last year for which these are known."""

    holidays: Mapping[date, str] = {}
    workdays: frozenset[date] = frozenset()
    announced: int = 0


def make(name: str, entry: Entry, wrong: Wrong) -> Calendar:
    """The calendar of an entry; ``wrong`` is called with its place for a day, a window or a zone that cannot be."""
    place = f"calendar.{name}"
    if entry.days == "always":
        return Calendar(h24=True, title=entry.title)
    if isinstance(entry.days, str):
        wrong(f"{place}.days", f"'{entry.days}' is neither windows nor \"always\"")
    if entry.holidays not in ("", "CN"):
        wrong(f"{place}.holidays", f"there is no table of holidays '{entry.holidays}', only \"CN\"")
    week = _week(entry.days, f"{place}.days", wrong)
    if not any(week):
        wrong(f"{place}.days", "it never opens")
    if entry.makeup not in WEEK:
        wrong(f"{place}.makeup", f"'{entry.makeup}' is not one of {', '.join(WEEK)}")
    known = shipped_holidays() if entry.holidays else Days()
    closed = _closed(entry.closed, f"{place}.closed", wrong)
    holidays = {**known.holidays, **closed}
    return Calendar(
        windows=week,
        tz=_zone(entry.timezone, f"{place}.timezone", wrong),
        holidays={day: called for day, called in holidays.items() if day not in set(entry.open)},
        workdays=(known.workdays | frozenset(entry.workdays)) - frozenset((*entry.no_workdays, *closed)),
        makeup=week[WEEK.index(entry.makeup)],
        announced=entry.announced or known.announced,
        title=entry.title,
    )


@cache
def shipped_holidays() -> Days:
    """China's holidays and exchanged days as shipped; years without a record have neither."""
    table = msgspec.json.decode((resources.files(__package__) / "holidays.json").read_bytes(), type=_Table)
    return Days(
        {
            date.fromisoformat(f"{year}-{day}"): table.names[name][0]
            for year, days in table.off.items()
            for day, name in days.items()
        },
        frozenset(date.fromisoformat(f"{year}-{day}") for year, days in table.work.items() for day in days),
        table.announced,
    )


@cache
def _english() -> dict[str, str]:
    table = msgspec.json.decode((resources.files(__package__) / "holidays.json").read_bytes(), type=_Table)
    return dict(table.names)


def holiday_word(name: str, lang: str) -> str:
    """A holiday's name in a language; one that a house has added is called as it has named it."""
    return _english().get(name, name) if lang == "en" else name


def _week(days: Mapping[str, list[str]], place: str, wrong: Wrong) -> tuple[tuple[Window, ...], ...]:
    week: list[tuple[Window, ...]] = [()] * 7
    for span, texts in days.items():
        first, _, last = span.partition("-")
        if first not in WEEK or (last or first) not in WEEK:
            wrong(place, f"'{span}' is no day of the week")
        windows = tuple(sorted(_window(text, f"{place}.{span}", wrong) for text in texts))
        if any(later[0] < earlier[1] for earlier, later in pairwise(windows)):
            wrong(f"{place}.{span}", "two windows overlap")
        begin, end = WEEK.index(first), WEEK.index(last or first)
        for day in range(begin, end + 1 if end >= begin else end + 8):
            week[day % 7] = windows
    return tuple(week)


def _window(text: str, place: str, wrong: Wrong) -> Window:
    found = _WINDOW.fullmatch(text.strip())
    if found is None:
        wrong(place, f"'{text}' is not a window such as 09:00-18:00")
    begin, end = int(found[1]) * 60 + int(found[2]), int(found[3]) * 60 + int(found[4])
    if begin >= DAY_MINUTES or end > DAY_MINUTES:
        wrong(place, f"'{text}' is not on the clock")
    return (begin, end) if end > begin else (begin, end + DAY_MINUTES)


def _closed(days: Mapping[str, str], place: str, wrong: Wrong) -> dict[date, str]:
    found: dict[date, str] = {}
    for text, name in days.items():
        try:
            found[date.fromisoformat(text)] = name
        except ValueError:
            wrong(place, f"'{text}' is no date such as 2027-02-11")
    return found


def _zone(name: str, place: str, wrong: Wrong) -> tzinfo:
    import zoneinfo

    try:
        return zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        wrong(place, f"there is no time zone '{name}'")
