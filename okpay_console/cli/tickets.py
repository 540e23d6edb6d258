"""``tickets``: the queue of the local cache, filtered, in working order."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from okpay_console import wiring
from okpay_console.cli.output import Out, document
from okpay_console.cli.refusing import refuse_secret
from okpay_console.cli.words import span, word
from okpay_console.config import Settings
from okpay_console.content.filters import category_names
from okpay_console.domain import queue
from okpay_console.domain.finding import find_in, same_in
from okpay_console.domain.judging import Why
from okpay_console.domain.privacy import mask_caller
from okpay_console.domain.queue import Row
from okpay_console.domain.ticket import Caller
from okpay_console.domain.views import Lang, Saved, built_in_view, holds, parse
from okpay_console.errors import FilterError


def run(arguments: Namespace, settings: Settings, out: Out) -> int:
    """Lists tickets; needs neither the network nor the store's lock."""
    moment = wiring.now()
    _refuse_secrets(arguments, settings)
    with wiring.reading(settings) as picture:
        owner = picture.mirror.owner
        me = owner.user if owner else ""
        meant = _meant(arguments, out, wiring.own_views(picture), me=me, moment=moment)
        why: dict[str, tuple[Why, ...]] = {}
        if arguments.search:
            # One question: looking at every ticket is quicker than making the index that the console keeps.
            found = find_in(picture.docs(), arguments.search, now=moment, limit=len(picture.rows()) or 1)
            why = {match.ticket: match.why for match in found}
            listed = (picture.rows()[ticket] for ticket in why)
            rows = [row for row in _matching(listed, arguments) if meant(row)]
        else:
            matching = (row for row in _matching(picture.rows().values(), arguments) if meant(row))
            rows = queue.ordered(matching, "all", me=me, now=moment)
        shown = rows[: arguments.limit] if arguments.limit else rows
        pending = picture.pending_ids()
        if out.json:
            for row in shown:
                told = {"why": [document(one) for one in why[row.id]]} if why else {}
                out.doc({**row_document(row, moment, pending=row.id in pending), **told}, flush=False)
            return 0
        if owner is None and not rows:
            out.note(
                out.pick(
                    "本机还没有工单。请先运行：okpay-console sync", "No tickets here yet. First run: okpay-console sync"
                )
            )
            return 0
        _print(shown, out, moment, pending, why)
        if len(shown) < len(rows):
            left = len(rows) - len(shown)
            out.note(out.pick(f"还有 {left} 张；--limit 0 显示全部", f"{left} more; --limit 0 shows all"))
    return 0


def _refuse_secrets(arguments: Namespace, settings: Settings) -> None:
    def transaction(digits: str) -> bool:
        with wiring.reading(settings) as picture:
            return bool(same_in(picture.docs(), Caller(), digits))

    for words in (arguments.search, arguments.where, arguments.view):
        if words:
            refuse_secret(words, place="cli.tickets", settings=settings, known=transaction)


def _meant(
    arguments: Namespace, out: Out, saved: Sequence[Saved], *, me: str, moment: datetime
) -> Callable[[Row], bool]:
    """Whether a row is in the view that is named, and meets the conditions that are written.

    ``FilterError`` where there is no such view, or where conditions cannot be read. Conditions leave closed tickets out unless
    a view or a status says otherwise, be it beside them.
    """
    named = (arguments.view or "all").strip()
    built_in = built_in_view(named)
    own = next((one for one in saved if one.name.casefold() == named.casefold() or one.id == named), None)
    if built_in is None and own is None:
        known = (*queue.VIEWS, *(one.name for one in saved))
        raise FilterError("There is no such view.", code="no-view", word=named, known=known)
    lang: Lang = "zh" if out.lang == "zh" else "en"
    own_line = own.where if own is not None and built_in is None else None
    lines = [line for line in (own_line, arguments.where) if line is not None]
    wheres = [parse(line, categories=category_names(), lang=lang) for line in lines]
    closed = bool(arguments.status or (arguments.view and built_in))
    tests = [(where.late, holds(where, me=me, closed=closed)) for where in wheres]
    view: queue.ViewName = built_in or "all"

    def meant(row: Row) -> bool:
        return queue.in_view(row, view, me=me, now=moment) and all(
            test(row) and (late is None or queue.overdue(row, moment) == late) for late, test in tests
        )

    return meant


def row_document(row: Row, moment: datetime, *, pending: bool) -> dict[str, Any]:
    """The row for a machine: personal values masked, and what the queue works out from it."""
    late = queue.due(row)
    return {
        **document(row),
        "caller": document(mask_caller(row.caller)),
        "due": late,
        "overdue": queue.overdue(row, moment),
        "pending": pending,
    }


def _matching(rows: Iterable[Row], arguments: Namespace) -> Iterable[Row]:
    wanted = {
        name: value for name in ("status", "category", "channel") if (value := getattr(arguments, name)) is not None
    }
    for row in rows:
        if all(getattr(row, name) == value for name, value in wanted.items()):
            yield row


def _print(
    rows: list[Row], out: Out, moment: datetime, pending: frozenset[str], why: Mapping[str, tuple[Why, ...]]
) -> None:
    heads: tuple[str, ...] = (
        ("编号", "状态", "优先级", "分类", "渠道", "标题", "来电人", "负责人", "时限")
        if out.lang == "zh"
        else ("No.", "status", "priority", "category", "channel", "subject", "caller", "agent", "due")
    )
    cells: Iterable[tuple[str, ...]] = (_cells(row, out, moment, waits=row.id in pending) for row in rows)
    if why:
        from okpay_console.content import interface
        from okpay_console.content.reasons import reasons

        interface.use(out.lang)
        heads = (*heads, out.pick("为何找到", "found by"))
        cells = ((*line, reasons(why[row.id])) for line, row in zip(cells, rows, strict=True))
    out.table(heads, cells, right=(0,))


def _cells(row: Row, out: Out, moment: datetime, *, waits: bool) -> tuple[str, ...]:
    caller = mask_caller(row.caller)
    return (
        (str(row.number) if row.number else row.id[:8]) + (out.pick("待", "*") if waits else ""),
        word(row.status, out.lang),
        word(row.priority, out.lang),
        row.category,
        word(row.channel, out.lang),
        row.subject,
        caller.name or caller.mobile or caller.email or caller.handle,
        row.assignee or "",
        _due(row, out, moment),
    )


def _due(row: Row, out: Out, moment: datetime) -> str:
    due = queue.due(row)
    if due is None or row.status == "pending":
        return ""
    seconds = (due - moment).total_seconds()
    if seconds < 0:
        late = span(-seconds, out.lang)
        return out.pick(f"超时 {late}", f"{late} late")
    left = span(seconds, out.lang)
    return out.pick(f"还有 {left}", f"in {left}")
