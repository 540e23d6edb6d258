"""What can be done with one ticket on the command line: the verbs of ``ticket`` and their arguments."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import Protocol

from okpay_console.cli.choices import CALL_EVENTS, CHANNELS, FIELD_STATES, LINK_KINDS, PRIORITIES

Say = Callable[[str, str], str]


class Verb(Protocol):
    """Makes the parser of one verb; ``run`` is ``module:function`` of ``okpay_console.cli``."""

    def __call__(self, name: str, zh: str, en: str, /, *, run: str = ...) -> argparse.ArgumentParser: ...


def ticket(made: argparse.ArgumentParser, command: Callable[..., argparse.ArgumentParser], say: Say) -> None:
    """Every verb under ``made``."""
    verbs = made.add_subparsers(metavar=say("操作", "VERB"), required=True, parser_class=type(made))

    def verb(name: str, zh: str, en: str, /, *, run: str = "ticket:work") -> argparse.ArgumentParser:
        one = command(name, run, zh, en, under=verbs)
        one.set_defaults(verb=name)
        if name != "new":
            one.add_argument(
                "id", metavar="ID", help=say("编号、id 或其前 8 位以上", "number, id, or its first 8+ characters")
            )
        return one

    _contact(verb, say)
    _details(verb, say)
    _duties(verb, say)
    _calls(verb, say)
    _ties(verb, say)
    _hands(verb, say)
    _endings(verb, say)


def _words(one: argparse.ArgumentParser, say: Say, *, nargs: str = "+") -> None:
    one.add_argument("text", nargs=nargs, metavar="TEXT", help=say("- 从标准输入读", "- reads standard input"))


def _text(one: argparse.ArgumentParser, name: str, *, required: bool = False, told: str | None = None) -> None:
    one.add_argument(name, required=required, default="", metavar="TEXT", help=told)


def _contact(verb: Verb, say: Say) -> None:
    verb("show", "查看工单和经过", "the ticket and its timeline", run="ticket:show")
    verb("why", "为何超时：时限怎样算出来", "why it is late: how its limits were counted", run="why:run")
    new = verb("new", "新建工单", "a new ticket", run="ticket:new")
    new.add_argument("--subject", required=True, metavar="TEXT")
    new.add_argument("--channel", required=True, choices=CHANNELS)
    new.add_argument("--category", default="", metavar="CODE")
    new.add_argument("--priority", default="normal", choices=PRIORITIES)
    new.add_argument("--queue", default="general", metavar="NAME")
    _text(new, "--text", told=say("来电人的原话", "the caller's own words"))
    for name in ("mobile", "email", "name"):
        _text(new, f"--{name}")
    verb("claim", "认领（需在线）", "claim it (online only)", run="ticket:claim")
    verb("release", "放回队列", "give it back to the queue")
    _words(verb("note", "内部备注；- 每行一条", "a note for colleagues; -: one a line", run="notes:note"), say)
    _words(verb("message", "来电人又说", "the customer said more"), say)
    _words(verb("reply", "回复来电人", "a reply to the customer"), say)


def _details(verb: Verb, say: Say) -> None:
    field = verb("set", "填写清单项：字段=值", "checklist details: FIELD=VALUE", run="details:set_fields")
    field.add_argument("fields", nargs="+", metavar="FIELD=VALUE")
    field.add_argument("--state", default="filled", choices=FIELD_STATES)
    _text(field, "--source")
    check = verb(
        "check", "清单进度；或勾选答案步骤", "checklist progress; or tick steps of an answer", run="details:check"
    )
    check.add_argument("steps", nargs="*", metavar="STEP", help=say("步骤编号，如 ID.1", "step id, such as ID.1"))
    check.add_argument("--undo", action="store_true", help=say("取消勾选", "take the ticks back"))
    reveal = verb("reveal", "显示一项被遮住的值（记入审计）", "show a masked value (audited)", run="reveal:reveal")
    reveal.add_argument("field", metavar="FIELD", help=say("如 mobile、caller.mobile", "such as mobile, caller.mobile"))
    _text(reveal, "--reason", required=True, told=say("为什么要看", "why it is looked at"))
    rate = verb("rate", "标准答案是否有用", "whether a canned answer helped")
    rate.add_argument("answer", metavar="ANSWER")
    rate.add_argument("value", choices=("helped", "not-helped"))
    for name, zh, en, metavar, choices in (
        ("priority", "改优先级", "change the priority", None, PRIORITIES),
        ("category", "改分类", "change the category", "CODE", None),
        ("subject", "改标题", "change the subject", "TEXT", None),
    ):
        verb(name, zh, en).add_argument("value", metavar=metavar, choices=choices)
    tags = verb("tag", "加减标签", "add or remove tags")
    tags.add_argument("--add", action="append", default=[], metavar="TAG")
    tags.add_argument("--remove", action="append", default=[], metavar="TAG")


def _duties(verb: Verb, say: Say) -> None:
    promise = verb("promise", "写下承诺和时限", "what was promised, and by when", run="ticket:promise")
    promise.add_argument("text", nargs="*", metavar="TEXT")
    promise.add_argument(
        "--due", metavar="TIME", help=say("2026-01-31 15:00、15:00 或 +2h", "2026-01-31 15:00, 15:00 or +2h")
    )
    settled = promise.add_mutually_exclusive_group()
    settled.add_argument("--kept", metavar="PROMISE", help=say("已兑现的承诺 id", "id of a promise that was kept"))
    settled.add_argument("--broken", metavar="PROMISE", help=say("未兑现的承诺 id", "id of a promise that was broken"))
    settled.add_argument("--withdrawn", metavar="PROMISE", help=say("误记的承诺 id", "id of one noted by mistake"))


def _calls(verb: Verb, say: Say) -> None:
    call = verb("call", "记下通话的一步", "something that happened to a call", run="contact:call")
    call.add_argument("event", choices=CALL_EVENTS)
    call.add_argument("--call", default="", metavar="CALL", help=say("通话 id", "the call's id"))
    call.add_argument(
        "--at", default="", metavar="TIME", help=say("14:30 或 5m（之前），默认现在", "14:30 or 5m (ago), default now")
    )
    wrapup = verb("wrapup", "话后处理：处理结果和小结", "end a contact with its disposition", run="contact:wrapup")
    wrapup.add_argument("code", metavar="DISPOSITION")
    wrapup.add_argument("--call", default="", metavar="CALL", help=say("通话 id", "the call's id"))
    _text(wrapup, "--summary")
    wrapup.add_argument(
        "--due", default="", metavar="TIME", help=say("掉线后何时回电", "when to call back after a dropped call")
    )
    _override(wrapup, say)
    chase = verb("chase", "来电人催办", "the caller asks again", run="contact:chase")
    _words(chase, say, nargs="*")
    chase.add_argument("--channel", default="hotline", choices=CHANNELS)
    chase.add_argument("--other", default="", metavar="OTHER", help=say("这次联系的工单", "the new contact's ticket"))


def _ties(verb: Verb, say: Say) -> None:
    merge = verb("merge", "并入另一张工单", "merge it into another ticket", run="ties:merge")
    merge.add_argument("into", metavar="INTO")
    for name, zh, en in (
        ("link", "关联另一张工单", "tie another ticket to it"),
        ("unlink", "解除关联", "untie another ticket"),
    ):
        one = verb(name, zh, en, run="ties:link")
        one.add_argument("other", metavar="OTHER")
        if name == "link":
            one.add_argument("--kind", default="related", choices=LINK_KINDS, help=say("关系", "how it belongs"))
    split = verb("split", "把另一件事拆成新工单", "make its second matter a new ticket", run="ties:split")
    _text(split, "--subject", required=True)
    split.add_argument("--category", default=None, metavar="CODE")
    split.add_argument("--queue", default=None, metavar="NAME")
    _text(split, "--text")


def _hands(verb: Verb, say: Say) -> None:
    verb("assign", "转给某人", "hand it to somebody").add_argument("value", metavar="USER")
    verb("queue", "移到另一个队列", "move it to another queue").add_argument("value", metavar="NAME")
    over = verb("handover", "附上说明移交", "give it to a colleague or queue with a note", run="hands:handover")
    over.add_argument("--to", default="", metavar="USER")
    over.add_argument("--queue", default="", metavar="NAME")
    _text(over, "--note", required=True, told=say("接手人先看到的话", "what the next owner sees first"))
    escalate = verb("escalate", "升级到上一级", "one step up the ladder", run="hands:escalate")
    escalate.add_argument("level", metavar="LEVEL")
    _text(escalate, "--note", required=True)


def _override(one: argparse.ArgumentParser, say: Say) -> None:
    one.add_argument(
        "--override", default="", metavar="REASON", help=say("清单未完成时的理由", "why, with an incomplete checklist")
    )


def _endings(verb: Verb, say: Say) -> None:
    close = verb("close", "结案", "close it with a disposition")
    close.add_argument("code", nargs="?", metavar="DISPOSITION")
    close.add_argument("--disposition", metavar="CODE")
    _text(close, "--summary")
    _override(close, say)
    _text(verb("reopen", "重新打开", "open it again"), "--reason")
    status = verb("status", "改为处理中或待客户", "open or pending")
    status.add_argument("value", choices=("new", "open", "pending"))
    _text(status, "--reason")
