"""What can be typed after ``export``, and what it asks for: which rows, of which days, in which form."""

from __future__ import annotations

import argparse
import hashlib
from argparse import Namespace
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, Final, Literal
from zoneinfo import ZoneInfo

import msgspec

from okpay_console import errors

Say = Callable[[str, str], str]
Form = Literal["csv", "jsonl"]

KINDS: Final = ("tickets", "timeline", "calls", "daybook", "answers", "audit")
REASONS: Final[Mapping[str, tuple[str, str]]] = {
    "regulator": ("监管报送", "asked for by a regulator"),
    "legal": ("司法协查", "asked for by a court or the police"),
    "dispute": ("争议举证", "evidence in a dispute"),
    "complaint": ("投诉处理", "a complaint is looked into"),
    "subject": ("客户本人要求", "the customer wants his own data"),
    "audit": ("内部审计", "internal audit"),
    "quality": ("质量检查", "quality checks"),
    "migration": ("系统迁移", "moving to another system"),
}
"""Reasons that the audit log keeps as a code; any other is kept in its own words."""
_FILTERS: Final[Mapping[str, frozenset[str]]] = {
    "tickets": frozenset({"from", "to", "queue", "category", "where"}),
    "timeline": frozenset({"from", "to", "queue", "category", "where"}),
    "calls": frozenset({"from", "to", "queue", "category", "where"}),
    "daybook": frozenset({"from", "to", "queue"}),
    "answers": frozenset({"category"}),
    "audit": frozenset({"from", "to"}),
}


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """One export as it was asked for. ``out`` None: standard output; ``reason`` a code of ``REASONS``, or words.

    ``filters`` are the names of what was given; ``begins`` and ``ends`` bound the days, the last of them included.
    """

    kind: str
    form: Form
    out: Path | None
    begins: datetime | None
    ends: datetime | None
    queue: str
    category: str
    where: str
    events: bool
    whole: bool
    reason: str
    bom: bool
    resume: bool
    force: bool
    filters: tuple[str, ...]

    def mark(self, *who: str) -> str:
        """The hash by which a later run knows that it was asked for the same, by the same person of the same server."""
        parts = (
            self.kind, self.form, self.begins, self.ends, self.queue, self.category, self.where, self.events, self.whole,
            self.bom, *who,
        )  # fmt: skip
        return hashlib.sha256(msgspec.json.encode(parts)).hexdigest()


def options(made: argparse.ArgumentParser, say: Say) -> None:
    """The arguments of ``export``."""
    made.add_argument("kind", choices=KINDS, metavar="|".join(KINDS))
    made.add_argument("--format", choices=("csv", "jsonl"), help=say("默认看扩展名", "default: by the file's ending"))
    made.add_argument(
        "--out", default="-", metavar="FILE|-", help=say("文件；默认标准输出", "default: standard output")
    )
    made.add_argument("--from", dest="begins", metavar="DATE", help=say("从这一天（含）", "from this day on"))
    made.add_argument("--to", dest="ends", metavar="DATE", help=say("到这一天（含）", "up to this day, included"))
    made.add_argument("--queue", metavar="Q", help=say("只要这个队列", "of this queue"))
    made.add_argument("--category", metavar="C", help=say("只要这个分类", "of this category"))
    made.add_argument(
        "--where", metavar="TEXT", help=say("条件，如 渠道=在线 状态=已结", "such as channel=chat status=closed")
    )
    made.add_argument(
        "--events",
        action="store_true",
        help=say("通话事件日志，供 stats --log", "calls: the log of events for stats --log"),
    )
    made.add_argument("--bom", action="store_true", help=say("CSV 前加 BOM，供 Excel", "CSV: a mark for Excel"))
    made.add_argument("--resume", action="store_true", help=say("接着上次中断的写", "go on where it was broken off"))
    made.add_argument("--force", action="store_true", help=say("覆盖已有文件", "take the place of a file"))
    made.add_argument(
        "--unmask",
        action="store_true",
        help=say("不打码（主管，须写原因）", "whole values (supervisors, with a reason)"),
    )
    known = "、".join(f"{code}（{zh}）" for code, (zh, _) in REASONS.items())
    made.add_argument(
        "--reason",
        metavar="TEXT",
        help=say(f"原因，记入审计：{known}，或自己的话", f"for the audit log: {', '.join(REASONS)}, or your own words"),
    )


def asked(arguments: Namespace, *, zone: str, categories: Mapping[str, str], say: Say) -> Asked:
    """What the command asks for; ``UsageError`` where that makes no sense. ``categories``: codes by every name of theirs."""
    kind = str(arguments.kind)
    given = {
        "from": arguments.begins, "to": arguments.ends, "queue": arguments.queue, "category": arguments.category,
        "where": arguments.where,
    }  # fmt: skip
    filters = tuple(name for name, value in given.items() if value is not None)
    for name in filters:
        if name not in _FILTERS[kind]:
            raise _wrong(say(f"{kind} 不能用 --{name}。", f"--{name} does not go with {kind}."), kind, say)
    if arguments.events and kind != "calls":
        raise _wrong(say("--events 只用于 calls。", "--events goes with calls alone."), kind, say)
    reason = (arguments.reason or "").strip()
    if arguments.unmask and not reason:
        raise errors.UsageError(
            say("不打码导出要写原因。", "An export of whole values needs a reason."),
            say(
                f"请加 --reason：{'、'.join(REASONS)}，或自己的话。",
                f"Add --reason: {', '.join(REASONS)}, or your own words.",
            ),
        )
    out = None if arguments.out == "-" else Path(arguments.out)
    if out is None and (arguments.resume or arguments.force):
        raise errors.UsageError(
            say("标准输出不能接着写。", "Standard output cannot be gone on with."),
            say("请用 --out 文件。", "Name a file with --out."),
        )
    form = _form(arguments.format, out, say)
    if arguments.bom and form != "csv":
        raise errors.UsageError(say("--bom 只用于 CSV。", "--bom is for CSV."), "")
    category = arguments.category or ""
    if category and category.casefold() not in categories:
        shown = ", ".join(sorted(set(categories.values())))
        raise errors.UsageError(
            say(f"没有分类“{category[:40]}”。", f"There is no category '{category[:40]}'."),
            say(f"可用：{shown}", f"One of: {shown}"),
        )
    begins = None if arguments.begins is None else _moment(arguments.begins, zone, say, last=False)
    ends = None if arguments.ends is None else _moment(arguments.ends, zone, say, last=True)
    if begins and ends and begins >= ends:
        raise errors.UsageError(say("--from 在 --to 之后。", "--from comes after --to."), "")
    return Asked(
        kind=kind,
        form=form,
        out=out,
        begins=begins,
        ends=ends,
        queue=arguments.queue or "",
        category=categories.get(category.casefold(), ""),
        where=arguments.where or "",
        events=arguments.events,
        whole=arguments.unmask,
        reason=_code(reason),
        bom=arguments.bom,
        resume=arguments.resume,
        force=arguments.force,
        filters=filters,
    )


def _form(given: str | None, out: Path | None, say: Say) -> Form:
    ending = out.suffix.lower() if out is not None else ".jsonl"
    found = given or {".csv": "csv", ".jsonl": "jsonl", ".ndjson": "jsonl"}.get(ending)
    if found not in ("csv", "jsonl"):
        raise errors.UsageError(
            say("看不出要写成什么格式。", "The format cannot be told from the name."),
            say("请加 --format csv 或 jsonl。", "Add --format csv or jsonl."),
        )
    return found  # type: ignore[return-value]  # checked above


def _moment(text: str, zone: str, say: Say, *, last: bool) -> datetime:
    """The beginning of a day of ``zone`` (its end where it is the ``last``), or the moment itself where a time is given."""
    tz = ZoneInfo(zone)
    try:
        if len(text) <= 10:
            day = date.fromisoformat(text.replace("/", "-")) + timedelta(days=1 if last else 0)
            return datetime(day.year, day.month, day.day, tzinfo=tz).astimezone(UTC)
        moment = datetime.fromisoformat(text)
        return (moment if moment.tzinfo else moment.replace(tzinfo=tz)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise errors.UsageError(
            say(f"看不懂日期“{text[:40]}”。", f"'{text[:40]}' is not a date."),
            say("例如：2026-01-31，或 2026-01-31T15:00+08:00", "Such as 2026-01-31, or 2026-01-31T15:00+08:00"),
        ) from None


def _code(reason: str) -> str:
    return next((code for code, (zh, _) in REASONS.items() if reason.casefold() in (code, zh)), reason)


def _wrong(what: str, kind: str, say: Say) -> errors.UsageError:
    names: Any = sorted(_FILTERS[kind])
    listed = ", ".join(f"--{name}" for name in names)
    return errors.UsageError(what, say(f"{kind} 可用：{listed}", f"{kind} takes: {listed}"))
