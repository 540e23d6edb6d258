"""A band across one row of a screen, over what is there: what must be read, whatever else is open."""

from __future__ import annotations

from textual.content import Content
from textual.widget import Widget

from ..render import cut


class AlarmBand(Widget):
    """One line over row ``row``. It takes no focus and moves nothing: the row under it is only hidden."""

    can_focus = False

    def __init__(self, *, row: int) -> None:
        super().__init__(classes="alarm-band")
        self.words = ""
        self.styles.offset = (0, row)
        self.display = False

    def show(self, words: str, *, calm: bool = False) -> None:
        """``calm``: somebody tells something; nothing is late."""
        if words != self.words:
            self.words = words
            self.set_class(calm, "-calm")
            self.display = bool(words)
            self.refresh()

    def render(self) -> Content:
        return Content(cut(f" {'>' if self.has_class('-calm') else '!'} {self.words}", max(self.size.width, 1)))
