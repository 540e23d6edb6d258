"""What can be typed after ``answers``: words to search for, or a verb for the knowledge base itself."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import Any

from okpay_console.cli import numbers

Say = Callable[[str, str], str]


def search(made: Any, command: Callable[..., argparse.ArgumentParser], say: Say) -> None:
    """The options of the search, and the verbs under it; ``answers search import`` looks for the word of a verb."""
    _searching(made, say)
    found: dict[str, argparse.ArgumentParser] = {}
    under = Verbs(type(made), made.prog, found)

    def verb(name: str, run: str, zh: str, en: str) -> argparse.ArgumentParser:
        one = command(name, run, zh, en, under=under)
        one.set_defaults(command="answers", verb=name)
        return one

    def of_answer(one: argparse.ArgumentParser) -> argparse.ArgumentParser:
        one.add_argument("id", metavar="ID", help=say("答案的 id", "the answer's id"))
        return one

    _searching(verb("search", "answers:run", "搜索标准答案", "search the canned answers"), say)
    of_answer(verb("show", "answers:show", "查看一条标准答案", "one answer, whole"))
    _importing(verb("import", "shelving:bring_in", "导入答案为草稿", "save files as drafts on the server"), say)
    out = verb("export", "shelving:take_out", "导出坐席看到的全部答案", "write what the agents have to files")
    out.add_argument("folder", metavar="DIR")
    draft = of_answer(verb("draft", "reviewing:draft", "保存草稿", "save a text as a draft"))
    draft.add_argument("file", nargs="?", default="-", metavar="FILE|-", help=say("Markdown，默认标准输入", "Markdown"))
    verb("drafts", "reviewing:drafts", "等待审核的草稿", "the drafts that wait for a reviewer")
    publish = of_answer(verb("publish", "reviewing:publish", "审核并发布草稿", "publish a draft after reading it"))
    publish.add_argument("--version", dest="number", type=numbers.positive, default=0, metavar="N")
    of_answer(verb("retire", "reviewing:retire", "撤下答案", "take an answer from the agents"))
    history = of_answer(
        verb("history", "reviewing:history", "版本历史，或某一版的全文", "its versions, or one of them")
    )
    history.add_argument("--version", dest="number", type=numbers.positive, default=0, metavar="N")
    made.verbs = found
    made.epilog = say("也可以：", "Also: ") + ", ".join(f"answers {name}" for name in found)


class Verbs:
    """Makes the verbs' parsers as ``add_subparsers`` would, which cannot stand beside free words."""

    def __init__(
        self, kind: type[argparse.ArgumentParser], prog: str, found: dict[str, argparse.ArgumentParser]
    ) -> None:
        self._kind, self._prog, self._found = kind, prog, found

    def add_parser(self, name: str, *, help: str, **more: Any) -> argparse.ArgumentParser:  # noqa: A002
        self._found[name] = made = self._kind(prog=f"{self._prog} {name}", **more)
        return made


def _searching(made: argparse.ArgumentParser, say: Say) -> None:
    made.add_argument("words", nargs="*", metavar="WORDS", help=say("- 逐行读取标准输入", "- reads lines from stdin"))
    made.add_argument(
        "--limit", type=numbers.natural, default=10, metavar="K", help=say("最多几条", "at most K answers")
    )
    made.add_argument(
        "--kb", metavar="FILE|FOLDER", help=say("搜索未发布的知识库", "a knowledge base not published yet")
    )


def _importing(made: argparse.ArgumentParser, say: Say) -> None:
    made.add_argument("files", nargs="+", metavar="FILE|DIR")
    made.add_argument("--publish", action="store_true", help=say("随即发布", "and publish them"))
    made.add_argument("--on-error", choices=("stop", "skip"), default="stop", help=say("遇到坏文件", "at a bad file"))
