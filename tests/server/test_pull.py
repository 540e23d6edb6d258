"""The change feed: each sentence of the protocol's section on pulling."""

from __future__ import annotations

import gzip
from typing import Any

import msgspec
import pytest
from sqlalchemy import delete

from okpay_console.domain import wire
from okpay_console.server import cursor as cursors
from okpay_console.server import feed, history, opaque, schema, users
from okpay_console.server.policy import Who


async def bury(house: Any, ticket: str) -> None:
    await house.context.db.write(lambda conn: history.commit(conn, now=house.clock(), gone=[ticket]))


async def test_without_a_cursor_it_lists_every_living_ticket_and_skips_tombstones(house: Any) -> None:
    wang = await house.sign_in()
    kept, buried = await wang.new("kept"), await wang.new("buried")
    await bury(house, buried.id)
    page = await wang.pull()
    assert [(change.kind, change.id, change.rev, change.gone) for change in page.changes] == [
        ("ticket", kept.id, 1, False)
    ]
    assert not page.more


async def test_after_a_cursor_it_sends_only_what_changed_since(house: Any) -> None:
    wang = await house.sign_in()
    first = await wang.new("first")
    await wang.new("second")
    await wang.pull()
    assert (await wang.pull()).changes == []
    await wang.push(wang.author.note(first, "called back"))
    [change] = (await wang.pull()).changes
    assert (change.id, change.rev) == (first.id, 2)
    assert change.doc is not None and change.doc["timeline"][-1]["text"] == "called back"


async def test_a_tombstone_reaches_a_console_that_may_hold_the_ticket(house: Any) -> None:
    wang = await house.sign_in()
    buried = await wang.new()
    await wang.pull()
    await bury(house, buried.id)
    assert (await wang.pull()).changes == [wire.Change("ticket", buried.id, gone=True)]


async def test_pages_hold_whole_commits(house: Any) -> None:
    wang, batch = await house.sign_in(), await house.sign_in("erp", "integration")
    await wang.new("alone")
    items = [{"subject": f"one of three, {n}", "channel": "email"} for n in range(3)]
    await batch.http.post("/v1/tickets/batch", json={"items": items})
    await wang.new("last")
    sizes = []
    while True:
        page = await wang.pull(limit=2)
        sizes.append(len(page.changes))
        if not page.more:
            break
    assert sizes == [1, 3, 1]


async def test_a_page_is_at_most_a_mebibyte_unless_one_commit_is_larger(house: Any) -> None:
    wang = await house.sign_in()
    for n in range(10):
        await wang.new(f"{n}", text="字" * 39_000)
    first = await wang.pull()
    second = await wang.pull()
    assert first.more and not second.more
    assert len(first.changes) + len(second.changes) == 10
    assert wire.PAGE_BYTES * 3 // 4 < len(msgspec.json.encode(first)) <= wire.PAGE_BYTES


async def test_a_relist_is_not_itself_expired_when_the_past_is_trimmed_under_it(house: Any) -> None:
    wang = await house.sign_in()
    for n in range(6):
        await wang.new(f"{n}")
    await wang.pull(limit=2)
    assert await feed.trim(house.context.db, 6) == 6
    page = await wang.pull(limit=2)
    assert len(page.changes) == 2


async def test_a_ticket_buried_during_a_relist_is_taken_away_again(house: Any) -> None:
    wang = await house.sign_in()
    made = [await wang.new(f"{n}") for n in range(4)]
    await wang.pull(limit=2)
    await bury(house, made[0].id)
    seen = []
    while True:
        page = await wang.pull(limit=2)
        seen += page.changes
        if not page.more:
            break
    assert seen[-1] == wire.Change("ticket", made[0].id, gone=True)


async def test_a_cursor_older_than_the_horizon_is_gone(house: Any) -> None:
    wang = await house.sign_in()
    await wang.new()
    await wang.pull()
    await wang.new()
    await feed.trim(house.context.db, 2)
    reply = await wang.ask(wang.cursor)
    assert (reply.status_code, reply.json()["type"]) == (410, "/problems/cursor-gone")
    assert reply.headers["content-type"] == "application/problem+json"


async def test_a_catch_up_that_is_overtaken_by_the_horizon_is_gone_although_its_head_is_known(house: Any) -> None:
    wang = await house.sign_in()
    buried = await wang.new()
    await wang.pull()
    await wang.new()
    await bury(house, buried.id)
    await wang.new()
    assert (await wang.pull(limit=1)).more
    await feed.trim(house.context.db, 3)
    assert (await wang.ask(wang.cursor)).status_code == 410


async def test_a_cursor_at_the_horizon_is_still_served(house: Any) -> None:
    wang = await house.sign_in()
    await wang.new()
    await wang.new()
    await wang.pull()
    await feed.trim(house.context.db, 2)
    await wang.new("after")
    assert len((await wang.pull()).changes) == 1


async def test_the_horizon_never_goes_back_nor_past_the_head(house: Any) -> None:
    wang = await house.sign_in()
    for _ in range(3):
        await wang.new()
    assert await feed.trim(house.context.db, 2) == 2
    assert await feed.trim(house.context.db, 1) == 2
    assert await feed.trim(house.context.db, 99) == 3


async def test_a_cursor_of_another_history_is_gone(house: Any) -> None:
    wang = await house.sign_in()
    await wang.new()
    await wang.pull()

    def rewrite(conn: Any) -> None:
        conn.execute(schema.commits.update().where(schema.commits.c.seq == 1).values(fork=7))

    await house.context.db.write(rewrite)
    assert (await wang.ask(wang.cursor)).status_code == 410


async def test_a_cursor_from_the_future_is_gone(house: Any) -> None:
    wang = await house.sign_in()
    await wang.new()
    await wang.pull()

    def forget(conn: Any) -> None:
        conn.execute(delete(schema.commits).where(schema.commits.c.seq == 1))
        conn.execute(schema.sync_head.update().values(seq=0))

    await house.context.db.write(forget)
    assert (await wang.ask(wang.cursor)).status_code == 410


async def test_changed_queues_make_the_cursor_gone_and_a_relist_shows_the_new_ones(house: Any) -> None:
    boss = await house.sign_in("boss", "supervisor")
    agent = await house.sign_in("li", queues=("vip",))
    shown, hidden = await boss.new(queue="general"), await boss.new(queue="vip")
    assert [change.id for change in (await agent.pull()).changes] == [hidden.id]
    await users.set_queues(house.database, "li", ["general"])
    assert (await agent.ask(agent.cursor)).status_code == 410
    agent.cursor = None
    assert [change.id for change in (await agent.pull()).changes] == [shown.id]


async def test_a_row_that_left_the_agents_queues_is_sent_as_gone(house: Any) -> None:
    boss = await house.sign_in("boss", "supervisor")
    agent = await house.sign_in("li", queues=("vip",))
    ticket = await boss.new(queue="vip")
    await agent.pull()
    moved = msgspec.structs.replace(ticket, queue="general")
    await house.context.db.write(lambda conn: history.commit(conn, now=house.clock(), puts=[moved]))
    assert (await agent.pull()).changes == [wire.Change("ticket", ticket.id, gone=True)]


@pytest.mark.parametrize(
    "text", ["x", "!!", "AQ", "é", "A" * 5000, "AgAAAAAAAAABAAAAAAAAAAEAAAAAAAAAARwritrjsMRCmPwcFA"]
)
async def test_a_cursor_that_cannot_be_read_is_gone_and_not_a_fault(house: Any, text: str) -> None:
    wang = await house.sign_in()
    assert (await wang.ask(text)).status_code == 410


async def test_a_cursor_with_impossible_numbers_is_gone_and_not_a_fault(house: Any) -> None:
    wang = await house.sign_in()
    await wang.pull()
    key = await house.context.db.read(opaque.key_of)
    ours = cursors.decode(wang.cursor, key)
    for wrong in ({"pos": 1 << 63}, {"keep": 1 << 63, "head": (1 << 64) - 1}, {"pos": 5}):
        assert (await wang.ask(msgspec.structs.replace(ours, **wrong).encode(key))).status_code == 410


async def test_last_is_the_clients_own_high_water_mark(house: Any) -> None:
    wang = await house.sign_in()
    assert (await wang.pull()).last == wire.Last()
    await wang.new()
    assert (await wang.pull()).last == wire.Last(1, wang.prev)
    assert (await house.again(wang, "other").pull()).last == wire.Last()


async def test_outcomes_that_are_not_confirmations_come_down_once_the_cursor_passes_them(house: Any) -> None:
    wang = await house.sign_in()
    ticket = await wang.new()
    await wang.pull()
    await wang.push(wang.author.note(ticket, "fine"), wang.author.note(ticket, "  "))
    [outcome] = (await wang.pull()).outcomes
    assert (outcome.state, outcome.code, outcome.ticket) == ("rejected", "empty-text", ticket.id)
    assert (await wang.pull()).outcomes == []


async def test_last_never_covers_a_refusal_that_is_still_to_come(house: Any) -> None:
    wang = await house.sign_in()
    ticket = await wang.new()
    for n in range(3):
        await wang.new(f"{n}")
    await wang.push(wang.author.note(ticket, " "))
    page = await wang.pull(limit=1)
    assert page.more and page.last.mid == wang.mid
    assert [outcome.code for outcome in page.outcomes] == ["empty-text"]


async def test_an_idle_cursor_moves_with_the_head_so_that_it_does_not_expire(house: Any) -> None:
    wang = await house.sign_in()
    ticket = await wang.new()
    await wang.pull()
    for _ in range(3):
        await wang.push(wang.author.note(ticket, " "))
    await wang.pull()
    await feed.trim(house.context.db, 4)
    assert (await wang.ask(wang.cursor)).status_code == 200


async def test_a_page_is_compressed_for_who_can_read_it(house: Any) -> None:
    wang = await house.sign_in()
    await wang.new(text="word " * 1000)
    plain = await wang.http.get("/v1/sync", headers={"Accept-Encoding": "identity"})
    async with wang.http.stream("GET", "/v1/sync", headers={"Accept-Encoding": "gzip"}) as reply:
        raw = b"".join([chunk async for chunk in reply.aiter_raw()])
    assert "content-encoding" not in plain.headers
    assert reply.headers["content-encoding"] == "gzip"
    assert msgspec.json.decode(gzip.decompress(raw))["changes"] == plain.json()["changes"]
    assert len(raw) < len(plain.content) / 4


async def test_consoles_at_the_same_place_share_one_encoding_and_others_do_not(house: Any) -> None:
    boss = await house.sign_in("boss", "supervisor")
    await boss.new(queue="vip")
    general = Who("a", "agent", frozenset({"general"}))
    everyone = [Who("b", "agent", frozenset()), Who("c", "agent", frozenset())]
    cut = [await house.context.feed.page(who, client="", cursor=None, limit=9, now=house.clock()) for who in everyone]
    assert bytes(cut[0].changes) == bytes(cut[1].changes) != b"[]"
    other = await house.context.feed.page(general, client="", cursor=None, limit=9, now=house.clock())
    assert bytes(other.changes) == b"[]"


async def test_too_many_pages_at_once_are_told_to_come_back(house: Any) -> None:
    wang = await house.sign_in()
    house.context.metrics.building = house.context.settings.max_syncs
    reply = await wang.ask()
    assert (reply.status_code, reply.headers["retry-after"]) == (503, "2")


async def test_a_client_of_another_user_is_not_served_his_marks(house: Any) -> None:
    wang, li = await house.sign_in(), await house.sign_in("li")
    await wang.new()
    li.client = wang.client
    reply = await li.ask()
    assert (reply.status_code, reply.json()["type"]) == (409, "/problems/client-forked")
