"""What can be typed after ``stats`` and ``staffing``."""

from __future__ import annotations

import argparse
from collections.abc import Callable

from okpay_console.cli import numbers

Say = Callable[[str, str], str]


def stats(made: argparse.ArgumentParser, say: Say) -> None:
    """``stats [--log FILE]``."""
    made.add_argument(
        "--log", metavar="FILE|-", help=say("通话日志，每行一个事件（JSON）", "a log of calls, one JSON event a line")
    )
    made.add_argument(
        "--target-seconds",
        type=numbers.quantity,
        metavar="T",
        help=say("几秒内接起，默认 20", "answered within, default 20"),
    )
    made.add_argument(
        "--short-abandon",
        type=numbers.quantity,
        metavar="S",
        help=say("短放弃秒数，默认 5", "a short abandon, default 5"),
    )


def staffing(made: argparse.ArgumentParser, say: Say) -> None:
    """``staffing --calls N --aht S``."""
    made.add_argument(
        "--calls", type=numbers.quantity, required=True, metavar="N", help=say("时段内来电", "calls expected")
    )
    made.add_argument(
        "--interval", type=numbers.above_zero, default=1800.0, metavar="S", help=say("时段秒数", "seconds they come in")
    )
    made.add_argument(
        "--aht", type=numbers.above_zero, required=True, metavar="S", help=say("平均处理秒数", "mean handle time")
    )
    made.add_argument(
        "--target", type=numbers.quantity, default=20.0, metavar="T", help=say("几秒内接起", "answered within")
    )
    made.add_argument(
        "--goal", type=numbers.share, default=0.8, metavar="SHARE", help=say("目标比例", "of how many calls")
    )
    made.add_argument(
        "--patience",
        type=numbers.above_zero,
        metavar="S",
        help=say("平均耐心秒数（Erlang A）", "mean patience (Erlang A)"),
    )
    made.add_argument(
        "--shrinkage",
        type=numbers.share_or_0,
        default=0.0,
        metavar="SHARE",
        help=say("损耗比例", "share away from work"),
    )
    made.add_argument(
        "--max-occupancy",
        type=numbers.share_or_1,
        default=1.0,
        metavar="SHARE",
        help=say("占用率上限", "cap on occupancy"),
    )
