"""``staffing`` and ``stats --log``: the supervisor's sums without a server, as scripts and people see them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import pytest

KEYS = {"model", "agents", "p_wait", "service_level", "asa_s", "occupancy", "p_abandon"}
LOAD = ("--calls", "100", "--interval", "1800", "--aht", "180", "--target", "20", "--goal", "0.8")


class Done(NamedTuple):
    status: int
    out: str
    err: str

    @property
    def doc(self) -> Any:
        (line,) = self.out.splitlines()
        return json.loads(line)


Run = Callable[..., Done]


@pytest.fixture
def okpay(tmp_path: Path) -> Run:
    """Runs a command by itself: no server, no sign-in, an empty home."""
    keep = {name: os.environ[name] for name in ("PATH", "SYSTEMROOT") if name in os.environ}
    env = {**keep, "LC_ALL": "C.UTF-8", "OKPAY_DATA_DIR": str(tmp_path / "data"), "XDG_CONFIG_HOME": str(tmp_path)}

    def run(*words: str, stdin: str | bytes = b"", lang: str = "zh") -> Done:
        done = subprocess.run(
            [sys.executable, "-m", "okpay_console", *words],
            input=stdin.encode() if isinstance(stdin, str) else stdin,
            capture_output=True,
            env={**env, "OKPAY_LANG": lang},
            timeout=120,
            check=False,
        )
        return Done(done.returncode, done.stdout.decode(), done.stderr.decode())

    return run


def line(event: str, seconds: float = 0, **members: Any) -> str:
    moment = datetime(2026, 11, 22, 1, tzinfo=UTC) + timedelta(seconds=seconds)
    return json.dumps({"at": moment.isoformat(), "event": event, **members}) + "\n"


LOG = "".join(
    [
        line("ended", 205, call="1", agent="li"), line("offered", 0, call="1"), line("answered", 5, call="1", agent="li"),
        line("available", 0, agent="li"), line("wrapped", 225, call="1", agent="li", skill="vip"), "\n",
        line("offered", 50, call=2), line("abandoned", 53, call=2), line("offered", 60, call="3"),
        line("callback", 90, call="3"), line("offered", 100, call="4"), line("abandoned", 125, call="4"),
        line("offline", 400, agent="li"),
    ]
)  # fmt: skip
NUMBERS = {
    "offered": 4, "answered": 1, "abandoned": 2,
    "service_level": {"strict": 1 / 4, "freshcaller": 1 / 3, "genesys": 1 / 2, "flex": 1.0, "connect": 2 / 4},
    "asa_s": 5.0, "aht_s": 220.0, "acw_s": 20.0, "abandonment": 1 / 2, "abandonment_net": 1 / 3, "occupancy": 220 / 400,
}  # fmt: skip


def test_the_numbers_of_a_log_are_one_document_with_exactly_the_agreed_keys(okpay: Run, tmp_path: Path) -> None:
    file = tmp_path / "calls.jsonl"
    file.write_text("\ufeff" + LOG, encoding="utf-8")
    done = okpay("stats", "--log", str(file), "--target-seconds", "20", "--short-abandon", "5", "--json")
    assert (done.status, done.err) == (0, "")
    assert done.doc == NUMBERS
    assert list(done.doc) == list(NUMBERS)
    assert okpay("stats", "--log", "-", "--json", stdin=LOG).doc == NUMBERS
    late = okpay("stats", "--log", "-", "--target-seconds", "4.9", "--short-abandon", "2", "--json", stdin=LOG).doc
    assert (late["service_level"]["strict"], late["abandonment_net"]) == (0.0, 0.5)


def test_an_empty_log_has_null_for_what_cannot_be_said(okpay: Run) -> None:
    found = okpay("stats", "--log", "-", "--json").doc
    assert found["offered"] == 0
    assert {found["asa_s"], found["occupancy"], found["service_level"]["strict"]} == {None}


BAD = [
    (b'{"at": "2026-11-22T01:00:00Z", "event": "offered", "call": "1"}', None),
    (b'{"at": "2026-11-22T01:00:00', "JSON"),
    (b"[1]", "JSON"),
    (b'{"at": "2026-11-22T01:00:00Z", "event": "ringing", "call": "1"}', "offered|answered"),
    (b'{"at": "2026-11-22T01:00:00Z", "event": ["offered"], "call": "1"}', "offered|answered"),
    (b'{"at": "2026-11-22T01:00:00Z", "event": "answered", "agent": "li"}', "call"),
    (b'{"at": "2026-11-22T01:00:00Z", "event": "break", "call": "1"}', "agent"),
    (b'{"at": "2026-11-22T01:00:00", "event": "offered", "call": "1"}', "+08:00"),
    (b'{"at": "next year", "event": "offered", "call": "1"}', "RFC 3339"),
    (b'{"at": 1, "event": "offered", "call": "1"}', "RFC 3339"),
    (b'{"event": "offered", "call": "1"}', "RFC 3339"),
    (b'{"call": "\xff"}', "UTF-8"),
    (b"[" * 100_000, "JSON"),
    (b'{"at": "2026-11-22T01:00:00Z", "event": "offered", "call": ""}', "call"),
]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_bad_line_is_named_with_its_number_and_reason_and_no_number_comes_out(okpay: Run, lang: str) -> None:
    text = b"\n".join(raw for raw, _ in BAD)
    done = okpay("stats", "--log", "-", "--json", stdin=text, lang=lang)
    assert (done.status, done.out) == (1, "")
    *named, what, advice = done.err.splitlines()
    wrong = [(number, reason) for number, (_, reason) in enumerate(BAD, 1) if reason]
    assert len(named) == len(wrong)
    for told, (number, reason) in zip(named, wrong, strict=True):
        assert told.startswith(f"第 {number} 行：" if lang == "zh" else f"line {number}: ")
        assert reason in told
    assert str(len(wrong)) in what and advice
    assert "ringing" not in done.err  # a line of another file may hold anything


def test_a_file_of_another_kind_is_not_told_line_by_line(okpay: Run) -> None:
    done = okpay("stats", "--log", "-", stdin="x\n" * 1000, lang="en")
    assert done.status == 1
    assert len(done.err.splitlines()) == 53
    assert "950 more" in done.err and "1000 lines" in done.err


def test_calls_without_an_offer_are_mentioned(okpay: Run) -> None:
    done = okpay("stats", "--log", "-", "--json", stdin=LOG + line("answered", 9, call="5", agent="li"))
    assert (done.status, done.doc["answered"]) == (0, 1)
    assert "1 通" in done.err and "offered" in done.err


@pytest.mark.parametrize(
    "words", [("--log", "nowhere.jsonl"), ("--target-seconds", "20"), ("--log", "-", "--short-abandon", "-1")]
)
def test_a_log_that_is_not_there_and_options_that_mean_nothing_are_usage_errors(
    okpay: Run, words: tuple[str, ...]
) -> None:
    done = okpay("stats", *words)
    assert (done.status, done.out, len(done.err.splitlines())) == (2, "", 2)


@pytest.mark.parametrize(("lang", "words"), [("zh", ["服务水平", "25.00%", "≤ 20 秒接起 / 进线", "话后", "55.00%"]),
                                             ("en", ["service level", "25.00%", "answered ≤ 20 s / offered", "ACW"])])  # fmt: skip
def test_people_see_the_formula_beside_each_service_level(okpay: Run, lang: str, words: list[str]) -> None:
    done = okpay("stats", "--log", "-", stdin=LOG, lang=lang)
    assert done.status == 0
    assert [word for word in words if word not in done.out] == []


def test_staffing_by_erlang_c(okpay: Run) -> None:
    found = okpay("staffing", *LOAD, "--shrinkage", "0.3", "--json").doc
    assert (found["needed"], found["rostered"]) == (14, 20)
    assert [row["agents"] for row in found["rows"]] == [12, 13, 14, 15, 16]
    assert all(set(row) == KEYS and row["model"] == "C" and row["p_abandon"] == 0 for row in found["rows"])
    answer = found["rows"][2]
    assert [f"{answer[key]:.6f}" for key in ("p_wait", "service_level")] == ["0.174132", "0.888350"]


def test_staffing_with_a_measured_patience_shows_a_beside_c_and_a_decides(okpay: Run) -> None:
    found = okpay("staffing", *LOAD, "--patience", "120", "--json").doc
    assert (found["needed"], found["rostered"]) == (12, 12)
    rows = {(row["model"], row["agents"]): row for row in found["rows"]}
    assert set(rows) == {(model, agents) for model in "CA" for agents in range(10, 17)}
    assert all(set(row) == KEYS for row in found["rows"])
    assert f"{rows['A', 12]['p_abandon']:.6f}" == "0.061597"
    assert f"{rows['A', 12]['asa_s']:.3f}" == "6.335"
    assert rows["C", 10]["asa_s"] is None  # the queue grows for ever, and JSON has no infinity


def test_staffing_under_a_cap_on_occupancy(okpay: Run) -> None:
    assert okpay("staffing", *LOAD, "--max-occupancy", "0.65", "--json").doc["needed"] == 16


@pytest.mark.parametrize(("lang", "words"), [("zh", ["← 需要", "需要 12 人", "排班 18 人", "损耗 30%"]),
                                             ("en", ["← needed", "12 agents needed", "18 rostered", "endless"])])  # fmt: skip
def test_people_see_the_answer_marked_in_a_table(okpay: Run, lang: str, words: list[str]) -> None:
    done = okpay("staffing", *LOAD, "--patience", "120", "--shrinkage", "0.3", lang=lang)
    assert done.status == 0
    assert [word for word in words if word not in done.out] == []
    marked = [one.split()[:3] for one in done.out.splitlines() if "←" in one]
    assert marked == [["Erlang", "C", "14"], ["Erlang", "A", "12"]]


@pytest.mark.parametrize(
    "words",
    [
        ("--goal", "80"), ("--goal", "1"), ("--aht", "0"), ("--calls", "-1"), ("--calls", "nan"), ("--patience", "0"),
        ("--shrinkage", "1"), ("--shrinkage", "30"), ("--max-occupancy", "0"), ("--interval", "inf"), ("--calls", "1e9"),
    ],
)  # fmt: skip
def test_numbers_of_no_hotline_are_usage_errors_in_two_lines(okpay: Run, words: tuple[str, ...]) -> None:
    done = okpay("staffing", *LOAD, *words, "--json")
    assert (done.status, done.out, len(done.err.splitlines())) == (2, "", 2)


def test_both_commands_load_neither_screens_nor_network_nor_store() -> None:
    code = """
import sys
from okpay_console.__main__ import main
status = main(sys.argv[1:])
heavy = {"textual", "litestar", "httpx", "sqlalchemy", "keyring", "rich", "asyncio"} & set(sys.modules)
print(status, sorted(heavy), file=sys.stderr)
"""
    for words in (["staffing", *LOAD, "--json"], ["stats", "--log", "-", "--json"]):
        done = subprocess.run([sys.executable, "-c", code, *words], input=LOG.encode(), capture_output=True, check=True)
        assert done.stderr.decode().splitlines()[-1] == "0 []", words
