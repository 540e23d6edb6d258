"""A choice in one line of a form: all options in sight, digits and arrows choose."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from rich.cells import cell_len
from textual import events
from textual.binding import BindingType
from textual.content import Content
from textual.geometry import Size
from textual.message import Message
from textual.widget import Widget

from ..render import line


class Pick(Widget, can_focus=True):
    """Options (code, words) in as many lines as they need; the chosen one stands in brackets, Enter goes on.

    ``on_digit``: the digit of an option goes on as well.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        ("left,up", "move(-1)"),
        ("right,down", "move(1)"),
        ("enter", "done"),
        *[(str(digit), f"digit({digit})") for digit in range(1, 10)],
        ("0,delete,backspace", "digit(0)"),
    ]

    class Done(Message):
        """The choice stands; on to the next line of the form."""

        def __init__(self, pick: Pick) -> None:
            super().__init__()
            self.pick = pick

    def __init__(
        self,
        options: Sequence[tuple[str, str]],
        *,
        code: str = "",
        on_digit: bool = False,
        id: str | None = None,  # noqa: A002
    ) -> None:
        super().__init__(id=id)
        self.on_digit = on_digit
        self.options = [(key, line(words)) for key, words in options]
        self.code = code

    def _laid(self, width: int) -> list[list[tuple[str, str]]]:
        """The options in lines of at most ``width`` cells: (text, code)."""
        lines: list[list[tuple[str, str]]] = [[]]
        used = 0
        for number, (code, words) in enumerate(self.options, 1):
            text = f"[{number} {words}]" if code == self.code else f" {number} {words} "
            if lines[-1] and used + cell_len(text) > width:
                lines.append([])
                used = 0
            lines[-1].append((text, code))
            used += cell_len(text)
        return lines

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        return len(self._laid(width))

    def render(self) -> Content:
        parts: list[tuple[str, str]] = []
        for number, row in enumerate(self._laid(self.size.width)):
            parts += [("\n", "")] if number else []
            parts += [(text, "bold $primary" if code == self.code else "") for text, code in row]
        return Content.assemble(*parts)

    def choose(self, code: str) -> None:
        self.code = code
        self.refresh()

    def action_move(self, by: int) -> None:
        codes = [code for code, _ in self.options]
        at = codes.index(self.code) + by if self.code in codes else 0
        self.choose(codes[min(max(at, 0), len(codes) - 1)])

    def action_digit(self, digit: int) -> None:
        if digit <= len(self.options):
            self.choose(self.options[digit - 1][0] if digit else "")
            if digit and self.on_digit:
                self.action_done()

    def action_done(self) -> None:
        self.post_message(self.Done(self))

    def on_click(self, event: events.Click) -> None:
        rows = self._laid(self.size.width)
        used = 0
        for text, code in rows[event.y] if 0 <= event.y < len(rows) else ():
            if used <= event.x < used + cell_len(text):
                self.choose(code)
            used += cell_len(text)
