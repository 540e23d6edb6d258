"""The few numbers for a screen on the wall, as large as it allows; nobody has to press a key."""

from __future__ import annotations

from typing import ClassVar, NamedTuple

from rich.segment import Segment
from textual.strip import Strip
from textual.widget import Widget

from ...content.interface import t
from ...domain.calls import Formula
from ...domain.wallnumbers import Wall
from ..bigdigits import ROWS, pattern
from ..drilled import doing_words
from ..figures import formula_words
from ..render import fit
from ..rows import span

_ACROSS = 3
_TALL = 27
"""Lines from which on three rows of digits are still as high as they must be."""


class Tile(NamedTuple):
    words: str
    value: str
    late: bool


def tiles(wall: Wall, formula: Formula) -> list[Tile]:
    """Six of them, in reading order. Whole percents: nobody reads a decimal from across the room."""
    level = getattr(wall.calls.service_level, formula)
    lost = wall.calls.abandonment
    more = wall.levers[0].more if wall.levers else None
    waits = "-" if wall.longest_ring_s is None else span(int(wall.longest_ring_s))
    return [
        Tile(t("wall.ringing"), str(wall.ringing), wall.ringing > 0),
        Tile(t("wall.big_waits"), waits, (wall.longest_ring_s or 0) > wall.house.target_s),
        Tile(
            f"{t('wall.level')} {formula_words(wall, formula)}",
            "-" if level is None else f"{int(level * 100)}%",
            level is not None and level < wall.house.goal,
        ),
        Tile(t("wall.overdue"), str(wall.tickets.overdue), wall.tickets.overdue > 0),
        Tile(t("wall.abandonment"), "-" if lost is None else f"{round(lost * 100)}%", False),
        Tile(t("wall.more"), "-" if more is None else f"+{more}" if more else "0", bool(more)),
    ]


def crew_tiles(wall: Wall) -> list[Tile]:
    """Four more: who takes calls and who does not; none where nothing is known of the agents."""
    crew = wall.crew
    if crew is None or not crew.members:
        return []
    counts = crew.counts
    return [
        Tile(doing_words(doing), str(count), False)
        for doing, count in (
            ("available", counts["available"]),
            ("call", counts["call"] + counts["hold"]),
            ("wrapup", counts["wrapup"]),
            ("break", counts["break"]),
        )
    ]


class BigNumbers(Widget):
    """Tiles three by two, and the agents' below: in a row of four, or as a line where there is little height.

    Digits are drawn by the ground of cells, so every terminal draws them alike.
    """

    COMPONENT_CLASSES: ClassVar[set[str]] = {"big--digit", "big--late", "big--words"}

    def __init__(self) -> None:
        super().__init__()
        self.tiles: list[Tile] = []
        self.crew: list[Tile] = []

    def show(self, shown: list[Tile], crew: list[Tile]) -> None:
        if (shown, crew) != (self.tiles, self.crew):
            self.tiles, self.crew = shown, crew
            self.refresh()

    def render_line(self, y: int) -> Strip:
        width, height, base = self.size.width, self.size.height, self.rich_style
        drawn = bool(self.crew) and height >= _TALL
        if self.crew and not drawn:
            if y == height - 1:
                words = "   ".join(f"{tile.words} {tile.value}" for tile in self.crew)
                style = base + self.get_component_rich_style("big--words", partial=True)
                return Strip([Segment(fit("   " + words, width), style)], width)
            height -= 1
        tall = height // (3 if drawn else 2)
        row, inside = divmod(y, max(tall, 1))
        if not self.tiles or row > (2 if drawn else 1):
            return Strip.blank(width, base)
        here = self.crew if row == 2 else self.tiles[row * _ACROSS : (row + 1) * _ACROSS]
        segments: list[Segment] = []
        for tile in here:
            segments += self._tile(tile, inside, width // len(here), tall)
        return Strip(segments).adjust_cell_length(width, base)

    def _tile(self, tile: Tile, y: int, width: int, height: int) -> list[Segment]:
        base = self.rich_style
        words = base + self.get_component_rich_style("big--words", partial=True)
        if y == 0:
            return [Segment(" " * width, base)]
        if y == 1:
            sign = "! " if tile.late else "  "
            return [Segment(fit(" " + sign + tile.words, width), words)]
        lines = pattern(tile.value)
        dots = max(map(len, lines))
        # A cell is about twice as high as wide; where the width is short, digits may be slender but not small.
        tall = max(1, (height - 3) // ROWS)
        wide = max(1, min((width - 4) // dots, 2 * tall))
        tall = min(tall, (wide + 1) // 2)
        at = (y - 3) // tall
        if not 0 <= at < ROWS:
            return [Segment(" " * width, base)]
        drawn = self.get_component_rich_style("big--late" if tile.late else "big--digit")
        found = [Segment("   ", base)]
        found += [Segment(" " * wide, drawn if dot == "#" else base) for dot in lines[at]]
        used = 3 + wide * len(lines[at])
        return [*found, Segment(" " * max(width - used, 0), base)]
