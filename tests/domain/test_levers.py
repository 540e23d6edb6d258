"""How many more agents: exact to the oracles, honest where something was not measured, and a what-if that changes only inputs."""

from __future__ import annotations

from typing import Any

import pytest

from okpay_console.domain.forecast import expected
from okpay_console.domain.levers import Goal, WhatIf, lever

GOAL = Goal(target_s=20, goal=0.8, occupancy=1.0, shrinkage=0.3)
LOAD: dict[str, Any] = {"calls": 100, "aht_s": 180.0, "patience_s": None, "there": 9, "goal": GOAL}


def test_erlang_c_and_a_stand_side_by_side_and_a_has_the_last_word() -> None:
    c = lever("14:30", **LOAD)
    assert (c.c, c.a, c.rostered, c.more) == (14, None, 20, 5)
    a = lever("14:30", **{**LOAD, "patience_s": 120.0})
    assert (a.c, a.a, a.rostered, a.more) == (14, 12, 18, 3)


def test_enough_agents_need_no_more() -> None:
    assert lever("14:30", **{**LOAD, "there": 99}).more == 0


def test_the_occupancy_cap_asks_for_more_than_the_target_does() -> None:
    tired = Goal(target_s=20, goal=0.8, occupancy=0.5, shrinkage=0)
    found = lever("14:30", **{**LOAD, "goal": tired})
    assert (found.c, found.rostered) == (20, 20)


@pytest.mark.parametrize(
    ("values", "lack"),
    [({"calls": None}, "calls"), ({"aht_s": None}, "aht"), ({"aht_s": 0.0}, "aht"), ({"calls": 1e12}, "range")],
)
def test_what_was_not_measured_gives_no_number(values: dict[str, Any], lack: str) -> None:
    found = lever("14:30", **{**LOAD, **values})
    assert (found.lack, found.c, found.rostered, found.more) == (lack, None, None, None)


def test_a_what_if_is_the_same_as_having_measured_that() -> None:
    tried = lever("14:30", **LOAD, what_if=WhatIf(aht=120, calls=50, target_s=10))
    goal = Goal(target_s=30, goal=0.8, occupancy=1.0, shrinkage=0.3)
    assert tried == lever("14:30", **{**LOAD, "calls": 50, "aht_s": 216.0, "goal": goal})


def test_nobody_calling_needs_nobody() -> None:
    assert lever("03:00", **{**LOAD, "calls": 0}).c == 0


def test_the_forecast_is_the_plain_mean_and_says_its_range_and_days() -> None:
    days = [{"09:00": 4.0, "09:30": 1.0}, {"09:00": 2.0}]
    nine, half, never = expected(["09:00", "09:30", "10:00"], days)
    assert (nine.calls, nine.least, nine.most, nine.days) == (3.0, 2.0, 4.0, 2)
    assert (half.calls, half.days) == (1.0, 1)
    assert (never.calls, never.least, never.most, never.days) == (None, None, None, 0)
