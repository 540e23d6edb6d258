"""``demo``: everything in one command, nothing to configure, nothing left behind."""

from __future__ import annotations

import asyncio
import signal
import sys
from argparse import Namespace
from types import FrameType

from msgspec.structs import replace

from okpay_console.cli import console, problems
from okpay_console.cli.output import Out, document
from okpay_console.config import Settings
from okpay_console.wiring.rehearsal import Report, rehearse
from okpay_console.wiring.stage import Plan, staged

_ZH = (
    "秒数", "历史工单", "热线新建", "来电人再次联系", "坐席操作", "已确认", "被拒绝", "认领", "工单总数", "未确认", "待审阅",
    "两个控制台与服务器一致",
)  # fmt: skip
"""What the report's numbers are called, in its order."""


def run(arguments: Namespace, settings: Settings, out: Out) -> int:
    """With a screen: the console, signed in. Headless: two consoles work for a while, and the books are compared."""
    plan = Plan(
        tickets=arguments.tickets,
        seed=arguments.seed,
        speed=arguments.speed,
        lang=settings.language,
        colleague=not arguments.headless,
    )
    if not arguments.headless:
        console.check_terminal(out)
    for name in ("SIGTERM", "SIGHUP"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), _leave)
    out.note(out.pick("演示准备中……", "Preparing the demo …"))
    with staged(plan) as stage:
        if arguments.headless:
            return _tell(asyncio.run(rehearse(stage, plan, seconds=arguments.seconds)), out)
        name = "supervisor" if arguments.role == "supervisor" else stage.agent
        home = str(stage.folder / "console")
        mine = replace(settings, server=stage.url, token=stage.tokens[name], data_dir=home)
        return console.open_screen(mine, screen="wall" if arguments.role == "supervisor" else "desk", user=name)


def _leave(number: int, _: FrameType | None) -> None:
    # Through the blocks that clear up, unlike the signal's own way out.
    sys.exit(128 + number)


def _tell(report: Report, out: Out) -> int:
    if out.json:
        out.doc(document(report))
    else:
        told = dict(zip(Report.__struct_fields__, _ZH, strict=True))
        rows = ((out.pick(told[name], name), value) for name, value in document(report).items())
        out.table((out.pick("发生了什么", "what happened"), ""), rows, right=(1,))
    return problems.DONE if report.mirrors_equal and report.pending == 0 else problems.FAILED
