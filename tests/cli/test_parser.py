"""What can be typed, and what cannot."""

from __future__ import annotations

import argparse
import functools
import importlib
from collections.abc import Callable, Iterator

import pytest

from okpay_console.cli import choices, parser
from okpay_console.domain.queue import VIEWS
from okpay_console.domain.ticket import CALL_EVENTS, CHANNELS, FIELD_STATES, LINK_KINDS, PRIORITIES, STATUSES
from okpay_console.errors import UsageError
from okpay_console.server.policy import ROLES


def zh(text: str, _: str) -> str:
    return text


def en(_: str, text: str) -> str:
    return text


def leaves(one: argparse.ArgumentParser) -> Iterator[argparse.ArgumentParser]:
    """Every parser that ends a command."""
    groups = [action for action in one._actions if isinstance(action, argparse._SubParsersAction)]
    if not groups:
        yield one
    for group in groups:
        for child in group.choices.values():
            yield from leaves(child)


def test_the_values_of_the_parser_are_those_of_the_domain() -> None:
    assert (choices.CHANNELS, choices.PRIORITIES, choices.STATUSES) == (CHANNELS, PRIORITIES, STATUSES)
    assert (choices.CALL_EVENTS, choices.LINK_KINDS) == (CALL_EVENTS, LINK_KINDS)
    assert set(choices.FIELD_STATES) == set(FIELD_STATES) - {"empty"}
    assert set(choices.VIEWS) == set(VIEWS)
    assert set(choices.ROLES) == set(ROLES)


def test_every_command_leads_to_a_function_and_explains_itself_in_both_languages() -> None:
    for say in (zh, en):
        found = list(leaves(parser.build(say)))
        assert len(found) > 30
        for one in found:
            module, _, name = one.get_default("run").partition(":")
            assert callable(getattr(importlib.import_module(f"okpay_console.cli.{module}"), name)), one.prog
            assert one.description, one.prog
    chinese = [one.description for one in leaves(parser.build(zh))]
    english = [one.description for one in leaves(parser.build(en))]
    assert all(a != b for a, b in zip(chinese, english, strict=True))


@functools.cache
def everything() -> argparse.ArgumentParser:
    return parser.build(en)


@pytest.mark.parametrize("words", ["--json tickets", "tickets --json", "ticket --json show 1", "ticket show 1 --json"])
def test_json_may_stand_anywhere(words: str) -> None:
    assert parser.parse(zh, words.split()).json is True


def test_without_a_command_the_console_opens() -> None:
    assert parser.parse(zh, []).run == "console:run"


@pytest.mark.parametrize(
    "words",
    [
        "frob",
        "tickets --limit -1",
        "tickets --limit x",
        "ticket note 1",
        "ticket new --subject x",
        "import",
        "tickets --js",
        "serve --port 65536",
        "serve --workers 0",
        "demo --speed 0",
        "demo --speed nan",
        "demo --seconds -5",
        "demo --seconds inf",
    ],
)
def test_a_wrong_command_is_a_usage_error_that_names_its_help(words: str) -> None:
    with pytest.raises(UsageError) as caught:
        parser.parse(en, words.split())
    assert caught.value.advice.endswith("--help")


LINES = """
--json tickets --limit 3|--lang en ticket --json show 1|ticket note 1 tickets|ticket note 1 - --json|admin user add x --role agent
admin session list|admin webhook set a b|admin audit anchor --to x --key k|audit|audit verify|audit verify f|answers import
answers search import|answers import a b --publish|answers --limit 3 import x|import tickets f.csv|bulk assign wang --from-stdin
export tickets --out t|report year 2026|report day|voice --days 7|notice send --to wang hello|shift break|shift|--version|sessions
alarm set x --metric y|vault rotate|serve --port 0|demo --speed 2|console|--lang en|stats --log x|frob|frob tickets|tickets frob
ticket frob 1|admin|admin frob|admin user|import frob|answers publish|tickets --limit x|--lang xx tickets|ticket new --subject x
ticket -h|--help|tickets -hx|admin user --help|answers import --help|bulk --help|-- tickets
"""


@pytest.mark.parametrize("words", LINES.strip().replace("\n", "|").split("|"))
def test_what_is_read_with_the_commands_that_occur_is_what_is_read_with_all(
    words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Also where it is refused, and where help is asked for: every list of commands is whole."""

    def told(read: Callable[[], object]) -> object:
        try:
            return vars(read())
        except UsageError as error:
            return error.what, error.advice
        except SystemExit as left:
            return left.code, capsys.readouterr().out

    assert told(lambda: parser.parse(en, words.split())) == told(lambda: everything().parse_args(words.split()))


def test_a_command_is_read_without_describing_the_others() -> None:
    [group] = [one for one in parser.build(en, frozenset({"ticket", "note"}))._actions if one.nargs == argparse.PARSER]
    assert isinstance(group.choices, dict)
    assert [*group.choices] == ["ticket"]
    assert [one.prog.split()[-1] for one in leaves(group.choices["ticket"])] == ["note"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("nonsense", "没有“nonsense”；可用：console、wall、"),
        ("admin user role wang --role boss", "--role：没有“boss”；可用：agent、supervisor、admin、integration"),
        ("serve --port abc", "--port：“abc”不是可用的值"),
        ("serve --port", "--port 后面还要写"),
        ("ticket note", "还缺 ID、TEXT"),
        ("report day --date x", "不认识 --date"),
    ],
)
def test_a_wrong_command_is_said_in_chinese_without_pythons_english(words: str, said: str) -> None:
    with pytest.raises(UsageError) as wrong:
        parser.parse(zh, words.split())
    assert said in wrong.value.what
    assert not any(word in wrong.value.what for word in ("argument", "invalid", "choose", "required", "'"))


def test_help_is_of_one_language_down_to_its_headings() -> None:
    for one in leaves(parser.build(zh)):
        told = one.format_help()
        assert told.startswith("用法：")
        assert not any(word in told for word in ("usage:", "positional arguments", "options:", "show this"))
    assert parser.build(en).format_help().startswith("usage: okpay-console")
