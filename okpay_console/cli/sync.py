"""``sync``: one headless round, and what it did."""

from __future__ import annotations

import asyncio
import contextlib
from argparse import Namespace
from collections.abc import Sequence
from typing import TYPE_CHECKING

from okpay_console import errors, wiring
from okpay_console.cli import problems, result
from okpay_console.cli.output import Out
from okpay_console.cli.words import word
from okpay_console.config import Settings
from okpay_console.wiring.first import snapshot_writer

if TYPE_CHECKING:
    from okpay_console.local.daybook import Own


def run(_: Namespace, settings: Settings, out: Out) -> int:
    """Pushes the outbox, pulls the changes; 3 offline, 1 where somebody must act or the server refused something."""

    async def go() -> int:
        async with wiring.working(settings) as engine:
            result.mended(engine, out)
            done = await engine.round()
            if done.link == "online":
                # ``stats`` reads the agents' time from the daybook here: it is as old as the tickets, not older.
                with contextlib.suppress(errors.OkpayError):
                    await engine.read_floor()
            status, now = engine.status(), engine.now()
            untold = engine.untold()
            if done.pulled or done.pushed:
                with contextlib.suppress(errors.OkpayError):
                    snapshot_writer(settings, engine)()
        age = (now - status.last_sync_at).total_seconds() if status.last_sync_at else None
        refused = [
            {
                "op": one.uuid,
                "ticket": one.ticket,
                **result.refused_words(one.code or one.state, one.what, one.advice, one.field, out),
            }
            for one in done.refused
        ]
        if out.json:
            out.doc(
                {
                    "link": done.link,
                    "pulled": done.pulled,
                    "pushed": done.pushed,
                    "refused": refused,
                    "pending": done.pending,
                    "reviews": done.reviews,
                    "telling": done.telling,
                    "untold": [{"uuid": own.line.uuid, "kind": own.line.kind, "code": own.code} for own in untold],
                    "cursor_age": None if age is None else round(max(age, 0.0), 3),
                    "clock_offset": status.clock_offset,
                    "code": done.code,
                    "message": done.message,
                }
            )
        else:
            link = word(done.link, out.lang)
            out.line(
                out.pick(
                    f"{link}：收到 {done.pulled}，发出 {done.pushed}，待发 {done.pending}，待审阅 {done.reviews}",
                    f"{link}: {done.pulled} pulled, {done.pushed} pushed, {done.pending} pending, {done.reviews} to review",
                )
            )
            for one in refused:
                out.error(f"{one['what']}", f"{one['advice']}")
            floor(done.telling, untold, out)
        link_status = result.link_status(done, out)
        return link_status or (problems.FAILED if refused else problems.DONE)

    return asyncio.run(go())


def floor(telling: int, untold: Sequence[Own], out: Out) -> None:
    """What the server has not taken of the daybook's lines, and what it never will."""
    if telling:
        out.note(out.pick(f"值班日志：{telling} 条待发", f"daybook: {telling} lines to send"))
    for own in untold:
        said = result.refused_words(own.code, own.what, "", "", out)
        out.error(
            out.pick(f"值班日志：一条 {own.line.kind} 被服务器拒绝：", f"daybook: a {own.line.kind} line was refused: ")
            + said["what"],
            out.pick("它留在本机一周，不再发送。", "It stays on this machine for a week and is not sent again."),
        )
