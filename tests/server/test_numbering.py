"""Ticket numbers: in order while everybody sees everything, and telling nothing from the first person of some queues on."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from okpay_console.server import numbering, users
from okpay_console.server.db import Database, migrate, upgrade

from .conftest import House

KEYS = [bytes([number]) * 32 for number in range(3)]


@pytest.mark.parametrize(("begin", "last"), [(10_001, 10_400), (7, 1_200), (1, 130), (99_990, 100_300), (500, 500)])
def test_each_number_is_given_once_and_has_as_many_digits_as_the_count(begin: int, last: int) -> None:
    for key in KEYS:
        given = [numbering.number(key, count, begin=begin) for count in range(1, last + 1)]
        assert len(set(given)) == len(given)
        assert given[: begin - 1] == list(range(1, begin))
        assert [len(str(number)) for number in given] == [len(str(count)) for count in range(1, last + 1)]


def test_a_whole_block_is_filled_and_nothing_else() -> None:
    for begin in (1, 37, 400):
        given = {numbering.number(KEYS[0], count, begin=begin) for count in range(begin, 1000)}
        assert given == set(range(begin, 1000))


def order(numbers: list[int]) -> float:
    """Kendall's tau of the numbers with their order: 1 for running ones, about 0 where they tell nothing."""
    pairs = [(a, b) for place, a in enumerate(numbers) for b in numbers[place + 1 :]]
    return sum(1 if a < b else -1 for a, b in pairs) / len(pairs)


def test_numbers_tell_neither_their_order_nor_how_many_lie_between() -> None:
    assert order([numbering.number(b"", count, begin=0) for count in range(10_001, 10_301)]) == 1.0
    for key in KEYS:
        given = [numbering.number(key, count, begin=10_001) for count in range(10_001, 10_301)]
        assert abs(order(given)) < 0.15
        near = sum(abs(a - b) < 900 for a, b in pairwise(given))
        assert near < 0.1 * len(given), "neighbours are as far from one another as any two"
    assert numbering.number(KEYS[0], 10_001, begin=10_001) != numbering.number(KEYS[1], 10_001, begin=10_001)


@pytest.mark.parametrize("how", ["add", "change"])
async def test_numbers_run_until_somebody_is_confined_to_some_queues(tmp_path: Path, how: str) -> None:
    house = House(str(tmp_path / "server.db"))
    try:
        boss = await house.sign_in("boss", "supervisor")
        assert [(await boss.new()).number for _ in range(3)] == [10_001, 10_002, 10_003]
        if how == "add":
            await house.sign_in("wang", queues=("cards",))
        else:
            await house.sign_in("wang")
            await users.change(house.database, "wang", queues=("cards",))
        later = [(await boss.new()).number for _ in range(12)]
        assert sorted(later) != later and min(later) > 10_003 and len(set(later)) == 12
        listed: list[Any] = (await boss.http.get("/v1/tickets")).json()["tickets"]
        assert sorted(one["number"] for one in listed) == sorted([10_001, 10_002, 10_003, *later])
    finally:
        await house.close()


@pytest.mark.parametrize(("queues", "begins"), [("[]", 0), ('["cards"]', 10_007)])
async def test_a_database_of_before_goes_on_as_its_people_are(tmp_path: Path, queues: str, begins: int) -> None:
    database = str(tmp_path / "server.db")
    db = Database(database)

    def before(conn: Any) -> None:
        migrate(conn, "0008")
        words = (
            "INSERT INTO users (name, role, queues, disabled, created_at) VALUES ('wang', 'agent', :queues, false, 0)"
        )
        conn.execute(text(words), {"queues": queues})
        conn.execute(text("UPDATE sync_head SET next_number = 10007"))

    def after(conn: Any) -> Any:
        return conn.execute(text("SELECT numbers_from, length(secret), people FROM sync_head")).one()

    try:
        await db.write(before)
        upgrade(database)
        assert tuple(await db.read(after)) == (begins, 64, 1)
    finally:
        await db.close()
