"""A console of today goes on with the store of an older one, on a database of an older server."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from okpay_console.server import users
from okpay_console.server.db import upgrade

HERE = Path(__file__).parent.parent


@pytest.mark.parametrize("day", ["0001", "0003"])
async def test_what_waited_in_an_older_store_is_sent_and_confirmed(tmp_path: Path, day: str) -> None:
    from .conftest import Desk

    desk = Desk(tmp_path)
    with closing(sqlite3.connect(desk.database)) as conn:
        conn.executescript((HERE / "server" / "released" / f"{day}.sql").read_text("utf-8"))
    upgrade(desk.database)
    desk.tokens["wang"] = await users.add_token(desk.database, "wang")
    (tmp_path / "wang").mkdir()
    shutil.copyfile(HERE / "local" / "released" / f"{day}.okdb", tmp_path / "wang" / "store")
    await desk.start()
    wang: Any = await desk.console("wang")
    try:
        told = await wang.engine.round()
        assert (told.link, told.pushed, told.pending, told.reviews) == ("online", 1, 0, 0)
        [ticket] = wang.mirror.rows()
        assert wang.texts(ticket)[-1] == "断网时写的"
        assert "查过流水，重复扣款" in wang.texts(ticket)
    finally:
        await wang.close()
        await desk.stop()
