"""The rules that are shipped are whole: every name is known, every text is there in both languages."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from okpay_console.content import rules
from okpay_console.domain import choices, codes, fields, privacy
from okpay_console.domain.checklist import Condition, Need
from okpay_console.errors import ContentError


def test_there_are_the_nine_categories_in_order_and_each_has_a_target() -> None:
    names = [category.id for category in rules.load_categories()]
    assert names == ["ACC", "LOGIN", "TXN", "REFUND", "XBORDER", "TECH", "FEEDBACK", "USAGE", "FRAUD"]
    house = rules.load_rules()
    assert set(names) == {target.category for target in house.sla.targets} - {""} == set(house.checklists)


def test_a_category_usually_ends_in_a_disposition_that_exists_and_that_people_choose() -> None:
    listed = {disposition.code: disposition for disposition in rules.load_dispositions()}
    assert len([code for code, disposition in listed.items() if not disposition.terms.system]) == 15
    assert [code for code, disposition in listed.items() if disposition.terms.system] == ["WRAPUP_TIMEOUT"]
    assert {category.disposition for category in rules.load_categories()} <= set(listed)
    assert listed["CALLBACK_PROMISED"].terms.needs == "promise"


def _words() -> list[tuple[str, rules.Words]]:
    found = [
        (f"{field.id}.{part}", getattr(field, part))
        for field in rules.load_fields().values()
        for part in ("label", "ask", "chat")
    ]
    found += [
        (f"{category.id}", words)
        for category in rules.load_categories()
        for words in (category.title, category.escalation)
    ]
    found += [(disposition.code, disposition.title) for disposition in rules.load_dispositions()]
    found += [(level.id, level.title) for ladder in rules.load_ladders().values() for level in ladder]
    for load in (rules.load_notes, rules.load_secret_lines, rules.load_courtesies):
        found += list(load().items())
    return found  # fmt: skip


@pytest.mark.parametrize(("name", "words"), _words(), ids=lambda item: item if isinstance(item, str) else "")
def test_every_text_is_there_in_both_languages(name: str, words: rules.Words) -> None:
    assert words.zh.strip()
    assert words.en.strip()
    assert not re.search(r"[㐀-鿿]", words.en)
    if name != "network.label":
        assert re.search(r"[㐀-鿿]", words.zh)
    assert words.of("zh") == words.of("fr") == words.zh
    assert words.of("en") == words.en


def test_the_sentences_to_say_state_no_fact_about_the_company() -> None:
    for name, words in _words():
        if re.search(r"\.(ask|chat)$", name) or name in rules.load_courtesies():
            assert not re.search(r"\d{3,}|https?:|小时内|工作日|working days|within \d", words.zh + words.en), name


def test_a_field_with_fixed_answers_has_them_and_no_other_has() -> None:
    for field in rules.load_fields().values():
        assert (field.kind == "choice") == bool(field.choices)
        assert field.choices == choices.CHOICES.get(field.id, ())
    assert set(choices.CHOICES) <= set(rules.load_fields())


def test_a_choice_is_shown_by_its_name_and_other_values_as_they_are() -> None:
    status = rules.load_fields()["txn_status"]
    assert (status.shown("debited_twice", "zh"), status.shown("debited_twice", "en")) == ("重复扣款", "Debited twice")
    assert rules.load_fields()["txn_no"].shown("A1", "zh") == "A1"


def test_every_masked_field_is_marked_personal_or_limited() -> None:
    for field in rules.load_fields().values():
        if privacy.mask(field.id, "Abcdefgh@12345678") != "Abcdefgh@12345678":
            assert field.personal in ("personal", "limited"), field.id


def test_every_field_with_a_check_is_defined_and_every_note_has_its_words() -> None:
    assert set(fields._CHECKS) <= set(rules.load_fields())
    assert set(fields._LENGTHS) <= set(rules.load_fields())
    source = Path(fields.__file__).read_text(encoding="utf-8")
    used = set(re.findall(r'(?:_wrong\(|note_code=)"([a-z_-]+)"', source))
    used |= {f"secret-{kind}" for kind in rules.load_secret_lines()}
    assert used == set(rules.load_notes())
    assert set(rules.load_secret_lines()) == {"card", "code", "password", "cvv", "answer"}


def test_every_defined_field_is_asked_for_somewhere() -> None:
    asked = {
        field
        for category in rules.load_categories()
        for need in category.checklist.needs
        for way in need.alternatives
        for field in way
    }
    assert asked == set(rules.load_fields())


@pytest.mark.parametrize(
    ("line", "need"),
    [
        ("mobile", Need((("mobile",),))),
        ("? nps", Need((("nps",),), required=False)),
        ("mobile | email", Need((("mobile",), ("email",)))),
        ("txn_no | txn_time + amount", Need((("txn_no",), ("txn_time", "amount")))),
        ("bic if sent_already = yes", Need((("bic",),), when=(Condition("sent_already", ("yes",)),))),
        (
            "iban if sent_already = yes|no & dest_country not in IBAN",
            Need(
                (("iban",),),
                when=(
                    Condition("sent_already", ("yes", "no")),
                    Condition("dest_country", ("IBAN",), not_in=True),
                ),
            ),
        ),
    ],
)
def test_a_line_of_a_checklist_is_read(line: str, need: Need) -> None:
    assert rules.read_need(line, where="X", known=rules.load_fields()) == need


@pytest.mark.parametrize(
    "line", ["", "?", "Mobile", "mobile |", "shoe_size", "mobile if", "mobile if shoe_size = 4", "mobile if amount > 4"]
)
def test_a_line_that_cannot_be_read_is_named(line: str) -> None:
    with pytest.raises(ContentError, match="X"):
        rules.read_need(line, where="X", known=rules.load_fields())


def test_every_category_has_a_ladder_that_ends_no_lower_than_it_begins() -> None:
    ladders = rules.load_ladders()
    assert set(ladders) == {"", *(category.id for category in rules.load_categories())}
    for category, ladder in ladders.items():
        assert len({level.id for level in ladder}) == len(ladder) >= 2, category
        inside = [level for level in ladder if not level.outside]
        assert ladder[: len(inside)] == tuple(inside), f"{category}: what lies outside the house comes last"
        assert all(level.queue and level.due_s > 0 for level in inside)
        assert not any(level.queue or level.due_s for level in ladder if level.outside)
    assert {level.id for ladder in ladders.values() for level in ladder if level.outside} == {"12363", "96110"}


def test_a_ladder_with_a_level_that_is_not_defined_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    broken: dict[str, Any] = {"level": {}, "ladder": {"TXN": ["moon"]}}
    monkeypatch.setattr(rules, "_read", lambda _: broken)
    with pytest.raises(ContentError, match=r"TXN.*moon"):
        rules.load_ladders.__wrapped__()


def test_a_wrong_entry_names_its_file(monkeypatch: pytest.MonkeyPatch) -> None:
    broken: dict[str, Any] = {"disposition": [{"code": "A", "title": {"zh": "甲"}}]}
    monkeypatch.setattr(rules, "_read", lambda _: broken)
    with pytest.raises(ContentError, match=r"dispositions\.toml"):
        rules.load_dispositions.__wrapped__()


def test_countries_without_account_numbers_of_the_standard_are_known() -> None:
    assert [code for code in ("CN", "HK", "US", "JP", "AU", "CA") if codes.iban_prefix(code)] == []
    assert all(codes.iban_prefix(code) for code in ("GB", "DE", "FR", "SA", "GG", "RE", "XK"))
