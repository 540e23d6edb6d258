"""The outbox: this agent's operations from the moment they are on disk until the server's answer covers them."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec.structs import replace

from .. import errors
from ..domain import ops, wire
from . import chain, newer
from .chain import Client, Entry, Review
from .log import Log
from .record import Change
from .store import ACKED, IDENTITY, OUTBOX, REVIEWS, Commit, Store, make, store_of

if TYPE_CHECKING:
    from .database import OkDB

KEPT = timedelta(days=7)
ITEM_BYTES = wire.PUSH_BYTES - 4096


def mint() -> str:
    """A client's name: 128 random bits, minted with the cache so that no two caches share one history."""
    return secrets.token_hex(16)


class Outbox:
    """A numbered log: ``pending`` waits for the server, ``acked`` is kept seven days in case the server forgets.

    The memory belongs to one thread, as the mirror's does. Entries of both tables form one chain of numbers; an entry
    whose words a human has settled stays in it, but is never offered again.
    """

    def __init__(self, db: OkDB | Store, *, mint: Callable[[], str] = mint) -> None:
        self._store = store_of(db)
        self._mint = mint
        self.reload()

    def reload(self) -> None:
        """Reads the store's state anew: after a read-only opener has refreshed."""
        found = self._store.rows(IDENTITY).get("client")
        self._client = msgspec.convert(found, Client) if found else None
        self._reviews = {key: msgspec.convert(doc, Review) for key, doc in self._store.rows(REVIEWS).items()}
        pending, acked = (chain.ordered(self._store.rows(table)) for table in (OUTBOX, ACKED))
        self._log = Log(pending, acked, floor=self._floor)
        entries = self._log.entries()
        self._broken = bool(entries) and (self._client is None or not chain.whole(self._client, entries))

    # Reading

    @property
    def client(self) -> str:
        """This cache's name in the server's books; "" until ``ensure_client``."""
        return self._client.id if self._client else ""

    @property
    def broken(self) -> bool:
        """True where the numbers have a hole or fork and must be given anew under another client."""
        return self._broken

    def __len__(self) -> int:
        return len(self._log.pending)

    def __contains__(self, uuid: object) -> bool:
        return uuid in self._log

    def pending(self) -> tuple[Entry, ...]:
        """What the server has not covered, oldest first."""
        return tuple(self._log.pending.values())

    def tickets(self) -> frozenset[str]:
        """The tickets with pending operations."""
        return self._log.tickets()

    def ops_for(self, ticket_id: str) -> tuple[ops.AnyOp, ...]:
        """The pending operations on one ticket, oldest first; those that another version wrote are left out."""
        return self._log.ops_for(ticket_id)

    def reviews(self) -> tuple[Review, ...]:
        """What the server did not take and a human has not settled, oldest first."""
        return tuple(sorted(self._reviews.values(), key=lambda review: review.at))

    def review(self, uuid: str) -> Review | None:
        return self._reviews.get(uuid)

    def state(self, uuid: str) -> str:
        """``queued``, ``confirmed``, ``rejected`` or ``review``; "" where it is not known (any more)."""
        if uuid in self._log.pending:
            return "queued"
        entry = self._log.acked.get(uuid)
        return entry.state if entry else self._reviews[uuid].state if uuid in self._reviews else ""

    def batch(self) -> tuple[wire.Item, ...]:
        """The next items to push."""
        return self._log.batch()

    def written(self, item: wire.Item) -> Any:
        """The item as it is to be sent: as it stands on the disk where a newer console has said more in it than is known here."""
        stored = self._row(item.uuid).get("item", {})
        return stored if newer.says_more(stored, wire.Item) else item

    # Writing

    def ensure_client(self) -> None:
        commit = self.plan_client()
        if commit is not None:
            make(self._store, commit)

    def plan_client(self) -> Commit | None:
        """Mints this cache's name; None where it has one."""
        return None if self._client else self._plan_identity(Client(self._mint()))

    def add(self, op: ops.AnyOp) -> Entry:
        """Puts the operation on disk; returns when it would survive a power cut. A second time is harmless."""
        commit = self.plan_add(op)
        if commit is not None:
            make(self._store, commit)
        return self._log.pending.get(op.uuid) or self._log.acked[op.uuid]

    def plan_add(self, *wanted: ops.AnyOp) -> Commit | None:
        """One record for all of them, in this order; those that are here already are left out, None where all are.

        ``Refused`` where one is larger than the protocol lets through: then none is taken.
        """
        entries: list[Entry] = []
        fresh: dict[str, ops.AnyOp] = {}
        tail = self._log.tail
        for op in wanted:
            if op.uuid in self or op.uuid in fresh:
                continue
            item = wire.to_item(op, mid=tail.mid + 1, prev=tail.uuid)
            if len(msgspec.json.encode(item)) > ITEM_BYTES:
                raise errors.Refused(
                    "This text is too long to be sent.",
                    "Split it, or shorten it to 60,000 characters.",
                    code="too-long",
                )
            tail = wire.Last(item.mid, item.uuid)
            entries.append(Entry(item, op.by))
            fresh[op.uuid] = op
        if not entries:
            return None

        def done() -> None:
            self._log.enter(entries, fresh)

        put = {entry.item.uuid: self._doc(entry) for entry in entries}
        made = Commit({OUTBOX: Change(put=put)}, (done,), _tickets(entries))
        return made.joined(self.plan_client())

    def note_outcomes(self, outcomes: Iterable[wire.Outcome], last: wire.Last) -> None:
        """Remembers which pushed items went through; not on disk, since asking again gives the same answer."""
        pending = self._log.pending
        ours = {outcome.uuid for outcome in outcomes if outcome.state == "confirmed"}
        self._log.confirmed |= {u for u in ours if u in pending and pending[u].item.mid <= last.mid}

    def forked(self, last: wire.Last) -> bool:
        """Whether the server's high-water mark is not of this cache's history: rolled back, copied, or long forgotten."""
        if self._client is None:
            return False
        return chain.forked(self._client, self._log.entries(), last)

    def plan_cover(self, last: wire.Last, outcomes: Sequence[wire.Outcome], *, final: bool, now: datetime) -> Commit:
        """What the server's word does to the log: covered items leave, refused ones go to the tray, forgotten come back.

        ``final`` says that every row up to ``last`` is here. An item leaves only when its outcome is known: the pull names
        refusals of this client's own numbers, but not those of a log that was numbered anew.
        """
        log = self._log
        covered = chain.cover(log.pending | log.acked, log.confirmed, last, outcomes, final=final, now=now)
        return self._plan_entries(covered, last=last, now=now)

    def plan_renumber(self) -> Commit:
        """Gives every unsettled entry a new number under a new client; the server knows the old ones by their uuid."""
        client = Client(self._mint())
        again: dict[str, Entry] = {}
        prev = ""
        for mid, entry in enumerate((e for e in self._log.entries() if not e.settled and not e.refused), start=1):
            uuid = entry.item.uuid
            again[uuid] = Entry(replace(entry.item, mid=mid, prev=prev), entry.by)
            prev = uuid
        touched = _tickets(again.values()) | self.tickets()
        changes = {
            IDENTITY: Change(put={"client": msgspec.to_builtins(client)}),
            OUTBOX: Change(clear=True, put={uuid: self._doc(entry) for uuid, entry in again.items()}),
            ACKED: Change(clear=True),
        }

        def done() -> None:
            self._client, self._broken = client, False
            self._log.confirmed = set()
            self._log.settle(again, {}, floor=self._floor)

        return Commit(changes, (done,), touched)

    def plan_settle(self, uuid: str) -> Commit | None:
        """A human has decided about a review: it leaves the tray for good. None where it is not there."""
        review = self._reviews.get(uuid)
        if review is None:
            return None
        changes = {REVIEWS: Change(delete=[uuid])}
        entry = self._log.acked.get(uuid)
        if entry is not None:
            changes[ACKED] = Change(put={uuid: self._doc(replace(entry, settled=True))})

        def done() -> None:
            self._reviews.pop(uuid, None)
            if entry is not None:
                self._log.acked[uuid] = replace(entry, settled=True)

        return Commit(changes, (done,), frozenset({review.ticket}))

    # Inside

    @property
    def _floor(self) -> wire.Last:
        return self._client.floor if self._client else wire.Last()

    def _plan_identity(self, client: Client) -> Commit:
        def done() -> None:
            self._client = client

        return Commit({IDENTITY: Change(put={"client": msgspec.to_builtins(client)})}, (done,))

    def _plan_entries(self, covered: chain.Covered, *, last: wire.Last, now: datetime) -> Commit:
        """The record that makes the log and the tray what was decided."""
        after, reviews, broken = covered.after, covered.reviews, self._broken or covered.broken
        before = self._log.pending | self._log.acked
        moved = {uuid for uuid, entry in after.items() if entry is not before[uuid]}
        pending = {uuid: entry for uuid, entry in after.items() if entry.state == "pending"}
        acked = {uuid: entry for uuid, entry in after.items() if entry.state != "pending"}
        floor = chain.prune(acked, pending, older_than=now - KEPT) if self._client else None
        if floor is not None and floor.mid > last.mid:
            floor = None
        client = self._client
        pruned: set[str] = set()
        if client is not None and floor is not None:
            client = replace(client, floor=floor)
            pruned = {uuid for uuid, entry in acked.items() if entry.item.mid <= floor.mid}
            acked = {uuid: entry for uuid, entry in acked.items() if uuid not in pruned}

        def done() -> None:
            self._client, self._broken = client, broken
            # A confirmation that the server has forgotten again is none.
            self._log.confirmed = {u for u in self._log.confirmed if u in before and before[u].item.mid <= last.mid}
            if moved or pruned:
                self._log.settle(pending, acked, floor=self._floor)
            self._reviews = {k: v for k, v in self._reviews.items() if k not in covered.again} | reviews

        changes: dict[str, Change] = {}
        out = moved & pending.keys()
        if moved:
            changes[OUTBOX] = Change(put={u: self._doc(after[u]) for u in out}, delete=sorted(moved - out))
        if moved or pruned:
            left = {u: self._doc(after[u]) for u in moved - out - pruned}
            changes[ACKED] = Change(put=left, delete=sorted(out | pruned))
        if pruned:
            changes[IDENTITY] = Change(put={"client": msgspec.to_builtins(client)})
        again = [uuid for uuid in covered.again if uuid in self._reviews]
        if reviews or again:
            put = {uuid: self._tray(review) for uuid, review in reviews.items()}
            changes[REVIEWS] = Change(put=put, delete=again)
        return Commit(changes, (done,), _tickets(after[uuid] for uuid in moved))

    def _row(self, uuid: str) -> Mapping[str, Any]:
        """What the disk has of an entry."""
        return self._store.rows(OUTBOX).get(uuid) or self._store.rows(ACKED).get(uuid) or {}

    def _doc(self, entry: Entry) -> dict[str, Any]:
        return newer.carried(msgspec.to_builtins(entry), self._row(entry.item.uuid), Entry)

    def _tray(self, review: Review) -> dict[str, Any]:
        item = self._row(review.uuid).get("item")
        return newer.carried(msgspec.to_builtins(review), {"item": item} if item else None, Review)


def _tickets(entries: Iterable[Entry]) -> frozenset[str]:
    """The tickets that look different with these operations or without them."""
    return frozenset(entry.item.id for entry in entries if not entry.witness)
