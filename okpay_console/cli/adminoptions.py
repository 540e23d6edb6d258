"""What can be typed after ``admin backup|restore|erase|retain|audit``."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import Any

from okpay_console.cli import numbers

Say = Callable[[str, str], str]
Command = Callable[..., argparse.ArgumentParser]


def options(things: Any, command: Command, say: Say, database: Callable[[argparse.ArgumentParser, Say], None]) -> None:
    """Five things of ``admin``, each on the server's database."""
    backup = command(
        "backup", "keeping:backup", "备份，服务器照常运行", "a backup while the server serves", under=things
    )
    backup.add_argument("file", metavar="FILE")
    restore = command("restore", "keeping:restore", "恢复备份到新的或已停的服务器", "bring a backup back", under=things)
    restore.add_argument("file", metavar="FILE")
    restore.add_argument(
        "--replace", action="store_true", help=say("替换已停服务器的数据库", "in a stopped server's place")
    )
    for made in (backup, restore):
        made.add_argument(
            "--passphrase-file",
            metavar="FILE",
            default="",
            help=say("第一行是加密备份的口令", "its first line is the passphrase that the backup is encrypted with"),
        )
    erase = command(
        "erase",
        "erasing:erase",
        "删除一位客户的个人信息，统计不变",
        "take a caller out; the numbers stay",
        under=things,
    )
    erase.add_argument(
        "caller", metavar="CALLER", help=say("手机号、邮箱、账号或 #工单号", "number, address, handle or #ticket")
    )
    erase.add_argument("--reason", default="", metavar="TEXT", help=say("原因，记入审计", "why, for the audit log"))
    retain = command("retain", "erasing:retain", "清除过了保存期的结案", "empty closed cases of long ago", under=things)
    retain.add_argument(
        "--days", type=numbers.positive, metavar="N", help=say("默认取设置 retain_days", "default: retain_days")
    )
    retain.add_argument(
        "--complaint-days",
        type=numbers.positive,
        metavar="N",
        help=say("投诉至少三年", "complaints; three years at least"),
    )
    for one in (erase, retain):
        one.add_argument("--dry-run", action="store_true", help=say("只看会动什么", "only say what it would do"))
    audit = command("audit", "audit:verify", "审计链", "the audit log's chain", under=things)
    verbs: Any = audit.add_subparsers(metavar="verify|anchor", required=True, parser_class=type(audit))
    check = command("verify", "audit:verify", "核对审计链", "check the chain", under=verbs)
    check.set_defaults(file="", against_server=False)
    anchors(check, say)
    anchor = command(
        "anchor", "anchoring:anchor", "记下末条哈希，另存他处", "its end, to be kept elsewhere", under=verbs
    )
    anchor.add_argument("--to", metavar="FILE", help=say("续写到此文件", "add the line to this file"))
    anchor.add_argument("--key", metavar="FILE", help=say("签名用的密钥文件", "sign it with the key in this file"))
    for made in (backup, restore, erase, retain, check, anchor):
        database(made, say)


def anchors(made: argparse.ArgumentParser, say: Say) -> None:
    """What ``audit verify`` compares the log with."""
    made.add_argument(
        "--anchors", metavar="FILE", help=say("与以前记下的末条哈希对照", "compare with ends written down before")
    )
    made.add_argument("--key", metavar="FILE", help=say("核对签名的密钥文件", "the key that they were signed with"))
