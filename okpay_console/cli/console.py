"""``console`` and ``wall``: the screens, once it is clear that this terminal and these settings can carry them."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Literal

from msgspec.structs import replace

from okpay_console import errors, wiring
from okpay_console.cli.output import Out
from okpay_console.config import Settings

if TYPE_CHECKING:
    from argparse import Namespace


def run(_: Namespace, settings: Settings, out: Out) -> int:
    """The agent's desk."""
    return _open(settings, out, screen="desk")


def wall(arguments: Namespace, settings: Settings, out: Out) -> int:
    """The supervisor's screen directly; ``--wallboard`` in big digits."""
    return _open(settings, out, screen="wall", wallboard=arguments.wallboard)


def _open(settings: Settings, out: Out, *, screen: Literal["desk", "wall"], wallboard: bool = False) -> int:
    server = settings.server or wiring.last_server(settings)
    # Asking the key store itself costs 75 ms; that somebody is signed in is known without it.
    user = wiring.credentials(settings).user(server) if server and not settings.token else ""
    settings = replace(settings, server=server)
    wiring.require_sign_in(replace(settings, token=settings.token or user), out.pick)
    check_terminal(out)
    wiring.unlock(settings)
    done = open_screen(settings, screen=screen, user=user, wallboard=wallboard)
    wiped = wiring.last_wipe(settings)
    if wiped is not None:
        from okpay_console.cli import vault

        vault.say_wiped(wiped, out)
    return done


def open_screen(settings: Settings, *, screen: Literal["desk", "wall"], user: str, wallboard: bool = False) -> int:
    """The screen for settings that are complete; what a terminal of another encoding would garble is forced to UTF-8."""
    for stream in (sys.__stdout__, sys.__stderr__):
        if stream is not None and hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8")
    from okpay_console.wiring.screen import open_screen as screens

    return screens(settings, screen=screen, user=user, wallboard=wallboard)


def check_terminal(out: Out) -> None:
    """``UsageError`` where there is no terminal, or where the locale says that it does not show Chinese."""
    # Textual reads standard input and draws on standard error.
    if not (sys.stdin.isatty() and sys.stdout.isatty() and sys.stderr.isatty()):
        raise errors.UsageError(
            out.pick("工作台需要一个终端，这里不是。", "The console needs a terminal, and this is none."),
            out.pick(
                "请直接在终端里运行；脚本请用 tickets、ticket、sync 等命令。",
                "Run it in a terminal; in scripts use the commands tickets, ticket, sync and so on.",
            ),
        )
    charset = declared_charset()
    if charset and charset.lower().replace("-", "") != "utf8":
        raise errors.UsageError(
            out.pick(
                f"这个终端的字符编码是 {charset}，工作台需要 UTF-8。",
                f"The locale says {charset}; the console needs UTF-8.",
            ),
            out.pick("请运行：LC_ALL=C.UTF-8 okpay-console", "Run: LC_ALL=C.UTF-8 okpay-console"),
        )


def declared_charset() -> str:
    """The character set that the locale variables name; "" where they name none (as C and POSIX do)."""
    for variable in ("LC_ALL", "LC_CTYPE", "LANG"):
        if value := os.environ.get(variable, ""):
            return value.partition(".")[2].partition("@")[0]
    return ""
