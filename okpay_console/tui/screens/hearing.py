"""What the panes of the desk wish, and what becomes of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...content.interface import t
from ...domain.privacy import redact
from ...errors import OkpayError
from ..messages import (
    AnswersLeft,
    Composed,
    ComposerLeft,
    Drafted,
    FieldRefused,
    FieldWritten,
    FilterMoved,
    FilterTyped,
    PaneMessage,
    StepTicked,
    WrittenChosen,
)
from ..panes.checklist import ChecklistPane
from ..panes.queue import TicketTable

if TYPE_CHECKING:
    from .desk import DeskScreen


class Hearing:
    """Passes each pane's message to the pane or the act that it concerns: panes do not know each other."""

    def __init__(self, screen: DeskScreen) -> None:
        self.screen = screen

    async def hear(self, said: PaneMessage) -> None:
        screen = self.screen
        match said:
            case FilterTyped():
                screen.commands.filter(said.words)
            case FilterMoved():
                self._walk(said.rows)
            case FieldWritten():
                await self._field(said)
            case FieldRefused():
                screen.say(said.note, "warn")
            case Composed():
                await self._composed(said)
            case Drafted():
                await self._drafted(said)
            case ComposerLeft():
                if screen.pane_of(screen.focused) in ("", "case"):
                    screen.opened.pane.focus_first()
            case StepTicked():
                await self._ticked(said)
            case WrittenChosen():
                screen.answers.chosen(said)
            case AnswersLeft():
                screen.answers.left()

    def _walk(self, rows: int | None) -> None:
        """From the filter's box through the list."""
        table = self.screen.query_one(TicketTable)
        if rows is None:
            table.focus()
        elif abs(rows) == 1:
            table.action_step(rows)
        else:
            table.action_page(1 if rows > 0 else -1)

    async def _field(self, said: FieldWritten) -> None:
        ticket = self.screen.opened.ticket
        if ticket and await self.screen.acts.field(ticket, said.field, said.value, said.state):
            self.screen.query_one(ChecklistPane).written(said.field)

    async def _composed(self, said: Composed) -> None:
        pane = self.screen.opened.pane
        if await self.screen.acts.write(said.ticket, said.kind, said.text):
            pane.sent(said.ticket, said.kind, said.text)
        else:
            pane.unsent(said.ticket, said.kind, said.text)

    async def _drafted(self, said: Drafted) -> None:
        if self.screen.desk is not None:
            try:
                # A secret is refused when the words are sent; until then it must not reach the disk either.
                await self.screen.desk.keep_draft(said.ticket, said.kind, redact(said.text)[0])
                self.screen.opened.pane.kept(said.ticket, said.kind, said.text)
            except OkpayError as error:
                self.screen.acts.failed(error)

    async def _ticked(self, said: StepTicked) -> None:
        ticket = self.screen.opened.ticket
        if ticket:
            await self.screen.acts.step(ticket, said.answer, said.step)
        else:
            self.screen.say(t("act.choose_first"), "warn")
