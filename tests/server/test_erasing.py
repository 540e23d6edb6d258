"""A caller is taken out of the server's database, and what is kept too long with him; the numbers stay."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from okpay_console import errors
from okpay_console.domain import erasure, walltally
from okpay_console.domain.daybook import Line
from okpay_console.domain.queue import row_of
from okpay_console.domain.ticket import Caller
from okpay_console.domain.wallnumbers import House as Rules
from okpay_console.domain.watch import Watch
from okpay_console.server import audit, daybook, erasing, schema

PHONE = "13800138000"
WORDS = "我叫张三丰，打 138 0013 8000"


async def tickets(console: Any) -> dict[str, Any]:
    """Every ticket as the server has it."""
    found = (await console.http.get("/v1/tickets", params={"limit": 200})).json()["tickets"]
    return {doc["id"]: doc for doc in found}


async def everything(house: Any) -> str:
    """All rows of all tables as one text."""

    def work(conn: Any) -> str:
        return "\n".join(
            repr(tuple(row)) for table in schema.meta.tables.values() for row in conn.execute(select(table))
        )

    return str(await house.context.db.read(work))


async def caller(house: Any) -> tuple[Any, list[Any]]:
    """Three tickets of one caller under three identities, one of somebody else, and words about him in other places."""
    wang = await house.sign_in("wang", "supervisor")
    mine = [
        await wang.new(WORDS, caller=Caller(name="张三丰", mobile=PHONE), text=WORDS),
        await wang.new("b", caller=Caller(mobile="+86 138 0013 8000", email="z@example.com")),
        await wang.new("c", caller=Caller(email="Z@example.com", handle="@zsf"), queue="vip"),
    ]
    other = await wang.new("another's", caller=Caller(mobile="13900139000"), text="不是他")
    await wang.push(wang.author.field(mine[0], "txn_no", "A1B2C3D4E5"), wang.author.note(mine[1], WORDS))
    li = await house.sign_in("li", "supervisor")
    stale = await li.see(mine[0].id)
    await wang.push(wang.author.assign(await wang.see(mine[0].id), "wang"))
    [review] = (await li.push(li.author.assign(stale, "li"))).outcomes
    assert review.state == "review"
    lines = [
        Line(uuid="n1", kind="notice", at=house.clock(), by="wang", about="li", words=f"请回电 {PHONE}"),
        Line(uuid="a1", kind="abuse", at=house.clock(), by="wang", ticket=mine[0].id, what="c1", words="骂人"),
        Line(uuid="n2", kind="notice", at=house.clock(), by="wang", about="li", words="开会"),
    ]
    await house.context.db.write(lambda conn: daybook.append(conn, lines, now=house.clock()))
    return wang, [*mine, other]


@pytest.mark.parametrize("given", ["138-0013-8000", "z@EXAMPLE.com", "@zsf", "#10001"])
async def test_a_caller_is_found_by_anything_of_his_and_leaves_no_value_in_any_row(house: Any, given: str) -> None:
    wang, made = await caller(house)
    found = await erasing.erase(house.database, given)
    assert (found.tickets, found.again, found.lines) == ((10001, 10002, 10003), 0, 2)
    left = erasure.tight(await everything(house))
    for value in (PHONE, "张三丰", "z@example.com", "@zsf", "A1B2C3D4E5", "骂人"):
        assert erasure.tight(value) not in left, value
    assert "不是他" in await everything(house) and "开会" in await everything(house)
    docs = await tickets(wang)
    assert docs[made[3].id]["subject"] == "another's"
    assert docs[made[0].id]["caller"] != docs[made[2].id]["caller"]


async def test_the_numbers_on_the_wall_are_what_they_were(house: Any) -> None:
    wang, made = await caller(house)
    house.later(hours=1)
    await wang.push(wang.author.close(await wang.see(made[1].id), "INFO_GIVEN", summary=WORDS))

    async def numbers() -> Any:
        page = await wang.ask()
        rows = {
            change["id"]: row_of(await wang.see(change["id"])) for change in page.json()["changes"] if "doc" in change
        }
        watch = Watch(Rules())
        watch.read(rows)
        return walltally.numbers(watch, house.clock() + timedelta(days=9))

    before = await numbers()
    await erasing.erase(house.database, PHONE)
    assert await numbers() == before


async def test_it_is_written_down_without_a_value_and_once(house: Any) -> None:
    await caller(house)
    await erasing.erase(house.database, PHONE)
    again = await erasing.erase(house.database, "#10002")
    rows, broken = await audit.listing(house.database)
    assert [(row.what, row.about) for row in rows if row.what == "erase"] == [("erase", "#10001 tickets=3")]
    assert broken is None
    assert again.again == len(again.tickets) > 0
    with pytest.raises(errors.Refused, match="No ticket here"):
        await erasing.erase(house.database, PHONE)


async def test_a_dry_run_changes_nothing(house: Any) -> None:
    await caller(house)
    before = await everything(house)
    found = await erasing.erase(house.database, PHONE, dry_run=True)
    assert (len(found.tickets), found.outcomes, found.lines, found.dry_run) == (3, 1, 2, True)
    assert await everything(house) == before


async def test_consoles_get_the_empty_tickets_with_their_next_page(house: Any) -> None:
    wang, made = await caller(house)
    await wang.pull()
    await erasing.erase(house.database, PHONE)
    page = await wang.pull()
    assert {change.id for change in page.changes} == {ticket.id for ticket in made[:3]}
    assert all(change.doc and change.doc["erased_at"] for change in page.changes)


async def test_what_a_console_says_about_it_later_is_refused_by_its_own_name(house: Any) -> None:
    wang, made = await caller(house)
    await erasing.erase(house.database, PHONE)
    [outcome] = (await wang.push(wang.author.note(made[0], WORDS))).outcomes
    assert (outcome.state, outcome.code, outcome.mine) == ("rejected", "erased", None)


async def test_backups_made_since_are_named(house: Any) -> None:
    await caller(house)

    def note(conn: Any) -> None:
        audit.append(conn, now=house.clock(), who="admin", what="backup", about="monday.okbackup")

    await house.context.db.write(note)
    assert (await erasing.erase(house.database, PHONE)).backups == ("monday.okbackup",)


async def test_sqlite_keeps_no_byte_of_it_in_its_files(tmp_path: Path) -> None:
    from .conftest import House

    made = House(str(tmp_path / "server.db"))
    try:
        await caller(made)
        await erasing.erase(made.database, PHONE)
    finally:
        await made.close()
    for file in tmp_path.iterdir():
        assert PHONE.encode() not in file.read_bytes(), file.name
        assert "张三丰".encode() not in file.read_bytes(), file.name


async def test_closed_tickets_are_emptied_when_their_time_is_over_and_complaints_later(house: Any) -> None:
    wang = await house.sign_in("wang", "supervisor")
    old, complaint, still_open = [
        await wang.new(name, caller=Caller(mobile=PHONE)) for name in ("old", "complaint", "open")
    ]
    await wang.push(
        wang.author.tags(complaint, add=("投诉",)),
        wang.author.close(old, "INFO_GIVEN"),
    )
    await wang.push(wang.author.close(await wang.see(complaint.id), "INFO_GIVEN"))
    house.later(days=400)
    young = await wang.new("young")
    await wang.push(wang.author.close(young, "INFO_GIVEN"))
    dry = await erasing.retain(house.database, days=365, dry_run=True, now=house.clock())
    assert (dry.tickets, dry.kept_complaints) == ((old.number,), 1)
    seen: list[tuple[int, int]] = []
    done = await erasing.retain(house.database, days=365, now=house.clock(), tell=lambda *at: seen.append(at))
    assert (done.tickets, done.kept_complaints) == ((old.number,), 1)
    assert seen[-1] == (1, 1)
    docs = await tickets(wang)
    assert {key for key, doc in docs.items() if "erased_at" in doc} == {old.id}
    house.later(days=700)
    later = await erasing.retain(house.database, days=365, now=house.clock())
    assert set(later.tickets) == {complaint.number, young.number}
    assert still_open.id not in {key for key, doc in (await tickets(wang)).items() if "erased_at" in doc}
