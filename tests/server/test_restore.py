"""A server restored from an older backup is noticed by every console that knew more."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from .conftest import House


@pytest.fixture
async def backup(house: Any, request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Any]:
    """Takes a backup of the database as it is now; calling it gives a server over that backup."""
    opened: list[House] = []
    postgres = None if house.context.db.is_sqlite else request.getfixturevalue("postgres")

    async def take() -> House:
        if postgres is None:
            target = str(tmp_path / "backup.db")
            with closing(sqlite3.connect(house.database)) as live, closing(sqlite3.connect(target)) as copy:
                live.backup(copy)
        else:
            await house.context.db.close()
            name = house.database.rpartition("/")[2]
            target = await asyncio.to_thread(postgres.fresh, name)
        restored = House(target)
        opened.append(restored)
        return restored

    yield take
    for restored in opened:
        await restored.close()


async def test_a_cursor_that_knows_more_than_the_backup_is_gone_and_last_tells_what_is_missing(
    house: Any, backup: Any
) -> None:
    wang = await house.sign_in()
    ticket = await wang.new()
    restored = await backup()
    await wang.push(wang.author.note(ticket, "after the backup"))
    await wang.pull()
    wang.http = restored.http(wang.token)
    assert (await wang.ask(wang.cursor)).status_code == 410
    wang.cursor = None
    assert (await wang.pull()).last.mid == 1


async def test_a_restored_server_that_has_caught_up_in_number_is_still_another_history(house: Any, backup: Any) -> None:
    wang = await house.sign_in()
    ticket = await wang.new()
    restored = await backup()
    await wang.push(wang.author.note(ticket, "lost"))
    await wang.pull()
    other = restored.again(wang, "other")
    other.http = wang.http = restored.http(wang.token)
    await other.push(other.author.note(ticket, "new life"))
    assert (await wang.ask(wang.cursor)).status_code == 410


async def test_a_page_in_the_middle_of_a_catch_up_proves_the_head_and_not_its_own_place(
    house: Any, backup: Any
) -> None:
    wang = await house.sign_in()
    await wang.pull()
    made = [await wang.new(f"{n}") for n in range(4)]
    restored = await backup()
    await wang.push(wang.author.note(made[0], "moves the first ticket to the end of the feed"))
    # The page ends inside what both histories share, and yet ticket 0 is missing from it, because it moved on.
    page = await wang.pull(limit=2)
    assert [change.id for change in page.changes] == [made[1].id, made[2].id]
    wang.http = restored.http(wang.token)
    assert (await wang.ask(wang.cursor)).status_code == 410


async def test_a_restored_server_is_the_same_server(house: Any, backup: Any) -> None:
    wang = await house.sign_in()
    before = (await wang.http.get("/v1/me")).json()["server_id"]
    restored = await backup()
    assert (await restored.http(wang.token).get("/v1/me")).json()["server_id"] == before


async def test_what_the_backup_lost_can_be_pushed_again(house: Any, backup: Any) -> None:
    wang = await house.sign_in()
    ticket = await wang.new()
    restored = await backup()
    items = wang.items(wang.author.note(ticket, "kept by the console"))
    await wang.send(items)
    wang.http = restored.http(wang.token)
    reply = await wang.send(items)
    assert reply.json()["outcomes"][0]["state"] == "confirmed"
    assert (await wang.see(ticket.id)).timeline[-1].text == "kept by the console"
