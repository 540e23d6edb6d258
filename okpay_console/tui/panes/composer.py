"""The composer: notes for colleagues and replies to the customer, kept as a draft from the first key on."""

from __future__ import annotations

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.timer import Timer
from textual.widgets import Label, TextArea

from ...content.interface import t
from .. import keys
from ..messages import Composed, ComposerLeft, Drafted, DraftKind

AUTOSAVE_SECONDS = 0.2
"""Unsent words reach the disk at most this long after the key, so that a crash costs no more than a word."""


class Composer(Vertical):
    """One text field that is a note or a reply; what is written stays until it is on the disk elsewhere."""

    BINDINGS = keys.bindings("composer")

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self.ticket = ""
        self.kind: DraftKind = "note"
        self._timer: Timer | None = None
        self._offered = ""
        self._durable = ""
        self._going: tuple[str, DraftKind, str] | None = None
        self._area = TextArea(id="composer-text", soft_wrap=True, tab_behavior="focus", compact=True)

    def compose(self) -> ComposeResult:
        yield Label("", id="composer-title", markup=False)
        yield self._area

    @property
    def text(self) -> str:
        return self._area.text

    def open(self, ticket: str, kind: DraftKind, draft: str, *, title: str) -> None:
        """Shows the words kept for this ticket and kind, the cursor behind them."""
        self.keep()
        if self._going == (ticket, kind, draft):
            # What is on its way to the disk is no draft any more: a new note begins empty.
            self._going, draft = None, ""
        self.ticket, self.kind, self._offered, self._durable = ticket, kind, draft, draft
        self.query_one("#composer-title", Label).update(title)
        area = self._area
        area.load_text(draft)
        area.move_cursor(area.document.end)
        self.display = True
        area.focus()

    def insert(self, text: str) -> None:
        """Adds a text at the cursor, on a line of its own where something is written already."""
        area = self._area
        if area.text and not area.text.endswith("\n"):
            area.move_cursor(area.document.end)
            text = "\n" + text
        area.insert(text)
        area.focus()

    def keep(self) -> None:
        """Hands unsent words on to be kept, where they differ from what is kept."""
        if self._timer is not None:
            self._timer.stop()
            self._timer = None
        if self.ticket and self.text != self._offered:
            self._offered = self.text
            self.post_message(Drafted(self.ticket, self.kind, self.text))

    def kept(self, ticket: str, kind: DraftKind, text: str) -> None:
        """The disk has this draft."""
        if (ticket, kind) == (self.ticket, self.kind):
            self._durable = text

    def unsaved(self) -> tuple[str, DraftKind, str] | None:
        """Ticket, kind and words that are not kept yet; also when the screen is gone already. None: nothing is owed."""
        return (self.ticket, self.kind, self.text) if self.ticket and self.text != self._durable else None

    def sent(self, ticket: str, kind: DraftKind, text: str) -> None:
        """The words are on the disk as an operation: clears them, unless others have been written meanwhile."""
        going, self._going = self._going, None
        if going == (ticket, kind, text) == (self.ticket, self.kind, self.text):
            self._offered = self._durable = ""
            self._area.load_text("")
            self.shut()

    def unsent(self, ticket: str, kind: DraftKind, text: str) -> None:
        """The disk did not take the words: they are in the field again, before whatever has been written meanwhile."""
        self._going = None
        if (ticket, kind) == (self.ticket, self.kind) and not self.text.startswith(text):
            self._area.load_text(f"{text}\n{self.text}")
            self._area.move_cursor(self._area.document.end)

    def shut(self) -> None:
        self.keep()
        self.ticket = ""
        self.display = False
        self.post_message(ComposerLeft())

    @on(TextArea.Changed)
    def _typed(self) -> None:
        if self.ticket and self._timer is None:
            self._timer = self.set_timer(AUTOSAVE_SECONDS, self.keep)

    def on_descendant_blur(self) -> None:
        self.keep()

    def action_key(self, action: str) -> None:
        # These keys overtake letters that are still on their way to the field; behind the field's queue they do not.
        self._area.call_later(self._send if action == "send" else self.shut)

    def _send(self) -> None:
        words = (self.ticket, self.kind, self.text)
        if self.text.strip() and words != self._going:
            self._going = words
            self.keep()
            self.post_message(Composed(*words))


def composer_title(kind: DraftKind, number: str) -> str:
    """What the composer is for and how to send it."""
    send = keys.shown(keys.BY_ID["send"].keys.split(",", maxsplit=1)[0])
    return t(f"composer.{kind}", number=number, send=send)
