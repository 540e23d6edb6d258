"""Texts on their way into a file: cells that no spreadsheet runs, and letters that no terminal obeys.

CSV is for spreadsheets and eyes: characters that act or cannot be seen go by ``harmless.in_cell``, and a cell that a spreadsheet
would take for a formula gets an apostrophe before it (OWASP, "CSV Injection"). So does what stands within a cell after a
semicolon, a tab or a line end, where a spreadsheet that separates by another sign than the comma begins a new cell. That
apostrophe is put before one that stands there already, too, so that taking one away at each such place always gives the cell
back: ``unguarded(guarded(text)) == text``.

JSON lines are exact: the same letters are written as escapes (``\\u202e``), which every reader turns back into what was said.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Final

import msgspec

from .harmless import escaped, in_cell

__all__ = ["BOM", "guarded", "json_line", "table_line", "unguarded"]

BOM: Final = "\ufeff"
"""Before the first cell, where a spreadsheet would otherwise take UTF-8 for the system's old encoding."""

_RISKY: Final = re.compile(r"^(?=['\t\r\n]|\s*[=+\-@＝＋－＠])|(?<=[;\t\r\n])(?='|[^\S\t\r\n]*[=+\-@＝＋－＠])")
_GUARD: Final = re.compile(r"(?:^|(?<=[;\t\r\n]))'")
_QUOTED: Final = re.compile('[",\r\n]|^\\s|\\s$')


def guarded(text: str) -> str:
    """The text with an apostrophe wherever a spreadsheet could run what follows, or where one stands there already."""
    return _RISKY.sub("'", text)


def unguarded(text: str) -> str:
    """What ``guarded`` was given."""
    return _GUARD.sub("", text)


def table_line(values: Iterable[Any]) -> str:
    """One line of CSV (RFC 4180): CRLF at its end, quotation marks doubled, lines within cells kept.

    Lists of texts stand with commas between them, other structures as JSON; nothing is an empty cell, times are RFC 3339.
    """
    cells = [_cell(value) for value in values]
    # One empty cell by itself would be an empty line, which is no record.
    return (",".join(map(_quoted, cells)) if cells != [""] else '""') + "\r\n"


def json_line(record: Mapping[str, Any]) -> str:
    """One document on one line, in which no letter ends the line, moves the cursor or turns the reading direction."""
    return escaped(msgspec.json.encode(record).decode()) + "\n"


def _quoted(cell: str) -> str:
    return '"' + cell.replace('"', '""') + '"' if _QUOTED.search(cell) else cell


def _cell(value: Any) -> str:
    match value:
        case None:
            return ""
        case str():
            return guarded(in_cell(value))
        case bool():
            return "true" if value else "false"
        case datetime():
            return str(msgspec.to_builtins(value))
        case list() | tuple() if all(isinstance(one, str) for one in value):
            return guarded(in_cell(",".join(value)))
        case list() | tuple() | dict():
            # Within JSON a semicolon can be written so that it separates nothing.
            return in_cell(msgspec.json.encode(value).decode().replace(";", "\\u003b"))
        case _:
            return str(value)
