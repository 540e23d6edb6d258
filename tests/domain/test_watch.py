"""The wall's numbers: those of the log, each the count of what is behind it, and the same however they were arrived at."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from okpay_console.domain import calls, stats, walltally
from okpay_console.domain.attainment import judged
from okpay_console.domain.behind import CALLS, behind
from okpay_console.domain.callbins import DIMENSIONS
from okpay_console.domain.calllog import Event, read
from okpay_console.domain.intervals import day_of
from okpay_console.domain.moments import SHANGHAI
from okpay_console.domain.queue import Due, Row
from okpay_console.domain.ticket import CHANNELS, STATUSES, Call, Caller, Mark, Sla
from okpay_console.domain.wallnumbers import House, Wall
from okpay_console.domain.watch import Watch

NOW = datetime(2026, 11, 22, 6, 46, tzinfo=UTC)
"""14:46 of a Sunday in Shanghai."""


def row(name: str, *calls: Call, **values: Any) -> Row:
    given = {"subject": "s", "channel": "hotline", "created_at": NOW, "updated_at": NOW, **values}
    return Row(id=name, calls=calls, **given)


def call(name: str, began: datetime, *steps: tuple[str, float], agent: str = "", code: str = "") -> Call:
    """A call offered at ``began``, and what happened so many seconds later."""
    marks = [Mark("offered", began), *(Mark(event, began + timedelta(seconds=after)) for event, after in steps)]
    return Call(name, agent, tuple(marks), code)


def talked(
    name: str, began: datetime, wait: float, talk: float = 60, hold: float = 0, acw: float = 10, **values: Any
) -> Call:
    """A call that was answered after ``wait`` seconds and wrapped up."""
    end = wait + talk + hold
    held = (("held", wait + 1), ("resumed", wait + 1 + hold)) if hold else ()
    steps = (("answered", wait), *held, ("ended", end), ("wrapped", end + acw))
    return call(name, began, *steps, **{"agent": "wang", **values})


def logged(rows: Iterable[Row]) -> list[Event]:
    """The calls of the rows as the telephone's log has them."""
    return [
        Event(mark.at, mark.event, f"{one.id}", one.agent if mark.event != "offered" else "")  # type: ignore[arg-type]
        for item in rows
        for one in item.calls
        for mark in one.marks
        if mark.event not in ("muted", "unmuted")
    ]


MOMENTS = st.integers(-16 * 86400, 600).map(lambda seconds: NOW + timedelta(seconds=seconds))
LATELY = st.integers(-15 * 3600, 0).map(lambda seconds: NOW + timedelta(seconds=seconds))
_WAITS = st.sampled_from([0, 3, 4.999999, 5, 19, 20, 20.000001, 45, 300])


@st.composite
def some_call(draw: st.DrawFn) -> Call:
    began = draw(st.one_of(LATELY, MOMENTS))
    name = draw(st.uuids().map(str))
    match draw(st.integers(0, 6)):
        case 0:
            return call(name, began)
        case 1:
            return call(name, began, ("abandoned", draw(_WAITS)))
        case 2:
            return call(name, began, ("callback", draw(_WAITS)))
        case 3:
            return call(name, began, ("answered", draw(_WAITS)), agent="li")
        case 4:
            return call(name, began, ("answered", 7), ("muted", 9), ("unmuted", 12), ("ended", 90), agent="li")
        case 5:
            return Call(name, "wang", (Mark("answered", began), Mark("ended", began + timedelta(seconds=60))))
        case _:
            hold = draw(st.sampled_from([0, 15]))
            code = draw(st.sampled_from(["", "INFO_GIVEN", "PENDING_PARTNER"]))
            return talked(
                name, began, draw(_WAITS), draw(st.integers(1, 400)), hold, draw(st.integers(0, 60)), code=code
            )


NAMES = st.sampled_from([f"t{number}" for number in range(12)])
CALLERS = st.sampled_from(
    [Caller(), Caller(mobile="+8613800138000"), Caller(email="a@example.com"), Caller(handle="x")]
)
ROWS = st.builds(
    lambda name, calls, **values: row(name, *calls, **values),
    NAMES,
    st.lists(some_call(), max_size=3),
    channel=st.sampled_from(CHANNELS),
    status=st.sampled_from(STATUSES),
    category=st.sampled_from(["", "TXN", "LOGIN"]),
    queue=st.sampled_from(["general", "risk"]),
    assignee=st.sampled_from([None, "wang", "li"]),
    caller=CALLERS,
    chases=st.sampled_from([0, 0, 1]),
    disposition=st.sampled_from(["", "INFO_GIVEN"]),
    created_at=MOMENTS,
    closed_at=st.one_of(st.none(), MOMENTS),
    sla=st.builds(Sla, *[st.one_of(st.none(), MOMENTS)] * 4),
    promises=st.lists(
        st.builds(
            Due, st.just("p"), st.one_of(LATELY, MOMENTS), settled_at=st.one_of(st.none(), MOMENTS),
            state=st.sampled_from(["open", "kept", "broken", "withdrawn"]),
        ),
        max_size=3,
    ).map(tuple),
)  # fmt: skip


HOUSE = House(solving=frozenset({"INFO_GIVEN"}))


def watching(rows: list[Row], house: House = HOUSE) -> Watch:
    watch = Watch(house)
    watch.read({one.id: one for one in rows})
    return watch


def reckoned(rows: list[Row], now: datetime = NOW, house: House = HOUSE) -> Wall:
    return walltally.numbers(watching(rows, house), now)


ORACLE = [
    *(
        talked(str(number), NOW - timedelta(hours=1), *times)
        for number, times in enumerate(
            [
                (5, 180, 0, 30),
                (12, 240, 20, 45),
                (19, 120, 0, 15),
                (20, 300, 30, 60),
                (21, 90, 0, 20),
                (45, 200, 10, 40),
            ]
        )
    ),
    *(call(f"a{wait}", NOW - timedelta(hours=1), ("abandoned", wait)) for wait in (3, 15, 60)),
    call("c", NOW - timedelta(hours=1), ("callback", 18)),
]


@pytest.mark.parametrize(
    ("name", "printed"),
    [
        ("offered", "10"), ("answered", "6"), ("abandoned", "3"), ("callbacks", "1"), ("waiting", "0"),
        ("service_level.strict", "40.00%"), ("service_level.freshcaller", "44.44%"), ("service_level.genesys", "50.00%"),
        ("service_level.flex", "66.67%"), ("service_level.connect", "70.00%"),
        ("asa_s", "20.333"), ("aht_s", "233.333"), ("acw_s", "35.000"), ("talk_s", "188.333"), ("hold_s", "10.000"),
        ("abandonment", "30.00%"), ("abandonment_net", "22.22%"), ("patience_s", "72.667"),
    ],
)  # fmt: skip
def test_ten_calls_on_tickets_give_the_printed_oracle_to_its_last_digit(name: str, printed: str) -> None:
    found: Any = reckoned([row(one.id, one) for one in ORACLE]).calls
    for part in name.split("."):
        found = getattr(found, part)
    assert (f"{found:.2%}" if printed.endswith("%") else f"{found:.3f}" if "." in printed else str(found)) == printed


def test_what_tickets_cannot_tell_is_not_made_up() -> None:
    """Nobody's presence is on a ticket, so occupancy is not known from tickets."""
    found = reckoned([row(one.id, one) for one in ORACLE]).calls
    assert (found.occupancy, found.utilisation) == (None, None)


def same_calls_as_in_a_log(rows: list[Row]) -> None:
    day = day_of(NOW, SHANGHAI)
    log = read(logged(rows))
    told = calls.numbers(calls.tally(log, HOUSE.rule, begins=day.begins, ends=day.ends))
    assert reckoned(rows).calls == told


def counts_are_those_of_each_row(rows: list[Row]) -> None:
    assert reckoned(rows).tickets == stats.numbers(rows, now=NOW)


def every_number_is_the_count_of_what_stands_behind_it(rows: list[Row]) -> None:
    watch = watching(rows)
    wall = walltally.numbers(watch, NOW)

    def count(measure: str, **narrowed: str) -> int:
        return len(behind(watch, measure, NOW, **narrowed))

    told = wall.calls
    for measure in CALLS:
        if measure in ("offered", "answered", "abandoned", "callbacks"):
            assert getattr(told, measure) == count(measure), measure
        for group in DIMENSIONS:
            assert sum(count(measure, group=group, key=key) for key in wall.groups[group]) == count(measure), measure
    assert told.waiting == count("still_waiting")
    assert (told.service_level.strict or 0) * told.offered == pytest.approx(count("in_target"))
    assert (told.abandonment or 0) - (told.abandonment_net or 0) >= 0 or count("short") == 0
    assert count("answered") == count("in_target") + count("answered_late")
    for measure in stats.COUNTS:
        assert getattr(wall.tickets, measure) == count(measure), measure
    for group in DIMENSIONS:
        for key, one in wall.groups[group].items():
            assert one.open == count("open", group=group, key=key)
            assert one.overdue == count("overdue", group=group, key=key)
            assert one.calls.offered == count("offered", group=group, key=key)
    assert wall.ringing == count("ringing")
    assert wall.written_down == count("written_down")
    assert wall.backlog.count == count("open") == sum(wall.backlog.ages)
    assert wall.backlog.overdue == count("overdue")
    for clock, attained in (("response", wall.response), ("resolve", wall.resolve)):
        assert [attained.met, attained.missed, attained.late] == [
            count(f"{clock}_{end}") for end in ("met", "missed", "late")
        ]
    assert [wall.promises.part, wall.promises.whole] == [count("promises_kept"), count("promises_due")]
    assert [wall.first_contact.part, wall.first_contact.whole] == [count("solved"), count("first")]
    assert wall.promises.part <= wall.promises.whole and wall.first_contact.part <= wall.first_contact.whole
    assert count("promises_kept") + count("promises_broken") == count("promises_due")
    assert count("solved") + count("unsolved") == count("first")
    for key, number in wall.tickets.by_agent.items():
        assert number == count("open", group="assignee", key=key)


def limits_kept_are_those_of_judging_each_row(rows: list[Row]) -> None:
    day, wall = day_of(NOW, SHANGHAI), reckoned(rows)
    for clock, attained in (("response", wall.response), ("resolve", wall.resolve)):
        found = [judged(one, clock) for one in rows]  # type: ignore[arg-type]
        assert attained.met == sum(what == "met" and at is not None and day.holds(at) for what, at in found)
        assert attained.missed == sum(what == "missed" and at is not None and day.holds(at) for what, at in found)
        assert attained.late == sum(what == "running" and at is not None and at < NOW for what, at in found)


def late_tickets_are_late_by_the_sum_of_their_own_cycles(rows: list[Row]) -> None:
    told = [(one.created_at, *judged(one, "resolve")) for one in rows]
    over = [(since, until) for since, what, until in told if what == "running" and until is not None and until < NOW]
    cycles = sum((NOW - until) / (until - since) for since, until in over if until > since)
    found = reckoned(rows).backlog.cycles_late
    assert found is None or found * sum(one.status != "closed" for one in rows) == pytest.approx(cycles, rel=1e-6)


@given(st.lists(ROWS, max_size=12, unique_by=lambda one: one.id))
def test_whatever_the_rows_each_number_is_that_of_its_own_plain_reckoning(rows: list[Row]) -> None:
    """Calls of rows and of a log, tickets, what is behind each number, limits kept, cycles late: of the same rows, as drawing
    them takes longer than all that is said of them."""
    same_calls_as_in_a_log(rows)
    counts_are_those_of_each_row(rows)
    every_number_is_the_count_of_what_stands_behind_it(rows)
    limits_kept_are_those_of_judging_each_row(rows)
    late_tickets_are_late_by_the_sum_of_their_own_cycles(rows)


CHANGES = st.lists(st.tuples(NAMES, st.one_of(st.none(), ROWS)), max_size=25)


@given(st.lists(ROWS, max_size=8, unique_by=lambda one: one.id), CHANGES, st.integers(1, 4))
def test_keeping_up_with_changes_gives_what_counting_everything_anew_gives(
    rows: list[Row], changes: list[tuple[str, Row | None]], at_once: int
) -> None:
    live = {one.id: one for one in rows}
    watch = Watch(HOUSE)
    watch.read(live)
    for place, (name, one) in enumerate(changes):
        if one is None:
            live.pop(name, None)
        else:
            live[name] = replace(one, id=name)
        if place % at_once == 0:
            watch.read(live)
            walltally.numbers(watch, NOW)  # numbers asked for on the way must not spoil later ones
    watch.read(live)
    assert walltally.numbers(watch, NOW) == reckoned(list(live.values()))


def test_reading_in_slices_while_rows_go_on_changing_misses_nothing() -> None:
    live = {f"{number}": row(f"{number}") for number in range(10)}
    watch = Watch(HOUSE)
    stale = watch.stale(live)
    watch.learn(live, stale[:4])
    live["1"] = row("1", status="closed", closed_at=NOW)
    live["8"] = row("8", status="pending")
    del live["5"]
    watch.learn(live, watch.stale(live))
    assert watch.stale(live) == []
    assert walltally.numbers(watch, NOW) == reckoned(list(live.values()))


def test_a_row_that_did_not_change_is_not_read_again() -> None:
    live = {"1": row("1"), "2": row("2")}
    watch = Watch(HOUSE)
    watch.read(live)
    assert watch.stale(live) == []
    live["2"] = row("2", status="pending")
    assert watch.stale(live) == ["2"]


def test_what_is_compared_with_today_ends_at_the_same_time_of_the_day() -> None:
    week = NOW - timedelta(days=7)
    rows = [
        row("1", talked("1", week - timedelta(minutes=1), 5)),
        row("2", talked("2", week + timedelta(minutes=1), 5)),
        row("3", talked("3", NOW - timedelta(minutes=1), 5)),
    ]
    found = reckoned(rows)
    assert (found.calls.offered, found.before.offered) == (1, 1)


def test_calls_that_wait_now_count_from_whatever_day_and_tell_the_longest_wait() -> None:
    found = reckoned([row("1", call("1", NOW - timedelta(hours=20))), row("2", call("2", NOW - timedelta(seconds=9)))])
    assert (found.ringing, found.longest_ring_s, found.calls.waiting) == (2, 72000.0, 1)


def test_a_call_that_no_telephone_offered_is_said_and_not_counted() -> None:
    written = talked("1", NOW - timedelta(minutes=9), 0)
    found = reckoned([row("1", replace(written, marks=written.marks[1:]))])
    assert (found.written_down, found.calls.offered) == (1, 0)


def test_half_hours_have_their_forecast_from_the_same_weekdays_and_say_how_many() -> None:
    at = NOW.replace(minute=0)  # 14:00 in Shanghai
    rows = [
        row(
            f"{week}-{number}", talked(f"{week}-{number}", at - timedelta(days=7 * week) + timedelta(minutes=number), 5)
        )
        for week, count in ((0, 1), (1, 4), (2, 2))
        for number in range(count)
    ]
    found = {half.label: half for half in reckoned(rows).halves}
    assert len(found) == 48
    two = found["14:00"]
    assert (two.stage, two.offered, two.service_level.strict) == ("past", 1, 1.0)
    expected = two.expected
    assert (expected.calls, expected.least, expected.most, expected.days) == (3.0, 2, 4, 2)
    assert (found["14:30"].stage, found["15:00"].stage, found["15:00"].expected.calls) == ("now", "next", 0.0)


def test_without_any_day_before_nothing_is_forecast() -> None:
    found = reckoned([row("1", talked("1", NOW - timedelta(minutes=5), 5))])
    assert {half.expected.calls for half in found.halves} == {None}
    assert {half.expected.days for half in found.halves} == {0}


def test_agents_are_reckoned_from_the_forecast_and_from_those_seen_at_work() -> None:
    slot = NOW.replace(minute=30)  # the present half-hour begins
    rows = [
        row(f"b{number}", talked(f"b{number}", slot - timedelta(days=7) + timedelta(seconds=number), 5, 150, 0, 30))
        for number in range(100)
    ]
    rows.append(row("now", talked("now", NOW - timedelta(minutes=10), 5, 150, 0, 30, agent="li")))
    found = reckoned(rows, house=replace(HOUSE, occupancy=1.0))
    now = found.levers[0]
    assert (now.label, now.calls, now.c, now.a, now.rostered, now.more) == ("14:30", 100, 14, None, 20, 13)
    assert (found.measured.there, found.measured.aht_s, len(found.levers)) == (1, 180.0, 4)
    capped = reckoned(rows, house=replace(HOUSE, occupancy=0.5)).levers[0]
    assert capped.c == 20


def test_old_news_of_last_week_changes_the_forecast() -> None:
    live = {"1": row("1", talked("1", NOW - timedelta(days=7), 5))}
    watch = Watch(HOUSE)
    watch.read(live)
    assert max(half.expected.calls or 0 for half in walltally.numbers(watch, NOW).halves) == 1
    live["2"] = row("2", talked("2", NOW - timedelta(days=7), 5))
    watch.read(live)
    assert max(half.expected.calls or 0 for half in walltally.numbers(watch, NOW).halves) == 2


@given(st.lists(ROWS, max_size=8, unique_by=lambda one: one.id), st.lists(st.integers(-90, 90), min_size=1, max_size=4))
def test_numbers_asked_for_at_other_times_meanwhile_change_nothing(rows: list[Row], minutes: list[int]) -> None:
    watch = watching(rows)
    for away in minutes:
        walltally.numbers(watch, NOW + timedelta(minutes=away))
    assert walltally.numbers(watch, NOW) == reckoned(rows)


def test_a_ticket_that_changes_its_category_takes_its_calls_along() -> None:
    live = {"1": row("1", talked("1", NOW - timedelta(minutes=5), 5), category="TXN")}
    watch = Watch(HOUSE)
    watch.read(live)
    walltally.numbers(watch, NOW)
    live["1"] = replace(live["1"], category="LOGIN")
    watch.read(live)
    found = walltally.numbers(watch, NOW)
    assert {key: one.calls.offered for key, one in found.groups["category"].items()} == {"LOGIN": 1}
    assert found == reckoned(list(live.values()))
