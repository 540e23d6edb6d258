"""The list of the wall's numbers; the cursor is on one, and its tickets are one key away."""

from __future__ import annotations

from typing import ClassVar

from rich.cells import cell_len
from rich.segment import Segment
from textual import events
from textual.scroll_view import ScrollView
from textual.strip import Strip

from .. import keys
from ..figures import Figure
from ..render import cut, fit

_VALUE = 8


class Board(ScrollView, can_focus=True):
    """The figures as lines; ``figures`` are those shown, and a heading among them has no value."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"board--cursor", "board--head", "board--late", "board--dim"}
    BINDINGS = [  # noqa: RUF012 - Textual reads it from the class
        *keys.bindings("wall"),
        ("up,left", "move(-1)"),
        ("down,right", "move(1)"),
        ("pageup", "move(-8)"),
        ("pagedown", "move(8)"),
        ("home", "move(-999)"),
        ("end", "move(999)"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self.figures: list[Figure] = []
        self.at = 0

    @property
    def chosen(self) -> Figure | None:
        """The figure under the cursor, None where it has nothing behind it."""
        found = self.figures[self.at] if self.at < len(self.figures) else None
        return found if found is not None and found.measure else None

    def show(self, listed: list[Figure]) -> bool:
        """Shows these, and says whether anything is different; the cursor stays on its number."""
        if listed == self.figures:
            return False
        here = _name(self.figures[self.at]) if self.figures else None
        self.figures = listed
        first = next((at for at, figure in enumerate(listed) if figure.measure), 0)
        self.at = next((at for at, figure in enumerate(listed) if figure.measure and _name(figure) == here), first)
        self.virtual_size = self.virtual_size.with_height(len(listed))
        self.refresh()
        return True

    def action_move(self, by: int) -> None:
        last = len(self.figures) - 1
        begin, step = min(max(self.at + by, 0), last), 1 if by > 0 else -1
        # Above the first number and below the last one stand lines with nothing behind them: there the way leads back.
        ways = (*range(begin, last + 1 if step > 0 else -1, step), *range(begin, self.at, -step))
        found = next((at for at in ways if self.figures and self.figures[at].measure), None)
        if found is not None:
            self.at = found
            at, top, height = self.at, self.scroll_offset.y, max(self.size.height, 1)
            # A heading above the first number comes into sight with it.
            if at - 1 < top or at >= top + height:
                self.scroll_to(y=max(at - height // 2, 0), animate=False, force=True, immediate=True)
            self.refresh()

    async def on_click(self, event: events.Click) -> None:
        at = event.y - self.styles.padding.top + self.scroll_offset.y
        if 0 <= at < len(self.figures) and self.figures[at].measure:
            again = at == self.at
            self.at = at
            self.refresh()
            if again:
                await self.action_key("drill")

    async def action_key(self, action: str) -> None:
        await self.screen.run_action(f"key('{action}')")

    def render_line(self, y: int) -> Strip:
        at = y + self.scroll_offset.y
        width, base = self.scrollable_content_region.width, self.rich_style
        if at >= len(self.figures):
            return Strip.blank(width, base)
        figure = self.figures[at]
        if not figure.value:
            head = base + self.get_component_rich_style("board--head", partial=True)
            return Strip([Segment(fit(figure.words, width), head)], width)
        here = at == self.at
        words = 24 if width >= 80 else 14
        style = base
        if here:
            style = self.get_component_rich_style("board--cursor")
        elif figure.late:
            style = base + self.get_component_rich_style("board--late", partial=True)
        dim = style if here else base + self.get_component_rich_style("board--dim", partial=True)
        sign = (">" if here else " ") + ("!" if figure.late else " ")
        text = f"{sign}{fit(figure.words, words)}{fit(figure.value, _VALUE, right=True)}  "
        room = max(width - words - _VALUE - 4, 0)
        cells = max(min(room // 3, 16), 0) if figure.share is not None and room >= 36 else 0
        if room - cells - 2 < cell_len(figure.note):
            cells = 0  # the words before the bar, and no bar on another scale than its neighbours'
        drawn = "=" * max(round(cells * (figure.share or 0)), 1 if figure.share else 0)
        bar = drawn.ljust(cells) + "  " if cells else ""
        note = cut(figure.note, room - len(bar))
        return Strip([Segment(text, style), Segment(bar + note, dim)]).adjust_cell_length(
            width, style if here else base
        )


def _name(figure: Figure) -> tuple[str, ...]:
    return figure.measure, figure.group, figure.key, figure.words
