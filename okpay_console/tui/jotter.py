"""Words of an open dialog on their way to the disk, so that neither Escape nor a crash costs what was typed."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from ..domain.privacy import redact
from ..errors import OkpayError

if TYPE_CHECKING:
    from textual.screen import Screen

    from .desk_model import Desk

SECONDS = 0.2
"""Unsent words reach the disk at most this long after the key."""


class Jotter:
    """Keeps drafts by (ticket, kind). A draft never holds a secret: what looks like one is blanked out of it."""

    def __init__(self) -> None:
        self.desk: Desk | None = None
        self._owed: dict[tuple[str, str], str] = {}
        self._due = False

    def read(self, ticket: str, kind: str) -> str:
        """The words kept last, "" where there are none."""
        if (ticket, kind) in self._owed:
            return self._owed[ticket, kind]
        return self.desk.draft(ticket, kind) if self.desk is not None else ""

    def jot(self, screen: Screen[object], ticket: str, kind: str, text: str) -> None:
        """Takes words over; the disk has them soon. The clock is the screen's."""
        self._owed[ticket, kind] = redact(text)[0]
        if not self._due:
            self._due = True
            screen.app.set_timer(SECONDS, self.keep)

    def forget(self, ticket: str, kind: str) -> None:
        """The words have become something else: the draft is to leave the disk."""
        self._owed[ticket, kind] = ""

    async def keep(self) -> None:
        """Writes what is owed. What the disk does not take is still owed, and stays readable here."""
        self._due = False
        for key, text in list(self._owed.items()):
            if self.desk is not None:
                # The act itself says what is wrong with the disk; here it would be said at every key.
                with contextlib.suppress(OkpayError):
                    await self.desk.keep_draft(*key, text)
                    if self._owed.get(key) == text:
                        del self._owed[key]
