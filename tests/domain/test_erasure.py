"""What stays of a ticket when its caller is taken out: everything that is counted, and nothing that he said or is."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from okpay_console import errors
from okpay_console.content.rules import load_fields, load_rules
from okpay_console.domain import erasure, ops, walltally
from okpay_console.domain.author import Author
from okpay_console.domain.firstcall import identity
from okpay_console.domain.queue import Row, row_of
from okpay_console.domain.rewind import row_at
from okpay_console.domain.ticket import (
    Call,
    Caller,
    Entry,
    FieldAnswer,
    Handover,
    Hop,
    Mark,
    Pause,
    Promise,
    Sla,
    Ticket,
    to_doc,
)
from okpay_console.domain.wallnumbers import House
from okpay_console.domain.watch import Watch
from okpay_console.server.demo import history, load_script

NOW = datetime(2026, 11, 20, 6, tzinfo=UTC)
RULES = load_rules()
KEEP = frozenset(one.id for one in load_fields().values() if one.personal == "none" and one.kind in ("choice", "score"))
PHONE = "13800138000"
WORDS = "我的手机 138 0013 8000，叫张三丰"


def full() -> Ticket:
    """A ticket with something of its caller wherever a ticket can hold it."""
    kinds = (
        "created",
        "message",
        "note",
        "reply",
        "promise",
        "handover",
        "escalate",
        "close",
        "wrapup",
        "reopen",
        "new-kind",
    )
    entries = [
        Entry(kind, kind, NOW, "wang", WORDS, {"override": WORDS, "disposition": "INFO_GIVEN"}) for kind in kinds
    ]
    entries.append(Entry("subject", "subject", NOW, "wang", "", {"was": WORDS, "to": "张三丰的投诉"}))
    entries.append(Entry("tag", "tag", NOW, "wang", "", {"add": PHONE}))
    entries.append(Entry("call", "call", NOW, "wang", "", {"event": "offered", "call": f"in-{PHONE}-1"}))
    return Ticket(
        id="t1", number=10001, rev=3, subject=WORDS, channel="hotline", category="TXN", status="closed",
        disposition="INFO_GIVEN", summary=WORDS, created_at=NOW, updated_at=NOW, closed_at=NOW,
        caller=Caller(name="张三丰", mobile=PHONE, email="zhang@example.com", handle="@zhangsf"),
        answers={
            "mobile": FieldAnswer(PHONE, "verified", "#10000", "wang", NOW), "txn_no": FieldAnswer("A1B2C3D4E5", "filled"),
            "amount": FieldAnswer("1280.00", "filled"), "symptom": FieldAnswer(WORDS, "filled"),
            "id_check": FieldAnswer("passed", "verified"), "feedback_type": FieldAnswer(WORDS, "filled"),
        },
        timeline=tuple(entries),
        promises=(Promise("p", WORDS, NOW, "wang", NOW),), hops=(Hop("L2", "wang", NOW, WORDS),),
        handover=Handover("wang", NOW, WORDS), tags=("vip", f"回拨{PHONE}"), external_id=f"pbx-{PHONE}",
        calls=(Call(f"in-{PHONE}-1", "wang", (Mark("offered", NOW),), "INFO_GIVEN"),),
        sla=Sla(pauses=(Pause(NOW, "customer", NOW), Pause(NOW, WORDS, NOW))),
    )  # fmt: skip


def bare(ticket: Ticket, alias: str = "erased-0") -> Ticket:
    return erasure.erased(ticket, alias=alias, keep=KEEP, sought=erasure.values(to_doc(ticket)), at=NOW)


def test_nothing_that_he_said_or_is_stays_anywhere_in_the_document() -> None:
    told = erasure.tight(msgspec.json.encode(bare(full())).decode())
    for value in (PHONE, "张三丰", "zhang@example.com", "zhangsf", "A1B2C3D4E5", "1280.00", "我的手机"):
        assert erasure.tight(value) not in told, value


def test_what_is_counted_stays() -> None:
    before, after = full(), bare(full())
    assert after.answers["id_check"].value == "passed"
    assert [one.state for one in after.answers.values()] == [one.state for one in before.answers.values()]
    assert after.answers["feedback_type"].value == ""
    assert [(one.id, one.kind, one.at, one.by) for one in after.timeline] == [
        (one.id, one.kind, one.at, one.by) for one in before.timeline
    ]
    assert after.timeline[7].data["disposition"] == "INFO_GIVEN"
    assert after.calls[0].marks == before.calls[0].marks
    assert after.timeline[-1].data["call"] == after.calls[0].id != before.calls[0].id
    assert (after.status, after.disposition, after.updated_at, after.tags) == ("closed", "INFO_GIVEN", NOW, ("vip",))
    assert [one.reason for one in after.sla.pauses] == ["customer", erasure.MARK]


def test_doing_it_twice_is_doing_it_once() -> None:
    once = bare(full())
    assert bare(once, "erased-1") is once
    assert erasure.values(to_doc(once)) == frozenset()


def wall(tickets: dict[str, Ticket], now: datetime) -> Any:
    rows: dict[str, Row] = {key: row_of(ticket) for key, ticket in tickets.items()}
    watch = Watch(House())
    watch.read(rows)
    return walltally.numbers(watch, now)


def test_the_walls_numbers_are_the_same_today_and_of_any_past_moment() -> None:
    past = history(load_script("zh"), count=150, seed=3, now=NOW, rules=RULES)
    callers = [replace(one.caller, mobile=f"1380013{place % 40:04d}") for place, one in enumerate(past)]
    before = {one.id: replace(one, caller=who) for one, who in zip(past, callers, strict=True)}
    after = {key: bare(one, f"erased-{identity(one.caller)[-2:]}") for key, one in before.items()}
    assert wall(before, NOW).first_contact.whole > 0
    assert wall(after, NOW) == wall(before, NOW)
    for hours in (30, 100):
        then = NOW - timedelta(hours=hours)
        rows = [
            {key: found.row for key, one in these.items() if (found := row_at(one, then, RULES)) is not None}
            for these in (before, after)
        ]
        watches = [Watch(House()), Watch(House())]
        for watch, some in zip(watches, rows, strict=True):
            watch.read(some)
        assert walltally.numbers(watches[1], then) == walltally.numbers(watches[0], then)


def test_two_callers_with_one_name_afterwards_would_be_noticed() -> None:
    """The mutant: the same alias for everybody makes first contacts of different people repeats of each other."""
    past = history(load_script("zh"), count=150, seed=3, now=NOW, rules=RULES)
    before = {one.id: replace(one, caller=Caller(mobile=f"1380013{n:04d}")) for n, one in enumerate(past)}
    after = {key: bare(one, "erased-0") for key, one in before.items()}
    assert wall(after, NOW).first_contact != wall(before, NOW).first_contact


def test_words_do_not_come_back_into_it_and_its_course_goes_on() -> None:
    author = Author("wang", iter("abcdefghij").__next__, lambda: NOW)
    ticket = replace(bare(full()), status="open", closed_at=None, assignee="wang")
    for op in (author.note(ticket, WORDS), author.message(ticket, WORDS), author.field(ticket, "mobile", PHONE)):
        with pytest.raises(errors.Refused) as caught:
            ops.apply(ticket, op, NOW)
        assert caught.value.code == "erased"
    closed = ops.apply(ticket, author.close(ticket, "INFO_GIVEN", summary=WORDS), NOW)
    assert closed.status == "closed"
    assert (closed.summary, closed.timeline[-1].text) == (erasure.MARK, erasure.MARK)


@pytest.mark.parametrize(
    ("text", "there"),
    [
        ("打 138-0013-8000", True), ("１３８ ００１３ ８０００", True), ("+86 138 0013 8000", True), ("ZHANG@Example.com", True),
        ("13800138001", False), ("", False), ("8000", False),
    ],
)  # fmt: skip
def test_a_value_is_known_again_however_it_is_written(text: str, there: bool) -> None:
    assert erasure.holds(text, erasure.values(to_doc(full()))) is there


def test_texts_inside_a_document_are_replaced_where_they_are_touched_and_nowhere_else() -> None:
    doc = {"a": ["x", {"b": WORDS}], "n": 1}
    assert erasure.scrubbed(doc, lambda text: text == WORDS) == {"a": ["x", {"b": erasure.MARK}], "n": 1}
    assert erasure.scrubbed(doc, lambda _: False) is doc
