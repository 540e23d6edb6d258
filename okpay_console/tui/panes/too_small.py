"""What a terminal shows in which the desk does not fit."""

from __future__ import annotations

from textual.widget import Widget

from ...content.interface import t

SMALLEST = (80, 24)
"""Columns and rows that the desk needs."""


class TooSmall(Widget):
    """Says how large the terminal is, how large it must be, and that nothing is lost."""

    def render(self) -> str:
        width, height = SMALLEST
        size = self.app.size
        return t("small.sentence", width=width, height=height, now=f"{size.width}x{size.height}")
