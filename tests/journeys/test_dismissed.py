"""A person who is dismissed, or moved, while his desk is open: what the screen does, and what is left on the machine."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest


@pytest.mark.terminal
def test_a_desk_of_somebody_who_is_moved_says_so_and_one_of_somebody_disabled_closes_and_is_wiped(
    staffed: Any, terminal: Callable[..., Any]
) -> None:
    world = staffed
    (kept,) = world.run("wang", "ticket", "new", "--subject", "留下的工单", "--channel", "hotline")
    (moved,) = world.run("wang", "ticket", "new", "--subject", "移走的工单", "--channel", "hotline", "--queue", "l2")
    console = terminal("wang", size=(120, 36))
    console.shows("在线", "留下的工单", "移走的工单")
    # The one that will be taken away is open, with words that are not sent.
    console.keys("C-f")
    console.type("移走")
    console.keys("Enter", "Enter", "C-n")
    console.shows("^S")
    console.type("还没发的话")
    world.until(lambda: world.draft("wang", moved["id"]) == "还没发的话", "the draft on disk")
    world.run("server", "admin", "user", "role", "wang", "--queues", "general")
    console.shows("你的队列改成了", "其他队列的工单随即从本机移走")
    console.shows("已不在您的范围内")
    console.shows_no("移走的工单")
    assert world.draft("wang", moved["id"]) == "还没发的话"
    console.keys("Escape", "Escape")
    console.shows("留下的工单")
    console.keys("Enter")
    console.keys("C-n")
    console.shows("^S")
    console.type("没写完的一句")
    world.until(lambda: world.draft("wang", kept["id"]) == "没写完的一句", "the draft on disk")
    world.run("server", "admin", "user", "disable", "wang")
    shown = console.shows("账号 wang 已停用", "本机数据已清除")
    assert "没写完的一句" not in shown and kept["id"] in shown.replace("\n", ""), (
        "whose words are gone is said, not the words"
    )
    data = world.folder / "wang" / "data"
    assert sorted(path.name for path in data.iterdir()) == ["wiped.json"]
    told = (data / "wiped.json").read_text()
    assert kept["id"] in told and moved["id"] in told and "没" not in told, (
        "tickets with unsent words, and not the words"
    )
