"""The supervisor's numbers: each is the count of the rows behind it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from okpay_console.domain import stats
from okpay_console.domain.queue import Due, Row
from okpay_console.domain.ticket import CHANNELS, STATUSES, Sla

NOW = datetime(2026, 11, 22, 6, 46, tzinfo=UTC)


def row(name: str, **values: Any) -> Row:
    return Row(**{"id": name, "subject": "s", "channel": "email", "created_at": NOW, "updated_at": NOW, **values})


def test_the_numbers_of_a_small_day() -> None:
    late = Sla(resolve_due=NOW - timedelta(seconds=1))
    rows = [
        row("1", channel="hotline", category="TXN", created_at=NOW - timedelta(seconds=90), sla=late),
        row("2", channel="chat", category="TXN", status="open", assignee="wang"),
        row("3", status="pending", assignee="li", sla=late, promises=(Due("p", NOW - timedelta(seconds=1)),)),
        row("4", status="pending", created_at=NOW - timedelta(days=9)),
        row("5", status="closed", closed_at=NOW, assignee="li", promises=(Due("q", NOW),)),
        row("6", status="closed", closed_at=NOW - timedelta(hours=15)),
    ]
    assert stats.numbers(rows, now=NOW) == stats.Numbers(
        as_of=NOW, all=6, open=4, waiting=2, overdue=1, pending=2, closed_today=1, promises_open=2, promises_overdue=1,
        oldest_wait_s=90.0,
        by_channel={"chat": 1, "email": 2, "hotline": 1},
        by_category={"": 2, "TXN": 2},
        by_queue={"general": 4},
        by_agent={"": 2, "li": 1, "wang": 1},
        by_status={"closed": 2, "new": 1, "open": 1, "pending": 2},
        by_priority={"normal": 4},
    )  # fmt: skip


def test_no_rows_are_all_zeros_and_no_wait() -> None:
    none = stats.numbers([], now=NOW)
    assert (none.all, none.open, none.oldest_wait_s, none.by_agent) == (0, 0, None, {})


def test_a_day_begins_at_midnight_of_the_zone_asked_for() -> None:
    closed = row("1", status="closed", closed_at=datetime(2026, 11, 21, 16, 0, tzinfo=UTC))  # midnight in Shanghai
    assert stats.numbers([closed], now=NOW).closed_today == 1
    assert stats.numbers([closed], now=NOW, tz=UTC).closed_today == 0
    assert stats.numbers([closed], now=NOW, tz=timezone(timedelta(hours=7))).closed_today == 0


MOMENTS = st.integers(-2000, 60).map(lambda minutes: NOW + timedelta(minutes=minutes))
ROWS = st.builds(
    row,
    st.uuids().map(str),
    channel=st.sampled_from(CHANNELS),
    status=st.sampled_from(STATUSES),
    category=st.sampled_from(["", "TXN", "ACC"]),
    assignee=st.sampled_from([None, "wang", "li"]),
    created_at=MOMENTS,
    closed_at=st.one_of(st.none(), MOMENTS),
    sla=st.one_of(st.none(), MOMENTS).map(lambda due: Sla(resolve_due=due)),
    promises=st.lists(st.builds(Due, st.just("p"), MOMENTS, state=st.sampled_from(["open", "kept"]))).map(tuple),
)


@given(st.lists(ROWS, max_size=12))
def test_every_number_is_the_count_of_the_rows_that_its_predicate_selects(rows: list[Row]) -> None:
    found = stats.numbers(rows, now=NOW)
    for count in stats.COUNTS:
        assert getattr(found, count) == len([item for item in rows if stats.select(count, now=NOW)(item)])
    for group in stats.GROUPS:
        counted = getattr(found, group)
        assert sum(counted.values()) == (found.all if group == "by_status" else found.open)
        for key, number in counted.items():
            assert number == len([item for item in rows if stats.select_group(group, key)(item)])
