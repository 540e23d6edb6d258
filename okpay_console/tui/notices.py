"""Notices from those who lead: announced in a line that takes no key, opened by one, and acknowledged one by one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from ..content.interface import t
from ..domain.veil import veil
from ..errors import OkpayError
from . import flooralarms
from .failures import explain
from .render import cut, line
from .when import local, told

if TYPE_CHECKING:
    from ..domain.daybook import Line
    from .screens.desk import DeskScreen

_EXCERPT = 200
"""Letters of a notice that a line may need; what no row can show is not masked and measured at every look."""


class Notice(NamedTuple):
    """A notice and whether it has been acknowledged."""

    line: Line
    read: bool


def notices(lines: Iterable[Line], me: str, *, now: datetime) -> list[Notice]:
    """Those not acknowledged yet, the oldest first, and then those of today that were, the newest first."""
    lines = list(lines)
    read = {one.what for one in lines if one.kind == "read" and one.by == me}
    mine = [
        one
        for one in lines
        if one.kind == "notice" and one.by != me and (one.about == me or (one.queue and not one.about))
    ]
    mine.sort(key=lambda one: one.at)
    today = local(now).date()
    unread = [Notice(one, read=False) for one in mine if one.uuid not in read]
    return unread + [
        Notice(one, read=True) for one in reversed(mine) if one.uuid in read and local(one.at).date() == today
    ]


class Notices:
    """What the daybook holds for this agent, and alarms of the floor; looked at only where it has changed."""

    def __init__(self, screen: DeskScreen) -> None:
        self.screen = screen
        self.unread: list[Notice] = []
        self._open = False
        self._lines: Sequence[Line] = ()

    def look(self) -> None:
        """Reads what is new; the band and the status line say it."""
        desk = self.screen.desk
        if desk is None:
            return
        lines = desk.daybook()
        if lines is self._lines:
            return
        self._lines = lines
        self.unread = [one for one in self.listed() if not one.read]
        raised = flooralarms.standing(lines)
        if not raised:
            self.screen.status_line.floor = ("", "")
        else:
            more = t("floor.more", count=len(raised) - 1) if len(raised) > 1 else ""
            full = t("floor.alarm", words=cut(flooralarms.words(raised[0]), 40)) + more
            self.screen.status_line.floor = (full, t("floor.short", count=len(raised)))
        self.screen.alarms.show()

    def listed(self) -> list[Notice]:
        """All that the agent may look up now."""
        desk = self.screen.desk
        return notices(desk.daybook(), desk.me, now=self.screen.now()) if desk is not None else []

    def words(self, *, at_desk: bool) -> str:
        """What the band says: the first that waits, from whom and when, and how many others; "" for none."""
        if not self.unread or self._open:
            return ""
        first = self.unread[0].line
        said = t("notice.band", who=line(first.by), to=to_whom(first), at=told(first.at, now=self.screen.now()))
        more = t("notice.more", count=len(self.unread) - 1) if len(self.unread) > 1 else ""
        keys = t("notice.keys", key=self.screen.bound("notices")) if at_desk else t("notice.elsewhere")
        # The key stands before the words, which may be cut.
        return f"{said}{more}{keys}  {line(veil(first.words[:_EXCERPT]))}"

    async def open(self) -> None:
        """Lists today's notices with the first that waits in full, and the alarms that stand above them."""
        from .screens.notices import NoticesDialog

        listed = self.listed()
        desk = self.screen.desk
        alarms = [flooralarms.words(one) for one in flooralarms.standing(desk.daybook())] if desk is not None else []
        if not listed and not alarms:
            self.screen.say(t("notice.none"))
            return
        await self.screen.ask(
            NoticesDialog(listed=self.listed, read=self.acknowledge, alarms=alarms, now=self.screen.now)
        )

    async def acknowledge(self, notice: Notice) -> str:
        """Tells that the notice has been read; returns what stands against it, "" for nothing."""
        assert self.screen.desk is not None
        try:
            await self.screen.desk.tell("read", what=notice.line.uuid)
        except OkpayError as error:
            return explain(error)
        self.look()
        return ""


def to_whom(notice: Line) -> str:
    """Whom it was written to: this agent, a queue, everybody."""
    if notice.about:
        return t("notice.to_you")
    return t("notice.to_all") if notice.queue == "*" else t("notice.to_queue", queue=line(notice.queue))
