"""What can be typed after ``alarm`` and ``admin webhook``."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import Any

from okpay_console.cli import numbers

Say = Callable[[str, str], str]


def options(
    admin: Any,
    command: Callable[..., argparse.ArgumentParser],
    say: Say,
    database: Callable[[argparse.ArgumentParser, Say], None],
) -> None:
    """``alarm``, and ``webhook`` among the things of ``admin``."""
    alarm(command("alarm", "alarm:listing", "大屏数字的告警", "alarms on the wall's numbers"), command, say)
    webhook(admin, command, say, database)


def alarm(made: argparse.ArgumentParser, command: Callable[..., argparse.ArgumentParser], say: Say) -> None:
    """``alarm list|set|remove|test|deliveries``."""
    verbs: Any = made.add_subparsers(metavar="list|set|remove|test|deliveries", required=True, parser_class=type(made))
    command("list", "alarm:listing", "告警和现在的状态", "the alarms and how each stands", under=verbs)
    one = command("set", "alarm:put", "设置告警", "set an alarm", under=verbs)
    one.add_argument("id", metavar="NAME")
    one.add_argument("--metric", required=True, metavar="PATH", help=say("大屏上的数字", "a number of the wall"))
    side = one.add_mutually_exclusive_group(required=True)
    side.add_argument("--above", type=numbers.real, metavar="N", help=say("高于此数", "up when more than"))
    side.add_argument("--below", type=numbers.real, metavar="N", help=say("低于此数", "up when less than"))
    one.add_argument("--clear", type=numbers.real, metavar="N", help=say("回到此数才解除", "down only when back at"))
    one.add_argument(
        "--for", dest="for_s", type=numbers.quantity, default=0.0, metavar="S", help=say("持续几秒", "held so long")
    )
    one.add_argument(
        "--after", dest="after_s", type=numbers.quantity, default=0.0, metavar="S", help=say("恢复几秒", "back so long")
    )
    one.add_argument(
        "--quiet",
        action="append",
        default=[],
        metavar="HH:MM-HH:MM[/mon,tue]",
        help=say("安静时段，可多次", "say nothing in these hours"),
    )
    one.add_argument("--queue", default="", metavar="NAME", help=say("属于哪个队列", "whose alarm it is"))
    one.add_argument("--tell-agents", action="store_true", help=say("坐席也看到", "agents see it too"))
    one.add_argument("--words", default="", metavar="TEXT", help=say("说明", "what it means"))
    remove = command("remove", "alarm:remove", "删除告警", "take an alarm away", under=verbs)
    test = command(
        "test", "alarm:test", "现在的数字会不会告警，不发送", "whether its number is beyond now", under=verbs
    )
    for named in (remove, test):
        named.add_argument("id", metavar="NAME")
    sent = command("deliveries", "alarm:deliveries", "发往接收地址的消息", "messages to webhooks", under=verbs)
    sent.add_argument("--limit", type=numbers.positive, default=50, metavar="N", help=say("几条", "how many"))


def webhook(
    things: Any,
    command: Callable[..., argparse.ArgumentParser],
    say: Say,
    database: Callable[[argparse.ArgumentParser, Say], None],
) -> None:
    """``admin webhook set|show|remove|test``."""
    made = command("webhook", "webhook:show", "告警的接收地址", "where alarms are posted to", under=things)
    verbs: Any = made.add_subparsers(metavar="set|show|remove|test", required=True, parser_class=type(made))
    put = command(
        "set", "webhook:put", "新增或更换地址，发放签名密钥", "an address; issues the signing key", under=verbs
    )
    show = command("show", "webhook:show", "列出接收地址", "list them", under=verbs)
    remove = command("remove", "webhook:remove", "删除", "remove one", under=verbs)
    test = command("test", "webhook:test", "现在发一条测试消息", "post a test message now", under=verbs)
    for one in (put, remove, test):
        one.add_argument("name", metavar="NAME")
    put.add_argument("url", metavar="URL")
    put.add_argument(
        "--plain-http", action="store_true", help=say("允许明文 http（内网）", "allow http:// to another machine")
    )
    for one in (put, show, remove, test):
        database(one, say)
