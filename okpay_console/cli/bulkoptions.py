"""What can be typed after ``bulk``: one change for many tickets."""

from __future__ import annotations

import argparse
from collections.abc import Callable

from okpay_console.cli.choices import PRIORITIES

Say = Callable[[str, str], str]


def options(made: argparse.ArgumentParser, command: Callable[..., argparse.ArgumentParser], say: Say) -> None:
    """The levers under ``made``, each with its value and the tickets."""
    levers = made.add_subparsers(metavar=say("改什么", "WHAT"), required=True, parser_class=type(made))
    for name, zh, en, metavar, choices in (
        ("assign", "转给某人", "hand them to somebody", "USER", None),
        ("priority", "改优先级", "change the priority", None, PRIORITIES),
        ("queue", "移到另一个队列", "move them to another queue", "NAME", None),
    ):
        one = command(name, "bulk:run", zh, en, under=levers)
        one.set_defaults(lever=name, command="bulk")
        one.add_argument("value", metavar=metavar, choices=choices)
        one.add_argument("ids", nargs="*", metavar="ID", help=say("编号或 id", "numbers or ids"))
        one.add_argument(
            "--from-stdin",
            action="store_true",
            help=say("从标准输入读：tickets --json 的输出，或每行一个", "read tickets --json, or one id a line"),
        )
        one.add_argument("--dry-run", action="store_true", help=say("只说会怎样", "only tell what would happen"))
