"""Finds whole card numbers, what a card's stripe holds, and a card's expiry beside its number."""

from __future__ import annotations

import re
from typing import Final

from . import codes

_UUID: Final = re.compile(r"\b[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}\b", re.IGNORECASE)
_IBAN: Final = re.compile(r"(?<![A-Z0-9])[A-Z]{2}\d{2}(?: ?[A-Z0-9]){11,30}(?![A-Z0-9])")
_GAP: Final = r"[ \t\u3000\-‐‑–—_·*/]{1,3}"
# Letters right before a number make it an order number, unless they are the very words for a card.
_RUN: Final = re.compile(
    rf"(?<![A-Za-z0-9])(?:(?:card|pan|no|number|%b)\.?)?(\d+(?:{_GAP}\d+)*)(?![A-Za-z]*\d|[A-Za-z])", re.IGNORECASE
)
# Marks that also stand in amounts and lists join only a card's own groups.
_GROUPS: Final = re.compile(
    r"(?<![\d.,])\d{4}(?:(?P<gap>\.{1,3}|,|、|\n|\\"
    r"|\|)\s?\d{4}){2,3}(?:(?P=gap)\s?\d{1,3})?(?![\d.,]\d|\d)"
)
_AMEX: Final = re.compile(r"(?<!\d)3[47]\d{2}[.,、\n ]\d{6}[.,、\n ]\d{5}(?!\d)")
_STAMP: Final = re.compile(r"20\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])(?:[01]\d|2[0-3])[0-5]\d")
_PHONE: Final = re.compile(r"(?:00)?86(?:0?1[3-9]\d{9}|0?[2-9]\d{8,10})")
_NAMED: Final = re.compile(r"(?:(?<!会员)(?<!购物)卡号?|(?<![a-z])(?:card|pan))[^\d\n,，。;；]{0,14}$", re.IGNORECASE)
# ISO/IEC 7813: track 1 starts with %B, track 2 with ; and both are secret whatever their check digit says.
_TRACK: Final = re.compile(
    r"%B\d{12,19}\^[^^?\n]{1,30}\^\d{4}[^?\n]{0,60}\??|;\d{12,19}=\d{4}[\d=]{0,30}\??", re.IGNORECASE
)
_EXPIRY: Final = re.compile(
    r"(?:有效期限?|到期(?:日|时间)?|exp(?:iry|ires?|iration)?(?: date)?|valid (?:thru|until))[\s:是为到至]*"
    r"(\d{1,2}\s?[/\-]\s?(?:20)?\d{2}|(?:20)?\d{2}年\d{1,2}月?|\d{4})(?!\d)",
    re.IGNORECASE,
)

# "4111 1111，然后是 1111 1111": pieces of whole groups with a few words between them that speak of nothing else.
_WORDS_BETWEEN: Final = r"(?:(?![元块笔单号付转扣退充收花年月日时分秒个次万¥$€£%@#:：/])[^\d\n\x00]){1,8}"
_PIECE: Final = rf"\d{{4}}(?:(?:{_GAP})?\d{{4}}){{0,2}}"
_PIECES: Final = re.compile(
    rf"(?<![A-Za-z0-9.])(?=[34569]){_PIECE}(?:{_WORDS_BETWEEN}{_PIECE}){{1,3}}(?:(?:{_GAP})?\d{{1,3}})?(?![A-Za-z0-9])"
)

Span = tuple[int, int]


def cards(plain: str) -> list[Span]:
    """Spans of card numbers, stripes, and the expiry where there is a number with it; ``plain`` has ASCII digits (``disguise``).

    A card number has 13 to 19 digits that pass Luhn (ISO/IEC 7812-1), also in groups; one that starts with 0 or 1, which no bank
    gives out, counts only after a word for a card. Moments, phone numbers, UUIDs and account numbers with right check digits
    are none.
    """
    plain = _UUID.sub(lambda match: "\x00" * len(match[0]), plain)
    plain = _IBAN.sub(lambda m: " " * len(m[0]) if codes.is_iban(m[0].replace(" ", "")) else m[0], plain)
    found: list[Span] = [track.span() for track in _TRACK.finditer(plain)]
    for start, end in found:
        plain = plain[:start] + "\x00" * (end - start) + plain[end:]
    for groups in (*_GROUPS.finditer(plain), *_AMEX.finditer(plain)):
        if _is_card(re.sub(r"\D", "", groups[0]), named=False):
            found.append(groups.span())  # noqa: PERF401 -- two loops read better than a filter over both
    for pieces in _PIECES.finditer(plain):
        digits = re.sub(r"\D", "", pieces[0])
        if 15 <= len(digits) <= 19 and _is_card(digits, named=False):
            found.append(pieces.span())
    for run in _RUN.finditer(plain):
        if sum(map(str.isdigit, run[1])) >= 13:
            found += _in_run(
                plain, [(m.start() + run.start(1), m.end() + run.start(1)) for m in re.finditer(r"\d+", run[1])]
            )
    if found:
        found += [expiry.span(1) for expiry in _EXPIRY.finditer(plain)]
    return found


def _in_run(plain: str, groups: list[Span]) -> list[Span]:
    found: list[Span] = []
    first = 0
    while first < len(groups):
        last = _card_from(plain, groups, first)
        if last is not None:
            found.append((groups[first][0], groups[last][1]))
            first = last
        first += 1
    return found


def _card_from(plain: str, groups: list[Span], first: int) -> int | None:
    """The last group of a card number that starts with group ``first``, None where none does."""
    digits = ""
    start = groups[first][0]
    for last in range(first, len(groups)):
        digits += plain[slice(*groups[last])]
        if len(digits) > 19:
            return None
        if len(digits) >= 13 and _is_card(digits, named=bool(_NAMED.search(plain[max(0, start - 24) : start]))):
            return last
    return None


def _is_card(digits: str, *, named: bool) -> bool:
    if (digits[0] in "01" and not named) or _STAMP.match(digits) or _PHONE.fullmatch(digits):
        return False
    return len(set(digits)) > 1 and codes.luhn(digits)
