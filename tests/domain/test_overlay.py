"""What the agent sees: the server's word plus his own unconfirmed operations, told apart."""

from __future__ import annotations

from datetime import datetime, timedelta

from okpay_console.domain import ops
from okpay_console.domain.author import Author
from okpay_console.domain.overlay import View, extended, overlay
from okpay_console.domain.ticket import Ticket


def test_pending_operations_show_on_top_and_leave_the_base_alone(wang: Author, ticket: Ticket) -> None:
    note = wang.note(ticket, "已核对")
    view = overlay(ticket, [note])
    assert view.ticket is not None
    assert view.ticket.timeline[-1].text == "已核对"
    assert (view.base, view.pending, view.doubtful) == (ticket, (note.uuid,), ())
    assert len(ticket.timeline) == 1


def test_no_operations_show_the_base_itself(ticket: Ticket) -> None:
    assert overlay(ticket, []) == View(ticket, ticket)
    assert overlay(None, []) == View(None, None)


def test_an_operation_that_would_not_go_through_is_doubtful_and_the_others_still_show(
    wang: Author, li: Author, ticket: Ticket, now: datetime
) -> None:
    mine, note = wang.field(ticket, "txn_no", "AAAA"), wang.note(ticket, "已核对")
    moved = ops.apply(ticket, li.field(ticket, "txn_no", "BBBB"), now)
    view = overlay(moved, [mine, note])
    assert view.ticket is not None
    assert view.ticket.answers["txn_no"].value == "BBBB"
    assert view.ticket.timeline[-1].text == "已核对"
    assert (view.pending, view.doubtful) == ((note.uuid,), (mine.uuid,))


def test_a_refused_operation_is_doubtful_too(wang: Author, ticket: Ticket) -> None:
    op = wang.settle(ticket, "nobody's", kept=True)
    assert overlay(ticket, [op]).doubtful == (op.uuid,)


def test_a_ticket_made_offline_can_be_worked_on(wang: Author) -> None:
    new = wang.new(subject="登录不了", channel="hotline", category="LOGIN")
    first = overlay(None, [new]).ticket
    assert first is not None
    status = wang.status(first, "pending")
    second = overlay(None, [new, status]).ticket
    assert second is not None
    view = overlay(None, [new, status, wang.field(second, "mobile", "+8613800138000")])
    assert view.ticket is not None
    assert (view.ticket.number, view.ticket.status, len(view.ticket.answers)) == (0, "pending", 1)
    assert (view.base, len(view.pending), view.doubtful) == (None, 3, ())


def test_work_on_a_ticket_that_is_not_here_shows_nothing(wang: Author, ticket: Ticket) -> None:
    op = wang.note(ticket, "x")
    assert overlay(None, [op]) == View(None, None, (), (op.uuid,))


def test_operations_replay_in_the_order_they_were_made(wang: Author, ticket: Ticket, now: datetime) -> None:
    first = wang.field(ticket, "txn_no", "AAAA")
    seen = ops.apply(ticket, first, now)
    second = wang.field(seen, "txn_no", "BBBB")
    assert overlay(ticket, [first, second]).doubtful == ()
    assert overlay(ticket, [second, first]).doubtful == (second.uuid,)


def test_what_the_base_has_already_is_not_pending_any_more(wang: Author, ticket: Ticket, now: datetime) -> None:
    note, other = wang.note(ticket, "甲"), wang.note(ticket, "乙")
    base = ops.apply(ticket, note, now + timedelta(seconds=3))
    view = overlay(base, [note, other])
    assert view.ticket is not None
    assert [entry.text for entry in view.ticket.timeline[-2:]] == ["甲", "乙"]
    assert view.pending == (other.uuid,)


def test_the_console_judges_by_the_same_rules_as_the_server(wang: Author, ticket: Ticket, rules: ops.Rules) -> None:
    op = wang.close(ticket, "INFO_GIVEN")
    assert overlay(ticket, [op], rules).doubtful == (op.uuid,)
    assert overlay(ticket, [op]).pending == (op.uuid,)


def test_overlaying_in_two_goes_sees_what_overlaying_in_one_does(wang: Author, li: Author, ticket: Ticket) -> None:
    waiting = [
        wang.note(ticket, "一"),
        wang.field(ticket, "txn_no", "AAAA"),
        li.field(ticket, "txn_no", "BBBB"),
        wang.note(ticket, "二"),
    ]
    whole = overlay(ticket, waiting)
    assert whole.doubtful
    for cut in range(len(waiting) + 1):
        assert extended(overlay(ticket, waiting[:cut]), waiting[cut:]) == whole


def test_a_witness_is_neither_pending_nor_in_doubt(wang: Author, ticket: Ticket) -> None:
    view = overlay(ticket, [wang.witness("secret-refused", kind="card", ticket=ticket.id)])
    assert (view.ticket, view.pending, view.doubtful) == (ticket, (), ())
