"""The audit log through the API: for admins, whole and in order; and what it hears of exports."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
from sqlalchemy import delete, insert, select, update

from okpay_console.domain import auditchain
from okpay_console.domain.auditchain import AuditPage
from okpay_console.domain.audited import place_of_export
from okpay_console.domain.exporting import KINDS
from okpay_console.errors import Refused, Unavailable
from okpay_console.server import audit, schema

WHOLE = place_of_export(form="csv", whole=True, filters=("from", "to"), rows=100_000)
MASKED = place_of_export(form="csv", whole=False, filters=(), rows=3)


async def pages(console: Any, **query: Any) -> AuditPage:
    reply = await console.http.get("/v1/audit", params=query)
    assert reply.status_code == 200, reply.text
    return msgspec.json.decode(reply.content, type=AuditPage)


async def about(house: Any, what: str) -> list[str]:
    rows, broken = await audit.listing(house.database)
    assert broken is None
    return [f"{row.who} {row.about}" for row in rows if row.what == what]


@pytest.mark.parametrize(("role", "place", "state"), [
    ("agent", MASKED, "confirmed"), ("agent", WHOLE, "rejected"), ("supervisor", WHOLE, "confirmed"),
    ("admin", WHOLE, "confirmed"), ("integration", MASKED, "rejected"),
])  # fmt: skip
async def test_whole_values_are_for_those_who_lead_and_a_refusal_is_known_too(
    house: Any, role: str, place: str, state: str
) -> None:
    who = await house.sign_in("who", role)
    op = who.author.witness("export", kind="tickets", place=place, reason="月度 盘点")
    [outcome] = (await who.push(op)).outcomes
    assert outcome.state == state
    reason = " 月度 盘点" if state == "confirmed" else ""
    assert await about(house, "export") == ([f"who tickets {place}{reason}"] if state == "confirmed" else [])
    assert await about(house, "export-refused") == ([] if state == "confirmed" else [f"who tickets {place}"])


@pytest.mark.parametrize(
    "reason", ["打给 13800138000", "zhang@example.com", "a\nb", "x" * 101, "密码是 483920", "卡 4111111111111111"]
)
async def test_a_reason_with_somebodys_values_is_refused_and_leaves_no_line(house: Any, reason: str) -> None:
    lead = await house.sign_in("lead", "supervisor")
    [outcome] = (await lead.push(lead.author.witness("export", kind="tickets", place=MASKED, reason=reason))).outcomes
    assert outcome.state == "rejected"
    assert (await about(house, "export"), await about(house, "export-refused")) == ([], [])


async def test_the_longest_line_of_an_export_fits_its_column(house: Any) -> None:
    lead = await house.sign_in("lead", "supervisor")
    names = ("from", "to", "queue", "category", "where", "resume")
    place = place_of_export(form="jsonl", whole=True, filters=names, rows=9_999_999)
    kind = max(KINDS, key=len)
    [outcome] = (await lead.push(lead.author.witness("export", kind=kind, place=place, reason="因" * 100))).outcomes
    assert outcome.state == "confirmed"
    assert await about(house, "export") == [f"lead {kind} {place} {'因' * 100}"]


async def test_the_log_comes_page_by_page_and_its_chain_holds(house: Any) -> None:
    root = await house.sign_in("root", "admin")
    for _ in range(5):
        await root.push(root.author.witness("export", kind="audit", place=MASKED))
    found, after = auditchain.Chain(), 0
    while (page := await pages(root, after=after, limit=2)).rows:
        assert len(page.rows) <= 2
        found = auditchain.check(page.rows, found)
        after = page.rows[-1].id
    assert (found.broken, found.first, found.last, page.last) == (0, 1, page.last, found.lines)
    assert await audit.verify(house.database) == found


async def test_a_part_of_the_log_has_no_holes_whatever_its_times(house: Any) -> None:
    root = await house.sign_in("root", "admin")
    begin = house.moment = datetime(2031, 1, 1, 9, tzinfo=UTC)
    # The sign-in, which has a line of its own, is before the part that is asked for.
    await root.http.get("/v1/me")
    for hours in (1, 2, -1, 3):
        house.later(hours=hours)
        await root.push(root.author.witness("export", kind="audit", place=MASKED))
    # 1, 3, 2 and 5 hours after the beginning: what lies between the first and the last that fit is all there.
    bounds = {"since": begin + timedelta(hours=1), "until": begin + timedelta(hours=2, minutes=1)}
    page = await pages(root, **{name: at.isoformat() for name, at in bounds.items()})
    assert len(page.rows) == page.last - page.first + 1 == 3
    assert auditchain.check(page.rows).broken == 0
    nothing = await pages(root, since=begin.replace(year=2032).isoformat())
    assert (nothing.rows, nothing.first, nothing.last) == ([], 0, 0)


@pytest.mark.parametrize("role", ["agent", "supervisor", "integration"])
async def test_nobody_else_reads_it(house: Any, role: str) -> None:
    who = await house.sign_in("who", role)
    assert (await who.http.get("/v1/audit")).status_code == 403
    assert (await house.http().get("/v1/audit")).status_code == 401


def unlock(conn: Any) -> None:
    """What somebody with the database in hand can do: takes away what refuses changes of the log."""
    if conn.dialect.name == "sqlite":
        conn.exec_driver_sql("DROP TRIGGER audit_no_update")
        conn.exec_driver_sql("DROP TRIGGER audit_no_delete")
    else:
        conn.exec_driver_sql("DROP TRIGGER audit_no_change ON audit")


@pytest.mark.parametrize("words", ["UPDATE audit SET who = 'x'", "DELETE FROM audit WHERE id = 2", "TRUNCATE audit"])
async def test_the_database_itself_refuses_to_change_or_remove_a_line(house: Any, words: str) -> None:
    await house.sign_in("root", "admin")
    if words.startswith("TRUNCATE") and house.context.db.is_sqlite:
        words = "DELETE FROM audit"
    before = await audit.verify(house.database)
    with pytest.raises(Unavailable) as caught:
        await house.context.db.write(lambda conn: conn.exec_driver_sql(words))
    assert "only ever added to" in str(caught.value.__cause__)
    assert await audit.verify(house.database) == before
    assert before.lines >= 2


async def test_a_row_that_was_changed_in_the_database_is_found(house: Any) -> None:
    await house.sign_in("root", "admin")
    await house.sign_in("li")
    await house.context.db.write(unlock)
    await house.context.db.write(
        lambda conn: conn.execute(update(schema.audit).where(schema.audit.c.id == 2).values(who="x"))
    )
    found = await audit.verify(house.database)
    assert (found.broken, found.why) == (2, "changed")
    assert (await audit.listing(house.database))[1] == 2


async def lines(house: Any) -> list[dict[str, Any]]:
    """The rows of the log as they stand in the table."""

    def work(conn: Any) -> list[dict[str, Any]]:
        return [dict(row._mapping) for row in conn.execute(select(schema.audit).order_by(schema.audit.c.id))]

    found: list[dict[str, Any]] = await house.context.db.read(work)
    return found


def forgeries(rows: list[dict[str, Any]]) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """Every change of one cell, every removal, every swap of two, an insertion at every place."""
    for place, row in enumerate(rows):
        for column, value in row.items():
            other = value + 1 if isinstance(value, int) else ("f" + value[1:] if value[:1] != "f" else "e" + value[1:])
            yield f"{place} {column}", [*rows[:place], {**row, column: other}, *rows[place + 1 :]]
        if place < len(rows) - 1:
            yield f"{place} removed", [*rows[:place], *rows[place + 1 :]]
            closed = [{**one, "id": one["id"] - 1} for one in rows[place + 1 :]]
            yield f"{place} removed, gap closed", [*rows[:place], *closed]
            after = rows[place + 1]
            swapped = [{**after, "id": row["id"]}, {**row, "id": after["id"]}]
            yield f"{place} swapped", [*rows[:place], *swapped, *rows[place + 2 :]]
        moved = [{**one, "id": one["id"] + 1} for one in rows[place:]]
        before = rows[place - 1]["link"] if place else auditchain.FIRST
        made = auditchain.link(before, row["id"], row["at"], "x", "y", "z")
        yield f"{place} inserted", [*rows[:place], {**row, "who": "x", "what": "y", "about": "z", "link": made}, *moved]


async def test_every_forgery_is_found_and_a_cut_off_end_by_what_was_written_down_of_it(house: Any) -> None:
    root = await house.sign_in("root", "admin")
    for _ in range(4):
        house.later(minutes=1)
        await root.push(root.author.witness("export", kind="audit", place=MASKED))
    rows = await lines(house)
    anchor = await audit.anchor(house.database)
    assert await audit.missing(house.database, [anchor]) is None
    await house.context.db.write(unlock)

    async def put(forged: list[dict[str, Any]]) -> None:
        def work(conn: Any) -> None:
            conn.execute(delete(schema.audit))
            conn.execute(insert(schema.audit), forged)

        await house.context.db.write(work)

    unseen, tried = [], 0
    for name, forged in forgeries(rows):
        if len({row["id"] for row in forged}) < len(forged):
            continue
        await put(forged)
        tried += 1
        if not (await audit.verify(house.database)).broken:
            unseen.append(name)
    assert tried > 40
    assert unseen == []
    for cut in range(len(rows)):
        await put(rows[: cut + 1])
        assert not (await audit.verify(house.database)).broken
        lost = await audit.missing(house.database, [anchor])
        assert (lost is None) == (cut + 1 == len(rows))
    prev = auditchain.FIRST
    anew = []
    for row in rows:
        prev = auditchain.link(prev, row["id"], row["at"], row["who"], row["what"], "nothing")
        anew.append({**row, "about": "nothing", "link": prev})
    await put(anew)
    assert not (await audit.verify(house.database)).broken
    assert await audit.missing(house.database, [anchor]) == anchor


async def test_nothing_is_written_down_of_a_log_that_is_broken(house: Any) -> None:
    await house.sign_in("root", "admin")
    await house.context.db.write(unlock)
    await house.context.db.write(lambda conn: conn.execute(update(schema.audit).values(who="x")))
    with pytest.raises(Refused) as caught:
        await audit.anchor(house.database)
    assert caught.value.code == "audit-broken"


async def test_whoever_signs_in_stands_there_once_a_shift_by_his_session(house: Any) -> None:
    wang = await house.sign_in("wang")
    for hours in (0, 1, 6, 9):
        house.later(hours=hours)
        assert (await wang.http.get("/v1/me")).status_code == 200
    told = await about(house, "token.sign-in")
    assert len(told) == 2
    assert len(set(told)) == 1
    assert told[0].startswith("wang ") and wang.token not in told[0]
