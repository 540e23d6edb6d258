"""What can be typed after ``login``, ``logout``, ``vault`` and ``sessions``."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import Any

from okpay_console.cli import numbers

Say = Callable[[str, str], str]


def options(command: Callable[..., argparse.ArgumentParser], say: Say) -> None:
    """The commands with their options; ``run`` in the result is ``module:function`` of ``okpay_console.cli``."""
    login = command("login", "login:login", "登录服务器", "sign in to a server")
    login.add_argument("--token", metavar="TOKEN|-", help=say("令牌；- 从标准输入读", "token; - reads standard input"))
    logout = command("logout", "login:logout", "退出登录，删除本机令牌", "sign out and forget the token")
    logout.add_argument(
        "--wipe", action="store_true", help=say("清除本机全部数据和密钥", "wipe this machine's data and keys")
    )
    logout.add_argument(
        "--force", action="store_true", help=say("连同未发送的内容一起清除", "also what was never sent (with --wipe)")
    )
    vault = command("vault", "vault:run", "本机数据的加密：看、换密钥", "the encryption of this machine's data")
    verbs: Any = vault.add_subparsers(metavar=say("操作", "VERB"), parser_class=type(vault))
    command("keyring", "vault:keyring", "密钥放进系统钥匙串", "keep the key in the system's key store", under=verbs)
    new = command(
        "passphrase", "vault:passphrase", "用（新）口令保护密钥", "guard the key with a (new) passphrase", under=verbs
    )
    new.add_argument(
        "--new", choices=("-",), help=say("新口令从标准输入读", "read the new passphrase from standard input")
    )
    command("rotate", "vault:rotate", "换一把密钥，全部重新加密", "a new key, everything sealed anew", under=verbs)
    sessions = command("sessions", "sessions:mine", "自己在哪里登录着", "where you are signed in")
    verbs = sessions.add_subparsers(metavar=say("操作", "VERB"), parser_class=type(sessions))
    end = command("revoke", "sessions:end", "结束自己的一个会话", "end one of your sessions", under=verbs)
    end.add_argument("session", metavar="ID")


def serving(made: argparse.ArgumentParser, say: Say) -> None:
    """``serve``: TLS, and how many wrong tokens are too many."""
    made.add_argument("--certfile", metavar="PEM", help=say("TLS 证书（含链）", "certificate (and chain) for TLS"))
    made.add_argument("--keyfile", metavar="PEM", help=say("TLS 私钥", "its private key"))
    made.add_argument(
        "--guesses",
        type=numbers.natural,
        default=20,
        metavar="N",
        help=say(
            "同一地址 5 分钟内几个错误令牌后锁定；代理后面用 0",
            "wrong tokens of an address before a lock; 0 behind a proxy",
        ),
    )


def admin(
    things: Any, command: Callable[..., argparse.ArgumentParser], say: Say
) -> tuple[argparse.ArgumentParser, ...]:
    """``admin session``; every one of them works on the server's database."""
    session = command("session", "sessions:listing", "会话", "sessions", under=things)
    verbs: Any = session.add_subparsers(metavar=say("操作", "VERB"), required=True, parser_class=type(session))
    listing = command("list", "sessions:listing", "列出会话", "list the sessions", under=verbs)
    listing.add_argument("--user", metavar="NAME")
    revoke = command("revoke", "sessions:revoke", "结束会话", "end sessions", under=verbs)
    which = revoke.add_mutually_exclusive_group(required=True)
    which.add_argument("session", nargs="?", metavar="ID")
    which.add_argument("--user", metavar="NAME", help=say("此人的全部会话", "all of this user"))
    add = command("add", "sessions:add", "再发一个令牌", "one more token for a user", under=verbs)
    add.add_argument("name", metavar="NAME")
    add.add_argument(
        "--label", default="", metavar="TEXT", help=say("记在旁边，例如机器名", "a note, such as the machine")
    )
    add.add_argument(
        "--days", type=numbers.above_zero, default=90.0, metavar="N", help=say("有效天数", "how long it lives")
    )
    return listing, revoke, add
