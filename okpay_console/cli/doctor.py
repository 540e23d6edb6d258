"""``doctor``: looks at everything a console needs, and says what is wrong and what to do."""

from __future__ import annotations

import asyncio
import locale
import os
import shutil
import sys
from argparse import Namespace
from collections.abc import Iterator
from typing import Literal

import msgspec

from okpay_console import errors, wiring
from okpay_console.cli import problems, vault, versions
from okpay_console.cli.console import declared_charset
from okpay_console.cli.output import Out
from okpay_console.cli.words import word
from okpay_console.config import Settings

State = Literal["ok", "warn", "bad"]
_COLUMNS, _ROWS = 80, 24
_LITTLE_SPACE = 100 << 20
_CLOCK_S = 120.0


class Check(msgspec.Struct, frozen=True):
    """One thing that was looked at: how it is, in words, and what to do about it."""

    name: str
    state: State
    what: str
    advice: str = ""


def run(_: Namespace, settings: Settings, out: Out) -> int:
    """Status 0 where nothing is bad; a warning is not bad."""
    checks = []
    for check in _checks(settings, out):
        checks.append(check)
        if not out.json:
            out.line(f"[{word(check.state, out.lang)}] {check.what}")
            if check.advice:
                out.line(f"    {check.advice}")
    if out.json:
        for check in checks:
            out.doc(check)
    return problems.FAILED if any(check.state == "bad" for check in checks) else problems.DONE


def _checks(settings: Settings, out: Out) -> Iterator[Check]:
    yield Check("version", "ok", f"okpay-console {versions.line()}, Python {sys.version.split()[0]}")
    yield _terminal(out)
    yield _colour(out)
    yield _locale(out)
    source = settings.source
    yield Check(
        "settings",
        "ok",
        out.pick(f"设置文件：{source}", f"Settings file: {source}")
        if source
        else out.pick("没有设置文件，使用默认值", "No settings file; defaults are used"),
    )
    yield _data_dir(settings, out)
    yield from _store(settings, out)
    yield _keys(settings, out)
    yield from _vault(settings, out)
    yield from _server(settings, out)


def _terminal(out: Out) -> Check:
    if not sys.stdout.isatty():
        what = out.pick("标准输出不是终端，没有检查大小", "Standard output is no terminal; its size was not checked")
        return Check("terminal", "warn", what, out.pick("请直接在终端里运行。", "Run it in a terminal."))
    size = shutil.get_terminal_size()
    what = out.pick(f"终端 {size.columns}×{size.lines}", f"Terminal {size.columns}×{size.lines}")
    if size.columns < _COLUMNS or size.lines < _ROWS:
        return Check("terminal", "bad", what, out.pick("请放大到至少 80×24。", "Make it at least 80×24."))
    return Check("terminal", "ok", what)


def _colour(out: Out) -> Check:
    term = os.environ.get("TERM", "")
    what = f"TERM={term or '-'} COLORTERM={os.environ.get('COLORTERM', '-')}"
    if term in ("", "dumb", "unknown"):
        return Check(
            "colour",
            "bad" if term != "" else "warn",
            what,
            out.pick("请设置 TERM，例如 xterm-256color。", "Set TERM, such as xterm-256color."),
        )
    return Check("colour", "ok", what)


def _locale(out: Out) -> Check:
    charset = declared_charset()
    shown = charset or locale.getpreferredencoding(False)
    what = out.pick(f"字符编码 {shown}", f"Character encoding {shown}")
    if charset and charset.lower().replace("-", "") not in ("utf8", ""):
        advice = out.pick("工作台需要 UTF-8：export LC_ALL=C.UTF-8", "The console needs UTF-8: export LC_ALL=C.UTF-8")
        return Check("locale", "bad", what, advice)
    return Check("locale", "ok", what)


def _data_dir(settings: Settings, out: Out) -> Check:
    home = settings.home
    what = out.pick(f"数据目录 {home}", f"Data directory {home}")
    standing = next(folder for folder in (home, *home.absolute().parents) if folder.exists())
    if not standing.is_dir() or not os.access(standing, os.W_OK | os.X_OK):
        advice = out.pick(
            "请改权限，或用 OKPAY_DATA_DIR 换一个目录。", "Change its permissions, or choose another (OKPAY_DATA_DIR)."
        )
        return Check("data", "bad", out.pick(f"{what} 写不了", f"{what} cannot be written to"), advice)
    free = shutil.disk_usage(standing).free
    what += out.pick(f"，剩余 {free >> 20} MB", f", {free >> 20} MB free")
    if free < _LITTLE_SPACE:
        return Check(
            "data",
            "warn",
            what,
            out.pick("请腾出空间；写不下时会当场提示。", "Free some space; a full disk is reported at once."),
        )
    return Check("data", "ok", what)


def _store(settings: Settings, out: Out) -> Iterator[Check]:
    path = wiring.store_path(settings)
    if not path.exists():
        yield Check(
            "store", "ok", out.pick("本机还没有缓存，第一次同步时建立", "No cache yet; the first sync makes it")
        )
        return
    pid = wiring.holder(settings)
    if pid:
        what = out.pick(f"工作台正在使用缓存（进程 {pid}）", f"A console has the cache open (process {pid})")
        yield Check("owner", "ok", what)
    try:
        with wiring.reading(settings) as picture:
            count, unsent, reviews = len(picture.mirror), len(picture.outbox), len(picture.reviews())
            owner, mended = picture.mirror.owner, wiring.recovery(picture)
            untold = wiring.untold(picture)
    except errors.StoreError as error:
        yield Check("store", "bad", *problems.explain(error, lang=out.lang))
        return
    who = f"{owner.user}, {owner.server}" if owner else "-"
    yield Check(
        "store",
        "ok",
        out.pick(
            f"缓存：{count} 张工单，待发 {unsent}，待审阅 {reviews}（{who}）",
            f"Cache: {count} tickets, {unsent} to send, {reviews} to review ({who})",
        ),
    )
    if untold:
        codes = ", ".join(sorted({own.code for own in untold}))
        what = out.pick(
            f"值班日志：{len(untold)} 条被服务器拒绝（{codes}）", f"Daybook: {len(untold)} lines were refused ({codes})"
        )
        advice = out.pick(
            "它们留在本机一周，不再发送；okpay-console sync 会逐条说明。",
            "They stay here for a week and are not sent again; okpay-console sync says why.",
        )
        yield Check("daybook", "warn", what, advice)
    if mended is not None and mended.kind != "none":
        advice = out.pick(
            "打开工作台即可修复：自己写的会救回，工单重新取。",
            "Opening the console mends it: own words are saved, tickets fetched again.",
        )
        found = (
            out.pick("缓存文件末尾不完整", "The end of the cache file is incomplete")
            if mended.kind == "torn"
            else out.pick("缓存文件有损坏", "The cache file is damaged")
        )
        yield Check("recovery", "warn" if mended.kind == "torn" else "bad", found, advice)


def _keys(settings: Settings, out: Out) -> Check:
    kept = wiring.credentials(settings)
    server = settings.server or wiring.last_server(settings)
    if not settings.token and kept.place(server) == "keyring" and kept.load(server) is None:
        return Check(
            "keyring",
            "bad",
            out.pick(
                "令牌在系统钥匙串里，但它锁着、没有应答或已经没有令牌",
                "The token is in the system's key store, which is locked, does not answer, or has lost it",
            ),
            out.pick("请解锁系统钥匙串；令牌确实丢失时再登录。", "Unlock it; sign in again if the token is lost."),
        )
    if kept.where() == "keyring":
        return Check("keyring", "ok", out.pick("令牌保存在系统钥匙串", "Tokens are kept in the system's key store"))
    what = out.pick(
        "没有可用的系统钥匙串，令牌存在仅本人可读的文件里",
        "No usable key store; tokens are kept in a file for this user alone",
    )
    return Check("keyring", "ok", what)


def _vault(settings: Settings, out: Out) -> Iterator[Check]:
    kept = wiring.kept(settings)
    plain = kept == "plain"
    yield Check("vault", "warn" if plain else "ok", vault.said(kept, out), vault.how(out) if plain else "")
    wiped = wiring.last_wipe(settings)
    if wiped is not None:
        count = "?" if wiped.lost is None else len(wiped.lost)
        tickets = ", ".join(sorted({one.ticket for one in wiped.lost or () if one.ticket})) or "-"
        what = out.pick(
            f"账号 {wiped.user} 被停用，本机数据于 {wiped.at:%Y-%m-%d %H:%M} UTC 清除，未发送 {count} 条（{tickets}）",
            f"{wiped.user} was disabled, this machine wiped at {wiped.at:%Y-%m-%d %H:%M} UTC; {count} entries unsent ({tickets})",
        )
        yield Check("wiped", "warn", what, out.pick("请把这一行告诉主管。", "Tell a supervisor this line."))


def _server(settings: Settings, out: Out) -> Iterator[Check]:
    settings = wiring.signed_in(settings)
    if not settings.server:
        advice = out.pick("请登录：okpay-console login --server URL", "Sign in: okpay-console login --server URL")
        yield Check("server", "warn", out.pick("还没有指定服务器", "No server is known yet"), advice)
        return
    try:
        offset, me = asyncio.run(wiring.ask_server(settings))
    except errors.SignedOut as error:
        yield Check(
            "server", "ok", out.pick(f"服务器 {settings.server} 有应答", f"The server {settings.server} answers")
        )
        yield Check("token", "bad", *problems.explain(error, lang=out.lang))
        return
    except errors.OkpayError as error:
        what, advice = problems.explain(error, lang=out.lang)
        yield Check("server", "bad", f"{settings.server}: {what}", advice)
        return
    yield Check(
        "server",
        "ok",
        out.pick(
            f"服务器 {settings.server}，版本 {me.version or '较旧，未说明'}，协议 {me.protocol}",
            f"Server {settings.server}, version {me.version or 'not told (an older one)'}, protocol {me.protocol}",
        ),
    )
    yield Check("token", "ok", out.pick(f"已登录：{me.user}（{me.role}）", f"Signed in: {me.user} ({me.role})"))
    what = out.pick(f"本机时钟与服务器相差 {offset:+.1f} 秒", f"This clock is {offset:+.1f} s from the server's")
    if abs(offset) > _CLOCK_S:
        yield Check("clock", "warn", what, out.pick("请校准本机时间。", "Set this machine's clock."))
    else:
        yield Check("clock", "ok", what)
