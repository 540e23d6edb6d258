"""The house's words for fields, categories and dispositions in the language in use, loaded when first asked for."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import cache

import msgspec

from ..content import interface, rules
from ..domain import codes
from ..domain import fields as validators
from ..domain.checklist import Checklist
from ..domain.disposition import Terms
from ..domain.ticket import FieldAnswer
from .rows import category_word


class Verdict(msgspec.Struct, frozen=True):
    """What became of typed text: ``ok`` with the ``value`` to keep, and ``note``, a sentence to show (may be "").

    ``secret``: the text must not stay on the screen either.
    """

    ok: bool
    value: str
    note: str = ""
    secret: bool = False


def field_label(field: str) -> str:
    """A checklist field's name; a field that the house does not know is its own name."""
    found = rules.load_fields().get(field)
    return found.label.of(interface.lang()) if found else field


def field_words(field: str) -> str:
    """A guarded field's name for people: ``answers.mobile`` is its label, others have a word of the interface."""
    if field.startswith("answers."):
        return field_label(field.removeprefix("answers."))
    name = f"guarded.{field.partition('.')[0]}"
    return interface.t(name) if interface.has(name) else field


def field_ask(field: str, channel: str = "hotline") -> str:
    """The courteous sentence that asks for the field, to say or, on written channels, to write; "" where there is none."""
    found = rules.load_fields().get(field)
    if found is None:
        return ""
    return (found.ask if channel == "hotline" else found.chat).of(interface.lang())


def is_text(field: str) -> bool:
    """Whether the field takes words rather than one value."""
    found = rules.load_fields().get(field)
    return found is None or found.kind == "text"


def choice_words(field: str) -> list[tuple[str, str]]:
    """(code, words) of a field with a fixed set of answers; empty for any other field."""
    found = rules.load_fields().get(field)
    zh = interface.lang() == "zh"
    return [(choice.code, choice.zh if zh else choice.en) for choice in found.choices] if found else []


def value_words(field: str, value: str) -> str:
    """A kept value as people read it: a choice's words, else the value."""
    found = rules.load_fields().get(field)
    if found is not None and found.kind == "country" and value:
        return codes.country_word(value, interface.lang())
    return found.shown(value, interface.lang()) if found else value


def check(field: str, text: str, *, now: datetime, answers: Mapping[str, FieldAnswer]) -> Verdict:
    """Judges what is typed into a field, as the domain does, and says in words what is wrong or odd.

    A secret brings the sentence to say to the caller, and no value.
    """
    checked = validators.check(field, text, now=now, answers=answers)
    if checked.note_code.startswith("secret-"):
        return Verdict(checked.ok, checked.value, secret_words(checked.note_code.removeprefix("secret-")), secret=True)
    return Verdict(checked.ok, checked.value, note_words(checked.note_code))


def secret_words(kind: str) -> str:
    """That a secret is not kept, and the sentence to say to the caller who told it."""
    say = rules.load_secret_lines().get(kind)
    return note_words(f"secret-{kind}") + (" " + say.of(interface.lang()) if say else "")


def note_words(code: str) -> str:
    """What a check found, as a sentence; "" for no finding."""
    found = rules.load_notes().get(code)
    return found.of(interface.lang()) if found else code


def checklist(category: str) -> Checklist | None:
    """What the category needs; None for one that the house does not know."""
    return _checklists().get(category)


@cache
def _checklists() -> Mapping[str, Checklist]:
    return {category.id: category.checklist for category in rules.load_categories()}


def categories() -> list[tuple[str, str]]:
    """(code, title) of every category, in the house's order."""
    return [(category.id, category.title.of(interface.lang())) for category in rules.load_categories()]


def category_title(code: str) -> str:
    return dict(categories()).get(code) or category_word(code)


def level_title(name: str) -> str:
    """A level of the escalation ladder as people call it."""
    for ladder in rules.load_ladders().values():
        for level in ladder:
            if level.id == name:
                return level.title.of(interface.lang())
    return name


def answer_title(name: str) -> str:
    """A canned answer's title as it is shipped; the id of one that only the house has."""
    return _titles(interface.lang()).get(name, name)


def step_words(step: str) -> str:
    """A step of a canned answer in few words: the answer's title and the step's number."""
    answer, _, number = step.rpartition(".")
    title = _titles(interface.lang()).get(answer)
    return interface.t("entry.step_of", title=title, number=number) if title else step


@cache
def _titles(lang: str) -> Mapping[str, str]:
    from ..content import load_answers

    return {answer.id: answer.title for answer in load_answers(lang)}


def dispositions() -> list[tuple[str, str]]:
    """(code, title) of what an agent can close a case with; codes that only the system gives are left out."""
    lang = interface.lang()
    return [(item.code, item.title.of(lang)) for item in rules.load_dispositions() if not item.terms.system]


def disposition_title(code: str) -> str:
    return next((item.title.of(interface.lang()) for item in rules.load_dispositions() if item.code == code), code)


def usual_disposition(category: str) -> str:
    """The code that cases of the category usually end with; "" where there is none."""
    return next((item.disposition for item in rules.load_categories() if item.id == category), "")


def dispositions_terms() -> dict[str, Terms]:
    """The terms of every disposition, by its code."""
    return {item.code: item.terms for item in rules.load_dispositions()}


def ungated(disposition: str) -> bool:
    """Whether a case may be closed so with details missing, because the caller is not there to give them."""
    return any(item.terms.closes_ungated for item in rules.load_dispositions() if item.code == disposition)
