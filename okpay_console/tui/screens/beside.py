"""The canned answers beside the case: read when they are first wanted, and kept to the case's category."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from ...content.interface import lang, t
from ...errors import OkpayError
from ..failures import explain
from ..messages import WrittenChosen
from ..panes.answers import AnswersPane

if TYPE_CHECKING:
    from .desk import DeskScreen


class Answers:
    """Mounts the answers' pane on a desk screen, once."""

    def __init__(self, screen: DeskScreen) -> None:
        self.screen = screen

    async def pane(self) -> AnswersPane:
        """The pane, mounted. Raises ContentError where a file of answers is wrong."""
        screen = self.screen
        found = screen.query(AnswersPane)
        if found:
            return found.first()
        answers, index = await asyncio.to_thread(self._read)
        if already := screen.query(AnswersPane):
            return already.first()
        placeholders = screen.start.settings.placeholders
        pane = AnswersPane(answers=answers, index=index, placeholders=placeholders, id="answers")
        await screen.query_one("#body").mount(pane, before="#left" if not screen.has_class("-wide") else None)
        self.show_case()
        return pane

    def _read(self) -> tuple[Any, Any]:
        from ...content import load_answers
        from ...domain.search import Index

        start, other = self.screen.start, "en" if lang() == "zh" else "zh"
        answers = start.answers() if start.answers else (*load_answers(lang()), *load_answers(other))
        return answers, Index.build(answers)

    async def open(self) -> None:
        """Brings the pane into sight with the cursor in its search box."""
        try:
            pane = await self.pane()
        except OkpayError as error:
            self.screen.say(explain(error), "error")
            return
        self.screen.show_face("answers")
        pane.begin()

    def show_case(self) -> None:
        """Tells the pane which case is open beside it, where it is mounted."""
        view = self.screen.opened.pane.view
        if self.screen.opened.ticket and view is not None and view.ticket is not None:
            for pane in self.screen.query(AnswersPane):
                pane.show_case(view.ticket.category, view.ticket.steps)

    def chosen(self, event: WrittenChosen) -> None:
        """A written answer goes into the reply of the open case."""
        screen = self.screen
        if not screen.opened.ticket:
            screen.say(t("act.choose_first"), "warn")
            return
        screen.show_face("case")
        screen.opened.pane.insert_reply(event.text)
        if event.missing:
            screen.say(t("answers.still_blank", count=len(event.missing)), "warn")

    def left(self) -> None:
        """The agent is done with the answers: back to the case, or to the queue where none is open."""
        screen = self.screen
        if screen.opened.ticket:
            screen.show_face("queue" if not screen.has_class("-narrow") else "case")
            screen.opened.pane.focus_first()
        else:
            screen.focus_queue()
