"""A blank is found by its label or its name; other braces are plain text."""

from __future__ import annotations

import pytest

from okpay_console.content import LANGUAGES, load_answers
from okpay_console.domain.answers import PLACEHOLDERS, render
from okpay_console.domain.blanks import unfilled


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_blank_that_rendering_leaves_is_found_where_it_stands(lang: str) -> None:
    for name, labels in PLACEHOLDERS.items():
        text = render(f"请拨 {{{name}}}。", {}, lang=lang).text
        (blank,) = unfilled(text)
        assert text[blank.start : blank.end] == f"{{{blank.name}}}"
        assert blank.name == labels[0 if lang == "zh" else 1]


def test_the_blanks_of_the_shipped_answers_are_those_that_rendering_names() -> None:
    for answer in (*load_answers("zh"), *load_answers("en")):
        shown = render(answer.written, {}, lang=answer.lang)
        assert len({blank.name for blank in unfilled(shown.text)}) == len(shown.missing)


def test_a_name_that_nothing_has_rendered_is_a_blank_too() -> None:
    assert [blank.name for blank in unfilled("{hotline} 和 {own_name}，{hotline}")] == [
        "hotline",
        "own_name",
        "hotline",
    ]


@pytest.mark.parametrize("text", ["", "{", '{"code": 1}', "{ }", "{你好}", "{A}", "{客服\n热线}", "{{}}"])
def test_other_braces_are_plain_text(text: str) -> None:
    assert unfilled(text) == ()
