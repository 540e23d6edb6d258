"""A promise to the caller: what will happen, and by when."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Input, Label

from ...content.interface import t
from ..guarded import GuardedInput
from ..jotter import Slip
from ..when import local, parse_due
from .ask import Dialog


class Promised(NamedTuple):
    text: str
    due_at: datetime


class MakePromise(Dialog):
    """Two lines; the due time is read back as it is typed. Returns a ``Promised``. ``slip`` keeps what is promised."""

    def __init__(self, *, number: str, now: Callable[[], datetime], slip: Slip | None = None) -> None:
        super().__init__()
        self.number = number
        self.slip = slip
        self.now = now

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog"):
            yield Label(t("promise.title", number=self.number), classes="heading", markup=False)
            yield Label(t("promise.what"), markup=False)
            yield GuardedInput(t("promise.usual"), place="promise", slip=self.slip, id="what", select_on_focus=True)
            yield Label(t("promise.when"), markup=False)
            yield GuardedInput(place="promise", whole=True, id="due", placeholder=t("promise.examples"))
            yield Label("", id="dialog-note", classes="note", markup=False)
            yield Label(t("promise.hint"), classes="hint", markup=False)

    def _due(self) -> datetime | None:
        return parse_due(self.query_one("#due", Input).value, now=self.now())

    @on(Input.Changed, "#due")
    def _typed(self) -> None:
        due = self._due()
        words = t("promise.read_back", at=local(due).strftime("%Y-%m-%d %H:%M")) if due else ""
        self.query_one("#dialog-note", Label).update(words)

    @on(Input.Submitted)
    def _entered(self, event: Input.Submitted) -> None:
        if event.input.id == "what":
            self.query_one("#due", Input).focus()
            return
        text, due = self.query_one("#what", Input).value.strip(), self._due()
        if not text or due is None:
            self.query_one("#dialog-note", Label).update(t("promise.unclear"))
            return
        self.dismiss(Promised(text, due))
