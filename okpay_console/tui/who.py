"""One line about who is on the line, taken apart: number, e-mail, transaction number and name, in any order."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from typing import Final

import msgspec

from ..content.interface import t
from ..domain.ticket import Caller
from .house import Verdict

_EMAIL: Final = re.compile(r"[^\s,;、]+@[^\s,;、]*")
# Letters and digits together, long enough for a transaction number (``fields``); a name has no digits.
_TXN: Final = re.compile(r"(?<![0-9A-Za-z])(?=[A-Za-z]*\d)(?=\d*[A-Za-z])[0-9A-Za-z]{10,64}(?![0-9A-Za-z])")
# Grouped as people say it; two of them with a space between are two.
_MOBILE: Final = re.compile(r"(?<!\d)(?:\+?86[ -]?)?1\d{2}[ -]?\d{4}[ -]?\d{4}(?!\d)")
_NUMBER: Final = re.compile(r"\+?\d(?:[ -]?\d)*")
_MOBILE_DIGITS: Final = 15
"""ITU-T E.164: no telephone number is longer; a longer row of digits is a transaction."""
_LONG: Final = 7
"""Digits that are no part of a name."""


class Who(msgspec.Struct, frozen=True):
    """What the line says. ``note`` is what stands against it ("" for nothing) and ``ok`` whether a case can be made of it."""

    caller: Caller = Caller()
    txn_no: str = ""
    ok: bool = True
    note: str = ""


def read(text: str, *, check: Callable[[str, str], Verdict]) -> Who:
    """Takes the line apart; ``check`` judges (field, text) as the house does and gives the value to keep.

    What is neither an address nor a number is the name, with nothing left out.
    """
    rest = unicodedata.normalize("NFKC", text).replace("、", " ")
    values: dict[str, str] = {}
    notes: list[str] = []

    def take(field: str, found: re.Match[str] | None) -> None:
        nonlocal rest
        if found is None or field in values:
            return
        rest = f"{rest[: found.start()]} {rest[found.end() :]}"
        verdict = check(field, found[0])
        values[field] = verdict.value
        if not verdict.ok:
            notes.append(verdict.note)

    take("email", _EMAIL.search(rest))
    take("txn_no", _TXN.search(rest))
    take("mobile", _MOBILE.search(rest))
    for found in reversed(list(_NUMBER.finditer(rest))):
        digits = sum(character.isdigit() for character in found[0])
        take("txn_no" if digits > _MOBILE_DIGITS else "mobile", found)
    if any(len(found[0]) >= _LONG for found in _NUMBER.finditer(rest)):
        notes.append(t("opening.one_number"))
    name = " ".join(re.sub(r"[,;]", " ", rest).split())
    caller = Caller(name=name, mobile=values.get("mobile", ""), email=values.get("email", ""))
    return Who(caller, values.get("txn_no", ""), ok=not notes, note=notes[0] if notes else "")
