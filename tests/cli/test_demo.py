"""The demo: two real consoles agree with the server, and nothing is left behind however it ends."""

from __future__ import annotations

import asyncio
import signal
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pexpect
import pytest

from okpay_console import wiring
from okpay_console.content.rules import load_rules
from okpay_console.content.solving import solving
from okpay_console.domain.privacy import find_secret
from okpay_console.domain.ticket import CHANNELS
from okpay_console.server.demo import history, load_script
from okpay_console.wiring.rehearsal import rehearse
from okpay_console.wiring.stage import Plan, staged

NOW = datetime(2026, 11, 22, 6, tzinfo=UTC)


@pytest.fixture
def okp(desk: Any, tmp_path: Path) -> Any:
    """A command line that has never signed in, and whose temporary files can be counted."""
    one = desk("visitor")
    (tmp_path / "tmp").mkdir()
    one.env.update(OKPAY_SERVER="", OKPAY_TOKEN="", TMPDIR=str(tmp_path / "tmp"))
    one.left = lambda: list((tmp_path / "tmp").iterdir())
    return one


def test_headless_it_says_what_happened_and_leaves_nothing(okp: Any) -> None:
    done = okp("demo", "--headless", "--seconds", "4", "--tickets", "60", "--speed", "4", "--json")
    assert done.status == 0, done.err
    told = done.doc
    assert told["mirrors_equal"] is True
    assert (told["tickets_seeded"], told["pending"]) == (60, 0)
    assert told["tickets_created"] > 0
    assert told["operations_confirmed"] + told["operations_refused"] == told["operations"] > 0
    assert told["tickets"] == 60 + told["tickets_created"]
    assert okp.left() == []
    assert not any(okp.home.iterdir())


async def test_books_that_differ_are_told_as_different(monkeypatch: pytest.MonkeyPatch) -> None:
    plan = Plan(tickets=5, seed=3, speed=4, lang="en", colleague=False)
    honest = wiring.documents

    def forged(settings: Any) -> Any:
        books = honest(settings)
        if settings.data_dir.endswith("2"):
            next(iter(books.values()))["subject"] = "something else"
        return books

    monkeypatch.setattr(wiring, "documents", forged)
    with staged(plan) as stage:
        report = await rehearse(stage, plan, seconds=0.5)
        assert report.mirrors_equal is False
        # The demo's server reckons by the same rule as its consoles: what counts as solved is known to it.
        wall = await _wall(stage.url, stage.tokens["supervisor"])
        assert set(wall["house"]["solving"]) == solving()
        monkeypatch.undo()
        folder = stage.folder
    assert not folder.exists()


async def _wall(url: str, token: str) -> Any:
    async with asyncio.timeout(30), httpx.AsyncClient(headers={"Authorization": f"Bearer {token}"}) as http:
        while (reply := await http.get(f"{url}/v1/wall")).status_code != 200:
            await asyncio.sleep(0.05)
    return reply.json()


@pytest.mark.terminal
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGKILL])
def test_with_a_screen_nothing_is_left_however_it_is_ended(okp: Any, number: signal.Signals) -> None:
    child = pexpect.spawn(
        sys.executable,
        ["-m", "okpay_console", "demo", "--tickets", "30"],
        env=okp.env,
        dimensions=(36, 120),
        encoding="utf-8",
        codec_errors="replace",
        timeout=60,
    )
    child.expect("准备中")
    child.expect("在线")
    child.kill(number)
    child.expect(pexpect.EOF)
    child.close()
    assert number == signal.SIGKILL or child.exitstatus == 128 + number
    # After a kill the process backstage clears up by itself, in its own time.
    until = time.monotonic() + 30
    while okp.left() and time.monotonic() < until:
        time.sleep(0.05)
    assert okp.left() == []


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_seed_tells_the_same_story_again(lang: str) -> None:
    script, rules = load_script(lang), load_rules()
    first = history(script, count=200, seed=5, now=NOW, rules=rules)
    assert first == history(script, count=200, seed=5, now=NOW, rules=rules)
    assert first != history(script, count=200, seed=6, now=NOW, rules=rules)
    assert {ticket.channel for ticket in first} == set(CHANNELS)
    assert {ticket.status for ticket in first} == {"new", "open", "pending", "closed"}
    assert all(entry.at <= NOW for ticket in first for entry in ticket.timeline)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_no_sentence_of_the_demo_is_a_secret_or_of_a_category_that_does_not_exist(lang: str) -> None:
    script = load_script(lang)
    assert {case.category for case in script.cases} == set(load_rules().checklists)
    texts = [text for case in script.cases for text in (case.subject, case.text)]
    for text in (*texts, *script.follow_ups, *script.notes, *script.replies, *script.promises, *script.summaries):
        assert find_secret(text) is None, text
