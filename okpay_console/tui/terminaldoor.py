"""The last door before the terminal: whatever a widget drew, nothing in it acts on the terminal or changes a row's width."""

from __future__ import annotations

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from textual.color import Color
from textual.filter import LineFilter

from ..domain.harmless import powerless


class TerminalDoor(LineFilter):
    """Takes out what panes clean themselves and text fields cannot: in a field, words stay as they were typed."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """The segments, each as wide as it was, without control characters and unseen ones."""
        text = "".join([segment.text for segment in segments])
        if powerless(text) == text:
            return segments
        return [_harmless(segment) for segment in segments]


def _harmless(segment: Segment) -> Segment:
    text = powerless(segment.text)
    if text == segment.text or segment.control:
        return segment
    return Segment(set_cell_size(text, cell_len(segment.text)), segment.style)
