"""Which answers a case proposes by itself: a table of cases, and what must never decide."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from msgspec.structs import replace

from okpay_console.content import load_answers
from okpay_console.content.rules import load_categories
from okpay_console.domain.answers import Answer
from okpay_console.domain.proposals import propose
from okpay_console.domain.search import Index
from okpay_console.domain.ticket import Entry, FieldAnswer, Ticket

NOW = datetime(2026, 11, 22, 6, 46, tzinfo=UTC)
INDEX = Index.build(load_answers("zh") + load_answers("en"))
ENGLISH = Index.build(load_answers("en") + load_answers("zh"))
TITLES = {one.id: one.title for one in load_categories()}


def case(category: str = "", subject: str = "来电", words: str = "", **answers: str) -> Ticket:
    made = Ticket(
        id="t",
        subject=subject,
        channel="hotline",
        category=category,
        created_at=NOW,
        updated_at=NOW,
        timeline=(Entry("e", "message", NOW, text=words),) if words else (),
    )
    filled = {field: FieldAnswer(value, "filled") for field, value in answers.items()}
    return replace(made, answers=filled)


def proposed(ticket: Ticket, lang: str = "zh") -> list[str]:
    index = INDEX if lang == "zh" else ENGLISH
    return [hit.id for hit in propose(index, ticket, lang=lang, labels=lambda code: getattr(TITLES[code], lang))]


@pytest.mark.parametrize(
    ("ticket", "first"),
    [
        (case("LOGIN"), "password-recovery"),
        (case("LOGIN", login_symptom="no_code"), "password-recovery"),
        (case("LOGIN", login_symptom="locked", error_text="账户已锁定"), "password-recovery"),
        (case("TXN", txn_status="debited_not_credited"), "transaction-error"),
        (case("TXN", txn_status="debited_twice", subject="钱没到"), "transaction-error"),
        (case("TECH", symptom="一打开就闪退"), "technical-support"),
        (case("XBORDER", subject="汇款到英国"), "cross-border-transfer"),
        (case("FEEDBACK", feedback_type="complaint"), "feedback"),
        # No answer has these categories: the words decide.
        (case("REFUND", txn_status="debited_twice"), "transaction-error"),
        (case("USAGE", question="怎么找回密码"), "password-recovery"),
        (case("USAGE", question="跨境转账手续费多少"), "cross-border-transfer"),
        # No category yet: the first words decide.
        (case(subject="收不到验证码"), "password-recovery"),
        (case(subject="扣了两次", words="付款重复扣款了"), "transaction-error"),
        (case(words="你们这个软件一直闪退打不开"), "technical-support"),
        (case(subject="I forgot my password"), "password-recovery"),
    ],
)
def test_the_case_proposes(ticket: Ticket, first: str) -> None:
    assert proposed(ticket)[0] == first


@pytest.mark.parametrize(
    ("ticket", "first"),
    [
        (case("LOGIN", subject="call", login_symptom="no_code"), "password-recovery"),
        (case("TXN", subject="call", txn_status="debited_not_credited"), "transaction-error"),
        (case(subject="the app keeps crashing"), "technical-support"),
        (case(subject="charged twice"), "transaction-error"),
    ],
)
def test_an_english_screen_gets_the_same_in_english(ticket: Ticket, first: str) -> None:
    hits = propose(ENGLISH, ticket, lang="en")
    assert hits[0].id == first
    assert hits[0].title == next(answer.title for answer in load_answers("en") if answer.id == first)


def test_the_checklist_and_not_only_the_category_decides_between_answers_of_one_category() -> None:
    index = Index.build(
        [
            Answer("locked", "zh", "账户被锁怎么解锁", "LOGIN"),
            Answer("code", "zh", "收不到验证码怎么办", "LOGIN"),
            Answer("phone", "zh", "换手机后登录", "LOGIN"),
        ]
    )
    for symptom, wanted in (("no_code", "code"), ("locked", "locked"), ("new_phone", "phone")):
        assert propose(index, case("LOGIN", login_symptom=symptom), lang="zh")[0].id == wanted


def test_an_error_code_leads_to_the_answer_that_names_it() -> None:
    index = Index.build([Answer("a", "zh", "支付失败", "TXN"), Answer("b", "zh", "错误 E5003 的处理", "TECH")])
    assert propose(index, case("TXN", error_code="E5003", error_text="错误 E5003"), lang="zh")[0].id == "b"


def test_of_a_case_of_which_nothing_is_known_nothing_is_proposed() -> None:
    assert proposed(case(subject="来电")) == []
    assert propose(Index.build([]), case("LOGIN", login_symptom="no_code"), lang="zh") == []


def test_an_answer_that_did_not_help_this_caller_stands_behind_and_stays_in_the_list() -> None:
    index = Index.build([Answer("a", "zh", "收不到验证码", "LOGIN"), Answer("b", "zh", "找回密码", "LOGIN")])
    ticket = case("LOGIN", login_symptom="no_code")
    assert [hit.id for hit in propose(index, ticket, lang="zh")] == ["a", "b"]
    assert [hit.id for hit in propose(index, replace(ticket, helped={"a": False}), lang="zh")] == ["b", "a"]


def test_personal_details_are_no_search_words() -> None:
    index = Index.build([Answer("a", "zh", "张三的问题"), Answer("b", "zh", "13800138000")])
    ticket = case(subject="来电", counterparty="张三的问题", mobile="13800138000", benef_name="张三")
    assert propose(index, ticket, lang="zh") == []


def test_the_same_case_gives_the_same_list_and_equal_ones_keep_the_order_of_the_index() -> None:
    index = Index.build([Answer(name, "zh", "一样的标题", "LOGIN") for name in ("c", "a", "b")])
    hits = propose(index, case("LOGIN"), lang="zh")
    assert [hit.id for hit in hits] == ["c", "a", "b"]
    assert hits == propose(index, case("LOGIN"), lang="zh")
    assert propose(Index.from_bytes(index.to_bytes()), case("LOGIN"), lang="zh") == hits
