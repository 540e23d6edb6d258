"""``login`` and ``logout``: the token goes to the operating system's key store, or to a file that only its owner can read."""

from __future__ import annotations

import asyncio
import getpass
import sys
from argparse import Namespace
from typing import TYPE_CHECKING

from okpay_console import errors, wiring
from okpay_console.cli import problems, result, vault
from okpay_console.cli.output import Out, document
from okpay_console.config import Settings

if TYPE_CHECKING:
    from okpay_console.domain.wire import Me


def login(arguments: Namespace, settings: Settings, out: Out) -> int:
    """Asks the server who the token is before it is kept; a token that does not work is never kept."""
    if not settings.server:
        raise errors.UsageError(
            out.pick("没有说要登录哪台服务器。", "No server was named."),
            out.pick(
                "请写：okpay-console login --server https://…，或设置 OKPAY_SERVER。",
                "Write: okpay-console login --server https://…, or set OKPAY_SERVER.",
            ),
        )
    token = _token(arguments, settings, out)
    try:
        me = asyncio.run(_ask(settings, token))
    except (errors.Offline, errors.Unavailable) as error:
        return result.not_asked(error, out)
    _check_owner(settings, me.user, out)
    place = wiring.keep_sign_in(settings, token=token, user=me.user)
    kept = _protect(settings, out, place=place)
    if out.json:
        stored = {"server": settings.server, "stored": place, "kept": kept}
        out.doc({"user": me.user, "role": me.role, "queues": me.queues, **stored})
    else:
        out.line(out.pick(f"已登录：{me.user}（{me.role}）", f"Signed in: {me.user} ({me.role})"))
        out.line(out.pick(f"令牌保存在：{place}", f"The token is kept in: {place}"))
        out.line(vault.said(kept, out))
        if kept == "plain":
            out.line(vault.how(out))
    return problems.DONE


def logout(arguments: Namespace, settings: Settings, out: Out) -> int:
    """Forgets the token; what was written and not sent stays on this disk, unless all of it is wiped."""
    if arguments.wipe:
        return _wipe(settings, out, force=arguments.force)
    gone = wiring.forget_sign_in(settings)
    with wiring.reading(settings) as picture:
        waiting = len(picture.outbox)
    if out.json:
        out.doc({"signed_out": gone, "pending": waiting})
    else:
        out.line(
            out.pick("已退出登录。", "Signed out.") if gone else out.pick("本来就没有登录。", "Nobody was signed in.")
        )
    if waiting:
        out.note(
            out.pick(
                f"还有 {waiting} 条待发，留在本机，登录后发送。",
                f"{waiting} operations wait here; they are sent after signing in.",
            )
        )
    return problems.DONE


def _wipe(settings: Settings, out: Out, *, force: bool) -> int:
    """``Refused`` where something here was never sent, or where nobody can tell: that takes ``--force``."""
    lost = wiring.unsent(settings)
    if lost is None and not force:
        raise errors.Refused(
            out.pick(
                "本机数据打不开，无法知道有没有未发送的内容；什么都没有删。",
                "This machine's data cannot be opened, so nobody can tell what was not sent; nothing was deleted.",
            ),
            out.pick("确定要清除时加 --force。", "Add --force to wipe it all the same."),
            code="unsent",
        )
    if lost and not force:
        tickets = ", ".join(sorted({one.ticket for one in lost if one.ticket}))
        raise errors.Refused(
            out.pick(
                f"还有 {len(lost)} 条只在本机（未发送、待审阅或草稿），什么都没有删；工单：{tickets}",
                f"{len(lost)} entries are on this machine alone (unsent, to review, drafts); nothing was deleted; "
                f"tickets: {tickets}",
            ),
            out.pick(
                "请先运行 okpay-console sync，并在工作台里发出或丢弃草稿和待核对；确定不要时加 --force。",
                "Run okpay-console sync, and send or drop drafts and reviews at the desk; add --force to lose them.",
            ),
            code="unsent",
        )
    done = wiring.wipe(settings, now=wiring.now(), why="")
    if out.json:
        out.doc({"signed_out": True, **document(done)})
    else:
        vault.say_wiped(done, out)
    return problems.DONE


def _protect(settings: Settings, out: Out, *, place: str) -> str:
    """Encrypts what this machine keeps, once: by the key store, by a passphrase, or not at all; how it is kept now."""
    if wiring.sealing(settings).kind == "none":
        try:
            if place == "keyring":
                wiring.protect(settings, "keyring")
            elif settings.passphrase or (not out.json and sys.stdin.isatty()):
                if not settings.passphrase:
                    out.note(
                        out.pick(
                            "没有系统钥匙串。输入口令可加密本机数据；直接回车则不加密。",
                            "There is no key store. A passphrase encrypts local data; Enter alone leaves it readable.",
                        )
                    )
                new = vault.chosen(settings, out, given=settings.passphrase)
                if new:
                    wiring.protect(settings, "passphrase", passphrase=new)
        except (errors.UsageError, errors.StoreError) as error:
            # Signed in all the same: a passphrase that was too short must not lock anybody out.
            out.error(*problems.explain(error, lang=out.lang))
    return wiring.kept(settings)


def _check_owner(settings: Settings, user: str, out: Out) -> None:
    """``Refused`` where this data directory is somebody else's: words written under it would carry that name."""
    with wiring.reading(settings) as picture:
        owner = picture.mirror.owner
    if owner is not None and owner.user != user:
        raise errors.Refused(
            out.pick(
                f"这个数据目录属于 {owner.user}，令牌是 {user} 的，没有保存。",
                f"This data directory belongs to {owner.user}, the token to {user}; the token was not kept.",
            ),
            out.pick(
                f"请用 {owner.user} 的令牌，或用 OKPAY_DATA_DIR 换一个数据目录。",
                f"Sign in as {owner.user}, or choose another data directory (OKPAY_DATA_DIR).",
            ),
        )


def _token(arguments: Namespace, settings: Settings, out: Out) -> str:
    typed = arguments.token
    if typed == "-":
        typed = sys.stdin.readline()
    elif typed is None and settings.token:
        typed = settings.token
    elif typed is None and sys.stdin.isatty():
        typed = getpass.getpass(out.pick("令牌（不显示）：", "Token (not shown): "))
    elif typed is None:
        raise errors.UsageError(
            out.pick("没有给出令牌。", "No token was given."),
            out.pick(
                "请用 --token -（从标准输入读），或在终端里运行。",
                "Use --token - (reads standard input), or a terminal.",
            ),
        )
    token: str = typed.strip()
    if not token:
        raise errors.UsageError(
            out.pick("令牌是空的。", "The token is empty."), out.pick("请再粘贴一次。", "Paste it again.")
        )
    return token


async def _ask(settings: Settings, token: str) -> Me:
    api = wiring.open_api(settings, token)
    try:
        return await api.me()
    finally:
        await api.aclose()
