"""Reads what is typed into a search: every word on its own, each of which may mean several things."""

from __future__ import annotations

import re
import unicodedata
from datetime import date, datetime
from decimal import Decimal
from typing import Final

import msgspec

from . import moments
from .matter import phone
from .ranges import squeeze
from .wording import fold

_WORDS, _TYPED = 8, 200
"""Words of a search and characters of them that are looked at."""
_SPLIT: Final = re.compile(r"(?:[\s;、]|,(?!\d))+")
_SPOKEN: Final = re.compile(r"(?<![\d+])(\+?86)?[ -]?(1[3-9]\d)[ -](\d{4})[ -](\d{4})(?!\d)")
"""A mobile number as people write it, in three groups."""
_NUMBER: Final = re.compile(r"#?\d{1,12}")
_MONEY: Final = re.compile(r"[¥$€£]?(\d{1,12}|\d{1,3}(?:,\d{3})+)(\.\d{1,4})?(?:元|块钱?|圆|cny|rmb|usd|hkd|eur)?")


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """One word of a search, and what it may stand for; "" and None: it cannot be that.

    ``number`` is the beginning of a ticket's number and ``only`` says that it is nothing else (#); ``digits`` an end or a
    beginning of a telephone number; ``code`` the same of a transaction number; ``handle`` the beginning of an e-mail address
    or handle; ``name`` a part of a name as it is written, ``sound`` its beginning in letters; ``words`` are looked for in what
    was said.
    """

    number: str = ""
    only: bool = False
    digits: str = ""
    code: str = ""
    handle: str = ""
    name: str = ""
    sound: str = ""
    amount: Decimal | None = None
    day: date | None = None
    words: str = ""


def ask(words: str, *, now: datetime) -> tuple[Asked, ...]:
    """What is asked for, word by word; nothing for a query without a letter or digit. ``now`` says which day yesterday is."""
    folded = unicodedata.normalize("NFKC", words[:_TYPED]).casefold()
    folded = _SPOKEN.sub(r" \1\2\3\4", folded)
    found = (_asked(word, now) for word in _SPLIT.split(folded)[: 2 * _WORDS] if word)
    return tuple(asked for asked in found if asked != Asked())[:_WORDS]


def _asked(word: str, now: datetime) -> Asked:
    if word.startswith("#") and _NUMBER.fullmatch(word):
        return Asked(number=word[1:], only=True)
    text = fold(word)
    latin = squeeze(word)
    whole = latin == text.replace(" ", "")
    digits = phone(word) if re.fullmatch(r"\+?[\d()-]+", word) else ""
    money = _MONEY.fullmatch(word)
    moment = moments.read(word, now=now) if re.search(r"\D", word) or len(word) == 8 else None
    return Asked(
        number=word if _NUMBER.fullmatch(word) and len(word) > 2 else "",
        digits=digits if len(digits) >= 4 else "",
        code=latin if whole and len(latin) >= 4 else "",
        handle=word.lstrip("@") if len(word.lstrip("@")) > 1 else "",
        name="" if text.isascii() else text,
        sound=text if text.isascii() and len(text) > 1 else "",
        amount=Decimal(money[1].replace(",", "") + (money[2] or "")) if money else None,
        day=moment.day if moment is not None and moment.clock is None else None,
        words="" if text.isascii() and len(text) < 2 else text,
    )
