"""``tickets``: the queue of the local cache, filtered, in working order."""

from __future__ import annotations

import unicodedata
from argparse import Namespace
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from okpay_console import wiring
from okpay_console.cli.output import Out, document
from okpay_console.cli.words import span, word
from okpay_console.config import Settings
from okpay_console.domain import queue
from okpay_console.domain.privacy import mask_caller
from okpay_console.domain.queue import Row


def run(arguments: Namespace, settings: Settings, out: Out) -> int:
    """Lists tickets; needs neither the network nor the store's lock."""
    moment = wiring.now()
    with wiring.reading(settings) as picture:
        owner = picture.mirror.owner
        rows = queue.ordered(
            _matching(picture.rows().values(), arguments),
            arguments.view or "all",
            me=owner.user if owner else "",
            now=moment,
        )
        shown = rows[: arguments.limit] if arguments.limit else rows
        pending = picture.pending_ids()
        if out.json:
            for row in shown:
                out.doc(row_document(row, moment, pending=row.id in pending), flush=False)
            return 0
        if owner is None and not rows:
            out.note(
                out.pick(
                    "本机还没有工单。请先运行：okpay-console sync", "No tickets here yet. First run: okpay-console sync"
                )
            )
            return 0
        _print(shown, out, moment, pending)
        if len(shown) < len(rows):
            left = len(rows) - len(shown)
            out.note(out.pick(f"还有 {left} 张；--limit 0 显示全部", f"{left} more; --limit 0 shows all"))
    return 0


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
    words = _fold(arguments.search).split() if arguments.search else []
    for row in rows:
        if all(getattr(row, name) == value for name, value in wanted.items()) and (not words or _says(row, words)):
            yield row


def _says(row: Row, words: list[str]) -> bool:
    caller = row.caller
    text = _fold(
        f"#{row.number} {row.subject} {caller.name} {caller.mobile} {caller.email} {caller.handle} {' '.join(row.tags)}"
    )
    return all(word in text for word in words)


def _fold(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()


def _print(rows: list[Row], out: Out, moment: datetime, pending: frozenset[str]) -> None:
    heads = (
        ("编号", "状态", "优先级", "分类", "渠道", "标题", "来电人", "负责人", "时限")
        if out.lang == "zh"
        else ("No.", "status", "priority", "category", "channel", "subject", "caller", "agent", "due")
    )
    out.table(heads, (_cells(row, out, moment, waits=row.id in pending) for row in rows), right=(0,))


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
