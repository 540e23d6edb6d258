"""Working time is exact: over nights, weekends, holidays, make-up days and clocks that are put on or back."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from okpay_console.domain import worktime
from okpay_console.domain.worktime import ALWAYS, Calendar, Gap, Window, add, between

SHANGHAI, NEW_YORK = ZoneInfo("Asia/Shanghai"), ZoneInfo("America/New_York")
HOUR = 3600
DAY: tuple[Window, ...] = ((540, 1080),)  # 09:00-18:00
LUNCH: tuple[Window, ...] = ((540, 720), (780, 1080))  # 09:00-12:00, 13:00-18:00
NIGHT: tuple[Window, ...] = ((1320, 1800),)  # 22:00-06:00
OFFICE = Calendar(
    windows=(DAY,) * 5 + ((), ()),
    tz=SHANGHAI,
    holidays={date(2026, 10, day): "国庆节" for day in range(1, 8)},
    workdays=frozenset({date(2026, 10, 10)}),
    makeup=DAY,
    announced=2026,
)


def at(text: str, zone: ZoneInfo = SHANGHAI) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone).astimezone(UTC)


@pytest.mark.parametrize(
    ("start", "hours", "due"),
    [
        ("2026-11-23 09:00", 1, "2026-11-23 10:00"),
        ("2026-11-23 08:00", 1, "2026-11-23 10:00"),
        ("2026-11-23 20:00", 1, "2026-11-24 10:00"),
        ("2026-11-23 17:30", 1, "2026-11-24 09:30"),
        ("2026-11-23 09:00", 9, "2026-11-23 18:00"),
        ("2026-11-20 17:00", 2, "2026-11-23 10:00"),
        ("2026-11-21 12:00", 27, "2026-11-25 18:00"),
        ("2026-09-30 16:00", 27, "2026-10-10 16:00"),
        ("2026-10-10 17:00", 2, "2026-10-12 10:00"),
        ("2026-11-23 09:00", 0, "2026-11-23 09:00"),
        ("2026-11-22 03:00", 0, "2026-11-22 03:00"),
    ],
)
def test_a_limit_in_working_hours_is_due_then(start: str, hours: int, due: str) -> None:
    """Nights, weekends, a golden week and the Saturday that was exchanged for it; closing time is still in time."""
    assert add(at(start), hours * HOUR, OFFICE) == at(due)


def test_a_day_may_have_several_windows() -> None:
    office = Calendar(windows=(LUNCH,) * 7, tz=SHANGHAI)
    assert add(at("2026-11-23 11:30"), HOUR, office) == at("2026-11-23 13:30")
    spent = between(at("2026-11-23 11:30"), at("2026-11-23 13:30"), office)
    assert (spent.counted_s, spent.closed_s) == (HOUR, HOUR)
    assert office.workday_s == 8 * HOUR


def test_a_window_over_midnight_belongs_to_the_day_on_which_it_begins() -> None:
    """Friday's night shift ends on Saturday morning; a holiday has no night shift, but the one before it ends in it."""
    nights = Calendar(windows=(NIGHT,) * 5 + ((), ()), tz=SHANGHAI, holidays={date(2026, 11, 25): "节"})
    assert add(at("2026-11-20 23:00"), 7 * HOUR, nights) == at("2026-11-21 06:00")
    assert add(at("2026-11-21 05:30"), HOUR, nights) == at("2026-11-23 22:30")
    assert add(at("2026-11-25 05:00"), 2 * HOUR, nights) == at("2026-11-26 23:00")
    spent = between(at("2026-11-25 00:00"), at("2026-11-26 00:00"), nights)
    assert (spent.counted_s, spent.holidays) == (6 * HOUR, (("节", 18 * HOUR),))


def test_a_holiday_is_a_whole_day_by_its_name_and_a_weekend_is_closed() -> None:
    spent = between(at("2026-09-30 17:00"), at("2026-10-10 10:00"), OFFICE)
    assert (spent.counted_s, spent.holidays) == (
        1 * HOUR + 9 * HOUR + 9 * HOUR + 1 * HOUR,
        (("国庆节", 7 * 24 * HOUR),),
    )
    assert spent.total_s == (at("2026-10-10 10:00") - at("2026-09-30 17:00")).total_seconds()


def test_a_make_up_day_has_the_windows_of_a_normal_one_even_on_a_holiday() -> None:
    both = Calendar(
        windows=(DAY,) * 5 + ((), ()), tz=SHANGHAI, holidays={date(2026, 11, 28): "x"}, workdays=frozenset({date(2026, 11, 28)}),
        makeup=LUNCH,
    )  # fmt: skip
    spent = between(at("2026-11-28 00:00"), at("2026-11-29 00:00"), both)
    assert (spent.counted_s, spent.closed_s, spent.holidays) == (8 * HOUR, 16 * HOUR, ())


@pytest.mark.parametrize(
    ("start", "end", "counted"),
    [
        ("2026-03-08 01:00", "2026-03-08 04:00", 2),
        ("2026-11-01 00:30", "2026-11-01 03:00", 3.5),
    ],
)
def test_the_hour_that_is_put_on_does_not_exist_and_the_one_put_back_is_worked_twice(
    start: str, end: str, counted: float
) -> None:
    nights = Calendar(windows=(((0, 240),),) * 7, tz=NEW_YORK)
    spent = between(at(start, NEW_YORK), at(end, NEW_YORK), nights)
    assert (spent.counted_s, spent.closed_s) == (counted * HOUR, 0)


def test_office_hours_are_those_of_the_wall_clock_on_both_sides_of_a_change() -> None:
    office = Calendar(windows=(DAY,) * 7, tz=NEW_YORK)
    assert add(at("2026-03-07 17:00", NEW_YORK), 2 * HOUR, office) == at("2026-03-08 10:00", NEW_YORK)
    assert add(at("2026-10-31 17:00", NEW_YORK), 2 * HOUR, office) == at("2026-11-01 10:00", NEW_YORK)


def test_a_gap_does_not_count_and_only_its_working_time_moves_the_end() -> None:
    gaps: tuple[Gap, ...] = ((at("2026-11-23 15:00"), at("2026-11-24 10:00"), "customer"),)
    start = at("2026-11-23 14:00")
    assert add(start, 2 * HOUR, OFFICE, gaps=gaps) == at("2026-11-24 11:00")
    assert add(start, 2 * HOUR, ALWAYS, gaps=gaps) == at("2026-11-24 11:00")
    spent = between(start, at("2026-11-24 11:00"), OFFICE, gaps=gaps)
    assert (spent.counted_s, spent.closed_s, spent.paused) == (2 * HOUR, 15 * HOUR, (("customer", 4 * HOUR),))


def test_of_two_overlapping_gaps_the_first_has_the_time() -> None:
    gaps = (
        (at("2026-11-23 11:00"), at("2026-11-23 13:00"), "b"),
        (at("2026-11-23 10:00"), at("2026-11-23 12:00"), "a"),
    )
    spent = between(at("2026-11-23 09:00"), at("2026-11-23 14:00"), OFFICE, gaps=gaps)
    assert (spent.counted_s, spent.paused) == (2 * HOUR, (("a", 2 * HOUR), ("b", HOUR)))


def test_nothing_passes_between_a_moment_and_an_earlier_one() -> None:
    assert between(at("2026-11-24 10:00"), at("2026-11-23 10:00"), OFFICE).total_s == 0
    assert between(at("2026-11-24 10:00"), at("2026-11-23 10:00"), ALWAYS).total_s == 0


def test_the_due_time_keeps_the_zone_and_the_microseconds_of_the_start() -> None:
    start = datetime(2026, 11, 23, 10, 0, 0, 7, tzinfo=SHANGHAI)
    for calendar in (OFFICE, ALWAYS):
        due = add(start, HOUR, calendar)
        assert (due, due.tzinfo) == (start + timedelta(hours=1), SHANGHAI)


def test_a_calendar_that_never_opens_is_refused_and_not_searched_for_ever() -> None:
    with pytest.raises(ValueError, match="does not open"):
        add(at("2026-11-23 10:00"), HOUR, Calendar())


@pytest.mark.parametrize(
    ("start", "end", "unannounced"),
    [
        ("2026-11-23 10:00", "2026-12-31 23:00", ()),
        ("2026-12-31 10:00", "2027-01-01 00:30", (2027,)),
        ("2027-02-01 10:00", "2028-02-01 10:00", (2027, 2028)),
    ],
)
def test_years_whose_exchanged_days_are_not_announced_are_named(
    start: str, end: str, unannounced: tuple[int, ...]
) -> None:
    assert worktime.years(at(start), at(end), OFFICE) == unannounced
    assert worktime.years(at(start), at(end), ALWAYS) == ()


# Against the plainest reckoning there is: looking at the wall clock minute by minute.

ZONES = [ZoneInfo(name) for name in ("Asia/Shanghai", "America/New_York", "Europe/London", "Australia/Lord_Howe")]
CHANGES = [
    datetime(2026, month, day, tzinfo=UTC) for month, day in ((3, 6), (3, 27), (4, 3), (10, 2), (10, 23), (10, 30))
]
WINDOWS = st.lists(st.tuples(st.integers(0, 1439), st.integers(1, 1440)), max_size=2).map(
    lambda pairs: tuple((begin, begin + length) for begin, length in pairs)
)


@st.composite
def calendars(draw: st.DrawFn, zone: ZoneInfo, begin: datetime) -> Calendar:
    near = st.integers(-1, 4).map(lambda days: (begin + timedelta(days=days)).astimezone(zone).date())
    return Calendar(
        windows=(*(draw(WINDOWS) for _ in range(6)), ((60, 180),)),
        tz=zone,
        holidays=dict.fromkeys(draw(st.sets(near, max_size=2)), "节"),
        workdays=frozenset(draw(st.sets(near, max_size=1))),
        makeup=draw(WINDOWS),
    )


def minute_by_minute(begin: datetime, end: datetime, calendar: Calendar, gap: tuple[datetime, datetime]) -> list[int]:
    """Seconds counted, closed, on holidays and paused, found by asking the wall clock of every minute."""
    spent = [0, 0, 0, 0]

    def windows(day: date) -> tuple[Window, ...]:
        if day in calendar.workdays:
            return calendar.makeup
        return () if day in calendar.holidays else calendar.windows[day.weekday()]

    moment = begin
    while moment < end:
        wall = moment.astimezone(calendar.tz)
        day, minute = wall.date(), wall.hour * 60 + wall.minute
        works = any(since <= minute < until for since, until in windows(day)) or any(
            since <= minute + 1440 < until for since, until in windows(day - timedelta(days=1))
        )
        if works:
            spent[3 if gap[0] <= moment < gap[1] else 0] += 60
        else:
            spent[2 if day in calendar.holidays and day not in calendar.workdays else 1] += 60
        moment += timedelta(minutes=1)
    return spent


@settings(max_examples=60)
@given(st.data())
def test_it_agrees_with_looking_at_the_wall_clock_minute_by_minute(data: st.DataObject) -> None:
    """Around the days on which clocks change, in four zones, one of which changes by half an hour."""
    zone, begin = data.draw(st.sampled_from(ZONES)), data.draw(st.sampled_from(CHANGES))
    begin += timedelta(minutes=data.draw(st.integers(0, 2880)))
    calendar = data.draw(calendars(zone, begin))
    end = begin + timedelta(minutes=data.draw(st.integers(0, 4000)))
    since = begin + timedelta(minutes=data.draw(st.integers(-60, 4000)))
    gap = (since, since + timedelta(minutes=data.draw(st.integers(0, 2000))))
    spent = between(begin, end, calendar, gaps=((*gap, "x"),))
    assert [spent.counted_s, spent.closed_s, spent.holiday_s, spent.paused_s] == minute_by_minute(
        begin, end, calendar, gap
    )
    assert spent.total_s == (end - begin).total_seconds()


@settings(max_examples=100)
@given(st.data())
def test_a_due_time_is_the_first_moment_by_which_the_limit_has_counted(data: st.DataObject) -> None:
    zone, begin = data.draw(st.sampled_from(ZONES)), data.draw(st.sampled_from(CHANGES))
    calendar = data.draw(calendars(zone, begin))
    seconds = data.draw(st.integers(1, 30 * HOUR))
    since = begin + timedelta(minutes=data.draw(st.integers(-60, 4000)))
    gaps = ((since, since + timedelta(minutes=data.draw(st.integers(0, 2000))), "x"),)
    due = add(begin, seconds, calendar, gaps=gaps)
    assert between(begin, due, calendar, gaps=gaps).counted_s == seconds
    assert between(begin, due - timedelta(seconds=1), calendar, gaps=gaps).counted_s == seconds - 1
