"""A list of coloured lines with a cursor, drawn one by one."""

from __future__ import annotations

from typing import ClassVar

from rich.cells import cell_len
from rich.segment import Segment
from textual.geometry import Size
from textual.scroll_view import ScrollView
from textual.strip import Strip

from .render import cut

Line = tuple[tuple[str, str], ...]
"""Pieces from left to right: text fit for the terminal, and the role that gives it a colour ("" for none)."""


class LineList(ScrollView):
    """Shows lines that are laid out already; the cursor may stand on several of them at once."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "lines--cursor", "lines--head", "lines--missing", "lines--note", "lines--dim", "lines--done",
    }  # fmt: skip

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self.lines: list[Line] = []
        self.cursor: int | None = None
        self.tall = 1

    def show(self, lines: list[Line], cursor: int | None, *, tall: int = 1, reveal: bool = True) -> None:
        """Shows these lines, the cursor on ``tall`` of them; ``reveal`` brings it into sight."""
        self.lines, self.cursor, self.tall = lines, cursor, tall
        self.virtual_size = Size(self.scrollable_content_region.width, len(lines))
        if reveal:
            self.reveal()
        self.refresh()

    @property
    def in_sight(self) -> bool:
        """Whether the line that the cursor begins on can be seen."""
        top = self.scroll_offset.y
        return self.cursor is None or top <= self.cursor < top + max(self.size.height, 1)

    def reveal(self) -> None:
        """Scrolls no further than it must; of a cursor taller than the list its beginning is seen."""
        if self.cursor is None:
            return
        top, height = self.scroll_offset.y, max(self.size.height, 1)
        end = self.cursor + min(self.tall, height)
        if self.cursor < top:
            self.to_line(self.cursor)
        elif end > top + height:
            self.to_line(end - height)

    def to_line(self, top: int) -> None:
        """The line that is to stand at the top, as far as there are lines below it."""
        self.scroll_to(y=max(top, 0), animate=False, force=True, immediate=True)

    def render_line(self, y: int) -> Strip:
        at = y + self.scroll_offset.y
        width, base = self.size.width, self.rich_style
        if at >= len(self.lines):
            return Strip.blank(width, base)
        here = self.cursor is not None and self.cursor <= at < self.cursor + self.tall
        ground = self.get_component_rich_style("lines--cursor") if here else base
        segments: list[Segment] = []
        left = width
        for text, role in self.lines[at]:
            shown = cut(text, left)
            left -= cell_len(shown)
            own = role and not here
            style = base + self.get_component_rich_style(f"lines--{role}", partial=True) if own else ground
            segments.append(Segment(shown, style))
        segments.append(Segment(" " * left, ground))
        return Strip(segments, width)
