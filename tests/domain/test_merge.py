"""Two people at one ticket: what merges, what goes to review, and that no words get lost on the way."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from msgspec.structs import replace

from okpay_console import errors
from okpay_console.domain import ops
from okpay_console.domain.author import REPLY_LIVES, Author
from okpay_console.domain.ticket import Ticket

Make = Callable[[Author, Ticket], ops.AnyOp]


@pytest.fixture
def seen(wang: Author, ticket: Ticket, now: datetime) -> Ticket:
    """What both authors see: Wang's ticket, with one promise."""
    ticket = ops.apply(ticket, wang.assign(ticket, "wang"), now)
    return ops.apply(ticket, wang.promise(ticket, "回电", now + timedelta(hours=1)), now)


def review(ticket: Ticket, op: ops.AnyOp, now: datetime) -> errors.NeedsReview:
    with pytest.raises(errors.NeedsReview) as caught:
        ops.apply(ticket, op, now)
    return caught.value


@pytest.mark.parametrize(
    ("first", "second", "field", "base", "mine", "theirs"),
    [
        (lambda a, t: a.field(t, "txn_no", "AAAA"), lambda a, t: a.field(t, "txn_no", "BBBB"),
         "answers.txn_no", "", "BBBB", "AAAA"),
        (lambda a, t: a.field(t, "txn_no", "AAAA"), lambda a, t: a.field(t, "txn_no", "", state="unknown"),
         "answers.txn_no", "", None, "AAAA"),
        (lambda a, t: a.status(t, "pending"), lambda a, t: a.status(t, "new", reason="误领"),
         "status", "open", "new: 误领", "pending"),
        (lambda a, t: a.assign(t, "zhao"), lambda a, t: a.assign(t, "qian"), "assignee", "wang", "qian", "zhao"),
        (lambda a, t: a.assign(t, "zhao"), lambda a, t: a.release(t), "assignee", "wang", "released", "zhao"),
        (lambda a, t: a.close(t, "INFO_GIVEN"), lambda a, t: a.close(t, "RESOLVED_ON_CALL", summary="好了", override="客户挂断"),
         "status", "open", "closed: RESOLVED_ON_CALL: 好了: 客户挂断", "closed"),
        (lambda a, t: a.settle(t, t.promises[0].id, kept=True), lambda a, t: a.settle(t, t.promises[0].id, kept=False),
         None, "open", "broken", "kept"),
        (lambda a, t: a.decide(t, "identity", "approved"), lambda a, t: a.decide(t, "identity", "rejected"),
         "decisions.identity", "", "rejected", "approved"),
        (lambda a, t: a.status(t, "pending"), lambda a, t: a.reply(t, "您好，已查到"), None, "open", "您好，已查到", "pending"),
    ],
)  # fmt: skip
def test_a_guarded_thing_that_moved_goes_to_review_with_three_versions(
    first: Make, second: Make, field: str | None, base: str, mine: str | None, theirs: str,
    wang: Author, li: Author, seen: Ticket, now: datetime,
) -> None:  # fmt: skip
    moved = ops.apply(seen, first(wang, seen), now)
    author = wang if isinstance(second(wang, seen), ops.AddReply) else li
    found = review(moved, second(author, seen), now)
    assert (found.base, found.mine or None, found.theirs) == (base, mine, theirs)
    assert field is None or found.field == field


@pytest.mark.parametrize(
    ("first", "second", "left"),
    [
        (lambda a, t: a.priority(t, "urgent"), lambda a, t: a.priority(t, "low"), lambda t: t.priority == "low"),
        (lambda a, t: a.category(t, "REFUND"), lambda a, t: a.category(t, "TECH"), lambda t: t.category == "TECH"),
        (lambda a, t: a.subject(t, "甲"), lambda a, t: a.subject(t, "乙"), lambda t: t.subject == "乙"),
        (lambda a, t: a.tags(t, add=("x",)), lambda a, t: a.tags(t, add=("y",)), lambda t: t.tags == ("x", "y")),
        (lambda a, t: a.link(t, "p"), lambda a, t: a.link(t, "q"), lambda t: t.links == ("p", "q")),
        (lambda a, t: a.step(t, "g", "2"), lambda a, t: a.step(t, "g", "1"), lambda t: t.steps == {"g": ["2", "1"]}),
        (lambda a, t: a.field(t, "amount", "1"), lambda a, t: a.field(t, "currency", "CNY"), lambda t: len(t.answers) == 2),
        (lambda a, t: a.note(t, "甲"), lambda a, t: a.note(t, "乙"), lambda t: [e.text for e in t.timeline[-2:]] == ["甲", "乙"]),
        (lambda a, t: a.assign(t, "zhao"), lambda a, t: a.assign(t, "zhao"), lambda t: t.claim_no == 2),
    ],
)  # fmt: skip
def test_what_commutes_or_has_a_last_writer_needs_nobody(
    first: Make, second: Make, left: Callable[[Ticket], bool], wang: Author, li: Author, seen: Ticket, now: datetime
) -> None:
    after = ops.apply(ops.apply(seen, first(wang, seen), now), second(li, seen), now)
    assert left(after)


def test_the_loser_of_a_last_writer_stays_in_the_timeline(
    wang: Author, li: Author, seen: Ticket, now: datetime
) -> None:
    after = ops.apply(ops.apply(seen, wang.subject(seen, "甲的话"), now), li.subject(seen, "乙的话"), now)
    assert "甲的话" in str(after.timeline)


GUARDED: dict[str, tuple[Make, str]] = {
    "field": (lambda a, t: a.field(t, "txn_no", "AAAA"), "AAAA"),
    "status": (lambda a, t: a.status(t, "pending", reason="等凭证"), "等凭证"),
    "release": (lambda a, t: a.release(t), "released"),
    "close": (lambda a, t: a.close(t, "INFO_GIVEN", summary="已告知"), "已告知"),
    "reply": (lambda a, t: a.reply(t, "您好"), "您好"),
    "decide": (lambda a, t: a.decide(t, "freeze", "approved"), "approved"),
}


@pytest.mark.parametrize("name", GUARDED)
def test_an_overtaken_claim_sends_the_edit_to_review_with_its_words(
    name: str, wang: Author, seen: Ticket, now: datetime
) -> None:
    make, words = GUARDED[name]
    found = review(replace(seen, claim_no=seen.claim_no + 1), make(wang, seen), now)
    assert found.field == "claim_no"
    assert words in str(found.mine)


@pytest.mark.parametrize("name", ["ticket.message", "ticket.note"])
def test_words_for_the_log_are_never_fenced(name: str, wang: Author, seen: Ticket, now: datetime) -> None:
    op = wang.message(seen, "x") if name == "ticket.message" else wang.note(seen, "x")
    assert ops.apply(replace(seen, claim_no=9, assignee="zhao"), op, now).timeline[-1].text == "x"


@pytest.mark.parametrize(
    "make",
    [
        lambda a, t: a.field(t, "txn_no", "AAAA"),
        lambda a, t: a.status(t, "pending"),
        lambda a, t: a.assign(t, "zhao"),
        lambda a, t: a.release(t),
        lambda a, t: a.close(t, "INFO_GIVEN"),
    ],
)
def test_a_guarded_operation_without_its_merge_base_is_refused(
    make: Make, wang: Author, seen: Ticket, now: datetime
) -> None:
    with pytest.raises(errors.Refused) as refused:
        ops.apply(seen, replace(make(wang, seen), was={}), now)
    assert refused.value.code == "base-missing"


def test_a_reply_without_a_guard_does_not_leave_the_house(wang: Author, seen: Ticket, now: datetime) -> None:
    with pytest.raises(errors.Refused) as refused:
        ops.apply(seen, replace(wang.reply(seen, "您好"), guard=None), now)
    assert refused.value.code == "base-missing"


def test_a_reply_lives_four_hours_and_then_asks_its_author(wang: Author, seen: Ticket, now: datetime) -> None:
    op = wang.reply(seen, "您好")
    assert ops.apply(seen, op, now + REPLY_LIVES).timeline[-1].kind == "reply"
    late = review(seen, op, now + REPLY_LIVES + timedelta(seconds=1))
    assert (late.field, late.mine) == ("expires_at", "您好")


def test_a_reply_on_somebody_elses_ticket_goes_to_review(li: Author, seen: Ticket, now: datetime) -> None:
    found = review(seen, li.reply(seen, "您好"), now)
    assert (found.field, found.mine, found.theirs) == ("assignee", "您好", "wang")


def test_two_changes_of_a_proposed_amount_go_to_review(wang: Author, li: Author, seen: Ticket, now: datetime) -> None:
    proposed = ops.apply(seen, wang.decide(seen, "refund", "proposed", amount="10", currency="CNY"), now)
    moved = ops.apply(proposed, wang.decide(proposed, "refund", "proposed", amount="15", currency="CNY"), now)
    found = review(moved, li.decide(proposed, "refund", "proposed", amount="20", currency="CNY"), now)
    assert (found.base, found.mine, found.theirs) == ("10 CNY", "proposed 20 CNY", "15 CNY")


@pytest.mark.parametrize(
    "make",
    [
        lambda a, t: a.new(subject="卡号 4111111111111111", channel="chat"),
        lambda a, t: a.new(subject="s", channel="chat", text="验证码 123456"),
        lambda a, t: a.message(t, "卡号 4111 1111 1111 1111"),
        lambda a, t: a.note(t, "验证码是 123456"),
        lambda a, t: a.reply(t, "您的验证码是 123456"),
        lambda a, t: a.field(t, "counterparty", "4111111111111111"),
        lambda a, t: a.field(t, "error_text", "密码 123456"),
        lambda a, t: a.subject(t, "CVV 123"),
        lambda a, t: a.tags(t, add=("4111111111111111",)),
        lambda a, t: a.link(t, "4111111111111111"),
        lambda a, t: a.status(t, "pending", reason="密码 123456"),
        lambda a, t: a.assign(t, "4111111111111111"),
        lambda a, t: a.promise(t, "用验证码 123456 登录后回电", a.now()),
        lambda a, t: a.step(t, "g", "验证码 123456"),
        lambda a, t: a.decide(t, "refund", "proposed", amount="4111111111111111", currency="CNY"),
        lambda a, t: a.close(t, "INFO_GIVEN", summary="密码 123456"),
        lambda a, t: a.close(t, "INFO_GIVEN", override="密码 123456"),
        lambda a, t: a.reopen(t, reason="密码 123456"),
    ],
)
def test_no_text_of_any_operation_carries_a_secret_in_and_the_error_does_not_quote_it(
    make: Make, wang: Author, seen: Ticket, now: datetime
) -> None:
    op = make(wang, seen)
    with pytest.raises(errors.SecretRefused) as refused:
        ops.apply(None if isinstance(op, ops.NewTicket) else seen, op, now)
    said = f"{refused.value.what} {refused.value.advice} {refused.value!r}"
    assert not any(piece in said for piece in ("4111", "123456", "CVV 123"))
    assert refused.value.code == "secret"


def test_a_transaction_number_that_passes_luhn_is_taken(wang: Author, seen: Ticket, now: datetime) -> None:
    after = ops.apply(seen, wang.field(seen, "txn_no", "4111111111111111"), now)
    other = ops.apply(after, wang.field(after, "txn_no", "A1B2C3D4E5"), now)
    assert other.answers["txn_no"].value == "A1B2C3D4E5"
