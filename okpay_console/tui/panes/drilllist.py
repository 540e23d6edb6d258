"""The list behind a number: a cursor, marks, and lines that are laid out only when they come into sight."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import ClassVar

from rich.cells import cell_len
from rich.segment import Segment
from textual import events
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from .. import keys
from ..render import cut

Pieces = Sequence[tuple[str, str]]


class DrillList(ScrollView, can_focus=True):
    """``draw(at, width)`` gives a line's cells; ``marked(at)`` whether a sign stands before it."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "drill--cursor", "drill--late", "drill--soon", "drill--number", "drill--dim", "drill--changed", "drill--mark",
    }  # fmt: skip
    BINDINGS = [  # noqa: RUF012 - Textual reads it from the class
        *keys.bindings("drill"),
        ("up", "move(-1)"),
        ("down", "move(1)"),
        ("pageup", "page(-1)"),
        ("pagedown", "page(1)"),
        ("home", "move(-9999999)"),
        ("end", "move(9999999)"),
    ]

    class Moved(Message):
        """The cursor is on another line."""

    def __init__(self, draw: Callable[[int, int], Pieces], marked: Callable[[int], bool]) -> None:
        super().__init__()
        self._draw, self._marked = draw, marked
        self.count = 0
        self.at = 0

    def show(self, count: int, *, at: int = 0) -> None:
        """So many lines from now on."""
        self.count, self.at = count, min(at, max(count - 1, 0))
        self.virtual_size = self.virtual_size.with_height(count)
        self._reveal()
        self.refresh()

    def lines_changed(self, places: Collection[int]) -> None:
        """These lines look otherwise now; those out of sight cost nothing."""
        top, height = self.scroll_offset.y, max(self.size.height, 1)
        if any(top <= place < top + height for place in places):
            self.refresh()

    def action_move(self, by: int) -> None:
        if self.count:
            self.at = min(max(self.at + by, 0), self.count - 1)
            self._reveal()
            self.refresh()
            self.post_message(self.Moved())

    def action_page(self, by: int) -> None:
        self.action_move(by * max(self.size.height - 1, 1))

    async def action_key(self, action: str) -> None:
        await self.screen.run_action(f"key('{action}')")

    async def on_click(self, event: events.Click) -> None:
        at = event.y - self.styles.padding.top + self.scroll_offset.y
        if 0 <= at < self.count:
            again = at == self.at
            self.action_move(at - self.at)
            if again:
                await self.action_key("follow")

    def _reveal(self) -> None:
        top, height = self.scroll_offset.y, max(self.size.height, 1)
        if self.at < top:
            self.scroll_to(y=self.at, animate=False, force=True, immediate=True)
        elif self.at >= top + height:
            self.scroll_to(y=self.at - height + 1, animate=False, force=True, immediate=True)

    def on_resize(self) -> None:
        self._reveal()

    def render_line(self, y: int) -> Strip:
        at = y + self.scroll_offset.y
        width, base = self.scrollable_content_region.width, self.rich_style
        if at >= self.count:
            return Strip.blank(width, base)
        here = at == self.at
        ground = self.get_component_rich_style("drill--cursor") if here else base
        marked = self._marked(at)
        sign = (">" if here else " ") + ("*" if marked else " ")
        mark = ground if here or not marked else base + self.get_component_rich_style("drill--mark", partial=True)
        segments = [Segment(sign, mark)]
        left = width - 2
        for text, role in self._draw(at, width - 2):
            shown = cut(text, left)
            style = ground
            if role and not here:
                style = base + self.get_component_rich_style(f"drill--{role}", partial=True)
            segments.append(Segment(shown, style))
            left = max(left - cell_len(shown), 0)
        return Strip(segments).adjust_cell_length(width, ground)
