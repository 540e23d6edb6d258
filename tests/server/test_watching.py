"""What the audit log says about operations: once each, and never a value."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import msgspec
import pytest
from sqlalchemy import select

from okpay_console.server import audit, feed, schema
from okpay_console.server.clock import new_id

CARD = "4111 1111 1111 1111"


async def lines(house: Any) -> list[tuple[str, str, str]]:
    """Who, what and about, but for the lines about users."""
    wanted = select(schema.audit).order_by(schema.audit.c.id)
    rows = await house.context.db.read(lambda conn: list(conn.execute(wanted)))
    return [(row.who, row.what, row.about) for row in rows if not row.what.startswith(("user.", "token."))]


async def test_a_witness_needs_no_ticket_and_is_recorded_once_however_often_it_is_sent(house: Any) -> None:
    wang = await house.sign_in()
    ticket = await wang.new()
    first = wang.author.witness("secret-refused", kind="card", place="composer", ticket=ticket.id)
    items = wang.items(first, wang.author.witness("secret-refused", kind="code", place="find"))
    for _ in range(2):
        reply = (await wang.send(items)).json()
        assert [outcome["state"] for outcome in reply["outcomes"]] == ["confirmed", "confirmed"]
    again = house.again(wang, "another-store")
    assert (await again.push(first)).outcomes[0].state == "confirmed"
    assert await lines(house) == [
        ("wang", "secret-refused", f"{ticket.id} card composer"), ("wang", "secret-refused", "code find"),
    ]  # fmt: skip
    assert (await wang.see(ticket.id)).rev == ticket.rev
    assert await house.context.db.read(audit.broken_at) is None


async def test_a_witness_is_known_again_also_when_the_past_was_trimmed(house: Any) -> None:
    wang = await house.sign_in()
    op = wang.author.witness("secret-refused", kind="code", place="find")
    await wang.push(op)
    await wang.new()
    await feed.trim(house.context.db, 99)
    await house.again(wang, "another-store").push(op)
    assert await lines(house) == [("wang", "secret-refused", "code find")]


async def test_a_witness_about_a_ticket_that_is_not_there_yet_is_recorded(house: Any) -> None:
    wang = await house.sign_in()
    made_offline = new_id()
    [outcome] = (await wang.push(wang.author.witness("secret-refused", kind="cvv", ticket=made_offline))).outcomes
    assert (outcome.state, await lines(house)) == ("confirmed", [("wang", "secret-refused", f"{made_offline} cvv")])


@pytest.mark.parametrize(
    "told",
    [
        {"what": ""}, {"what": "he said his card is 4111"}, {"what": "x", "kind": CARD}, {"what": "x", "place": "a\x00b"},
        {"what": "x", "kind": "4111111111111111"}, {"what": "x" * 65},
    ],
)  # fmt: skip
async def test_a_witness_that_says_more_than_codes_is_refused_and_leaves_no_line(house: Any, told: Any) -> None:
    wang = await house.sign_in()
    [outcome] = (await wang.push(wang.author.witness(**told))).outcomes
    assert (outcome.state, outcome.code, await lines(house)) == ("rejected", "bad-arguments", [])


async def test_a_look_at_a_masked_value_leaves_a_line_with_the_field_and_not_the_reason(house: Any) -> None:
    wang = await house.sign_in()
    ticket = await wang.new()
    op = wang.author.reveal(ticket, "mobile", reason="to call back")
    await wang.send(items := wang.items(op))
    await wang.send(items)
    assert await lines(house) == [("wang", "field.reveal", f"{ticket.id} mobile")]


async def test_a_look_that_the_server_refuses_leaves_a_line_too_because_it_had_been_shown(house: Any) -> None:
    boss, li = await house.sign_in("boss", "supervisor"), await house.sign_in("li", queues=("vip",))
    ticket = await boss.new()
    await li.push(li.author.reveal(ticket, "mobile", reason="curious"))
    assert await lines(house) == [("li", "field.reveal-refused", f"{ticket.id} mobile")]


async def test_a_field_that_is_no_name_is_not_written_down(house: Any) -> None:
    wang = await house.sign_in()
    ticket = await wang.new()
    await wang.push(wang.author.reveal(ticket, "张三 13800138000", reason="to call back"))
    assert "138" not in str(await lines(house))


@pytest.mark.parametrize("kind", ["close", "wrapup"])
async def test_an_end_with_a_reason_in_place_of_the_checklist_leaves_a_line(house: Any, kind: str) -> None:
    wang = await house.sign_in()
    ticket = await wang.new()
    end = getattr(wang.author, kind)
    await wang.push(end(ticket, "INFO_GIVEN", summary="told"))
    assert await lines(house) == []
    other = await wang.new()
    await wang.push(end(other, "INFO_GIVEN", summary="told", override="caller hung up"))
    name = {"close": "ticket.close", "wrapup": "call.wrapup"}[kind]
    assert await lines(house) == [("wang", "override", f"{other.id} {name} INFO_GIVEN")]


async def test_an_override_that_did_not_go_through_leaves_no_line(house: Any) -> None:
    wang = await house.sign_in()
    ticket = await wang.new()
    await wang.push(wang.author.close(ticket, "INFO_GIVEN", summary="told"))
    stale = msgspec.structs.replace(ticket, status="open")
    [outcome] = (await wang.push(wang.author.close(stale, "RESOLVED", override="no time"))).outcomes
    assert (outcome.state != "confirmed", await lines(house)) == (True, [])


async def test_a_secret_that_reaches_the_server_is_refused_and_its_kind_is_written_down_alone(house: Any) -> None:
    wang = await house.sign_in()
    ticket = await wang.new()
    note = wang.author.note(ticket, f"card {CARD}")
    field = wang.author.field(ticket, "memo", "cvv 123")
    assert [outcome.code for outcome in (await wang.push(note, field)).outcomes] == ["secret", "secret"]
    assert await lines(house) == [
        ("wang", "secret-refused", f"{ticket.id} card ticket.note"), ("wang", "secret-refused", f"{ticket.id} cvv field.set"),
    ]  # fmt: skip
    assert "4111" not in str(await lines(house))


async def test_a_note_that_completes_a_secret_leaves_a_line_with_its_kind(house: Any) -> None:
    wang = await house.sign_in()
    ticket = await wang.new()
    halves = [wang.author.note(ticket, words) for words in ("4111 1111", "您好", "1111 1111")]
    assert [outcome.code for outcome in (await wang.push(*halves)).outcomes] == ["", "", "secret"]
    assert await lines(house) == [("wang", "secret-refused", f"{ticket.id} card ticket.note")]


async def test_a_secret_in_an_import_or_in_a_ticket_by_key_is_written_down_too(house: Any) -> None:
    mail = await house.sign_in("mail", "integration")
    good = {"subject": "Paid twice", "channel": "email"}
    bad = {**good, "text": f"my card is {CARD}"}
    reply = await mail.http.post("/v1/tickets/batch", json={"items": [good, bad, good]})
    assert [item["state"] for item in reply.json()["items"]] == ["created", "refused", "created"]
    reply = await mail.http.post("/v1/tickets", json=bad, headers={"Idempotency-Key": "k1"})
    assert reply.status_code == 422, reply.text
    found = await lines(house)
    assert [line[:2] for line in found] == [
        ("mail", "secret-refused"), ("mail", "tickets.import"), ("mail", "secret-refused"),
    ]  # fmt: skip
    assert "4111" not in str(found)


async def merged(console: Any, *tickets: Any) -> None:
    """Each into the next one."""
    for one, into in pairwise(tickets):
        assert (await console.push(console.author.merge(one, into.id))).outcomes[0].state == "confirmed"


async def test_what_a_caller_says_on_a_merged_ticket_comes_to_the_one_that_it_went_into(house: Any) -> None:
    wang, mail = await house.sign_in(), await house.sign_in("mail", "integration")
    one, two, three = await mail.new("1"), await mail.new("2"), await mail.new("3")
    await merged(wang, one, two, three)
    said = mail.author.message(one, "still no money")
    [outcome] = (await mail.push(said)).outcomes
    assert (outcome.state, outcome.ticket) == ("confirmed", three.id)
    assert [entry.text for entry in (await wang.see(three.id)).timeline if entry.kind == "message"] == [
        "still no money"
    ]
    assert "still no money" not in str((await wang.see(one.id)).timeline)
    before = (await wang.see(three.id)).priority
    await mail.push(mail.author.chase(one, text="for the third time", other=three.id))
    after = await wang.see(three.id)
    assert (before, after.priority, after.chases) == ("normal", "high", 1)


async def test_a_note_of_an_agent_stays_on_the_merged_ticket(house: Any) -> None:
    wang = await house.sign_in()
    one, two = await wang.new("1"), await wang.new("2")
    await merged(wang, one, two)
    [outcome] = (await wang.push(wang.author.note(one, "the former case"))).outcomes
    assert (outcome.state, outcome.ticket) == ("confirmed", one.id)


async def test_a_machine_that_sees_the_merged_ticket_alone_still_brings_its_message_to_the_owner(house: Any) -> None:
    boss, mail = await house.sign_in("boss", "supervisor"), await house.sign_in("mail", "integration", queues=("mail",))
    one, two = await boss.new("1", queue="mail"), await boss.new("2", queue="vip")
    await merged(boss, one, two)
    [outcome] = (await mail.push(mail.author.message(one, "still no money"))).outcomes
    assert outcome.state == "confirmed"
    assert "still no money" in str((await boss.see(two.id)).timeline)
    assert (await mail.push(mail.author.message(two, "x"))).outcomes[0].code == "no-ticket"


async def test_merges_in_a_circle_end_and_a_message_is_not_lost_in_them(house: Any) -> None:
    wang = await house.sign_in()
    one, two = await wang.new("1"), await wang.new("2")
    await merged(wang, one, two)

    def bend(conn: Any) -> None:
        from okpay_console.server import history

        ticket = history.load(conn, two.id)
        assert ticket is not None
        history.commit(conn, now=house.clock(), puts=[msgspec.structs.replace(ticket, merged_into=one.id)])

    await house.context.db.write(bend)
    [outcome] = (await wang.push(wang.author.message(one, "still no money"))).outcomes
    assert outcome.state == "confirmed"
    assert "still no money" in str((await wang.see(outcome.ticket)).timeline)
