"""Wrong tokens are counted, and locked out together with what comes from the same place."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from okpay_console.server import guesses, schema, users
from okpay_console.server.guesses import Guesses, source_of

from .conftest import House


async def knock(house: Any, token: str) -> Any:
    return await house.http(token).get("/v1/me")


async def test_twenty_different_wrong_tokens_lock_the_place_they_came_from(house: Any) -> None:
    wang = await house.sign_in()
    assert (await wang.http.get("/v1/me")).status_code == 200
    fresh = (await users.add_user(house.database, "li", "agent", token_days=None)).token
    statuses = [(await knock(house, f"okp_{number:08d}x")).status_code for number in range(20)]
    assert statuses == [401] * 19 + [429]
    refused = await knock(house, fresh)
    assert (refused.status_code, refused.json()["type"]) == (429, "/problems/too-many"), (
        "a right token is refused as well"
    )
    assert 0 < int(refused.headers["retry-after"]) <= 300
    assert (await wang.http.get("/v1/me")).status_code == 200, "whoever works goes on working"
    house.later(seconds=301)
    assert (await knock(house, fresh)).status_code == 200
    rows = await house.context.db.read(
        lambda conn: list(conn.execute(select(schema.audit.c.what, schema.audit.c.about)))
    )
    assert ("sign-in.lock", "source 127.0.0.1") in [tuple(row) for row in rows]


async def test_a_second_lock_of_a_day_lasts_twice_as_long(house: Any) -> None:
    for begin, lasts in ((0, 300), (100, 600), (200, 1200)):
        for number in range(20):
            reply = await knock(house, f"okp_{begin + number:08d}x")
        assert reply.status_code == 429 and int(reply.headers["retry-after"]) == lasts
        house.later(seconds=lasts + 1)


async def test_every_process_knows_a_lock(house: Any) -> None:
    other = House(house.database)
    other.moment = house.moment
    try:
        token = (await users.add_user(house.database, "li", "agent", token_days=None)).token
        for number in range(20):
            await knock(house if number % 2 else other, f"okp_{number:08d}x")
        assert [(await knock(one, token)).status_code for one in (house, other)] == [429, 429]
    finally:
        await other.close()


async def test_five_tokens_that_begin_alike_lock_what_begins_so_and_nothing_else(house: Any) -> None:
    fresh = (await users.add_user(house.database, "li", "agent", token_days=None)).token
    statuses = [(await knock(house, f"{fresh[:12]}guess{number}")).status_code for number in range(5)]
    assert statuses == [401] * 4 + [429]
    assert (await knock(house, fresh)).status_code == 429
    other = (await users.add_user(house.database, "wu", "agent", token_days=None)).token
    assert (await knock(house, other)).status_code == 200


async def test_the_same_wrong_token_again_and_again_is_one_guess(house: Any) -> None:
    """A console whose token was taken back and that does not stop asking locks nobody out."""
    assert {(await knock(house, "okp_gone")).status_code for _ in range(30)} == {401}
    gone = (await users.add_user(house.database, "li", "agent", token_days=None)).token
    await users.revoke_tokens(house.database, "li")
    assert {(await knock(house, gone)).status_code for _ in range(30)} == {401}


async def test_neither_tokens_nor_their_beginnings_are_kept(house: Any) -> None:
    await knock(house, "okp_abcdefgh-and-more")
    rows = await house.context.db.read(lambda conn: [tuple(row) for row in conn.execute(select(schema.guesses))])
    assert len(rows) == 2 and "okp_" not in str(rows) and "abcdefgh" not in str(rows)


async def test_without_a_limit_nothing_is_counted(tmp_path: Any) -> None:
    house = House(str(tmp_path / "x.db"), guesses=0)
    try:
        assert {(await knock(house, f"okp_{number:08d}x")).status_code for number in range(40)} == {401}
    finally:
        await house.close()


async def test_the_harness_sees_a_server_that_does_not_count(house: Any, monkeypatch: Any) -> None:
    async def forgets(*_: Any) -> None:
        return None

    monkeypatch.setattr(Guesses, "wrong", forgets)
    assert {(await knock(house, f"okp_{number:08d}x")).status_code for number in range(25)} == {401}


@pytest.mark.parametrize(
    ("client", "source"),
    [
        (None, "local"), (("10.0.0.7", 1), "10.0.0.7"), (("::ffff:10.0.0.7", 1), "10.0.0.7"),
        (("2001:db8:1:2:3:4:5:6", 1), "2001:db8:1:2::/64"), (("testclient", 1), "testclient"), (("", 1), "local"),
    ],
)  # fmt: skip
def test_a_source_is_an_address_or_the_network_of_one_customer(client: Any, source: str) -> None:
    assert source_of(client) == source


def test_a_flood_of_sources_does_not_fill_the_memory() -> None:
    recent: Any = guesses._Recent()
    for number in range(guesses._REMEMBERED + 50):
        recent.put(number, 1)
    assert (len(recent._until), recent.get(0), recent.get(60)) == (guesses._REMEMBERED, 0, 1)
