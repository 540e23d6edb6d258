"""Curves of one dot a value, in Braille: four dots to a row of cells, of one certain width in every terminal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

_LEFT: Final = (0x40, 0x04, 0x02, 0x01)
_RIGHT: Final = (0x80, 0x20, 0x10, 0x08)
"""The bits of the two columns of dots, from the bottom to the top."""


def bars(
    values: Sequence[float | None], most: float, *, rows: int, dots: Sequence[float | None] = (), wide: bool = False
) -> list[str]:
    """Lines from the top: each value a column from the bottom, each of ``dots`` a single dot at its height.

    A value of None draws nothing, one above 0 at least a dot; ``wide`` takes a whole cell for a value. The most is ``most``.
    """
    high = rows * 4
    filled = [_dots(value, most, high) for value in values]
    points = [_dots(value, most, high) for value in dots] + [0] * len(values)
    columns = [
        (1 << reach) - 1 | (1 << point - 1 if point else 0) for reach, point in zip(filled, points, strict=False)
    ]
    if wide:
        columns = [column for column in columns for _ in (0, 1)]
    columns += [0] * (len(columns) % 2)
    lines = []
    for row in reversed(range(rows)):
        cells = []
        for left, right in zip(columns[::2], columns[1::2], strict=True):
            bits = sum(bit for at, bit in enumerate(_LEFT) if left >> row * 4 + at & 1)
            bits += sum(bit for at, bit in enumerate(_RIGHT) if right >> row * 4 + at & 1)
            cells.append(chr(0x2800 + bits))
        lines.append("".join(cells))
    return lines


def _dots(value: float | None, most: float, high: int) -> int:
    if not value or most <= 0:
        return 0
    return min(high, max(1, round(value / most * high)))
