"""Importing a file: every bad line is named, nothing is imported twice."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

HEAD = "标题,渠道,手机,来路,external_id,text,created_at\r\n"
ROWS = [
    '"两行的\n标题",热线,13800138000,x,e1,"他说""好""",2026-11-01 10:00\r\n',  # lines 2 and 3
    ",热线,,,e2,,\r\n",
    "渠道不对,carrier,,,e3,,\r\n",
    "在线的,chat,,,e4,,\r\n",
    "列数不对,chat\r\n",
    "时间不对,chat,,,e5,,next year\r\n",
    "有机密,chat,,,e6,我的验证码是 483920,\r\n",
    "编码不对\udcff,chat,,,e7,,\r\n",
    "有\0零,chat,,,e8,,\r\n",
    "将来,chat,,,e9,,2999-01-01\r\n",
    "最后的,电话,,,e10,,2026-11-02T10:00:00Z\r\n",
]
BAD = {4: "标题为空", 5: "carrier", 7: "2 列", 8: "next year", 9: "机密", 10: "UTF-8", 11: "NUL", 12: "将来"}


@pytest.fixture(scope="module")
def bot(desk: Callable[..., Any]) -> Any:
    return desk("bot", "integration")


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "tickets.csv"
    path.write_bytes(("\ufeff" + HEAD + "".join(ROWS)).encode("utf-8", "surrogateescape"))
    return path


def test_bad_lines_are_named_and_passed_over_and_a_second_run_imports_nothing(
    bot: Any, table: Path, desk: Callable[..., Any]
) -> None:
    done = bot("import", "tickets", str(table), "--on-error", "skip", "--json")
    assert done.status == 0
    *lines, summary = done.docs
    assert {doc["line"] for doc in lines} == set(BAD)
    for doc in lines:
        assert BAD[doc["line"]] in doc["reason"], doc
    assert summary["bad"] == lines
    assert (summary["imported"], summary["existing"], summary["unknown_columns"]) == (3, 0, ["来路"])
    assert "483920" not in done.out + done.err
    again = bot("import", "tickets", str(table), "--on-error", "skip", "--json").docs[-1]
    assert (again["imported"], again["existing"]) == (0, 3)
    reader = desk("reader")
    reader("sync")
    found = {doc["subject"]: doc for doc in reader("tickets", "--limit", "0", "--json").docs}
    assert set(found) == {"两行的\n标题", "在线的", "最后的"}
    assert found["两行的\n标题"]["created_at"] == "2026-11-01T02:00:00Z"
    assert found["最后的"]["channel"] == "hotline"


def test_a_strict_import_stops_at_the_first_bad_line_and_says_how_far_it_came(bot: Any, tmp_path: Path) -> None:
    path = tmp_path / "strict.tsv"
    path.write_text("subject\tchannel\texternal_id\na\tchat\ts1\nb\tchat\ts2\n\tchat\ts3\nc\tchat\ts4\n")
    done = bot("import", "tickets", str(path), "--json")
    assert done.status == 1
    bad, summary = done.docs
    assert bad["line"] == 4
    assert (summary["imported"], summary["stopped"]) == (2, True)
    assert "4" in done.err
    path.write_text(path.read_text().replace("\n\tchat", "\nfixed\tchat"))
    assert bot("import", "tickets", str(path), "--json").doc["imported"] == 2


def test_json_lines_and_columns_by_other_names(bot: Any, tmp_path: Path) -> None:
    path = tmp_path / "tickets.jsonl"
    path.write_text(
        '{"kind":"T","words":"导入一","tags":["a","b"]}\n\n[1]\n{broken\n{"words":"导入二","channel":"email"}\n'
    )
    words = (
        "import",
        "tickets",
        str(path),
        "--column",
        "words=subject",
        "--default-channel",
        "chat",
        "--on-error",
        "skip",
        "--json",
    )
    *bad, summary = bot(*words).docs
    assert [doc["line"] for doc in bad] == [3, 4]
    assert (summary["imported"], summary["unknown_columns"]) == (2, ["kind"])


def test_a_tab_separated_file_keeps_lone_quotation_marks(bot: Any, tmp_path: Path) -> None:
    path = tmp_path / "quotes.tsv"
    path.write_text('subject\n"没收到\n他说"好\n')
    assert bot("import", "tickets", str(path), "--default-channel", "chat", "--json").doc["imported"] == 2


def test_a_csv_that_never_closes_its_quote_is_named_by_its_line(bot: Any, tmp_path: Path) -> None:
    path = tmp_path / "open.csv"
    path.write_text('subject,channel\na,chat\n"b,chat\nc,chat\n')
    done = bot("import", "tickets", str(path), "--json")
    assert done.status == 1
    assert done.docs[0]["line"] == 3


@pytest.mark.parametrize(
    ("text", "words", "said"),
    [
        ("a,b\n1,2\n", (), "subject"),
        ("subject\nx\n", ("--column", "a=b"), "--column"),
    ],
)
def test_columns_that_make_no_sense_are_a_usage_error(
    bot: Any, tmp_path: Path, text: str, words: tuple[str, ...], said: str
) -> None:
    path = tmp_path / "x.csv"
    path.write_text(text)
    done = bot("import", "tickets", str(path), *words)
    assert done.status == 2
    assert said in done.err


def test_an_unknown_ending_asks_for_the_format(bot: Any, tmp_path: Path) -> None:
    path = tmp_path / "x.dat"
    path.write_text("subject\nx\n")
    assert "--format" in bot("import", "tickets", str(path)).err
    assert bot("import", "tickets", str(path), "--format", "csv", "--default-channel", "chat").status == 0
    assert bot("import", "tickets", str(tmp_path / "none.csv")).status == 2


def test_an_agent_may_not_import(desk: Callable[..., Any], tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text("subject,channel\nx,chat\n")
    done = desk("agent")("import", "tickets", str(path))
    assert done.status == 1
    assert "角色" in done.err


def test_an_import_that_meets_no_server_exits_3_and_says_how_many(bot: Any, tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text("subject,channel\nx,chat\n")
    done = bot("import", "tickets", str(path), OKPAY_SERVER="http://127.0.0.1:1")
    assert done.status == 3
    assert "0" in done.err


def test_an_import_without_a_server_promises_nothing_to_send_later(bot: Any, tmp_path: Path) -> None:
    """Nothing of a file is kept here, so "sent when the link is back" would be a lie."""
    path = tmp_path / "x.csv"
    path.write_text("subject,channel\nx,chat\n")
    done = bot("import", "tickets", str(path), "--lang", "en", OKPAY_SERVER="http://127.0.0.1:1")
    assert done.status == 3
    assert len(done.err.splitlines()) == 2, done.err
    assert "Nothing was queued" in done.err


def test_an_empty_file_and_one_without_a_subject_column_are_usage_errors_in_two_lines(bot: Any, tmp_path: Path) -> None:
    empty, other = tmp_path / "empty.csv", tmp_path / "other.csv"
    empty.write_text("")
    other.write_text("a,b\n1,2\n")
    for path in (empty, other):
        done = bot("import", "tickets", str(path))
        assert (done.status, len(done.err.splitlines())) == (2, 2), done.err


def test_a_file_that_is_not_there_is_said_to_be_missing_whatever_its_ending(bot: Any, tmp_path: Path) -> None:
    done = bot("import", "tickets", str(tmp_path / "none.xyz"), "--lang", "en")
    assert done.status == 2
    assert "There is no file" in done.err


def test_a_table_without_a_channel_column_comes_in_by_hotline_and_says_so(bot: Any, tmp_path: Path) -> None:
    path = tmp_path / "questions.tsv"
    path.write_text("kind\tgroup\ttext\nT\t0\t没有渠道列的问题\n")
    done = bot("import", "tickets", str(path), "--column", "text=subject", "--json")
    assert (done.status, done.doc["imported"], done.doc["unknown_columns"]) == (0, 1, ["kind", "group"])
    assert "hotline" in done.err


def test_an_empty_cell_in_a_channel_column_is_a_bad_line_all_the_same(bot: Any, tmp_path: Path) -> None:
    path = tmp_path / "half.csv"
    path.write_text("subject,channel\n写了渠道的,chat\n没有写的,\n")
    *bad, summary = bot("import", "tickets", str(path), "--on-error", "skip", "--json").docs
    assert ([doc["line"] for doc in bad], summary["imported"]) == ([3], 1)


def test_a_folder_is_not_said_to_be_missing(bot: Any, tmp_path: Path) -> None:
    done = bot("import", "tickets", str(tmp_path))
    assert done.status == 2
    assert "是文件夹，不是文件" in done.err
    assert "没有文件" not in done.err
