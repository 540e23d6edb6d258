"""Rows of the queue: what is late, who holds what, and in which order tickets are worked."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from okpay_console.domain import callclock, ops, queue
from okpay_console.domain.author import Author
from okpay_console.domain.queue import Row
from okpay_console.domain.ticket import PRIORITIES, STATUSES, Sla, Ticket, to_doc

NOW = datetime(2026, 11, 22, 6, 46, tzinfo=UTC)


def row(name: str = "a", **values: Any) -> Row:
    return Row(**{"id": name, "subject": "s", "channel": "email", "created_at": NOW, "updated_at": NOW, **values})


def clock(*, response: int | None = None, resolve: int | None = None, responded: bool = False) -> Sla:
    """Due times in minutes from now."""
    moments = [None if minutes is None else NOW + timedelta(minutes=minutes) for minutes in (response, resolve)]
    return Sla(moments[0], moments[1], NOW if responded else None)


def test_a_row_decodes_from_a_document_with_fields_that_it_does_not_know(
    wang: Author, ticket: Ticket, now: datetime
) -> None:
    ticket = ops.apply(ticket, wang.promise(ticket, "回电", now), now)
    doc = {**to_doc(ticket), "from_the_future": {"x": 1}}
    assert queue.row(doc) == queue.row_of(ticket)
    assert queue.row(doc).promises[0].due_at == now


def test_a_row_tells_of_calls_chases_levels_merges_and_notes_as_its_ticket_does(
    wang: Author, ticket: Ticket, now: datetime, rules: ops.Rules
) -> None:
    for op in (
        wang.mark(ticket, "c", "offered"),
        wang.chase(ticket),
        wang.escalate(ticket, "lead", note="急"),
    ):
        ticket = ops.apply(ticket, op, now, rules)
    shown = queue.row(to_doc(ticket))
    assert shown == queue.row_of(ticket)
    assert (shown.chases, shown.level, shown.merged_into, shown.handover) == (1, "lead", "", queue.Noted("wang"))
    assert callclock.ringing(shown) == callclock.ringing(ticket) is not None
    merged = ops.apply(ticket, wang.merge(ticket, "first"), now, rules)
    assert queue.row(to_doc(merged)).merged_into == "first"


@pytest.mark.parametrize(
    ("item", "minutes"),
    [
        (row(sla=clock(response=1, resolve=9)), 1),
        (row(sla=clock(response=1, resolve=9), assignee="wang"), 1),
        (row(sla=clock(response=1, resolve=9), assignee="wang", channel="hotline"), 9),
        (row(sla=clock(response=1, resolve=9, responded=True)), 9),
        (row(sla=clock(resolve=9)), 9),
        (row(sla=clock()), None),
        (row(sla=clock(resolve=9), status="closed"), None),
    ],
)
def test_the_next_due_time_is_the_answer_and_then_the_solution(item: Row, minutes: int | None) -> None:
    assert queue.due(item) == (None if minutes is None else NOW + timedelta(minutes=minutes))


def test_late_begins_after_the_due_second_and_not_while_the_customer_is_waited_for() -> None:
    item = row(sla=clock(resolve=0))
    assert not queue.overdue(item, NOW)
    assert queue.overdue(item, NOW + timedelta(seconds=1))
    assert not queue.overdue(row(sla=clock(resolve=0), status="pending"), NOW + timedelta(days=1))


def test_work_comes_by_priority_then_by_what_is_due_then_pending_then_closed() -> None:
    rows = [
        row("closed-old", status="closed", priority="urgent", updated_at=NOW - timedelta(days=1)),
        row("closed-new", status="closed"),
        row("pending", status="pending", priority="urgent"),
        row("no-target", sla=clock()),
        row("later", sla=clock(resolve=9)),
        row("sooner", sla=clock(resolve=5)),
        row("urgent", priority="urgent", sla=clock(resolve=99)),
        row("older-no-target", sla=clock(), created_at=NOW - timedelta(hours=1)),
    ]
    order = ["urgent", "sooner", "later", "older-no-target", "no-target", "pending", "closed-new", "closed-old"]
    assert [item.id for item in queue.ordered(rows, "all", me="wang", now=NOW)] == order


@pytest.mark.parametrize(
    ("view", "held"),
    [
        ("all", {"free", "mine", "his", "waiting", "done", "late"}),
        ("open", {"free", "mine", "his", "waiting", "late"}),
        ("mine", {"mine"}),
        ("unclaimed", {"free", "late"}),
        ("overdue", {"late"}),
        ("pending", {"waiting"}),
        ("closed", {"done"}),
    ],
)
def test_a_view_holds_its_rows(view: queue.ViewName, held: set[str]) -> None:
    rows = [
        row("free"),
        row("mine", assignee="wang", status="open"),
        row("his", assignee="li", status="open"),
        row("waiting", assignee="li", status="pending", sla=clock(resolve=-5)),
        row("done", assignee="wang", status="closed", sla=clock(resolve=-5)),
        row("late", sla=clock(resolve=-5)),
    ]
    assert {item.id for item in queue.ordered(rows, view, me="wang", now=NOW)} == held
    assert set(queue.VIEWS) == {"all", "open", "mine", "unclaimed", "overdue", "pending", "closed"}


ROWS = st.builds(
    row,
    st.uuids().map(str),
    status=st.sampled_from(STATUSES),
    priority=st.sampled_from(PRIORITIES),
    created_at=st.integers(0, 9).map(lambda minutes: NOW - timedelta(minutes=minutes)),
    sla=st.one_of(st.none(), st.integers(-9, 9)).map(lambda minutes: clock(resolve=minutes)),
)


@given(st.lists(ROWS, unique_by=lambda item: item.id), st.randoms(use_true_random=False))
def test_the_order_does_not_depend_on_the_order_of_arrival(rows: list[Row], rng: Any) -> None:
    shuffled = list(rows)
    rng.shuffle(shuffled)
    assert queue.ordered(shuffled, "all", me="", now=NOW) == queue.ordered(rows, "all", me="", now=NOW)
