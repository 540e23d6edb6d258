"""The house's rules as data: categories with their checklists, fields, dispositions and sentences, read from the package."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from importlib import resources
from typing import Annotated, Any, Literal, TypeVar

import msgspec

from okpay_console.domain import choices, sla
from okpay_console.domain.checklist import CHANNEL, IBAN, Checklist, Condition, Need
from okpay_console.domain.disposition import After, Prerequisite, Terms
from okpay_console.domain.escalation import Level
from okpay_console.domain.ops import Rules
from okpay_console.domain.words import Words
from okpay_console.errors import ContentError

__all__ = [
    "Category", "Disposition", "FieldDef", "Words", "load_categories", "load_courtesies", "load_dispositions", "load_fields",
    "load_ladders", "load_notes", "load_rules", "load_secret_lines",
]  # fmt: skip

FieldKind = Literal[
    "choice", "mobile", "email", "txn_no", "moment", "window", "amount", "currency", "country", "bic", "iban", "latin",
    "digits", "code", "version", "os", "score", "text",
]  # fmt: skip
Personal = Literal["none", "limited", "personal"]


class FieldDef(msgspec.Struct, frozen=True):
    """One checklist detail: its name, the sentence to say, the sentence to write, and how personal its value is.

    ``choices`` are the answers of a field of kind ``choice`` (``code`` is kept, ``zh``/``en`` are shown), else empty.
    ``carries``: it belongs to the person or the phone, so an earlier ticket's value still holds.
    """

    id: str
    kind: FieldKind
    personal: Personal
    label: Words
    ask: Words
    chat: Words
    choices: tuple[choices.Choice, ...] = ()
    carries: bool = False

    def shown(self, value: str, lang: str) -> str:
        """The value as people read it: the name of a choice, anything else as it is (mask it first)."""
        for choice in self.choices:
            if choice.code == value:
                return choice.en if lang == "en" else choice.zh
        return value


class Category(msgspec.Struct, frozen=True):
    """One kind of matter: what it needs, how it usually ends, and who takes it further."""

    id: str
    title: Words
    checklist: Checklist
    disposition: str
    escalation: Words


class Disposition(msgspec.Struct, frozen=True):
    """One way in which a matter ends, and its terms."""

    code: str
    title: Words
    terms: Terms


class _FieldEntry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    kind: FieldKind
    personal: Personal
    label: Words
    ask: Words
    chat: Words | None = None
    carries: bool = False


class _CategoryEntry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    id: str
    title: Words
    needs: list[str]
    disposition: str
    escalation: Words


class _DispositionEntry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    code: str
    title: Words
    needs: Prerequisite = ""
    ungated: bool = False
    system: bool = False
    after: After = "closed"


class _LevelEntry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    title: Words
    queue: str = ""
    due_s: Annotated[int, msgspec.Meta(ge=0)] = 0
    outside: bool = False


_T = TypeVar("_T")


@cache
def load_fields() -> dict[str, FieldDef]:
    """Every checklist field by its id. Raises ContentError where the file is wrong."""
    entries = _convert("fields.toml", "field", dict[str, _FieldEntry])
    return {
        name: FieldDef(
            name,
            entry.kind,
            entry.personal,
            entry.label,
            entry.ask,
            entry.chat or entry.ask,
            choices.CHOICES.get(name, ()),
            entry.carries,
        )
        for name, entry in entries.items()
    }


@cache
def load_categories() -> tuple[Category, ...]:
    """The categories in the order to offer them. Raises ContentError naming the need that cannot be read."""
    known = load_fields()
    return tuple(
        Category(
            entry.id,
            entry.title,
            Checklist(
                entry.id,
                tuple(read_need(line, where=entry.id, known=known) for line in entry.needs),
                frozenset(name for name, field in known.items() if field.carries),
            ),
            entry.disposition,
            entry.escalation,
        )
        for entry in _convert("categories.toml", "category", list[_CategoryEntry])
    )


@cache
def load_dispositions() -> tuple[Disposition, ...]:
    """The dispositions in the order to offer them; those with ``terms.system`` are not offered to people."""
    return tuple(
        Disposition(entry.code, entry.title, Terms(entry.needs, entry.ungated, entry.system, entry.after))
        for entry in _convert("dispositions.toml", "disposition", list[_DispositionEntry])
    )


@cache
def load_ladders() -> dict[str, tuple[Level, ...]]:
    """The escalation ladder of each category, lowest level first. Raises ContentError naming a level that is not defined."""
    levels = {
        name: Level(name, entry.title, entry.queue, entry.due_s, entry.outside)
        for name, entry in _convert("escalation.toml", "level", dict[str, _LevelEntry]).items()
    }
    ladders = _convert("escalation.toml", "ladder", dict[str, list[str]])
    for category, names in ladders.items():
        for name in names:
            if name not in levels:
                raise ContentError(
                    f"The escalation ladder of {category} has a level that is not defined: '{name}'.",
                    "Correct it in escalation.toml.",
                )
    return {category: tuple(levels[name] for name in names) for category, names in ladders.items()}


def load_rules(*, policy: sla.Policy | None = None) -> Rules:
    """The rules for ``ops.apply``, the same for server, console and command line; ``policy``: the house has its own."""
    from okpay_console.content.limits import load_policy

    return Rules(
        checklists={category.id: category.checklist for category in load_categories()},
        sla=policy or load_policy(),
        dispositions={disposition.code: disposition.terms for disposition in load_dispositions()},
        ladders=load_ladders(),
    )


@cache
def load_notes() -> dict[str, Words]:
    """What a check found, by ``fields.Checked.note_code``."""
    return _convert("phrases.toml", "note", dict[str, Words])


@cache
def load_secret_lines() -> dict[str, Words]:
    """What to say to a caller who tells a secret, by ``privacy.SecretKind``."""
    return _convert("phrases.toml", "secret", dict[str, Words])


@cache
def load_courtesies() -> dict[str, Words]:
    """Courteous wording for the turns of a call, in the order of a call."""
    return _convert("phrases.toml", "courtesy", dict[str, Words])


_NEED = re.compile(r"(?P<optional>\?\s*)?(?P<ways>[a-z_]+(?:\s*[+|]\s*[a-z_]+)*)(?:\s+if\s+(?P<when>.+))?")
_EQUALS = re.compile(r"([a-z_]+)\s*=\s*([^\s|]+(?:\|[^\s|]+)*)")
_IN_IBAN = re.compile(r"([a-z_]+)\s+(not\s+)?in\s+IBAN")


def read_need(line: str, *, where: str, known: dict[str, FieldDef]) -> Need:
    """One line of a checklist, in the grammar at the top of ``categories.toml``; ContentError names ``where`` and the line."""
    found = _NEED.fullmatch(line.strip())
    if found is None:
        raise _wrong(where, line, "it is not a need")
    ways = tuple(tuple(field.strip() for field in way.split("+")) for way in found["ways"].split("|"))
    when = tuple(_condition(part.strip(), where=where, line=line) for part in (found["when"] or "").split("&") if part)
    asked_of = (condition.field for condition in when if condition.field != CHANNEL)
    for field in (*(field for way in ways for field in way), *asked_of):
        if field not in known:
            raise _wrong(where, line, f"there is no field '{field}'")
    return Need(ways, required=not found["optional"], when=when)


def _condition(part: str, *, where: str, line: str) -> Condition:
    if equals := _EQUALS.fullmatch(part):
        return Condition(equals[1], tuple(equals[2].split("|")))
    if listed := _IN_IBAN.fullmatch(part):
        return Condition(listed[1], (IBAN,), not_in=bool(listed[2]))
    raise _wrong(where, line, f"'{part}' is not a condition")


def _wrong(where: str, line: str, why: str) -> ContentError:
    return ContentError(
        f"The checklist of {where} has a line that cannot be read: '{line}': {why}.", "Correct it in categories.toml."
    )


@cache
def _read(name: str) -> dict[str, Any]:
    text = (resources.files(__package__) / name).read_text(encoding="utf-8")
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ContentError(f"{name} cannot be read: {error}.", "Correct the file or reinstall.") from error


def _convert(name: str, table: str, kind: type[_T]) -> _T:
    try:
        return msgspec.convert(_read(name).get(table), kind)
    except msgspec.ValidationError as error:
        raise ContentError(f"{name} has a wrong entry: {error}.", "Correct the file or reinstall.") from error
