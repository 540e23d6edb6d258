"""The queue on the screen: a virtual list over ``QueueModel`` whose cursor is a ticket, not a place."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from datetime import datetime
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.geometry import Offset, Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from ...content.interface import t
from ...domain.queue import Row
from .. import keys
from ..messages import QueueMoved, TicketOpened
from ..queue_model import QueueModel
from ..render import fit
from ..rows import cells, columns, due_words

FLUSH_SECONDS = 1 / 12
"""Live changes are painted at most this often; what a key asks for is painted at once."""
_CACHE_ROWS = 600
_WHOLE = frozenset({"cursor", "cursor-blurred"})
"""Styles with a ground of their own; the others are laid over the list's."""


class TicketTable(ScrollView, can_focus=True):
    """Lists the model's order. ``now`` and ``pending`` are asked whenever a row is drawn."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "queue--cursor", "queue--cursor-blurred", "queue--late", "queue--soon", "queue--dim", "queue--mine",
        "queue--number", "queue--open", "queue--empty",
    }  # fmt: skip
    BINDINGS = [  # noqa: RUF012 - Textual reads it from the class
        *keys.bindings("queue"),
        ("up", "step(-1)"),
        ("down", "step(1)"),
        ("pageup", "page(-1)"),
        ("pagedown", "page(1)"),
        ("home", "edge(-1)"),
        ("end", "edge(1)"),
        ("ctrl+home", "edge(-1)"),
        ("ctrl+end", "edge(1)"),
    ]

    class Wanted(Message):
        """A key of the queue's own scope that is the screen's to answer."""

        def __init__(self, action: str) -> None:
            super().__init__()
            self.action = action

    def __init__(self, model: QueueModel, *, now: Callable[[], datetime], id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self.model = model
        self.now = now
        self.pending: Callable[[], Collection[str]] = tuple
        self.cursor: str | None = None
        self.opened: str | None = None
        self._dirty: set[str] = set()
        self._flush_due = False
        self._cache: dict[str, tuple[object, Strip]] = {}
        self._roles: dict[str, Style] = {}
        self._waiting: frozenset[str] = frozenset()
        self.lines_painted = 0

    def on_mount(self) -> None:
        if self.cursor is None and self.model.order:
            self.cursor = self.model.order[0]
        self._resized()

    def show_list(self, *, keep: bool = True) -> None:
        """The model's order is another one: lays it out anew, the cursor on the same ticket and, if ``keep``, line."""
        old_line = None
        if keep and self.cursor is not None and self._line_of_cursor is not None:
            old_line = self._line_of_cursor - self.scroll_offset.y
        order = self.model.order
        if self.cursor is None or self.model.position(self.cursor) is None:
            # The ticket is not listed any more: the cursor stays where it was on the screen.
            at = min(max((self._line_of_cursor or 0), 0), len(order) - 1)
            self.cursor = order[at] if keep and order else (order[0] if order else None)
            old_line = None
        self._resized()
        if self.cursor is not None:
            at = self.model.position(self.cursor) or 0
            if old_line is not None:
                self.scroll_to(y=max(at - old_line, 0), animate=False, force=True, immediate=True)
            else:
                self._reveal(at)
            self._line_of_cursor = at
        self.refresh()
        self._tell()

    def changed(self, tickets: Iterable[str]) -> None:
        """Rows of the model changed: those in sight are repainted within ``FLUSH_SECONDS``, the others never."""
        self._dirty.update(tickets)
        if not self._flush_due:
            self._flush_due = True
            self.set_timer(FLUSH_SECONDS, self._flush)

    def tick(self) -> None:
        """Time went by: repaints the visible rows whose words about it are different now."""
        now = self.now()
        top = self.scroll_offset.y
        for y in range(top, min(top + self.size.height, len(self.model.order))):
            ticket = self.model.order[y]
            entry = self._cache.get(ticket)
            if entry is not None and isinstance(entry[0], tuple):
                words = due_words(self.model.rows[ticket], now)
                if entry[0][-1] != words:
                    self._repaint(y)

    def select(self, ticket: str) -> None:
        """Puts the cursor on a ticket of the list; nothing happens where it is not listed."""
        at = self.model.position(ticket)
        if at is not None:
            self._go(at)

    def mark_open(self, ticket: str | None) -> None:
        """Remembers which ticket the case pane shows, and marks its row."""
        before, self.opened = self.opened, ticket
        for moved in (before, ticket):
            at = self.model.position(moved) if moved else None
            if at is not None:
                self._repaint(at)

    # Drawing

    def render_line(self, y: int) -> Strip:
        at = y + self.scroll_offset.y
        width = self.size.width
        self.lines_painted += 1
        order = self.model.order
        if at >= len(order):
            if at == 0 and not order:
                text = t("queue.nothing_found") if self.model.words else t("queue.empty")
                return Strip([Segment(fit(" " + text, width), self._style("empty"))], width)
            return Strip.blank(width, self.rich_style)
        ticket = order[at]
        row = self.model.rows[ticket]
        now = self.now()
        words = due_words(row, now)
        selected = ticket == self.cursor
        state = (
            row, width, selected, selected and self.has_focus, ticket == self.opened, ticket in self._waiting,
            self.model.why.get(ticket), words,
        )  # fmt: skip
        entry = self._cache.get(ticket)
        if entry is not None and self._same(entry[0], state):
            return entry[1]
        strip = self._draw(row, width, selected=selected, now=now)
        if len(self._cache) > _CACHE_ROWS:
            self._cache.clear()
        self._cache[ticket] = (state, strip)
        return strip

    @staticmethod
    def _same(one: object, two: tuple[object, ...]) -> bool:
        return isinstance(one, tuple) and one[0] is two[0] and one[1:] == two[1:]

    def _draw(self, row: Row, width: int, *, selected: bool, now: datetime) -> Strip:
        base = self.rich_style
        if selected:
            base = self._style("cursor" if self.has_focus else "cursor-blurred")
        # The sign is there for those who see no colours: > is the cursor, | the ticket that is open beside.
        mark = ">" if selected else "|" if row.id == self.opened else " "
        segments = [Segment(mark, base + self._style("open") if not selected else base)]
        why, waits = self.model.why.get(row.id), row.id in self._waiting
        for cell in cells(row, columns(width - 1), me=self.model.me, now=now, pending=waits, why=why):
            # On the cursor only the cursor's own colours: two grounds could not both keep their contrast.
            style = base if selected or not cell.role else base + self._style(cell.role)
            segments.append(Segment(cell.text, style))
        return Strip(segments).adjust_cell_length(width, base)

    def _style(self, role: str) -> Style:
        style = self._roles.get(role)
        if style is None:
            style = self._roles[role] = self.get_component_rich_style(f"queue--{role}", partial=role not in _WHOLE)
        return style

    def notify_style_update(self) -> None:
        super().notify_style_update()
        self._cache.clear()
        self._roles.clear()

    def get_content_width(self, container: Size, viewport: Size) -> int:
        return container.width

    # Moving

    _line_of_cursor: int | None = None

    def action_step(self, by: int) -> None:
        self._go((self.model.position(self.cursor) or 0) + by if self.cursor else 0)

    def action_page(self, by: int) -> None:
        self._go((self.model.position(self.cursor) or 0) + by * max(self.size.height - 1, 1) if self.cursor else 0)

    def action_edge(self, by: int) -> None:
        self._go(0 if by < 0 else len(self.model.order) - 1)

    def action_key(self, action: str) -> None:
        if action in ("open", "peek"):
            if self.cursor is not None:
                self.post_message(TicketOpened(self.cursor, stay=action == "peek"))
        else:
            self.post_message(self.Wanted(action))

    def on_click(self, event: events.Click) -> None:
        at = event.y + self.scroll_offset.y
        if 0 <= at < len(self.model.order):
            again = self.model.order[at] == self.cursor
            self._go(at)
            if again and self.cursor is not None:
                self.post_message(TicketOpened(self.cursor))

    def on_focus(self) -> None:
        self._cursor_line_changed()

    def on_blur(self) -> None:
        self._cursor_line_changed()

    def on_resize(self) -> None:
        self._cache.clear()
        self._resized()
        at = self.model.position(self.cursor) if self.cursor else None
        if at is not None:
            self._reveal(at)

    def _go(self, at: int) -> None:
        order = self.model.order
        if not order:
            return
        at = min(max(at, 0), len(order) - 1)
        before = self.model.position(self.cursor) if self.cursor else None
        if at == before:
            return
        self.cursor = order[at]
        self._line_of_cursor = at
        if before is not None:
            self._repaint(before)
        self._repaint(at)
        self._reveal(at)

    def _reveal(self, at: int) -> None:
        top, height = self.scroll_offset.y, max(self.size.height, 1)
        if at < top:
            self.scroll_to(y=at, animate=False, force=True, immediate=True)
        elif at >= top + height:
            self.scroll_to(y=at - height + 1, animate=False, force=True, immediate=True)
        self._place_hardware_cursor(at)

    def _place_hardware_cursor(self, at: int) -> None:
        # Braille displays and screen readers follow the terminal's own cursor.
        if self.has_focus:
            region = self.content_region
            line = min(max(at - self.scroll_offset.y, 0), max(region.height - 1, 0))
            self.app.cursor_position = Offset(region.x, region.y + line)

    def _cursor_line_changed(self) -> None:
        at = self.model.position(self.cursor) if self.cursor else None
        if at is not None:
            self._repaint(at)
            self._place_hardware_cursor(at)

    # Repainting

    def _repaint(self, at: int) -> None:
        y = at - self.scroll_offset.y
        if 0 <= y < self.size.height:
            self.refresh(Region(0, y, self.size.width, 1))

    def _flush(self) -> None:
        self._flush_due = False
        dirty, self._dirty = self._dirty, set()
        waiting = frozenset(self.pending())
        dirty |= waiting ^ self._waiting
        self._waiting = waiting
        for ticket in dirty:
            at = self.model.position(ticket)
            if at is not None:
                self._repaint(at)
        self._tell()

    def _resized(self) -> None:
        size = Size(self.size.width, len(self.model.order))
        if self.virtual_size != size:
            self.virtual_size = size

    def _tell(self) -> None:
        self.post_message(QueueMoved(len(self.model.order), len(self.model.fresh)))
