"""Alarms go up after they have held and down after they have been back, and are silent when they should be."""

from __future__ import annotations

import math
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from okpay_console.domain.alarms import GAP_S, Alarm, Quiet, State, Told, faults, of_queue, step

BEGIN = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
UTC_ZONE = ZoneInfo("UTC")
NEW_YORK = ZoneInfo("America/New_York")
ALARM = Alarm(id="a", metric="ringing", above=5, clear=3, for_s=20, after_s=30)


def replay(
    alarm: Alarm, looks: Iterable[tuple[float, float | None]], *, begin: datetime = BEGIN, tz: ZoneInfo = UTC_ZONE
) -> list[tuple[float, Told]]:
    """What is said, and how many seconds after the beginning."""
    state, said = State(), []
    for at, value in looks:
        state, one = step(alarm, state, value, begin + timedelta(seconds=at), tz)
        if one is not None:
            said.append((at, one))
    return said


def steady(value: float | None, begins: float, ends: float, every: float = 10) -> list[tuple[float, float | None]]:
    return [(begins + every * number, value) for number in range(int((ends - begins) / every))]


@pytest.mark.parametrize(
    ("looks", "said"),
    [
        (steady(6, 0, 20), []),
        (steady(6, 0, 30), [(20, "raised")]),
        # Exactly at the threshold is not above it.
        (steady(5, 0, 100), []),
        # It must hold at one stretch.
        ([*steady(6, 0, 20), (20, 5), *steady(6, 30, 50)], []),
        # Between the threshold and where it clears it stays as it is.
        ([*steady(6, 0, 30), *steady(4, 30, 300)], [(20, "raised")]),
        ([*steady(6, 0, 30), *steady(3, 30, 70)], [(20, "raised"), (60, "cleared")]),
        ([*steady(6, 0, 30), *steady(3, 30, 50), (50, 4), *steady(3, 60, 80)], [(20, "raised")]),
        # No data: neither up nor down by it, and what had begun to hold begins again.
        (steady(None, 0, 100), []),
        ([*steady(6, 0, 30), *steady(None, 30, 300)], [(20, "raised")]),
        ([*steady(6, 0, 20), (20, None), *steady(6, 30, 60)], [(50, "raised")]),
        ([*steady(6, 0, 30), *steady(3, 30, 50), (50, None), *steady(3, 60, 100)], [(20, "raised"), (90, "cleared")]),
        (steady(math.nan, 0, 100), []),
        # The clock put forward holds nothing; put back it adds nothing, and what held goes on.
        ([(0, 6), (3600, 6), (3610, 6)], []),
        ([(0, 6), (10, 6), (-3600, 6), (-3590, 6)], [(-3590, "raised")]),
        ([(0, 6), (10, 6), (-3600, 6), (-3595, 6)], []),
    ],
)  # fmt: skip
def test_when_it_is_raised_and_cleared(looks: list[tuple[float, float | None]], said: list[tuple[float, Told]]) -> None:
    assert replay(ALARM, looks) == said


def test_below_is_above_upside_down() -> None:
    alarm = Alarm(id="a", metric="calls.service_level.strict", below=0.8, clear=0.85, for_s=10, after_s=10)
    looks = [*steady(0.8, 0, 30), *steady(0.79, 30, 60), *steady(0.84, 60, 120), *steady(0.85, 120, 150)]
    assert replay(alarm, looks) == [(40, "raised"), (130, "cleared")]


def test_without_times_the_first_look_decides_and_a_value_at_the_threshold_does_not_flap() -> None:
    alarm = Alarm(id="a", metric="ringing", above=5)
    assert replay(alarm, [(0, 6), (1, 5), (2, 5), (3, 6)]) == [(0, "raised"), (1, "cleared"), (3, "raised")]


NIGHT = Quiet(begins="22:00", ends="08:00")


@pytest.mark.parametrize(
    ("looks", "said"),
    [
        # Up in the night and still up in the morning: said in the morning.
        (steady(6, 0, 11 * 3600), [(10 * 3600, "raised")]),
        # Up and down again in the night: nobody hears of it.
        ([*steady(6, 0, 3600), *steady(0, 3600, 11 * 3600)], []),
        # Up before, down in the night: that it is down is said in the morning.
        ([(-60, 6), (-50, 6), (-40, 6), *steady(0, 0, 11 * 3600)], [(-40, "raised"), (10 * 3600, "cleared")]),
        # Up before, down and up again in the night: for whoever hears of it, it never was down.
        ([(-60, 6), (-50, 6), (-40, 6), *steady(0, 0, 3600), *steady(6, 3600, 11 * 3600)], [(-40, "raised")]),
    ],
)  # fmt: skip
def test_in_quiet_hours_nothing_is_said_and_afterwards_what_is_still_so(
    looks: list[tuple[float, float | None]], said: list[tuple[float, Told]]
) -> None:
    alarm = msgspec.structs.replace(ALARM, quiet=(NIGHT,))
    assert replay(alarm, looks, begin=datetime(2026, 3, 2, 22, tzinfo=UTC)) == said


@pytest.mark.parametrize(
    ("quiet", "local", "inside"),
    [
        (NIGHT, "2026-03-02T21:59:59", False), (NIGHT, "2026-03-02T22:00", True), (NIGHT, "2026-03-03T07:59:59", True),
        (NIGHT, "2026-03-03T08:00", False),
        # 2026-03-06 is a Friday; the night that begins on it ends on Saturday.
        (Quiet("22:00", "08:00", ("fri",)), "2026-03-07T07:00", True),
        (Quiet("22:00", "08:00", ("fri",)), "2026-03-06T07:00", False),
        (Quiet("22:00", "08:00", ("fri",)), "2026-03-07T23:00", False),
        (Quiet("09:00", "12:00", ("sat", "sun")), "2026-03-08T11:59", True),
        (Quiet("00:00", "00:00", ("sun",)), "2026-03-08T23:59", True),
        (Quiet("00:00", "00:00", ("sun",)), "2026-03-09T00:00", False),
    ],
)  # fmt: skip
def test_quiet_hours_are_those_of_the_local_clock(quiet: Quiet, local: str, inside: bool) -> None:
    assert quiet.holds(datetime.fromisoformat(local)) is inside


@pytest.mark.parametrize(
    ("moment", "silent"),
    [
        # 8 March 2026, New York: after 01:59:59 comes 03:00. The night of 22:00 to 03:30 is an hour shorter.
        ("2026-03-08T06:59:59+00:00", True), ("2026-03-08T07:00:00+00:00", True), ("2026-03-08T07:29:59+00:00", True),
        ("2026-03-08T07:30:00+00:00", False),
        # 1 November 2026: 01:00 to 02:00 passes twice, and is quiet both times.
        ("2026-11-01T05:30:00+00:00", True), ("2026-11-01T06:30:00+00:00", True), ("2026-11-01T08:30:00+00:00", False),
    ],
)  # fmt: skip
def test_quiet_hours_follow_the_clock_where_it_is_changed(moment: str, silent: bool) -> None:
    alarm = Alarm(id="a", metric="ringing", above=5, quiet=(Quiet("22:00", "03:30"),))
    assert alarm.silent(datetime.fromisoformat(moment), NEW_YORK) is silent


LOOKS = st.lists(
    st.tuples(
        st.sampled_from([-3600, -1, 0, 1, 5, 10, 29, GAP_S, GAP_S + 1, 86400]),
        st.one_of(st.none(), st.sampled_from([0.0, 3, 3.5, 5, 5.5, 9, math.inf, math.nan])),
    ),
    max_size=60,
)


@st.composite
def alarms(draw: st.DrawFn, /, **fixed: Any) -> Alarm:
    hold = st.sampled_from([0.0, 1.0, 10.0, 60.0])
    return Alarm(
        id="a", metric="ringing", above=5, clear=draw(st.sampled_from([None, 5, 3])), for_s=draw(hold), after_s=draw(hold),
        **fixed,
    )  # fmt: skip


@given(alarms(), LOOKS)
def test_nothing_is_raised_or_cleared_that_was_not_seen_to_hold(
    alarm: Alarm, looks: list[tuple[float, float | None]]
) -> None:
    """Each change is preceded by looks that all agree, never more than the gap apart, for as long as was asked for."""
    now, state = BEGIN, State()
    held: list[float] = []
    for passed, value in looks:
        now += timedelta(seconds=passed)
        good = value is not None and math.isfinite(value)
        wanted = good and (alarm.beyond(value) if not state.told else alarm.back(value))  # type: ignore[arg-type]
        held = ([*held, max(passed, 0)] if held and passed <= GAP_S else [0.0]) if wanted else []
        state, said = step(alarm, state, value, now, UTC_ZONE)
        if said is not None:
            assert wanted and sum(held) >= (alarm.for_s if said == "raised" else alarm.after_s)
            held = []
        else:
            assert not wanted or sum(held) < (alarm.after_s if state.told else alarm.for_s)


@given(alarms(), LOOKS)
def test_it_never_flaps_faster_than_its_times_allow(alarm: Alarm, looks: list[tuple[float, float | None]]) -> None:
    """By a clock that runs, a whole cycle takes the two times together."""
    at, timed = 0.0, []
    for passed, value in looks:
        at += abs(passed)
        timed.append((at, value))
    said = replay(alarm, timed)
    assert [one for _, one in said] == ["raised", "cleared"] * (len(said) // 2) + ["raised"] * (len(said) % 2)
    for (before, _), (after, what) in pairwise(said):
        assert after - before >= (alarm.after_s if what == "cleared" else alarm.for_s)


@given(alarms(quiet=(Quiet("09:10", "11:00"), Quiet("15:00", "08:00"))), LOOKS)
def test_what_is_said_is_never_said_in_quiet_hours_and_always_takes_turns(
    alarm: Alarm, looks: list[tuple[float, float | None]]
) -> None:
    now, state, said = BEGIN, State(), []
    for passed, value in looks:
        now += timedelta(seconds=passed)
        state, one = step(alarm, state, value, now, UTC_ZONE)
        assert one is None or not alarm.silent(now, UTC_ZONE)
        assert alarm.silent(now, UTC_ZONE) or state.told == (state.up is not None)
        said += [one] if one else []
    assert all(one == ("cleared" if place % 2 else "raised") for place, one in enumerate(said))


@given(alarms(), LOOKS, st.integers(0, 60))
def test_whoever_takes_over_says_nothing_twice(alarm: Alarm, looks: list[tuple[float, float | None]], at: int) -> None:
    """Only what is settled is handed on, so what had begun to hold begins again."""
    now, state, said = BEGIN, State(), []
    for place, (passed, value) in enumerate(looks):
        if place == at:
            state = msgspec.json.decode(msgspec.json.encode(state.settled), type=State)
        now += timedelta(seconds=passed)
        state, one = step(alarm, state, value, now, UTC_ZONE)
        said += [one] if one else []
    assert all(one == ("cleared" if place % 2 else "raised") for place, one in enumerate(said))


@pytest.mark.parametrize(
    ("given_values", "fault"),
    [
        ({}, ""), ({"id": "no blank"}, "name"), ({"id": "门"}, "name"), ({"id": "a/b"}, "name"), ({"metric": "nix"}, "metric"),
        ({"below": 3}, "threshold"), ({"above": None}, "threshold"), ({"above": math.inf}, "threshold"),
        ({"clear": 6}, "clear"), ({"clear": 5}, ""), ({"above": None, "below": 5, "clear": 4}, "clear"),
        ({"words": "x" * 201}, "words"), ({"words": "a\x1b[31m"}, "words"), ({"queue": "a b"}, "queue"),
    ],
)  # fmt: skip
def test_an_alarm_that_could_never_work_is_known_as_such(given_values: dict[str, Any], fault: str) -> None:
    assert faults(Alarm(**{"id": "a", "metric": "ringing", "above": 5, **given_values})) == fault


@pytest.mark.parametrize("body", ['{"begins":"24:00","ends":"08:00"}', '{"begins":"8:00","ends":"09:00"}'])
def test_a_time_that_no_clock_shows_is_refused_at_the_door(body: str) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(body, type=Quiet)


def test_an_alarm_is_of_a_queue_only_if_it_looks_at_that_queue_alone() -> None:
    assert of_queue(Alarm(id="a", metric="groups.queue.vip.open", above=1, queue="vip"))
    assert not of_queue(Alarm(id="a", metric="ringing", above=1, queue="vip"))
    assert not of_queue(Alarm(id="a", metric="groups.queue.vip.open", above=1))
