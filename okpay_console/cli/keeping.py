"""``admin backup`` and ``admin restore``: the server's whole database in one file, and back."""

from __future__ import annotations

import asyncio
from argparse import Namespace
from pathlib import Path
from typing import Any

from okpay_console import wiring
from okpay_console.cli import problems
from okpay_console.cli.output import Out, document
from okpay_console.config import Settings


def backup(arguments: Namespace, settings: Settings, out: Out) -> int:
    """Writes a backup and reads it back; says what is in it."""
    from okpay_console.server import backup as backups

    database = arguments.database or wiring.database(settings)
    try:
        made = asyncio.run(backups.backup(database, Path(arguments.file), tell=_progress(out)))
    finally:
        out.progress_done()
    if out.json:
        out.doc({**document(made), "rows": made.rows, "header": document(made.header), "audit": document(made.audit)})
        return problems.DONE
    head = made.header
    out.line(
        out.pick(
            f"已备份到 {made.file}：{head.rows['tickets']} 张工单，共 {made.rows} 行，{made.bytes} 字节，已读回核对",
            f"Backed up to {made.file}: {head.rows['tickets']} tickets, {made.rows} rows, {made.bytes} bytes, read back",
        )
    )
    out.line(f"SHA-256 {made.sha256}")
    out.note(
        out.pick(
            "文件含客户个人信息，未加密，仅本用户可读：请放在加密的介质上。",
            "It holds callers' data, is not encrypted, and only this user may read it: keep it on an encrypted medium.",
        )
    )
    return problems.DONE


def restore(arguments: Namespace, settings: Settings, out: Out) -> int:
    """Brings a backup back; refuses over a database that is in use."""
    from okpay_console.server import restoring

    database = arguments.database or wiring.database(settings)
    work = restoring.restore(database, Path(arguments.file), replace=arguments.replace, tell=_progress(out))
    try:
        done = asyncio.run(work)
    finally:
        out.progress_done()
    if out.json:
        out.doc(document(done))
        return problems.DONE
    out.line(
        out.pick(
            f"已恢复 {done.made_at} 的备份，共 {done.rows} 行",
            f"Restored the backup of {done.made_at}, {done.rows} rows",
        )
    )
    if done.aside:
        out.line(out.pick(f"原来的数据库：{done.aside}", f"The old database is kept as {done.aside}"))
    if done.emptied_again:
        out.line(
            out.pick(
                f"备份之后清除过的 {done.emptied_again} 张工单已再次清除",
                f"{done.emptied_again} tickets that were emptied after the backup are emptied again",
            )
        )
    out.note(
        out.pick(
            "启动服务器后，各工作台会自己发现，并补发备份之后的操作。",
            "Once the server runs, consoles notice by themselves and send again what came after the backup.",
        )
    )
    return problems.DONE


def _progress(out: Out) -> Any:
    return lambda done, whole: out.progress(f"{done} / {whole}")
