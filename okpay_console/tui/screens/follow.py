"""Following a ticket while somebody works on it: everything moves, nothing can be changed, and nobody is told of the look."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.content import Content
from textual.widgets import Static

from ...content.interface import t
from ...domain.overlay import View
from ...domain.ticket import Ticket
from .. import keys
from ..around import gathered, inside
from ..desk_model import Desk
from ..levers import Levers
from ..panes.followed import Followed
from ..panes.header import CaseHeader, header_lines
from ..panes.status import KeyBar, link_words
from ..panes.timeline import TimelinePane
from ..render import line
from ..rows import number_word
from ..when import local
from .overwall import OverWall

SECONDS = 0.5
"""So often the ticket is looked at anew; the clocks of its call go by the second."""


class FollowScreen(OverWall[str | None]):
    """Returns the ticket where it is to be worked on at the desk, None to go back.

    Values stay masked, drafts and presence are others' own: neither is read here, and ``Desk.look`` is never told.
    """

    BINDINGS: ClassVar[list[BindingType]] = [*keys.bindings("follow")]

    def __init__(self, desk: Desk, ticket: str, *, now: Callable[[], datetime]) -> None:
        super().__init__(desk, now=now)
        self.ticket = ticket
        self._desk = desk
        self._view: View | None = None

    def compose(self) -> ComposeResult:
        yield Static("", id="follow-top", markup=False)
        yield CaseHeader(id="follow-header")
        yield Followed(id="followed")
        yield TimelinePane(id="follow-timeline")
        yield self.message_bar
        bar = KeyBar(id="follow-keys")
        bar.scopes = ("follow",)
        yield bar

    def on_mount(self) -> None:
        self.begin()
        self.query_one(KeyBar).show(("follow",), self._app.keys)
        timeline = self.query_one(TimelinePane)
        timeline.number = self._number
        timeline.focus()
        self.look()
        self.set_interval(SECONDS, self.look)

    def look(self) -> None:
        """Shows the ticket as it is now; one that has gone is shown as it was, and that is said."""
        view = self._desk.view(self.ticket)
        gone = view.ticket is None
        if gone and self._view is not None:
            view = self._view
        ticket = view.ticket
        if ticket is None:
            return
        now = self.now()
        fresh = self._view is None
        self.query_one(CaseHeader).show(header_lines(ticket, view, me=self._desk.me, now=now))
        self.query_one(Followed).show(ticket, now)
        if fresh or self._view is None or view.ticket is not self._view.ticket:
            doubtful = [op for op in self._desk.ops(self.ticket) if op.uuid in view.doubtful]
            others = inside(ticket, lambda other: self._desk.view(other).ticket)
            self.query_one(TimelinePane).show(gathered(view, others), doubtful, fresh=fresh)
        self._view = view
        self._show_top(ticket, gone=gone)

    def _show_top(self, ticket: Ticket, *, gone: bool) -> None:
        status = self._desk.status()
        link, role = link_words(status, self.now())
        who = t("follow.holder", who=line(ticket.assignee)) if ticket.assignee else t("follow.nobody")
        parts = [t("follow.title", number=number_word(ticket.number)), who, t("follow.gone") if gone else ""]
        if status.state != "online" and status.last_sync_at is not None:
            # What stands still because nothing comes in must not look as if nobody did anything.
            parts.append(t("follow.as_of", at=local(status.last_sync_at).strftime("%H:%M:%S")))
        parts.append(link if role != "calm" else "")
        content = Content(" " + "  ".join(filter(None, parts)))
        top = self.query_one("#follow-top", Static)
        if top.content != content:
            top.update(content)

    def _number(self, ticket: str) -> str:
        row = self._desk.rows().get(ticket)
        return f"#{number_word(row.number)}" if row is not None else t("around.elsewhere")

    def action_key(self, action: str) -> None:
        match action:
            case "follow_back":
                if not self.acknowledged():
                    self.dismiss(None)
            case "follow_open":
                self.dismiss(self.ticket)
            case "follow_quit":
                self.app.exit()
            case "follow_help":
                from .help import HelpScreen

                self.app.push_screen(HelpScreen(["follow"]))
            case "follow_tell":
                self.work(self._note())

    async def _note(self) -> None:
        ticket = self._view.ticket if self._view is not None else None
        await Levers(self.acts).note((ticket.assignee or "") if ticket is not None else "", self.ticket)
