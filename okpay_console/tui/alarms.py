"""Alarms for the agent's own promises: before they are due and when they are, on whatever screen is open."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from ..content.interface import t
from ..domain.promises import Owed
from .panes.band import AlarmBand
from .render import line
from .rows import number_word
from .when import told

if TYPE_CHECKING:
    from textual.screen import Screen

    from .screens.desk import DeskScreen

DRAFT: Final = ("", "alarms")
"""Where it is kept which alarms have been acknowledged, so that a restart does not sound them again."""
DESK_ROW: Final = 1
"""The row of the views; the one above it has the call's clock and the link, which stay in sight, also behind a dialog.

No dialog reaches up to it: a row that has other edges in it would lose the wide characters that they cut (Textual #6357).
"""


class Alarms:
    """An alarm stands until it is acknowledged or its promise is settled, through restarts, and comes once.

    One comes ``early`` before a promise is due and one when it is due; the later one takes the place of the earlier.
    """

    def __init__(self, screen: DeskScreen) -> None:
        self.screen = screen
        self.early = timedelta(minutes=screen.start.settings.alarm_minutes)
        self._standing: dict[str, Owed] = {}
        self._read: set[str] | None = None
        self._bands: dict[Screen[Any], AlarmBand] = {}

    @property
    def acknowledged(self) -> set[str]:
        if self._read is None:
            self._read = set(self.screen.acts.jotter.read(*DRAFT).split())
        return self._read

    def look(self, owed: Sequence[Owed], now: datetime) -> None:
        """``owed`` are the agent's open promises as they stand ``now``, those due first at the front."""
        self._standing = {key: one for one in owed if (key := self._key(one, now)) and key not in self.acknowledged}
        self.show()

    def _key(self, one: Owed, now: datetime) -> str:
        """The name of the alarm that this promise gives now, "" for none."""
        promise = one.promise
        if promise.due_at <= now:
            return f"{promise.id}:due"
        return f"{promise.id}:soon" if promise.due_at - now <= self.early else ""

    def acknowledge(self) -> None:
        """The agent has read what stands."""
        if not self._standing:
            return
        open_now = {one.promise.id for one in self._owed()}
        kept = {key for key in self.acknowledged if key.partition(":")[0] in open_now} | set(self._standing)
        self._read = kept
        self._standing = {}
        self.screen.acts.jotter.jot(self.screen, *DRAFT, " ".join(sorted(kept)))
        self.show()

    def _owed(self) -> list[Owed]:
        from ..domain import promises

        model = self.screen.model
        return promises.open_promises(model.promising(), keeper=model.me)

    # Showing

    def words(self, *, at_desk: bool) -> str:
        """What the band says: the promise that is due first, and how many others; "" for none."""
        if not self._standing:
            return ""
        key, one = next(iter(self._standing.items()))
        words = t(
            "alarm.due" if key.endswith(":due") else "alarm.soon",
            at=told(one.promise.due_at, now=self.screen.now()), number=number_word(one.row.number),
            text=line(one.promise.text),
        )  # fmt: skip
        if len(self._standing) > 1:
            words += t("alarm.more", count=len(self._standing) - 1)
        return words + (t("alarm.keys", owed=self.screen.bound("owed")) if at_desk else t("alarm.elsewhere"))

    def show(self) -> None:
        """On the desk and on whatever is in front of it, the very screen that is looked at.

        What others tell waits behind one's own promises, with a word that it is there.
        """
        notices = self.screen.notices
        front = self.screen.app.screen
        screens: tuple[Screen[Any], ...] = (self.screen, front)
        for screen in dict.fromkeys(screens):
            at_desk = screen is self.screen
            own, others = self.words(at_desk=at_desk), notices.words(at_desk=at_desk)
            waiting = t("notice.waiting", count=len(notices.unread)) if own and others else ""
            words = waiting + own if own else others
            band = self._bands.get(screen)
            if band is None and words:
                over_desk = at_desk or screen.is_modal
                band = self._bands[screen] = AlarmBand(row=DESK_ROW if over_desk else 0)
                screen.mount(band)
            if band is not None:
                band.show(words, calm=not own)
        self._bands = {screen: band for screen, band in self._bands.items() if screen.is_attached}
