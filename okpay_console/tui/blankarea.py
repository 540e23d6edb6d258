"""A text field in which the blanks that are still to be filled stand out."""

from __future__ import annotations

from typing import Any, ClassVar

from rich.style import Style
from textual.geometry import Region
from textual.strip import Strip
from textual.widgets.text_area import Selection, TextAreaTheme

from ..content.interface import t
from ..domain.blanks import unfilled
from .guarded import GuardedArea
from .render import line

_LOOK = "blanks"


def to_fill(text: str) -> str:
    """How many blanks keep a reply from being sent and which is the first; "" for none."""
    blanks = unfilled(text)
    return t("composer.blanks", count=len(blanks), first=line(blanks[0].name)) if blanks else ""


class BlankArea(GuardedArea):
    """Marks ``{客服热线}`` by the colour of warnings and a line under it, as long as its braces are there."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"blank-area--blank"}

    def __init__(self, text: str = "", *, place: str, **looks: Any) -> None:
        super().__init__(text, place=place, **looks)
        # Textual keeps this very dict in every copy of the look, so the style of the theme in use is put into it.
        self._styles: dict[str, Style] = {}
        self.register_theme(TextAreaTheme(_LOOK, syntax_styles=self._styles))
        self.theme = _LOOK

    def pick_blank(self) -> None:
        """Selects the first blank, so that what is typed next takes its place."""
        for row, text in enumerate(self.document.lines):
            for blank in unfilled(text)[:1]:
                self.selection = Selection((row, blank.start), (row, blank.end))
                return

    def _build_highlight_map(self) -> None:
        super()._build_highlight_map()
        for row, text in enumerate(self.document.lines):
            for blank in unfilled(text):
                # Counted in bytes of UTF-8, as the parsers do for which the map was made.
                start, end = (len(text[:place].encode()) for place in (blank.start, blank.end))
                self._highlights[row].append((start, end, "blank"))

    def render_lines(self, crop: Region) -> list[Strip]:
        self._styles["blank"] = self.get_component_rich_style("blank-area--blank", partial=True)
        return super().render_lines(crop)
