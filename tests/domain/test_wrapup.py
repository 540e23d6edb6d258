"""The draft of a summary, and what follows from a disposition."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from okpay_console.content.rules import load_fields, load_rules
from okpay_console.domain import ops, privacy, wrapup
from okpay_console.domain.author import Author
from okpay_console.domain.overlay import overlay
from okpay_console.domain.ticket import Caller, FieldAnswer, Ticket

LABELS = {name: field.label.zh for name, field in load_fields().items()}


def draft(ticket: Ticket, call: str = "") -> str:
    going = next((item for item in ticket.calls if item.id == call), None)
    return wrapup.summary(
        ticket,
        call=going,
        labels=lambda field: LABELS[field],
        steps=lambda answer, numbers: f"<{answer}: {' '.join(numbers)}>",
        title="交易错误",
        shown=lambda field, value: load_fields()[field].shown(value, "zh"),
    )


def test_the_draft_says_matter_details_steps_and_promises_with_personal_values_masked(
    wang: Author, ticket: Ticket, now: datetime
) -> None:
    for op in (
        wang.field(ticket, "mobile", "+8613800138000"),
        wang.field(ticket, "txn_status", "debited_twice"),
        wang.field(ticket, "txn_time", "", state="unknown"),
        wang.step(ticket, "guide", "guide.2"),
        wang.step(ticket, "guide", "guide.1"),
        wang.promise(ticket, "查到后回电", now + timedelta(hours=2)),
    ):
        ticket = ops.apply(ticket, op, now)
    undone = ops.apply(ticket, wang.step(ticket, "guide", "guide.2", done=False), now)
    lines = draft(ticket).split("\n")
    assert lines[0] == "交易错误: 已扣款未到账"
    assert lines[1] == f"{LABELS['mobile']} 138****8000; {LABELS['txn_status']} 重复扣款; {LABELS['txn_time']} ?"
    assert lines[2:] == ["<guide: 2 1>", "查到后回电"]
    assert "<guide: 1>" in draft(undone)
    again = ops.apply(undone, wang.step(undone, "guide", "guide.2"), now)
    assert "<guide: 1 2>" in draft(again)


def test_a_second_contacts_draft_leaves_out_what_the_first_one_found(
    wang: Author, ticket: Ticket, now: datetime
) -> None:
    ticket = ops.apply(ticket, wang.field(ticket, "amount", "12.50"), now)
    ticket = ops.apply(ticket, wang.step(ticket, "guide", "guide.1"), now)
    later = now + timedelta(days=1)
    ticket = ops.apply(ticket, wang.mark(ticket, "second", "answered", moment=later), later)
    ticket = ops.apply(ticket, wang.field(ticket, "network", "wifi"), later)
    assert "12.50" not in draft(ticket, "second")
    assert "guide" not in draft(ticket, "second")
    assert LABELS["network"] in draft(ticket, "second")
    assert "12.50" in draft(ticket)


@given(st.sampled_from(sorted(LABELS)), st.text(alphabet="0123456789验证码密A -", max_size=30))
def test_a_draft_can_always_be_kept(field: str, value: str) -> None:
    now = datetime.fromisoformat("2026-11-22T06:46:00+00:00")
    answers = {field: FieldAnswer(value, "filled", at=now), "txn_no": FieldAnswer("4111111111111111", "filled", at=now)}
    ticket = Ticket(id="t", subject="s", channel="chat", answers=answers, created_at=now, updated_at=now)
    assert privacy.find_secret(draft(ticket)) is None


def test_a_dropped_call_is_followed_by_a_ticket_for_calling_back(wang: Author, now: datetime, rules: ops.Rules) -> None:
    caller = Caller(name="张三", mobile="+8613800138000")
    op = wang.new(subject="没到账", channel="hotline", category="TXN", queue="pay", caller=caller)
    ticket = ops.apply(None, op, now, rules)
    ticket = ops.apply(ticket, wang.mark(ticket, "c", "answered"), now, rules)
    due = now + timedelta(minutes=10)
    dropped = wang.wrapup(ticket, "CALL_DROPPED", call="c")
    follows = wrapup.sequel(ticket, dropped, wang, subject="掉线回拨", text="掉线后回拨", due=due)
    fresh = follows[0]
    assert isinstance(fresh, ops.NewTicket)
    old = overlay(ticket, [op for op in (dropped, *follows) if op.ticket == ticket.id], rules)
    new = overlay(None, [op for op in follows if op.ticket == fresh.ticket], rules)
    assert not old.doubtful
    assert not new.doubtful
    assert old.ticket is not None
    assert new.ticket is not None
    assert (old.ticket.status, old.ticket.link_kinds) == ("closed", {fresh.ticket: "callback"})
    assert (new.ticket.caller, new.ticket.category, new.ticket.queue, new.ticket.priority) == (
        caller,
        "TXN",
        "pay",
        "high",
    )
    assert (new.ticket.link_kinds, new.ticket.promises[0].due_at) == ({ticket.id: "callback"}, due)
    assert len(wrapup.sequel(ticket, dropped, wang, subject="s", text="t")) == 3


@pytest.mark.parametrize("code", sorted(set(load_rules().dispositions) - {"CALL_DROPPED"}))
def test_nothing_follows_from_another_disposition(code: str, wang: Author, ticket: Ticket) -> None:
    assert wrapup.sequel(ticket, wang.wrapup(ticket, code), wang, subject="s", text="t") == ()
