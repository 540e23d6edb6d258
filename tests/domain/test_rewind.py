"""What a ticket was at a moment that has passed: the same rows as a copy kept at that moment, and the same numbers of the wall."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from okpay_console import errors
from okpay_console.content.rules import load_rules
from okpay_console.domain import ops, walltally
from okpay_console.domain.author import Author
from okpay_console.domain.queue import Row, row_of
from okpay_console.domain.rewind import row_at
from okpay_console.domain.ticket import Ticket
from okpay_console.domain.wallnumbers import House, Wall
from okpay_console.domain.watch import Watch

NOW = datetime(2026, 11, 20, 1, 0, tzinfo=UTC)
RULES = load_rules()


class Floor:
    """One ticket that two people work on, an hour between any two things that happen."""

    def __init__(self) -> None:
        count = itertools.count(1)
        self.now = NOW
        self.authors = [Author(name, lambda: f"id-{next(count)}", lambda: self.now) for name in ("wang", "li")]
        new = self.authors[0].new(subject="s", channel="hotline", category="TXN", queue="general")
        self.ticket = ops.apply(None, new, self.now, RULES)

    def act(self, choice: int, pick: int) -> None:
        self.now += timedelta(minutes=61)
        who, seen = self.authors[pick % 2], self.ticket
        promise = seen.promises[-1].id if seen.promises else "none"
        make = [
            lambda: who.note(seen, "n"),
            lambda: who.message(seen, "m"),
            lambda: who.category(seen, ["TXN", "LOGIN", "REFUND"][pick % 3]),
            lambda: who.priority(seen, "urgent" if pick % 2 else "low"),
            lambda: who.queue(seen, "risk" if pick % 2 else "general"),
            lambda: who.merge(seen, "other"),
            lambda: who.chase(seen, text="c"),
            lambda: who.handover(seen, note="h", to="chen" if pick % 2 else "", queue="" if pick % 2 else "l2"),
            lambda: who.escalate(seen, ["l2-transactions", "lead"][pick % 2], note="e"),
            lambda: who.mark(seen, f"call-{pick % 2}", ["offered", "answered", "held", "resumed", "ended"][pick % 5]),
            lambda: who.wrapup(
                seen, ["INFO_GIVEN", "PENDING_PARTNER", "ESCALATED_L2"][pick % 3],
                call=f"call-{pick % 2}" if seen.calls else "", summary="s", override="o",
            ),
            lambda: who.status(seen, "pending" if pick % 2 else "open", reason="r"),
            lambda: who.assign(seen, "wang" if pick % 2 else "li"),
            lambda: who.release(seen),
            lambda: who.promise(seen, "p", self.now + timedelta(hours=pick)),
            lambda: who.settle(seen, promise, kept=bool(pick % 2)),
            lambda: who.close(seen, "INFO_GIVEN", summary="s", override="o"),
            lambda: who.reopen(seen, reason="r"),
        ][choice]  # fmt: skip
        try:
            self.ticket = ops.apply(seen, make(), self.now, RULES)
        except (errors.Refused, errors.NeedsReview):
            return


def wall(row: Row, at: datetime) -> Wall:
    watch = Watch(House())
    watch.read({row.id: row})
    return walltally.numbers(watch, at)


def shown(row: Row) -> Row:
    """The row without what a moment after does not keep: when it was last touched, and a note that was heeded."""
    return replace(row, updated_at=NOW, handover=None)


ACTS = st.lists(st.tuples(st.integers(0, 17), st.integers(0, 6)), min_size=1, max_size=14)


@settings(max_examples=150)
@given(ACTS, st.integers(0, 13))
def test_any_past_moment_gives_the_row_and_the_wall_of_a_copy_kept_then(acts: list[tuple[int, int]], stop: int) -> None:
    floor = Floor()
    for choice, pick in acts[:stop]:
        floor.act(choice, pick)
    kept, at = floor.ticket, floor.now
    for choice, pick in acts[stop:]:
        floor.act(choice, pick)
    found = row_at(floor.ticket, at, RULES)
    assert found is not None
    # Somebody who is urgent already stays so when he asks again, and that hides how urgent he was.
    if not floor.ticket.chases:
        assert found.sure
        assert shown(found.row) == shown(row_of(kept))
        assert wall(found.row, at) == wall(row_of(kept), at)


NOTE, CHASE, PROMISE, SETTLE, CLOSE, REOPEN = 0, 6, 14, 15, 16, 17


@pytest.mark.parametrize(
    ("acts", "stop"),
    [
        ([(PROMISE, 3), (NOTE, 0), (SETTLE, 1)], 2),  # kept later: it was open then
        ([(PROMISE, 3), (SETTLE, 2), (CLOSE, 0)], 2),
        ([(12, 1), (13, 1), (12, 1)], 2),  # taken, released, taken again
        ([(CLOSE, 0), (REOPEN, 0), (CLOSE, 0)], 1),
        ([(CLOSE, 0), (REOPEN, 0), (CLOSE, 0)], 2),
        ([(11, 1), (1, 0), (CLOSE, 0)], 1),  # waiting for the customer, who then answered
    ],
)
def test_the_turns_of_a_ticket(acts: list[tuple[int, int]], stop: int) -> None:
    floor = Floor()
    for place, (choice, pick) in enumerate(acts):
        if place == stop:
            kept, at = floor.ticket, floor.now
        before = floor.ticket
        floor.act(choice, pick)
        assert floor.ticket is not before, "the turn did not happen"
    found = row_at(floor.ticket, at, RULES)
    assert found is not None and found.sure
    assert shown(found.row) == shown(row_of(kept))
    assert wall(found.row, at) == wall(row_of(kept), at)


def test_a_ticket_that_came_later_was_not_there() -> None:
    assert row_at(Floor().ticket, NOW - timedelta(seconds=1), RULES) is None


def test_a_timeline_that_does_not_lead_to_the_ticket_is_said_to_be_unsure() -> None:
    floor = Floor()
    floor.act(0, 0)
    odd: Ticket = replace(floor.ticket, status="pending")
    found = row_at(odd, NOW, RULES)
    assert found is not None and not found.sure
