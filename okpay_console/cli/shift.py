"""``shift``: this person's own state, told or shown."""

from __future__ import annotations

import asyncio
from argparse import Namespace
from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from okpay_console import errors, wiring
from okpay_console.cli import telling
from okpay_console.cli.output import Out
from okpay_console.cli.words import span
from okpay_console.config import Settings
from okpay_console.content.interface import load

if TYPE_CHECKING:
    from okpay_console.domain.daybook import Line

_ZH = {"available": "可接", "break": "小休", "training": "培训", "offline": "下班", "": "没有状态"}


def run(arguments: Namespace, settings: Settings, out: Out) -> int:
    """3 where it is kept here and not sent yet; 1 where it was refused."""
    if arguments.state == "show":
        return _show(arguments, settings, out)
    until = None
    if arguments.minutes is not None:
        until = wiring.now() + timedelta(minutes=arguments.minutes)
    fields = {"what": arguments.state, "reason": arguments.reason, "until": until}
    document, status = asyncio.run(telling.tell(settings, out, "state", **fields))
    if out.json:
        out.doc({**document, "what": arguments.state, "reason": arguments.reason, "until": until})
    elif document["state"] != "refused":
        out.line(_words(arguments.state, out))
    return status


def _show(arguments: Namespace, settings: Settings, out: Out) -> int:
    if arguments.reason or arguments.minutes is not None:
        raise errors.UsageError(
            out.pick("没有说要换成什么状态。", "No state was named."),
            out.pick("例如：okpay-console shift break --minutes 15", "Such as: okpay-console shift break --minutes 15"),
        )
    lines, me, status = asyncio.run(telling.known(settings, out))
    line = standing(lines, me)
    document: dict[str, Any] = {"user": me, "what": line.what if line else ""}
    document |= {"reason": line.reason, "since": line.at, "until": line.until} if line else {"since": None}
    if out.json:
        out.doc(document)
        return status
    words = _words(document["what"], out)
    if line is not None:
        local = line.at.astimezone(ZoneInfo(settings.timezone))
        for_so_long = span((wiring.now() - line.at).total_seconds(), out.lang)
        reason = f" {load(out.lang).get(f'duty.{line.reason}', line.reason)}" if line.reason else ""
        words += out.pick(
            f"{reason}，{local:%H:%M} 起（{for_so_long}）", f"{reason} since {local:%H:%M} ({for_so_long})"
        )
    out.line(f"{me}  {words}")
    return status


def standing(lines: Sequence[Line], me: str) -> Line | None:
    """The state that a person told last, None for none."""
    return next((one for one in reversed(lines) if one.kind == "state" and one.by == me), None)


def _words(state: str, out: Out) -> str:
    return out.pick(_ZH.get(state, state), state or "in no state")
