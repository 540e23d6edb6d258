"""What the panes of the desk wish, and what becomes of it."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from ...content.interface import t
from ...errors import OkpayError
from ..messages import (
    AnswerCopied,
    AnswerRated,
    AnswersLeft,
    Composed,
    ComposerLeft,
    Drafted,
    FieldRefused,
    FieldWritten,
    FilterMoved,
    FilterTyped,
    FreeLeft,
    FreeNoted,
    FreeWanted,
    Gleaned,
    PaneMessage,
    RevealWanted,
    SearchMissed,
    SecretTyped,
    StepTicked,
    WhyWanted,
    WrittenChosen,
)
from ..panes.checklist import ChecklistPane
from ..panes.freeline import FreeLine
from ..panes.queue import TicketTable
from ..rows import number_word
from .case import FREE

if TYPE_CHECKING:
    from .desk import DeskScreen


class Hearing:
    """Passes each pane's message to the pane or the act that it concerns: panes do not know each other."""

    def __init__(self, screen: DeskScreen) -> None:
        self.screen = screen
        self._stopped = ""
        """Why the composer's words did not go, as the agent was told last."""

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
                self._unstop()
                if screen.pane_of(screen.focused) in ("", "case") and not screen.opened.pane.composing:
                    screen.opened.pane.focus_first()
            case StepTicked():
                await self._ticked(said)
            case AnswerRated():
                await self._rated(said)
            case WrittenChosen():
                screen.answers.chosen(said)
            case AnswerCopied():
                screen.answers.copied(said)
            case AnswersLeft():
                screen.answers.left()
            case SearchMissed():
                await self._missed(said)
            case WhyWanted():
                screen.commands.run("why")
            case FreeWanted():
                screen.opened.free_line()
            case Gleaned():
                await self._gleaned(said)
            case FreeNoted():
                await self._noted(said)
            case FreeLeft():
                self._free_left(onward=said.onward)
            case RevealWanted():
                if screen.opened.ticket:
                    screen.commands.start(self._reveal(screen.opened.ticket, said.field), group="acts", opens=True)

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

    def secret(self, event: SecretTyped) -> None:
        """A secret was typed and is gone from its box: the agent is told what to say, the audit log that it happened."""
        screen = self.screen
        if not event.said:
            screen.say(event.sentence, "warn")
        if screen.desk is not None:
            ticket = screen.opened.ticket
            screen.run_worker(self._witness(event.secret, event.place, ticket), group="witness")

    async def _witness(self, kind: str, place: str, ticket: str) -> None:
        assert self.screen.desk is not None
        try:
            await self.screen.desk.witness("secret-refused", kind=kind, place=place, ticket=ticket)
        except OkpayError as error:
            self.screen.acts.failed(error)

    async def _reveal(self, ticket: str, field: str) -> None:
        from ..reveals import reveal

        pane = self.screen.opened.pane
        if await reveal(self.screen.acts, pane.reveals, ticket, field):
            pane.uncovered()

    async def _missed(self, said: SearchMissed) -> None:
        if self.screen.desk is not None:
            # Nothing of the agent's is lost where this cannot be kept.
            with contextlib.suppress(OkpayError):
                await self.screen.desk.tell("missed", words=said.words, what=said.category)

    # The free line

    async def _gleaned(self, said: Gleaned) -> None:
        ticket = self.screen.opened.ticket
        if ticket and await self.screen.acts.gleaned(ticket, said.details, draft=FREE):
            self.screen.opened.pane.query_one(FreeLine).taken(said.rest)

    async def _noted(self, said: FreeNoted) -> None:
        ticket = self.screen.opened.ticket
        if ticket and await self.screen.acts.write(ticket, "note", said.text, draft=FREE):
            self.screen.opened.pane.query_one(FreeLine).taken("")

    def _free_left(self, *, onward: bool) -> None:
        if onward and self.screen.query_one(ChecklistPane).next_field():
            self.screen.query_one(FreeLine).display = False
            self.screen.opened.ask_next()
        else:
            self.screen.query_one(FreeLine).display = False
            self.screen.opened.pane.focus_first()

    # The composer

    async def _composed(self, said: Composed) -> None:
        pane = self.screen.opened.pane
        if await self._moved(said):
            return
        if stopped := pane.stops(said.ticket, said.kind, said.text):
            self.screen.say(stopped, "warn")
            self._stopped = self.screen.message_bar.text
        elif await self.screen.acts.write(said.ticket, said.kind, said.text):
            pane.sent(said.ticket, said.kind, said.text)
        else:
            pane.unsent(said.ticket, said.kind, said.text)

    def _unstop(self) -> None:
        """The composer has closed, or shows other words: what was said of the former ones goes."""
        stopped, self._stopped = self._stopped, ""
        if stopped and self.screen.message_bar.text == stopped:
            self.screen.say("")

    async def _moved(self, said: Composed) -> bool:
        """A reply to a ticket that is part of another one by now: the words go there, and the agent with them."""
        screen = self.screen
        found = screen.desk.view(said.ticket).ticket if screen.desk is not None and said.kind == "reply" else None
        if found is None or not found.merged_into:
            return False
        pane = screen.opened.pane
        pane.unsent(said.ticket, said.kind, said.text)
        if screen.show_ticket(found.merged_into):
            pane.compose_words("reply")
            target = pane.view.ticket if pane.view is not None else None
            screen.say(t("composer.moved", number=number_word(target.number if target is not None else 0)), "warn")
        return True

    async def _drafted(self, said: Drafted) -> None:
        jotter = self.screen.acts.jotter
        jotter.jot(self.screen, said.ticket, said.kind, said.text)
        await jotter.keep()
        if jotter.owed(said.ticket, said.kind) is None:
            self.screen.opened.pane.kept(said.ticket, said.kind, said.text)

    async def _ticked(self, said: StepTicked) -> None:
        ticket = self.screen.opened.ticket
        if ticket:
            await self.screen.acts.step(ticket, said.answer, said.step, done=said.done)
        else:
            self.screen.say(t("act.choose_first"), "warn")

    async def _rated(self, said: AnswerRated) -> None:
        ticket = self.screen.opened.ticket
        if ticket:
            await self.screen.acts.rate(ticket, said.answer, helped=said.helped)
        else:
            self.screen.say(t("act.choose_first"), "warn")
