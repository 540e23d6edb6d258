"""What an export reads: rows chosen at one moment, counted and hashed before the first of them leaves."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

import msgspec

from okpay_console import wiring
from okpay_console.cli.exportoptions import Asked
from okpay_console.config import Settings
from okpay_console.content.filters import category_names
from okpay_console.domain import auditchain, exportcalls, exporting, queue
from okpay_console.domain.auditchain import AuditPage
from okpay_console.domain.exporting import Record, Span
from okpay_console.domain.queue import Row
from okpay_console.domain.ticket import Ticket, from_doc, to_doc
from okpay_console.domain.views import Lang, holds, parse

if TYPE_CHECKING:
    from okpay_console.domain.answers import Answer
    from okpay_console.domain.daybook import Line
    from okpay_console.remote.api import Api
    from okpay_console.sync.picture import Picture


class Source(msgspec.Struct, frozen=True):
    """``total`` rows with these ``columns``; ``mark`` is the hash of what they are read from.

    ``records`` gives them in the same order every time; ``unreadable`` counts what only a newer console can show.
    """

    columns: tuple[str, ...]
    total: int
    mark: str
    records: Callable[[], Iterator[Record]]
    unreadable: Callable[[], int] = int


class _Doc(msgspec.Struct, frozen=True):
    """A ticket's document as it is now: documents are replaced whole, so holding it is a snapshot of it."""

    doc: Mapping[str, Any]
    pending: frozenset[str]


def of_tickets(asked: Asked, picture: Picture, *, lines: Iterable[Line], me: str, lang: str, as_of: datetime) -> Source:
    """Tickets, their timelines or their calls, oldest ticket first; ``lines`` of the daybook for the log of calls."""
    span = Span(asked.begins, asked.ends)
    chosen = _chosen(asked, picture, me=me, lang=lang, as_of=as_of)
    if asked.kind == "calls":
        return _calls(asked, chosen, span, list(lines) if asked.events else [], as_of)
    if asked.kind == "tickets":
        chosen = [row for row in chosen if span.holds(row.created_at)]
    docs = [_doc(picture, row.id) for row in chosen]
    mark = _hash(part for one in docs for part in (one.doc.get("id"), one.doc.get("rev"), *sorted(one.pending)))
    lost: list[str] = []

    def readable() -> Iterator[tuple[Ticket, frozenset[str]]]:
        lost.clear()
        for one in docs:
            try:
                yield from_doc(one.doc), one.pending  # type: ignore[arg-type]  # any mapping converts
            except msgspec.ValidationError:
                lost.append(str(one.doc.get("id")))

    def tickets() -> Iterator[Record]:
        for ticket, pending in readable():
            yield exporting.ticket_record(ticket, whole=asked.whole, pending=bool(pending))

    def entries() -> Iterator[Record]:
        for ticket, pending in readable():
            yield from exporting.timeline_records(ticket, span, whole=asked.whole, pending=pending)

    if asked.kind == "tickets":
        return Source(exporting.TICKETS, len(docs), mark, tickets, lambda: len(lost))
    bounded = span.begins is not None or span.ends is not None
    if bounded:
        total = sum(span.holds(entry.at) for ticket, _ in readable() for entry in ticket.timeline)
    else:
        total = sum(len(one.doc.get("timeline", ())) for one in docs)
    return Source(exporting.TIMELINE, total, mark, entries, lambda: len(lost))


def of_daybook(asked: Asked, lines: Iterable[Line]) -> Source:
    """The daybook as this console has it, oldest line first."""
    span = Span(asked.begins, asked.ends)
    chosen = [line for line in lines if span.holds(line.at) and (not asked.queue or line.queue in (asked.queue, "*"))]
    chosen.sort(key=lambda line: (line.at, line.uuid))

    def records() -> Iterator[Record]:
        return (exporting.line_record(line, whole=asked.whole) for line in chosen)

    return Source(exporting.DAYBOOK, len(chosen), _hash(line.uuid for line in chosen), records)


def of_answers(asked: Asked, answers: Iterable[Answer]) -> Source:
    """The canned answers that agents have, in every language."""
    chosen = sorted(
        (one for one in answers if asked.category in ("", one.category)), key=lambda one: (one.id, one.lang)
    )

    def records() -> Iterator[Record]:
        return (exporting.answer_record(one) for one in chosen)

    return Source(exporting.ANSWERS, len(chosen), _hash(map(msgspec.json.encode, chosen)), records)


async def of_audit(asked: Asked, api: Api, settings: Settings) -> Source:
    """The server's audit log, through its own door; errors as the ``RemoteError`` family."""
    page = await _page(api, asked, after=0, limit=1)
    first, last = page.first, page.last
    prev = page.rows[0].prev if page.rows else auditchain.FIRST

    def records() -> Iterator[Record]:
        after = max(first - 1, 0)
        with asyncio.Runner() as runner:
            door = wiring.open_api(settings, settings.token)
            try:
                while first and after < last:
                    rows = runner.run(_page(door, asked, after=after)).rows
                    if not rows:
                        return
                    for row in rows:
                        if row.id > last:
                            return
                        yield {name: msgspec.to_builtins(getattr(row, name)) for name in auditchain.COLUMNS}
                    after = rows[-1].id
            finally:
                runner.run(door.aclose())

    total = last - first + 1 if first else 0
    # What comes later is no part of it, and what is there never changes: its beginning and its first row say which log it is.
    return Source(auditchain.COLUMNS, total, _hash((first, prev)), records)


async def _page(api: Api, asked: Asked, *, after: int, limit: int = 1000) -> AuditPage:
    bounds = {"since": asked.begins, "until": asked.ends}
    params = {name: at.isoformat() for name, at in bounds.items() if at is not None}
    return await api.ask("GET", "/v1/audit", AuditPage, params={"after": str(after), "limit": str(limit), **params})


def _chosen(asked: Asked, picture: Picture, *, me: str, lang: str, as_of: datetime) -> list[Row]:
    tests: list[Callable[[Row], bool]] = []
    if asked.queue:
        tests.append(lambda row: row.queue == asked.queue)
    if asked.category:
        tests.append(lambda row: row.category == asked.category)
    if asked.where:
        spoken: Lang = "zh" if lang == "zh" else "en"
        where = parse(asked.where, categories=category_names(), lang=spoken)
        late = where.late
        tests.append(holds(where, me=me, closed=True))
        if late is not None:
            tests.append(lambda row: queue.overdue(row, as_of) == late)
    found = [row for row in picture.rows().values() if all(test(row) for test in tests)]
    return sorted(found, key=lambda row: (row.created_at, row.id))


def _doc(picture: Picture, ticket_id: str) -> _Doc:
    view = picture.view(ticket_id) if ticket_id in picture.pending_ids() else None
    if view is not None and view.ticket is not None:
        return _Doc(to_doc(view.ticket), frozenset(view.pending))
    return _Doc(picture.mirror.doc(ticket_id) or {"id": ticket_id}, frozenset())


def _calls(asked: Asked, chosen: Sequence[Row], span: Span, lines: Sequence[Line], as_of: datetime) -> Source:
    rows = [row for row in chosen if row.calls]
    mark = _hash(
        part
        for row in rows
        for part in (row.id, row.queue, row.category, *(msgspec.json.encode(call) for call in row.calls))
    )
    if not asked.events:

        def records() -> Iterator[Record]:
            return (record for row in rows for record in exportcalls.call_records(row, span))

        return Source(exportcalls.CALLS, sum(1 for _ in records()), mark, records)

    rows.sort(key=lambda row: (exportcalls.first_moment(row) or 0, row.id))
    twice = exportcalls.repeated(rows)

    def events() -> Iterator[Record]:
        calls = exportcalls.call_events(rows, span, twice=twice)
        return exportcalls.event_records(calls, exportcalls.state_events(lines, span, until=as_of))

    both = _hash((mark, *sorted(line.uuid for line in lines)))
    return Source(exportcalls.EVENTS, sum(1 for _ in events()), both, events)


def _hash(parts: Iterable[Any]) -> str:
    found = hashlib.sha256()
    for part in parts:
        found.update(part if isinstance(part, bytes) else str(part).encode())
        found.update(b"\x1f")
    return found.hexdigest()
