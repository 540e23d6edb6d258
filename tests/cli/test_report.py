"""``report`` and ``voice``: pages that stand alone, hostile words that stay words, and nothing that leaves without a trace."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import shutil
import stat
import struct
import subprocess
import zlib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from okpay_console.cli import handout, reportpage, voicepage
from okpay_console.cli.naming import namer
from okpay_console.content.reporting import load_wording
from okpay_console.domain import report, voice
from okpay_console.domain.daybook import Line
from okpay_console.domain.moments import SHANGHAI
from okpay_console.domain.queue import Row
from okpay_console.domain.reportlines import lines
from okpay_console.domain.ticket import Call, Mark, Sla
from okpay_console.domain.wallnumbers import House
from okpay_console.domain.watch import Watch

NOW = datetime(2026, 11, 22, 6, 46, tzinfo=UTC)
HOSTILE = '<script>alert(1)</script><img src="https://evil.example/x" onerror=alert(1)>"\'&\u202egnp.exe\x1b[31m'


def made(kind: report.Kind = "week") -> report.Report:
    rows = {}
    for number in range(40):
        at = NOW - timedelta(hours=4 * number, minutes=7)
        steps = (("offered", 0), ("answered", number % 30), ("ended", 200), ("wrapped", 230))
        one = Call("c", HOSTILE, tuple(Mark(event, at + timedelta(seconds=after)) for event, after in steps))
        rows[str(number)] = Row(
            id=str(number), subject=HOSTILE, channel="hotline", category=HOSTILE if number % 3 else "TXN", queue=HOSTILE,
            sla=Sla(resolve_due=at + timedelta(hours=9)), calls=(one,), created_at=at, updated_at=at,
        )  # fmt: skip
    watch = Watch(House(), tz=SHANGHAI)
    watch.read(rows)
    return report.report(watch, kind, NOW.date(), NOW, names=True)


def page_of(kind: report.Kind = "week", lang: str = "zh") -> str:
    one, words = made(kind), load_wording(lang)
    return reportpage.page(one, list(lines(one)), words, name=namer(words), tz=SHANGHAI, made=NOW, synced=NOW)


def voice_of() -> voice.Voice:
    doc = {
        "answers": {"feedback_text": {"value": HOSTILE, "state": "filled"}, "nps": {"value": "9", "state": "filled"}}
    }
    row = Row(id="1", number=20419, subject="s", channel="chat", category="FEEDBACK", created_at=NOW, updated_at=NOW)
    said = voice.said_of(doc, row)
    book = [Line(uuid="1", kind="missed", at=NOW, by="w", words=HOSTILE)]
    assert said is not None
    return voice.listen({"1": row}, [said], book, {HOSTILE: (0, 1)}, {}, now=NOW, days=7)


def test_both_languages_have_the_same_words() -> None:
    zh, en = load_wording("zh"), load_wording("en")
    assert zh.keys() == en.keys()
    for key in sorted(zh.keys()):
        blanks = [sorted(re.findall(r"{(\w+)}", words.say(key))) for words in (zh, en)]
        assert blanks[0] == blanks[1], key


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_number_of_a_report_has_a_name_and_a_formula(lang: str) -> None:
    one, words = made("day"), load_wording(lang)
    for line in lines(one):
        assert words.measure(line.measure, line.section)
        assert "{" not in reportpage.how(line, words, one)


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("kind", ["day", "week", "voice"])
def test_hostile_words_are_words_on_a_page_that_fetches_and_runs_nothing(kind: str, lang: str) -> None:
    words = load_wording(lang)
    text = voicepage.page(voice_of(), words, name=namer(words), tz=SHANGHAI) if kind == "voice" else page_of(kind, lang)  # type: ignore[arg-type]
    assert "&lt;script&gt;alert(1)" in text
    tags = re.findall(r"<[a-zA-Z][^>]*>", text)
    assert not any(re.match(r"<(script|img|link|iframe|object|a|form|base)\b", tag) for tag in tags)
    assert not any(re.search(r"\s(on\w+|src|href|action)\s*=", tag) for tag in tags)
    assert "default-src 'none'" in text and "@import" not in text and "url(" not in text
    assert "\u202e" not in text and "\x1b" not in text
    if kind != "voice":
        assert text.count("<svg") == text.count("<desc") == (4 if kind == "day" else 5)


def test_markdown_takes_nobodys_words_for_its_own_signs() -> None:
    words = load_wording("zh")
    text = voicepage.markdown(voice_of(), words, name=namer(words), tz=SHANGHAI)
    assert "\\<script\\>" in text and "<script>" not in text
    pipes = {len(re.findall(r"(?<!\\)\|", line)) for line in text.splitlines() if "20419" in line}
    assert pipes == {7}


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", " =1", "\u202e=1"])
def test_no_cell_is_taken_for_a_formula(text: str) -> None:
    [[cell]] = csv.reader(io.StringIO(handout.table([[text]]).removeprefix("\ufeff")))
    assert cell.startswith("'")
    assert handout.table([[-1.5]]) == "\ufeff-1.5\r\n"  # a number is one


def size_of(browser: str, page: Path, picture: Path, width: int, height: int) -> list[bytes]:
    """The rows of pixels that the browser paints, RGB or RGBA as it writes them."""
    arguments = [
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--hide-scrollbars",
        f"--user-data-dir={page.parent}/profile",
    ]
    arguments += [f"--window-size={width},{height}", f"--screenshot={picture}", page.as_uri()]
    subprocess.run([browser, *arguments], check=True, capture_output=True, timeout=120)
    data, place, packed, channels = picture.read_bytes(), 8, b"", 4
    while place < len(data):
        length, name = struct.unpack(">I4s", data[place : place + 8])
        body = data[place + 8 : place + 8 + length]
        if name == b"IHDR":
            assert struct.unpack(">II", body[:8]) == (width, height) and body[8] == 8
            channels = {2: 3, 6: 4}[body[9]]
        packed += body if name == b"IDAT" else b""
        place += 12 + length
    return unfiltered(zlib.decompress(packed), width * channels, channels)


def unfiltered(raw: bytes, stride: int, size: int) -> list[bytes]:
    """PNG's filters undone (PNG specification, 9.2)."""
    rows: list[bytes] = []
    above = bytes(stride)
    for start in range(0, len(raw), stride + 1):
        kind, row = raw[start], bytearray(raw[start + 1 : start + 1 + stride])
        for at in range(stride) if kind else ():
            left, up = row[at - size] if at >= size else 0, above[at]
            corner = above[at - size] if at >= size else 0
            guess = left + up - corner
            near = min((abs(guess - left), 0, left), (abs(guess - up), 1, up), (abs(guess - corner), 2, corner))[2]
            row[at] = (row[at] + (0, left, up, (left + up) // 2, near)[kind]) & 255
        above = bytes(row)
        rows.append(above)
    return rows


@pytest.mark.terminal
def test_a_real_browser_paints_the_bars_and_nothing_hangs_over_the_edge(tmp_path: Path) -> None:
    browser = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if browser is None:
        missing = "Chromium is not installed: no chromium, chromium-browser or google-chrome in the PATH"
        pytest.fail(missing) if os.environ.get("CI") else pytest.skip(missing)
    page = tmp_path / "week.html"
    page.write_text(page_of("day"), encoding="utf-8")
    width, height = 640, 700
    rows = size_of(browser, page, tmp_path / "week.png", width, height)
    size = len(rows[0]) // width
    colours = [row[at : at + 3] for row in rows for at in range(0, len(row), size)]
    assert colours.count(b"\x0a\x6f\xb8") > 300, "no bar has its colour"
    paper = rows[0][:3]
    assert paper == b"\xff\xff\xff"
    edge = [row[at : at + 3] for row in rows for at in range((width - 12) * size, width * size, size)]
    assert set(edge) == {paper}, "something hangs over the right edge"


@pytest.fixture(scope="module")
def chief(desk: Callable[..., Any]) -> Any:
    made = desk("chief", "supervisor")
    told = ("--category", "FEEDBACK", "--channel", "chat", "--json")
    first = made("ticket", "new", "--subject", "=HYPERLINK(1)", *told)
    assert first.status == 0, first.err
    told = ("feedback_type=投诉", "feedback_area=转账", "feedback_text=太慢了，打 13800138000", "nps=2")
    filled = made("ticket", "set", first.doc["id"], *told)
    assert filled.status == 0, filled.err
    return made


def test_a_file_is_on_record_before_it_is_written_and_only_its_owner_reads_it(chief: Any, tmp_path: Path) -> None:
    page = tmp_path / "<b>日报.html"
    first = chief("report", "day", "--html", str(page))
    assert (first.status, first.out) == (0, ""), first.err
    assert stat.S_IMODE(page.stat().st_mode) == 0o600
    again = chief("report", "day", "--html", str(page))
    assert again.status == 1 and "--force" in again.err
    told = [line for line in chief("audit", "--local", "--json").docs if line["what"] == "export"]
    assert [(line["kind"], line["place"]) for line in told] == [("report.day", "cli.html")]


def test_what_is_printed_as_documents_lines_and_table_agrees_with_stats(chief: Any) -> None:
    doc, wall = chief("report", "day", "--json").doc, chief("stats", "--json").doc
    assert doc["calls"] == wall["calls"] and doc["resolve"] == wall["resolve"]
    assert doc["tickets"]["open"] == wall["open"] == 1
    told = [json.loads(line) for line in chief("report", "week", "--jsonl", "-").out.splitlines()]
    assert next(one["value"] for one in told if (one["section"], one["measure"]) == ("tickets", "came")) == 1
    rows = list(csv.DictReader(io.StringIO(chief("report", "week", "--csv", "-").out.removeprefix("\ufeff"))))
    assert len(rows) == len(told) and rows[0]["measure"] == "offered"


def test_complaints_and_feedback_of_real_tickets(chief: Any) -> None:
    year = str(datetime.now(SHANGHAI).year)
    doc = chief("report", "year", year, "--json").doc
    assert (doc["count"], doc["handled"], doc["sources"]["feedback"]) == (1, 0, 1)
    assert any("31" in line for line in chief("report", "year", year, "--lang", "en").err.splitlines())
    heard = chief("voice", "--json").doc
    [said] = heard["said"]
    assert (said["type"], said["area"], said["score"], said["text"]) == (
        "complaint",
        "transfer",
        2,
        "太慢了，打 138****8000",
    )


def test_names_are_for_those_who_lead(chief: Any, desk: Callable[..., Any]) -> None:
    assert chief("report", "day", "--agents", "--json").status == 0
    refused = desk("newcomer")("report", "day", "--agents")
    assert refused.status == 1 and "--agents" in refused.err


@pytest.mark.parametrize("arguments", [("day", "morgen"), ("week", "2999-01-01"), ("year", "1"), ("month",)])
def test_a_date_that_is_none_or_to_come_is_a_usage_error(chief: Any, arguments: tuple[str, ...]) -> None:
    assert chief("report", *arguments).status == 2
