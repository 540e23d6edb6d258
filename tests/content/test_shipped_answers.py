"""The shipped answers: five questions, two languages, no invented fact, and nothing that asks for a secret."""

from __future__ import annotations

import re

import pytest

from okpay_console.content import LANGUAGES, load_answers
from okpay_console.domain.answers import Answer, render
from okpay_console.errors import ContentError

ALL = [answer for lang in LANGUAGES for answer in load_answers(lang)]
NAMES = [f"{answer.lang}-{answer.id}" for answer in ALL]


def texts(answer: Answer) -> list[str]:
    return [answer.body, *(step.text for step in answer.steps), answer.spoken, answer.written]


def test_both_languages_hold_the_same_answers_with_the_same_steps_and_blanks() -> None:
    zh, en = load_answers("zh"), load_answers("en")
    assert [answer.id for answer in zh] == [answer.id for answer in en]
    assert len(zh) == 5
    for one, other in zip(zh, en, strict=True):
        assert [step.id for step in one.steps] == [step.id for step in other.steps]
        assert one.category == other.category
        assert set(one.placeholders) == set(other.placeholders)


@pytest.mark.parametrize("answer", ALL, ids=NAMES)
def test_an_answer_has_steps_and_two_different_wordings(answer: Answer) -> None:
    assert len(answer.steps) >= 5
    assert answer.spoken
    assert answer.written
    assert answer.spoken != answer.written
    assert answer.keywords


@pytest.mark.parametrize("answer", ALL, ids=NAMES)
def test_every_text_renders_without_settings(answer: Answer) -> None:
    for text in texts(answer):
        render(text, {}, lang=answer.lang, declared=answer.placeholders)


@pytest.mark.parametrize("answer", ALL, ids=NAMES)
def test_no_company_fact_is_invented(answer: Answer) -> None:
    """No number of two digits or more, web address or e-mail address stands in an answer: the settings know them."""
    text = "\n".join(texts(answer))
    assert not re.search(r"\d{2,}|https?:|www\.|\S@\S|\d+ ?(?:天|小时|分钟|工作日|hours|days)", text)


@pytest.mark.parametrize("answer", ALL, ids=NAMES)
def test_the_caller_is_warned_not_to_tell_password_or_code(answer: Answer) -> None:
    steps = "".join(step.text for step in answer.steps)
    assert re.search(r"密码|password", steps)
    assert re.search(r"(不要|请勿|遮住|不)[^。]*(密码|验证码)|密码[^。]*不要|(not|never|covered|out of|nobody)", steps)
    assert re.search(r"密码|password", answer.written)


@pytest.mark.parametrize("answer", ALL, ids=NAMES)
def test_no_step_asks_the_caller_for_a_secret(answer: Answer) -> None:
    asks = (
        r"(告诉(我|您|客服)|提供|报一下|念一下|读出)[^。，]{0,6}(密码|验证码|CVV)"
        r"|(tell|give|read) (me|us) (the|your) (password|code|cvv)"
    )
    for sentence in re.split(r"[。；.;\n]", "\n".join(texts(answer))):
        if not re.search(r"不要|请勿|不用|not|never", sentence):
            assert not re.search(asks, sentence, re.IGNORECASE)


def test_an_unknown_language_is_refused() -> None:
    with pytest.raises(ContentError, match="fr"):
        load_answers("fr")
