"""A shift, from the console in the terminal to the supervisor: opened, on a break, killed, opened again, and shut by a signal."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from typing import Any

import httpx
import pytest


@pytest.mark.terminal
def test_what_an_agent_does_with_the_desk_is_what_the_server_knows_of_the_shift(
    world: Any, terminal: Callable[..., Any]
) -> None:
    world.hire("wang")
    world.hire("boss", role="supervisor")
    world.start()

    def states() -> list[str]:
        reply = httpx.get(f"{world.url}/v1/daybook", headers={"Authorization": f"Bearer {world.tokens['boss']}"})
        return [line["what"] for line in reply.raise_for_status().json()["lines"] if line["kind"] == "state"]

    console = terminal("wang", size=(80, 24))
    world.until(lambda: states() == ["available"], "the shift's begin")
    os.kill(console.pid(), signal.SIGKILL)
    console.end()
    # Back within two minutes: nothing has ended.
    console = terminal("wang", size=(80, 24))
    console.shows("在线")
    assert states() == ["available"]
    [sent] = world.run("boss", "notice", "send", "--to", "wang", "请回电 4 号客户")
    assert sent["state"] == "confirmed"
    os.kill(console.pid(), signal.SIGHUP)
    world.until(lambda: states() == ["available", "offline"], "the shift's end")
    [notice] = world.run("wang", "notice", "list")
    assert notice["words"] == "请回电 4 号客户"
    [state] = world.run("wang", "shift")
    assert (state["user"], state["what"]) == ("wang", "offline")
