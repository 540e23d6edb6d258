"""Text made fit for terminal cells: measured, cut, padded, wrapped, and stripped of what could act on the terminal."""

from __future__ import annotations

import re
from typing import Final

from rich.cells import cell_len, get_character_cell_size

# C0, DEL and C1 would act on the terminal; the rest reorders or hides text (bidi, zero width, variation selectors, tags).
_CONTROL: Final = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_HIDDEN: Final = re.compile(
    "[\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff\U000e0000-\U000e01ef]"
)
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
    """``text`` without power over the terminal, line breaks kept: controls as ``^[``, hidden characters gone.

    Emoji become ``emoji``, since terminals do not agree how wide they are.
    """
    if text.isascii() and text.isprintable():
        return text
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", "  ")
    text = _HIDDEN.sub("", text)
    text = _EMOJI.sub(emoji, text)
    return _CONTROL.sub(_caret, text)


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
            while size > width:
                head = _head(piece, width)
                lines.append(head)
                piece = piece[len(head) :]  # noqa: PLW2901 - what is left of a word that is wider than the line
                size = cell_len(piece)
        current += piece
        used += size
    lines.append(current)
    return lines


def _head(text: str, width: int) -> str:
    room = width
    for index, character in enumerate(text):
        room -= get_character_cell_size(character)
        if room < 0:
            return text[: max(index, 1)]
    return text


def _caret(match: re.Match[str]) -> str:
    code = ord(match[0])
    return "^" + chr(code ^ 0x40) if code < 0x80 else "^?"
