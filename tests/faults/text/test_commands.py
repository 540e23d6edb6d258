"""Hostile words made over the HTTP interface, and every command that prints or writes them: tables, pages, files, errors."""

from __future__ import annotations

import csv
import html.parser
import io
import json
import os
import re
import shutil
import subprocess
import sys
import unicodedata
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import pytest

from okpay_console.__main__ import main
from okpay_console.domain.cells import unguarded
from okpay_console.domain.harmless import in_cell

from ...cli.conftest import Done, House, Okp, desk, house
from ...journeys.conftest import Terminal, until
from ...zygote import Ended
from .corpus import CORPUS, FIRST, FORMULAS, GROUPS, cells, found, said

__all__ = ["desk", "house"]

JOINED = "\u200d\ufe0f\U000e0100\u200c" + "".join(map(chr, range(0xE0020, 0xE0080)))
"""What may be unseen on one line, because it means something."""
NASTY = "甲\x9b2J\x1b]52;c;cHdu\x07\u202e\u200b[@click=app.quit]<script>document.title='PWNED'</script>\u2028乙"
RISKY = tuple("=+-@\t\r\n＝＋－＠")


class Near(NamedTuple):
    """One person's command line, run in this process: what it imports is imported once."""

    who: Okp

    def __call__(self, *words: str, stdin: str = "") -> Done:
        given, out, err = (io.TextIOWrapper(io.BytesIO(one), encoding="utf-8") for one in (stdin.encode(), b"", b""))
        with pytest.MonkeyPatch.context() as patch:
            for name, value in self.who.env.items():
                patch.setenv(name, value)
            for name, stream in (("stdin", given), ("stdout", out), ("stderr", err)):
                patch.setattr(sys, name, stream)
            status = main(words)
            out.flush()
            err.flush()
        return Done(Ended(status, out.buffer.getvalue(), err.buffer.getvalue()))


class Floor(NamedTuple):
    """A supervisor's console that has every hostile ticket, and the ids by the name of their text."""

    boss: Near
    made: dict[str, str]
    token: str


def whole(name: str) -> str:
    """A text as it is sent: formulas with nothing before them."""
    return CORPUS[name] if name in FORMULAS else said(name)


def first(name: str) -> dict[str, Any]:
    """A first contact as another system tells it."""
    text = whole(name)
    caller = {"name": text, "handle": text}
    return {
        "subject": text,
        "text": text,
        "channel": "chat",
        "category": "FEEDBACK",
        "tags": [text[:40]],
        "caller": caller,
    }


@pytest.fixture(scope="module")
def floor(house: House, desk: Callable[..., Okp]) -> Iterator[Floor]:
    token = house.user("api", "integration")
    boss = Near(desk("boss", "supervisor"))
    head = {"Authorization": f"Bearer {token}"}
    made: dict[str, str] = {}
    with httpx.Client(base_url=house.url, headers=head, timeout=60) as http:
        for name in ("equals", "osc52"):
            reply = http.post("/v1/tickets", json=first(name), headers={"Idempotency-Key": name})
            made[name] = reply.raise_for_status().json()["id"]
        rest = sorted({*CORPUS} - {*made})
        reply = http.post("/v1/tickets/batch", json={"items": [first(name) for name in rest]})
        results = reply.raise_for_status().json()["items"]
        assert {one["state"] for one in results} == {"created"}
        made |= {rest[one["index"]]: one["id"] for one in results}
    synced = boss("sync", "--json")
    assert synced.status == 0, synced.err
    yield Floor(boss, made, token)


def harmless(text: str, *, also: str = "") -> list[str]:
    """What a terminal would still obey in it, or nobody sees though it means nothing. Documents are exact: what cannot be seen
    and does nothing may stay in them."""
    left = found(text, lines="\n" + JOINED + also)
    if text[:1] == "{":
        return [
            one
            for one in left
            if unicodedata.category(chr(int(one.removeprefix("U+"), 16))) in ("Cc", "Cf", "Cs", "Zl", "Zp")
        ]
    return left


def test_every_text_is_taken_and_kept_to_the_letter(floor: Floor) -> None:
    """Nothing is cleaned on its way in: what was said is what an investigation must find."""
    kept = {one["id"]: one["subject"] for one in floor.boss("tickets", "--json", "--limit", "0").docs}
    assert {name: kept[ticket] for name, ticket in floor.made.items()} == {name: whole(name) for name in CORPUS}


@pytest.mark.parametrize(
    "words",
    [
        ("tickets", "--limit", "0"),
        ("tickets", "--limit", "0", "--json"),
        ("tickets", "--search", "甲", "--limit", "0"),
        ("ticket", "show", "{osc52}"),
        ("ticket", "show", "{rlo}", "--json"),
        ("ticket", "why", "{zalgo}"),
        ("voice",),
        ("voice", "--json"),
        ("voice", "--markdown", "-"),
        ("report", "day"),
        ("stats",),
        ("export", "tickets"),
        ("export", "timeline"),
    ],
)
def test_what_a_command_prints_is_obeyed_by_no_terminal(floor: Floor, words: tuple[str, ...]) -> None:
    done = floor.boss(*(word.format(**floor.made) for word in words))
    assert done.status == 0, done.err
    assert done.out
    assert (harmless(done.out), harmless(done.err)) == ([], [])
    if words[0] == "tickets" and "--json" not in words:
        _head, *rows = done.out.splitlines()
        assert sum(FIRST in row or "=" in row for row in rows) >= len(floor.made) // 2


@pytest.mark.parametrize(
    "words",
    [
        (NASTY,),
        ("ticket", NASTY),
        ("ticket", "show", NASTY),
        ("ticket", "show", "../../v1/users"),
        ("ticket", "claim", ".."),
        ("ticket", "set", "{osc52}", f"{NASTY}=1"),
        ("ticket", "set", "{osc52}", f"feedback_type={NASTY}"),
        ("ticket", "assign", "{osc52}", NASTY),
        ("tickets", "--view", NASTY),
        ("tickets", "--where", NASTY),
        ("answers", "show", NASTY),
        ("answers", NASTY),
        ("answers", "import", NASTY),
        ("import", "tickets", NASTY),
        ("stats", "--log", NASTY),
        ("export", NASTY),
        ("export", "tickets", "--where", NASTY),
        ("export", "tickets", "--out", f"/nowhere/{NASTY}"),
        ("report", "day", NASTY),
        ("report", "day", "--html", f"/nowhere/{NASTY}"),
        ("notice", "send", "--to", NASTY, "x"),
        ("alarm", "remove", NASTY),
        ("sync", "--server", f"http://{NASTY}"),
        ("sync", "--config", f"/nowhere/{NASTY}"),
        ("shift", "break", "--reason", NASTY),
    ],
)
def test_what_is_said_about_it_is_obeyed_by_no_terminal_either(floor: Floor, words: tuple[str, ...]) -> None:
    done = floor.boss(*(word.replace("{osc52}", floor.made["osc52"]) for word in words))
    assert (harmless(done.out), harmless(done.err)) == ([], [])
    assert "Traceback" not in done.err and len(done.err) < 2000


def test_a_line_of_a_megabyte_is_refused_in_two_lines(floor: Floor, house: House) -> None:
    long = "很" * 1_000_000
    done = floor.boss("ticket", "note", floor.made["osc52"], "-", stdin=long + "\n")
    assert done.status == 1 and len(done.err) < 1000, done.err[:300]
    head = {"Authorization": f"Bearer {floor.token}", "Idempotency-Key": "long"}
    for sent in ({"subject": long, "channel": "chat"}, {"subject": "x", "channel": "chat", "text": long}):
        reply = httpx.post(f"{house.url}/v1/tickets", json=sent, headers=head, timeout=60)
        assert 400 <= reply.status_code < 500 and len(reply.text) < 1000


@pytest.mark.parametrize(
    "half", ['{"subject":"a\\ud800b","channel":"chat"}', '{"subject":"\\udfff\\ud800","channel":"chat"}']
)
def test_half_a_pair_is_refused_at_the_door(floor: Floor, house: House, half: str) -> None:
    """A lone surrogate has no UTF-8 (RFC 8259, 8.2): it could be neither stored nor shown."""
    head = {"Authorization": f"Bearer {floor.token}", "Idempotency-Key": "half", "Content-Type": "application/json"}
    assert httpx.post(f"{house.url}/v1/tickets", content=half, headers=head).status_code == 422


def test_no_cell_of_a_file_is_run_and_each_gives_back_what_was_said(floor: Floor, tmp_path: Path) -> None:
    for what in ("tickets", "timeline"):
        out = tmp_path / f"{what}.csv"
        why = ("--unmask", "--reason", "audit")
        assert floor.boss("export", what, "--out", str(out), *why).status == 0
        text = out.read_bytes().decode()
        assert harmless(text, also="\r\t") == []
        rows = list(csv.DictReader(io.StringIO(text, newline=""), strict=True))
        field = "subject" if what == "tickets" else "text"
        cells = [cell for row in rows for cell in row.values()]
        assert not [cell for cell in cells if cell.lstrip().startswith(RISKY) and not re.fullmatch(r"-?[\d.]+", cell)]
        parts = [part for cell in cells for part in re.split("[;\t\r\n]", cell)]
        assert not [part for part in parts if part.lstrip().startswith(RISKY)], (
            "nor where another separator begins a cell"
        )
        back = {unguarded(row[field]) for row in rows}
        assert {in_cell(whole(name)) for name in CORPUS} <= back
    exact = tmp_path / "tickets.jsonl"
    assert floor.boss("export", "tickets", "--out", str(exact), *why).status == 0
    said_so = {json.loads(line)["subject"] for line in exact.read_text("utf-8").splitlines()}
    assert {whole(name) for name in CORPUS} <= said_so


class Tags(html.parser.HTMLParser):
    """Which elements and attributes a page has, and its words."""

    def __init__(self) -> None:
        super().__init__()
        self.elements: set[str] = set()
        self.attributes: set[str] = set()
        self.words = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.add(tag)
        self.attributes |= {name for name, _ in attrs}

    def handle_data(self, data: str) -> None:
        self.words += data


@pytest.fixture(scope="module")
def page(floor: Floor) -> str:
    """The page of what customers said, where they said markup."""
    told = [said(name) for name in (*GROUPS["markup"], "rlo", "zwsp", "zalgo", "hyperlink", "tags")]
    for at, name in enumerate(("script", "svg", "close")):
        words = " ".join(told[at::3])
        done = floor.boss("ticket", "set", floor.made[name], "feedback_type=complaint", f"feedback_text={words}")
        assert done.status == 0, done.err
    done = floor.boss("voice", "--html", "-")
    assert done.status == 0, done.err
    return str(done.out)


def test_a_page_has_no_element_and_no_attribute_of_a_caller(floor: Floor, page: str) -> None:
    empty, seen = Tags(), Tags()
    day = floor.boss("report", "day", "--html", "-").out
    for text in (page, day):
        assert harmless(text) == []
        seen.feed(text)
        seen.close()
    assert seen.elements <= {
        "html", "head", "meta", "title", "style", "body", "main", "h1", "h2", "p", "section", "table", "thead", "tbody", "tr", "th",
        "td", "div", "span", "b", "i", "code", "figure", "figcaption", "svg", "desc", "g", "line", "rect", "text", "path",
    }, seen.elements  # fmt: skip
    assert not [name for name in seen.attributes if name.startswith("on") or name in ("href", "src", "xlink:href")]
    assert "<script>document.title='PWNED'" in seen.words and "</td></table></main>" in seen.words
    assert empty.elements == set()


@pytest.mark.terminal
def test_a_real_browser_runs_nothing_of_it(page: str, tmp_path: Path) -> None:
    """The page's own policy is taken away first: the words themselves must hold."""
    browser = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if browser is None:
        missing = "Chromium is not installed: no chromium, chromium-browser or google-chrome in the PATH"
        pytest.fail(missing) if os.environ.get("CI") else pytest.skip(missing)
    bare = page.replace("default-src 'none'; style-src 'unsafe-inline'", "default-src * 'unsafe-inline'")
    assert bare != page
    canary = "<script>document.body.dataset.alive='1'</script></body>"
    file = tmp_path / "voice.html"
    file.write_text(bare.replace("</body>", canary, 1), encoding="utf-8")
    drawn = subprocess.run(
        [browser, "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={tmp_path}", "--dump-dom", file.as_uri()],
        capture_output=True, check=True, timeout=120,
    ).stdout.decode()  # fmt: skip
    assert "data-alive" in drawn, "scripts run in this browser"
    assert "<title>PWNED" not in drawn and "data-pwned" not in drawn
    assert drawn.count("<script") == 1


class Place(NamedTuple):
    """What a terminal needs of a world: a folder, and an environment for its one person."""

    folder: Path
    env: dict[str, str]

    def environment(self, _: str, *, lang: str = "zh") -> dict[str, str]:
        return {**self.env, "OKPAY_LANG": lang, "LANG": "C.UTF-8", "PYTHONUTF8": "1"}


def column(row: str, sign: str) -> int:
    """The cell in which something stands."""
    return cells(row[: row.rindex(sign)])


@pytest.mark.terminal
def test_a_real_terminal_obeys_none_of_it_and_its_columns_stay(floor: Floor, tmp_path: Path) -> None:
    """tmux records what the program writes, keeps what clipboard and title would be given, and says what it shows."""
    if not shutil.which("tmux"):
        missing = "tmux is not installed"
        pytest.fail(missing) if os.environ.get("CI") else pytest.skip(missing)
    raw = tmp_path / "raw"
    world: Any = Place(tmp_path, floor.boss.who.env)
    shown: list[str] = []
    seat = Terminal(world, "boss", size=(80, 24))
    try:
        seat._tmux("set-option", "-g", "set-clipboard", "on")
        seat._tmux("pipe-pane", "-t", "boss", f"cat > {raw}")
        shown.append(seat.shows("10001", "F1"))
        last = str(10_000 + len(CORPUS))
        while last not in shown[-1]:
            before = shown[-1]
            seat.keys("PageDown")
            shown.append(until(lambda before=before: (now := seat.screen()) != before and now, "the next page"))
        seat.keys("Home", "Down", "Enter")
        shown.append(seat.shows("甲^[]52;c;cm0gLXJmIH4=^G乙"))
        seat.keys("C-n")
        seat.type("ok\x1b]0;PWNED\x07")
        shown.append(seat.shows("ok"))
        title, buffers = (seat._tmux("display-message", "-p", "#{pane_title}"), seat._tmux("list-buffers"))
        assert seat._tmux("display-message", "-p", "#{pane_dead} #{alternate_on}").split() == ["0", "1"]
    finally:
        seat.end()
    listed = [row for screen in shown[:-2] for row in screen.splitlines() if re.search(r"\b10[01]\d\d\b", row)]
    assert len(listed) > len(CORPUS) / 2
    assert len({column(row, "在线") for row in listed}) == 1, "every subject is as wide as it was laid out"
    assert all(cells(row) <= 80 for screen in shown for row in screen.splitlines())
    assert "PWNED" not in title and buffers == ""
    written = raw.read_bytes()
    assert len({*re.findall(rb"10[01]\d\d", written)}) > len(CORPUS) / 2, "the queue was drawn"
    for text in GROUPS["escapes"].values():
        assert len(text) < 4 or text.encode() not in written
    assert not re.findall(rb"\x1b(?:[P_^X]|\](?:0|1|2|52|8);)[^\x1b]{0,20}", written)
    assert not re.findall("[\x80-\x9f\u202a-\u202e\u2066-\u2069\u200b\ufeff]", written.decode())
