"""What can be typed after ``shift`` and ``notice``."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import Any

from okpay_console.cli import numbers

Say = Callable[[str, str], str]
STATES = ("available", "break", "training", "offline", "show")


def options(command: Callable[..., argparse.ArgumentParser], say: Say) -> None:
    """``shift`` and ``notice``."""
    shift(command("shift", "shift:run", "自己的状态：可接、小休、培训、下班", "one's own state"), say)
    notice(command("notice", "notice:listing", "给坐席或队列的通知", "notices to people and queues"), command, say)


def shift(made: argparse.ArgumentParser, say: Say) -> None:
    """``shift [available|break|training|offline|show]``."""
    made.add_argument("state", nargs="?", choices=STATES, default="show")
    made.add_argument(
        "--reason", default="", metavar="CODE", help=say("原因：meal、rest、meeting……", "meal, rest, meeting and so on")
    )
    made.add_argument("--minutes", type=numbers.above_zero, metavar="N", help=say("预计几分钟", "for about so long"))


def notice(made: argparse.ArgumentParser, command: Callable[..., argparse.ArgumentParser], say: Say) -> None:
    """``notice send`` and ``notice list``."""
    verbs: Any = made.add_subparsers(metavar="send|list", required=True, parser_class=type(made))
    send = command("send", "notice:send", "发给一个人或一个队列", "to a person or a queue", under=verbs)
    to = send.add_mutually_exclusive_group(required=True)
    to.add_argument("--to", metavar="USER", default="", help=say("发给谁", "to whom"))
    to.add_argument(
        "--queue", metavar="QUEUE", default="", help=say("发给队列，* 为所有人", "to a queue; * is everybody")
    )
    send.add_argument("text", nargs="+", metavar="TEXT", help=say("内容，- 从标准输入读", "the words; - reads them"))
    listing = command("list", "notice:listing", "最近的通知", "the latest notices", under=verbs)
    listing.add_argument("--limit", type=numbers.positive, default=50, metavar="N", help=say("几条", "how many"))
    for one in (send, listing):
        one.set_defaults(command="notice")
