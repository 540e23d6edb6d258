"""An author fills in who, when, a fresh id and what he sees, so that his operations go through as they are."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from okpay_console.domain import ids, ops
from okpay_console.domain.author import Author
from okpay_console.domain.ticket import Caller, Ticket


def test_a_whole_case_goes_through_without_a_word_about_merge_bases(
    wang: Author, li: Author, now: datetime, rules: ops.Rules
) -> None:
    ticket: Ticket | None = None

    def do(op: ops.AnyOp) -> Ticket:
        nonlocal ticket
        ticket = ops.apply(ticket, op, now, rules)
        return ticket

    t = do(wang.new(subject="重复扣款", channel="hotline", category="TXN", caller=Caller(mobile="+8613800138000")))
    t = do(wang.assign(t, "wang"))
    t = do(wang.field(t, "consent_rec", "yes"))
    for field, value in (("mobile", "+8613800138000"), ("id_check", "passed_app"), ("txn_no", "A1B2C3D4E5")):
        t = do(wang.field(t, field, value, source="caller"))
    t = do(wang.field(t, "txn_no", "A1B2C3D4E6", state="verified"))
    t = do(wang.category(t, "REFUND"))
    for field, value in (("amount", "5.00"), ("currency", "CNY"), ("txn_status", "debited_twice")):
        t = do(wang.field(t, field, value))
    t = do(wang.field(t, "refund_reason", "D12"))
    t = do(wang.field(t, "wanted", "refund"))
    t = do(wang.decide(t, "refund", "proposed", amount="5.00", currency="CNY"))
    t = do(li.decide(t, "refund", "approved", amount="5.00", currency="CNY"))
    t = do(wang.reply(t, "退款已提交"))
    t = do(wang.promise(t, "到账后短信通知", now + timedelta(days=1)))
    t = do(wang.status(t, "pending", reason="等银行"))
    t = do(wang.status(t, "open"))
    t = do(wang.settle(t, t.promises[0].id, kept=True))
    t = do(wang.close(t, "REFUND_SUBMITTED", summary="已退"))
    t = do(wang.reopen(t, reason="客户再来电"))
    t = do(wang.release(t))
    assert (t.status, t.assignee, t.decisions["refund"].approved_by, len(t.timeline)) == ("new", None, "li", 23)
    assert len({entry.id for entry in t.timeline}) == 23


def test_ids_sort_by_the_moment_and_bear_their_version() -> None:
    early, late = ids.uuid7(1_000, b"\xff" * 10), ids.uuid7(1_001, b"\x00" * 10)
    assert early < late
    assert early == "00000000-03e8-7fff-bfff-ffffffffffff"
    assert late == "00000000-03e9-7000-8000-000000000000"
    with pytest.raises(ValueError, match="10 random bytes"):
        ids.uuid7(0, b"short")
