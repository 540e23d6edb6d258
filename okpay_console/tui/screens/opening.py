"""A first contact: who is on the line, over which channel, and about what; checked while it is typed."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

import msgspec
from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.widget import Widget
from textual.widgets import Input, Label

from ...content.interface import t
from ...domain.ticket import CHANNELS, Channel
from .. import house
from .ask import Dialog
from .pick import Pick

_ORDER = ("channel", "mobile", "name", "category", "subject")
_TEXTS = ("mobile", "name", "subject")


class Contact(msgspec.Struct, frozen=True):
    """What is known of the contact so far; every value as it was typed."""

    channel: Channel = "hotline"
    mobile: str = ""
    name: str = ""
    category: str = ""
    subject: str = ""


class OpenCaseDialog(Dialog):
    """Enter goes from line to line and, on the last, makes the case; returns the id of its ticket.

    ``check`` judges a line (field, text); ``known`` says what is known about a mobile number; ``make`` makes the case and
    returns ("", what stands against it), the words staying where they are, or (ticket, ""); ``written`` is told everything
    typed, at every key, so that it can be kept.
    """

    def __init__(
        self,
        contact: Contact,
        *,
        check: Callable[[str, str], house.Verdict],
        known: Callable[[str], str],
        make: Callable[[Contact], Awaitable[tuple[str, str]]],
        written: Callable[[Dialog, Contact], None],
    ) -> None:
        super().__init__()
        self.contact = contact
        self.check = check
        self.known = known
        self.make = make
        self.written = written
        self._standing = ""
        self._making = False

    def compose(self) -> ComposeResult:
        channels: Sequence[tuple[str, str]] = [(code, t(f"channel.{code}")) for code in CHANNELS]
        lines: dict[str, Widget] = {
            "channel": Pick(channels, code=self.contact.channel, id="new-channel"),
            "category": Pick(house.categories(), code=self.contact.category, id="new-category"),
        }
        for name in _TEXTS:
            lines[name] = Input(getattr(self.contact, name), id=f"new-{name}", select_on_focus=False)
        with Vertical(classes="dialog"):
            yield Label(t("opening.title"), classes="heading", markup=False)
            for name in _ORDER:
                with Horizontal(classes="line"):
                    yield Label(t(f"opening.{name}"), markup=False)
                    yield lines[name]
            yield Label("", id="dialog-note", classes="note", markup=False)
            yield Label(t("opening.hint"), classes="hint", markup=False)

    def on_mount(self) -> None:
        # A caller is on the line: the channel is known, the number is what comes first.
        self.query_one("#new-mobile").focus()

    def _read(self) -> Contact:
        channel, category = self.query_one("#new-channel", Pick).code, self.query_one("#new-category", Pick).code
        texts = {name: self.query_one(f"#new-{name}", Input).value for name in _TEXTS}
        return Contact(channel=channel if channel in CHANNELS else "hotline", category=category, **texts)

    def _note(self, words: str) -> None:
        self.query_one("#dialog-note", Label).update(words)

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        name = (event.input.id or "").removeprefix("new-")
        note, self._standing = self._standing if not event.value else "", ""
        if event.value.strip():
            verdict = self.check(name, event.value)
            note = verdict.note
            if verdict.secret:
                # A secret does not even stay on the screen; the note says what to tell the caller.
                self._standing = note
                event.input.value = ""
                return
            if name == "mobile" and verdict.ok and not note:
                note = self.known(verdict.value)
        self._note(note)
        self.written(self, self._read())

    @on(Pick.Done)
    def _picked(self, event: Pick.Done) -> None:
        self.written(self, self._read())
        self._on(event.pick)

    @on(Input.Submitted)
    async def _entered(self, event: Input.Submitted) -> None:
        name = (event.input.id or "").removeprefix("new-")
        if event.value.strip():
            verdict = self.check(name, event.value)
            if not verdict.ok:
                self._note(verdict.note)
                return
        if name != _ORDER[-1]:
            self._on(event.input)
        else:
            await self._make()

    def _on(self, line: Widget) -> None:
        """To the next line of the form."""
        name = (line.id or "").removeprefix("new-")
        self.query_one(f"#new-{_ORDER[_ORDER.index(name) + 1]}").focus()

    async def _make(self) -> None:
        if self._making:
            return
        contact = self._read()
        for name in _TEXTS:
            text = getattr(contact, name)
            if text.strip() and not (verdict := self.check(name, text)).ok:
                self._note(verdict.note)
                self.query_one(f"#new-{name}").focus()
                return
        if not contact.subject.strip() and not contact.category:
            self._note(t("opening.empty"))
            return
        self._making = True
        try:
            ticket, refused = await self.make(contact)
        finally:
            self._making = False
        if ticket:
            self.dismiss(ticket)
        else:
            self._note(refused)
