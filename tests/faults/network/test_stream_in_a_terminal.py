"""Cases 16, 17, 18 and 25 on the event stream, which only an open console has: what stands on the agent's screen."""

from __future__ import annotations

import asyncio
import importlib.util
import re
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from okpay_console.server import users

STREAM = "GET /v1/events"
ONLINE = r"在线 \d+s 前"
OFFLINE = r"离线  \d+s 后重试  数据 \d+s 前"
SIGNED_OUT = r"未登录  数据 \d+s 前"


def _look_now_and_then(holds: Callable[[], Any], what: str, patience: float = 60.0) -> Any:
    deadline = time.monotonic() + patience
    while not (found := holds()):
        assert time.monotonic() < deadline, f"waited {patience:.0f} s in vain for: {what}"
        time.sleep(0.3)
    return found


class Screen:
    """What the terminal of the journeys wants to know of a console."""

    def __init__(self, console: Any) -> None:
        self.folder = console.home
        self._console = console

    def environment(self, _: str, *, lang: str) -> dict[str, str]:
        found: dict[str, str] = self._console.environment(OKPAY_LANG=lang)
        return found


@pytest.fixture
def open_console() -> Iterator[Any]:
    """Opens a person's console in a real terminal."""
    path = Path(__file__).parents[2] / "journeys" / "conftest.py"
    spec = importlib.util.spec_from_file_location("journeys_of_the_network", path)
    assert spec is not None and spec.loader is not None
    journeys = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = journeys
    spec.loader.exec_module(journeys)
    # Each look is a process of its own, and this console mostly waits.
    journeys.until = _look_now_and_then
    opened: list[Any] = []

    def open_one(console: Any) -> Any:
        opened.append(journeys.Terminal(Screen(console), console.who))
        return opened[-1]

    yield open_one
    for one in opened:
        one.end()


@pytest.mark.terminal
def test_the_agent_is_told_the_truth_about_a_stream_that_dies_goes_silent_spouts_nonsense_or_loses_its_token(
    build: Any, stage: Any, faults: Any, open_console: Any
) -> None:
    """Online only while it is so: "在线 … 前", and "离线  … 后重试  数据 … 前" at a pulled cable and a stopped server.

    Of an ended token he reads "未登录  数据 … 前".
    """
    house = build()
    case = stage(house)
    console = open_console(case.agent.hurried())

    def reads(words: str, *also: str, patience: float = 60.0) -> None:
        """Waits for the status line, which is the row with his name, to say so; and for ``also`` anywhere."""

        def seen(screen: str) -> bool:
            row = next((row for row in screen.splitlines() if case.agent.who in row), "")
            return re.search(words, row) is not None and all(text in screen for text in also)

        _look_now_and_then(lambda: seen(console.screen()), f"{words} {also}\n{console.screen()}", patience)

    reads(ONLINE)
    case.proxy.freeze()
    reads(OFFLINE)
    case.proxy.calm()
    reads(ONLINE)

    # A line without end, a number without end, packed bytes: the stream is dropped, and the next one pokes again.
    before = case.proxy.heard(STREAM)
    for bad in (b"data: " + b"x" * 200_000, b"retry: " + b"9" * 5000 + b"\n\n" + b"y" * 100_000):
        case.proxy.on(STREAM, faults.streaming(bad))
    packed = faults.instead(200, b"\x1f\x8b", kind="text/event-stream", ours=True, Content_Encoding="gzip, gzip")
    case.proxy.on(STREAM, packed)
    case.proxy.cut_all()
    case.proxy.wait(STREAM, before + 4, patience=60)
    house.ticket(case.agent.who, "流恢复以后的来电")
    reads(ONLINE, "流恢复以后的来电")

    house.stop()
    reads(OFFLINE)
    house.start()
    reads(ONLINE)

    asyncio.run(users.revoke_tokens(str(house.database), case.agent.who))
    reads(SIGNED_OUT)
    console.end()
    house.tokens[case.agent.who] = asyncio.run(users.add_token(str(house.database), case.agent.who))
    # A console whose terminal has gone takes a moment to put everything away; its lock says when it is done.
    assert any(case.agent.run("sync").docs for _ in range(100))
    case.quiet(case.agent)
