"""Who else has a case open: told between consoles and processes, to those who may see the ticket, and kept in no ticket."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx
import msgspec
import pytest
from sqlalchemy import text

from okpay_console.domain.presence import Beside, Company, Here
from okpay_console.domain.ticket import to_doc

from .conftest import House


def others(reply: httpx.Response) -> list[tuple[str, bool]]:
    assert reply.status_code == 200, reply.text
    found = msgspec.json.decode(reply.content, type=Company).others
    return [(one.user, one.writing) for one in found]


async def tell(console: Any, ticket: str = "", *, writing: bool = False, left: tuple[str, ...] = ()) -> httpx.Response:
    reply: httpx.Response = await console.http.post(
        "/v1/presence", content=msgspec.json.encode(Here(ticket, writing, left))
    )
    return reply


@pytest.fixture
async def house(database: str) -> AsyncIterator[House]:
    made = House(database, presence_share_s=0.0)
    yield made
    await made.close()


@pytest.fixture
async def process(house: House, database: str) -> AsyncIterator[House]:
    """A second process of the same server."""
    made = House(database, presence_share_s=0.0)
    yield made
    await made.close()


async def test_whoever_opens_a_case_hears_who_has_it_open_already(house: House) -> None:
    wang, li = await house.sign_in("wang"), await house.sign_in("li")
    ticket = await wang.new()
    assert others(await tell(wang, ticket.id)) == []
    assert others(await tell(li, ticket.id, writing=True)) == [("wang", False)]
    assert others(await tell(wang, ticket.id)) == [("li", True)]
    assert others(await tell(li, ticket.id)) == [("wang", False)]
    assert others(await tell(wang, ticket.id)) == [("li", False)]


async def test_another_process_knows_it_too(house: House, process: House) -> None:
    wang = await house.sign_in("wang")
    li = await process.sign_in("li")
    ticket = await wang.new()
    await tell(wang, ticket.id, writing=True)
    assert others(await tell(li, ticket.id)) == [("wang", True)]
    # By whichever process he says so, a case that was left is left everywhere.
    moved = process.again(wang, "elsewhere")
    moved.http = process.http(wang.token)
    await tell(moved, left=(ticket.id,))
    assert others(await tell(li, ticket.id)) == []
    wang.http = house.http(wang.token)
    assert others(await tell(wang, ticket.id)) == [("li", False)]


async def test_whoever_is_not_heard_of_for_25_seconds_is_not_there(house: House) -> None:
    wang, li = await house.sign_in("wang"), await house.sign_in("li")
    ticket = await wang.new()
    await tell(wang, ticket.id)
    house.later(seconds=24)
    assert others(await tell(li, ticket.id)) == [("wang", False)]
    house.later(seconds=2)
    assert others(await tell(li, ticket.id)) == []
    rows = await house.context.db.read(lambda conn: conn.execute(text('SELECT "user" FROM presence')).scalars().all())
    assert list(rows) == ["li"]


async def test_whoever_goes_on_to_another_case_leaves_the_first(house: House) -> None:
    wang, li = await house.sign_in("wang"), await house.sign_in("li")
    first, second = await wang.new(), await wang.new("Another")
    await tell(wang, first.id)
    assert others(await tell(wang, second.id, left=(first.id,))) == []
    assert others(await tell(li, first.id)) == []
    assert others(await tell(li, second.id, left=(first.id,))) == [("wang", False)]


async def test_company_is_told_within_the_persons_queues_only(house: House) -> None:
    boss, vip, general = (
        await house.sign_in("boss", "supervisor"), await house.sign_in("vip", queues=("vip",)),
        await house.sign_in("general", queues=("general",)),
    )  # fmt: skip
    ticket = await boss.new(queue="vip")
    await tell(boss, ticket.id)
    assert others(await tell(vip, ticket.id)) == [("boss", False)]
    refused = await tell(general, ticket.id)
    assert (refused.status_code, refused.json()["type"].rsplit("/", 1)[-1].rsplit(":", 1)[-1]) == (404, "not-found")
    assert "boss" not in refused.text
    assert [name for name, _ in others(await tell(boss, ticket.id))] == ["vip"]


async def test_a_machine_is_nobody_to_meet_and_rubbish_is_refused(house: House) -> None:
    wang, robot = await house.sign_in("wang"), await house.sign_in("robot", "integration")
    ticket = await wang.new()
    assert (await tell(robot, ticket.id)).status_code == 403
    assert (await tell(wang, "no such ticket\x00")).status_code == 404
    assert (await wang.http.post("/v1/presence", content=b"{")).status_code == 422
    assert (await wang.http.post("/v1/presence", json={"ticket": 5})).status_code == 422
    assert (await house.http().post("/v1/presence", json={})).status_code == 401


async def test_presence_changes_no_ticket_and_wakes_no_console(house: House) -> None:
    wang, li = await house.sign_in("wang"), await house.sign_in("li")
    ticket = await wang.new()
    before, cursor = to_doc(await wang.see(ticket.id)), (await wang.pull()).cursor
    await tell(wang, ticket.id, writing=True)
    await tell(li, ticket.id)
    assert to_doc(await wang.see(ticket.id)) == before
    page = await wang.pull()
    assert page.changes == [] and page.cursor == cursor


async def test_500_consoles_cost_the_database_one_exchange_a_second_and_not_500(database: str) -> None:
    made = House(database, presence_share_s=3600.0)
    wang = await made.sign_in("wang")
    ticket = await wang.new()
    presence, agents = made.context.presence, [await made.sign_in(f"agent{n}") for n in range(5)]
    try:
        await tell(wang, ticket.id)
        assert presence.shares == 1
        for _ in range(20):
            await asyncio.gather(*(tell(agent, ticket.id) for agent in agents))
        assert presence.shares == 1
        assert len(others(await tell(wang, ticket.id))) == 5
        made.later(seconds=26)
        assert others(await tell(wang, ticket.id)) == [], "also between two exchanges nobody outstays his time"
    finally:
        await presence.close()
        await made.close()


async def test_a_database_that_does_not_answer_costs_the_news_of_other_processes_only(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    from okpay_console import errors

    wang, li = await house.sign_in("wang"), await house.sign_in("li")
    ticket = await wang.new()

    async def broken(_: Any) -> Any:
        raise errors.Unavailable("The database does not answer.")

    with monkeypatch.context() as patched:
        patched.setattr(house.context.db, "write", broken)
        await tell(wang, ticket.id)
        assert others(await tell(li, ticket.id)) == [("wang", False)]
    assert others(await tell(li, ticket.id)) == [("wang", False)]


def test_a_beside_says_only_name_and_whether_he_writes() -> None:
    assert set(msgspec.to_builtins(Beside("li", True))) == {"user", "writing"}
