"""The case: header, checklist with the next thing to say, free line, timeline and composer of one ticket."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical

from ...content.interface import t
from ...domain.gleaning import Proposal, propose
from ...domain.overlay import View
from ...domain.privacy import redact
from ...domain.ticket import Channel, Ticket
from ...domain.veil import veil
from ...domain.visits import Visits
from .. import house
from ..acts import field_draft
from ..around import around, gathered, inside
from ..blankarea import to_fill
from ..desk_model import Desk
from ..fieldwords import ask_words, progress_words
from ..jotter import Jotter
from ..messages import ComposerLeft, DraftKind
from ..panes.checklist import ChecklistPane
from ..panes.composer import Composer, composer_title
from ..panes.freeline import FreeLine
from ..panes.header import AskLine, CaseHeader, header_lines
from ..panes.timeline import TimelinePane
from ..reveals import CALLER, Reveals
from ..rows import number_word
from .replying import Replying

FREE = "free"
"""The kind of draft that the free line's words are."""


class CasePane(Vertical):
    """One ticket as this desk sees it. It shows and asks; what becomes of the words is the screen's business."""

    def __init__(
        self,
        desk: Desk,
        *,
        now: Callable[[], datetime],
        jotter: Jotter,
        id: str | None = None,  # noqa: A002
    ) -> None:
        super().__init__(id=id)
        self.desk = desk
        self.now = now
        self.jotter = jotter
        self.reveals = Reveals()
        self.replying = Replying(desk, jotter)
        self.ticket = ""
        self.view: View | None = None
        self.visits = Visits()
        self._composer = Composer(id="composer")
        self._composer.display = False

    def compose(self) -> ComposeResult:
        yield CaseHeader(id="case-header")
        yield AskLine(id="case-ask")
        yield FreeLine(propose=self._propose, id="free")
        yield ChecklistPane(
            now=self.now,
            slip=lambda field: self.jotter.slip(self.ticket, field_draft(field), field=field),
            seen=lambda field: self.reveals.left(self.ticket, field),
            id="checklist",
        )
        yield TimelinePane(id="timeline")
        yield self._composer

    def on_mount(self) -> None:
        self.query_one(FreeLine).display = False
        self._blank()
        self.set_interval(1.0, self.count_down)

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
            self.query_one(FreeLine).shut()
            self.reveals.cover()
        self.ticket, self.view = ticket, view
        self._show(fresh=fresh)
        return True

    def refresh_case(self) -> bool:
        """Something about the ticket changed: shows it as it is now, without moving anybody's cursor.

        False where it is not here any more: the case is shut then, and words that were being written stay its drafts.
        """
        if not self.ticket:
            return False
        view = self.desk.view(self.ticket)
        if view.ticket is None:
            self._shut()
            return False
        self.view = view
        self._show(fresh=False)
        return True

    def _shut(self) -> None:
        composer = self._composer
        if composer.ticket:
            composer.shut()
        self.query_one(FreeLine).shut()
        self.reveals.cover()
        self.ticket, self.view = "", None
        self._blank()

    def tick(self) -> None:
        if self.view is not None and self.view.ticket is not None:
            self._show_header(self.view.ticket, self.view)

    def focus_first(self) -> None:
        checklist = self.query_one(ChecklistPane)
        (checklist if checklist.fields else self.query_one(TimelinePane)).focus()

    # Writing

    def free_line(self) -> None:
        """Opens the line for details in any order."""
        if self.view is not None and self.view.ticket is not None:
            self.query_one(FreeLine).open(self.jotter.slip(self.ticket, FREE))

    def _propose(self, text: str) -> Sequence[Proposal]:
        if self.view is None or self.view.ticket is None:
            return ()
        ticket = self.view.ticket
        listed = house.checklist(ticket.category)
        return propose(text, listed=listed, answers=ticket.answers, now=self.now(), channel=ticket.channel)

    @property
    def composing(self) -> bool:
        """Whether a note or a reply is being written."""
        return bool(self._composer.display)

    @property
    def replies(self) -> bool:
        """Whether a reply is being written."""
        return bool(self._composer.display) and self._composer.kind == "reply"

    def compose_words(self, kind: DraftKind) -> None:
        """Opens the composer with the draft that is kept for this ticket and kind, and with those of merged tickets."""
        if self.view is None or self.view.ticket is None:
            return
        ticket = self.view.ticket
        draft, merged = self.replying.drafted(ticket, kind)
        if kind == "reply":
            self.replying.begin(self, ticket, draft=draft)
        self._lay(writing=True)
        self._composer.open(self.ticket, kind, draft, title=composer_title(kind, number_word(ticket.number)))
        if merged:
            # Under this ticket first, and off the other one behind it: a crash between the two shows the words twice.
            self.jotter.jot(self, self.ticket, kind, draft)
            for other, _ in merged:
                self.jotter.forget(other, kind)
        self._warn(ticket)

    def stops(self, ticket: str, kind: DraftKind, text: str) -> str:
        """Why sending must wait, "" where nothing stands against it. The words are in their field again.

        The ticket is somebody else's, or the reply has blanks: it waits until that has changed, and the first blank is
        selected. Or others did something, which is shown: it waits once.
        """
        found = self.desk.view(ticket).ticket
        if kind != "reply" or found is None:
            return ""
        stopped = self.replying.stopped(found, text, warned=ticket == self.ticket)
        if stopped:
            self._composer.unsent(ticket, kind, text)
            self._warn(found)
            if to_fill(text):
                self._composer.point_at_blank(ticket, kind)
            elif not self.replying.barred(found):
                self.replying.look(self, found)
        return stopped

    def _warn(self, ticket: Ticket) -> None:
        composer = self._composer
        if composer.ticket == ticket.id and composer.kind == "reply":
            if not composer.text.strip():
                self.replying.look(self, ticket)
            notes = self.replying.notes(ticket)
            if notes or not composer.text.strip():
                composer.warn(notes)

    @on(ComposerLeft)
    def _written(self) -> None:
        self._lay(writing=self.composing)

    def _lay(self, *, writing: bool) -> None:
        # What is written takes its rows from the checklist, whose style alone depends on it.
        if self.has_class("-writing") != writing:
            self.set_class(writing, "-writing", update=False)
            self.query_one(ChecklistPane).update_node_styles()

    def insert_reply(self, text: str) -> None:
        """Puts a text into the reply to this ticket's caller, at its cursor."""
        composer = self._composer
        if composer.ticket != self.ticket or composer.kind != "reply":
            self.compose_words("reply")
        composer.insert(text)

    @on(ChecklistPane.Asked)
    def _asked(self, event: ChecklistPane.Asked) -> None:
        event.stop()
        checklist, ask = self.query_one(ChecklistPane), self.query_one(AskLine)
        closed = self.view is not None and self.view.ticket is not None and self.view.ticket.status == "closed"
        if closed and not checklist.editing:
            say = ""  # Nobody is there to be asked.
        elif event.field:
            room = max(ask.size.width - 2, 8) if checklist.editing else 0
            say = ask_words(event.field, self._channel, choices=room)
        else:
            # Without a list the line above says what to do; that everything has been asked would be untrue.
            say = t("checklist.all_asked") if checklist.fields else ""
        ask.show(sentence=say, note=event.note)

    @property
    def _channel(self) -> Channel:
        return self.view.ticket.channel if self.view is not None and self.view.ticket is not None else "hotline"

    def _show(self, *, fresh: bool) -> None:
        assert self.view is not None
        ticket = self.view.ticket
        assert ticket is not None
        self._fill(True)
        # Counted when something changed, not every second: it reads all of the caller's tickets.
        self.visits = self.desk.visits(self.ticket)
        self._show_header(ticket, self.view)
        checklist = self.query_one(ChecklistPane)
        bare = not checklist.fields
        checklist.show(house.checklist(ticket.category), ticket.answers, fresh=fresh, channel=ticket.channel)
        checklist.styles.height = min(max(len(checklist.fields), 1), max(self.size.height // 2 - 4, 3))
        self.query_one(AskLine).show(progress=progress_words(checklist.progress, ""))
        doubtful = [op for op in self.desk.ops(self.ticket) if op.uuid in self.view.doubtful]
        seen = bool(self.reveals.left(self.ticket, CALLER))
        others = inside(ticket, lambda other: self.desk.view(other).ticket)
        timeline = self.query_one(TimelinePane)
        timeline.number = self._number
        timeline.show(gathered(self.view, others), doubtful, fresh=fresh, seen=seen)
        if bare and checklist.fields and self.screen.focused is timeline:
            # The timeline only stood in for a list that was not there yet.
            self.screen.set_focus(checklist)
        self._warn(ticket)

    def _show_header(self, ticket: Ticket, view: View) -> None:
        seen = self.reveals.left(self.ticket, CALLER)
        lines = around(ticket, self.visits, number=self._number, now=self.now(), show=str if seen else veil)
        beside = self.desk.others(self.ticket)
        shown = header_lines(ticket, view, me=self.desk.me, now=self.now(), seen=seen, around=lines, beside=beside)
        self.query_one(CaseHeader).show(shown)

    def _number(self, ticket: str) -> str:
        row = self.desk.rows().get(ticket)
        return f"#{number_word(row.number)}" if row is not None else t("around.elsewhere")

    # Masks

    def uncovered(self) -> None:
        """Something is to be seen without its mask."""
        self.refresh_case()

    def cover(self) -> None:
        """The case is left: what was uncovered is masked at once."""
        if self.reveals.any:
            self.reveals.cover()
            self.refresh_case()

    def count_down(self) -> None:
        """A second went by: masks what has run out. The seconds are not counted under somebody's typing."""
        if not self.reveals.any:
            return
        if self.reveals.expire():
            self.refresh_case()
        elif not hasattr(self.screen.focused, "cursor_screen_offset"):
            self.query_one(ChecklistPane).refresh()
            self.tick()

    def on_resize(self) -> None:
        if self.ticket and self.view is not None:
            checklist = self.query_one(ChecklistPane)
            checklist.styles.height = min(max(len(checklist.fields), 1), max(self.size.height // 2 - 4, 3))

    def _blank(self) -> None:
        self._fill(False)
        self.query_one(CaseHeader).show([(t("case.choose"), "state")])
        self.query_one(AskLine).show(progress="", sentence="", note="")

    def _fill(self, shown: bool) -> None:
        # Directly and without a class, for which the style of the whole case would be worked out anew.
        for part in (AskLine, ChecklistPane, TimelinePane):
            self.query_one(part).display = shown

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
        if kind == "reply" and self._composer.ticket != ticket:
            self.replying.done(ticket)

    def unsent(self, ticket: str, kind: DraftKind, text: str) -> None:
        """The composer's words could not be kept as an operation."""
        self._composer.unsent(ticket, kind, text)
