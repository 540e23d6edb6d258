"""Every operation on a ticket: what it does, that it happens once, and what it does to a closed ticket."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from okpay_console import errors
from okpay_console.domain import ops, wire
from okpay_console.domain.author import Author
from okpay_console.domain.ticket import Ticket

Make = Callable[[Author, Ticket], ops.AnyOp]

# Each line: how an author makes the operation, and what the ticket shows of it afterwards.
TABLE: dict[str, tuple[Make, Callable[[Ticket], Any], Any]] = {
    "ticket.message": (lambda a, t: a.message(t, "还在吗"), lambda t: t.timeline[-1].text, "还在吗"),
    "ticket.note": (lambda a, t: a.note(t, "已核对"), lambda t: t.timeline[-1].kind, "note"),
    "ticket.reply": (lambda a, t: a.reply(t, "您好"), lambda t: t.timeline[-1].text, "您好"),
    "field.set": (lambda a, t: a.field(t, "txn_no", "A1B2C3D4E5"), lambda t: t.answers["txn_no"].value, "A1B2C3D4E5"),
    "category.set": (lambda a, t: a.category(t, "REFUND"), lambda t: t.category, "REFUND"),
    "priority.set": (lambda a, t: a.priority(t, "urgent"), lambda t: t.priority, "urgent"),
    "subject.set": (lambda a, t: a.subject(t, "重复扣款"), lambda t: t.subject, "重复扣款"),
    "tags.change": (lambda a, t: a.tags(t, add=("vip",)), lambda t: t.tags, ("vip",)),
    "ticket.link": (
        lambda a, t: a.link(t, "other", kind="duplicate"),
        lambda t: (t.links, t.link_kinds),
        (("other",), {"other": "duplicate"}),
    ),
    "ticket.merge": (
        lambda a, t: a.merge(t, "other"),
        lambda t: (t.merged_into, t.status, t.disposition, t.link_kinds),
        ("other", "closed", "DUPLICATE_LINKED", {"other": "merged"}),
    ),
    "ticket.chase": (
        lambda a, t: a.chase(t, text="还没到账", other="second"),
        lambda t: (t.chases, t.priority, t.link_kinds),
        (1, "high", {"second": "chase"}),
    ),
    "queue.set": (lambda a, t: a.queue(t, "risk"), lambda t: t.queue, "risk"),
    "ticket.handover": (
        lambda a, t: a.handover(t, note="查到一半", to="zhao"),
        lambda t: (t.assignee, t.claim_no, t.handover and t.handover.note),
        ("zhao", 2, "查到一半"),
    ),
    "ticket.escalate": (
        lambda a, t: a.escalate(t, "lead", note="客户很急"),
        lambda t: (t.level, t.assignee, t.status, t.claim_no, t.hops[-1].note),
        ("lead", None, "new", 2, "客户很急"),
    ),
    "field.reveal": (
        lambda a, t: a.reveal(t, "mobile", reason="核对回拨号码"),
        lambda t: t.timeline[-1].data["field"],
        "mobile",
    ),
    "answer.rate": (
        lambda a, t: a.rate(t, "transaction-error", helped=True),
        lambda t: t.helped,
        {"transaction-error": True},
    ),
    "call.mark": (lambda a, t: a.mark(t, "call-1", "held"), lambda t: t.calls[0].marks[-1].event, "held"),
    "call.wrapup": (
        lambda a, t: a.wrapup(t, "INFO_GIVEN", call="call-1", summary="已告知"),
        lambda t: (t.status, t.summary, t.calls[0].code, [mark.event for mark in t.calls[0].marks[-2:]]),
        ("closed", "已告知", "INFO_GIVEN", ["ended", "wrapped"]),
    ),
    "status.set": (lambda a, t: a.status(t, "pending", reason="等凭证"), lambda t: t.status, "pending"),
    "ticket.assign": (
        lambda a, t: a.assign(t, "zhao"),
        lambda t: (t.assignee, t.status, t.claim_no),
        ("zhao", "open", 2),
    ),
    "ticket.release": (lambda a, t: a.release(t), lambda t: (t.assignee, t.status), (None, "new")),
    "promise.make": (lambda a, t: a.promise(t, "回电", a.now()), lambda t: t.promises[-1].text, "回电"),
    "promise.settle": (lambda a, t: a.settle(t, t.promises[0].id, kept=True), lambda t: t.promises[0].state, "kept"),
    "step.tick": (lambda a, t: a.step(t, "transaction-error", "1"), lambda t: t.steps, {"transaction-error": ["1"]}),
    "ticket.decide": (
        lambda a, t: a.decide(t, "refund", "proposed", amount="12.50", currency="CNY"),
        lambda t: t.decisions["refund"].verdict,
        "proposed",
    ),
    "ticket.close": (
        lambda a, t: a.close(t, "RESOLVED_ON_CALL", summary="已到账"),
        lambda t: (t.status, t.disposition, t.summary, t.closed_at is not None),
        ("closed", "RESOLVED_ON_CALL", "已到账", True),
    ),
}
EVERY = pytest.mark.parametrize("name", list(TABLE))


@pytest.fixture
def held(wang: Author, ticket: Ticket, now: datetime) -> Ticket:
    """Wang's own ticket, with a call that goes on and one promise."""
    ticket = ops.apply(ticket, wang.assign(ticket, "wang"), now)
    ticket = ops.apply(ticket, wang.mark(ticket, "call-1", "answered"), now)
    return ops.apply(ticket, wang.promise(ticket, "查到后回电", now + timedelta(hours=1)), now)


@pytest.fixture
def closed(wang: Author, held: Ticket, now: datetime) -> Ticket:
    return ops.apply(held, wang.close(held, "INFO_GIVEN", summary="已告知"), now)


def test_the_table_holds_every_operation_on_a_ticket() -> None:
    tags = {str(kind.__struct_config__.tag) for kind in ops.Op.__subclasses__()}
    assert tags - set(TABLE) == {"ticket.new", "ticket.reopen", "audit.witness"}


@EVERY
def test_it_does_what_it_says(name: str, wang: Author, held: Ticket, now: datetime) -> None:
    make, show, shown = TABLE[name]
    op = make(wang, held)
    later = now + timedelta(minutes=1)
    after = ops.apply(held, op, later)
    assert show(after) == shown
    assert after.updated_at == later
    assert (after.timeline[-1].id, after.timeline[-1].by, after.timeline[-1].at) == (op.uuid, "wang", later)
    assert after.timeline[:-1] == held.timeline
    assert wire.to_item(op, mid=1, prev="").name == name


@EVERY
def test_it_happens_once_even_when_other_things_happened_between(
    name: str, wang: Author, li: Author, held: Ticket, now: datetime
) -> None:
    op = TABLE[name][0](wang, held)
    once = ops.apply(held, op, now)
    assert ops.apply(once, op, now) is once
    noted = ops.apply(once, li.note(once, "顺便"), now)
    assert ops.apply(noted, op, now) is noted


EVENTS = ("ticket.message", "ticket.note", "ticket.reply", "promise.make", "ticket.chase", "field.reveal")
REPEATS = [name for name in TABLE if name not in EVENTS]


@pytest.mark.parametrize("name", [name for name in REPEATS if name != "status.set"])
def test_wanting_what_stands_already_changes_nothing(name: str, wang: Author, held: Ticket, now: datetime) -> None:
    make = TABLE[name][0]
    once = ops.apply(held, make(wang, held), now)
    again = make(wang, once)
    assert ops.apply(once, again, now) is once


def test_a_reason_for_what_stands_already_is_kept_as_a_note(
    wang: Author, li: Author, held: Ticket, now: datetime
) -> None:
    mine, other = wang.status(held, "pending", reason="等凭证"), li.status(held, "pending", reason="等银行")
    after = ops.apply(ops.apply(held, mine, now), other, now)
    assert after.status == "pending"
    assert [entry.text for entry in after.timeline[-2:]] == ["等凭证", "等银行"]
    open_again = ops.apply(held, li.reopen(held, reason="客户又来电"), now)
    assert (open_again.status, open_again.timeline[-1].text) == ("open", "客户又来电")


CLOSED_TAKES = {
    "ticket.message", "ticket.note", "ticket.reply", "field.set", "category.set", "priority.set", "subject.set", "tags.change",
    "ticket.link", "ticket.release", "promise.make", "promise.settle", "step.tick", "ticket.decide", "ticket.close",
    "ticket.merge", "ticket.chase", "queue.set", "field.reveal", "answer.rate", "call.mark", "call.wrapup",
}  # fmt: skip


@EVERY
def test_a_closed_ticket_takes_words_and_corrections_but_no_course(
    name: str, wang: Author, closed: Ticket, now: datetime
) -> None:
    op = TABLE[name][0](wang, closed)
    if name in CLOSED_TAKES:
        after = ops.apply(closed, op, now)
        assert (after.status == "closed") == (name not in ("ticket.message", "ticket.chase"))
    else:
        with pytest.raises(errors.Refused):
            ops.apply(closed, op, now)


def test_a_message_opens_a_closed_ticket_as_a_reopening_does(wang: Author, closed: Ticket, now: datetime) -> None:
    spoken = ops.apply(closed, wang.message(closed, "还是没到账"), now)
    asked = ops.apply(closed, wang.reopen(closed, reason="还是没到账"), now)
    for after in (spoken, asked):
        assert (after.status, after.closed_at, after.disposition, after.sla.resolved_at) == ("open", None, "", None)
        assert after.sla.resolve_due == closed.sla.resolve_due
    assert any(entry.text == "已告知" for entry in spoken.timeline)


def test_a_message_ends_the_waiting_for_the_customer(wang: Author, held: Ticket, now: datetime) -> None:
    waiting = ops.apply(held, wang.status(held, "pending"), now)
    assert ops.apply(waiting, wang.message(waiting, "凭证在这里"), now).status == "open"


def test_correcting_a_close_leaves_its_moment_alone(wang: Author, closed: Ticket, now: datetime) -> None:
    after = ops.apply(closed, wang.close(closed, "RESOLVED_ON_CALL"), now + timedelta(days=1))
    assert (after.disposition, after.closed_at, after.sla.resolved_at) == ("RESOLVED_ON_CALL", now, now)


@pytest.mark.parametrize(
    "make",
    [
        lambda a, t: a.message(t, " \n"),
        lambda a, t: a.note(t, ""),
        lambda a, t: a.reply(t, ""),
        lambda a, t: a.subject(t, "\t"),
        lambda a, t: a.promise(t, "", a.now()),
        lambda a, t: a.field(t, "txn_no", ""),
        lambda a, t: a.field(t, "txn_no", "", state="verified"),
        lambda a, t: a.field(t, "", "x"),
        lambda a, t: a.tags(t, add=("ok", " ")),
        lambda a, t: a.link(t, ""),
        lambda a, t: a.assign(t, ""),
        lambda a, t: a.new(subject="", channel="chat"),
        lambda a, t: a.queue(t, " "),
        lambda a, t: a.merge(t, ""),
        lambda a, t: a.handover(t, note="  ", to="zhao"),
        lambda a, t: a.escalate(t, "lead", note=""),
        lambda a, t: a.escalate(t, "", note="x"),
        lambda a, t: a.reveal(t, "", reason="核对"),
        lambda a, t: a.rate(t, "", helped=True),
        lambda a, t: a.mark(t, "", "offered"),
        lambda a, t: a.step(t, "guide", ""),
    ],
)
def test_empty_text_is_refused(make: Make, wang: Author, ticket: Ticket, now: datetime) -> None:
    op = make(wang, ticket)
    with pytest.raises(errors.Refused) as refused:
        ops.apply(None if isinstance(op, ops.NewTicket) else ticket, op, now)
    assert refused.value.code == "empty-text"


def test_a_reply_with_blanks_is_refused_and_a_note_with_them_is_kept(
    wang: Author, ticket: Ticket, now: datetime
) -> None:
    for text in ("请拨 {客服热线}。", "Call {hotline}."):
        with pytest.raises(errors.Refused) as refused:
            ops.apply(ticket, wang.reply(ticket, text), now)
        assert refused.value.code == "blanks"
        assert ops.apply(ticket, wang.note(ticket, text), now).timeline[-1].text == text
    assert ops.apply(ticket, wang.reply(ticket, '返回 {"code": 1}'), now).timeline[-1].kind == "reply"


def test_asked_and_unknown_needs_no_value(wang: Author, ticket: Ticket, now: datetime) -> None:
    after = ops.apply(ticket, wang.field(ticket, "txn_no", "", state="unknown"), now)
    assert after.answers["txn_no"].state == "unknown"


def test_typing_a_verified_value_again_leaves_it_verified(wang: Author, ticket: Ticket, now: datetime) -> None:
    after = ops.apply(ticket, wang.field(ticket, "txn_no", "A1B2C3D4E5", state="verified"), now)
    assert ops.apply(after, wang.field(after, "txn_no", "A1B2C3D4E5"), now) is after
    assert ops.apply(after, wang.field(after, "txn_no", "", state="unknown"), now).answers["txn_no"].state == "unknown"


def test_the_value_of_a_field_is_not_in_the_timeline(wang: Author, ticket: Ticket, now: datetime) -> None:
    after = ops.apply(ticket, wang.field(ticket, "mobile", "+8613800138000"), now)
    assert "13800138000" not in str(after.timeline)


def test_an_operation_needs_its_ticket_and_a_new_ticket_an_id_of_its_own(
    wang: Author, ticket: Ticket, now: datetime
) -> None:
    with pytest.raises(errors.Refused, match="does not exist"):
        ops.apply(None, wang.note(ticket, "x"), now)
    other = replace(wang.new(subject="s", channel="chat"), ticket=ticket.id)
    with pytest.raises(errors.Refused) as refused:
        ops.apply(ticket, other, now)
    assert refused.value.code == "exists"


def test_a_new_ticket_starts_the_clocks_of_its_category_and_channel(
    wang: Author, now: datetime, rules: ops.Rules
) -> None:
    fresh = ops.apply(None, wang.new(subject="s", channel="hotline", category="FRAUD", text="被盗刷"), now, rules)
    assert fresh.sla.response_due == now + timedelta(minutes=5)
    assert (fresh.status, fresh.number, fresh.timeline[0].text) == ("new", 0, "被盗刷")
    moved = ops.apply(fresh, wang.category(fresh, "ACC"), now + timedelta(hours=1), rules)
    assert moved.sla.response_due == now + timedelta(seconds=20)
    assert moved.sla.resolve_due == now + timedelta(days=1)


@pytest.mark.parametrize(
    ("make", "code"),
    [
        (lambda a, t: a.status(t, "closed"), "close-needs-disposition"),
        (lambda a, t: a.status(t, "new"), "bad-transition"),
        (lambda a, t: a.link(t, t.id), "self-link"),
        (lambda a, t: a.settle(t, "nobody's", kept=True), "no-promise"),
        (lambda a, t: a.close(t, " "), "no-disposition"),
        (lambda a, t: a.decide(t, "refund", "maybe"), "bad-decision"),
        (lambda a, t: a.decide(t, "Refund", "approved"), "bad-decision"),
        (lambda a, t: a.decide(t, "refund", "approved", amount="1", currency="CNY"), "not-proposed"),
        (lambda a, t: a.decide(t, "refund", "proposed", amount="0", currency="CNY"), "bad-amount"),
        (lambda a, t: a.decide(t, "refund", "proposed", amount="12.50"), "bad-amount"),
        (lambda a, t: a.decide(t, "refund", "proposed", amount="1e9", currency="CNY"), "bad-amount"),
        (lambda a, t: a.note(t, "x" * 40_001), "too-long"),
        (lambda a, t: a.merge(t, t.id), "self-link"),
        (lambda a, t: a.chase(t, other=t.id), "self-link"),
        (lambda a, t: a.reveal(t, "mobile", reason=" 看 "), "reason-missing"),
        (lambda a, t: a.handover(t, note="交给你们"), "no-owner"),
        (lambda a, t: a.handover(t, note="交给你们", queue="a\nb"), "bad-queue"),
        (lambda a, t: a.queue(t, "q" * 65), "bad-queue"),
        (lambda a, t: a.mark(t, "call-1", "abandoned"), "call-state"),
        (lambda a, t: a.mark(t, "call-1", "held", moment=a.now() + timedelta(minutes=6)), "bad-moment"),
        (lambda a, t: a.wrapup(t, "INFO_GIVEN", call="nobody's"), "no-call"),
        (lambda a, t: a.wrapup(t, " "), "no-disposition"),
        (lambda a, t: a.close(t, "WRAPUP_TIMEOUT"), "no-disposition"),
    ],
)
def test_what_can_never_succeed_is_refused_by_a_stable_code(
    make: Make, code: str, wang: Author, held: Ticket, now: datetime
) -> None:
    with pytest.raises(errors.Refused) as refused:
        ops.apply(held, make(wang, held), now)
    assert refused.value.code == code


@pytest.mark.parametrize("kind", ["identity", "freeze"])
def test_a_decision_without_money_is_one_persons(kind: str, wang: Author, held: Ticket, now: datetime) -> None:
    assert ops.apply(held, wang.decide(held, kind, "approved"), now).decisions[kind].verdict == "approved"


def test_money_is_approved_once_by_a_second_person_in_the_very_amount(
    wang: Author, li: Author, held: Ticket, now: datetime
) -> None:
    held = ops.apply(held, wang.decide(held, "refund", "proposed", amount="12.50", currency="CNY"), now)
    with pytest.raises(errors.Refused) as refused:
        ops.apply(held, wang.decide(held, "refund", "approved", amount="12.50", currency="CNY"), now)
    assert refused.value.code == "second-person"
    with pytest.raises(errors.NeedsReview) as review:
        ops.apply(held, li.decide(held, "refund", "approved", amount="125.00", currency="CNY"), now)
    assert (review.value.mine, review.value.theirs) == ("125.00 CNY", "12.50 CNY")
    done = ops.apply(held, li.decide(held, "refund", "approved", amount="12.50", currency="CNY"), now)
    assert (done.decisions["refund"].by, done.decisions["refund"].approved_by) == ("wang", "li")
    with pytest.raises(errors.Refused) as refused:
        ops.apply(done, wang.decide(done, "refund", "proposed", amount="99", currency="CNY"), now)
    assert refused.value.code == "decided"


MERGED_REFUSES = {
    "ticket.reply": "merged", "ticket.chase": "merged", "ticket.close": "merged", "ticket.assign": "closed",
    "ticket.handover": "closed", "ticket.escalate": "closed", "status.set": "bad-transition",
}  # fmt: skip


@EVERY
def test_a_merged_ticket_keeps_words_but_sends_none_and_stays_where_it_is(
    name: str, wang: Author, held: Ticket, now: datetime
) -> None:
    merged = ops.apply(held, wang.merge(held, "first"), now)
    op = TABLE[name][0](wang, merged)
    if name in MERGED_REFUSES or name == "ticket.merge":
        with pytest.raises(errors.Refused) as refused:
            ops.apply(merged, op, now)
        assert refused.value.code == MERGED_REFUSES.get(name, "merged")
    else:
        after = ops.apply(merged, op, now)
        assert (after.status, after.merged_into, after.disposition) == ("closed", "first", "DUPLICATE_LINKED")


SECRET = "客户说验证码是 482913"


@pytest.mark.parametrize(
    "make",
    [
        lambda a, t: a.chase(t, text=SECRET),
        lambda a, t: a.reveal(t, "mobile", reason=SECRET),
        lambda a, t: a.handover(t, note=SECRET, to="zhao"),
        lambda a, t: a.escalate(t, "lead", note=SECRET),
        lambda a, t: a.wrapup(t, "INFO_GIVEN", summary=SECRET),
        lambda a, t: a.wrapup(t, "INFO_GIVEN", override=SECRET),
        lambda a, t: a.queue(t, SECRET),
        lambda a, t: a.link(t, SECRET),
        lambda a, t: a.merge(t, SECRET),
        lambda a, t: a.rate(t, SECRET, helped=True),
        lambda a, t: a.witness(SECRET, ticket=t.id),
    ],
)
def test_no_text_of_any_operation_carries_a_secret(make: Make, wang: Author, held: Ticket, now: datetime) -> None:
    with pytest.raises(errors.SecretRefused) as refused:
        ops.apply(held, make(wang, held), now)
    assert "482913" not in str(refused.value)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("卡号念到 4111111", "111111111"),
        ("4111 1111", "1111 1111 念完了"),
        ("他说密码是", "482913"),
        ("验证码：", "482913"),
    ],
)
def test_a_secret_that_comes_in_two_notes_is_refused_with_the_second(
    wang: Author, held: Ticket, now: datetime, first: str, second: str
) -> None:
    begun = ops.apply(held, wang.note(held, first), now)
    for fillers in range(4):
        for write in (wang.note, wang.reply):
            if fillers == 3:
                ops.apply(begun, write(begun, second), now)
                continue
            with pytest.raises(errors.SecretRefused) as refused:
                ops.apply(begun, write(begun, second), now)
            assert second not in str(refused.value)
            assert refused.value.ticket == begun.id
            assert refused.value.kind in ("card", "password", "code")
        begun = ops.apply(begun, wang.note(begun, "您好"), now)


def test_a_card_number_in_four_notes_is_refused_with_the_last(wang: Author, held: Ticket, now: datetime) -> None:
    for part in ("4111", "1111", "1111"):
        held = ops.apply(held, wang.note(held, part), now)
    with pytest.raises(errors.SecretRefused) as refused:
        ops.apply(held, wang.note(held, "1111"), now)
    assert refused.value.kind == "card"


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("客户收不到验证码", "30 分钟后回电，工单 482913"),
        ("卡末四位 1111", "1111 元那笔，交易时间 2026-11-20 14:30"),
        ("已回拨 13800138000", "13800138000 无人接听"),
    ],
)
def test_two_notes_without_a_secret_across_them_are_both_kept(
    wang: Author, held: Ticket, now: datetime, first: str, second: str
) -> None:
    begun = ops.apply(held, wang.note(held, first), now)
    assert ops.apply(begun, wang.note(begun, second), now).timeline[-1].text == second


def test_a_call_may_be_numbered_like_a_card(wang: Author, held: Ticket, now: datetime) -> None:
    after = ops.apply(held, wang.mark(held, "4111111111111111", "offered"), now)
    assert after.calls[-1].id == "4111111111111111"


def test_a_witness_changes_no_ticket_and_its_texts_are_judged_where_there_is_none(
    wang: Author, held: Ticket, now: datetime
) -> None:
    op = wang.witness("secret-refused", kind="card", place="free-line", ticket=held.id)
    assert ops.is_witness(op)
    assert ops.apply(held, op, now) is held
    with pytest.raises(errors.SecretRefused):
        ops.check_texts(wang.witness(SECRET))


def test_a_value_taken_back_leaves_nothing_behind(wang: Author, held: Ticket, now: datetime) -> None:
    typed = ops.apply(held, wang.field(held, "txn_no", "A1B2C3D4E5"), now)
    assert ops.apply(typed, wang.field(typed, "txn_no", "", state="empty"), now).answers == held.answers


def test_a_step_is_taken_back(wang: Author, held: Ticket, now: datetime) -> None:
    done = ops.apply(held, wang.step(held, "guide", "guide.1"), now)
    back = ops.apply(done, wang.step(done, "guide", "guide.1", done=False), now)
    assert (back.steps, back.timeline[-1].data["done"]) == ({}, "no")
    assert ops.apply(back, wang.step(back, "guide", "guide.1", done=False), now) is back


def test_a_promise_is_withdrawn_by_its_maker_while_it_is_open(
    wang: Author, li: Author, held: Ticket, now: datetime
) -> None:
    name = held.promises[0].id
    with pytest.raises(errors.Refused) as refused:
        ops.apply(held, li.settle(held, name, kept=False, withdrawn=True), now)
    assert refused.value.code == "not-yours"
    gone = ops.apply(held, wang.settle(held, name, kept=False, withdrawn=True), now)
    assert (gone.promises[0].state, gone.promises[0].settled_at) == ("withdrawn", now)
    broken = ops.apply(held, li.settle(held, name, kept=False), now)
    with pytest.raises(errors.NeedsReview):
        ops.apply(broken, wang.settle(held, name, kept=False, withdrawn=True), now)


def test_what_was_done_without_the_network_is_read_with_its_authors_time(
    wang: Author, ticket: Ticket, now: datetime
) -> None:
    note = wang.note(ticket, "noted offline")
    late = ops.apply(ticket, note, note.at + timedelta(hours=2)).timeline[-1]
    assert (late.told, late.at) == (note.at, note.at + timedelta(hours=2))
    prompt = ops.apply(ticket, note, note.at + timedelta(seconds=5)).timeline[-1]
    assert prompt.told == prompt.at == note.at + timedelta(seconds=5)
