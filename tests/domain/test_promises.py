"""Promises over the whole queue: open ones in the order they are due."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from okpay_console.domain import promises
from okpay_console.domain.queue import Due, Row

NOW = datetime(2026, 11, 22, 6, 46, tzinfo=UTC)


def due(name: str, minutes: int, **values: str) -> Due:
    return Due(name, NOW + timedelta(minutes=minutes), "li", **values)  # type: ignore[arg-type]


def row(name: str, assignee: str | None, *owed: Due) -> Row:
    return Row(id=name, subject="s", channel="email", created_at=NOW, updated_at=NOW, assignee=assignee, promises=owed)


ROWS = [
    row("a", "wang", due("later", 9), due("late", -1)),
    row("b", None, due("now", 0), due("done", -9, state="kept")),
    row("c", None),
]


def test_open_promises_come_in_the_order_they_are_due() -> None:
    assert [owed.promise.id for owed in promises.open_promises(ROWS)] == ["late", "now", "later"]


def test_a_promise_is_kept_by_who_has_the_ticket_or_else_by_who_made_it() -> None:
    assert [owed.promise.id for owed in promises.open_promises(ROWS, keeper="wang")] == ["late", "later"]
    assert [owed.promise.id for owed in promises.open_promises(ROWS, keeper="li")] == ["now"]


def test_a_promise_is_late_after_its_second_and_not_on_it() -> None:
    assert [owed.promise.id for owed in promises.overdue(ROWS, now=NOW)] == ["late"]


def test_the_next_one_due_is_the_first_or_none() -> None:
    first = promises.next_due(ROWS)
    assert first is not None
    assert (first.row.id, first.promise.id) == ("a", "late")
    assert promises.next_due(ROWS[2:]) is None
