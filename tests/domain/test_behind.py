"""What stands behind a number: the very things that were counted, as they were then."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from okpay_console.domain import walltally
from okpay_console.domain.behind import CALLS, MEASURES, behind, changes, family, things
from okpay_console.domain.callbins import DIMENSIONS
from okpay_console.domain.queue import Row

from .test_watch import NOW, ROWS, call, row, talked, watching


@settings(max_examples=30)
@given(st.lists(ROWS, max_size=12, unique_by=lambda one: one.id))
def test_every_measure_lists_things_of_tickets_that_are_here_and_calls_with_their_times(rows: list[Row]) -> None:
    watch = watching(rows)
    known = {one.id: one for one in rows}
    for measure in MEASURES:
        listed = list(things(watch, measure, NOW))
        assert [one.ticket for one in listed] == behind(watch, measure, NOW)
        assert all(one.row is known[one.ticket] for one in listed)
        if measure in CALLS or measure in ("ringing", "written_down"):
            assert all(one.call is not None and one.at is not None for one in listed), measure
            told = [(one.ticket, one.call.id) for one in listed if one.call is not None]
            assert len(set(told)) == len(told), measure


@settings(max_examples=30)
@given(st.lists(ROWS, max_size=12, unique_by=lambda one: one.id))
def test_the_parts_of_a_share_are_together_what_it_is_divided_by(rows: list[Row]) -> None:
    watch = watching(rows)
    wall = walltally.numbers(watch, NOW)

    def lines(measure: str, **narrowed: str) -> int:
        return len(list(things(watch, measure, NOW, **narrowed)))

    assert sum(lines(part) for part in family("in_target")) == wall.calls.offered
    assert lines("lost") + lines("short") == wall.calls.abandoned
    for clock, attained in (("response", wall.response), ("resolve", wall.resolve)):
        assert sum(lines(part) for part in family(f"{clock}_met")) == attained.met + attained.missed + attained.late
    for group in DIMENSIONS:
        for key, one in wall.groups[group].items():
            found = {part: lines(part, group=group, key=key) for part in family("open", group=group)}
            assert (found["open"], found["overdue"], found["offered"]) == (one.open, one.overdue, one.calls.offered)


def test_what_was_counted_stays_although_the_watch_learns_on_while_it_is_read() -> None:
    rows = {f"t{number}": row(f"t{number}") for number in range(4)}
    watch = watching(list(rows.values()))
    listed = things(watch, "open", NOW)
    watch.read({"t0": replace(rows["t0"], status="closed", closed_at=NOW), "t1": rows["t1"]})
    assert sorted(one.ticket for one in listed) == ["t0", "t1", "t2", "t3"]
    assert behind(watch, "open", NOW) == ["t1"]


def test_a_call_is_listed_with_its_wait_and_itself() -> None:
    began = NOW - timedelta(hours=1)
    listed = list(things(watching([row("t", talked("c", began, 12.5))]), "answered", NOW))
    assert [(one.call.id if one.call else "", one.wait_s) for one in listed] == [("c", 12.5)]
    ringing = list(things(watching([row("t", call("r", NOW - timedelta(seconds=9)))]), "ringing", NOW))
    assert [(one.call.id if one.call else "", one.wait_s) for one in ringing] == [("r", None)]


@pytest.mark.parametrize(
    ("values", "named"),
    [
        ({}, ()),
        ({"status": "closed"}, ("closed",)),
        ({"assignee": "li", "status": "open"}, ("assignee",)),
        ({"status": "pending"}, ("status",)),
        ({"priority": "urgent", "queue": "risk"}, ("priority", "queue")),
        ({"subject": "x"}, ("other",)),
    ],
)
def test_what_has_become_of_a_ticket_since_is_named(values: dict[str, str], named: tuple[str, ...]) -> None:
    before = row("t")
    assert changes(before, replace(before, **values)) == named
    assert changes(before, None) == ("gone",)
    assert changes(replace(before, status="closed"), before) == ("reopened",)
