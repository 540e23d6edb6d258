"""The agent's own promises: listed by when they are due, opened, or settled by one key."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import NamedTuple

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Label

from ..content.interface import t
from ..domain import promises
from . import keys
from .acts import Acts
from .failures import explain
from .render import line
from .rows import number_word
from .screens.ask import Choices, Dialog
from .when import local


class Promised(NamedTuple):
    """One line of the list: the ticket, the promise, and both in words."""

    ticket: str
    promise: str
    words: str


class OwedDialog(Dialog):
    """Returns the ticket to open. ``settle`` keeps or breaks a promise and returns what stands against it, ""; then
    ``listed`` says what is left."""

    BINDINGS = [*keys.bindings("owing")]  # noqa: RUF012 - Textual reads it from the class

    def __init__(
        self, *, listed: Callable[[], Sequence[Promised]], settle: Callable[[Promised, bool], Awaitable[str]]
    ) -> None:
        super().__init__()
        self.listed = listed
        self.settle = settle
        self.owed = list(listed())

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog"):
            yield Label(t("dialog.owed"), classes="heading", markup=False)
            yield Choices(self._options(), id="owed")
            yield Label("", id="dialog-note", classes="note", markup=False)
            yield Label(t("dialog.owed_hint"), classes="hint", markup=False)

    def _options(self) -> list[tuple[str, str]]:
        return [(one.promise, one.words) for one in self.owed]

    @on(Choices.Chosen)
    def _chosen(self, event: Choices.Chosen) -> None:
        self.dismiss(next(one.ticket for one in self.owed if one.promise == event.code))

    async def action_key(self, action: str) -> None:
        chosen = self.query_one(Choices).code
        one = next((one for one in self.owed if one.promise == chosen), None)
        if one is None:
            return
        refused = await self.settle(one, action == "kept")
        self.owed = list(self.listed())
        self.query_one(Choices).show(self._options())
        word = t("promise.kept" if action == "kept" else "promise.broken")
        self.query_one("#dialog-note", Label).update(refused or t("act.settled", word=word))
        if not self.owed:
            self.dismiss(None)


async def owed(acts: Acts) -> None:
    """Lists the agent's open promises, those due first at the top; the chosen one's case is opened."""
    desk = acts.floor.desk
    if desk is None:
        return

    def listed() -> list[Promised]:
        now = desk.author.now()
        found = []
        for one in promises.open_promises(desk.rows().values(), keeper=desk.me):
            at = local(one.promise.due_at).strftime("%m-%d %H:%M")
            late = t("promise.late") if one.late(now) else ""
            words = f"#{number_word(one.row.number)}  {at}  {line(one.promise.text)}{late}"
            found.append(Promised(one.row.id, one.promise.id, words))
        return found

    async def settle(one: Promised, kept: bool) -> str:
        found = acts.ticket(one.ticket)
        if found is None:
            return t("act.no_ticket")
        error = await acts.attempt_all([desk.author.settle(found, one.promise, kept=kept)])
        return explain(error) if error is not None else ""

    if not listed():
        acts.floor.say(t("act.owes_nothing"))
        return
    chosen = await acts.floor.ask(OwedDialog(listed=listed, settle=settle))
    if isinstance(chosen, str):
        acts.floor.show_ticket(chosen)
