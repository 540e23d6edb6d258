"""The end of a contact on one screen: how it ended, when to call back, what was done, and why details are missing."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime

import msgspec
from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.widgets import Input, Label

from ...content.interface import t
from ...domain.disposition import CALL_DROPPED, Terms
from .. import house, keys
from ..guarded import GuardedInput
from ..jotter import Slip
from ..when import local, parse_due
from .ask import Choices, Dialog
from .codes import Codes


class Wrapped(msgspec.Struct, frozen=True):
    """How the contact is to be wrapped up; ``due`` is when to call back, ``override`` why details are missing."""

    disposition: str
    summary: str = ""
    override: str = ""
    due: datetime | None = None


class Later(msgspec.Struct, frozen=True):
    """The dialog was left without an end: ``ask`` to go and ask for what is missing, ``expired`` because its time was over."""

    ask: bool = False
    expired: bool = False
    summary: str = ""


class Case(msgspec.Struct, frozen=True):
    """What the dialog needs to know of the case: ``usual`` is the code to begin with, ``promised`` that a promise stands."""

    number: str
    subject: str
    missing: tuple[str, ...]
    usual: str
    promised: bool
    summary: str


class WrapUpDialog(Dialog):
    """Enter goes from line to line and, on the last, finishes; returns a ``Wrapped`` that stood, a ``Later``, None for later.

    ``finish`` wraps up and returns what stands against it, "" for nothing; the words stay where they are until it does.
    ``slips`` keep summary and reason while they are written. ``now`` tells when the agent last typed. ``abusive`` marks the
    call as abusive or takes that back, and returns what to say; None where there was no call.
    """

    BINDINGS = [*keys.bindings("wrapping"), ("0,０", "abusive")]  # noqa: RUF012 - Textual reads it from the class

    def __init__(
        self,
        case: Case,
        *,
        finish: Callable[[Wrapped], Awaitable[str]],
        now: Callable[[], datetime],
        slips: tuple[Slip, Slip],
        abusive: Callable[[], Awaitable[str]] | None = None,
    ) -> None:
        super().__init__()
        self.case = case
        self.finish = finish
        self.now = now
        self.slips = slips
        self.abusive = abusive
        self.typed_at: datetime | None = None
        self._terms = house.dispositions_terms()
        self._finishing = False

    def compose(self) -> ComposeResult:
        case = self.case
        missing = t("list.comma").join(house.field_label(field) for field in case.missing)
        with Vertical(classes="dialog"):
            title = t("wrapup.title", number=case.number, subject=case.subject)
            yield Label(title, classes="heading", markup=False)
            yield Codes(house.dispositions(), start=case.usual, id="codes")
            with Horizontal(classes="line", id="due-line"):
                yield Label(t("wrapup.due"), markup=False)
                yield GuardedInput(place="wrapup", whole=True, id="due", placeholder=t("wrapup.due_hint"))
            with Horizontal(classes="line"):
                yield Label(t("wrapup.summary"), markup=False)
                yield GuardedInput(
                    case.summary, place="summary", slip=self.slips[0], id="summary", select_on_focus=False
                )
            if case.missing:
                words = t("wrapup.missing", fields=missing, key=keys.bound(self.app, "ask_missing"))
                yield Label(words, classes="note", markup=False)
                with Horizontal(classes="line", id="override-line"):
                    yield Label(t("wrapup.reason"), markup=False)
                    yield GuardedInput(place="override", slip=self.slips[1], id="override")
            yield Label("", id="dialog-note", classes="note", markup=False)
            hint = t("wrapup.hint", finish=keys.bound(self.app, "finish"))
            hint += t("abuse.offer") if self.abusive is not None else ""
            yield Label(hint, classes="hint", markup=False)

    def on_mount(self) -> None:
        self.query_one(Codes).focus()
        self._fit()

    # What the chosen code needs

    def _terms_now(self) -> Terms:
        return self._terms.get(self.query_one(Codes).code, Terms())

    def _calls_back(self) -> bool:
        code = self.query_one(Codes).code
        return code == CALL_DROPPED or (self._terms_now().needs == "promise" and not self.case.promised)

    def _gated(self) -> bool:
        return bool(self.case.missing) and not self._terms_now().ungated

    def _fit(self) -> None:
        """Hides the lines that the code does not need; their rows stay, so that nothing moves."""
        self.query_one("#due-line").visible = self._calls_back()
        if self.case.missing:
            self.query_one("#override-line").visible = self._gated()

    @on(Choices.Moved)
    def _moved(self) -> None:
        self._fit()

    def say(self, words: str) -> None:
        """Says something about what is written here."""
        self.query_one("#dialog-note", Label).update(words)

    @property
    def summary(self) -> str:
        return self.query_one("#summary", Input).value.strip()

    # Keys and words

    @on(Codes.Looked)
    def _looked(self, event: Codes.Looked) -> None:
        self.typed_at = self.now()
        words = t("wrapup.search", words=event.words) if event.words else ""
        self.say(words if event.found else t("wrapup.nothing"))
        self._fit()

    @on(Choices.Chosen)
    def _chosen(self, event: Choices.Chosen) -> None:
        event.stop()
        self.typed_at = self.now()
        self._fit()
        self.query_one("#due" if self._calls_back() else "#summary", Input).focus()

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        if event.value != self.case.summary:
            self.typed_at = self.now()
        if event.input.id == "due":
            due = parse_due(event.value, now=self.now())
            self.say(t("wrapup.due_is", at=local(due).strftime("%m-%d %H:%M")) if due is not None else "")

    @on(Input.Submitted)
    async def _entered(self, event: Input.Submitted) -> None:
        if event.input.id == "due":
            if not (note := self._due_note()):
                self.query_one("#summary", Input).focus()
            self.say(note)
        elif event.input.id == "summary" and self._gated() and not self._override():
            self.query_one("#override", Input).focus()
        else:
            await self._finish()

    def _due(self) -> datetime | None:
        return parse_due(self.query_one("#due", Input).value, now=self.now()) if self._calls_back() else None

    def _due_note(self) -> str:
        if not self._calls_back() or self._due() is not None:
            return ""
        if self.query_one("#due", Input).value.strip():
            return t("wrapup.due_unclear")
        return t("wrapup.due_needed") if self._terms_now().needs == "promise" else ""

    def _override(self) -> str:
        return self.query_one("#override", Input).value.strip() if self._gated() else ""

    async def _finish(self) -> None:
        code = self.query_one(Codes).code
        if self._finishing or not code:
            return
        if note := self._due_note():
            self.say(note)
            self.query_one("#due", Input).focus()
            return
        if self._gated() and not self._override():
            self.say(t("wrapup.needs_reason", key=keys.bound(self.app, "ask_missing")))
            self.query_one("#override", Input).focus()
            return
        wrapped = Wrapped(code, self.summary, self._override(), self._due())
        self._finishing = True
        try:
            refused = await self.finish(wrapped)
        finally:
            self._finishing = False
        if refused:
            self.say(refused)
        else:
            self.dismiss(wrapped)

    async def action_key(self, action: str) -> None:
        if action == "finish":
            await self._finish()
        else:
            self.dismiss(Later(ask=True, summary=self.summary))

    async def action_abusive(self) -> None:
        if self.abusive is not None:
            self.say(await self.abusive())

    def expire(self) -> None:
        """The time of the after-call work is over."""
        if not self._finishing:
            self.dismiss(Later(expired=True, summary=self.summary))
