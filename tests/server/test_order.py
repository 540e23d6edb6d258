"""The order of changes: what eight writers commit at once, a console that follows along never misses."""

from __future__ import annotations

import asyncio
from typing import Any

import msgspec
import pytest
from sqlalchemy import Column, Integer, MetaData, String, Table, insert, select
from sqlalchemy.ext.asyncio import create_async_engine

from okpay_console.server import history
from okpay_console.server.policy import Who

naive = Table(
    "naive", MetaData(), Column("id", Integer, primary_key=True, autoincrement=True), Column("who", String(9))
)


async def seen_by(house: Any, cursor: str | None) -> tuple[list[str], str]:
    found: list[str] = []
    while True:
        who = Who("x", "agent", frozenset())
        page = await house.context.feed.page(who, client="", cursor=cursor, limit=7, now=house.clock())
        found += [change["id"] for change in msgspec.json.decode(page.changes)]
        cursor = page.cursor
        if not page.more:
            return found, cursor


async def test_of_what_eight_writers_create_a_following_console_misses_nothing(house: Any) -> None:
    writers = [await house.sign_in(f"agent{n}") for n in range(8)]
    done = asyncio.Event()

    async def follow() -> list[str]:
        found, cursor = await seen_by(house, None)
        while not done.is_set():
            more, cursor = await seen_by(house, cursor)
            found += more
        return found + (await seen_by(house, cursor))[0]

    async def write(console: Any) -> list[str]:
        made = [console.author.new(subject=f"{n}", channel="chat") for n in range(12)]
        for op in made:
            await console.push(op)
        return [op.ticket for op in made]

    follower = asyncio.create_task(follow())
    written = [ticket for made in await asyncio.gather(*map(write, writers)) for ticket in made]
    done.set()
    assert sorted(await follower) == sorted(written)


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
async def test_a_cursor_over_a_sequence_would_miss_what_commits_late_and_ours_does_not(house: Any) -> None:
    """The mutant: two transactions whose sequence numbers were drawn in one order and committed in the other."""
    wang = await house.sign_in()
    first, second = await wang.new("slow"), await wang.new("fast")
    engine = create_async_engine(house.database)
    async with engine.begin() as conn:
        await conn.run_sync(naive.metadata.create_all)
    _, cursor = await seen_by(house, None)
    naive_cursor = 0

    async def naive_seen() -> list[str]:
        nonlocal naive_cursor
        query = select(naive).where(naive.c.id > naive_cursor).order_by(naive.c.id)
        rows = await house.context.db.read(lambda conn: list(conn.execute(query)))
        naive_cursor = max([naive_cursor, *(row.id for row in rows)])
        return [row.who for row in rows]

    def touch(conn: Any, ticket: Any) -> None:
        history.commit(conn, now=house.clock(), puts=[ticket])

    async with engine.begin() as slow:
        await slow.execute(insert(naive).values(who="slow"))
        loaded = await slow.run_sync(history.load, first.id)
        async with engine.begin() as fast:
            await fast.execute(insert(naive).values(who="fast"))
            await fast.run_sync(touch, second)
        naive_found = await naive_seen()
        found, cursor = await seen_by(house, cursor)
        await slow.run_sync(touch, loaded)
    await engine.dispose()
    naive_found += await naive_seen()
    found += (await seen_by(house, cursor))[0]
    assert found == [second.id, first.id]
    assert naive_found == ["fast"]


async def test_numbers_of_commits_have_no_gaps_even_where_a_transaction_was_given_up(house: Any) -> None:
    wang = await house.sign_in()
    ticket = await wang.new()

    def gives_up(conn: Any) -> None:
        history.commit(conn, now=house.clock(), puts=[ticket])
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await house.context.db.write(gives_up)
    await wang.new()
    assert (await house.context.db.read(history.head)).seq == 2
