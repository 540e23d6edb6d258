"""The queue in memory agrees with the domain, and never moves under the agent."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from okpay_console.domain.queue import VIEWS, in_view, ordered, row_of
from okpay_console.tui.queue_model import QueueModel

STATES = st.tuples(
    st.sampled_from(["new", "open", "pending", "closed"]),
    st.sampled_from(["urgent", "high", "normal", "low"]),
    st.sampled_from([None, "小王", "小李"]),
    st.integers(-60, 60),
)


def rows_of(make: Any, states: list[Any]) -> list[Any]:
    return [
        row_of(make.ticket(number, status=status, priority=priority, assignee=who, minutes=minutes))
        for number, (status, priority, who, minutes) in enumerate(states, 1)
    ]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(states=st.lists(STATES, max_size=30), later=st.lists(STATES, max_size=30))
def test_every_view_is_the_domains_in_order_and_number_also_after_changes(make: Any, states: Any, later: Any) -> None:
    model = QueueModel(me="小王")
    model.replace(rows_of(make, states))
    for row in rows_of(make, later):
        model.change(row.id, row, now=make.now)
    for view in VIEWS:
        model.choose(view, now=make.now)
        assert model.order == [row.id for row in ordered(model.rows.values(), view, me="小王", now=make.now)]
        expected = sum(in_view(row, view, me="小王", now=make.now) for row in model.rows.values())
        assert model.counts(now=make.now)[view] == expected


async def test_loading_in_slices_gives_the_same_as_at_once(make: Any) -> None:
    rows = {row.id: row for row in rows_of(make, [("new", "normal", None, n % 50) for n in range(4000)])}
    at_once, sliced = QueueModel(), QueueModel()
    at_once.replace(rows.values())
    await sliced.load(rows)
    at_once.take_in(now=make.now)
    sliced.take_in(now=make.now)
    assert sliced.order == at_once.order
    assert sliced.counts(now=make.now) == at_once.counts(now=make.now)


def test_a_new_ticket_waits_until_it_is_taken_in(make: Any) -> None:
    model = QueueModel()
    model.replace(rows_of(make, [("new", "normal", None, 5)] * 3))
    model.take_in(now=make.now)
    before = list(model.order)
    late = row_of(make.ticket(99, minutes=-30))
    model.change(late.id, late, now=make.now)
    assert model.order == before
    assert model.fresh == {late.id}
    model.take_in(now=make.now)
    assert model.order[0] == late.id
    assert model.fresh == set()


def test_a_row_that_changes_keeps_its_place(make: Any) -> None:
    model = QueueModel()
    model.replace(rows_of(make, [("new", "normal", None, n) for n in range(1, 6)]))
    model.take_in(now=make.now)
    before = list(model.order)
    last = make.ticket(5, priority="urgent", minutes=-99)
    model.change(last.id, row_of(last), now=make.now)
    assert model.order == before


def test_a_relist_keeps_the_order_drops_what_is_gone_and_lets_the_new_wait(make: Any) -> None:
    model = QueueModel()
    rows = rows_of(make, [("new", "normal", None, n) for n in range(1, 6)])
    model.replace(rows)
    model.take_in(now=make.now)
    before = list(model.order)
    fresh = row_of(make.ticket(50, minutes=-1))
    model.replace([*rows[1:], fresh])
    model.reconcile(now=make.now)
    assert model.order == [ticket for ticket in before if ticket != rows[0].id]
    assert model.fresh == {fresh.id}


@pytest.mark.parametrize("words", ["20003", "#20003", "未到账 20003", "8000", "张三"])
def test_the_filter_finds_by_number_subject_and_the_end_of_the_mobile(make: Any, words: str) -> None:
    model = QueueModel()
    model.replace([row_of(make.ticket(number)) for number in range(1, 6)])
    model.search(words, now=make.now)
    assert make.ticket(3).id in model.order
    model.search("没有这样的", now=make.now)
    assert model.order == []


def test_a_ticket_that_waits_for_its_customer_is_not_late(make: Any) -> None:
    model = QueueModel()
    model.replace([row_of(replace(make.ticket(1, minutes=-90), status="pending"))])
    model.choose("overdue", now=make.now + timedelta(hours=9))
    assert model.order == []


async def test_the_views_numbers_stay_those_of_the_snapshot_until_every_row_is_here(
    make: Any, desk: Any, wait: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    loading, go_on = asyncio.Event(), asyncio.Event()
    true_load = QueueModel.load

    async def slow(model: QueueModel, rows: Any) -> None:
        loading.set()
        await go_on.wait()
        await true_load(model, rows)

    monkeypatch.setattr(QueueModel, "load", slow)
    console = make.console(desk, rows=2)
    async with console.app.run_test(size=(120, 36)) as pilot:
        screen = console.app.desk_screen
        known = screen.view_bar.counts
        await wait(pilot, loading.is_set)
        screen.live.tick()
        assert screen.view_bar.counts == known
        go_on.set()
        await wait(pilot, lambda: screen.view_bar.counts.get("all") == len(desk.rows()))
