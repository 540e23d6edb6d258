"""``admin backup`` and ``admin restore``: the server's whole database in one file, and back."""

from __future__ import annotations

from argparse import Namespace
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from okpay_console import errors, wiring
from okpay_console.cli import problems
from okpay_console.cli.admin import asked
from okpay_console.cli.output import Out, document
from okpay_console.config import Settings
from okpay_console.wiring.keys import SHORTEST


def backup(arguments: Namespace, settings: Settings, out: Out) -> int:
    """Writes a backup and reads it back; says what is in it."""
    from okpay_console.server import backup as backups

    database = arguments.database or wiring.database(settings)
    secret = _passphrase(arguments, out, new=True)
    try:
        work = backups.backup(database, Path(arguments.file), passphrase=secret, tell=_progress(out))
        made = asked(work, out)
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
    if secret:
        out.note(
            out.pick(
                "文件已用口令加密；没有口令谁也恢复不了，请另处保存口令。",
                "It is encrypted: nobody restores it without the passphrase, so keep that in another place.",
            )
        )
        return problems.DONE
    out.note(
        out.pick(
            "文件含客户个人信息，未加密，仅本用户可读：请放在加密的介质上，或用 --passphrase-file 加密。",
            "It holds callers' data, is not encrypted, and only this user may read it: keep it on an encrypted medium, or "
            "encrypt it with --passphrase-file.",
        )
    )
    return problems.DONE


def restore(arguments: Namespace, settings: Settings, out: Out) -> int:
    """Brings a backup back; refuses over a database that is in use."""
    from okpay_console.server import restoring

    database = arguments.database or wiring.database(settings)
    secret = _passphrase(arguments, out)
    work = restoring.restore(
        database, Path(arguments.file), replace=arguments.replace, passphrase=secret, tell=_progress(out)
    )
    try:
        done = asked(work, out)
    finally:
        out.progress_done()
    if out.json:
        out.doc(document(done))
        return problems.DONE
    made = _local(done.made_at, ZoneInfo(settings.timezone))
    out.line(
        out.pick(
            f"已恢复 {made} 的备份，共 {done.rows} 行",
            f"Restored the backup of {made}, {done.rows} rows",
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


def _local(made_at: str, zone: ZoneInfo) -> str:
    """The moment in the house's time; what a file from elsewhere has in its place as it stands, since all is done by now."""
    try:
        return datetime.fromisoformat(made_at).astimezone(zone).strftime("%Y-%m-%d %H:%M:%S")
    except (ValueError, OverflowError):
        return made_at


def _progress(out: Out) -> Any:
    return lambda done, whole: out.progress(f"{done} / {whole}")


def _passphrase(arguments: Namespace, out: Out, *, new: bool = False) -> str:
    """The first line of the file that was named, "" where none was."""
    if not arguments.passphrase_file:
        return ""
    try:
        with Path(arguments.passphrase_file).open(encoding="utf-8") as file:
            found = file.readline().rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        raise errors.ConfigError(
            out.pick("口令文件读不了。", "The file with the passphrase cannot be read."),
            out.pick("请检查路径、权限和编码（UTF-8）。", "Check its path, its permissions and its encoding (UTF-8)."),
        ) from error
    if len(found) < (SHORTEST if new else 1):
        raise errors.UsageError(
            f"A passphrase has at least {SHORTEST} letters.", "Take several words.", code="short-passphrase"
        )
    return found
