"""Somebody who works in some queues hears of their tickets, of those that leave them, and of no other."""

from __future__ import annotations

import random
from typing import Any

import msgspec
import pytest

from okpay_console.domain import wire
from okpay_console.server import feed, history, users

from .conftest import Console, House


async def told(console: Console, **query: Any) -> list[tuple[str, bool]]:
    return [(change.id, change.gone) for change in (await console.pull(**query)).changes]


async def test_what_happens_in_others_queues_leaves_no_trace_in_the_feed(house: House) -> None:
    boss, wang = await house.sign_in("boss", "supervisor"), await house.sign_in(queues=("cards",))
    mine = await boss.new(queue="cards")
    assert await told(wang) == [(mine.id, False)]
    theirs = await boss.new(queue="vip")
    await boss.push(boss.author.note(theirs, "noted"), boss.author.queue(theirs, "general"))
    assert await told(wang) == []
    assert await told(house.again(wang, "fresh")) == [(mine.id, False)]


async def test_a_ticket_that_leaves_is_told_once_and_its_later_life_not_at_all(house: House) -> None:
    boss, wang = await house.sign_in("boss", "supervisor"), await house.sign_in(queues=("cards",))
    ticket = await boss.new(queue="cards")
    late = house.again(wang, "late")
    assert await told(wang) == await told(late) == [(ticket.id, False)]
    await boss.push(boss.author.queue(await boss.see(ticket.id), "vip"))
    assert await told(wang) == [(ticket.id, True)]
    await boss.push(boss.author.note(ticket, "noted"))
    assert await told(wang) == []
    assert await told(late) == [(ticket.id, True)], "also to whoever asks after more has happened"
    await boss.push(boss.author.queue(await boss.see(ticket.id), "cards"))
    assert await told(wang) == [(ticket.id, False)]
    assert (await wang.http.get(f"/v1/tickets/{ticket.id}")).status_code == 200


async def test_a_deleted_ticket_is_told_to_those_who_could_have_seen_it(house: House) -> None:
    boss = await house.sign_in("boss", "supervisor")
    near, far = await house.sign_in(queues=("cards",)), await house.sign_in("li", queues=("vip",))
    ticket = await boss.new(queue="cards")
    for console in (near, far):
        await console.pull()
    await house.context.db.write(lambda conn: history.commit(conn, now=house.clock(), gone=[ticket.id]))
    assert (await told(near), await told(far)) == ([(ticket.id, True)], [])


async def test_another_choice_of_queues_makes_a_console_list_again(house: House) -> None:
    boss, wang = await house.sign_in("boss", "supervisor"), await house.sign_in(queues=("cards",))
    cards, vip = await boss.new(queue="cards"), await boss.new(queue="vip")
    assert await told(wang) == [(cards.id, False)]
    await users.set_queues(house.database, "wang", ["vip"])
    reply = await wang.ask(wang.cursor)
    assert (reply.status_code, reply.json()["type"]) == (410, "/problems/cursor-gone")
    wang.cursor = None
    assert await told(wang) == [(vip.id, False)]


async def test_tickets_are_found_by_number_and_id_in_ones_own_queues_alone(house: House) -> None:
    boss, wang = await house.sign_in("boss", "supervisor"), await house.sign_in(queues=("cards",))
    await boss.new(queue="cards")
    theirs = await boss.new(queue="vip")
    for query in ("", "?queue=vip", f"?before={theirs.number + 1}", "?assignee=boss", "?external_id=x"):
        listed = (await wang.http.get(f"/v1/tickets{query}")).text
        assert theirs.id not in listed and '"vip"' not in listed


@pytest.mark.parametrize("seed", range(6))
async def test_a_mirror_built_from_any_pages_holds_exactly_what_is_visible(tmp_path: Any, seed: int) -> None:
    house = House(str(tmp_path / "server.db"))
    try:
        rng = random.Random(seed)
        boss = await house.sign_in("boss", "supervisor")
        consoles = [await house.sign_in(f"c{place}", queues=("ab", "bc", "")[place]) for place in range(3)]
        mirrors: dict[str, dict[str, str]] = {console.name: {} for console in consoles}
        ids: dict[str, str] = {}
        for _ in range(40):
            step = rng.random()
            if step < 0.3 or not ids:
                made = await boss.new(queue=rng.choice("abcd"))
                ids[made.id] = made.queue
            elif step < 0.75:
                ticket = rng.choice(sorted(ids))
                ids[ticket] = rng.choice("abcd")
                await boss.push(boss.author.queue(await boss.see(ticket), ids[ticket]))
            elif step < 0.8:
                gone = rng.choice(sorted(ids))
                del ids[gone]
                await house.context.db.write(
                    lambda conn, gone=gone: history.commit(conn, now=house.clock(), gone=[gone])
                )
            elif step < 0.83:
                head = await house.context.db.read(history.head)
                await feed.trim(house.context.db, head.seq - rng.randrange(4))
            else:
                await read(rng.choice(consoles), mirrors, limit=rng.choice((1, 2, 50)))
        for console in consoles:
            while await read(console, mirrors, limit=rng.choice((1, 3))):
                pass
            queues = ("ab", "bc", "")[consoles.index(console)]
            visible = {ticket: queue for ticket, queue in ids.items() if not queues or queue in queues}
            assert mirrors[console.name] == visible, (seed, console.name)
    finally:
        await house.close()


async def read(console: Console, mirrors: dict[str, dict[str, str]], *, limit: int) -> bool:
    """One page into the console's mirror; whether there are more."""
    reply = await console.ask(console.cursor, limit=limit)
    if reply.status_code == 410:
        console.cursor, mirrors[console.name] = None, {}
        return True
    page = msgspec.json.decode(reply.content, type=wire.Page)
    console.cursor = page.cursor
    for change in page.changes:
        mirrors[console.name].pop(change.id, None)
        if change.doc is not None:
            mirrors[console.name][change.id] = change.doc["queue"]
    return page.more
