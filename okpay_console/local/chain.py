"""The chain of a client's numbered operations: its links, its holes, and whether the server's memory fits it."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Literal

import msgspec
from msgspec.structs import replace

from ..domain import wire
from ..domain.operations import Witness

EntryState = Literal["pending", "confirmed", "rejected", "review"]
_WITNESS = str(Witness.__struct_config__.tag)
_WRITTEN = ("text", "summary", "note", "override", "reason")
_CHOSEN = ("value", "subject", "category", "priority", "status", "assignee", "verdict", "to", "queue", "level")


class Client(msgspec.Struct, frozen=True):
    """This cache in the server's books, and the last entry that it no longer keeps."""

    id: str
    floor: wire.Last = wire.Last()


class Entry(msgspec.Struct, frozen=True, omit_defaults=True):
    """One operation in the log: as it is sent, by whom, and what became of it."""

    item: wire.Item
    by: str
    state: EntryState = "pending"
    acked_at: datetime | None = None
    settled: bool = False

    @property
    def witness(self) -> bool:
        """Whether it only says that something happened: no ticket looks different with it, and no words are in it."""
        return self.item.name == _WITNESS

    @property
    def refused(self) -> bool:
        return self.state in ("rejected", "review")


class Review(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """An operation that the server did not take, with its words, until a human has decided.

    ``state`` is rejected (it can never succeed) or review (two people changed the same thing); for the latter ``base``
    was seen, ``mine`` was wanted and ``theirs`` stands in ``field``.
    """

    item: wire.Item
    by: str
    at: datetime
    state: Literal["rejected", "review"]
    code: str = ""
    what: str = ""
    advice: str = ""
    field: str = ""
    base: Any = None
    mine: Any = None
    theirs: Any = None

    @property
    def uuid(self) -> str:
        return self.item.uuid

    @property
    def ticket(self) -> str:
        return self.item.id

    @property
    def name(self) -> str:
        """The operation's name on the wire, such as ``ticket.note``."""
        return self.item.name

    @property
    def words(self) -> str:
        """What the agent wrote, a line for each text of the operation; where nothing was written, what was chosen."""
        args = self.item.args
        written = [str(args[key]) for key in _WRITTEN if args.get(key)]
        return "\n".join(written) or next((str(args[key]) for key in _CHOSEN if args.get(key)), "")


def review(entry: Entry, outcome: wire.Outcome, now: datetime) -> Review:
    return Review(
        item=entry.item,
        by=entry.by,
        at=now,
        state="review" if outcome.state == "review" else "rejected",
        code=outcome.code,
        what=outcome.what,
        advice=outcome.advice,
        field=outcome.field,
        base=outcome.base,
        mine=outcome.mine,
        theirs=outcome.theirs,
    )


def ordered(rows: Mapping[str, Mapping[str, Any]]) -> dict[str, Entry]:
    """The entries of a table by uuid, in the order of their numbers."""
    entries = [msgspec.convert(doc, Entry) for doc in rows.values()]
    return {entry.item.uuid: entry for entry in sorted(entries, key=lambda entry: entry.item.mid)}


def whole(client: Client, entries: Iterable[Entry]) -> bool:
    """Whether the entries, in order, follow the floor and each other without a hole."""
    mid, uuid = client.floor.mid, client.floor.uuid
    for entry in entries:
        if entry.item.mid != mid + 1 or entry.item.prev != uuid:
            return False
        mid, uuid = entry.item.mid, entry.item.uuid
    return True


def forked(client: Client, entries: Iterable[Entry], last: wire.Last) -> bool:
    """Whether ``last`` is no point of this chain, or lies before its floor, from where nothing can be offered again."""
    if last.mid < client.floor.mid:
        return True
    if last.mid == client.floor.mid:
        return last.uuid != client.floor.uuid
    return all(entry.item.mid != last.mid or entry.item.uuid != last.uuid for entry in entries)


class Covered(msgspec.Struct, frozen=True):
    """What the server's word makes of a log: every entry after it, new reviews, entries offered again, and whether the
    numbers can no longer be followed."""

    after: dict[str, Entry]
    reviews: dict[str, Review]
    again: list[str]
    broken: bool


def cover(
    entries: Mapping[str, Entry],
    confirmed: Container[str],
    last: wire.Last,
    outcomes: Sequence[wire.Outcome],
    *,
    final: bool,
    now: datetime,
) -> Covered:
    """Decides which entries leave the outbox, which go to the tray, and which come back; see ``Outbox.plan_cover``."""
    after = dict(entries)
    reviews: dict[str, Review] = {}
    for outcome in outcomes:
        entry = after.get(outcome.uuid)
        if entry is None or outcome.state == "confirmed" or entry.settled or entry.state == outcome.state:
            continue
        after[outcome.uuid] = replace(entry, state=outcome.state, acked_at=now)
        # A witness that a server does not take has no words that a human could use.
        if not entry.witness:
            reviews[outcome.uuid] = review(entry, outcome, now)
    again: list[str] = []
    broken = False
    if final:
        for uuid, entry in after.items():
            reached = entry.item.mid <= last.mid
            if reached and entry.state == "pending" and uuid in confirmed:
                after[uuid] = replace(entry, state="confirmed", acked_at=now)
            elif not reached and entry.settled:
                # It must not happen again, and the log cannot be followed without it.
                broken = True
            elif not reached and entry.state != "pending":
                # The server's memory is shorter than ours: it was restored, so everything since is offered again.
                after[uuid] = replace(entry, state="pending", acked_at=None)
                again.append(uuid)
    return Covered(after, reviews, again, broken)


def prune(acked: Mapping[str, Entry], pending: Mapping[str, Entry], *, older_than: datetime) -> wire.Last | None:
    """The new floor when the oldest acknowledged entries are let go; None where none is old enough.

    Only from the front: a hole in the middle could not be told from a loss.
    """
    floor = None
    first_pending = min((entry.item.mid for entry in pending.values()), default=None)
    for entry in sorted(acked.values(), key=lambda entry: entry.item.mid):
        if entry.acked_at is None or entry.acked_at > older_than:
            break
        if first_pending is not None and entry.item.mid > first_pending:
            break
        floor = wire.Last(entry.item.mid, entry.item.uuid)
    return floor
