"""The daybook at the server: each line once, in one order, to those who may see it; restored servers are noticed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import timedelta
from typing import Any

import msgspec
import pytest
from sqlalchemy import text

from okpay_console.domain.daybook import TOLD_LINES, DaybookPage, Fates, Line, LineFate, Told
from okpay_console.server import clock, daybook

from .conftest import BEGIN, Console, House
from .test_restore import backup

__all__ = ["backup"]


def line(kind: str = "state", *, uuid: str = "", by: str = "", **more: Any) -> Line:
    if kind == "state":
        more.setdefault("what", "available")
    return Line(uuid=uuid or clock.new_id(), kind=kind, at=more.pop("at", BEGIN), by=by, **more)


async def tell(who: Console, *lines: Line, alive: bool = False) -> list[LineFate]:
    reply = await who.http.post("/v1/daybook", content=msgspec.json.encode(Told(list(lines), alive)))
    assert reply.status_code == 200, reply.text
    return msgspec.json.decode(reply.content, type=Fates).lines


async def read(who: Console, after: str = "", limit: int = 500) -> DaybookPage:
    reply = await who.http.get("/v1/daybook", params={"after": after, "limit": limit})
    assert reply.status_code == 200, reply.text
    return msgspec.json.decode(reply.content, type=DaybookPage)


async def read_all(who: Console, *, limit: int) -> list[Line]:
    found: list[Line] = []
    page = await read(who, limit=limit)
    while True:
        assert len(page.lines) <= limit
        found += page.lines
        if not page.more:
            return found
        page = await read(who, page.after, limit)


def codes(fates: Sequence[LineFate]) -> list[str]:
    return [fate.code or fate.state for fate in fates]


async def test_a_line_is_kept_once_and_numbered(house: House) -> None:
    wang, boss = await house.sign_in("wang"), await house.sign_in("boss", "supervisor")
    first, second = line(), line(what="break", reason="meal", until=BEGIN + timedelta(minutes=30))
    kept = await tell(wang, first, second, first)
    assert [(fate.state, fate.seq) for fate in kept] == [("kept", 1), ("kept", 2), ("kept", 1)]
    assert [(fate.state, fate.seq) for fate in await tell(wang, second)] == [("known", 2)]
    assert [(one.uuid, one.by, one.seq) for one in (await read(boss)).lines] == [
        (first.uuid, "wang", 1),
        (second.uuid, "wang", 2),
    ]
    assert (await read(boss)).lines[1].until == second.until


async def test_the_cursor_goes_on_where_it_was_and_pages_lose_nothing(house: House) -> None:
    wang, boss = await house.sign_in("wang"), await house.sign_in("boss", "supervisor")
    told = [line() for _ in range(7)]
    await tell(wang, *told[:3])
    page = await read(boss)
    await tell(wang, *told[3:])
    later = await read(boss, page.after)
    assert [one.uuid for one in later.lines] == [one.uuid for one in told[3:]]
    assert (await read(boss, later.after)).lines == []
    assert [one.uuid for one in await read_all(boss, limit=2)] == [one.uuid for one in told]


async def test_a_spoilt_line_does_not_hold_up_the_others(house: House) -> None:
    wang = await house.sign_in("wang")
    good = line()
    sent = [
        good,
        line(what="asleep"),
        line("notice", words="hello", queue="*"),
        line("alarm", what="a1", reason="raised"),
        line(by="li"),
        line(at=BEGIN + timedelta(minutes=11)),
        line("missed", words="卡号 4111 1111 1111 1111"),
        line("missed", words="x" * 2001),
    ]
    body = msgspec.json.encode(Told(sent))[:-2] + b',{"uuid":"odd","kind":7},5]}'
    reply = await wang.http.post("/v1/daybook", content=body)
    fates = msgspec.json.decode(reply.content, type=Fates).lines
    assert codes(fates) == [
        "kept", "bad-arguments", "forbidden", "forbidden", "forbidden", "future-line", "secret", "too-long",
        "bad-arguments", "bad-arguments",
    ]  # fmt: skip
    assert fates[-2].uuid == "odd"
    assert [one.uuid for one in (await read(wang)).lines] == [good.uuid]
    found = await house.context.db.read(lambda conn: conn.execute(text("SELECT what, about FROM audit")).all())
    assert [tuple(row) for row in found if row.what == "secret-refused"] == [("secret-refused", "card daybook.missed")]


async def test_nobody_takes_over_the_line_of_another(house: House) -> None:
    wang, li = await house.sign_in("wang"), await house.sign_in("li")
    mine = line()
    await tell(wang, mine)
    assert codes(await tell(li, mine)) == ["uuid-taken"]
    assert [one.by for one in (await read(wang)).lines] == ["wang"]
    assert (await read(li)).lines == []


async def test_an_agent_gets_his_own_lines_and_what_is_for_him(house: House) -> None:
    wang = await house.sign_in("wang", queues=("general",))
    li = await house.sign_in("li", queues=("vip",))
    boss = await house.sign_in("boss", "supervisor", ("general",))
    chief = await house.sign_in("chief", "supervisor")
    await tell(li, line())
    note = line("notice", words="请回电", about="wang")
    [kept] = await tell(boss, note)
    assert kept.state == "kept"
    assert codes(await tell(boss, line("notice", words="x", about="li"), line("notice", words="x", queue="*"))) == [
        "no-colleague", "no-queue",
    ]  # fmt: skip
    all_hands = line("notice", words="早会", queue="*")
    await tell(chief, all_hands)
    assert [one.uuid for one in (await read(wang)).lines] == [note.uuid, all_hands.uuid]
    assert [one.kind for one in (await read(li)).lines] == ["state", "notice"]
    assert [one.kind for one in (await read(boss)).lines] == ["notice", "notice"]
    assert len((await read(chief)).lines) == 3


async def test_machines_have_no_daybook_and_too_much_at_once_is_told_so(house: House) -> None:
    robot, wang = await house.sign_in("robot", "integration"), await house.sign_in("wang")
    for ask in (robot.http.get("/v1/daybook"), robot.http.post("/v1/daybook", content=b"{}")):
        assert (await ask).status_code == 403
    many = Told([line() for _ in range(TOLD_LINES + 1)])
    assert (await wang.http.post("/v1/daybook", content=msgspec.json.encode(many))).status_code == 413
    assert (await wang.http.post("/v1/daybook", content=b"[" * 70_000)).status_code == 413
    assert (await wang.http.post("/v1/daybook", content=b"nonsense")).status_code == 422
    assert (await read(wang)).lines == []


async def test_without_a_cursor_come_the_lines_of_the_last_day_and_a_half(house: House) -> None:
    wang = await house.sign_in("wang")
    await tell(wang, line())
    house.later(hours=20)
    second = line(at=house.moment)
    await tell(wang, second)
    house.later(hours=17)
    assert [one.uuid for one in (await read(wang)).lines] == [second.uuid]
    house.later(hours=40)
    page = await read(wang)
    assert page.lines == []
    third = line(at=house.moment)
    await tell(wang, third)
    assert [one.uuid for one in (await read(wang, page.after)).lines] == [third.uuid]


async def test_whoever_names_a_moment_gets_everything_from_then_on(house: House) -> None:
    wang = await house.sign_in("wang")
    told = []
    for _ in range(3):
        told.append(line(at=house.moment))
        await tell(wang, told[-1])
        house.later(hours=30)
    assert len((await read(wang)).lines) == 1
    wanted = {"since": (house.moment - timedelta(hours=65)).isoformat(), "limit": "1"}
    first = msgspec.json.decode((await wang.http.get("/v1/daybook", params=wanted)).content, type=DaybookPage)
    assert [one.uuid for one in first.lines] == [told[1].uuid] and first.more
    assert [one.uuid for one in (await read(wang, first.after)).lines] == [told[2].uuid]
    assert (await wang.http.get("/v1/daybook", params={"since": "yesterday"})).status_code == 422


async def test_states_leave_the_head_alone_and_a_notice_pokes(house: House) -> None:
    wang, boss = await house.sign_in("wang"), await house.sign_in("boss", "supervisor")
    before = await boss.pull()
    await tell(wang, *[line() for _ in range(50)])
    quiet = await boss.pull()
    assert (quiet.cursor, quiet.daybook) == (before.cursor, before.daybook)
    await tell(boss, line("notice", words="早会", queue="*"))
    after = await boss.pull()
    assert after.cursor != quiet.cursor and after.daybook not in (0, quiet.daybook)


async def test_lines_that_are_told_at_once_get_numbers_without_gaps(house: House) -> None:
    people = [await house.sign_in(f"u{n}") for n in range(4)]
    boss = await house.sign_in("boss", "supervisor")
    twice = [line() for _ in people]
    after, seen = "", []

    async def follow() -> None:
        nonlocal after
        while len(seen) < 4 * 6:
            page = await read(boss, after)
            after = page.after
            seen.extend(one.seq for one in page.lines)

    async def work(who: Console, own: Line) -> None:
        for _ in range(5):
            await tell(who, line())
        await asyncio.gather(tell(who, own), tell(who, own))

    async with asyncio.timeout(30):
        await asyncio.gather(follow(), *(work(who, own) for who, own in zip(people, twice, strict=True)))
    assert seen == list(range(1, 25))


async def test_a_restored_server_does_not_take_the_cursors_of_what_it_lost(house: House, backup: Any) -> None:
    wang = await house.sign_in("wang")
    await tell(wang, line())
    early = await read(wang)
    restored = await backup()
    lost, again = line(), line()
    await tell(wang, lost, again)
    late = await read(wang)
    wang.http = restored.http(wang.token)
    assert (await read(wang, early.after)).lines == []
    assert (await wang.http.get("/v1/daybook", params={"after": late.after})).status_code == 410
    # The same number and even the same line do not make it the same history: another line came before it.
    await tell(wang, line(), again)
    assert (await wang.http.get("/v1/daybook", params={"after": late.after})).status_code == 410


async def test_other_queues_are_another_daybook(house: House) -> None:
    from okpay_console.server.users import set_queues

    wang = await house.sign_in("wang")
    page = await read(wang)
    await set_queues(house.database, "wang", ("vip",))
    reply = await wang.http.get("/v1/daybook", params={"after": page.after})
    assert reply.status_code == 410 and reply.json()["type"].endswith("cursor-gone")
    assert (await wang.http.get("/v1/daybook", params={"after": "§"})).status_code == 410


async def test_the_servers_own_lines_come_in_the_same_order(house: House) -> None:
    wang, boss = await house.sign_in("wang"), await house.sign_in("boss", "supervisor")
    await tell(wang, line())
    alarm = Line(uuid="alarm-1", kind="alarm", at=BEGIN, by="", queue="*", about="*", what="a1", reason="raised")
    for _ in range(2):
        await house.context.db.write(lambda conn: daybook.append(conn, [alarm], now=BEGIN))
    assert [(one.kind, one.seq) for one in (await read(boss)).lines] == [("state", 1), ("alarm", 2)]
    assert [one.kind for one in (await read(wang)).lines] == ["state", "alarm"]


@pytest.fixture
async def process(house: House, database: str) -> AsyncIterator[House]:
    """A second process of the same server."""
    made = House(database, heard_share_s=0.0)
    yield made
    await made.close()


async def test_who_was_heard_of_when_is_told_to_those_who_watch_also_by_another_process(
    house: House, process: House
) -> None:
    wang = await house.sign_in("wang", queues=("general",))
    boss = await process.sign_in("boss", "supervisor", ("general",))
    other = await process.sign_in("other", "supervisor", ("vip",))
    await tell(wang, line())
    assert (await read(boss)).seen == {}
    house.later(seconds=5)
    process.later(seconds=5)
    await tell(wang, alive=True)
    await asyncio.shield(house.context.heard._sharing)  # type: ignore[arg-type]
    await read(boss)
    await asyncio.shield(process.context.heard._sharing)  # type: ignore[arg-type]
    assert (await read(boss)).seen == {"wang": BEGIN + timedelta(seconds=5)}
    assert (await read(other)).seen == {}
    assert (await read(wang)).seen == {}
    for _ in range(20):
        await tell(wang, alive=True)
    assert house.context.heard.shares == 1
