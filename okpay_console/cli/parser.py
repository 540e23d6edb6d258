"""What can be typed after ``okpay-console``: every command with its arguments, and the function that runs it."""

from __future__ import annotations

import argparse
import contextlib
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NoReturn

from okpay_console.cli import (
    adminoptions,
    alarmoptions,
    answering,
    auditoptions,
    bulkoptions,
    countoptions,
    exportoptions,
    numbers,
    reporting,
    securing,
    tellingoptions,
    verbs,
)
from okpay_console.cli.choices import CHANNELS, ROLES, STATUSES, VIEWS
from okpay_console.errors import UsageError

Say = Callable[[str, str], str]


class Parser(argparse.ArgumentParser):
    """Raises ``UsageError`` instead of leaving the program, so that the message comes out like every other."""

    say: Say = staticmethod(lambda zh, _: zh)
    verbs: Mapping[str, argparse.ArgumentParser] = {}
    """The commands under one whose words are free otherwise: ``answers WORDS`` searches, ``answers import FILE`` does not."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self._positionals.title = self.say("参数", "positional arguments")
        self._optionals.title = self.say("选项", "options")
        for action in self._actions:
            if isinstance(action, argparse._HelpAction) and action.help:
                action.help = self.say("显示这段说明", "show this help")

    def format_help(self) -> str:
        """As ``argparse`` writes it, with its first word in the reader's language."""
        return self.say("用法：", "usage: ") + super().format_help().removeprefix("usage: ")

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        at = 0
        while self.verbs and args and at < len(args) and args[at].startswith("-") and args[at] != "-":
            action = self._option_string_actions.get(args[at])
            at += 2 if action is not None and action.nargs != 0 else 1
        if self.verbs and args and at < len(args) and args[at] in self.verbs:
            return self.verbs[args[at]].parse_known_args([*args[:at], *args[at + 1 :]], namespace)
        return super().parse_known_args(args, namespace)

    def error(self, message: str) -> NoReturn:
        # Most commands are right, and their start is waited for.
        from okpay_console.cli.misuse import chinese

        raise UsageError(
            self.say(f"命令写法不对：{chinese(message)}", f"The command is not understood: {message}"),
            self.say(f"写法见：{self.prog} --help", f"See: {self.prog} --help"),
        )


class Passed:
    """A command that is not wanted: takes every argument that it is given and keeps none."""

    def __init__(self, *_: Any, **named: Any) -> None: ...

    def __getattr__(self, name: str) -> Passed:
        return self

    def __call__(self, *_: Any, **named: Any) -> Passed:
        return self


def parse(say: Say, given: Sequence[str]) -> argparse.Namespace:
    """What was typed; ``run`` in it is ``module:function`` of ``okpay_console.cli``. ``UsageError`` for what is no command.

    All commands together take longer to describe than most of them to run: only those whose names occur are, and the rest
    too for whoever asks for help or has mistyped one.
    """
    if not any(word.startswith(("-h", "--h")) for word in given):
        with contextlib.suppress(UsageError):
            return build(say, frozenset(given)).parse_args(given)
    return build(say).parse_args(given)


def build(say: Say, wanted: frozenset[str] | None = None) -> Parser:
    """The parser with help in one language, for all commands or for those that are wanted."""
    common = _common(say)
    local = type("LocalParser", (Parser,), {"say": staticmethod(say)})
    parser: Parser = local(
        prog="okpay-console",
        parents=[common],
        description=say("电子钱包热线的终端工作台。", "The terminal workspace of an e-wallet's hotline."),
        epilog=say(
            "退出码：0 完成，1 被拒绝或失败，2 用法错误，3 离线（已排队），130 中断",
            "exit status: 0 done, 1 refused or failed, 2 usage, 3 offline (the work is queued), 130 interrupted",
        ),
        allow_abbrev=False,
    )
    parser.set_defaults(run="console:run", command="console")
    parser.add_argument("--version", action="store_true", help=say("显示版本", "show the version"))
    commands: Any = parser.add_subparsers(metavar=say("命令", "COMMAND"), parser_class=local)

    def command(name: str, run: str, zh: str, en: str, *, under: Any = commands) -> argparse.ArgumentParser:
        if wanted is not None and name not in wanted:
            passed: Any = Passed()
            return passed  # type: ignore[no-any-return]
        made: argparse.ArgumentParser = under.add_parser(
            name, help=say(zh, en), description=say(zh, en), parents=[common], allow_abbrev=False
        )
        made.set_defaults(run=run, command=name)
        return made

    command("console", "console:run", "打开工作台（默认）", "open the console (the default)")
    command("wall", "console:wall", "主管大屏", "the supervisor's screen").add_argument(
        "--wallboard", action="store_true", help=say("大字，挂墙用", "big digits, for a wall")
    )
    _demo(
        command("demo", "demo:run", "一条命令看演示，退出后不留痕迹", "everything in one command, nothing left behind"),
        say,
    )
    _serve(command("serve", "admin:serve", "启动服务器", "run the server"), say)
    securing.options(command, say)
    command("sync", "sync:run", "同步一轮：推送待发，拉取变化", "one round: push what waits, pull what changed")
    _tickets(command("tickets", "tickets:run", "列出本机缓存中的工单", "list the tickets of the local cache"), say)
    verbs.ticket(command("ticket", "ticket:show", "查看和处理一张工单", "look at and work on one ticket"), command, say)
    bulkoptions.options(command("bulk", "bulk:run", "一次改很多工单", "one change for many tickets"), command, say)
    answering.search(
        command("answers", "answers:run", "搜索和编写标准答案", "search and write canned answers"), command, say
    )
    tellingoptions.options(command, say)
    countoptions.stats(
        command("stats", "stats:run", "当前数字；或从通话日志计算", "the numbers now, or those of a log of calls"), say
    )
    reporting.report(
        command("report", "report:run", "日报、周报、年度披露", "day, week and year reports"), command, say
    )
    reporting.voice(
        command("voice", "voice:run", "客户之声：反馈、没有答案的搜索、没帮上忙的答案", "what customers tell and ask"),
        say,
    )
    countoptions.staffing(command("staffing", "staffing:run", "需要几个坐席", "how many agents a stretch needs"), say)
    importing: Any = command("import", "importing:run", "导入", "import").add_subparsers(
        metavar="tickets", required=True, parser_class=local
    )
    _importing(command("tickets", "importing:run", "导入工单文件", "import a file of tickets", under=importing), say)
    exportoptions.options(command("export", "exporting:run", "导出数据，默认打码", "take data out, masked"), say)
    _admin(
        command("admin", "admin:serve", "管理服务器：用户、备份、审计", "the server: users, backups, audit"),
        command,
        say,
    )
    auditoptions.options(command, local, say, _database)
    command("doctor", "doctor:run", "检查终端、设置、缓存和服务器", "check terminal, settings, cache and server")
    return parser


def _common(say: Say) -> argparse.ArgumentParser:
    common = argparse.ArgumentParser(add_help=False, argument_default=argparse.SUPPRESS)
    shared = common.add_argument_group(say("通用选项", "options of every command"))
    shared.add_argument("--json", action="store_true", help=say("每行输出一个 JSON 文档", "one JSON document per line"))
    shared.add_argument("--lang", choices=("zh", "en", "auto"), help=say("语言", "language"))
    shared.add_argument("--config", metavar="FILE", help=say("设置文件", "settings file"))
    shared.add_argument("--data-dir", metavar="DIR", help=say("数据目录", "data directory"))
    shared.add_argument("--server", metavar="URL", help=say("服务器地址", "server address"))
    return common


def _demo(made: argparse.ArgumentParser, say: Say) -> None:
    made.add_argument(
        "--tickets", type=numbers.natural, default=200, metavar="N", help=say("历史工单数", "tickets of history")
    )
    made.add_argument("--seed", type=int, default=1, metavar="S", help=say("随机种子", "seed of the random choices"))
    made.add_argument(
        "--speed", type=numbers.amount, default=1.0, metavar="X", help=say("热线快慢倍数", "how fast calls come")
    )
    made.add_argument("--as", dest="role", choices=("agent", "supervisor"), default="agent", help=say("身份", "role"))
    made.add_argument("--headless", action="store_true", help=say("不开界面", "without a screen"))
    made.add_argument(
        "--seconds", type=numbers.amount, default=10.0, metavar="N", help=say("运行秒数", "how long (headless)")
    )


def _serve(made: argparse.ArgumentParser, say: Say) -> None:
    made.add_argument("--host", default="127.0.0.1", help=say("监听地址", "address to listen on"))
    made.add_argument("--port", type=numbers.port, default=8080, help=say("端口，0 为任选", "port, 0 picks a free one"))
    made.add_argument("--workers", type=numbers.positive, default=1, help=say("进程数", "processes"))
    made.add_argument(
        "--self-review",
        action="store_true",
        help=say("自己写的答案也可由自己发布", "let whoever wrote an answer publish it"),
    )
    securing.serving(made, say)
    _database(made, say)


def _database(made: argparse.ArgumentParser, say: Say) -> None:
    made.add_argument(
        "--database",
        metavar="URL",
        help=say("数据库，默认数据目录下的 SQLite", "default: SQLite in the data directory"),
    )


def _tickets(made: argparse.ArgumentParser, say: Say) -> None:
    made.add_argument(
        "--view",
        metavar="NAME",
        help=say(f"视图：{'、'.join(VIEWS)}，或自己保存的", f"{', '.join(VIEWS)}, or one of yours"),
    )
    made.add_argument(
        "--where",
        metavar="TEXT",
        help=say("条件，如 分类=TXN 渠道=在线 超时", "conditions, such as category=TXN channel=chat overdue"),
    )
    made.add_argument("--status", choices=STATUSES)
    made.add_argument("--category", metavar="CODE")
    made.add_argument("--channel", choices=CHANNELS)
    made.add_argument("--search", metavar="TEXT", help=say("手机尾号、姓名、说过的话……", "whatever was said"))
    made.add_argument(
        "--limit", type=numbers.natural, default=50, metavar="N", help=say("最多几张，0 为全部", "0 for all")
    )


def _importing(made: argparse.ArgumentParser, say: Say) -> None:
    made.add_argument("file", metavar="FILE")
    made.add_argument(
        "--format", choices=("csv", "tsv", "jsonl"), help=say("默认看扩展名", "default: by the file's ending")
    )
    made.add_argument("--on-error", choices=("stop", "skip"), default="stop", help=say("遇到坏行", "at a bad line"))
    made.add_argument("--default-channel", choices=CHANNELS, help=say("没有渠道列时", "where no channel is given"))
    made.add_argument(
        "--column", action="append", default=[], metavar="FILECOL=OURS", help=say("列名对照", "what a column means")
    )


def _admin(made: argparse.ArgumentParser, command: Callable[..., argparse.ArgumentParser], say: Say) -> None:
    things = made.add_subparsers(metavar="user|webhook|backup|…", required=True, parser_class=type(made))
    user = command("user", "admin:users", "用户", "users", under=things)
    verbs = user.add_subparsers(metavar=say("操作", "VERB"), required=True, parser_class=type(made))
    add = command("add", "admin:add", "新增用户并发放令牌", "add a user and issue a token", under=verbs)
    add.add_argument("name", metavar="NAME")
    add.add_argument("--role", required=True, choices=ROLES)
    add.add_argument(
        "--queues", default="", metavar="A,B", help=say("只看这些队列，默认全部", "only these queues; default all")
    )
    listing = command("list", "admin:users", "列出用户", "list the users", under=verbs)
    change = command("role", "admin:change", "改角色和队列", "another role, other queues", under=verbs)
    change.add_argument("name", metavar="NAME")
    change.add_argument("--role", choices=ROLES)
    change.add_argument(
        "--queues", metavar="A,B", help=say("只看这些队列，* 为全部", "only these queues; * for all of them")
    )
    disable = command("disable", "admin:disable", "停用用户", "disable a user", under=verbs)
    disable.add_argument("name", metavar="NAME")
    enable = command("enable", "admin:enable", "恢复用户", "let a user in again", under=verbs)
    enable.add_argument("name", metavar="NAME")
    for one in (change, disable, enable):
        one.add_argument("--reason", default="", metavar="TEXT", help=say("原因，记入审计", "why, for the audit log"))
    for one in (add, listing, change, disable, enable, *securing.admin(things, command, say)):
        _database(one, say)
    alarmoptions.options(things, command, say, _database)
    adminoptions.options(things, command, say, _database)
