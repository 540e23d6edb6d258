"""Days and half-hours where clocks are changed, midnight is skipped, and zones do not differ by whole hours."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest

from okpay_console.domain.callbins import QUARTER
from okpay_console.domain.calllog import micros
from okpay_console.domain.intervals import Stretch, before, day_of, halves, whole

BERLIN, SHANGHAI = ZoneInfo("Europe/Berlin"), ZoneInfo("Asia/Shanghai")


@pytest.mark.parametrize(
    ("day", "zone", "hours"),
    [
        (date(2026, 11, 22), "Asia/Shanghai", 24),
        (date(2026, 3, 29), "Europe/Berlin", 23),
        (date(2026, 10, 25), "Europe/Berlin", 25),
        (date(2026, 4, 5), "Australia/Lord_Howe", 24.5),
        (date(2018, 11, 4), "America/Sao_Paulo", 23),  # the clocks went from midnight to one
    ],
)
def test_a_day_is_as_long_as_it_was(day: date, zone: str, hours: float) -> None:
    found = whole(day, ZoneInfo(zone))
    assert (found.ends - found.begins) / timedelta(hours=1) == hours
    assert len(halves(found, ZoneInfo(zone))) == hours * 2


@pytest.mark.parametrize(
    "zone", ["Asia/Shanghai", "Europe/Berlin", "Australia/Lord_Howe", "Asia/Kathmandu", "Pacific/Chatham"]
)
def test_the_days_of_a_year_follow_each_other_without_gap_and_are_made_of_quarters(zone: str) -> None:
    tz = ZoneInfo(zone)
    days = [whole(date(2026, 1, 1) + timedelta(days=number), tz) for number in range(366)]
    assert [one.ends for one in days[:-1]] == [one.begins for one in days[1:]]
    assert {micros(one.begins) % QUARTER for one in days} == {0}


def test_a_moment_of_midnight_belongs_to_the_day_that_begins() -> None:
    midnight = datetime(2026, 11, 21, 16, tzinfo=UTC)
    sunday, saturday = whole(date(2026, 11, 22), SHANGHAI), whole(date(2026, 11, 21), SHANGHAI)
    assert sunday.holds(midnight) and not saturday.holds(midnight)
    assert saturday.holds(midnight - timedelta.resolution)


def test_today_has_the_present_moment_in_it_and_nothing_later() -> None:
    now = datetime(2026, 11, 22, 6, 46, tzinfo=UTC)
    found = day_of(now, SHANGHAI)
    assert found.begins == datetime(2026, 11, 21, 16, tzinfo=UTC)
    assert found.holds(now) and not found.holds(now + timedelta.resolution)


def test_the_week_before_ends_at_the_same_time_on_the_clock_whatever_the_clocks_did_since() -> None:
    now = datetime(2026, 3, 30, 9, 15, tzinfo=BERLIN)  # the clocks went forward the day before
    found = before(now, BERLIN)
    assert found.begins == datetime(2026, 3, 23, tzinfo=BERLIN)
    assert found.ends - timedelta.resolution == datetime(2026, 3, 23, 9, 15, tzinfo=BERLIN)
    assert now - found.ends != timedelta(days=7)


def test_the_week_before_never_reaches_into_the_next_day() -> None:
    now = datetime(2026, 11, 1, 23, 59, 59, 999999, tzinfo=BERLIN)
    found = before(now, BERLIN)  # a day of 25 hours
    assert found.ends == whole(date(2026, 10, 25), BERLIN).ends


def test_half_hours_bear_the_clock_of_the_zone_and_an_hour_put_back_is_there_twice() -> None:
    labels = [half.label for half in halves(whole(date(2026, 10, 25), BERLIN), BERLIN)]
    assert labels[:2] == ["00:00", "00:30"]
    assert labels.count("02:00") == labels.count("02:30") == 2
    assert "02:00" not in [half.label for half in halves(whole(date(2026, 3, 29), BERLIN), BERLIN)]
    odd = timezone(timedelta(hours=5, minutes=45))
    assert halves(whole(date(2026, 11, 22), odd), odd)[3].label == "01:30"


def test_half_hours_follow_each_other_without_gap_and_the_last_is_cut_with_its_stretch() -> None:
    day = whole(date(2026, 11, 22), SHANGHAI)
    ends = day.begins + timedelta(minutes=70)
    found = halves(Stretch(day.begins, ends), SHANGHAI)
    assert [one.begins for one in found] == [day.begins + timedelta(minutes=30 * place) for place in range(3)]
    assert [one.ends for one in found] == [*(one.begins for one in found[1:]), ends]
