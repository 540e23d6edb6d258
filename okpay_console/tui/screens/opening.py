"""A first contact: who is on the line and about what; the caller's open cases are in sight before a new one is made."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime

import msgspec
from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.widget import Widget
from textual.widgets import Input, Label

from ...content.interface import t
from ...domain.ticket import CHANNELS, Channel
from .. import house, keys
from ..guarded import GuardedInput
from ..when import local
from ..who import Who
from .ask import Choices, Dialog
from .pick import Pick

_ORDER = ("who", "category", "subject", "channel")
_TEXTS = ("who", "subject")
_LISTED = 3
"""Lines for the caller's open cases; they are there from the start, so that nothing moves while somebody types."""


class Contact(msgspec.Struct, frozen=True):
    """What is known of the contact so far, as it was typed; ``at`` is the moment in which its call was answered."""

    channel: Channel = "hotline"
    who: str = ""
    category: str = ""
    subject: str = ""
    at: datetime | None = None


class Opened(msgspec.Struct, frozen=True):
    """What came of the form: the ``ticket`` made, or the standing one ``chased`` with the words in ``contact``; "" for none.

    ``dropped``: nothing is to be kept of the contact.
    """

    ticket: str = ""
    chased: str = ""
    contact: Contact = Contact()
    dropped: bool = False


class OpenCaseDialog(Dialog):
    """Enter goes from line to line and, in the subject, makes the case; returns an ``Opened``, None for later.

    ``read`` takes the first line apart; ``same`` gives (ticket, words) of the open cases of whoever it names; ``make`` makes
    the case and returns ("", what stands against it), the words staying where they are, or (ticket, ""); ``written`` is told
    everything typed, at every key, so that it can be kept. ``note`` stands under the form at first.
    """

    BINDINGS = [*keys.bindings("opening")]  # noqa: RUF012 - Textual reads it from the class

    def __init__(
        self,
        contact: Contact,
        *,
        read: Callable[[str], Who],
        same: Callable[[Who], Sequence[tuple[str, str]]],
        make: Callable[[Contact], Awaitable[tuple[str, str]]],
        written: Callable[[Dialog, Contact], None],
        note: str = "",
    ) -> None:
        super().__init__()
        self.contact = contact
        self.read = read
        self.same = same
        self.make = make
        self.written = written
        self.note = note
        self._making = False

    def compose(self) -> ComposeResult:
        channels: Sequence[tuple[str, str]] = [(code, t(f"channel.{code}")) for code in CHANNELS]
        lines: dict[str, Widget] = {
            "category": Pick(house.categories(), code=self.contact.category, on_digit=True, id="new-category"),
            "channel": Pick(channels, code=self.contact.channel, on_digit=True, id="new-channel"),
        }
        for name in _TEXTS:
            lines[name] = GuardedInput(
                getattr(self.contact, name),
                place="opening",
                placeholder=t(f"opening.{name}_hint"),
                id=f"new-{name}",
                select_on_focus=False,
            )
        at = self.contact.at
        title = t("opening.title_written") if at is None else t("opening.title", at=local(at).strftime("%H:%M:%S"))
        with Vertical(classes="dialog"):
            yield Label(title, classes="heading", markup=False)
            for name in _ORDER:
                with Horizontal(classes="line"):
                    yield Label(t(f"opening.{name}"), markup=False)
                    yield lines[name]
                if name == "who":
                    yield Choices([], id="new-same")
            yield Label(self.note, id="dialog-note", classes="note", markup=False)
            yield Label(t("opening.hint", drop=keys.bound(self.app, "drop_call")), classes="hint", markup=False)

    def on_mount(self) -> None:
        # From now on a crash does not cost the clock of the call.
        self.written(self, self.contact)
        # A caller is on the line: the channel is known, the number is what comes first.
        same = self.query_one("#new-same", Choices)
        same.styles.height = _LISTED
        same.can_focus = False
        self.query_one("#new-who").focus()

    def _read(self) -> Contact:
        channel, category = self.query_one("#new-channel", Pick).code, self.query_one("#new-category", Pick).code
        texts = {name: self.query_one(f"#new-{name}", Input).value for name in _TEXTS}
        known = channel if channel in CHANNELS else "hotline"
        return Contact(channel=known, category=category, at=self.contact.at, **texts)

    def _say(self, words: str) -> None:
        self.query_one("#dialog-note", Label).update(words)

    @on(Input.Changed, "#new-who")
    def _who(self, event: Input.Changed) -> None:
        who = self.read(event.value)
        cases = list(self.same(who))
        listed = self.query_one("#new-same", Choices)
        listed.show(cases)
        listed.can_focus = bool(cases)
        if who.note or not event.value.strip():
            self._say(who.note)
        elif cases:
            self._say(t("opening.open_cases", count=len(cases)))
        else:
            self._say(t("opening.no_cases") if who.caller.mobile or who.caller.email or who.txn_no else "")

    @on(Input.Changed)
    def _typed(self) -> None:
        self.written(self, self._read())

    def key_down(self) -> None:
        """From the first line to the caller's open cases."""
        listed = self.query_one("#new-same", Choices)
        if self.query_one("#new-who").has_focus and listed.options:
            listed.focus()

    @on(Choices.Chosen)
    def _chosen(self, event: Choices.Chosen) -> None:
        event.stop()
        self.dismiss(Opened(chased=event.code, contact=self._read()))

    @on(Pick.Done)
    def _picked(self, event: Pick.Done) -> None:
        self.written(self, self._read())
        self._on(event.pick)

    @on(Input.Submitted)
    async def _entered(self, event: Input.Submitted) -> None:
        if event.input.id == "new-subject":
            await self._make()
        elif self._stands(event.value):
            self._on(event.input)

    def _stands(self, words: str) -> bool:
        who = self.read(words)
        if not who.ok:
            self._say(who.note)
        return who.ok

    def _on(self, line: Widget) -> None:
        """To the next line of the form; from the channel, which is seldom asked for, back to the subject."""
        name = (line.id or "").removeprefix("new-")
        following = "subject" if name in ("category", "channel") else "category"
        self.query_one(f"#new-{following}").focus()

    async def _make(self) -> None:
        if self._making:
            return
        contact = self._read()
        if not self._stands(contact.who):
            self.query_one("#new-who").focus()
            return
        if not contact.subject.strip() and not contact.category:
            self._say(t("opening.empty"))
            return
        self._making = True
        try:
            ticket, refused = await self.make(contact)
        finally:
            self._making = False
        if ticket:
            self.dismiss(Opened(ticket=ticket, contact=contact))
        else:
            self._say(refused)

    def action_key(self, _: str) -> None:
        """The one key of this form: the call was none, or is somebody else's."""
        self.dismiss(Opened(dropped=True))
