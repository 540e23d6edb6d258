"""The composer: notes for colleagues and replies to the customer, kept as a draft from the first key on."""

from __future__ import annotations

from collections.abc import Sequence

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.timer import Timer
from textual.widgets import Label, TextArea

from ...content.interface import t
from .. import keys
from ..blankarea import BlankArea
from ..messages import Composed, ComposerLeft, Drafted, DraftKind, SecretTyped
from ..render import cut, line, wrap

AUTOSAVE_SECONDS = 0.2
"""Unsent words reach the disk at most this long after the key, so that a crash costs no more than a word."""
WORD_ROWS = 2
"""Rows of the words that stay in sight, whatever is to be said above them."""
NOTE_ROWS = 6
"""Rows that what stands against sending takes at most."""


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
        self._area = BlankArea(id="composer-text", place="composer", soft_wrap=True, tab_behavior="focus", compact=True)
        self.notes: tuple[str, ...] = ()
        self._refused = ""

    def compose(self) -> ComposeResult:
        yield Label("", id="composer-title", markup=False)
        yield Label("", id="composer-note", markup=False)
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
        if self.ticket and (ticket, kind) != (self.ticket, self.kind):
            self.post_message(ComposerLeft())
        self.ticket, self.kind, self._offered, self._durable = ticket, kind, draft, draft
        self.query_one("#composer-title", Label).update(title)
        self._refused, self.notes = "", ()
        self._lay()
        area = self._area
        area.load_text(draft)
        area.move_cursor(area.document.end)
        self.display = True
        area.focus()

    def warn(self, notes: Sequence[str]) -> None:
        """Says what stands against sending, a line each above the words; () for nothing."""
        if tuple(notes) != self.notes:
            self.notes = tuple(notes)
            self._lay()

    def on_resize(self) -> None:
        self._lay()

    def _lay(self) -> None:
        label = self.query_one("#composer-note", Label)
        notes = (self._refused,) if self._refused else self.notes
        # One row is the title's. A note makes the composer higher where there is room, and then this is laid again.
        rows = min(self.size.height - 1 - WORD_ROWS, NOTE_ROWS) if self.size.width else 0
        laid = laid_out(notes, max(self.size.width - 2, 8), rows)
        label.update("\n".join(laid))
        label.display = bool(laid)
        self.set_class(bool(notes), "-noted")

    @on(SecretTyped)
    def _secret(self, event: SecretTyped) -> None:
        self._refused = event.sentence
        self._lay()
        event.said = True

    def insert(self, text: str) -> None:
        """Adds a text at the cursor, on lines of its own; the cursor is behind it, so that another one can follow.

        What is selected stays. One undo takes the text out again.
        """
        area = self._area
        row, column = area.cursor_location
        words = area.document.get_line(row)
        before, behind = words[:column].strip(), words[column:].strip()
        area.move_cursor((row, column))
        area.history.checkpoint()
        area.insert(("\n" if before else "") + text + ("\n" if behind else ""), maintain_selection_offset=False)
        if behind:
            above = area.cursor_location[0] - 1
            area.move_cursor((above, len(area.document.get_line(above))))
        area.history.checkpoint()
        area.focus()

    def point_at_blank(self, ticket: str, kind: DraftKind) -> None:
        """Selects the first blank of the words for this ticket and kind, where they are the ones in the field."""
        if (ticket, kind) == (self.ticket, self.kind):
            self._area.pick_blank()
            self._area.focus()

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
        if self._refused:
            # The text without the secret was told of before the secret was: this is a key behind it.
            self._refused = ""
            self._lay()
        if self.ticket and self._timer is None:
            self._timer = self.set_timer(AUTOSAVE_SECONDS, self.keep)

    def on_descendant_blur(self) -> None:
        self.keep()

    def action_key(self, action: str) -> None:
        # These keys overtake letters that are still on their way to the field; behind the field's queue they do not.
        self._area.call_later(self._send if action == "send" else self.shut)

    def _send(self) -> None:
        if not self._area.settle():
            return
        words = (self.ticket, self.kind, self.text)
        if self.text.strip() and words != self._going:
            self._going = words
            self.keep()
            self.post_message(Composed(*words))


def laid_out(notes: Sequence[str], width: int, rows: int) -> list[str]:
    """The notes in at most ``rows`` lines of ``width`` cells; ``~`` where one is cut. Each has a line before any has more."""
    laid: list[str] = []
    for behind, note in zip(reversed(range(len(notes))), notes, strict=True):
        room = rows - len(laid)
        if room <= 0:
            break
        room = max(room - behind, 1)
        parts = wrap(line(note), width)
        laid += parts if len(parts) <= room else [*parts[: room - 1], cut(f"{parts[room - 1]}~", width)]
    return laid


def composer_title(kind: DraftKind, number: str) -> str:
    """What the composer is for and how to send it."""
    send = keys.shown(keys.BY_ID["send"].keys.split(",", maxsplit=1)[0])
    return t(f"composer.{kind}", number=number, send=send)
