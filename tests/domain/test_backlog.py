"""The backlog's ages, its histogram, and how many times their limit the late tickets have taken."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from okpay_console.domain.backlog import EDGES_S, Backlog, backlog
from okpay_console.domain.calllog import SECOND
from okpay_console.domain.lateness import Lateness
from okpay_console.domain.series import Series

NOW = 10**9 * SECOND


def standing(ages: list[int], **late: float) -> Backlog:
    """The backlog of open tickets of these ages in seconds."""
    created = sorted((NOW - age * SECOND, "t") for age in ages)
    return backlog(created, overdue=int(late.get("overdue", 0)), cycles=late.get("cycles", 0.0), now=NOW)


def test_ages_are_by_the_nearest_rank() -> None:
    found = standing(list(range(1, 11)))
    assert (found.count, found.p50_s, found.p90_s, found.max_s) == (10, 5.0, 9.0, 10.0)


def test_nothing_open_has_no_age() -> None:
    found = standing([])
    assert (found.count, found.p50_s, found.max_s, found.cycles_late, sum(found.ages)) == (0, None, None, None, 0)


def test_an_age_of_exactly_an_edge_is_in_the_older_bar() -> None:
    ages = [EDGES_S[0] - 1, EDGES_S[0], EDGES_S[1], EDGES_S[-1], EDGES_S[-1] * 9]
    assert standing(ages).ages == (1, 1, 1, 0, 0, 0, 2)


HOUR = 3600 * SECOND


def late(*due: tuple[int, int]) -> Lateness:
    """Tickets by (first contact, due) in hours before NOW."""
    series, since = Series(), {}
    for number, (first, limit) in enumerate(due):
        series.add((NOW - limit * HOUR, str(number)))
        since[str(number)] = NOW - first * HOUR
    return Lateness(series, since.__getitem__)


def test_a_ticket_at_three_times_its_limit_is_two_cycles_late_and_those_in_time_count_as_none() -> None:
    cycles = late((3, 2), (1, -5)).cycles(NOW)
    assert cycles == pytest.approx(2)
    assert standing([1, 3], overdue=1, cycles=cycles).cycles_late == pytest.approx(1)


def test_lateness_grows_with_time_and_turned_back_is_what_it_was() -> None:
    found = late((3, 2), (4, 1), (9, -2))
    first = found.cycles(NOW)
    assert first == pytest.approx(2 + 1 / 3)
    assert found.cycles(NOW + 3 * HOUR) == pytest.approx(5 + 4 / 3 + 1 / 11)
    assert found.cycles(NOW) == first


@given(st.lists(st.integers(0, 10**7), min_size=1))
def test_every_open_ticket_is_in_one_bar_and_half_of_them_are_not_older_than_the_median(ages: list[int]) -> None:
    found = standing(ages)
    assert sum(found.ages) == len(ages)
    assert sum(age <= (found.p50_s or 0) for age in ages) * 2 >= len(ages)
    assert sum(age < (found.p50_s or 0) for age in ages) * 2 < len(ages) + 1
    assert found.max_s == max(ages)
