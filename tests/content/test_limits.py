"""Limits and calendars: the shipped ones are right, a house's own lie over them, and what is wrong is named."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import chinese_calendar
import pytest

from okpay_console.content import build_holidays, calendars
from okpay_console.content.limits import load_policy
from okpay_console.domain import sla
from okpay_console.domain.worktime import ALWAYS, Calendar
from okpay_console.errors import ConfigError

SHANGHAI = load_policy().calendar("business").tz
DISPUTED = {date(2005, 12, 31)}
"""A Saturday that one library takes for exchanged and the other does not."""


def due(policy: sla.Policy, start: str, category: str = "TXN") -> str:
    moment = datetime.fromisoformat(start).replace(tzinfo=SHANGHAI)
    resolve = sla.start(category, "normal", "email", moment, policy).resolve_due
    assert resolve is not None
    return f"{resolve.astimezone(SHANGHAI):%m-%d %H:%M}"


def works(calendar: Calendar, day: date) -> bool:
    return day in calendar.workdays or (bool(calendar.windows[day.weekday()]) and day not in calendar.holidays)


def test_the_shipped_table_is_what_the_library_says_today() -> None:
    """Red when the library has learnt of another year: run ``python -m okpay_console.content.build_holidays``."""
    table = build_holidays.table()
    shipped = calendars.shipped_holidays()
    listed = {
        date.fromisoformat(f"{year}-{day}"): table["names"][name][0]
        for year, days in table["off"].items()
        for day, name in days.items()
    }
    assert (dict(shipped.holidays), shipped.announced) == (listed, table["announced"])
    assert {f"{day}" for day in shipped.workdays} == {
        f"{year}-{day}" for year, days in table["work"].items() for day in days
    }


def test_a_second_library_agrees_on_every_working_day_that_was_ever_announced() -> None:
    business = load_policy().calendar("business")
    days = [date(2004, 1, 1) + timedelta(days=number) for number in range((date(2027, 1, 1) - date(2004, 1, 1)).days)]
    assert {day for day in days if works(business, day) != chinese_calendar.is_workday(day)} == DISPUTED
    assert business.announced == max(day.year for day in chinese_calendar.workdays)


def test_a_holiday_has_a_name_in_both_languages() -> None:
    names = set(calendars.shipped_holidays().holidays.values())
    assert {calendars.holiday_word(name, "zh") for name in names} == names
    assert [name for name in names if not calendars.holiday_word(name, "en").isascii()] == []
    assert calendars.holiday_word("司庆", "en") == "司庆"


def test_the_same_policy_comes_back_where_nothing_is_laid_over() -> None:
    """So that what was worked out for its calendars is remembered."""
    assert load_policy() is load_policy()


def test_a_houses_file_adds_and_takes_away_days(tmp_path: Path) -> None:
    file = tmp_path / "hours.toml"
    file.write_text(
        "[calendar.business]\n"
        'closed = { 2026-11-24 = "司庆" }\nopen = [2026-10-07]\nworkdays = [2026-11-28]\nno_workdays = [2026-10-10]\n'
        "announced = 2027\n",
        encoding="utf-8",
    )
    own = load_policy(calendar=file).calendar("business")
    shipped = load_policy().calendar("business")
    assert own.holidays[date(2026, 11, 24)] == "司庆"
    changed = {date(2026, 10, 7), date(2026, 10, 10), date(2026, 11, 24), date(2026, 11, 28)}
    assert [works(own, day) for day in sorted(changed)] == [True, False, False, True]
    assert [works(shipped, day) for day in sorted(changed)] == [False, True, True, False]
    assert (own.announced, own.windows) == (2027, shipped.windows)
    assert due(load_policy(calendar=file), "2026-11-23 10:00") == "11-27 10:00"


def test_a_houses_hours_change_what_a_working_day_is(tmp_path: Path) -> None:
    file = tmp_path / "hours.toml"
    file.write_text('[calendar.business]\ndays = { mon-fri = ["09:00-12:00", "13:00-17:00"], sat = ["10:00-14:00"] }\n')
    own = load_policy(calendar=file)
    assert own.calendar("business").workday_s == 7 * 3600
    assert due(own, "2026-11-20 16:00") == "11-25 11:00"


def test_a_houses_targets_are_stronger_than_the_shipped_ones_for_the_same() -> None:
    own = load_policy(targets=[{"category": "TXN", "resolve": "1wd business"}])
    assert due(own, "2026-11-23 10:00") == "11-24 10:00"
    assert due(own, "2026-11-23 10:00", "REFUND") == due(load_policy(), "2026-11-23 10:00", "REFUND") == "11-26 10:00"


def test_a_calendar_of_ones_own_can_be_counted_by(tmp_path: Path) -> None:
    file = tmp_path / "hours.toml"
    file.write_text('[calendar.night]\ndays = { sun-thu = ["22:00-06:00"] }\n[calendar.hotline]\ndays = "always"\n')
    own = load_policy(calendar=file, targets=[{"category": "FRAUD", "resolve": "2h night"}])
    assert due(own, "2026-11-20 12:00", "FRAUD") == "11-23 00:00"
    assert own.calendar("hotline").h24
    assert own.calendar("nobody's") is ALWAYS


def test_what_is_reckoned_across_a_year_without_announced_exchanges_takes_statutory_holidays() -> None:
    assert load_policy().calendar("business").holidays[date(2027, 10, 1)] == "国庆节"
    assert datetime(2027, 1, 1, tzinfo=UTC).year > load_policy().calendar("business").announced


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("[calendar.business]\nday = 1", "day"),
        ('[calendar.business]\ndays = { monday = ["09:00-18:00"] }', "monday"),
        ('[calendar.business]\ndays = { mon = ["9-18"] }', "9-18"),
        ('[calendar.business]\ndays = { mon = ["09:00-25:00"] }', "25:00"),
        ('[calendar.business]\ndays = { mon = ["09:00-24:30"] }', "24:30"),
        ('[calendar.business]\ndays = { mon = ["09:00-12:00", "11:00-18:00"] }', "overlap"),
        ("[calendar.business]\ndays = {}", "never opens"),
        ('[calendar.business]\ndays = "never"', "never"),
        ('[calendar.business]\nholidays = "US"', "US"),
        ('[calendar.business]\ntimezone = "Mars/Base"', "Mars/Base"),
        ('[calendar.business]\nmakeup = "someday"', "someday"),
        ('[calendar.business]\nclosed = { "2026-02-30" = "x" }', "2026-02-30"),
        ("[calendar.business]\nworkdays = [1]", "date"),
        ("[[target]]\ncategory = 1", "target"),
        ("[calendar", "TOML"),
    ],
)
def test_a_wrong_calendar_file_is_named_with_the_place(tmp_path: Path, text: str, named: str) -> None:
    file = tmp_path / "hours.toml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as refused:
        load_policy(calendar=file)
    assert str(file) in refused.value.what
    assert named in refused.value.what


def test_a_calendar_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"none\.toml"):
        load_policy(calendar=tmp_path / "none.toml")


@pytest.mark.parametrize(
    ("target", "named"),
    [
        ({"category": "TNX", "resolve": "1h"}, "TNX"),
        ({"priority": "hot", "resolve": "1h"}, "hot"),
        ({"channel": "fax", "resolve": "1h"}, "fax"),
        ({"category": "TXN"}, "neither"),
        ({"category": "TXN", "resolve": "soon"}, "soon"),
        ({"category": "TXN", "resolve": "3wd office"}, "office"),
        ({"category": "TXN", "resolved": "1h"}, "resolved"),
    ],
)
def test_a_wrong_target_is_named_with_its_number(target: dict[str, Any], named: str) -> None:
    with pytest.raises(ConfigError) as refused:
        load_policy(targets=[{"resolve": "1h"}, target])
    assert "no. 2" in refused.value.what
    assert named in refused.value.what
