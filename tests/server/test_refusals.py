"""Refused sign-ins stand in the audit log: who, from where, when and why, never what was sent, and few lines however many come."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from okpay_console.server import audit, refusals, users
from okpay_console.server.refusals import Refusal, Refusals

from .conftest import House


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    made = House(str(tmp_path / "server.db"))
    try:
        yield made
    finally:
        await made.close()


async def refused(house: House) -> list[tuple[str, str]]:
    rows, broken = await audit.listing(house.database)
    assert broken is None
    return [(row.who, row.about) for row in rows if row.what == refusals.REFUSED]


async def test_each_refusal_has_who_from_where_when_and_why_and_never_what_was_sent(house: House) -> None:
    wang, li = await house.sign_in(), await house.sign_in("li")
    chen = (await users.add_user(house.database, "chen", "agent", token_days=1)).token
    await users.revoke_tokens(house.database, "wang")
    await users.disable(house.database, "li")
    house.later(days=400)
    for token in (wang.token, li.token, chen, "mima-is-Sunshine88", "mima-is-Sunshine88", "another-one"):
        assert (await house.http(token).get("/v1/me")).status_code == 401
    lines = await refused(house)
    assert [line for line in lines if line[0] != "-"] == [
        ("wang", "revoked from=127.0.0.1"), ("li", "disabled from=127.0.0.1"), ("chen", "expired from=127.0.0.1"),
    ]  # fmt: skip
    [first, second] = [about for who, about in lines if who == "-"]
    assert first.startswith("unknown from=127.0.0.1 token=") and first != second
    rows, _ = await audit.listing(house.database)
    assert {row.at for row in rows if row.what == refusals.REFUSED} == {house.moment}
    told = str(rows)
    assert not any(part in told for part in (wang.token, li.token, chen, "Sunshine", "another-one"))


async def test_the_same_unknown_token_has_the_same_name_in_one_house_and_another_elsewhere(
    house: House, tmp_path: Path
) -> None:
    other = House(str(tmp_path / "other.db"))
    try:
        told = []
        for one in (house, house, other):
            await one.http("Sunshine88").get("/v1/me")
            await one.context.refusals.settle()
            told.append((await refused(one))[0][1])
            one.later(hours=1)
        assert told[0] == told[1] != told[2]
    finally:
        await other.close()


async def test_a_flood_is_a_hundred_lines_and_a_sum_and_the_sum_is_right(house: House) -> None:
    seen = Refusals(house.context.db, clock=house.clock)
    for number in range(3000):
        await seen.note(Refusal(f"10.0.{number % 50}.1", "unknown", digest=f"{number:064x}"))
    await seen.close()
    lines = await refused(house)
    assert len(lines) == refusals.IN_ALL + 1
    assert lines[-1] == ("-", f"more={3000 - refusals.IN_ALL} addresses=50 most=10.0.9.1")


async def test_one_address_has_its_share_of_lines_in_ten_minutes_and_begins_anew_after_them(house: House) -> None:
    seen = Refusals(house.context.db, clock=house.clock)
    for number in range(refusals.OF_SOURCE + 5):
        await seen.note(Refusal("10.0.0.1", "unknown", digest=str(number)))
    await seen.note(Refusal("10.0.0.2", "revoked", "wang", "x"))
    house.later(seconds=refusals.WINDOW_S + 1)
    await seen.note(Refusal("10.0.0.1", "unknown", digest="0"))
    abouts = [about for _, about in await refused(house)]
    assert len(abouts) == refusals.OF_SOURCE + 3
    assert abouts[-3:-1] == ["revoked from=10.0.0.2", "more=5 addresses=1 most=10.0.0.1"]
    await seen.close()


async def test_whoever_knocks_at_a_locked_door_is_one_line_however_often(house: House) -> None:
    for number in range(60):
        reply = await house.http(f"okp_{number:08d}x").get("/v1/me")
    assert reply.status_code == 429
    lines = [about for _, about in await refused(house)]
    assert lines.count("locked from=127.0.0.1") == 1
    assert len(lines) == 21
    await house.context.refusals.close()
    assert (await refused(house))[-1][1].startswith("more=39 ")


async def test_memory_has_an_end_however_many_addresses_there_are(house: House) -> None:
    seen = Refusals(house.context.db, clock=house.clock)
    for number in range(refusals.IN_ALL + refusals.ADDRESSES + 500):
        await seen.note(Refusal(f"h{number}", "locked"))
    await seen.close()
    assert (await refused(house))[-1][1].startswith(
        f"more={refusals.ADDRESSES + 500} addresses={refusals.ADDRESSES + 1} "
    )


async def test_a_log_that_cannot_be_written_lets_nobody_in_and_says_so(house: House, monkeypatch: Any) -> None:
    async def full(*_: Any) -> None:
        raise refusals.errors.Unavailable("The server's disk is full.")

    monkeypatch.setattr(house.context.refusals._db, "write", full)
    assert (await house.http(f"okp_{0:08d}x").get("/v1/me")).status_code in (401, 503)
    assert (await house.http(f"okp_{0:08d}x").get("/v1/me")).headers["content-type"] == "application/problem+json"
