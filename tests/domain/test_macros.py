"""Macros: questions asked once, blanks filled by one renderer, all steps or none, and the same gate as for a hand."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, get_args

import pytest

from okpay_console import errors
from okpay_console.domain import macro_steps, macros, ops
from okpay_console.domain.author import Author
from okpay_console.domain.ticket import Caller, Ticket


def macro(*steps: dict[str, Any], prompts: list[dict[str, Any]] | None = None) -> macros.Macro:
    return macros.from_table("m", {"title": "试", "steps": list(steps), "prompts": prompts or []})


def expand(
    made: macros.Macro, ticket: Ticket, author: Author, rules: ops.Rules, **answers: str
) -> tuple[ops.AnyOp, ...]:
    return macros.expand(made, ticket, answers, author, values={"hotline": "10000"}, rules=rules)


ASK = {"id": "said", "title": {"zh": "怎么说", "en": "What was said"}}


def test_prompts_company_facts_and_the_case_fill_every_text_and_the_caller_stays_masked(
    wang: Author, now: datetime, rules: ops.Rules
) -> None:
    caller = Caller(name="张三", mobile="+8613800138000")
    ticket = ops.apply(None, wang.new(subject="没到账", channel="hotline", category="TXN", caller=caller), now, rules)
    made = macro({"op": "note", "text": "{caller} {mobile} {subject} {number} {said} {hotline} {agent}"}, prompts=[ASK])
    [note] = expand(made, ticket, wang, rules, said="{caller}再等等")
    assert isinstance(note, ops.AddNote)
    # An answer is the agent's words: braces in it are letters.
    assert note.text == "张* 138****8000 没到账 ? {caller}再等等 10000 wang"


@pytest.mark.parametrize(
    ("step", "said"),
    [
        ({"op": "note", "text": "{said}"}, "  "),
        ({"op": "note", "text": "{service_hours}"}, "x"),
    ],
)
def test_a_question_without_an_answer_or_a_fact_that_is_not_set_stops_the_macro(
    step: dict[str, Any], said: str, wang: Author, ticket: Ticket, rules: ops.Rules
) -> None:
    with pytest.raises(errors.Refused) as refused:
        expand(macro(step, prompts=[ASK]), ticket, wang, rules, said=said)
    assert refused.value.code == "macro-blank"
    assert {"怎么说", "服务时间"} & set(refused.value.what.rstrip(".").split())


def test_a_question_that_need_not_be_answered_leaves_nothing(wang: Author, ticket: Ticket, rules: ops.Rules) -> None:
    [note] = expand(macro({"op": "note", "text": "好 {said}"}, prompts=[{**ASK, "needed": False}]), ticket, wang, rules)
    assert isinstance(note, ops.AddNote)
    assert note.text == "好 "


@pytest.mark.parametrize(
    ("table", "what"),
    [
        ({"title": "x", "steps": []}, "nothing"),
        ({"title": "x", "steps": [{"op": "note", "text": "{callr}"}]}, "{callr}"),
        ({"title": "x", "steps": [{"op": "note", "text": {"zh": "好", "en": "{callr}"}}]}, "{callr}"),
        ({"title": "x", "steps": [{"op": "close", "code": "INFO_GIVEN", "override": "{why}"}]}, "{why}"),
        ({"title": "x", "steps": [{"op": "promise", "text": "回电", "due": "{when}"}]}, "{when}"),
        ({"title": "x", "steps": [{"op": "promise", "text": "回电"}]}, "without a time"),
        ({"title": "x", "steps": [{"op": "shout", "text": "x"}]}, "shout"),
        ({"title": "x", "steps": [{"op": "note", "txt": "x"}]}, "txt"),
        ({"steps": [{"op": "note", "text": "x"}]}, "title"),
        ({"title": "x", "steps": [{"op": "note", "text": "x"}], "prompts": [ASK, ASK]}, "said"),
        ({"title": "x", "steps": [{"op": "note", "text": "x"}], "prompts": [{**ASK, "id": "caller"}]}, "caller"),
        ({"title": "x", "steps": [{"op": "note", "text": "x"}], "prompts": [{**ASK, "id": "hotline"}]}, "hotline"),
    ],
)
def test_a_wrong_macro_is_named_when_it_is_read_not_when_it_is_used(table: dict[str, Any], what: str) -> None:
    with pytest.raises(errors.ContentError) as wrong:
        macros.from_table("mine", table)
    assert "mine" in wrong.value.what
    assert what in wrong.value.what


def test_each_step_sees_what_those_before_it_did(wang: Author, ticket: Ticket, now: datetime, rules: ops.Rules) -> None:
    made = macro(
        {"op": "handover", "to": "li", "text": "请接手"},
        {"op": "escalate", "level": "lead", "text": "急"},
        {"op": "queue", "queue": "night"},
        {"op": "status", "status": "open"},
        {"op": "close", "code": "INFO_GIVEN", "text": "好了", "override": "x"},
    )
    after = ticket
    for op in expand(made, ticket, wang, rules):
        after = ops.apply(after, op, now, rules)
    assert (after.level, after.queue, after.status, after.claim_no) == ("lead", "night", "closed", 2)


def test_a_macro_that_closes_passes_the_gate_of_the_checklist(wang: Author, ticket: Ticket, rules: ops.Rules) -> None:
    for op in ("close", "wrapup"):
        with pytest.raises(errors.Refused) as refused:
            expand(macro({"op": "note", "text": "x"}, {"op": op, "code": "INFO_GIVEN"}), ticket, wang, rules)
        assert refused.value.code == "checklist-incomplete"


def test_a_secret_in_an_answer_stops_the_macro(wang: Author, ticket: Ticket, rules: ops.Rules) -> None:
    with pytest.raises(errors.SecretRefused):
        expand(macro({"op": "note", "text": "{said}"}, prompts=[ASK]), ticket, wang, rules, said="验证码 482913")


def test_a_promise_takes_its_time_from_a_question_or_from_now(
    wang: Author, ticket: Ticket, now: datetime, rules: ops.Rules
) -> None:
    when = {"id": "when", "title": "何时", "kind": "time"}
    asked = macro({"op": "promise", "text": "回电", "due": "{when}"}, prompts=[when])
    [op] = expand(asked, ticket, wang, rules, when="2026-11-22T15:00+08:00")
    assert isinstance(op, ops.MakePromise)
    assert op.due_at == datetime.fromisoformat("2026-11-22T07:00:00+00:00")
    for wrong in ("明天", "2026-11-22T15:00"):
        with pytest.raises(errors.Refused) as refused:
            expand(asked, ticket, wang, rules, when=wrong)
        assert refused.value.code == "bad-time"
    [op] = expand(macro({"op": "promise", "text": "回电", "due_s": 60}), ticket, wang, rules)
    assert isinstance(op, ops.MakePromise)
    assert op.due_at == now + timedelta(minutes=1)


FULL: dict[str, dict[str, Any]] = {
    "note": {"text": "x"}, "reply": {"text": "x"}, "tags": {"add": ["a"]}, "priority": {"priority": "high"},
    "queue": {"queue": "q"}, "status": {"status": "pending", "text": "等"}, "category": {"category": "ACC"},
    "chase": {"text": "x"}, "promise": {"text": "x", "due_s": 1}, "handover": {"to": "li", "text": "x"},
    "escalate": {"level": "lead", "text": "x"}, "wrapup": {"code": "ID_FAILED", "text": "x"},
    "close": {"code": "ID_FAILED", "text": "x"},
}  # fmt: skip


@pytest.mark.parametrize("act", get_args(macro_steps.Act))
def test_every_act_becomes_an_operation(
    act: str, wang: Author, ticket: Ticket, now: datetime, rules: ops.Rules
) -> None:
    [op] = expand(macro({"op": act, **FULL[act]}), ticket, wang, rules)
    assert ops.apply(ticket, op, now, rules) is not ticket


def test_a_wrapup_ends_the_call_that_goes_on(wang: Author, ticket: Ticket, now: datetime, rules: ops.Rules) -> None:
    ticket = ops.apply(ticket, wang.mark(ticket, "c", "answered"), now, rules)
    made = macro({"op": "wrapup", "code": "ID_FAILED"})
    [op] = macros.expand(made, ticket, {}, wang, values={}, call="c", rules=rules)
    assert ops.apply(ticket, op, now, rules).calls[0].code == "ID_FAILED"


def test_the_language_chooses_the_words(wang: Author, ticket: Ticket) -> None:
    made = macro({"op": "note", "text": {"zh": "好", "en": "good"}})
    notes = [macros.expand(made, ticket, {}, wang, values={}, lang=lang)[0] for lang in ("zh", "en")]
    assert [note.text for note in notes if isinstance(note, ops.AddNote)] == ["好", "good"]
