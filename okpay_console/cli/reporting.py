"""What can be typed after ``report`` and ``voice``."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import Any

from okpay_console.cli import numbers

Say = Callable[[str, str], str]


def report(made: Any, command: Callable[..., argparse.ArgumentParser], say: Say) -> None:
    """``report day|week [DATE]`` and ``report year YYYY``."""
    kinds = made.add_subparsers(metavar="day|week|year", required=True, parser_class=type(made))
    for kind, zh, en in (
        ("day", "一天的报告", "one day"),
        ("week", "一周的报告，从周一起", "one week, from Monday on"),
    ):
        one = command(kind, "report:run", zh, en, under=kinds)
        one.set_defaults(command="report", kind=kind)
        one.add_argument(
            "date",
            nargs="?",
            metavar="DATE",
            help=say("其中的一天，如 2026-01-31，默认今天", "a day in it; default today"),
        )
        one.add_argument("--agents", action="store_true", help=say("列出坐席姓名（主管）", "with agents' names"))
        _forms(one, say, "html", "csv", "jsonl")
    year = command(
        "year",
        "disclosing:run",
        "年度投诉披露；对外公布前核实法规现行有效",
        "complaints of a year, to be published",
        under=kinds,
    )
    year.set_defaults(command="report", kind="year")
    year.add_argument("year", type=numbers.positive, metavar="YYYY")
    year.epilog = say(
        "依据《非银行支付机构网络支付业务管理办法》第二十八条；公布前请核实其现行有效状态。",
        "After article 28 of the Measures for Online Payment Business of Non-bank Payment Institutions; "
        "verify its in-force status before publishing.",
    )
    _forms(year, say, "html", "csv", "jsonl")


def voice(made: argparse.ArgumentParser, say: Say) -> None:
    """``voice [--days N]``."""
    made.add_argument("--days", type=numbers.positive, default=7, metavar="N", help=say("最近几天", "the last N days"))
    _forms(made, say, "html", "markdown")


def _forms(made: argparse.ArgumentParser, say: Say, *forms: str) -> None:
    group = made.add_mutually_exclusive_group()
    for form in forms:
        group.add_argument(
            f"--{form}",
            metavar="FILE|-",
            help=say(f"写成 {form} 文件，- 为标准输出", f"as {form} to a file, - for stdout"),
        )
    made.add_argument("--force", action="store_true", help=say("覆盖已有文件", "overwrite the file"))
