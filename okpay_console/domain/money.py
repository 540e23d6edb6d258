"""Finds sums of money as they are said: ￥300, 300块, 三百五十块钱, 两块五, 3万, USD 20, 20 dollars."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Final

import msgspec

from . import codes, numerals
from .forms import ALONE, ENDS, IS


class Sum(msgspec.Struct, frozen=True):
    """``amount`` at ``start:end``; ``currency`` ("" where it was not said) at ``mark_start:mark_end``, beside it."""

    amount: str
    start: int
    end: int
    currency: str = ""
    mark_start: int = 0
    mark_end: int = 0


_NUMBER: Final = rf"\d{{1,3}}(?:,\d{{3}})+(?:\.\d+)?|\d+(?:\.\d+)?|[{numerals.CHARACTERS}]+"
_SUM: Final = re.compile(
    rf"(?P<label>(?:金额|一共|总共|总额|amount(?: of)?){IS})?(?:(?P<mark>[¥$€£₩]|{ALONE}[A-Za-z]{{3}}(?![A-Za-z])\$?)[ ]?)?"
    rf"(?<![\d.A-Za-z#第点])(?P<number>{_NUMBER})[ ]?(?P<large>万|千|k(?![A-Za-z]))?[ ]?"
    rf"(?P<after>块(?P<dime>\d|[一二三四五六七八九])毛?(?![\d百千万])|[A-Za-z]{{3,8}}{ENDS}|[㐀-鿿]{{1,5}})?",
    re.IGNORECASE,
)
_MARKS: Final = {"¥": "CNY", "€": "EUR", "£": "GBP", "₩": "KRW", "$": ""}  # dollars are of many countries


def sums(line: str) -> Iterator[Sum]:
    """Every sum of ``line`` that a mark, a unit or a label makes one; a bare number is none."""
    for match in _SUM.finditer(line):
        mark = match["mark"] or ""
        before = _MARKS.get(mark, mark.upper() if mark.upper() in codes.CURRENCIES else None) if mark else None
        unit, after = _unit(match["after"] or "")
        if before is None and unit == "" and not match["label"] and match["large"] != "万":
            continue
        amount = _amount(match["number"], (match["large"] or "").lower(), match["dime"] or "")
        if amount is None:
            continue
        start = match.start("label") if match["label"] else match.start("number")
        end = match.end("large") if match["large"] else match.end("number")
        if match["dime"]:
            yield Sum(amount, start, match.end("after"))
        elif after:
            first = match.start("after")
            if before == after or (before == "" and not match["label"]):
                start = match.start("mark")
            yield Sum(amount, start, end, after, first, first + len(unit))
        elif before and not match["label"]:
            yield Sum(amount, start, end, before, match.start("mark"), match.end("mark"))
        else:
            if before is not None and not match["label"]:
                start = match.start("mark")
            yield Sum(amount, start, match.start("after") + len(unit) if unit else end, before or "")


def _unit(words: str) -> tuple[str, str]:
    """The part of the words after a number that names money, and its currency, "" where many have that name."""
    names = codes.currency_names()
    for length in range(len(words), 0, -1):
        head = words[:length]
        if head.isascii() and length < len(words):
            break
        if head.upper() in codes.CURRENCIES:
            return head, head.upper()
        if head.lower() in names:
            return head, names[head.lower()]
        if re.fullmatch(r"(?:块钱?|[元圆])人民币", head):
            return head, "CNY"
        inner = re.fullmatch(r"(?:块|元)(.+)", head)
        if inner and names.get(inner[1].lower()):
            return head, names[inner[1].lower()]
        if head[0] == "块" and words[1:2] in numerals.DIGITS and length == 1:
            return head, "CNY"
    return "", ""


def _amount(number: str, large: str, dime: str) -> str | None:
    if number[0] in numerals.CHARACTERS:
        whole = numerals.read(number + large) if large in ("", "万", "千") else None
        if not whole:
            return None
        value = Decimal(whole)
    else:
        value = Decimal(number.replace(",", "")) * {"万": 10_000, "千": 1000, "k": 1000}.get(large, 1)
    if dime:
        value += Decimal(numerals.DIGITS.get(dime, 0) or int(dime)) / 10
    return f"{value:f}"
