"""Takes a caller out of the server's database: finds all of his tickets, empties them, and names what cannot be reached."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping
from datetime import datetime, timedelta
from typing import Any, Final, TypeVar

import msgspec
from sqlalchemy import Connection, func, select

from .. import errors
from ..content.rules import load_fields
from ..domain import audited, disclosure, erasure
from ..domain.firstcall import identity
from ..domain.matter import Matter, identities_of, phone, plain
from ..domain.ticket import Ticket
from . import audit, clock, history, traces
from .clock import new_fork
from .db import Database, at_head, upgrade
from .schema import tickets
from .traces import CHUNK

_T = TypeVar("_T")
Tell = Callable[[int, int], None]
"""Told how many of how many tickets were looked at or emptied."""
_BATCH: Final = 50
"""Tickets of one commit: the head row is locked meanwhile, and everybody's work waits for it."""
COMPLAINT_DAYS: Final = 3 * 366
"""Files of complaints are kept for three years at least (PBoC Order 2020/5, from a secondary source)."""
_LIVING: Final = tickets.c.gone.is_(False)
_TRANSACTION: Final = "t"
_COUNTED: Final = frozenset({"choice", "score"})
"""Kinds of details that are counted and name nobody."""


class Erased(msgspec.Struct, frozen=True, kw_only=True):
    """What was taken out, or would be (``dry_run``); names tickets by their numbers and no person.

    ``again``: of these tickets, those that had been emptied before. ``outcomes``, ``lines``: refused operations and lines of the
    daybook that held his words. ``backups``: files made since the oldest of the tickets; they hold him still.
    """

    tickets: tuple[int, ...]
    again: int = 0
    outcomes: int = 0
    lines: int = 0
    backups: tuple[str, ...] = ()
    kept_complaints: int = 0
    dry_run: bool = False


async def erase(
    database: str, caller: str, *, dry_run: bool = False, reason: str = "", tell: Tell = lambda *_: None
) -> Erased:
    """Empties every ticket of a caller, given as telephone number, address, handle, or a ticket's number (``#10023``) or id.

    Refused (no-caller) where nobody is known by that. All tickets that share a number, an address or a handle with one of his
    are his too: otherwise the counts of first contacts would change, and a part of him would stay. Doing it twice is harmless.
    ``reason`` is what the audit log says of why: Refused (bad-reason) where it holds a value.
    """
    audited.check_reason(reason)
    return await _on(database, lambda db: _erase(db, caller, dry_run=dry_run, reason=reason, tell=tell))


async def retain(
    database: str,
    *,
    days: int,
    complaint_days: int = COMPLAINT_DAYS,
    dry_run: bool = False,
    now: datetime | None = None,
    tell: Tell = lambda *_: None,
) -> Erased:
    """Empties every closed ticket whose end is ``days`` behind; complaints only ``complaint_days`` after theirs."""

    async def work(db: Database) -> Erased:
        at = now or clock.now()
        chosen: dict[str, Matter] = {}
        held = 0
        async for doc, matter in _all(db, tell):
            closed = msgspec.convert(doc.get("closed_at"), datetime | None, strict=False)
            if doc.get("status") != "closed" or closed is None or doc.get("erased_at") or at - closed < timedelta(days):
                continue
            if _is_complaint(doc) and at - closed < timedelta(complaint_days):
                held += 1
                continue
            chosen[matter.record.id] = matter
        # Each matter is its caller's alone here: his other tickets may be young and stay as they are.
        done = await _empty(db, chosen, what="retain", reason=f"days={days}", dry_run=dry_run, at=at, tell=tell)
        return msgspec.structs.replace(done, kept_complaints=held)

    return await _on(database, work)


async def erase_again(db: Database, ids: Collection[str], *, now: datetime, tell: Tell = lambda *_: None) -> Erased:
    """Empties tickets that had been emptied before a backup brought them back."""
    chosen = {matter.record.id: matter async for doc, matter in _all(db, tell) if doc.get("id") in ids}
    return await _empty(db, chosen, what="erase", reason="restored", dry_run=False, at=now, tell=tell)


async def emptied(db: Database) -> frozenset[str]:
    """The ids of all tickets that have been emptied."""
    return frozenset([matter.record.id async for doc, matter in _all(db, lambda *_: None) if doc.get("erased_at")])


async def _erase(db: Database, caller: str, *, dry_run: bool, reason: str, tell: Tell) -> Erased:
    known: dict[str, tuple[Matter, frozenset[str]]] = {}
    numbers: dict[str, str] = {}
    done: set[str] = set()
    async for doc, matter in _all(db, tell):
        known[matter.record.id] = matter, _persons(matter)
        numbers[str(matter.record.number)] = matter.record.id
        if doc.get("erased_at"):
            done.add(matter.record.id)
    wanted = _sought(caller, {key: own for key, (_, own) in known.items()}, numbers)
    chosen: set[str] = set()
    by: dict[str, set[str]] = {}
    for key, (_, own) in known.items():
        for one in own:
            by.setdefault(one, set()).add(key)
    while wanted:
        found = set().union(*(by.get(one, set()) for one in wanted)) - chosen
        chosen |= found
        wanted = frozenset().union(*(known[key][1] for key in found)) if found else frozenset()
    ticket = numbers.get(caller.strip().lstrip("#"), caller.strip())
    if ticket in known:
        # One without any number or address is nobody's other ticket.
        chosen.add(ticket)
    if not chosen:
        raise errors.Refused(
            "No ticket here is of such a caller.",
            "Give the telephone number, the address, or the number of one of his tickets (#10023).",
            code="no-caller",
        )
    # Lines of the log name the first ticket: whoever asks later finds the rest by when they were emptied.
    return await _empty(
        db, {key: known[key][0] for key in sorted(chosen)}, what="erase", reason=reason, dry_run=dry_run, at=clock.now(), tell=tell,
        before=done,
    )  # fmt: skip


def _sought(caller: str, known: Mapping[str, frozenset[str]], numbers: Mapping[str, str]) -> frozenset[str]:
    """What tells this caller, by what was given about him."""
    given = caller.strip()
    ticket = numbers.get(given.removeprefix("#"), given)
    if given.startswith("#") or ticket in known:
        return known.get(ticket, frozenset())
    handle = plain(given).lstrip("@")
    told = {"h" + handle, "e" + plain(given)}
    if phone(given):
        told.add("m" + phone(given))
    return frozenset(one for one in told if len(one) > 1)


def _persons(matter: Matter) -> frozenset[str]:
    return frozenset(one for one in identities_of(matter) if not one.startswith(_TRANSACTION))


async def _empty(
    db: Database,
    chosen: Mapping[str, Matter],
    *,
    what: str,
    reason: str,
    dry_run: bool,
    at: datetime,
    tell: Tell,
    before: Collection[str] = (),
) -> Erased:
    """Empties the tickets in small commits, then what else holds their words; one line in the audit log, without a value."""
    keep = frozenset(
        field.id for field in load_fields().values() if field.personal == "none" and field.kind in _COUNTED
    )
    sought = await db.read(lambda conn: traces.values(conn, list(chosen)))
    words = frozenset().union(*sought.values()) if what == "erase" and sought else frozenset()
    aliases: dict[str, str] = {}
    left = [key for key in chosen if key not in before]
    numbers = tuple(sorted(matter.record.number for matter in chosen.values()))
    backups = await db.read(lambda conn: traces.backups(conn, chosen.values()))
    outcomes, lines = await db.read(
        lambda conn: (len(traces.outcomes(conn, chosen)), len(traces.lines(conn, chosen, words)))
    )
    found = Erased(
        tickets=numbers, again=len(chosen) - len(left), outcomes=outcomes, lines=lines, backups=backups, dry_run=dry_run
    )
    if dry_run or not chosen:
        return found
    # Written first: whoever is stopped half way has left a line, and does it again.
    if left or outcomes or lines:
        first = f"#{numbers[0]}" if what == "erase" else ""
        about = " ".join(part for part in (first, f"tickets={len(left)}", reason) if part)
        await db.write(lambda conn: audit.append(conn, now=at, who="admin", what=what, about=about))
    for start in range(0, len(left), _BATCH):
        batch = left[start : start + _BATCH]

        def work(conn: Connection, batch: list[str] = batch) -> None:
            made = [ticket for key in batch if (ticket := history.load(conn, key)) is not None]
            puts = [
                _emptied(ticket, aliases, keep, sought=sought, words=words, at=at)
                for ticket in made
                if ticket.erased_at is None
            ]
            if puts:
                history.commit(conn, now=at, puts=puts)

        await db.write(work)
        tell(min(start + _BATCH, len(left)), len(left))
    await db.write(lambda conn: traces.scrub(conn, chosen, words))
    await _sweep(db)
    return found


def _emptied(
    ticket: Ticket,
    aliases: dict[str, str],
    keep: Collection[str],
    *,
    sought: Mapping[str, frozenset[str]],
    words: frozenset[str],
    at: datetime,
) -> Ticket:
    who = identity(ticket.caller)
    if who not in aliases:
        aliases[who] = f"{erasure.ALIAS}{new_fork():08x}{new_fork():08x}"
    own = sought.get(ticket.id, frozenset()) | words
    return erasure.erased(ticket, alias=aliases[who], keep=keep, sought=own, at=at)


async def _sweep(db: Database) -> None:
    """Lets go of the bytes too: what a database calls deleted stands in its file until the place is used again.

    PostgreSQL gives the place free and overwrites it later; its write-ahead log goes with the next checkpoints.
    """
    try:
        await db.maintain("VACUUM", *(["PRAGMA wal_checkpoint(TRUNCATE)"] if db.is_sqlite else []))
    except errors.Unavailable as error:
        raise errors.Unavailable(
            "The tickets are emptied, but the old bytes are still in the database file.",
            "Run it again when the server is less busy, or has been stopped.",
            retry_after=60.0,
        ) from error


def _is_complaint(doc: Mapping[str, Any]) -> bool:
    """A merged one too: its own file is a part of the other's."""
    return disclosure.complaint({**doc, "merged_into": ""}) is not None


async def _all(db: Database, tell: Tell) -> AsyncIterator[tuple[dict[str, Any], Matter]]:
    """Every ticket that is there, by its id, read a piece at a time so that nobody waits for it."""
    count: int = await db.read(lambda conn: conn.execute(select(func.count()).select_from(tickets)).scalar_one())
    after, done = "", 0
    while True:

        def read(conn: Connection, after: str = after) -> list[tuple[str, str]]:
            query = select(tickets.c.id, tickets.c.doc).where(tickets.c.id > after, _LIVING).order_by(tickets.c.id)
            return [(row.id, row.doc) for row in conn.execute(query.limit(CHUNK))]

        rows = await db.read(read)
        for _, raw in rows:
            doc: dict[str, Any] = msgspec.json.decode(raw)
            yield doc, Matter(doc)
        done += len(rows)
        tell(done, count)
        if not rows:
            return
        after = rows[-1][0]


async def _on(database: str, work: Callable[[Database], Awaitable[_T]]) -> _T:
    db = Database(database)
    try:
        if not await db.read(at_head):
            await asyncio.to_thread(upgrade, database)
        return await work(db)
    finally:
        await db.close()
