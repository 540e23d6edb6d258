"""Every error that the program can raise is said in Chinese, with what to do about it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

import okpay_console
from okpay_console import errors
from okpay_console.content import errors as sentences

ROOT = Path(okpay_console.__path__[0])


def _texts(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.IfExp):
        yield from _texts(node.body)
        yield from _texts(node.orelse)


@cache
def raised() -> dict[str, str]:
    """Every code in the package's sources and a file that has it: ``code = "…"``, ``code="…"`` and a problem's second place."""
    found: dict[str, str] = {}
    for source in sorted(ROOT.rglob("*.py")):
        for node in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
            places: list[ast.AST] = []
            if isinstance(node, ast.Assign) and any(isinstance(t, ast.Name) and t.id == "code" for t in node.targets):
                places.append(node.value)
            if isinstance(node, ast.Call):
                called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
                places += [keyword.value for keyword in node.keywords if keyword.arg == "code"]
                if called in ("Declined", "problem") and len(node.args) > 1:
                    places.append(node.args[1])
            if isinstance(node, ast.Tuple) and source.name == "problems.py" and len(node.elts) == 2:
                places.append(node.elts[0])
            for place in places:
                found.update(dict.fromkeys(filter(None, _texts(place)), source.name))
    return found


def test_the_walk_finds_codes_of_every_kind() -> None:
    """Raised with a keyword, as a class's own, as a server's problem, and chosen between two."""
    assert {"bad-amount", "store-full", "mid-gap", "unknown-operation", "fault", "review", "held"} <= set(raised())


def test_every_code_has_its_chinese_sentences() -> None:
    """One test: with one for each code, every process of the tests would read all the sources to count them."""
    said = sentences.load("zh")
    assert {code: where for code, where in raised().items() if code not in said} == {}, "errors_zh.toml has them not"
    entries = {code: said[code] for code in raised()}
    assert [code for code, entry in entries.items() if not (entry["what"].endswith("。") and entry["advice"])] == []


def test_no_sentence_is_left_of_a_code_that_nobody_raises() -> None:
    assert set(sentences.load("zh")) - set(raised()) == set()
    assert set(sentences.load("en")) - set(raised()) == set()


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_no_entry_has_a_key_that_is_not_read(lang: str) -> None:
    known = {"what", "what_by", "what_pid", "advice", "desk", "cli", "detail"}
    assert {key for entry in sentences.load(lang).values() for key in entry} <= known


def test_the_desk_and_the_command_line_get_advice_of_their_own() -> None:
    error = errors.Refused("The ticket is closed.", "Reopen it first.", code="closed")
    assert sentences.explain(error, lang="zh", where="desk")[1] == "请先重新打开，按 ^O。"
    assert "okpay-console ticket reopen" in sentences.explain(error, lang="zh", where="cli")[1]


def test_a_holder_a_process_and_a_field_are_named_where_they_are_known() -> None:
    held = errors.Held("x", by="小李")
    assert sentences.explain(held, lang="zh", where="desk")[0] == "小李 已经认领了这个工单。"
    assert sentences.explain(held, lang="en", where="desk")[0] == "小李 holds this ticket."
    assert "别人" in sentences.explain(errors.Held("x"), lang="zh", where="desk")[0]
    assert "进程 77" in sentences.explain(errors.StoreBusy("x", pid=77), lang="zh", where="cli")[0]
    review = errors.NeedsReview("category", base="A", mine="B", theirs="C")
    assert sentences.explain(review, lang="zh", where="desk", field="类别")[0] == "类别同时被别人改过。"


def test_braces_in_a_name_are_letters() -> None:
    assert sentences.explain(errors.Held("x", by="{pid}"), lang="zh", where="cli")[0] == "{pid} 已经认领了这个工单。"


def test_a_code_nobody_knows_is_said_as_its_kind_with_the_original_in_brackets() -> None:
    error = errors.Offline("The name does not resolve.", "Check it.", code="dns")
    what, advice = sentences.explain(error, lang="zh", where="cli")
    assert what == "连不上服务器（The name does not resolve.）"
    assert "联网后自动发送" in advice


def test_what_was_worded_in_chinese_stays() -> None:
    error = errors.UsageError("工作台需要一个终端，这里不是。", "请直接在终端里运行。")
    assert sentences.explain(error, lang="zh", where="cli") == (error.what, error.advice)


def test_in_english_the_error_speaks_for_itself() -> None:
    error = errors.Refused("The matter was decided.", "Open another.", code="decided")
    assert sentences.explain(error, lang="en", where="cli") == ("The matter was decided.", "Open another.")
