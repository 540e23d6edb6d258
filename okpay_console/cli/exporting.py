"""``export``: the data out as CSV or JSON lines, masked unless a reason is given, told to the audit logs before the first byte."""

from __future__ import annotations

import asyncio
from argparse import Namespace
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

import msgspec
from msgspec.structs import replace

from okpay_console import errors, wiring
from okpay_console.cli import exportsource, problems, result
from okpay_console.cli.exportoptions import Asked, asked
from okpay_console.cli.exportsource import Source
from okpay_console.cli.exportstream import Stdout, stream
from okpay_console.cli.output import Out
from okpay_console.cli.refusing import refuse_secret
from okpay_console.config import Settings
from okpay_console.content.filters import category_names
from okpay_console.domain import audited
from okpay_console.local.partfile import Good, PartFile

if TYPE_CHECKING:
    from okpay_console.domain.daybook import Line
    from okpay_console.wiring.desk import Desk

_LEADS: Final = ("supervisor", "admin")
_LONG_AGO: Final = datetime(1971, 1, 1, tzinfo=UTC)
_PERSONAL: Final = ("tickets", "timeline", "daybook")
"""What holds personal values, so that it is said whether they are masked."""


class _Ready(msgspec.Struct, frozen=True):
    """What is to be written, as of when, whether the server knows of it, and how old the data is that it is read from."""

    source: Source
    good: Good
    audit: str
    synced_at: datetime | None


def run(arguments: Namespace, settings: Settings, out: Out) -> int:
    """Writes the file; what was there stays unless ``--force``, and a part that was broken off is gone on with by ``--resume``."""
    wanted = asked(arguments, zone=settings.timezone, categories=category_names(), say=out.pick)
    for words, place in ((wanted.where, "cli.export"), (wanted.reason, "cli.export.reason")):
        if words:
            refuse_secret(words, place=place, settings=settings)
    file = None if wanted.out is None else PartFile(wanted.out)
    before: Good | None = None
    if file is not None:
        file.refuse_taken(resume=wanted.resume, force=wanted.force)
        before = file.read_good() if wanted.resume else None
    settings = wiring.signed_in(settings)
    try:
        ready = asyncio.run(_prepare(wanted, settings, out, before))
    except (errors.Offline, errors.Unavailable) as error:
        return result.not_asked(error, out, done=out.pick("什么都没有写出。", "Nothing was written. "))
    return _written(wanted, ready, file, before, out)


async def _prepare(wanted: Asked, settings: Settings, out: Out, before: Good | None) -> _Ready:
    """Brings the data up to date, chooses the rows, and has it known who takes them; nothing has left by then.

    A part that is gone on with needs the data as it was, so nothing is fetched for it.
    """
    async with wiring.working(settings) as desk:
        result.mended(desk, out)
        online = (await desk.round()).link == "online" if before is None else False
        if wanted.whole or wanted.kind == "audit":
            await _allowed(wanted, desk, out)
        owner = desk.picture.mirror.owner
        good = Good(
            asked=wanted.mark(settings.timezone, desk.me, owner.server_id if owner else ""),
            as_of=before.as_of if before else wiring.now(),
        )
        if before is not None and before.asked != good.asked:
            raise errors.Refused(
                "The unfinished file was asked for with other options, or by somebody else.",
                "Give the same options, or begin anew with --force.",
                code="export-asked",
            )
        source = await _source(wanted, desk, settings, out, good.as_of)
        good = replace(good, source=source.mark, total=source.total)
        if before is not None and before.source != good.source:
            raise errors.Refused(
                "The data has changed since the file was begun.", "Begin anew with --force.", code="export-source"
            )
        if not online and before is None and not wanted.whole:
            out.note(_as_of(desk.picture.mirror.synced_at, out))
        audit = await _witnessed(wanted, desk, source.total)
        return _Ready(source, good, audit, desk.picture.mirror.synced_at)


async def _allowed(wanted: Asked, desk: Desk, out: Out) -> None:
    """Whole values, and the audit log, are for those whom the server knows as such, now."""
    await desk.send()
    needed = ("admin",) if wanted.kind == "audit" else _LEADS
    if desk.role in needed:
        return
    if wanted.whole:
        place = audited.place_of_export(form=wanted.form, whole=True, filters=wanted.filters, rows=0)
        await desk.witness(audited.EXPORT_REFUSED, kind=wanted.kind, place=place)
        await desk.send()
    raise errors.Forbidden(
        out.pick("这个账号的角色不能这样导出。", "Your role may not export this."),
        out.pick(
            "不打码导出由主管或管理员做，审计记录由管理员导出。",
            "Supervisors export whole values, admins the audit log.",
        ),
    )


async def _source(wanted: Asked, desk: Desk, settings: Settings, out: Out, as_of: datetime) -> Source:
    match wanted.kind:
        case "audit":
            api = wiring.open_api(settings, settings.token)
            try:
                return await exportsource.of_audit(wanted, api, settings)
            finally:
                await api.aclose()
        case "answers":
            return exportsource.of_answers(wanted, desk.answers())
        case "daybook":
            return exportsource.of_daybook(wanted, await _lines(wanted, desk, out, as_of))
        case _:
            return exportsource.of_tickets(
                wanted,
                desk.picture,
                lines=await _lines(wanted, desk, out, as_of) if wanted.events else (),
                me=desk.me,
                lang=out.lang,
                as_of=as_of,
            )


async def _lines(wanted: Asked, desk: Desk, out: Out, as_of: datetime) -> Sequence[Line]:
    """The daybook up to the moment of the export; this console keeps a day and a half of it, the server has the rest."""
    known = desk.daybook()
    try:
        # A state that lasts into the first day began before it.
        told = await desk.daybook_since(wanted.begins - timedelta(days=1) if wanted.begins else _LONG_AGO)
    except errors.RemoteError:
        first = f"{known[0].at:%Y-%m-%d %H:%M} UTC" if known else "-"
        out.note(
            out.pick(f"服务器未连上：值班日志只有 {first} 以来的。", f"Not online: the daybook begins at {first}.")
        )
        told = known
    return [line for line in told if line.at <= as_of]


async def _witnessed(wanted: Asked, desk: Desk, rows: int) -> str:
    """``confirmed`` where the server has it in its log, ``queued`` where it waits in the outbox; it is on this disk in any case.

    Whole values leave with a confirmation or not at all.
    """
    names = (*wanted.filters, *(["resume"] if wanted.resume else []))
    place = audited.place_of_export(form=wanted.form, whole=wanted.whole, filters=names, rows=rows)
    op = desk.author.witness(audited.EXPORT, kind=wanted.kind, place=place, reason=wanted.reason)
    await desk.do(op)
    try:
        refused = await desk.send()
    except (errors.Offline, errors.Unavailable, errors.BadReply, errors.ConfigError):
        # Whoever is signed out, or was shut out, takes nothing along; the rest is told when the server is there again.
        if wanted.whole:
            raise
        return "queued"
    if refused is None or op.uuid in refused:
        outcome = (refused or {}).get(op.uuid)
        raise errors.Refused(
            outcome.what if outcome else "The server has not confirmed that it knows of this export.",
            outcome.advice if outcome else "Try again.",
            code=outcome.code if outcome and outcome.code else "export-unconfirmed",
        )
    return "confirmed"


def _as_of(synced_at: datetime | None, out: Out) -> str:
    when = "-" if synced_at is None else str(msgspec.to_builtins(synced_at.replace(microsecond=0)))
    return out.pick(f"没有连上服务器，数据截至 {when}。", f"The server was not reached; the data is as of {when}.")


def _written(wanted: Asked, ready: _Ready, file: PartFile | None, before: Good | None, out: Out) -> int:
    done = ready.good
    try:
        if file is None:
            done = replace(done, rows=stream(wanted, ready.source, Stdout(), 0, out))
        else:
            if before is None:
                file.begin(ready.good)
            else:
                file.go_on(before)
            stream(wanted, ready.source, file, before.rows if before else 0, out)
            done = file.finish(force=wanted.force)
    except KeyboardInterrupt:
        out.progress_done()
        if file is not None:
            out.note(out.pick("写到一半的文件留着，可用 --resume 接着写。", "The part is kept; go on with --resume."))
        raise
    finally:
        if file is not None:
            file.close()
        out.progress_done()
    _tell(wanted, ready, done, out)
    return problems.DONE


def _tell(wanted: Asked, ready: _Ready, done: Good, out: Out) -> None:
    if lost := ready.source.unreadable():
        out.note(
            out.pick(
                f"有 {lost} 张工单要更新的版本才能读，没有导出。",
                f"{lost} tickets can only be read by a newer version; they were left out.",
            )
        )
    name = str(wanted.out) if wanted.out is not None else "-"
    if out.json and wanted.out is not None:
        out.doc(
            {
                "kind": wanted.kind, "format": wanted.form, "out": name, "rows": done.rows, "bytes": done.bytes,
                "sha256": done.sha256, "masked": not wanted.whole, "audit": ready.audit, "as_of": done.as_of,
                "synced_at": ready.synced_at,
            }
        )  # fmt: skip
        return
    told = {
        "confirmed": out.pick("已记入服务器的审计", "in the server's audit log"),
        "queued": out.pick("审计记录待发", "its audit line waits to be sent"),
    }[ready.audit]
    form = out.pick("未打码", "whole values") if wanted.whole else out.pick("已打码", "masked")
    said = [form, told] if wanted.kind in _PERSONAL else [told]
    out.note(
        out.pick(f"导出 {done.rows} 行到 {name}，{'，'.join(said)}", f"{done.rows} rows to {name}, {', '.join(said)}")
    )
