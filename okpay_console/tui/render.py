"""Text made fit for terminal cells: measured, cut, padded, wrapped, and stripped of what could act on the terminal."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Final

from rich.cells import cell_len, get_character_cell_size

from ..domain.harmless import on_screen

# Terminals disagree about the width of these, so that a row after one of them would not line up.
_EMOJI: Final = re.compile("[\u231a\u231b\u23e9-\u23f3\u2600-\u27bf\u2b05-\u2b55\U0001f000-\U0001faff]+")
# Ambiguous width (UAX #11): one cell here and two in a terminal set up for Chinese.
_AMBIGUOUS: Final = str.maketrans(
    {
        "“": '"',
        "”": '"',
        "‘": "'",
        "’": "'",
        "…": "..",
        "—": "-",
        "–": "-",
        "·": ".",
        "→": ">",
        "×": "x",
        "①": "1",
        "②": "2",
    }
)
_NOT_FIRST: Final = frozenset("，。、；：？！）》】」』”’,.;:?!)]}%…")
_WORD: Final = re.compile(r"[A-Za-z0-9@._+\-/#'&=*]+|\s+|.", re.DOTALL)
_LAST_WORD: Final = re.compile(r"[A-Za-z0-9@._+\-/#'&=*]+\Z")


def clean(text: str, *, emoji: str = "[?]") -> str:
    """``text`` without power over the terminal, line breaks kept (``domain.harmless``).

    Emoji become ``emoji``, since terminals do not agree how wide they are.
    """
    if text.isascii() and text.isprintable():
        return text
    return _EMOJI.sub(emoji, on_screen(text))


def line(text: str, *, emoji: str = "[?]") -> str:
    """``clean`` text on one line, with punctuation of one certain width: what a row of a table shows."""
    return " ".join(clean(text, emoji=emoji).translate(_AMBIGUOUS).split())


def cut(text: str, width: int) -> str:
    """At most ``width`` cells of ``text``; ``~`` says that there is more. A wide character is never halved."""
    if cell_len(text) <= width:
        return text
    if width <= 0:
        return ""
    kept: list[str] = []
    room = width - 1
    for character in text:
        room -= get_character_cell_size(character)
        if room < 0:
            break
        kept.append(character)
    return "".join(kept) + "~"


def fit(text: str, width: int, *, right: bool = False) -> str:
    """Exactly ``width`` cells: cut where it is longer, padded where it is shorter (on the left if ``right``)."""
    text = cut(text, width)
    pad = " " * (width - cell_len(text))
    return pad + text if right else text + pad


def wrap(text: str, width: int) -> list[str]:
    """``text`` in lines of at most ``width`` cells; at least one line.

    Latin words stay whole where they fit. A closing mark does not begin a line: it takes what stands before it along
    (the rule of Chinese typesetting, GB/T 15834).
    """
    width = max(width, 2)
    lines: list[str] = []
    for paragraph in text.split("\n"):
        lines.extend(_wrap(paragraph, width))
    return lines


def _wrap(paragraph: str, width: int) -> list[str]:
    lines: list[str] = []
    current, used = "", 0
    for piece in _WORD.findall(paragraph):
        size = cell_len(piece)
        if used + size > width:
            if piece.isspace():
                lines.append(current)
                current, used = "", 0
                continue
            if piece in _NOT_FIRST and len(current) > 1:
                word = _LAST_WORD.search(current)
                moved = word[0] if word and word.start() and cell_len(word[0]) + size <= width else current[-1]
                lines.append(current[: -len(moved)].rstrip())
                current, used = moved, cell_len(moved)
            elif current:
                lines.append(current.rstrip())
                current, used = "", 0
            if size > width:
                *whole, piece = _broken(piece, width)  # noqa: PLW2901 - what is left of a word that is wider than the line
                lines += whole
                size = cell_len(piece)
        current += piece
        used += size
    lines.append(current)
    return lines


def _broken(word: str, width: int) -> list[str]:
    """A word that is wider than a line, in pieces that are not."""
    begins, used = [0], 0
    for index, character in enumerate(word):
        size = get_character_cell_size(character)
        if used + size > width:
            begins.append(index)
            used = 0
        used += size
    return [word[start:end] for start, end in pairwise([*begins, len(word)])]
