"""Finds the pieces of a spoken line that look like details: numbers, moments, money, codes, names of things."""

# ruff: noqa: SIM905 -- a list of words reads as words

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Final

import msgspec

from . import choices, codes
from .forms import AFTER_MONEY, ALONE, BEFORE_MONEY, ENDS, IS, Form
from .money import sums


class Piece(msgspec.Struct, frozen=True):
    """A detail at ``line[start:end]``, its label included: ``text`` is what a check is given.

    ``fields`` are those that it may belong to, likeliest first. ``weak``: the form alone says little, so it counts only for a
    field that is asked for.
    """

    fields: tuple[str, ...]
    text: str
    start: int
    end: int
    weak: bool = False


_IBAN: Final = re.compile(
    rf"(?P<label>iban(?:账号|号)?{IS}|账号{IS})?{ALONE}(?P<v>[A-Za-z]{{2}}\d{{2}})", re.IGNORECASE
)
_QUOTES: Final = '“”"‘’「」'


def pieces(line: str) -> list[Piece]:
    """Every piece of ``line`` (full-width characters already narrowed), none of them overlapping, in the order of the line."""
    found: list[Piece] = []
    rest = _take(line, _matches(line, BEFORE_MONEY[0]), found)
    rest = _take(rest, _ibans(rest), found)
    for form in BEFORE_MONEY[1:]:
        rest = _take(rest, _matches(rest, form), found)
    rest = _take(rest, _money(rest), found)
    rest = _take(rest, _spelt(rest), found)
    for form in AFTER_MONEY:
        # Two capitalised words may be a payee, or United Kingdom: a country's name is left for the countries.
        rest = _take(rest, (one for one in _matches(rest, form) if not _is_country(one)), found)
    for field in ("currency", "dest_country"):
        rest = _take(rest, _names(rest, field), found)
    return sorted(found, key=lambda piece: piece.start)


def _take(rest: str, fresh: Iterable[Piece], found: list[Piece]) -> str:
    """The line without the fresh pieces; the list of what was found grows by them."""
    for piece in fresh:
        found.append(piece)
        rest = rest[: piece.start] + "\x00" * (piece.end - piece.start) + rest[piece.end :]
    return rest


def _matches(rest: str, form: Form) -> Iterator[Piece]:
    for match in form.pattern.finditer(rest):
        value = match["v"].strip().strip(_QUOTES)
        if form.fields == ("bic",):
            value = re.sub(r"^(?:代码|码|code)\s*", "", value, flags=re.IGNORECASE)
        shift = len(match[0]) - len(match[0].lstrip(" :=#,"))
        end = match.start() + len(match[0].rstrip())
        if value and match.start() + shift < end and "\x00" not in match[0]:
            yield Piece(form.fields, value, match.start() + shift, end, form.weak)


def _ibans(rest: str) -> Iterator[Piece]:
    """An account number is as long as its country says, so the words after it are not swallowed."""
    done = 0
    for match in _IBAN.finditer(rest):
        length = codes.iban_length(match["v"].upper()[:2])
        place, count = match.start("v"), 0
        while place < len(rest) and count < length and re.match(r"[A-Za-z0-9 \-]", rest[place]):
            count += rest[place].isalnum()
            place += 1
        if match.start() < done or count < length or not length or re.match("[A-Za-z0-9]", rest[place:]):
            continue
        account = rest[match.start("v") : place]
        if match["label"] or codes.is_iban(re.sub(r"[ \-]", "", account).upper()):
            yield Piece(("iban",), account, match.start(), place)
            done = place


def _money(rest: str) -> Iterator[Piece]:
    for one in sums(rest):
        yield Piece(("amount",), one.amount, one.start, one.end)
        if one.currency and one.mark_end > one.mark_start:
            yield Piece(("currency",), one.currency, one.mark_start, one.mark_end)


@cache
def _firsts(field: str) -> tuple[dict[str, str], frozenset[str], int]:
    names = codes.currency_names() if field == "currency" else codes.country_names()
    spoken = {name: code for name, code in names.items() if code and len(name) > 1}
    return spoken, frozenset(name[0] for name in spoken), max(map(len, spoken))


def _names(rest: str, field: str) -> Iterator[Piece]:
    """The longest names of countries or currencies, and codes where they stand alone in capitals."""
    names, firsts, longest = _firsts(field)
    low = rest.lower()
    place = 0
    while place < len(low):
        step = 1
        if low[place] in firsts and not _inside(low, place):
            for length in range(min(longest, len(low) - place), 1, -1):
                if low[place : place + length] in names and not _inside(low, place + length):
                    yield Piece((field,), rest[place : place + length], place, place + length, weak=True)
                    step = length
                    break
        place += step
    known, size = (codes.CURRENCIES, 3) if field == "currency" else (codes.countries(), 2)
    for match in re.finditer(rf"{ALONE}[A-Z]{{{size}}}{ENDS}", rest):
        if match[0] in known and match[0].lower() not in names:
            yield Piece((field,), match[0], match.start(), match.end(), weak=True)


def _is_country(piece: Piece) -> bool:
    return "counterparty" in piece.fields and piece.text.lower() in codes.country_names()


def _inside(low: str, place: int) -> bool:
    """Whether ``place`` lies between two Latin letters, so inside a word."""
    around = low[max(0, place - 1) : place + 1]
    return place > 0 and len(around) == 2 and around.isascii() and around.isalpha()


# One character, or a word that answers any question, says nothing amid a sentence.
_ANY_QUESTION: Final = frozenset(
    """
    yes no true false other unknown none app always once y n 其他 未知 不清楚 没有 无需 不需要 说明 授权 合规 一次
    会话
    """.split()
)


@cache
def _spellings() -> tuple[dict[str, tuple[str, ...]], re.Pattern[str]]:
    table: dict[str, list[str]] = {}
    for field, listed in choices.CHOICES.items():
        if field in ("id_check", "consent_rec"):
            continue  # what the agent finds and asks, never what the caller lets drop
        for choice in listed:
            for word in (choice.code, choice.zh, choice.en, *choice.also):
                if len(word) >= 2 and word.lower() not in _ANY_QUESTION:
                    table.setdefault(word.lower(), []).append(field)
    words = sorted(table, key=len, reverse=True)
    pattern = "|".join(
        rf"{ALONE}{re.escape(word)}{ENDS}"
        if word.isascii()
        else rf"(?<![没不未别无])(?<!没有)(?<!没能)"
        rf"(?<!不是){re.escape(word)}"
        for word in words
    )
    return {word: tuple(dict.fromkeys(fields)) for word, fields in table.items()}, re.compile(pattern, re.IGNORECASE)


def _spelt(rest: str) -> Iterator[Piece]:
    table, pattern = _spellings()
    for match in pattern.finditer(rest):
        yield Piece(table[match[0].lower()], match[0], match.start(), match.end(), weak=True)
