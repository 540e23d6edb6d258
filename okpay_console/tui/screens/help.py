"""Help: every key that works, read from the key table, what belongs to the focused pane first."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import ClassVar

from rich.cells import cell_len
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical, VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Label, Static

from ...content.interface import t
from .. import keys
from ..render import fit

_SCOPES: tuple[keys.Scope, ...] = (
    "desk", "queue", "checklist", "composer", "answers", "opening", "wrapping", "owing", "shift", "reviews", "wall",
    "drill", "follow",
)  # fmt: skip


def help_text(effective: Mapping[str, tuple[str, ...]], first: Iterable[keys.Scope]) -> str:
    """All keys in lines of two columns of key and name, grouped by where they work."""
    order = list(dict.fromkeys([*reversed(list(first)), *_SCOPES]))
    lines: list[str] = []
    for scope in order:
        lines += [t(f"help.{scope}"), ""]
        cells = []
        for action in keys.in_scope(scope):
            bound = effective.get(action.id, ())
            shown = " ".join(dict.fromkeys(keys.shown(key) for key in bound if key not in keys.TWIN_KEYS)) or "-"
            cells.append(f"  {fit(shown, 9)}{keys.label(action.id)}")
        for at in range(0, len(cells), 2):
            right = cells[at + 1] if at + 1 < len(cells) else ""
            lines.append(fit(cells[at], max(34, cell_len(cells[at]))) + right)
        lines.append("")
    return "\n".join([*lines, t("help.more"), t("help.ime")])


class HelpScreen(ModalScreen[None]):
    """Scrolls with the arrows; Escape and F1 close it."""

    BINDINGS: ClassVar[list[BindingType]] = [("escape,f1,q,question_mark,？", "dismiss")]

    def __init__(self, scopes: Iterable[keys.Scope]) -> None:
        super().__init__()
        self.scopes = list(scopes)

    def compose(self) -> ComposeResult:
        effective: Mapping[str, tuple[str, ...]] = getattr(self.app, "keys", {})
        with Vertical(classes="dialog wide"):
            yield Label(t("help.title"), classes="heading", markup=False)
            with VerticalScroll():
                yield Static(help_text(effective, self.scopes), markup=False, id="help-text")
            yield Label(t("help.close"), classes="hint", markup=False)

    def on_mount(self) -> None:
        self.query_one(VerticalScroll).focus()
