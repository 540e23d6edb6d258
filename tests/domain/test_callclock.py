"""A call's clocks are read from its marks: where it is, how long it talked, held, rang and was worked on."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from okpay_console.domain import callclock
from okpay_console.domain.callclock import Clocks
from okpay_console.domain.ticket import CALL_EVENTS, Call, Mark, Ticket

NOON = datetime(2026, 11, 22, 4, tzinfo=UTC)


def call(*marks: tuple[int, str], name: str = "c", agent: str = "wang") -> Call:
    """A call with marks at seconds after noon."""
    return Call(name, agent, tuple(Mark(event, NOON + timedelta(seconds=second)) for second, event in marks))


WHOLE = ((0, "offered"), (12, "answered"), (100, "held"), (120, "resumed"), (252, "ended"), (297, "wrapped"))


@pytest.mark.parametrize(
    ("marks", "phase"),
    [
        ((), "ringing"),
        (WHOLE[:1], "ringing"),
        (WHOLE[:2], "talking"),
        (WHOLE[:3], "held"),
        (WHOLE[:4], "talking"),
        (WHOLE[:5], "wrapup"),
        (WHOLE, "done"),
        (((0, "offered"), (9, "abandoned")), "done"),
        (((0, "offered"), (9, "callback")), "done"),
        (((0, "answered"), (9, "muted")), "talking"),
        (((0, "answered"), (9, "beamed-over")), "talking"),
    ],
)
def test_the_last_mark_that_moves_a_call_says_where_it_is(marks: tuple[tuple[int, str], ...], phase: str) -> None:
    assert callclock.phase(call(*marks)) == phase


@pytest.mark.parametrize(
    ("marks", "at", "clocks"),
    [
        (WHOLE, 9_999, Clocks(220, 20, 45, 0, 12)),
        (WHOLE[:5], 260, Clocks(220, 20, 8, 0, 12)),
        (WHOLE[:3], 110, Clocks(88, 10, 0, 0, 12)),
        (WHOLE[:1], 7, Clocks(0, 0, 0, 0, 7)),
        ((), 7, Clocks(0, 0, 0, 0, 0)),
        (((0, "answered"), (10, "muted"), (25, "unmuted"), (40, "ended")), 50, Clocks(40, 0, 10, 15, 0)),
        (((0, "answered"), (10, "muted"), (20, "held"), (30, "ended")), 50, Clocks(20, 10, 20, 20, 0)),
        (((0, "answered"),), -5, Clocks(0, 0, 0, 0, 0)),
    ],
)
def test_talk_excludes_hold_and_a_running_clock_is_read_up_to_now(
    marks: tuple[tuple[int, str], ...], at: int, clocks: Clocks
) -> None:
    assert callclock.clocks(call(*marks), NOON + timedelta(seconds=at)) == clocks


@given(st.lists(st.tuples(st.integers(0, 50), st.sampled_from(CALL_EVENTS)), max_size=8))
def test_the_clocks_of_a_call_in_order_add_up_to_its_length(steps: list[tuple[int, str]]) -> None:
    marks, at = [], 0
    for gap, event in steps:
        at += gap
        marks.append((at, event))
    whole = call(*marks)
    read = callclock.clocks(whole, NOON + timedelta(seconds=at))
    done = [
        until[0] - since[0]
        for place, (since, until) in enumerate(itertools.pairwise(marks), 1)
        if callclock.phase(call(*marks[:place])) == "done"
    ]
    length = marks[-1][0] - marks[0][0] - sum(done) if marks else 0
    assert read.talk_s + read.hold_s + read.acw_s + read.wait_s == length
    assert read.muted_s <= read.talk_s + read.hold_s


def test_an_agents_live_call_and_a_ringing_one_are_found() -> None:
    calls = (
        call(*WHOLE, name="done"),
        call(*WHOLE[:5], name="mine"),
        call(*WHOLE[:2], name="hers", agent="li"),
        call(*WHOLE[:1], name="rings", agent=""),
    )
    ticket = Ticket(id="t", subject="s", channel="hotline", calls=calls, created_at=NOON, updated_at=NOON)
    assert [found and found.id for found in (callclock.live(ticket, "wang"), callclock.live(ticket, "li"))] == [
        "mine",
        "hers",
    ]
    assert callclock.live(ticket, "zhao") is None
    rings = callclock.ringing(ticket)
    assert rings is not None
    assert rings.id == "rings"
    assert callclock.since(calls[1], "answered") == NOON + timedelta(seconds=12)
    assert callclock.since(calls[1]) == NOON + timedelta(seconds=252)
    assert callclock.since(calls[3], "answered") is None


def test_mute_ends_with_the_call() -> None:
    assert callclock.muted(call((0, "answered"), (5, "muted")))
    assert not callclock.muted(call((0, "answered"), (5, "muted"), (9, "unmuted")))
    assert not callclock.muted(call((0, "answered"), (5, "muted"), (9, "ended")))
