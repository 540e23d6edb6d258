"""The canned answers beside the case: read when they are first wanted, and kept to the case's category."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING

from ...content.interface import t
from ...errors import OkpayError
from ..clipboard import LIMIT, copy
from ..failures import explain
from ..messages import AnswerCopied, WrittenChosen
from ..panes.answers import AnswersPane

if TYPE_CHECKING:
    from ...domain.answers import Answer
    from ...domain.search import Index
    from ...domain.shelf import Ratings
    from .desk import DeskScreen


class Answers:
    """Mounts the answers' pane on a desk screen, once."""

    def __init__(self, screen: DeskScreen) -> None:
        self.screen = screen
        self._made: tuple[Sequence[Answer], Index] | None = None

    async def pane(self) -> AnswersPane:
        """The pane, mounted. Raises ContentError where a file of answers is wrong."""
        screen = self.screen
        found = screen.query(AnswersPane)
        if found:
            return found.first()
        answers, index = await asyncio.to_thread(self._read)
        if already := screen.query(AnswersPane):
            return already.first()
        pane = AnswersPane(
            answers=answers,
            index=index,
            placeholders=screen.start.settings.placeholders,
            ratings=self._ratings(),
            id="answers",
        )
        await screen.query_one("#body").mount(pane, before="#left" if not screen.has_class("-wide") else None)
        self.show_case()
        return pane

    def _read(self) -> tuple[Sequence[Answer], Index]:
        """Parses and indexes them all, which takes too long for the loop."""
        from ...domain.search import Index

        desk = self.screen.desk
        assert desk is not None
        answers = desk.answers()
        # The same tuple: only the counts are new.
        if self._made is None or self._made[0] is not answers:
            index = Index.build(answers)
            index.warm()
            self._made = answers, index
        return self._made

    def _ratings(self) -> Ratings:
        return self.screen.desk.ratings() if self.screen.desk is not None else {}

    def renew(self) -> None:
        """The house has changed its answers, or others' counts are here; a pane that nobody has opened reads them later."""
        if self.screen.query(AnswersPane):
            self.screen.run_worker(self._renew(), group="answers-read", exclusive=True)

    async def _renew(self) -> None:
        try:
            answers, index = await asyncio.to_thread(self._read)
        except OkpayError as error:
            self.screen.say(explain(error), "error")
            return
        for pane in self.screen.query(AnswersPane):
            pane.renew(answers, index, self._ratings())

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
                pane.show_case(view.ticket, self._ratings())

    def chosen(self, event: WrittenChosen) -> None:
        """A written answer goes into the reply of the open case."""
        screen = self.screen
        if not screen.opened.ticket:
            screen.say(t("act.choose_first"), "warn")
            return
        if not event.text:
            screen.say(t("answers.nothing"), "warn")
            return
        screen.show_face("case")
        screen.opened.pane.insert_reply(event.text)
        if event.missing:
            screen.say(t("answers.still_blank", count=len(event.missing)), "warn")

    def copied(self, event: AnswerCopied) -> None:
        """A text goes to the terminal's clipboard, where it is not too long for that."""
        screen, insert = self.screen, self.screen.bound("insert")
        if not event.text:
            screen.say(t("answers.nothing"), "warn")
        elif not copy(screen.app, event.text):
            screen.say(t("answers.too_long", limit=LIMIT // 1024, insert=insert), "warn")
        else:
            blank = t("answers.still_blank", count=len(event.missing)) if event.missing else ""
            screen.say(f"{t('answers.copied', insert=insert)} {blank}".rstrip(), "warn" if blank else "done")

    def left(self) -> None:
        """The agent is done with the answers: back to the case, or to the queue where none is open."""
        screen = self.screen
        if screen.opened.ticket:
            screen.show_face("queue" if not screen.has_class("-narrow") else "case")
            screen.opened.pane.focus_first()
        else:
            screen.focus_queue()
