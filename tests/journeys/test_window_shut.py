"""A window that is shut, or a console that is told to end, in the middle of a sentence."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from typing import Any

import pytest

from okpay_console.local.drafts import Drafts
from okpay_console.local.store import open_store


@pytest.mark.terminal
@pytest.mark.parametrize("how", [signal.SIGHUP, signal.SIGTERM], ids=["terminal-closed", "told-to-end"])
def test_osticket_5046_the_last_sentence_before_the_window_is_shut_is_kept(
    world: Any, terminal: Callable[..., Any], how: signal.Signals
) -> None:
    world.hire("wang")
    world.start()
    (made,) = world.run("wang", "ticket", "new", "--subject", "转账未到账", "--channel", "hotline")
    console = terminal("wang", size=(80, 24))
    console.shows("在线")
    console.keys("Enter")
    console.shows("转账未到账")
    console.keys("C-r")
    console.shows("^S")
    console.type("这是最后一句")
    console.shows("这是最后一句")
    os.kill(console.pid(), how)

    def kept() -> str:
        db = open_store(world.folder / "wang" / "data" / "console.okdb", readonly=True)
        try:
            return Drafts(db).get("wang", made["id"], "reply")
        finally:
            db.close()

    world.until(lambda: kept() == "这是最后一句", "the draft on disk")
