"""The rule for words of callers, corpus by corpus: nothing acts, nothing that means something is lost, JSON and CSV come back."""

from __future__ import annotations

import csv
import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from okpay_console.domain.cells import json_line, table_line, unguarded
from okpay_console.domain.harmless import escaped, in_cell, on_one_line, on_screen, powerless
from okpay_console.tui.render import clean, line

from .corpus import CORPUS, FIRST, GROUPS, LAST, LONG, UNSEEN, cells, found, said

NAMES = sorted(CORPUS)
ANY = st.text(st.characters(), max_size=30) | st.text(st.sampled_from("".join(CORPUS.values())), max_size=30)
MEANT = {
    "emoji-family": "👨\u200d👩\u200d👧\u200d👦",
    "emoji-heart": "❤\ufe0f\u200d🔥",
    "keycap": "1\ufe0f\u20e3",
    "flags": "🇨🇳🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
    "rare-name": "葛\U000e0100城",
    "persian": "\u0646\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645",
    "hindi": "\u0915\u094d\u200d\u0937",
}


@pytest.mark.parametrize("name", NAMES)
def test_on_a_screen_nothing_acts_and_everybody_counts_the_same_cells(name: str) -> None:
    shown = clean(said(name))
    assert shown.startswith(FIRST) and shown.endswith(LAST)
    assert found(shown, lines="\n") == []
    for part in shown.split("\n"):
        assert cells(part) == cell_len(part), "two tables of widths disagree"
    assert "\n" not in line(said(name))


@pytest.mark.parametrize("name", NAMES)
def test_on_one_line_nothing_acts_and_only_what_means_something_is_unseen(name: str) -> None:
    shown = on_one_line(said(name))
    assert shown.startswith(FIRST) and shown.endswith(LAST)
    if name in MEANT:
        assert MEANT[name] in shown
    elif name != "selectors":
        assert found(shown) == []


def test_of_many_selectors_one_is_left() -> None:
    assert on_one_line(said("selectors")) == "甲王芳乙"
    assert on_one_line("❤" + "\ufe0f" * 40) == "❤\ufe0f"


@pytest.mark.parametrize("name", sorted(set(UNSEEN) - {"annotation"}))
def test_a_name_with_something_unseen_in_it_is_shown_as_what_it_looks_like(name: str) -> None:
    assert on_screen(said(name)) == on_one_line(said(name)) == "甲王芳乙"


def test_a_name_does_not_look_like_another_by_its_direction() -> None:
    for shown in (on_screen, on_one_line, in_cell):
        assert shown("\u202e芳王\u202c") == shown("\u2067芳王\u2069") == "芳王"


@pytest.mark.parametrize("name", NAMES)
def test_a_file_gets_it_harmless_and_gives_it_back(name: str) -> None:
    text = said(name)
    (cells,) = csv.reader(io.StringIO(table_line([text, CORPUS[name]]), newline=""), strict=True)
    assert [unguarded(cell) for cell in cells] == [in_cell(text), in_cell(CORPUS[name])]
    document = json_line({"text": text})
    assert json.loads(document) == {"text": text}
    assert not any(mark in document[:-1] for mark in "\n\r\x1b\x9b\x9d\u202e\u2028\u200b\ufeff")


@pytest.mark.parametrize("name", LONG)
def test_the_longest_text_is_laid_out_too(name: str) -> None:
    assert on_screen(LONG[name]).strip() and on_one_line(LONG[name]).strip()
    assert len(on_screen(LONG["long-marks"])) == 5


@given(ANY)
def test_whatever_is_said_nothing_acts(text: str) -> None:
    assert found(on_screen(text), lines="\n") == []
    assert not {
        one
        for one in on_one_line(text)
        if one < " " or "\x7f" <= one <= "\x9f" or one in "\u202a\u202e\u2066\u2069\u200b\ufeff"
    }
    assert not {one for one in powerless(text) if one < " " or "\x7f" <= one <= "\x9f" or one in "\u202e\u2066\u200b"}
    assert on_screen(on_screen(text)) == on_screen(text)


@given(ANY)
def test_an_escaped_document_says_the_same(text: str) -> None:
    written = json.dumps({"text": text}, ensure_ascii=False)
    assert json.loads(escaped(written)) == {"text": text}


def test_the_corpus_is_what_it_says() -> None:
    assert sum(map(len, GROUPS.values())) == len(CORPUS), "two texts bear one name"
    harmless = {name for name, text in CORPUS.items() if not found(text)}
    assert not harmless & {*GROUPS["escapes"], *GROUPS["controls"], *GROUPS["direction"], *GROUPS["unseen"]}
