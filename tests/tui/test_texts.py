"""Both languages are complete, times are read as people say them, and themes that are wrong are named."""

from __future__ import annotations

import ast
import re
import string
import tomllib
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

import okpay_console.tui as tui
from okpay_console.content import interface
from okpay_console.errors import ContentError
from okpay_console.tui import themes
from okpay_console.tui.rows import columns, span
from okpay_console.tui.when import parse_due

SOURCES = sorted(Path(tui.__path__[0]).rglob("*.py"))


def test_both_languages_have_the_same_keys_and_the_same_blanks() -> None:
    zh, en = interface.load("zh"), interface.load("en")
    assert set(zh) == set(en)

    def blanks(text: str) -> set[str]:
        return {name for _, name, _, _ in string.Formatter().parse(text) if name}

    assert [key for key in zh if blanks(zh[key]) != blanks(en[key])] == []


def test_no_english_text_is_left_in_chinese() -> None:
    allowed = {"key.language"}
    assert [
        key for key, text in interface.load("en").items() if re.search("[一-鿿]", text) and key not in allowed
    ] == []


def test_every_key_that_the_screens_ask_for_exists() -> None:
    texts = interface.load("zh")
    missing = []
    for source in SOURCES:
        for node in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "t" and node.args:
                key = node.args[0]
                if isinstance(key, ast.Constant) and key.value not in texts:
                    missing.append((source.name, key.value))
    assert missing == []


@pytest.mark.parametrize("lang", interface.LANGUAGES)
def test_the_quick_reading_of_the_texts_is_what_toml_says(lang: str) -> None:
    tables = tomllib.loads(interface.file_of(lang).read_text(encoding="utf-8"))
    assert interface.load(lang) == {
        f"{table}.{key}": text for table, entries in tables.items() for key, text in entries.items()
    }


def test_the_default_theme_is_what_its_file_says() -> None:
    folder = next(folder for folder in themes.folders() if folder.is_dir())
    assert themes.parse("okpay-dark", (folder / "okpay-dark.toml").read_text(encoding="utf-8")) == themes.FALLBACK


def test_an_unknown_language_is_refused() -> None:
    with pytest.raises(ContentError):
        interface.load("fr")


@pytest.mark.parametrize(
    ("words", "minutes"),
    [
        ("30m", 30), ("2h", 120), ("2小时", 120), ("30分钟后", 30), ("1d", 1440), ("15:00", 14), ("今天 15:00", 14),
        ("明天 10:00", 1154), ("10:00", 1154), ("11-25 15:00", 4334), ("下午3点", 14),
        ("半小时", 30), ("半个小时后", 30), ("一小时", 60), ("两小时后", 120), ("1h30m", 90), ("1H 30M", 90), ("1.5h", 90),
        ("一个半小时", 90), ("1小时半", 90), ("一小时三十分钟", 90), ("三刻钟", 45), ("＋２ｈ", 120), ("明天下午3点", 1454),
        ("下午三点", 14), ("周三 15:00", 4334), ("下周一 10:00", 1154), ("周日 15:00", 14), ("周日 10:00", 9794),
        ("3pm", 14), ("3 p.m.", 14), ("3:30 pm", 44), ("2pm", 1394), ("tomorrow 3pm", 1454), ("3pm tomorrow", 1454),
        ("mon 10:00", 1154), ("next Monday 10am", 1154), ("Wednesday at 3pm", 4334), ("in 2 hours", 120),
        ("in 30 minutes", 30), ("in half an hour", 30), ("in an hour", 60), ("1 hour and 30 minutes", 90),
    ],
)  # fmt: skip
def test_a_due_time_is_read_as_people_say_it(make: Any, words: str, minutes: int) -> None:
    assert parse_due(words, now=make.now) == make.now + timedelta(minutes=minutes)


@pytest.mark.parametrize(
    "words",
    [
        "", "尽快", "昨天 10:00", "今天 10:00", "25:00", "明天", "0m", "0h", "零分钟", "0.0h", "1h2h", "in", "后", "9999天",
        "yesterday 3pm", "today 2pm", "上周一 10:00", "这周日 10:00", "20261122 10:00", "2026-11-20 10:00", "month 3pm",
    ],
)  # fmt: skip
def test_what_names_no_moment_to_come_is_not_guessed(make: Any, words: str) -> None:
    assert parse_due(words, now=make.now) is None


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ('primary = "#fff"\ncolour = "red"', "colour"),
        ('accent = "#fff"', "primary"),
        ('primary = "reddish"', "primary"),
    ],
)
def test_a_wrong_theme_names_what_is_wrong(text: str, named: str) -> None:
    with pytest.raises(ContentError) as refused:
        themes.parse("mine", text)
    assert named in refused.value.what


@pytest.mark.parametrize("name", ["../../etc/passwd", "", "nope"])
def test_a_theme_by_another_name_than_a_themes_is_refused(name: str) -> None:
    theme, wrong = themes.choose(name)
    assert theme is themes.FALLBACK
    assert wrong is not None


def test_every_shipped_theme_is_right() -> None:
    assert len(themes.names()) >= 4
    assert [themes.choose(name)[1] for name in themes.names()] == [None] * len(themes.names())


@pytest.mark.parametrize("lang", interface.LANGUAGES)
def test_the_columns_of_a_row_fill_its_width(lang: str) -> None:
    interface.use(lang)
    assert [width for width in range(52, 200) if sum(columns(width)) != width] == []
    interface.use("zh")


@pytest.mark.parametrize(("seconds", "words"), [(0, "0s"), (59, "59s"), (60, "1m"), (3600, "1h"), (172800, "2d")])
def test_a_length_of_time_is_said_in_its_largest_unit(seconds: int, words: str) -> None:
    assert span(seconds) == words
