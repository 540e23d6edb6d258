"""The mirror: the server's last word on every ticket in this agent's scope, and how far it reaches."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import msgspec

from ..domain import queue, ticket, wire
from .outbox import Outbox
from .owner import Owner, met
from .record import Change
from .store import CURSOR, IDENTITY, STAGING, TICKETS, Commit, Store, make, store_of

if TYPE_CHECKING:
    from .database import OkDB

WRITTEN_EVERY = timedelta(minutes=1)


class Reach(msgspec.Struct, frozen=True, omit_defaults=True):
    """How far the mirror reaches: ``cursor`` of the view, ``relist`` of the staging pass (None: there is none).

    ``at`` is the server's clock of the last page that left nothing more to fetch.
    """

    cursor: str = ""
    relist: str | None = None
    at: datetime | None = None


class Mirror:
    """Tickets as the server told them, kept whole, so that fields of a newer server survive.

    The memory belongs to one thread, whichever it is; ``plan_*`` decide there, the record may be written elsewhere, and
    ``Commit.finish`` runs there again. The plain methods do all three at once.
    """

    def __init__(self, db: OkDB | Store) -> None:
        self._store = store_of(db)
        self._rows: dict[str, queue.Row] | None = None
        self._staged: dict[str, queue.Row] | None = None
        self._unreadable: set[str] = set()
        self.reload()

    def reload(self) -> None:
        """Reads the store's state anew: after a read-only opener has refreshed."""
        self._reach = msgspec.convert(self._store.rows(CURSOR).get("reach", {}), Reach)
        found = self._store.rows(IDENTITY).get("owner")
        self._owner = msgspec.convert(found, Owner) if found else None
        self._written_at = self._reach.at
        self._rows = self._staged = None
        self._claimed: dict[str, dict[str, Any]] = {}
        self._unreadable = set()

    # Reading

    @property
    def store(self) -> Store:
        """The journal underneath, for whoever writes what was planned here."""
        return self._store

    @property
    def owner(self) -> Owner | None:
        return self._owner

    @property
    def cursor(self) -> str:
        """The cursor to ask with next; "" for from zero."""
        return self._reach.cursor if self._reach.relist is None else self._reach.relist

    @property
    def relisting(self) -> bool:
        return self._reach.relist is not None

    @property
    def synced_at(self) -> datetime | None:
        """The server's clock when the mirror was last complete."""
        return self._reach.at

    @property
    def unreadable(self) -> frozenset[str]:
        """Tickets of a server so new that their row cannot be shown here; known once ``rows`` was called."""
        return frozenset(self._unreadable)

    def __len__(self) -> int:
        return len(self._store.rows(TICKETS))

    def __contains__(self, ticket_id: object) -> bool:
        return ticket_id in self._store.rows(TICKETS)

    def doc(self, ticket_id: str) -> Mapping[str, Any] | None:
        """The server's document, not copied: look only."""
        return self._claimed.get(ticket_id) or self._store.rows(TICKETS).get(ticket_id)

    def ticket(self, ticket_id: str) -> ticket.Ticket | None:
        """The ticket, decoded now; None where it is not here or a newer server wrote what this console cannot read."""
        found = self.doc(ticket_id)
        try:
            return ticket.from_doc(dict(found)) if found is not None else None
        except msgspec.ValidationError:
            return None

    def rows(self) -> Mapping[str, queue.Row]:
        """Queue rows by ticket id, read-only and live; the first call decodes them all (about 4 µs each)."""
        if self._rows is None:
            self._rows = self._decode({**self._store.rows(TICKETS), **self._claimed})
        return MappingProxyType(self._rows)

    def assigned(self, user: str) -> Iterator[Mapping[str, Any]]:
        """The documents of the tickets that the server last said to be this user's, not copied: look only."""
        for ticket_id, doc in self._store.rows(TICKETS).items():
            if doc.get("assignee") == user and ticket_id not in self._claimed:
                yield doc
        yield from (doc for doc in self._claimed.values() if doc.get("assignee") == user)

    # Writing

    def bind(self, found: Owner) -> None:
        """Makes the store that of this user on this server; ``StoreForeign`` where it is somebody else's."""
        commit = self.plan_bind(found)
        if commit is not None:
            make(self._store, commit)

    def plan_bind(self, found: Owner) -> Commit | None:
        """None where nothing new is to be remembered; the rules are those of ``owner.met``."""
        wanted = met(self._owner, found)
        if self._owner == wanted:
            return None

        def done() -> None:
            self._owner = wanted

        return Commit({IDENTITY: Change(put={"owner": msgspec.to_builtins(wanted)})}, (done,))

    def apply_page(self, page: wire.Page, asked: str, *, outbox: Outbox, now: datetime) -> bool:
        """Takes one page with what it says about the outbox, as one record; False for a page of another cursor."""
        commit = self.plan_page(page, asked, outbox=outbox, now=now)
        if commit is not None:
            make(self._store, commit)
        return commit is not None

    def plan_page(self, page: wire.Page, asked: str, *, outbox: Outbox, now: datetime) -> Commit | None:
        """None where the page was asked with a cursor that is no longer the current one: late, doubled or out of order.

        ``now`` is this machine's clock and dates what was acknowledged. The high-water mark counts on the last page
        only: on an earlier one it is ahead of the rows, and an operation would vanish before its effect is here.
        """
        if asked != self.cursor:
            return None
        put: dict[str, dict[str, Any]] = {}
        gone: set[str] = set()
        for change in page.changes:
            if change.kind != "ticket":
                continue
            if change.gone or change.doc is None:
                put.pop(change.id, None)
                gone.add(change.id)
            else:
                put[change.id] = change.doc
                gone.discard(change.id)
        covered = outbox.plan_cover(page.last, page.outcomes, final=not page.more, now=now)
        plan = self._plan_staging if self.relisting else self._plan_catch_up
        return plan(put, sorted(gone), page).joined(covered)

    def begin_relist(self) -> None:
        """From here on pages are asked from zero into staging; the old view stays until the last of them is here."""
        self._reach = Reach(self._reach.cursor, "", self._reach.at)
        self._staged = {}

    def show_claimed(self, doc: dict[str, Any]) -> str:
        """Shows the document that a won claim brought, until the next complete page brings it again; its id.

        Kept in memory only: the cursor does not prove it, so a server that was restored to the moment before the claim would
        never take it back from the store.
        """
        ticket_id = str(doc.get("id", ""))
        here = self._store.rows(TICKETS).get(ticket_id)
        if ticket_id and (here is None or int(here.get("rev", 0)) < int(doc.get("rev", 0))):
            self._claimed[ticket_id] = doc
            self._rows_done({ticket_id: doc}, [])()
        return ticket_id

    # Inside

    def _plan_catch_up(self, put: dict[str, dict[str, Any]], gone: list[str], page: wire.Page) -> Commit:
        reach = Reach(page.cursor, None, self._reach.at if page.more else page.now)
        changes: dict[str, Change] = {}
        if put or gone:
            changes[TICKETS] = Change(put=put, delete=gone)
        if changes or reach.cursor != self._reach.cursor or _aged(self._written_at, reach.at):
            changes[CURSOR] = _reach_change(reach)
            self._written_at = reach.at
        touched = frozenset([*put, *gone, *(() if page.more else self._claimed)])

        def done() -> None:
            self._rows_done(put, gone)()
            if not page.more:
                self._unclaim()
            self._arrive(reach)

        return Commit(changes, (done,), touched)

    def _plan_staging(self, put: dict[str, dict[str, Any]], gone: list[str], page: wire.Page) -> Commit:
        first = self._reach.relist == ""
        if self._staged is None:
            self._staged = self._decode(self._store.rows(STAGING))
        staged = self._staged
        if page.more:
            reach = Reach(self._reach.cursor, page.cursor, self._reach.at)
            changes = {CURSOR: _reach_change(reach), STAGING: Change(clear=first, put=put, delete=gone)}
            return Commit(changes, (lambda: self._restage(staged, put, gone), lambda: self._arrive(reach)))
        reach = Reach(page.cursor, None, page.now)
        # An abandoned pass may have left rows in staging: with a single page they are not taken over.
        swap = Change(clear=True, put=put) if first else Change(take=STAGING, put=put, delete=gone)
        changes = {CURSOR: _reach_change(reach), TICKETS: swap}

        def done() -> None:
            self._restage(staged, put, gone)
            self._rows, self._staged, self._claimed = staged, None, {}
            self._arrive(reach)

        return Commit(changes, (done,), everything=True)

    def _unclaim(self) -> None:
        """What the store holds is now newer than what a claim brought, or the truth about a server that was restored."""
        claimed, self._claimed = self._claimed, {}
        stored = self._store.rows(TICKETS)
        kept = {ticket_id: stored[ticket_id] for ticket_id in claimed if ticket_id in stored}
        self._rows_done(kept, sorted(claimed.keys() - kept.keys()))()

    def _arrive(self, reach: Reach) -> None:
        self._reach = reach

    def _restage(self, staged: dict[str, queue.Row], put: dict[str, dict[str, Any]], gone: list[str]) -> None:
        for ticket_id in gone:
            staged.pop(ticket_id, None)
        staged.update(self._decode(put))

    def _rows_done(self, put: dict[str, dict[str, Any]], gone: list[str]) -> Any:
        def done() -> None:
            if self._rows is None:
                return
            for ticket_id in gone:
                self._rows.pop(ticket_id, None)
            fresh = self._decode(put)
            for ticket_id in put.keys() - fresh.keys():
                self._rows.pop(ticket_id, None)
            self._rows.update(fresh)

        return done

    def _decode(self, docs: Mapping[str, Mapping[str, Any]]) -> dict[str, queue.Row]:
        rows: dict[str, queue.Row] = {}
        for ticket_id, doc in docs.items():
            try:
                rows[ticket_id] = queue.row(doc)  # type: ignore[arg-type]  # any mapping converts
                self._unreadable.discard(ticket_id)
            except msgspec.ValidationError:
                self._unreadable.add(ticket_id)
        return rows


def _aged(written: datetime | None, at: datetime | None) -> bool:
    """Whether the time of the last complete page is worth a record of its own: a quiet poll every 20 s is not."""
    return at is not None and (written is None or at - written > WRITTEN_EVERY)


def _reach_change(reach: Reach) -> Change:
    return Change(put={"reach": msgspec.to_builtins(reach)})
