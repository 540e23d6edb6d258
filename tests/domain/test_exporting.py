"""Flat records of what leaves as a file: every key there, nothing personal unless it was asked for whole."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from okpay_console.domain import exporting
from okpay_console.domain.daybook import Line
from okpay_console.domain.exporting import MARK, MASKED, WHOLE, Span
from okpay_console.domain.ticket import Caller, Decision, Entry, FieldAnswer, Handover, Hop, Promise, Ticket

AT = datetime(2026, 11, 1, 9, tzinfo=UTC)
PRIVATE = (
    "13800138000",
    "zhang.san@example.com",
    "张三",
    "zhangsan99",
    "GB82WEST12345698765432",
    "13912345678",
    "王五",
)
SAID = "打 13912345678 或 zhang.san@example.com"


def case(**more: Any) -> Ticket:
    """A ticket with a personal value in every place where one can stand."""
    return Ticket(
        id="t1", number=7, subject=SAID, channel="hotline", category="TXN", tags=("加急", "13912345678"),
        caller=Caller("张三", "+8613800138000", "zhang.san@example.com", "zhangsan99"),
        answers={
            "mobile": FieldAnswer("+8613800138000", "filled"), "counterparty": FieldAnswer("王五", "filled"),
            "iban": FieldAnswer("GB82WEST12345698765432", "filled"), "error_text": FieldAnswer(SAID, "filled"),
            "txn_no": FieldAnswer("13912345678901234", "filled"),
        },
        timeline=(
            Entry("e1", "created", AT, "hotline", SAID, {"channel": "hotline"}),
            Entry("e2", "handover", AT + timedelta(days=1), "li", SAID, {"why": SAID}),
        ),
        promises=(Promise("p1", SAID, AT, "li", AT),), decisions={"refund": Decision("approved", "li", AT, "1.00", "CNY")},
        handover=Handover("li", AT, SAID), hops=(Hop("L2", "li", AT, SAID),), summary=SAID,
        created_at=AT, updated_at=AT, **more,
    )  # fmt: skip


def test_nothing_personal_is_in_a_masked_ticket_or_timeline_and_the_transaction_number_is() -> None:
    told = json.dumps(
        [exporting.ticket_record(case(), whole=False), *exporting.timeline_records(case(), Span(), whole=False)],
        ensure_ascii=False,
    )
    assert [value for value in PRIVATE if value in told.replace("13912345678901234", "")] == []
    assert "13912345678901234" in told
    assert "138****8000" in told


def test_a_whole_ticket_is_whole() -> None:
    told = json.dumps(exporting.ticket_record(case(), whole=True), ensure_ascii=False)
    assert [value for value in PRIVATE if value not in told] == []


def test_the_keys_are_the_columns_in_their_order() -> None:
    assert tuple(exporting.ticket_record(case(), whole=False)) == exporting.TICKETS
    assert tuple(next(exporting.timeline_records(case(), Span(), whole=True))) == exporting.TIMELINE


def test_a_ticket_says_whether_masking_has_changed_it() -> None:
    plain = replace(case(), **dict.fromkeys(("caller",), Caller()), answers={}, subject="重复扣款", summary="", tags=())
    plain = replace(plain, timeline=(), promises=(), handover=None, hops=())
    assert exporting.ticket_record(plain, whole=False)[MARK] == WHOLE
    assert exporting.ticket_record(case(), whole=False)[MARK] == MASKED
    assert exporting.ticket_record(case(), whole=True)[MARK] == WHOLE


@pytest.mark.parametrize(
    ("span", "found"),
    [
        (Span(), ["e1", "e2"]), (Span(AT), ["e1", "e2"]), (Span(AT + timedelta(seconds=1)), ["e2"]),
        (Span(None, AT), []), (Span(None, AT + timedelta(days=1)), ["e1"]),
    ],
)  # fmt: skip
def test_a_span_holds_its_beginning_and_not_its_end(span: Span, found: list[str]) -> None:
    assert [one["id"] for one in exporting.timeline_records(case(), span, whole=True)] == found


def test_what_was_said_in_the_daybook_is_masked() -> None:
    line = Line(uuid="u", kind="notice", at=AT, by="boss", about="li", words=SAID)
    told = exporting.line_record(line, whole=False)
    assert tuple(told) == exporting.DAYBOOK
    assert "13912345678" not in told["words"]
    assert exporting.line_record(line, whole=True)["words"] == SAID
