"""The alarms that are up, in one line under the wall's head: the newest first, each with its number and since when."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

import msgspec
from textual.content import Content
from textual.widget import Widget

from ...content.interface import t
from ..flooralarms import standing, words
from ..render import cut
from ..rows import span
from ..when import local

if TYPE_CHECKING:
    from ...domain.daybook import Line


def since(alarm: Line) -> datetime:
    """When it went up; that it is still up may have been told again later."""
    try:
        told: Any = msgspec.json.decode(alarm.words)
        return msgspec.convert(told["since"], datetime, strict=False)
    except (ValueError, RecursionError, KeyError, TypeError):
        return alarm.at


class WallAlarms(Widget):
    """Takes no room while nothing is up, and no focus ever."""

    can_focus = False

    def __init__(self) -> None:
        super().__init__()
        self.words = ""
        self.display = False
        self._read: Sequence[Line] = ()
        self._up: list[Line] = []

    def show(self, lines: Sequence[Line], as_of: datetime) -> None:
        """``lines``: all that this console knows of the floor; read again only where they are others."""
        if lines is not self._read:
            self._read, self._up = lines, standing(lines, for_agents=False)
        told = [
            t(
                "wall.alarm",
                words=words(one),
                at=local(at).strftime("%H:%M"),
                span=span(max(int((as_of - at).total_seconds()), 0)),
            )
            for one in self._up
            for at in [since(one)]
        ]
        shown = f" ! {t('wall.alarms', count=len(told))}  " + "   ! ".join(told) if told else ""
        if shown != self.words:
            self.words = shown
            self.display = bool(shown)
            self.refresh()

    def render(self) -> Content:
        return Content(cut(self.words, max(self.size.width, 1)))
