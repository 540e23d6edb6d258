"""Canned answers: the blanks are filled from the settings, and nothing is invented for those that are empty."""

from __future__ import annotations

import pytest

from okpay_console.domain.answers import PLACEHOLDERS, blanks, label, render
from okpay_console.errors import ContentError


def test_a_blank_is_filled_from_the_settings() -> None:
    assert render("请拨打 {hotline}。", {"hotline": "95000"}, lang="zh").text == "请拨打 95000。"
    assert render("请拨打 {hotline}。", {"hotline": "95000"}, lang="zh").missing == ()


@pytest.mark.parametrize("values", [{}, {"hotline": ""}, {"hotline": "  "}])
def test_a_blank_without_a_value_stays_marked_and_is_listed_once(values: dict[str, str]) -> None:
    done = render("{hotline} / {hotline} / {service_hours}", values, lang="zh")
    assert done.text == "{客服热线} / {客服热线} / {服务时间}"
    assert done.missing == ("hotline", "service_hours")


def test_the_mark_speaks_the_language_of_the_screen() -> None:
    assert render("{hotline}", {}, lang="en").text == "{hotline number}"


def test_a_misspelt_blank_is_an_error_and_not_read_to_the_caller() -> None:
    with pytest.raises(ContentError, match="hotlin"):
        render("{hotlin}", {"hotlin": "95000"}, lang="zh")


def test_an_imported_answer_may_declare_its_own_blank() -> None:
    assert render("{branch}", {"branch": "A"}, lang="zh", declared=("branch",)).text == "A"
    assert render("{branch}", {}, lang="zh", declared=("branch",)).missing == ("branch",)


def test_a_value_with_braces_is_plain_text() -> None:
    assert render("{hotline}", {"hotline": "{service_hours}"}, lang="zh").text == "{service_hours}"


def test_braces_of_pasted_code_are_no_blanks() -> None:
    text = 'JSON: {"code": 1}, {}, {A}, {1}'
    assert render(text, {}, lang="zh").text == text


def test_blanks_are_listed_in_order_of_first_use() -> None:
    assert blanks("{b} {a}", "{a} {c}") == ("b", "a", "c")


def test_every_placeholder_has_a_label_in_both_languages() -> None:
    for name in PLACEHOLDERS:
        assert label(name, lang="zh") != name
        assert label(name, lang="en").isascii()
