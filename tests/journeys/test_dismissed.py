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
    world.run("server", "admin", "user", "role", "wang", "--queues", "general")
    console.shows("你的队列改成了", "其他队列的工单随即从本机移走")
    console.shows_no("移走的工单")
    console.keys("Escape", "Enter")
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
    assert moved["id"] not in (data / "wiped.json").read_text()
