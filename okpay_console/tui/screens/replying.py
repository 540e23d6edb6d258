"""What a reply must not overlook: whose the ticket is, and what others did to it since the first word was written."""

from __future__ import annotations

from collections.abc import Sequence

from textual.widget import Widget

from ...content.interface import t
from ...domain import stale
from ...domain.ticket import Entry, Ticket
from ...domain.veil import veil
from ..blankarea import to_fill
from ..desk_model import Desk
from ..jotter import Jotter
from ..panes.timeline import entry_detail, entry_head
from ..render import line
from ..rows import number_word

SEEN = "reply.seen"
"""The kind of draft under which the entries are kept that the author of a reply has seen; it goes with the reply."""

_BEGUN = "-"
"""Stands first, so that a reply to a ticket in which nothing had happened yet is known to have begun."""


class Replying:
    """Keeps what has been seen, on disk beside the draft, so that a reply begun yesterday is stopped as well."""

    def __init__(self, desk: Desk, jotter: Jotter) -> None:
        self.desk = desk
        self.jotter = jotter

    def begin(self, on: Widget, ticket: Ticket, *, draft: str) -> None:
        """The composer opens with a ``draft``: an empty one begins now, an older one began when it began."""
        if not draft or not self.jotter.read(ticket.id, SEEN):
            self.look(on, ticket)

    def look(self, on: Widget, ticket: Ticket) -> None:
        """Everything in the ticket has been seen."""
        self.jotter.jot(on, ticket.id, SEEN, " ".join((_BEGUN, *sorted(stale.ids(ticket)))))

    def done(self, ticket: str) -> None:
        """The reply is on its way: nothing needs to be remembered."""
        self.jotter.forget(ticket, SEEN)

    def news(self, ticket: Ticket) -> tuple[Entry, ...]:
        """What others did since the reply was begun."""
        return stale.since(ticket, frozenset(self.jotter.read(ticket.id, SEEN).split()), self.desk.me)

    def barred(self, ticket: Ticket) -> bool:
        """Whether a reply cannot go out because the ticket is somebody else's (``effects_talk.reply``)."""
        return not ticket.merged_into and ticket.assignee not in (None, self.desk.me)

    def stopped(self, ticket: Ticket, text: str, *, warned: bool) -> str:
        """Why the reply must wait, "" where nothing stands against it. ``warned``: what others did is on the screen."""
        if self.barred(ticket):
            return t("composer.barred", who=line(ticket.assignee or ""))
        if blanks := to_fill(text):
            return blanks
        return t("composer.stopped") if warned and self.news(ticket) else ""

    def notes(self, ticket: Ticket) -> list[str]:
        """What to say above the words while they are written: the ticket's owner first, then what is new, newest first.

        Where a reply cannot go out, nothing speaks of sending it.
        """
        said = []
        if ticket.merged_into:
            into = self.desk.view(ticket.merged_into).ticket
            said.append(t("composer.merged", number=number_word(into.number if into is not None else 0)))
        elif self.barred(ticket):
            said.append(t("composer.not_yours", who=line(ticket.assignee or "")))
        news = self.news(ticket)
        if news and not self.barred(ticket):
            said.append(t("composer.news", count=len(news)))
        return [*said, *self._told(news)]

    @staticmethod
    def _told(news: Sequence[Entry]) -> list[str]:
        told = []
        for entry in reversed(news[-2:]):
            detail = " ".join(part for part in (entry_detail(entry), line(veil(entry.text))) if part)
            told.append(f"{entry_head(entry)} {detail}".strip())
        return told

    def drafted(self, ticket: Ticket, kind: str) -> tuple[str, list[tuple[str, str]]]:
        """The draft of this kind, and (ticket, text) of those begun at tickets that were merged into this one."""
        own, merged = self.jotter.read(ticket.id, kind), []
        for one in self.desk.drafts_of(ticket.id):
            if one.kind == kind and one.ticket != ticket.id:
                words = t("composer.from_merged", number=number_word(one.number), text=one.text)
                if one.text not in own:
                    own = f"{own}\n{words}" if own else words
                merged.append((one.ticket, one.text))
        return own, merged
