"""The case: header, checklist with the next thing to say, timeline and composer of one ticket."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical

from ...content.interface import t
from ...domain.overlay import View
from ...domain.privacy import redact
from ...domain.ticket import Ticket
from .. import house
from ..desk_model import Desk
from ..messages import DraftKind
from ..panes.checklist import ChecklistPane, progress_words
from ..panes.composer import Composer, composer_title
from ..panes.header import AskLine, CaseHeader, header_lines
from ..panes.timeline import TimelinePane
from ..rows import number_word


class CasePane(Vertical):
    """One ticket as this desk sees it. It shows and asks; what becomes of the words is the screen's business."""

    def __init__(self, desk: Desk, *, now: Callable[[], datetime], id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self.desk = desk
        self.now = now
        self.ticket = ""
        self.view: View | None = None
        self._composer = Composer(id="composer")

    def compose(self) -> ComposeResult:
        yield CaseHeader(id="case-header")
        yield AskLine(id="case-ask")
        yield ChecklistPane(now=self.now, id="checklist")
        yield TimelinePane(id="timeline")
        yield self._composer

    def on_mount(self) -> None:
        self._composer.display = False
        self._blank()

    def open(self, ticket: str) -> bool:
        """Shows a ticket; False where there is nothing to show."""
        view = self.desk.view(ticket)
        if view.ticket is None:
            return False
        fresh = ticket != self.ticket
        if fresh:
            composer = self._composer
            if composer.ticket:
                composer.shut()
        self.ticket, self.view = ticket, view
        self._show(fresh=fresh)
        return True

    def refresh_case(self) -> None:
        """Something about the ticket changed: shows it as it is now, without moving anybody's cursor."""
        if self.ticket:
            self.view = self.desk.view(self.ticket)
            if self.view.ticket is not None:
                self._show(fresh=False)

    def tick(self) -> None:
        if self.view is not None and self.view.ticket is not None:
            self._show_header(self.view.ticket, self.view)

    def focus_first(self) -> None:
        checklist = self.query_one(ChecklistPane)
        (checklist if checklist.fields else self.query_one(TimelinePane)).focus()

    def compose_words(self, kind: DraftKind) -> None:
        """Opens the composer with the draft that is kept for this ticket and kind."""
        if self.view is None or self.view.ticket is None:
            return
        number = number_word(self.view.ticket.number)
        draft = self.desk.draft(self.ticket, kind)
        self._composer.open(self.ticket, kind, draft, title=composer_title(kind, number))

    def insert_reply(self, text: str) -> None:
        """Puts a text into the reply to this ticket's caller."""
        composer = self._composer
        if composer.ticket != self.ticket or composer.kind != "reply":
            self.compose_words("reply")
        composer.insert(text)

    @on(ChecklistPane.Asked)
    def _asked(self, event: ChecklistPane.Asked) -> None:
        event.stop()
        sentence = house.field_ask(event.field, self._channel) if event.field else ""
        options = "  ".join(words for _, words in house.choice_words(event.field)) if event.field else ""
        note = event.note
        if not note and options and self.query_one(ChecklistPane).editing:
            sentence = f"{sentence} [{options}]"
        label = house.field_label(event.field) if event.field else ""
        say = t("checklist.say", field=label, sentence=sentence) if sentence else t("checklist.next", field=label)
        # Without a list the line above says what to do; that everything has been asked would be untrue.
        done = t("checklist.all_asked") if self.query_one(ChecklistPane).fields else ""
        self.query_one(AskLine).show(sentence=say if event.field else done, note=note)

    @property
    def _channel(self) -> str:
        return self.view.ticket.channel if self.view is not None and self.view.ticket is not None else "hotline"

    def _show(self, *, fresh: bool) -> None:
        assert self.view is not None
        ticket = self.view.ticket
        assert ticket is not None
        self.set_class(False, "-blank")
        self._show_header(ticket, self.view)
        checklist = self.query_one(ChecklistPane)
        checklist.show(house.checklist(ticket.category), ticket.answers, fresh=fresh)
        checklist.styles.height = min(max(len(checklist.fields), 1), max(self.size.height // 2 - 4, 3))
        self.query_one(AskLine).show(progress=progress_words(checklist.progress, ""))
        doubtful = [op for op in self.desk.ops(self.ticket) if op.uuid in self.view.doubtful]
        self.query_one(TimelinePane).show(self.view, doubtful, fresh=fresh)

    def _show_header(self, ticket: Ticket, view: View) -> None:
        self.query_one(CaseHeader).show(header_lines(ticket, view, me=self.desk.me, now=self.now()))

    def on_resize(self) -> None:
        if self.ticket and self.view is not None:
            checklist = self.query_one(ChecklistPane)
            checklist.styles.height = min(max(len(checklist.fields), 1), max(self.size.height // 2 - 4, 3))

    def _blank(self) -> None:
        self.set_class(True, "-blank")
        self.query_one(CaseHeader).show([(t("case.choose"), "state")])
        self.query_one(AskLine).show(progress="", sentence="", note="")

    async def keep(self) -> None:
        """Keeps unsent words at once, without the screen's messages: the console is being left."""
        owed = self._composer.unsaved()
        if owed is not None:
            ticket, kind, text = owed
            await self.desk.keep_draft(ticket, kind, redact(text)[0])

    def kept(self, ticket: str, kind: DraftKind, text: str) -> None:
        """The disk has a draft of these words."""
        self._composer.kept(ticket, kind, text)

    def sent(self, ticket: str, kind: DraftKind, text: str) -> None:
        """The composer's words are kept as an operation."""
        self._composer.sent(ticket, kind, text)

    def unsent(self, ticket: str, kind: DraftKind, text: str) -> None:
        """The composer's words could not be kept as an operation."""
        self._composer.unsent(ticket, kind, text)
