"""Texts on their way into a file: cells that no spreadsheet runs, and letters that no terminal obeys.

CSV is for spreadsheets and eyes: marks of reading direction are left out, control characters become spaces, and a cell that a
spreadsheet would take for a formula gets an apostrophe before it (OWASP, "CSV Injection"). That apostrophe is put before every
cell that begins with one, too, so that taking one away always gives the cell back: ``unguarded(guarded(text)) == text``.

JSON lines are exact: the same letters are written as escapes (``\\u202e``), which every reader turns back into what was said.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Final

import msgspec

__all__ = ["BOM", "guarded", "json_line", "neutral", "table_line", "unguarded"]

BOM: Final = "\ufeff"
"""Before the first cell, where a spreadsheet would otherwise take UTF-8 for the system's old encoding."""

_FORMULA: Final = frozenset("=+-@\t\r\n＝＋－＠")
_DIRECTION: Final = "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
_NEUTRAL: Final = re.compile(f"\r(?!\n)|[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029{_DIRECTION}]")
_ESCAPED: Final = re.compile(f"[\x7f-\x9f\u2028\u2029{_DIRECTION}]")
_QUOTED: Final = re.compile('[",\r\n]|^\\s|\\s$')
_MARKS: Final = re.compile(f"[{_DIRECTION}]")


def guarded(text: str) -> str:
    """The text with an apostrophe before it where a spreadsheet could run it, or where it begins with one."""
    first = text[:1]
    if first and (first == "'" or first in _FORMULA or text.lstrip()[:1] in _FORMULA):
        return "'" + text
    return text


def unguarded(text: str) -> str:
    """What ``guarded`` was given."""
    return text.removeprefix("'")


def neutral(text: str) -> str:
    """The text with its lines and tabs, and with nothing else in it that a terminal would obey."""
    return _NEUTRAL.sub(_stand_in, text)


def table_line(values: Iterable[Any]) -> str:
    """One line of CSV (RFC 4180): CRLF at its end, quotation marks doubled, lines within cells kept.

    Lists of texts stand with commas between them, other structures as JSON; nothing is an empty cell, times are RFC 3339.
    """
    cells = [_cell(value) for value in values]
    # One empty cell by itself would be an empty line, which is no record.
    return (",".join(map(_quoted, cells)) if cells != [""] else '""') + "\r\n"


def json_line(record: Mapping[str, Any]) -> str:
    """One document on one line, in which no letter ends the line, moves the cursor or turns the reading direction."""
    text = msgspec.json.encode(record).decode()
    if not text.isascii() or "\x7f" in text:
        text = _ESCAPED.sub(lambda found: f"\\u{ord(found[0]):04x}", text)
    return text + "\n"


def _quoted(cell: str) -> str:
    return '"' + cell.replace('"', '""') + '"' if _QUOTED.search(cell) else cell


def _stand_in(found: re.Match[str]) -> str:
    if found[0] == "\r":
        return "\n"
    return "" if _MARKS.fullmatch(found[0]) else " "


def _cell(value: Any) -> str:
    match value:
        case None:
            return ""
        case str():
            return guarded(neutral(value))
        case bool():
            return "true" if value else "false"
        case datetime():
            return str(msgspec.to_builtins(value))
        case list() | tuple() if all(isinstance(one, str) for one in value):
            return guarded(neutral(",".join(value)))
        case list() | tuple() | dict():
            return neutral(msgspec.json.encode(value).decode())
        case _:
            return str(value)
