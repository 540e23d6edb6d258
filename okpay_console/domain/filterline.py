"""A line of conditions cut into pieces: fields, values, words and quotes with their places; signs have full-width twins."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

from .. import errors

TWINS: Final = str.maketrans("＝，！－　", "=,!- ")
QUOTES: Final = {'"': '"', "“": "”", "”": "”", "「": "」", "＂": "＂"}


class Piece(NamedTuple):
    """A part of the line between spaces: ``at`` counts from 1; ``field`` and ``no`` are "" and False where it has none."""

    at: int
    text: str
    field: str
    values: tuple[str, ...]
    no: bool
    quoted: bool


def pieces(text: str) -> Iterator[Piece]:
    """The line cut at spaces that stand in no quotes."""
    plain = text.translate(TWINS)
    at, end = 0, len(plain)
    while at < end:
        if plain[at].isspace():
            at += 1
            continue
        begin, no = at, False
        if plain[at] == "-" and at + 1 < end and not plain[at + 1].isspace():
            no, at = True, at + 1
        if text[at] in QUOTES:
            word, at = _unquoted(text, at)
            yield Piece(begin + 1, word, "", (), no, quoted=True)
            continue
        stop = at
        while stop < end and not plain[stop].isspace() and plain[stop] != "=":
            stop += 1
        if stop in (end, at) or plain[stop] != "=":
            while stop < end and not plain[stop].isspace():
                stop += 1
            yield Piece(begin + 1, text[at:stop], "", (), no, quoted=False)
            at = stop
            continue
        field = plain[at:stop]
        if field.endswith("!"):
            field, no = field[:-1], not no
        values, at = _values(text, plain, stop + 1)
        yield Piece(begin + 1, text[begin:at], field, values, no, quoted=False)


def _values(text: str, plain: str, at: int) -> tuple[tuple[str, ...], int]:
    """The values from ``at`` on, and where they end."""
    values = []
    while True:
        if at < len(text) and text[at] in QUOTES:
            value, at = _unquoted(text, at)
        else:
            stop = at
            while stop < len(plain) and not plain[stop].isspace() and plain[stop] not in ",、":
                stop += 1
            value, at = text[at:stop], stop
        values.append(value)
        if at < len(plain) and plain[at] in ",、":
            at += 1
            continue
        return tuple(values), at


def _unquoted(text: str, at: int) -> tuple[str, int]:
    """The words between the quotes that open at ``at``, and the place behind them; a doubled closing quote is one of the words."""
    close, place = QUOTES[text[at]], at + 1
    found: list[str] = []
    while place < len(text):
        if text[place] == close:
            if text[place : place + 2] != close * 2:
                if not found:
                    raise errors.FilterError(
                        f"Nothing stands in the quotes at letter {at + 1}.", code="filter-quote", at=at + 1
                    )
                return "".join(found), place + 1
            place += 1
        found.append(text[place])
        place += 1
    raise errors.FilterError(f"The quotes at letter {at + 1} are not closed.", code="filter-quote", at=at + 1)
