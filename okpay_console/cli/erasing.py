"""``admin erase`` and ``admin retain``: personal values out of the server's database, and what cannot be reached by it."""

from __future__ import annotations

import asyncio
from argparse import Namespace
from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any

from okpay_console import errors, wiring
from okpay_console.cli import problems
from okpay_console.cli.output import Out, document
from okpay_console.config import Settings

if TYPE_CHECKING:
    from okpay_console.server.erasing import Erased

_SHOWN = 20


def erase(arguments: Namespace, settings: Settings, out: Out) -> int:
    """Takes one caller out of all his tickets; status 1 where nobody is known by what was given."""
    from okpay_console.server import erasing

    database = arguments.database or wiring.database(settings)
    work = erasing.erase(
        database, arguments.caller, dry_run=arguments.dry_run, reason=arguments.reason, tell=_progress(out)
    )
    done = _run(work, out)
    return _tell(done, out)


def retain(arguments: Namespace, settings: Settings, out: Out) -> int:
    """Empties closed tickets whose time is over; without ``--days`` by the setting."""
    from okpay_console.server import erasing

    days = arguments.days or settings.retain_days
    if not days:
        raise errors.UsageError(
            out.pick("没有说保存多少天。", "It is not said for how many days cases are kept."),
            out.pick("写 --days N，或设置 retain_days。", "Say --days N, or set retain_days."),
        )
    complaint_days = max(arguments.complaint_days or 0, settings.retain_complaint_days, days)
    if arguments.complaint_days and arguments.complaint_days < settings.retain_complaint_days:
        out.note(
            out.pick(
                f"投诉档案至少保存 {settings.retain_complaint_days} 天，以此为准。",
                f"Files of complaints are kept for {settings.retain_complaint_days} days at least; that is used.",
            )
        )
    work = erasing.retain(
        arguments.database or wiring.database(settings), days=days, complaint_days=complaint_days,
        dry_run=arguments.dry_run, tell=_progress(out),
    )  # fmt: skip
    return _tell(_run(work, out), out)


def _run(work: Coroutine[Any, Any, Erased], out: Out) -> Erased:
    try:
        return asyncio.run(work)
    finally:
        out.progress_done()


def _progress(out: Out) -> Any:
    return lambda done, whole: out.progress(f"{done} / {whole}")


def _tell(done: Erased, out: Out) -> int:
    if out.json:
        out.doc(document(done))
        return problems.DONE
    count = len(done.tickets)
    shown = " ".join(f"#{number}" for number in done.tickets[:_SHOWN]) + (" …" if count > _SHOWN else "")
    if done.dry_run:
        out.line(out.pick(f"将清除 {count} 张工单：{shown}", f"Would empty {count} tickets: {shown}"))
    else:
        out.line(out.pick(f"已清除 {count} 张工单：{shown}", f"Emptied {count} tickets: {shown}"))
    if done.again:
        out.line(out.pick(f"其中 {done.again} 张以前已清除", f"{done.again} of them had been emptied before"))
    if done.outcomes or done.lines:
        out.line(
            out.pick(
                f"另有 {done.outcomes} 条未采纳的操作、{done.lines} 条值班日志",
                f"and {done.outcomes} refused operations, {done.lines} lines of the daybook",
            )
        )
    if done.kept_complaints:
        out.line(
            out.pick(
                f"{done.kept_complaints} 件投诉未到期，保留",
                f"{done.kept_complaints} complaints are kept: their time is not over",
            )
        )
    if done.backups:
        out.note(
            out.pick(
                f"这些备份里仍有：{'、'.join(done.backups)}。请删除，或恢复后再执行一次。",
                f"Still in these backups: {', '.join(done.backups)}. Delete them, or do this again after restoring one.",
            )
        )
    if count and not done.dry_run:
        out.note(
            out.pick(
                "各工作台下次同步时自动清除；导出的文件和日志要另行处理。",
                "Consoles follow with their next round; files that were exported have to be seen to by hand.",
            )
        )
    return problems.DONE
