"""What leaves this machine: a report is told to the audit logs before its first byte is written, and stands whole or not at all."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

from okpay_console import errors, wiring
from okpay_console.cli.output import Out
from okpay_console.config import Settings
from okpay_console.domain import audited
from okpay_console.domain.cells import BOM, table_line

_LEADS: Final = frozenset({"supervisor", "admin"})


def hand_out(
    settings: Settings, out: Out, *, kind: str, form: str, target: str, text: str, force: bool = False
) -> None:
    """Writes ``text`` to the file ``target`` (``-``: standard output) after the export is on record here and queued for the server.

    ``kind`` names the report, ``form`` its form; both are codes. Never over a file that is there, unless forced.
    """
    path = None if target == "-" else Path(target)
    if path is not None and not force and path.exists():
        raise errors.Refused(
            out.pick(f"文件 {target} 已存在。", f"The file {target} exists already."),
            out.pick("换个名字，或加 --force 覆盖。", "Choose another name, or overwrite it with --force."),
            code="file-exists",
        )
    asyncio.run(_witness(settings, kind=kind, form=form))
    if path is None:
        sys.stdout.buffer.write(text.encode("utf-8"))
        sys.stdout.buffer.flush()
        return
    try:
        _write(path, text.encode("utf-8"))
    except OSError as error:
        raise errors.Refused(
            out.pick(
                f"写不了文件 {target}：{error.strerror}。", f"The file {target} cannot be written: {error.strerror}."
            ),
            out.pick("请换个位置，或腾出空间。", "Choose another place, or make room."),
            code="not-written",
        ) from error
    out.note(out.pick(f"已写入 {target}", f"Written to {target}"))


def leads(settings: Settings, out: Out) -> None:
    """``Refused`` unless the server has said that whoever is signed in here leads a team."""
    from okpay_console.local.daybook import Book

    with wiring.reading(settings) as picture:
        role = Book(picture.mirror.store).mark.role
    if role not in _LEADS:
        role = asyncio.run(_role(settings))
    if role not in _LEADS:
        raise errors.Refused(
            out.pick("姓名只给主管和管理员看。", "Names are for supervisors and admins."),
            out.pick("去掉 --agents，或联网后以主管登录。", "Leave out --agents, or be online as a supervisor."),
            code="not-a-lead",
        )


def table(rows: Iterable[Sequence[object]]) -> str:
    """The rows as CSV, its cells guarded as an export's, with a mark at the front that makes spreadsheets read it as UTF-8."""
    return BOM + "".join(map(table_line, rows))


async def _witness(settings: Settings, *, kind: str, form: str) -> None:
    async with wiring.working(settings) as engine:
        await engine.witness(audited.EXPORT, kind=kind, place=f"cli.{form}")
        with suppress(errors.RemoteError):
            await engine.round()


async def _role(settings: Settings) -> str:
    async with wiring.working(settings) as engine:
        await engine.round()
        return engine.role


def _write(path: Path, data: bytes) -> None:
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        part.unlink(missing_ok=True)
        # O_EXCL: in a folder that others write to, nobody's link leads it into another file.
        with open(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:  # noqa: PTH123
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except OSError:
        with suppress(OSError):
            part.unlink()
        raise
