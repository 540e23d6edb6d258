"""The case that is open on a desk screen: which one it is, and which ticket a key is meant for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...content.interface import t
from ..desk_model import Desk
from ..panes.queue import TicketTable
from ..rows import number_word
from .case import CasePane

if TYPE_CHECKING:
    from .desk import DeskScreen


class OpenCase:
    """Holds the case pane; ``ticket`` is the id of the ticket in it, "" before the first."""

    def __init__(self, screen: DeskScreen, desk: Desk) -> None:
        self.screen = screen
        self.ticket = ""
        self.pane = CasePane(desk, now=screen.now, jotter=screen.acts.jotter, id="case")

    def show(self, ticket: str, *, focus: bool = True) -> bool:
        """Opens a ticket; False where this machine has nothing to show of it."""
        screen = self.screen
        if not self.pane.open(ticket):
            screen.say(t("act.no_ticket"), "warn")
            return False
        self.ticket = ticket
        self.look()
        table = screen.query_one(TicketTable)
        table.mark_open(ticket)
        table.select(ticket)
        self._name()
        if focus:
            screen.show_face("case")
            self.pane.focus_first()
        return True

    def look(self) -> None:
        """Tells the desk what is in front of the agent, for those who have the same case open."""
        if self.screen.desk is not None:
            self.screen.desk.look(self.ticket, writing=self.pane.replies)

    def refresh(self) -> None:
        """Something about the open case changed; where it was taken away, nothing of it stays in sight."""
        if not self.ticket:
            return
        if self.pane.refresh_case():
            self._name()
        else:
            self._leave()

    def _leave(self) -> None:
        screen, inside = self.screen, self.screen.pane_of(self.screen.focused) in ("", "case")
        self.ticket = ""
        self.look()
        screen.query_one(TicketTable).mark_open(None)
        screen.status_line.case = ""
        screen.show_status()
        screen.answers.show_case()
        if inside:
            screen.focus_queue()
        screen.alarm(t("case.taken_away"))

    def tick(self) -> None:
        if self.ticket and not self.pane.ticket:
            self._leave()
        elif self.ticket:
            self.pane.tick()

    def target(self) -> str:
        """The ticket that a key is meant for: under the cursor while in the queue, else the one that is open; "" for none."""
        screen = self.screen
        table = screen.query_one(TicketTable)
        if (screen.focused is table or not self.ticket) and table.cursor is not None:
            return table.cursor if self.show(table.cursor, focus=False) else ""
        return self.ticket

    def free_line(self) -> None:
        """Opens the line for details in any order."""
        if self.ticket:
            self.screen.show_face("case")
            self.pane.free_line()

    def ask_next(self) -> None:
        """Opens the next field of the checklist for writing."""
        if self.ticket:
            from ..panes.checklist import ChecklistPane

            self.screen.show_face("case")
            self.screen.query_one(ChecklistPane).ask_next()

    def _name(self) -> None:
        view = self.pane.view
        number = view.ticket.number if view is not None and view.ticket is not None else 0
        self.screen.status_line.case = f"#{number_word(number)}"
        self.screen.show_status()
        self.screen.answers.show_case()
