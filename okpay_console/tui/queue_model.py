"""The queue in memory: which tickets a view lists, in which order, and what has come in since it was last ordered."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from ..domain.queue import VIEWS, Row, ViewName
from .render import line
from .rowbook import RowBook

if TYPE_CHECKING:
    from .views import Members


class QueueModel:
    """Every row, kept in working order; one view of it is listed.

    The list stays as it is while rows change: a row that changed keeps its place, a new one waits in ``fresh`` until
    ``take_in``. ``me`` is the agent whose tickets "mine" holds. No clock here: ``now`` comes in.

    Besides the built-in views there are ``own`` ones by key: which tickets meet their conditions is kept up row by row, so that
    choosing and counting them does not look at every row.
    """

    def __init__(self, *, me: str = "") -> None:
        self.book = RowBook(me=me)
        self.view: ViewName | str = "open"
        self.own: dict[str, Members] = {}
        self.words = ""
        self.why: dict[str, str] = {}
        self.order: list[str] = []
        self.fresh: set[str] = set()
        self._listed: set[str] = set()
        self._index: dict[str, int] | None = None
        self._words_of: dict[str, str] = {}
        self._only: list[str] | None = None
        self._found: list[str] | None = None
        self._filter: Members | None = None
        self._typed: Members | None = None
        self._unread = False

    @property
    def rows(self) -> dict[str, Row]:
        """Every row by its ticket."""
        return self.book.rows

    @property
    def me(self) -> str:
        return self.book.me

    @me.setter
    def me(self, name: str) -> None:
        self.book.me = name

    def replace(self, rows: Iterable[Row]) -> None:
        """Takes these rows for all there are, in one go; for a first page or a test."""
        self.book = RowBook(rows, me=self.me)
        self._words_of.clear()
        for members in self._kept():
            members.replace(self.rows.values())

    async def load(self, rows: Mapping[str, Row]) -> None:
        """Takes ``rows`` for all there are, in slices that leave the event loop free, and swaps at the end."""
        book = await RowBook.loaded(rows, me=self.me)
        held: list[tuple[Members, set[str]]] = []
        # Also what is made while others are looked through; the rows are swapped with all that was kept of them.
        while left := [members for members in self._kept() if all(members is not done for done, _ in held)]:
            held.append((left[0], await left[0].find(book.rows, set())))
        for members, ids in held:
            members.ids = ids
        self.book = book
        self._words_of.clear()

    def change(self, ticket: str, row: Row | None, *, now: datetime) -> None:
        """Puts one row in the place of what was known of the ticket; None: the ticket is gone."""
        self.book.change(ticket, row)
        self._words_of.pop(ticket, None)
        for members in self._kept():
            members.change(ticket, row)
        if row is None:
            self.fresh.discard(ticket)
            if ticket in self._listed:
                self._listed.discard(ticket)
                self.order.remove(ticket)
                self._index = None
            return
        if ticket not in self._listed:
            if self._belongs(row, now):
                self.fresh.add(ticket)
            else:
                self.fresh.discard(ticket)

    def choose(self, view: ViewName | str, *, now: datetime) -> None:
        """Lists a view: a built-in one, or one of ``own`` by its key."""
        self.view = view
        self._only = None
        if self._found is not None or self._filter is not None or self._unread:
            self._typing("")
        self.take_in(now=now)

    async def learn(self, members: Members, *, key: str = "") -> None:
        """Finds out, in slices, which rows meet the conditions; as an own view under ``key``, or as the filter that is typed.

        Whoever types on meanwhile cancels this; the list is as it was until ``show_filtered``.
        """
        if key:
            self.own[key] = members
        else:
            self._typed = members
        # Where all rows are swapped meanwhile, ``load`` finds out the same of the new ones and puts it in the place of this.
        await members.find(self.rows, members.ids)

    def forget(self, key: str) -> None:
        """An own view is no more; where it was listed, the open tickets are next."""
        self.own.pop(key, None)
        if self.view == key:
            self.view = "open"

    def misread(self, words: str, *, now: datetime) -> None:
        """What was typed cannot be understood yet: the view is listed without it."""
        self._typing(line(words))
        self._unread = True
        self.take_in(now=now)

    def show_filtered(self, words: str, members: Members, *, now: datetime) -> None:
        """Lists what meets the conditions that were typed, among all tickets; until ``search`` or ``choose``."""
        self._typing(line(words))
        self._filter = self._typed = members
        self.take_in(now=now)

    def only(self, tickets: Iterable[str], *, now: datetime) -> None:
        """Lists just these tickets, until a view is chosen: what stands behind a number of the wall."""
        self._only = list(tickets)
        self.take_in(now=now)

    @property
    def narrowed(self) -> bool:
        """Whether ``only`` chose what is listed, and no view."""
        return self._only is not None

    def search(self, words: str, *, now: datetime) -> None:
        """Keeps the rows of the view that hold every word: number, subject, the end of the caller's number, assignee."""
        self._typing(line(words).casefold())
        self.take_in(now=now)

    def show_found(self, words: str, found: Mapping[str, str], *, now: datetime) -> None:
        """Lists just the tickets that a search has found, in its order, each with why; until ``search`` or ``choose``."""
        self._typing(line(words))
        self.why, self._found = dict(found), list(found)
        self.take_in(now=now)

    def take_in(self, *, now: datetime) -> None:
        """Orders the list anew with everything that belongs to it."""
        rows, ordered = self.rows, self.book.ordered
        moment = now.timestamp()
        members = self._filter or (self.own.get(self.view) if self._only is None else None)
        match self.view:
            case _ if self._found is not None:
                order = [ticket for ticket in self._found if ticket in rows]
            case _ if members is not None:
                order = members.listed(ordered, self.book.keys, moment)
            case _ if self._only is not None:
                chosen = set(self._only)
                order = [key[3] for key in ordered if key[3] in chosen]
            case "all":
                order = [key[3] for key in ordered]
            case "open":
                order = [key[3] for key in ordered if key[0] != 9]
            case "closed":
                order = [key[3] for key in ordered if key[0] == 9]
            case "pending":
                order = [key[3] for key in ordered if 5 <= key[0] < 9]
            case "overdue":
                order = [key[3] for key in ordered if key[0] < 5 and key[1] < moment]
            case "mine":
                me = self.me
                order = [key[3] for key in ordered if key[0] != 9 and rows[key[3]].assignee == me]
            case _:
                order = [key[3] for key in ordered if key[0] != 9 and rows[key[3]].assignee is None]
        if self.words and self._found is None and self._filter is None and not self._unread:
            order = [ticket for ticket in order if self._matches(rows[ticket])]
        self.order = order
        self._listed = set(order)
        self._index = None
        self.fresh.clear()

    def reconcile(self, *, now: datetime) -> None:
        """After ``load``: the list keeps its order without what is gone; what has come waits in ``fresh``."""
        listed = self._listed
        self.order = [ticket for ticket in self.order if ticket in self.rows]
        self._listed = set(self.order)
        self._index = None
        self.fresh = {ticket for ticket, row in self.rows.items() if ticket not in listed and self._belongs(row, now)}

    def leave(self, ticket: str) -> None:
        """Takes one ticket off the list: the agent is done with it."""
        if ticket in self._listed:
            self._listed.discard(ticket)
            self.order.remove(ticket)
            self._index = None

    def position(self, ticket: str) -> int | None:
        """Where the ticket is listed, 0 for the first; None where it is not."""
        if self._index is None:
            self._index = {listed: at for at, listed in enumerate(self.order)}
        return self._index.get(ticket)

    def _typing(self, words: str) -> None:
        """These words are in the filter's box; nothing has been found or understood of them yet."""
        self.words, self.why, self._found, self._filter, self._typed, self._unread = words, {}, None, None, None, False

    def _kept(self) -> list[Members]:
        """The members that every change of a row concerns."""
        typed = [] if self._typed is None else [self._typed]
        return [*self.own.values(), *typed]

    def counts(self, *, now: datetime) -> dict[str, int]:
        """How many tickets each view holds, the own ones by their keys."""
        moment = now.timestamp()
        late: set[str] = set()
        overdue = 0
        asked = any(members.late is not None for members in self.own.values())
        for run in self.book.overdue(moment):
            overdue += run.stop - run.start
            if asked:
                late.update(key[3] for key in self.book.ordered[run])
        own = {key: members.number(late) for key, members in self.own.items()}
        return {**dict(zip(VIEWS, self.book.counts(overdue=overdue), strict=True)), **own}

    def promising(self) -> list[Row]:
        """The rows with promises; looking for them among all rows would cost a frame."""
        return [self.rows[ticket] for ticket in self.book.promising]

    def _belongs(self, row: Row, now: datetime) -> bool:
        key = self.book.keys[row.id]
        if self._only is not None or self._found is not None:
            return False
        if (members := self._filter or self.own.get(self.view)) is not None:
            late = key[0] < 5 and key[1] < now.timestamp()
            fits = row.id in members.ids and members.late in (None, late)
            return fits and (self._filter is not None or self._unread or not self.words or self._matches(row))
        belongs = {
            "all": True,
            "open": key[0] != 9,
            "closed": key[0] == 9,
            "pending": 5 <= key[0] < 9,
            "overdue": key[0] < 5 and key[1] < now.timestamp(),
            "mine": key[0] != 9 and row.assignee == self.me,
            "unclaimed": key[0] != 9 and row.assignee is None,
        }.get(self.view, False)
        return belongs and (self._unread or not self.words or self._matches(row))

    def _matches(self, row: Row) -> bool:
        haystack = self._words_of.get(row.id)
        if haystack is None:
            caller = row.caller
            haystack = f"#{row.number} {row.subject} {caller.mobile} {caller.name} {row.assignee or ''}".casefold()
            self._words_of[row.id] = haystack
        return all(word in haystack for word in self.words.split())
