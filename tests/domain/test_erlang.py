"""Erlang C and A against printed tables, against the queue's own balance, and at the sizes where naive sums fail."""

from __future__ import annotations

import math
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from okpay_console.domain import erlang
from okpay_console.domain.erlang import Demand, needed, point, rostered

HALF_HOUR = Demand(calls=100, interval_s=1800, aht_s=180)
HOUR = Demand(calls=360, interval_s=3600, aht_s=240)
PATIENT = Demand(calls=100, interval_s=1800, aht_s=180, patience_s=120)


@pytest.mark.parametrize(
    ("agents", "p_wait", "level", "asa", "occupancy"),
    [
        (11, "0.682118", "0.389614", "122.781", "0.9091"),
        (12, "0.449388", "0.640158", "40.445", "0.8333"),
        (13, "0.285270", "0.795595", "17.116", "0.7692"),
        (14, "0.174132", "0.888350", "7.836", "0.7143"),
    ],
)
def test_erlang_c_is_the_printed_table_to_its_last_digit(
    agents: int, p_wait: str, level: str, asa: str, occupancy: str
) -> None:
    found = point(HALF_HOUR, agents)
    assert HALF_HOUR.load == 10
    assert f"{found.p_wait:.6f}" == p_wait
    assert f"{found.service_level:.6f}" == level
    assert f"{found.asa_s:.3f}" == asa
    assert f"{found.occupancy:.4f}" == occupancy
    assert (found.model, found.p_abandon, found.wait_s) == ("C", 0.0, found.asa_s)


def test_erlang_c_agrees_with_the_manual_of_crans_erlangc() -> None:
    found = point(HALF_HOUR, 14)
    assert (f"{found.p_wait:.7f}", f"{found.service_level:.5f}", f"{found.asa_s:.5f}") == (
        "0.1741319",
        "0.88835",
        "7.83594",
    )


def test_erlang_c_of_a_busier_hour_is_the_printed_table() -> None:
    assert HOUR.load == 24
    assert f"{point(HOUR, 28).service_level:.6f}" == "0.761296"
    found = point(HOUR, 29)
    assert (f"{found.service_level:.6f}", f"{found.asa_s:.3f}", f"{found.p_wait:.6f}") == (
        "0.840283",
        "11.629",
        "0.242274",
    )
    assert needed(HOUR, 0.8) == 29


@pytest.mark.parametrize(
    ("agents", "p_wait", "lost", "level", "wait", "asa", "occupancy"),
    [
        (11, "0.382816", "0.094155", "0.742209", "11.299", "9.783", "0.8235"),
        (12, "0.279807", "0.061597", "0.825583", "7.392", "6.335", "0.7820"),
        (13, "0.193722", "0.038426", "0.888550", "4.611", "3.939", "0.7397"),
    ],
)
def test_erlang_a_is_the_printed_table_to_its_last_digit(
    agents: int, p_wait: str, lost: str, level: str, wait: str, asa: str, occupancy: str
) -> None:
    found = point(PATIENT, agents)
    assert f"{found.p_wait:.6f}" == p_wait
    assert f"{found.p_abandon:.6f}" == lost
    assert f"{found.service_level:.6f}" == level
    assert f"{found.wait_s:.3f}" == wait
    assert f"{found.asa_s:.3f}" == asa
    assert f"{found.occupancy:.4f}" == occupancy
    assert found.model == "A"


def test_erlang_a_serves_with_fewer_agents_than_erlangs() -> None:
    assert f"{point(PATIENT, 10).service_level:.6f}" == "0.639941"
    assert point(PATIENT, 5).p_abandon > 0.5


def test_eighty_twenty_needs_14_by_c_and_12_by_a_and_20_on_the_roster() -> None:
    assert (needed(HALF_HOUR, 0.8), needed(PATIENT, 0.8)) == (14, 12)
    assert rostered(14, 0.3) == 20


def test_a_load_below_one_erlang_needs_one_agent_and_not_two() -> None:
    small = Demand(calls=8.4, interval_s=3600, aht_s=300, target_s=3600)
    assert math.isclose(small.load, 0.7)
    assert f"{point(small, 1).service_level:.2f}" == "0.98"
    assert needed(small, 0.9) == 1


@pytest.mark.parametrize("model", [None, 120.0])
def test_the_answer_is_enough_and_one_agent_fewer_is_not(model: float | None) -> None:
    for load in (0.01, 0.5, 1, 3, 9.99, 10, 77.7, 640):
        for goal in (0.01, 0.5, 0.8, 0.95, 0.9999):
            demand = Demand(calls=load * 10, interval_s=1800, aht_s=180, patience_s=model)
            found = needed(demand, goal)
            assert point(demand, found).service_level >= goal
            assert found == 0 or point(demand, found - 1).service_level < goal


def test_where_naive_sums_underflow_the_service_level_is_still_right() -> None:
    """300 erlangs on 300 agents and 300 seconds: e^{−Λt} is zero in floats, and a sum that starts there says 0.5420."""
    busy = Demand(calls=3000, interval_s=1800, aht_s=180, target_s=300, patience_s=120)
    assert busy.load == 300
    assert f"{point(busy, 300).service_level:.5f}" == "0.97465"


def test_fewer_agents_than_erlangs_never_catch_up_by_c() -> None:
    for agents in (0, 5, 10):
        found = point(HALF_HOUR, agents)
        assert (found.p_wait, found.service_level, found.asa_s, found.occupancy) == (1.0, 0.0, math.inf, 1.0)


def test_without_agents_every_caller_hangs_up_when_patience_ends() -> None:
    found = point(PATIENT, 0)
    assert (found.p_wait, found.service_level, found.p_abandon, found.wait_s) == (1.0, 0.0, 1.0, 120.0)


@pytest.mark.parametrize("patience", [None, 120.0])
def test_without_calls_nobody_is_needed_and_nobody_waits(patience: float | None) -> None:
    quiet = Demand(calls=0, interval_s=1800, aht_s=180, patience_s=patience)
    assert needed(quiet, 0.8) == 0
    assert (point(quiet, 0).service_level, point(quiet, 3).p_wait, point(quiet, 3).occupancy) == (1.0, 0.0, 0.0)


def test_the_occupancy_cap_asks_for_more_agents_than_the_service_level() -> None:
    assert needed(HALF_HOUR, 0.8, max_occupancy=0.65) == math.ceil(10 / 0.65) == 16
    assert needed(HALF_HOUR, 0.8, max_occupancy=0.8) == 14
    found = needed(PATIENT, 0.8, max_occupancy=0.7)
    assert point(PATIENT, found).occupancy <= 0.7 < point(PATIENT, found - 1).occupancy


def test_an_occupancy_that_meets_its_cap_exactly_costs_no_further_agent() -> None:
    """6 calls of 210 s in half an hour are 0.7 erlangs, in floats a last digit more."""
    demand = Demand(calls=6, interval_s=1800, aht_s=210, target_s=1e6)
    assert demand.load > 0.7
    assert needed(demand, 0.01, max_occupancy=0.7) == 1


@pytest.mark.parametrize(
    ("agents", "shrinkage", "roster"),
    [(14, 0.3, 20), (7, 0.3, 10), (9, 0.1, 10), (0, 0.3, 0), (14, 0, 14), (15, 0.3, 22), (21, 0.3, 30), (9, 0.55, 20)],
)
def test_the_roster_is_exact_in_the_decimals_as_written(agents: int, shrinkage: float, roster: int) -> None:
    assert rostered(agents, shrinkage) == roster


def test_ten_thousand_agents_are_no_limit() -> None:
    huge = Demand(calls=100_000, interval_s=1800, aht_s=180)
    assert huge.load == 10_000
    found = needed(huge, 0.8)
    assert 10_000 < found < 10_100
    assert point(huge, found - 1).service_level < 0.8 <= point(huge, found).service_level
    lossy = Demand(calls=100_000, interval_s=1800, aht_s=180, patience_s=120)
    balance = balanced(lossy, 10_000)
    exact = point(lossy, 10_000)
    assert math.isclose(exact.p_wait, balance.p_wait, rel_tol=1e-9)
    assert math.isclose(exact.p_abandon, balance.p_abandon, rel_tol=1e-9)
    assert needed(lossy, 0.8) < 10_000


@pytest.mark.parametrize(
    "wrong",
    [
        {"calls": -1}, {"calls": math.nan}, {"interval_s": 0}, {"aht_s": 0}, {"aht_s": math.inf}, {"target_s": -1},
        {"patience_s": 0}, {"calls": 1e12},
    ],
)  # fmt: skip
def test_numbers_of_no_hotline_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError):
        Demand(**{"calls": 100, "interval_s": 1800, "aht_s": 180, **wrong})


@pytest.mark.parametrize(("goal", "cap"), [(0, 1), (1, 1), (80, 1), (0.8, 0), (0.8, 1.1), (math.nan, 1)])
def test_a_goal_or_cap_that_cannot_be_met_is_refused(goal: float, cap: float) -> None:
    with pytest.raises(ValueError):
        needed(HALF_HOUR, goal, max_occupancy=cap)


@pytest.mark.parametrize("shrinkage", [-0.1, 1, 30, math.nan])
def test_a_shrinkage_that_leaves_nobody_is_refused(shrinkage: float) -> None:
    with pytest.raises(ValueError):
        rostered(14, shrinkage)


def test_erlang_b_is_the_textbook_fraction() -> None:
    for load, agents in ((0.7, 1), (10, 14), (3, 8)):
        sums = sum(load**k / math.factorial(k) for k in range(agents + 1))
        assert math.isclose(erlang.erlang_b(load, agents), load**agents / math.factorial(agents) / sums, rel_tol=1e-12)
    assert erlang.erlang_b(1, 10_000) == 0.0


@dataclass
class Balance:
    p_wait: float
    p_abandon: float


def balanced(demand: Demand, agents: int) -> Balance:
    """The same queue by its states: p(n+1)·death(n+1) = p(n)·λ, summed outwards from the likeliest state."""
    assert demand.patience_s is not None
    rate, service, leave = demand.calls / demand.interval_s, 1 / demand.aht_s, 1 / demand.patience_s

    def death(calls: int) -> float:
        return min(calls, agents) * service + max(calls - agents, 0) * leave

    top = int(rate / service) if rate < agents * service else agents + int((rate - agents * service) / leave)
    total = waiting = queue = 0.0
    for step in (1, -1):
        state, weight = (top, 1.0) if step == 1 else (top - 1, death(top) / rate)
        while state >= 0 and weight > 1e-22:
            total += weight
            if state >= agents:
                waiting += weight
                queue += weight * (state - agents)
            weight *= rate / death(state + 1) if step == 1 else death(state) / rate
            state += step
    return Balance(waiting / total, leave * queue / rate / total)


DEMANDS = st.builds(
    lambda load, aht, patience: Demand(calls=load / aht * 1800, interval_s=1800, aht_s=aht, patience_s=patience),
    st.floats(0.05, 60), st.floats(20, 900), st.floats(0.01, 2000),
)  # fmt: skip


@given(DEMANDS, st.integers(1, 80))
def test_erlang_a_is_the_queue_in_balance(demand: Demand, agents: int) -> None:
    found, expected = point(demand, agents), balanced(demand, agents)
    assert math.isclose(found.p_wait, expected.p_wait, rel_tol=1e-8, abs_tol=1e-13)
    assert math.isclose(found.p_abandon, expected.p_abandon, rel_tol=1e-8, abs_tol=1e-13)


@given(st.floats(1, 12), st.integers(1, 15), st.floats(30, 300), st.floats(0, 200))
def test_erlang_a_answers_in_time_as_the_density_of_the_offered_wait_says(
    load: float, agents: int, patience: float, target: float
) -> None:
    """f(v) = λ·p(N−1)·exp(λ/θ·(1−e^{−θv}) − Nμv), integrated by Simpson's rule: plain, slow, and right for a small queue."""
    aht = 180.0
    rate = load / aht
    demand = Demand(calls=rate * 1800, interval_s=1800, aht_s=aht, target_s=target, patience_s=patience)
    weights = [1.0]
    while len(weights) < agents + 400:
        calls = len(weights)
        weights.append(weights[-1] * rate / (min(calls, agents) / aht + max(calls - agents, 0) / patience))
    at_once = sum(weights[:agents]) / sum(weights)
    last_free = weights[agents - 1] / sum(weights)

    def answered(wait: float) -> float:
        gone = 1 - math.exp(-wait / patience)
        return rate * last_free * math.exp(rate * patience * gone - agents / aht * wait) * (1 - gone)

    parts = 2000
    step = target / parts
    area = sum(answered(i * step) * (1 if i in (0, parts) else 4 if i % 2 else 2) for i in range(parts + 1)) * step / 3
    assert math.isclose(point(demand, agents).service_level, at_once + area, rel_tol=1e-9, abs_tol=1e-9)


@given(st.floats(1e-6, 5000), st.floats(1e-3, 1e6), st.floats(1e-3, 1e9), st.integers(0, 6000), st.floats(0, 1e9))
def test_no_size_of_hotline_makes_a_share_leave_0_to_1(
    load: float, aht: float, patience: float, agents: int, target: float
) -> None:
    found = point(
        Demand(calls=load / aht * 1800, interval_s=1800, aht_s=aht, target_s=target, patience_s=patience), agents
    )
    for share in (found.p_wait, found.service_level, found.p_abandon, found.occupancy):
        assert -1e-12 <= share <= 1 + 1e-9
    # Who is answered in time is answered; and in no time at all are answered those who found an agent free.
    assert 1 - found.p_wait - 1e-9 <= found.service_level <= 1 - found.p_abandon + 1e-9
    assert found.asa_s >= 0 and found.wait_s >= 0


def test_a_patience_far_shorter_than_the_call_is_resolved() -> None:
    """Hundred callers a second who wait 0.02 s each: everything is decided in the first moments of a long integral."""
    for patience in (0.002, 0.02, 0.2):
        demand = Demand(calls=180_000, interval_s=1800, aht_s=900, patience_s=patience)
        for agents in (1, 50):
            assert math.isclose(point(demand, agents).p_abandon, balanced(demand, agents).p_abandon, rel_tol=1e-10)
            assert math.isclose(point(demand, agents).p_wait, balanced(demand, agents).p_wait, rel_tol=1e-10)
            # After 20 s, nobody who has not been answered is still there.
            assert math.isclose(point(demand, agents).service_level, 1 - point(demand, agents).p_abandon, rel_tol=1e-6)


@given(DEMANDS, st.integers(1, 60))
def test_callers_who_hang_up_late_leave_erlang_c(demand: Demand, more: int) -> None:
    """With a patience of years nobody hangs up, and A is C."""
    agents = int(demand.load) + more
    endless = Demand(calls=demand.calls, interval_s=1800, aht_s=demand.aht_s, patience_s=1e13)
    plain = Demand(calls=demand.calls, interval_s=1800, aht_s=demand.aht_s)
    if agents - demand.load > 0.05:
        assert math.isclose(point(endless, agents).service_level, point(plain, agents).service_level, abs_tol=1e-6)
