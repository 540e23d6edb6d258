"""Cells that no spreadsheet runs and lines that no terminal obeys, and all of it can be read back."""

from __future__ import annotations

import csv
import io
import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from okpay_console.domain.cells import guarded, json_line, table_line, unguarded
from okpay_console.domain.harmless import in_cell


@pytest.mark.parametrize(
    "text", ["=1+1", "+86", "-3", "@SUM(A1)", "\tx", "\rx", "＝1", "＋1", "－1", "＠x", "  =1", "'x"]
)
def test_what_a_spreadsheet_could_run_gets_an_apostrophe_and_loses_it_again(text: str) -> None:
    assert guarded(text) == "'" + text
    assert unguarded(guarded(text)) == text


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        ("x;=1+1;y", "x;'=1+1;y"),
        ("x\t@SUM(A1)", "x\t'@SUM(A1)"),
        ("\n=x", "'\n'=x"),
        ("一\r\n- 二\r\n三", "一\r\n'- 二\r\n三"),
        ("a; =1", "a;' =1"),
        ("a;'b", "a;''b"),
    ],
)
def test_a_cell_is_guarded_where_another_separator_would_begin_one(text: str, safe: str) -> None:
    assert guarded(text) == safe
    assert unguarded(safe) == text


def test_structures_hold_no_separator_either() -> None:
    ((cell,),) = csv.reader(io.StringIO(table_line([[{"text": "x;=1+1;\ty"}]]), newline=""))
    assert ";" not in cell
    assert json.loads(cell) == [{"text": "x;=1+1;\ty"}]


@pytest.mark.parametrize("text", ["", "重复扣款", "a=b", "138****8000", "#20419"])
def test_what_it_cannot_run_stays(text: str) -> None:
    assert guarded(text) == text


@given(st.text(st.sampled_from("'=+-@＝ \t\r\na1,;\"客")))
def test_a_guard_is_always_taken_off_again(text: str) -> None:
    assert unguarded(guarded(text)) == text
    assert not text or guarded(text)[0] not in "=+-@\t\r\n＝＋－＠"
    assert not any(part.strip(" ")[:1] in tuple("=+-@＝") for part in re.split("[;\t\r\n]", guarded(text)))


@given(st.lists(st.text(st.characters(exclude_categories=("Cs", "Cc"))), min_size=1))
def test_a_line_of_csv_is_read_back_to_the_same_texts(texts: list[str]) -> None:
    (cells,) = csv.reader(io.StringIO(table_line(texts), newline=""), strict=True)
    assert [unguarded(cell) for cell in cells] == [in_cell(text) for text in texts]


def test_lines_quotation_marks_and_a_megabyte_stay_in_their_cell() -> None:
    long = '第一行\r\n他说"好"，\n' + "很长" * 300_000
    line = table_line([long, None, True, 3, ["a", "b"], {"k": "v"}])
    assert line.endswith("\r\n")
    csv.field_size_limit(1 << 24)
    (cells,) = csv.reader(io.StringIO(line, newline=""), strict=True)
    assert cells == [long, "", "true", "3", "a,b", '{"k":"v"}']


def test_csv_leaves_out_what_a_terminal_would_obey() -> None:
    assert in_cell("a\x1b[31mb\u202ec\x00d\u2028e\rf\tg\r\nh") == "a [31mbc d e\nf\tg\r\nh"


@given(st.text())
def test_json_lines_are_exact_and_hold_one_line_each(text: str) -> None:
    line = json_line({"text": text.encode("utf-8", "replace").decode()})
    assert json.loads(line) == {"text": text.encode("utf-8", "replace").decode()}
    assert len(line.splitlines()) == 1
    assert not any(sign in line for sign in "\u202e\u2066\x1b\x85")
