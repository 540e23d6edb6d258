"""Words that are being written on their way to the disk, so that neither Escape nor a crash costs what was typed."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

from ..domain.privacy import redact
from ..errors import OkpayError

if TYPE_CHECKING:
    from textual.widget import Widget

    from .desk_model import Desk

SECONDS = 0.2
"""Unsent words reach the disk at most this long after the key."""
AGAIN_SECONDS = 2.0
"""A disk that did not take the words is asked again this often; until then they are in memory."""


class Jotter:
    """Keeps drafts by (ticket, kind). A draft never holds a secret: what looks like one is blanked out of it.

    ``trouble`` is told once when the disk does not take the words, and once more after each time that it did.
    """

    def __init__(self) -> None:
        self.desk: Desk | None = None
        self.trouble: Callable[[OkpayError], None] = lambda _: None
        self._owed: dict[tuple[str, str], str] = {}
        self._due = False
        self._told = False
        self._on: Widget | None = None

    def read(self, ticket: str, kind: str) -> str:
        """The words kept last, "" where there are none."""
        if (ticket, kind) in self._owed:
            return self._owed[ticket, kind]
        return self.desk.draft(ticket, kind) if self.desk is not None else ""

    def jot(self, on: Widget, ticket: str, kind: str, text: str, *, field: str | None = None) -> None:
        """Takes words over; the disk has them soon. The clock is the application's of the widget that they are typed on."""
        self._owed[ticket, kind] = redact(text, field=field)[0]
        self._on = on.app.screen_stack[0]
        self._soon(SECONDS)

    def slip(self, ticket: str, kind: str, *, field: str | None = None) -> Slip:
        """One box's place among the drafts."""
        return Slip(self, ticket, kind, field)

    def owed(self, ticket: str, kind: str) -> str | None:
        """Words that the disk does not have yet; None where it has what was typed last."""
        return self._owed.get((ticket, kind))

    def forget(self, ticket: str, kind: str) -> None:
        """The words have become something else: the draft is to leave the disk."""
        self._owed[ticket, kind] = ""
        self._soon(SECONDS)

    def drop(self, ticket: str, kind: str, words: str | None) -> None:
        """The disk has let go of the draft itself: these ``words`` are owed no longer, unless others were typed since."""
        if words is not None and self._owed.get((ticket, kind)) == words:
            del self._owed[ticket, kind]

    async def keep(self) -> None:
        """Writes what is owed. What the disk does not take is still owed, stays readable here, and is tried again."""
        self._due = False
        for key, text in list(self._owed.items()):
            if self.desk is None:
                return
            try:
                await self.desk.keep_draft(*key, text)
            except OkpayError as error:
                if not self._told:
                    self._told = True
                    self.trouble(error)
                self._soon(AGAIN_SECONDS)
                return
            self._told = False
            if self._owed.get(key) == text:
                del self._owed[key]

    def _soon(self, seconds: float) -> None:
        if not self._due and self._on is not None and self._on.is_running:
            self._due = True
            self._on.app.set_timer(seconds, self.keep)


class Slip(NamedTuple):
    """Where one text field's words are kept."""

    jotter: Jotter
    ticket: str
    kind: str
    field: str | None = None

    def read(self) -> str:
        return self.jotter.read(self.ticket, self.kind)

    def jot(self, on: Widget, text: str) -> None:
        self.jotter.jot(on, self.ticket, self.kind, text, field=self.field)

    def forget(self) -> None:
        self.jotter.forget(self.ticket, self.kind)

    async def keep(self) -> None:
        await self.jotter.keep()
