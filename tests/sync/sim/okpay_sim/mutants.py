"""Consoles and servers with one rule taken out, by which a world shows that it would notice."""

from __future__ import annotations

import contextlib
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from unittest.mock import patch

import msgspec
from sqlalchemy import Connection, delete, select

from okpay_console import errors
from okpay_console.domain import ops, wire
from okpay_console.local.database import OkDB
from okpay_console.local.daybook import Book
from okpay_console.local.mirror import Mirror
from okpay_console.local.outbox import Outbox
from okpay_console.local.record import Change
from okpay_console.local.store import FLOOR, Commit
from okpay_console.server import feed, history, service
from okpay_console.server.cursor import Cursor, decode, gone
from okpay_console.server.policy import Who
from okpay_console.server.schema import commits, log, mutations
from okpay_console.sync.sending import Sending
from okpay_console.sync.standing import Standing

from .disks import MemoryDisk

CONSOLE = (
    "no-tray",
    "no-reoffer",
    "two-records",
    "no-outcomes",
    "mid-only",
    "late-page",
    "no-client-fork",
    "no-hold",
    "no-aside",
)
SERVER = ("no-dedup", "no-keep", "split-commit", "no-fork", "proof-at-pos", "no-prev")
MUTANTS = (*CONSOLE, *SERVER, "no-age", "no-fsync", "no-retelling")


class Seen(NamedTuple):
    """A page that came, with what it was asked for and by which client."""

    page: wire.Page
    asked: str
    client: str


class SimMirror(Mirror):
    """The mirror, which tells ``seen`` of each page that it takes; as "late-page" it takes whatever comes."""

    def __init__(self, db: OkDB, *, mutant: str, seen: Callable[[wire.Page], None]) -> None:
        self.mutant, self._seen = mutant, seen
        self.pages: deque[Seen] = deque(maxlen=4)
        super().__init__(db)

    def plan_page(self, page: wire.Page, asked: str, *, outbox: Outbox, now: datetime) -> Commit | None:
        self.pages.append(Seen(page, asked, outbox.client))
        asked = self.cursor if self.mutant == "late-page" else asked
        commit = super().plan_page(page, asked, outbox=outbox, now=now)
        if commit is not None:
            self._seen(page)
        return commit


class SimOutbox(Outbox):
    """The outbox, with one of its rules taken out where a world asks whether it would notice."""

    def __init__(self, db: OkDB, *, mint: Callable[[], str], mutant: str) -> None:
        self.mutant = mutant
        super().__init__(db, mint=mint)

    def forked(self, last: wire.Last) -> bool:
        if self.mutant == "no-client-fork":
            return False
        if self.mutant == "mid-only":
            # The number alone: it must be one that this log has.
            entries = self._log.entries()
            known = entries[-1].item.mid if entries else self._floor.mid
            return self._client is not None and not self._floor.mid <= last.mid <= known
        return super().forked(last)

    def note_outcomes(self, outcomes: Iterable[wire.Outcome], last: wire.Last) -> None:
        super().note_outcomes(() if self.mutant == "no-outcomes" else outcomes, last)

    def plan_cover(self, last: wire.Last, outcomes: Sequence[wire.Outcome], *, final: bool, now: datetime) -> Commit:
        match self.mutant:
            case "no-tray":
                outcomes = [wire.Outcome(outcome.uuid, "confirmed") for outcome in outcomes]
                self.note_outcomes(outcomes, last)
            case "mid-only" | "no-client-fork":
                # Confirmed is what the server's number covers.
                self._log.confirmed |= self._log.pending.keys()
            case "no-reoffer":
                known = max((entry.item.mid for entry in self._log.acked.values()), default=0)
                last = wire.Last(max(last.mid, known), last.uuid)
        return super().plan_cover(last, outcomes, final=final, now=now)


@contextlib.contextmanager
def installed(mutant: str) -> Iterator[None]:
    """The rule is out inside; a mutant of mirror or outbox takes itself apart."""
    patches: dict[str, list[tuple[Any, str, Any]]] = {
        "no-dedup": [(service, "_one", _one_anew), (ops, "apply", _apply_anew)],
        "no-keep": [(feed, "Cursor", _cursor_without_keep)],
        "split-commit": [(feed, "_read", _read_split)],
        "no-fork": [(feed, "_start", _start_anywhere)],
        "proof-at-pos": [(feed, "_read", _read_proof_at_pos)],
        "no-prev": [(service, "_one", _one_unlinked)],
        # The console's check stands on two feet: the server compares what is offered under a number that it knows.
        "no-client-fork": [(service, "_one", _one_by_number)],
        "mid-only": [(service, "_one", _one_by_number)],
        "no-age": [(Standing, "last_sync", lambda standing: standing.synced_at)],
        "no-hold": [(Sending, "_hold", _let_go)],
        "no-aside": [(Sending, "_lay_aside", _keep_pushing)],
        "no-retelling": [(Book, "plan_again", _read_again)],
        "no-fsync": [(MemoryDisk, "sync", lambda disk, fd: disk.crash())],
    }
    with contextlib.ExitStack() as stack:
        for owner, name, other in patches.get(mutant, ()):
            stack.enter_context(patch.object(owner, name, other))
        yield


_one, _apply, _read = service._one, ops.apply, feed._read


def _read_again(book: Book) -> Commit:
    """The daybook is read anew, and nothing of one's own is told again."""
    return Commit({FLOOR: Change(put={"_reach": {"after": ""}})}, (lambda: book._arrive(""),))


def _let_go(_: Sending, error: errors.OkpayError) -> None:
    """What is not taken is the link's trouble."""
    raise error


async def _keep_pushing(_: Sending, __: wire.Item, refusal: errors.Refused, ___: object) -> None:
    """Whatever spoils its request is offered for ever."""
    raise refusal


def _one_anew(conn: Connection, who: Who, client: str, raw: Any, place: Any, **rest: Any) -> Any:
    """Whatever comes is new."""
    last = service._standing(conn, who, client, bind=True)
    assert last is not None
    if place.mid > last.mid + 1:
        return _one(conn, who, client, raw, place, **rest)
    conn.execute(delete(mutations).where(mutations.c.uuid == place.uuid))
    conn.execute(delete(log).where(log.c.client == client, log.c.mid == place.mid))
    outcome, seq = service._record(conn, who, raw, place, **rest)
    return _numbered(conn, client, place, outcome, seq, max(last.mid, place.mid))


def _apply_anew(ticket: Any, op: Any, now: datetime, rules: Any = ops.NO_RULES) -> Any:
    if ticket is not None and not isinstance(op, ops.NewTicket):
        hidden = tuple(entry for entry in ticket.timeline if entry.id == op.uuid)
        if hidden:
            rest = tuple(entry for entry in ticket.timeline if entry.id != op.uuid)
            after = _apply(msgspec.structs.replace(ticket, timeline=rest), op, now, rules)
            return msgspec.structs.replace(after, timeline=(*after.timeline, *hidden))
    return _apply(ticket, op, now, rules)


def _numbered(conn: Connection, client: str, place: Any, outcome: wire.Outcome, seq: int, mid: int) -> Any:
    conn.execute(log.insert().values(client=client, mid=place.mid, uuid=place.uuid, seq=seq, state=outcome.state))
    mark = service.update(service.clients).where(service.clients.c.client == client)
    conn.execute(mark.values(last_mid=mid, last_uuid=place.uuid))
    return msgspec.structs.replace(outcome, mid=place.mid), wire.Last(mid, place.uuid)


def _one_unlinked(conn: Connection, who: Who, client: str, raw: Any, place: Any, **rest: Any) -> Any:
    """The next number is enough, whatever stood before it."""
    last = service._standing(conn, who, client, bind=True)
    if last is not None and place.mid == last.mid + 1:
        place = msgspec.structs.replace(place, prev=last.uuid)
    return _one(conn, who, client, raw, place, **rest)


def _one_by_number(conn: Connection, who: Who, client: str, raw: Any, place: Any, **rest: Any) -> Any:
    """A number that was used is one that was answered, and the next one needs no link."""
    last = service._standing(conn, who, client, bind=True)
    if last is not None and place.mid <= last.mid:
        return wire.Outcome(place.uuid, "confirmed", place.id, mid=place.mid), last
    return _one_unlinked(conn, who, client, raw, place, **rest)


def _cursor_without_keep(pos: int, keep: int, head: int, fork: int, scope: bytes) -> Cursor:
    return Cursor(pos, pos, head, fork, scope)


def _start_anywhere(conn: Connection, who: Who, cursor: str | None, head: history.Head, key: bytes) -> Cursor:
    """A number that was given out proves nothing, and is believed."""
    if cursor is None:
        return Cursor(0, head.seq, head.seq, head.fork, who.scope)
    start = decode(cursor, key)
    if start.keep < head.horizon or start.head > head.seq or start.scope != who.scope:
        raise gone("The cursor is not served.")
    return start


def _read_proof_at_pos(conn: Connection, who: Who, start: Cursor, head: history.Head, limit: int) -> Any:
    cut = _read(conn, who, start, head, limit)
    pos = cut.following.pos
    fork = conn.execute(select(commits.c.fork).where(commits.c.seq == pos)).scalar()
    if fork is None:
        return cut
    return msgspec.structs.replace(cut, following=Cursor(pos, max(start.keep, pos), pos, fork, start.scope))


def _read_split(conn: Connection, who: Who, start: Cursor, head: history.Head, limit: int) -> Any:
    """As many rows as were asked for, wherever that is."""
    rows = feed._rows(conn, who, start, limit=limit + 1)
    more = len(rows) > limit
    rows = rows[:limit]
    changes = [
        feed._RawChange("ticket", row.id, gone=True)
        if row.gone
        else feed._RawChange("ticket", row.id, row.rev, msgspec.Raw(row.doc))
        for row in rows
    ]
    pos = rows[-1].seq if more else head.seq
    following = Cursor(pos, max(start.keep, pos), head.seq, head.fork, start.scope)
    return feed._Cut(msgspec.Raw(msgspec.json.encode(changes)), following, more, bool(changes))
