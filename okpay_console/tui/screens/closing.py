"""Closing a case: its disposition, a summary, and the reason where the checklist is not complete."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Input, Label

from ...content.interface import t
from .. import house
from ..guarded import GuardedInput
from ..jotter import Slip
from .ask import Choices, Dialog


class Closing(NamedTuple):
    """How a case is to be closed; ``override`` is the reason for closing it with details missing."""

    disposition: str
    summary: str
    override: str


class CloseCase(Dialog):
    """Enter on a disposition goes on to the summary, Enter there closes; returns a ``Closing``.

    ``written`` is told the summary at every key, so that it can be kept; ``slip`` keeps the reason.
    """

    def __init__(
        self,
        *,
        number: str,
        missing: Sequence[str],
        usual: str,
        summary: str = "",
        written: Callable[[Dialog, str], None] = lambda *_: None,
        slip: Slip | None = None,
    ) -> None:
        super().__init__()
        self.slip = slip
        self.written = written
        self.number = number
        self.missing = missing
        self.usual = usual
        self.summary = summary

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog"):
            yield Label(t("closing.title", number=self.number), classes="heading", markup=False)
            yield Choices(house.dispositions(), start=self.usual, id="disposition")
            yield Label(t("closing.summary"), markup=False)
            yield GuardedInput(self.summary, place="summary", id="summary", select_on_focus=False)
            if self.missing:
                names = t("list.comma").join(house.field_label(field) for field in self.missing)
                yield Label(t("closing.missing", fields=names), classes="note", markup=False)
                yield GuardedInput(place="override", slip=self.slip, id="override", placeholder=t("closing.override"))
            yield Label("", id="dialog-note", classes="note", markup=False)
            yield Label(t("closing.hint"), classes="hint", markup=False)

    @on(Input.Changed, "#summary")
    def _typed(self, event: Input.Changed) -> None:
        if event.value != self.summary:
            self.summary = event.value
            self.written(self, event.value)

    @on(Choices.Chosen)
    def _disposition(self) -> None:
        self.query_one("#summary", Input).focus()

    @on(Input.Submitted)
    def _entered(self, event: Input.Submitted) -> None:
        chosen = self.query_one("#disposition", Choices).code
        gated = bool(self.missing) and not house.ungated(chosen)
        if event.input.id == "summary" and gated:
            self.query_one("#override", Input).focus()
            return
        override = self.query_one("#override", Input).value.strip() if self.missing else ""
        if gated and not override:
            self.query_one("#dialog-note", Label).update(t("closing.needs_reason"))
            return
        self.dismiss(Closing(chosen, self.query_one("#summary", Input).value.strip(), override))
