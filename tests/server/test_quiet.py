"""Somebody who works in some queues cannot count, time or guess what happens in the others: not by places, pokes, lines or ids."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec
import pytest
from sqlalchemy import event

from okpay_console.domain import ops, wire
from okpay_console.domain.author import Author
from okpay_console.server import clock, history, marks, users
from okpay_console.server.hub import Hub
from okpay_console.server.marks import Marks
from okpay_console.server.policy import Who

from .conftest import Console, House
from .test_policy import MADE


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    made = House(str(tmp_path / "server.db"))
    try:
        yield made
    finally:
        await made.close()


async def tell(console: Console, **line: Any) -> None:
    told = {
        "uuid": clock.new_id(),
        "kind": "notice",
        "at": console.house.clock().isoformat(),
        "by": console.name,
        **line,
    }
    [fate] = (await console.http.post("/v1/daybook", json={"lines": [told]})).json()["lines"]
    assert fate["state"] == "kept", fate


async def elsewhere(boss: Console, zhao: Console) -> None:
    """Everything that may happen in the queue "vip"."""
    ticket = await boss.new(queue="vip")
    await boss.push(
        boss.author.note(ticket, "noted"), boss.author.witness("export", kind="tickets", place="csv/masked/all/1")
    )
    await tell(boss, queue="vip", words="to vip")
    await tell(boss, about="zhao", words="to zhao")
    await boss.http.post(f"/v1/tickets/{ticket.id}/claim")
    await tell(zhao, kind="state", what="available")
    await boss.push(boss.author.queue(await boss.see(ticket.id), "general"))


async def people(house: House, role: str) -> tuple[Console, Console, Console]:
    """Somebody of "cards" and somebody of all queues, who have both begun; "zhao" works in "vip"."""
    near, boss = await house.sign_in("wang", role, ("cards",)), await house.sign_in("boss", "supervisor")
    zhao = await house.sign_in("zhao", queues=("vip",))
    await boss.new(queue="cards")
    await tell(boss, queue="cards", words="to cards")
    await near.pull()
    return near, boss, zhao


@pytest.mark.parametrize("role", ["agent", "supervisor"])
async def test_what_is_read_of_the_feed_and_the_daybook_is_the_same_to_the_byte_whatever_happens_elsewhere(
    house: House, role: str
) -> None:
    near, boss, zhao = await people(house, role)
    first = (await near.http.get("/v1/daybook")).json()
    assert [line["words"] for line in first["lines"]] == ["to cards"]

    async def seen() -> list[bytes]:
        feed = await near.ask(near.cursor)
        book = await near.http.get("/v1/daybook", params={"after": first["after"]})
        whole = await near.http.get("/v1/daybook", params={"limit": "1"})
        told = [json.loads(reply.content) for reply in (feed, book, whole)]
        # A first reading begins where the history is now, which no later one can be compared with: only its place differs.
        told[2].pop("after")
        return [json.dumps(one, sort_keys=True).encode() for one in told]

    quiet = await seen()
    for _ in range(3):
        await elsewhere(boss, zhao)
    assert await seen() == quiet
    await boss.push(boss.author.note(await boss.new(queue="cards"), "noted"))
    await tell(boss, queue="cards", words="again")
    moved = await seen()
    assert moved[0] != quiet[0] and moved[1] != quiet[1] and b'"more": true' in moved[2]


async def test_who_sees_all_queues_still_hears_of_everything(house: House) -> None:
    _, boss, zhao = await people(house, "agent")
    before = (await boss.pull()).cursor
    await elsewhere(boss, zhao)
    page = await boss.pull()
    assert page.cursor != before and len(page.changes) == 1


async def test_places_and_numbers_of_lines_hold_nothing_that_can_be_counted(house: House) -> None:
    near, boss, zhao = await people(house, "supervisor")
    for _ in range(3):
        await elsewhere(boss, zhao)
    await tell(near, kind="state", what="break")
    reply = await near.http.post(
        "/v1/daybook",
        json={
            "lines": [
                {
                    "uuid": clock.new_id(),
                    "kind": "state",
                    "at": house.clock().isoformat(),
                    "by": "wang",
                    "what": "break",
                }
            ]
        },
    )
    assert [fate["seq"] for fate in reply.json()["lines"]] == [1]
    assert {line["seq"] for line in (await near.http.get("/v1/daybook")).json()["lines"]} == {1}
    # Sealed, and no place of another kind or of one's own making opens anything.
    forged = near.cursor[:-4] + ("AAAA" if near.cursor[-4:] != "AAAA" else "BBBB")  # type: ignore[index]
    book = (await near.http.get("/v1/daybook")).json()["after"]
    for cursor in (forged, book, "AQAAAAAAAAAA"):
        assert (await near.ask(cursor)).status_code == 410
    assert (await near.http.get("/v1/daybook", params={"after": near.cursor})).status_code == 410  # type: ignore[dict-item]


@contextmanager
def listening(house: House, who: Who) -> Iterator[tuple[list[bytes], asyncio.Task[None]]]:
    """The chunks of an event stream as they come."""
    found: list[bytes] = []

    async def still() -> bool:
        now = {user.name: user for user in await users.list_users(house.database)}
        there = now.get(who.user)
        return there is not None and (there.role, frozenset(there.queues)) == (who.role, who.queues)

    async def read() -> None:
        hub = house.context.hub
        async for chunk in hub.stream(who, last_id=None, reauth_in=None, expires_in=None, still=still):
            found.insert(len(found), chunk)

    task = asyncio.create_task(read())
    try:
        yield found, task
    finally:
        task.cancel()


async def looked(house: House) -> None:
    """The watcher looks at the head once, and whoever listens gets what there is for him."""
    await house.context.hub._look()
    for _ in range(20):
        await asyncio.sleep(0)


async def pokes(house: House, hub: Hub) -> tuple[list[int], list[int]]:
    """How many chunks somebody of "cards" and somebody of all queues have got: at first, after vip's, and after their own."""
    house.context.hub = hub
    _, boss, zhao = await people(house, "agent")
    cards, every = Who("wang", "agent", frozenset({"cards"})), Who("boss", "supervisor", frozenset())
    with listening(house, cards) as (near, _), listening(house, every) as (far, _):
        counts: tuple[list[int], list[int]] = ([], [])

        def count() -> None:
            counts[0].append(len(near))
            counts[1].append(len(far))

        for happens in (None, elsewhere, elsewhere, lambda boss, _: boss.new(queue="cards")):
            if happens is not None:
                await happens(boss, zhao)
            await looked(house)
            count()
        return counts


async def test_a_poke_comes_for_ones_own_queues_alone(house: House) -> None:
    near, far = await pokes(house, house.context.hub)
    assert near == [2, 2, 2, 3]
    assert far == [2, 3, 4, 5]


async def test_the_harness_sees_a_server_that_pokes_everybody(house: House) -> None:
    class Loud(Marks):
        def poke(self, conn: Any, head: Any, who: Who, *, now: Any) -> str:
            return str(head.token)

    hub = Hub(house.context.db, clock=house.clock, marks=Loud(), poll_s=1, ping_s=60, stream_s=60)
    near, _ = await pokes(house, hub)
    assert near == [2, 3, 4, 5]


async def test_two_looks_side_by_side_do_not_hide_a_notice(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """Within a look at the newest state, one that began before the last notice comes to its end."""
    _, boss, _ = await people(house, "agent")
    who, looks, db, real = Who("wang", "agent", frozenset({"cards"})), Marks(), house.context.db, marks.queues_of

    def look(conn: Any, by: Marks) -> int:
        return by.daybook(conn, history.head(conn), who, now=house.clock())

    with db._lite.connect().execution_options(okpay_read=True) as late:
        older = look(late, Marks())
        await tell(boss, queue="cards", words="again")

        def slower(conn: Any) -> Any:
            monkeypatch.setattr(marks, "queues_of", real)
            assert look(late, looks) == older
            return real(conn)

        monkeypatch.setattr(marks, "queues_of", slower)
        found = await db.read(lambda conn: look(conn, looks))
    assert found == await db.read(lambda conn: look(conn, Marks())) != older


async def test_a_stream_ends_when_its_persons_rights_change_and_nobody_elses_does(house: House) -> None:
    await people(house, "agent")
    cards, vip = Who("wang", "agent", frozenset({"cards"})), Who("zhao", "agent", frozenset({"vip"}))
    with listening(house, cards) as (_, one), listening(house, vip) as (_, other):
        await looked(house)
        await users.change(house.database, "wang", role="supervisor")
        await house.context.hub._look()
        await asyncio.wait_for(one, 20)
        assert not other.done()


async def test_the_id_of_a_colleagues_operation_tells_nothing_of_what_became_of_it(house: House) -> None:
    near, boss, _ = await people(house, "agent")
    op = boss.author.new(subject="x", channel="chat", queue="vip")
    await boss.push(op)
    mine = msgspec.structs.replace(near.author.new(subject="mine", channel="chat", queue="cards"), uuid=op.uuid)
    items = near.items(mine)
    for _ in range(2):
        [outcome] = (await near.send(items)).json()["outcomes"]
        assert (outcome["state"], outcome["code"], outcome["ticket"]) == ("rejected", "uuid-taken", mine.ticket)
    near.cursor = None
    assert op.ticket not in str((await near.ask()).json())


NOWHERE = "00000000-0000-7000-8000-000000000000"
ASKED: list[Callable[[Console, str], Awaitable[Any]]] = [
    lambda me, it: me.http.get(f"/v1/tickets/{it}"),
    lambda me, it: me.http.patch(f"/v1/tickets/{it}", json={"subject": "x"}, headers={"If-Match": '"1"'}),
    lambda me, it: me.http.post(f"/v1/tickets/{it}/claim"),
    lambda me, it: me.http.post(f"/v1/tickets/{it}/renew"),
    lambda me, it: me.http.post("/v1/presence", json={"ticket": it}),
]


@contextmanager
def worked(house: House) -> Iterator[list[str]]:
    """Every statement that the database is given, and every row that comes back, in order."""
    found: list[str] = []

    def fetched(_: Any, row: Any) -> Any:
        found.append("row")
        return row

    def note(_: Any, cursor: Any, statement: str, *__: Any) -> None:
        found.append(statement)
        cursor.row_factory = fetched

    engine = house.context.db._lite
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield found
    finally:
        event.remove(engine, "before_cursor_execute", note)


async def different(house: House) -> tuple[int, list[Any]]:
    """How many requests about a ticket of others' queues were tried, and those that took other work than one that is not there."""
    near, boss, _ = await people(house, "supervisor")
    theirs, mine = await boss.new(queue="vip"), await boss.new(queue="cards")
    author = Author("wang", clock.new_id, clock.now)

    async def work(ask: Callable[[str], Awaitable[Any]]) -> list[tuple[int, list[str]]]:
        done = []
        for ticket in (theirs.id, NOWHERE):
            with worked(house) as statements:
                reply = await ask(ticket)
            done.append((reply.status_code, statements))
        return done

    def push(make: Callable[[str], ops.AnyOp]) -> Callable[[str], Awaitable[Any]]:
        def send(ticket: str) -> Awaitable[Any]:
            item = wire.to_item(make(ticket), mid=1, prev="")
            return near.http.post("/v1/mutations", content=msgspec.json.encode(wire.Push(clock.new_id(), [item])))

        return send

    asks = [lambda it, ask=ask: ask(near, it) for ask in ASKED]
    asks += [
        push(lambda it, make=make: make(author, msgspec.structs.replace(theirs, id=it), mine.id))
        for kind, make in MADE.items()
        if kind is not ops.NewTicket
    ]
    asks += [push(lambda it, other=other: other(mine, it)) for other in (author.merge, author.link)]
    # Once before: what is only done the first time is no difference.
    await work(asks[0])
    wrong = []
    for place, ask in enumerate(asks):
        [there, nowhere] = await work(ask)
        if there != nowhere or not there[1]:
            wrong.append((place, there, nowhere))
    return len(asks), wrong


async def test_a_ticket_of_others_queues_costs_the_same_statements_and_rows_as_one_that_is_not_there(
    house: House,
) -> None:
    tried, wrong = await different(house)
    assert wrong == []
    assert tried > 30


async def test_the_harness_sees_a_server_that_reads_the_ticket_before_it_refuses(
    house: House, monkeypatch: Any
) -> None:
    real = history.load

    def careless(conn: Any, ticket: str, *, queues: Any = ()) -> Any:
        found = real(conn, ticket)
        return found if found is not None and (not queues or found.queue in queues) else None

    monkeypatch.setattr(history, "load", careless)
    tried, wrong = await different(house)
    assert len(wrong) > tried / 2


async def steps(house: House) -> list[int]:
    """How many steps SQLite's machine takes for a pull of "cards" after nothing, 50 and 200 new tickets elsewhere."""
    near, boss, _ = await people(house, "agent")
    taken = [0]

    def count() -> int:
        taken[0] += 1
        return 0

    def watch(connection: Any, *_: Any) -> None:
        connection.set_progress_handler(count, 1)

    engine = house.context.db._lite
    event.listen(engine, "checkout", watch)
    found = []
    try:
        for many in (1, 50, 200):
            drafts = [{"subject": "x", "channel": "chat", "queue": "vip"} for _ in range(many)]
            assert (await boss.http.post("/v1/tickets/batch", json={"items": drafts})).status_code == 200
            # What the process of this test has yet to learn is learnt by somebody else's question.
            await near.http.get("/v1/me")
            taken[0] = 0
            await near.ask(near.cursor)
            found.append(taken[0])
    finally:
        event.remove(engine, "checkout", watch)
    return found


async def test_a_pull_is_the_same_work_however_much_has_happened_elsewhere(house: House) -> None:
    one, some, many = await steps(house)
    assert one == some == many > 50


async def test_the_harness_sees_a_pull_that_looks_through_the_tickets_of_others(house: House) -> None:
    await house.context.db.write(lambda conn: conn.exec_driver_sql("DROP INDEX ix_tickets_queue"))
    one, some, many = await steps(house)
    assert one + 49 < some < many
