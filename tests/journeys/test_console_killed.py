"""A console that is killed in the middle of a word, and one that is opened twice."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from typing import Any

import pytest

WORDS = "客户说付款时提示网络异常，但余额已经少了"


@pytest.fixture
def ticket(world: Any) -> str:
    """A running server, an agent wang who has synced, and the one ticket there is."""
    world.hire("wang")
    world.start()
    (made,) = world.run("wang", "ticket", "new", "--subject", "转账未到账", "--channel", "hotline")
    return str(made["id"])


@pytest.mark.terminal
def test_words_that_were_not_sent_are_there_again_after_kill_9(
    world: Any, terminal: Callable[..., Any], ticket: str
) -> None:
    first = terminal("wang", size=(80, 24))
    first.shows("在线")
    first.keys("Enter")
    first.shows("转账未到账")
    first.keys("C-n")
    first.shows("^S")
    first.type(WORDS)
    world.until(lambda: world.draft("wang", ticket) == WORDS, "the draft on disk")
    os.kill(first.pid(), signal.SIGKILL)
    first.end()
    second = terminal("wang")
    second.shows("在线")
    second.keys("Enter")
    second.shows("转账未到账")
    second.keys("C-n")
    second.shows(WORDS)
    second.keys("C-s")
    second.shows_no("待确认")
    assert world.notes("wang", ticket) == [WORDS]


@pytest.mark.terminal
def test_words_in_the_free_line_are_there_again_after_kill_9(
    world: Any, terminal: Callable[..., Any], ticket: str
) -> None:
    first = terminal("wang", size=(80, 24))
    first.shows("在线")
    first.keys("Enter")
    first.shows("转账未到账")
    first.keys("C-e")
    first.shows("Enter 记下")
    first.type(WORDS)
    world.until(lambda: world.draft("wang", ticket, "free") == WORDS, "the draft on disk")
    os.kill(first.pid(), signal.SIGKILL)
    first.end()
    second = terminal("wang")
    second.shows("在线")
    second.keys("Enter")
    second.shows("转账未到账")
    second.keys("C-e")
    second.shows(WORDS)


@pytest.mark.terminal
def test_a_second_console_is_told_who_has_the_store_and_the_first_works_on(
    world: Any, terminal: Callable[..., Any], ticket: str
) -> None:
    first = terminal("wang")
    first.shows("在线")
    holder = first.pid()
    assert world.refusal("wang", "ticket", "note", ticket, "另一个窗口写的").count(str(holder)) == 1
    assert [shown["id"] for shown in world.run("wang", "tickets", "--limit", "0")] == [ticket]
    first.keys("Enter", "C-n")
    first.shows("^S")
    first.type(WORDS)
    first.keys("C-s")
    first.shows(WORDS)
    world.until(lambda: world.notes("wang", ticket) == [WORDS], "the note in the store")
