"""What the agent is at, chosen from a numbered list."""

from __future__ import annotations

from collections.abc import Sequence

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Label

from ...content.interface import t
from .. import keys
from ..duty import MINUTE
from .ask import Choices, Dialog


class OnDuty(Dialog):
    """Returns ``state:reason``. The key that opens it chooses a minute where it is pressed once more."""

    BINDINGS = [*keys.bindings("shift")]  # noqa: RUF012 - Textual reads it from the class

    def __init__(self, words: str, options: Sequence[tuple[str, str]]) -> None:
        super().__init__()
        self.words = words
        self.options = options

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog"):
            title = t("shift.title_now", words=self.words) if self.words else t("shift.title")
            yield Label(title, classes="heading", markup=False)
            yield Choices(self.options)
            hint = t("shift.hint", key=keys.bound(self.app, "minute_now"))
            yield Label(hint, classes="hint", markup=False)

    @on(Choices.Chosen)
    def _chosen(self, event: Choices.Chosen) -> None:
        self.dismiss(event.code)

    def action_key(self, _: str) -> None:
        self.dismiss(f"break:{MINUTE}")
