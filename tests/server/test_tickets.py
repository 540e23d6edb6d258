"""Tickets for callers without a log: read, list, edit, create once, and many at once."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from sqlalchemy import func, select

from okpay_console.content.rules import load_rules
from okpay_console.server import schema


async def edit(console: Any, ticket: Any, rev: int | str | None, **fields: Any) -> Any:
    headers = {} if rev is None else {"If-Match": f'"{rev}"'}
    return await console.http.patch(f"/v1/tickets/{ticket.id}", json=fields, headers=headers)


async def test_a_ticket_is_served_as_stored_with_its_rev_as_etag(house: Any) -> None:
    wang = await house.sign_in()
    ticket = await wang.new()
    reply = await wang.http.get(f"/v1/tickets/{ticket.id}")
    assert (reply.headers["etag"], reply.json()["id"]) == ('"1"', ticket.id)
    cached = await wang.http.get(f"/v1/tickets/{ticket.id}", headers={"If-None-Match": '"1"'})
    assert (cached.status_code, cached.content) == (304, b"")


async def test_an_edit_on_the_version_that_was_read_is_made_in_one_commit(house: Any) -> None:
    wang = await house.sign_in()
    ticket = await wang.new(category="TXN")
    reply = await edit(wang, ticket, 1, subject="Paid three times", priority="high", category="REFUND", tags=["vip"])
    assert (reply.status_code, reply.headers["etag"]) == (200, '"2"')
    after = await wang.see(ticket.id)
    assert (after.subject, after.priority, after.category, after.tags) == (
        "Paid three times",
        "high",
        "REFUND",
        ("vip",),
    )
    assert {entry.by for entry in after.timeline} == {"wang"}
    await edit(wang, ticket, 2, tags=["new"])
    assert (await wang.see(ticket.id)).tags == ("new",)


async def test_an_edit_without_if_match_is_428_and_on_an_old_version_412_with_the_current_one(house: Any) -> None:
    wang = await house.sign_in()
    ticket = await wang.new()
    assert (await edit(wang, ticket, None, priority="high")).status_code == 428
    assert (await edit(wang, ticket, "*", priority="high")).status_code == 428
    await edit(wang, ticket, 1, priority="high")
    reply = await edit(wang, ticket, 1, priority="low")
    assert (reply.status_code, reply.json()["current"]["priority"]) == (412, "high")
    assert reply.json()["current"]["rev"] == 2


async def test_an_edit_that_changes_nothing_keeps_the_rev(house: Any) -> None:
    wang = await house.sign_in()
    ticket = await wang.new()
    assert (await edit(wang, ticket, 1, priority="normal")).headers["etag"] == '"1"'


@pytest.mark.parametrize("fields", [{"status": "closed"}, {"priority": "soon"}, {"subject": 5}, {"subject": " "}])
async def test_an_edit_of_other_fields_or_wrong_values_is_422(house: Any, fields: dict[str, Any]) -> None:
    wang = await house.sign_in()
    ticket = await wang.new()
    assert (await edit(wang, ticket, 1, **fields)).status_code == 422
    assert (await wang.see(ticket.id)).rev == 1


async def test_of_two_edits_at_once_one_wins(house: Any) -> None:
    wang = await house.sign_in()
    ticket = await wang.new()
    replies = await asyncio.gather(*(edit(wang, ticket, 1, subject=f"{n}") for n in range(4)))
    assert sorted(reply.status_code for reply in replies) == [200, 412, 412, 412]


async def test_the_list_is_paged_by_number_and_filtered(house: Any) -> None:
    wang = await house.sign_in()
    made = [await wang.new(f"{n}", category="TXN" if n % 2 else "ACC") for n in range(5)]
    seen, before = [], None
    while True:
        query = {"limit": 2, **({"before": before} if before else {})}
        page = (await wang.http.get("/v1/tickets", params=query)).json()
        seen += [doc["number"] for doc in page["tickets"]]
        before = page["before"]
        if before is None:
            break
    assert seen == [ticket.number for ticket in reversed(made)]
    found = (await wang.http.get("/v1/tickets?category=ACC")).json()["tickets"]
    assert [doc["subject"] for doc in found] == ["4", "2", "0"]
    for wrong in ("limit=0", "before=0", f"before={1 << 70}", "before=x", "queue=a%00b"):
        assert (await wang.http.get(f"/v1/tickets?{wrong}")).status_code == 422


async def create(console: Any, key: str | None, **fields: Any) -> Any:
    headers = {} if key is None else {"Idempotency-Key": key}
    return await console.http.post("/v1/tickets", json={"subject": "x", "channel": "email", **fields}, headers=headers)


async def test_a_key_creates_once_and_answers_the_same_again(house: Any) -> None:
    mail = await house.sign_in("mail", "integration")
    first, second = await create(mail, "k1"), await create(mail, "k1")
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json() == second.json()
    assert "idempotency-replayed" not in first.headers and second.headers["idempotency-replayed"] == "true"
    assert first.headers["location"] == f"/v1/tickets/{first.json()['id']}"
    assert (await create(mail, "k2")).json() != first.json()


async def test_a_missing_key_is_400_and_a_key_of_another_body_422(house: Any) -> None:
    mail = await house.sign_in("mail", "integration")
    assert (await create(mail, None)).status_code == 400
    await create(mail, "k1")
    reply = await create(mail, "k1", subject="other")
    assert (reply.status_code, reply.json()["type"]) == (422, "/problems/key-reused")


async def test_a_key_being_worked_on_is_409_or_its_result_and_never_a_second_ticket(house: Any) -> None:
    mail = await house.sign_in("mail", "integration")
    replies = await asyncio.gather(*(create(mail, "k1") for _ in range(6)))
    assert {reply.status_code for reply in replies} <= {201, 409}
    assert len({reply.json()["id"] for reply in replies if reply.status_code == 201}) == 1
    assert len((await mail.http.get("/v1/tickets")).json()["tickets"]) == 1


async def test_keys_of_two_users_do_not_meet(house: Any) -> None:
    mail, chat = await house.sign_in("mail", "integration"), await house.sign_in("chat", "integration")
    assert (await create(mail, "k")).json() != (await create(chat, "k")).json()


async def batch(console: Any, *items: Any) -> Any:
    return await console.http.post("/v1/tickets/batch", json={"items": items})


def item(subject: str = "x", **more: Any) -> dict[str, Any]:
    return {"subject": subject, "channel": "email", **more}


async def test_a_batch_creates_what_is_new_in_one_commit_and_names_what_is_not(house: Any) -> None:
    erp = await house.sign_in("erp", "integration")
    await batch(erp, item("old", external_id="e0"))
    await erp.pull()
    report = await batch(
        erp, item("a", external_id="e1"), item("old", external_id="e0"), item(" "), item(channel="fax"), item("b"), "junk",
        item("a", external_id="e1"),
    )  # fmt: skip
    results = report.json()["items"]
    assert [result["index"] for result in results] == list(range(7))
    assert [result["state"] for result in results] == [
        "created", "exists", "refused", "refused", "created", "refused", "exists",
    ]  # fmt: skip
    assert [result["reason"] for result in results if result["state"] == "refused"] == [
        "empty-text", "bad-arguments", "bad-arguments",
    ]  # fmt: skip
    assert results[0]["number"] == results[6]["number"] == 10002
    assert "fax" not in report.text and "channel" in results[3]["what"]
    assert len((await erp.pull()).changes) == 2
    newest = select(func.max(schema.commits.c.seq))
    assert await house.context.db.read(lambda conn: conn.execute(newest).scalar()) == 2


async def test_the_same_batch_again_creates_nothing(house: Any) -> None:
    erp = await house.sign_in("erp", "integration")
    items = [item(f"{n}", external_id=f"e{n}") for n in range(20)]
    first, second = (await batch(erp, *items)).json()["items"], (await batch(erp, *items)).json()["items"]
    assert {result["state"] for result in first} == {"created"} and {result["state"] for result in second} == {"exists"}
    assert [result["id"] for result in first] == [result["id"] for result in second]
    assert [result["number"] for result in first] == [result["number"] for result in second]


async def test_two_equal_batches_at_once_create_each_ticket_once(house: Any) -> None:
    erp = await house.sign_in("erp", "integration")
    items = [item(f"{n}", external_id=f"e{n}") for n in range(20)]
    replies = await asyncio.gather(*(batch(erp, *items) for _ in range(3)))
    assert {reply.status_code for reply in replies} == {200}
    states = sorted(result["state"] for reply in replies for result in reply.json()["items"])
    assert states == ["created"] * 20 + ["exists"] * 40


async def test_an_imported_ticket_begins_when_it_was_created(house: Any) -> None:
    """Its clocks too: a refund that came an hour before the house opened is answered within two hours of work."""
    ruled = type(house)(house.database, rules=load_rules())
    erp = await ruled.sign_in("erp", "integration")
    future = "2027-01-01T00:00:00Z"
    first, naive = (
        item(created_at="2026-01-05T08:00:00+08:00", category="REFUND"),
        item(created_at="2026-01-05T08:00:00"),
    )
    report = await batch(erp, first, item(created_at=future), naive)
    made, *refused = report.json()["items"]
    assert [result["reason"] for result in refused] == ["bad-time", "bad-time"]
    ticket = await erp.see(made["id"])
    assert ticket.created_at.isoformat() == "2026-01-05T08:00:00+08:00"
    assert ticket.sla.response_due is not None and ticket.sla.response_due.isoformat() == "2026-01-05T11:00:00+08:00"
    await ruled.close()


async def test_a_batch_is_for_integrations_and_supervisors_and_of_limited_size(house: Any) -> None:
    wang, erp = await house.sign_in(), await house.sign_in("erp", "integration")
    assert (await batch(wang, item())).status_code == 403
    assert (await batch(erp, *[item()] * 501)).status_code == 413
    assert (await batch(erp)).json() == {"items": []}


async def test_a_full_batch_of_five_hundred_is_one_commit(house: Any) -> None:
    erp = await house.sign_in("erp", "integration")
    report = (await batch(erp, *(item(f"{n}", external_id=f"e{n}") for n in range(500)))).json()["items"]
    assert [result["number"] for result in report] == list(range(10001, 10501))
    page = await erp.pull()
    assert (len(page.changes), page.more) == (500, False)
