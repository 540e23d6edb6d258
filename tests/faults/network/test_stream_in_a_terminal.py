"""Cases 16, 17, 18 and 25 on the event stream, which only an open console has: what stands on the agent's screen."""

from __future__ import annotations

import asyncio
import importlib.util
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from okpay_console.server import users

STREAM = "GET /v1/events"


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
    """Online only while it is so: a pulled cable, a stopped server and an ended token each show, and each goes away again."""
    house = build()
    case = stage(house)
    console = open_console(case.agent)
    console.shows("在线")

    case.proxy.freeze()
    console.shows("离线")
    case.proxy.calm()
    console.shows("在线")

    # A line without end, a number without end, packed bytes: the stream is dropped, and the next one pokes again.
    before = case.proxy.heard(STREAM)
    for bad in (b"data: " + b"x" * 200_000, b"retry: " + b"9" * 5000 + b"\n\n" + b"y" * 100_000):
        case.proxy.on(STREAM, faults.streaming(bad))
    packed = faults.instead(200, b"\x1f\x8b", kind="text/event-stream", ours=True, Content_Encoding="gzip, gzip")
    case.proxy.on(STREAM, packed)
    case.proxy.cut_all()
    case.proxy.wait(STREAM, before + 4, patience=60)
    house.ticket(case.agent.who, "流恢复以后的来电")
    console.shows("在线", "流恢复以后的来电", patience=30)

    house.stop()
    console.shows("离线")
    house.start()
    console.shows("在线", patience=60)

    asyncio.run(users.revoke_tokens(str(house.database), case.agent.who))
    console.shows("未登录", patience=30)
    console.end()
    house.tokens[case.agent.who] = asyncio.run(users.add_token(str(house.database), case.agent.who))
    # A console whose terminal has gone takes a moment to put everything away; its lock says when it is done.
    assert any(case.agent.run("sync").docs for _ in range(100))
    case.quiet(case.agent)
