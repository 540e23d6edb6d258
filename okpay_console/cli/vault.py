"""``vault``: how this machine keeps its data, another key for it, and what a wipe has left to say."""

from __future__ import annotations

import sys
from argparse import Namespace
from typing import TYPE_CHECKING

from okpay_console import errors, wiring
from okpay_console.cli import problems
from okpay_console.cli.output import Out, document
from okpay_console.config import Settings

if TYPE_CHECKING:
    from okpay_console.wiring.wiping import Wiped


def run(_: Namespace, settings: Settings, out: Out) -> int:
    """Where the key is; nothing is changed."""
    found = wiring.sealing(settings)
    if out.json:
        out.doc({**document(found), "kept": wiring.kept(settings)})
    else:
        out.line(said(wiring.kept(settings), out))
    return problems.DONE


def keyring(_: Namespace, settings: Settings, out: Out) -> int:
    """A new key, kept by the system's key store, and everything sealed with it."""
    return _sealed(wiring.protect(settings, "keyring"), settings, out)


def passphrase(arguments: Namespace, settings: Settings, out: Out) -> int:
    """A new key under a new passphrase, and everything sealed with it."""
    new = chosen(settings, out, given=sys.stdin.readline().rstrip("\n") if arguments.new == "-" else "")
    if not new:
        raise errors.UsageError(
            out.pick("没有给出新口令。", "No new passphrase was given."),
            out.pick(
                "请在终端运行，或用 --new -（从标准输入读）。", "Use a terminal, or --new - (reads standard input)."
            ),
        )
    return _sealed(wiring.protect(settings, "passphrase", passphrase=new), settings, out)


def rotate(_: Namespace, settings: Settings, out: Out) -> int:
    """A new key where the old one is. A passphrase stays the same; it has to be given."""
    kind = wiring.sealing(settings).kind
    if kind == "none":
        raise errors.UsageError(
            out.pick(
                "本机数据没有加密，没有密钥可换。", "This machine's data is not encrypted; there is no key to change."
            ),
            out.pick("请用 vault keyring 或 vault passphrase。", "Use vault keyring or vault passphrase."),
        )
    same = ""
    if kind == "passphrase":
        same = settings.passphrase or wiring.typed(settings.language)
        # The passphrase of now, and no other by a slip of the finger.
        wiring.check(settings, same)
    return _sealed(wiring.protect(settings, kind, passphrase=same), settings, out)


def chosen(settings: Settings, out: Out, *, given: str = "") -> str:
    """A new passphrase: the given one, or typed twice on a terminal; "" for none."""
    new = given or wiring.typed(settings.language)
    if new and not given and wiring.typed(settings.language, again=True) != new:
        raise errors.UsageError(
            out.pick("两次输入的口令不一样，什么都没有改。", "The two passphrases differ; nothing was changed."),
            out.pick("请再来一次。", "Do it again."),
        )
    return new


def said(kept: str, out: Out) -> str:
    """How the data is kept, in one sentence."""
    return {
        "keyring": out.pick(
            "本机数据已加密，密钥在系统钥匙串", "Local data is encrypted; the key is in the system's key store"
        ),
        "passphrase": out.pick(
            "本机数据已加密，密钥由口令保护", "Local data is encrypted; a passphrase guards the key"
        ),
    }.get(
        kept,
        out.pick(
            "本机数据没有加密，只靠文件权限（仅本人可读）",
            "Local data is not encrypted; only its file rights protect it",
        ),
    )


def how(out: Out) -> str:
    """What to do about data that is not encrypted."""
    return out.pick(
        "加密：okpay-console vault keyring（系统钥匙串）或 vault passphrase（口令）。",
        "To encrypt it: okpay-console vault keyring (the system's key store) or vault passphrase.",
    )


def say_wiped(done: Wiped, out: Out) -> None:
    """What a wipe has taken and what it could not, for people, on standard error."""
    if done.why:
        out.note(
            out.pick(
                f"服务器说账号 {done.user} 已停用：本机数据已清除。",
                f"The server says that {done.user} is disabled: this machine was wiped.",
            )
        )
    else:
        out.note(out.pick("本机数据已清除。", "This machine was wiped."))
    if done.lost is None:
        out.note(
            out.pick("有没有未发送的内容，已无法得知。", "Whether something had not been sent, nobody could tell.")
        )
    elif done.lost:
        tickets = ", ".join(sorted({one.ticket for one in done.lost if one.ticket}))
        out.note(
            out.pick(
                f"有 {len(done.lost)} 条没有发送，已随之清除；涉及工单：{tickets}",
                f"{len(done.lost)} entries had not been sent and are gone with it; tickets: {tickets}",
            )
        )
    if done.left:
        names = ", ".join(done.left)
        out.note(out.pick(f"没有动的文件：{names}", f"Files that were left alone: {names}"))
    if done.key_left:
        out.note(
            out.pick(
                "系统钥匙串没有应答，密钥和令牌可能还在里面：请解锁后删除其中的 okpay-console 各项，或请管理员结束登录。",
                "The system's key store did not answer and may have the key and the token still: unlock it and delete its "
                "okpay-console entries, or have an administrator end the session.",
            )
        )
    if not done.was_sealed:
        out.note(
            out.pick(
                "这些数据没有加密过：磁盘的空闲块里可能还有残留，只有整盘加密或销毁能清除。",
                "It was not encrypted: remains may lie in free blocks of the disk, which only full-disk encryption or "
                "destroying the disk can deal with.",
            )
        )


def _sealed(now: bool, settings: Settings, out: Out) -> int:
    if out.json:
        out.doc({**document(wiring.sealing(settings)), "kept": wiring.kept(settings)})
    elif now:
        out.line(said(wiring.kept(settings), out))
    else:
        out.note(
            out.pick(
                "工作台正开着：它下次启动时用新密钥重新加密。",
                "A console is open: it is sealed with the new key when it next starts.",
            )
        )
    return problems.DONE
