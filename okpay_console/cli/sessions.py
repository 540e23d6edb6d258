"""``sessions`` and ``admin session``: where somebody is signed in, and ending it."""

from __future__ import annotations

import asyncio
from argparse import Namespace
from collections.abc import Sequence
from datetime import datetime
from typing import TypeVar
from zoneinfo import ZoneInfo

from okpay_console import wiring
from okpay_console.cli import problems
from okpay_console.cli.admin import asked, database_of
from okpay_console.cli.output import Out
from okpay_console.config import Settings
from okpay_console.domain.sessions import Session

T = TypeVar("T")


def mine(_: Namespace, settings: Settings, out: Out) -> int:
    """One's own, from the server; nothing is queued where it cannot be asked."""
    _show(asyncio.run(_ask(settings, out, "GET", "/v1/sessions", list[Session])), settings, out)
    return problems.DONE


def end(arguments: Namespace, settings: Settings, out: Out) -> int:
    """Ends one of one's own; 1 where there is none of this name."""
    ended = asyncio.run(_ask(settings, out, "DELETE", f"/v1/sessions/{arguments.session}", Session))
    return _ended([ended], out)


def listing(arguments: Namespace, settings: Settings, out: Out) -> int:
    """Everybody's, or one user's, on the server's database."""
    from okpay_console.server.users import list_sessions

    _show(asked(list_sessions(database_of(arguments, settings), arguments.user or ""), out), settings, out)
    return problems.DONE


def revoke(arguments: Namespace, settings: Settings, out: Out) -> int:
    """Ends a session by its id, or all of a user."""
    from okpay_console.server.users import end_sessions

    ended = asked(
        end_sessions(database_of(arguments, settings), arguments.session or "", user=arguments.user or ""), out
    )
    return _ended(ended, out)


def add(arguments: Namespace, settings: Settings, out: Out) -> int:
    """One more token for a user, shown this once."""
    from okpay_console.server.users import add_token

    work = add_token(database_of(arguments, settings), arguments.name, label=arguments.label, token_days=arguments.days)
    token = asked(work, out)
    if out.json:
        out.doc({"user": arguments.name, "token": token, "days": arguments.days})
    else:
        out.line(out.pick(f"令牌：{token}", f"Token: {token}"))
        out.note(out.pick("令牌只显示这一次，请妥善交给本人。", "The token is shown this once; hand it over safely."))
    return problems.DONE


async def _ask(settings: Settings, out: Out, method: str, path: str, kind: type[T]) -> T:
    settings = wiring.signed_in(settings)
    wiring.require_sign_in(settings, out.pick)
    api = wiring.open_api(settings, settings.token)
    try:
        return await api.ask(method, path, kind)
    finally:
        await api.aclose()


def _show(found: Sequence[Session], settings: Settings, out: Out) -> None:
    if out.json:
        for one in found:
            out.doc(one)
        return
    zone = ZoneInfo(settings.timezone)

    def when(moment: datetime | None) -> str:
        return moment.astimezone(zone).strftime("%Y-%m-%d %H:%M") if moment else "-"

    heads = out.pick("编号 用户 标签 最近使用 到期 本次", "id user label used expires this").split()
    yes = out.pick("是", "yes")
    out.table(
        heads,
        [
            (one.id, one.user, one.label, when(one.seen_at), when(one.expires_at), yes if one.current else "")
            for one in found
        ],
    )


def _ended(ended: Sequence[Session], out: Out) -> int:
    for one in ended:
        if out.json:
            out.doc({"id": one.id, "user": one.user, "ended": True})
        else:
            out.line(out.pick(f"已结束 {one.user} 的会话 {one.id}", f"Ended session {one.id} of {one.user}"))
    return problems.DONE
