"""Digits that can be read across a room: each a pattern of five rows, a dot of it as large as there is room for."""

from __future__ import annotations

from typing import Final

_GLYPHS: Final = {
    "0": "### # # # # # # ###", "1": " #  ##   #   #  ###", "2": "###   # ### #   ###", "3": "###   # ###   # ###",
    "4": "# # # # ###   #   #", "5": "### #   ###   # ###", "6": "### #   ### # # ###", "7": "###   #   #   #   #",
    "8": "### # # ### # # ###", "9": "### # # ###   # ###", "-": "        ###        ", "h": "#   #   ### # # # #",
    "m": "    ### ### # # # #", "s": "     ## #    ## ## ", "d": "  #   # ### # # ###", "%": "# #   #  #  #   # #",
    "+": "     #  ###  #     ", ".": "#", ":": " # # ",
}  # fmt: skip
ROWS: Final = 5


def pattern(text: str) -> list[str]:
    """The text in five lines, ``#`` where a dot is; characters without a pattern are left out."""
    lines = [""] * ROWS
    for character in text:
        glyph = _glyph(character)
        if glyph:
            lines = [f"{line}{' ' if line else ''}{part}" for line, part in zip(lines, glyph, strict=True)]
    return lines


def _glyph(character: str) -> list[str]:
    drawn = _GLYPHS.get(character)
    if drawn is None:
        return []
    if character == ".":
        return [" "] * 4 + ["#"]
    if character == ":":
        return list(drawn)
    return [drawn[at : at + 3].ljust(3) for at in range(0, 20, 4)]
