"""The mutation log: each sentence of the protocol's section on pushing."""

from __future__ import annotations

import asyncio
from typing import Any

import msgspec
import pytest
from sqlalchemy import func, select

from okpay_console.domain import wire
from okpay_console.domain.ticket import Ticket
from okpay_console.server import feed, history, schema
from okpay_console.server.service import RawPush, push


def raw(console: Any, *items: Any) -> RawPush:
    return RawPush(console.client, [msgspec.Raw(msgspec.json.encode(item)) for item in items])


async def notes(console: Any, ticket: Ticket) -> list[str]:
    return [entry.text for entry in (await console.see(ticket.id)).timeline if entry.kind == "note"]


async def test_effect_outcome_and_high_water_mark_come_together(house: Any) -> None:
    wang = await house.sign_in()
    op = wang.author.new(subject="Paid twice", channel="hotline")
    reply = await wang.push(op)
    assert reply.outcomes == [wire.Outcome(op.uuid, "confirmed", op.ticket, mid=1)]
    assert reply.last == wire.Last(1, op.uuid)
    page = await wang.pull()
    assert (page.last, page.changes[0].id, page.changes[0].rev) == (reply.last, op.ticket, 1)


async def test_the_author_is_who_the_token_says(house: Any) -> None:
    wang = await house.sign_in()
    ticket = await wang.new()
    item = wang.items(wang.author.note(ticket, "mine"))[0]
    await wang.send([msgspec.structs.replace(item, args={**item.args, "by": "boss"})])
    assert (await wang.see(ticket.id)).timeline[-1].by == "wang"


async def test_every_change_raises_the_rev_by_one_and_new_tickets_are_numbered_in_order(house: Any) -> None:
    wang = await house.sign_in()
    first, second = await wang.new("a"), await wang.new("b")
    assert (first.number, second.number) == (10001, 10002)
    await wang.push(wang.author.note(first, "x"), wang.author.note(first, "y"))
    assert (await wang.see(first.id)).rev == 3


async def test_an_operation_that_changes_nothing_is_recorded_and_moves_no_ticket(house: Any) -> None:
    wang = await house.sign_in()
    ticket = await wang.new()
    await wang.pull()
    reply = await wang.push(wang.author.priority(ticket, "normal"))
    assert [outcome.state for outcome in reply.outcomes] == ["confirmed"]
    page = await wang.pull()
    assert (page.changes, page.last.mid) == ([], 2)


async def test_the_same_mutation_again_changes_nothing_and_gets_the_stored_outcome(house: Any) -> None:
    wang = await house.sign_in()
    ticket = await wang.new()
    items = wang.items(wang.author.note(ticket, "once"), wang.author.note(ticket, " "))
    first, second = (await wang.send(items)).json(), (await wang.send(items)).json()
    assert first["outcomes"] == second["outcomes"]
    assert await notes(wang, ticket) == ["once"]


async def test_another_mutation_under_a_used_number_is_a_fork(house: Any) -> None:
    wang = await house.sign_in()
    ticket = await wang.new()
    other = wire.to_item(wang.author.note(ticket, "x"), mid=1, prev="")
    reply = await wang.send([other])
    assert (reply.status_code, reply.json()["type"]) == (409, "/problems/client-forked")


async def test_a_gap_is_refused_with_the_number_that_is_expected(house: Any) -> None:
    wang = await house.sign_in()
    ticket = await wang.new()
    reply = await wang.send([wire.to_item(wang.author.note(ticket, "x"), mid=5, prev="lost")])
    problem = reply.json()
    assert (reply.status_code, problem["type"], problem["expect"]) == (409, "/problems/mid-gap", 2)


async def test_a_wrong_link_to_the_mutation_before_is_a_fork(house: Any) -> None:
    wang = await house.sign_in()
    ticket = await wang.new()
    reply = await wang.send([wire.to_item(wang.author.note(ticket, "x"), mid=2, prev="another")])
    assert (reply.status_code, reply.json()["type"]) == (409, "/problems/client-forked")
    assert await notes(wang, ticket) == []


async def test_what_was_recorded_before_a_fork_in_one_request_stays_recorded(house: Any) -> None:
    wang = await house.sign_in()
    ticket = await wang.new()
    good = wang.items(wang.author.note(ticket, "kept"))
    bad = wire.to_item(wang.author.note(ticket, "x"), mid=3, prev="another")
    assert (await wang.send([*good, bad])).status_code == 409
    assert await notes(wang, ticket) == ["kept"]
    assert (await wang.pull()).last.mid == 2


async def test_a_mutation_numbered_again_by_a_fresh_client_is_skipped_and_counted(house: Any) -> None:
    wang = await house.sign_in()
    ticket = await wang.new()
    note, refused = wang.author.note(ticket, "once"), wang.author.note(ticket, " ")
    await wang.push(note, refused)
    fresh = house.again(wang, "fresh")
    reply = await fresh.push(note, refused, wang.author.note(ticket, "new"))
    assert [outcome.state for outcome in reply.outcomes] == ["confirmed", "rejected", "confirmed"]
    assert [outcome.mid for outcome in reply.outcomes] == [1, 2, 3]
    assert reply.last.mid == 3
    assert await notes(wang, ticket) == ["once", "new"]
    assert [outcome.uuid for outcome in (await fresh.pull()).outcomes] == [refused.uuid]


async def test_a_reply_with_a_blank_reaches_no_caller_whoever_sends_it(house: Any) -> None:
    wang = await house.sign_in()
    ticket = await wang.new()
    blank = wang.author.reply(ticket, "请拨 {客服热线}")
    outcomes = (await wang.push(blank, wang.author.reply(ticket, "请拨 95510"))).outcomes
    assert [(outcome.state, outcome.code) for outcome in outcomes] == [("rejected", "blanks"), ("confirmed", "")]
    assert [entry.text for entry in (await wang.see(ticket.id)).timeline if entry.kind == "reply"] == ["请拨 95510"]


async def test_a_client_belongs_to_the_first_user_that_pushed_with_it(house: Any) -> None:
    wang, li = await house.sign_in(), await house.sign_in("li")
    await wang.new()
    li.client = wang.client
    reply = await li.send(li.items(li.author.new(subject="x", channel="chat")))
    assert (reply.status_code, reply.json()["type"]) == (409, "/problems/client-forked")
    assert reply.json()["title"] == "This store belongs to another user."


async def test_a_mutation_that_can_never_succeed_is_recorded_and_blocks_nobody(house: Any) -> None:
    wang = await house.sign_in()
    ticket = await wang.new()
    good = wang.author.note(ticket, "after the poison")
    missing = msgspec.structs.replace(wang.author.note(ticket, "x"), ticket="no-such-ticket")
    poison, unknown, wrong, last = wang.items(
        missing, wang.author.note(ticket, "y"), wang.author.note(ticket, "z"), good
    )
    unknown = msgspec.structs.replace(unknown, name="ticket.explode")
    wrong = msgspec.structs.replace(wrong, args={"text": 5})
    reply = (await wang.send([poison, unknown, wrong, last])).json()
    assert [outcome.get("code", "") for outcome in reply["outcomes"]] == [
        "no-ticket", "unknown-operation", "bad-arguments", "",
    ]  # fmt: skip
    assert reply["last"]["mid"] == wang.mid
    assert await notes(wang, ticket) == ["after the poison"]


@pytest.mark.parametrize(
    "spoilt",
    [
        {"at": "yesterday"}, {"guard": 5}, {"args": None}, {"name": 7, "was": []}, {"id": "a b\x00c"}, {"id": "x" * 300},
        {"guard": {"expires_at": "2026-01-01T00:00:00"}, "name": "ticket.reply"}, {"at": "2026-01-01T00:00:00"},
    ],
    ids=",".join,
)  # fmt: skip
async def test_an_item_that_cannot_be_read_is_refused_alone(house: Any, spoilt: dict[str, Any]) -> None:
    wang = await house.sign_in()
    ticket = await wang.new()
    first, second = wang.items(wang.author.note(ticket, "spoilt"), wang.author.note(ticket, "sound"))
    body = {"client": wang.client, "items": [{**msgspec.to_builtins(first), **spoilt}, second]}
    if not isinstance(spoilt.get("name", ""), str):
        # Without its name an item cannot even be told apart: the whole request is refused, and nothing is recorded.
        assert (await wang.http.post("/v1/mutations", content=msgspec.json.encode(body))).status_code == 422
        return
    reply = await wang.http.post("/v1/mutations", content=msgspec.json.encode(body))
    assert reply.status_code == 200, reply.text
    outcomes = reply.json()["outcomes"]
    assert outcomes[1]["state"] == "confirmed"
    assert (outcomes[0]["state"] == "rejected") or spoilt.keys() == {"at"}
    assert (await wang.see(ticket.id)).timeline[-1].text == "sound"


async def test_a_fault_in_a_rule_is_a_refusal_and_not_a_blocked_log(house: Any, monkeypatch: Any) -> None:
    wang = await house.sign_in()
    ticket = await wang.new()

    def broken(*_: object) -> Ticket:
        raise ZeroDivisionError

    with monkeypatch.context() as patch:
        patch.setattr("okpay_console.domain.ops.apply", broken)
        reply = await wang.push(wang.author.note(ticket, "x"))
    assert [outcome.code for outcome in reply.outcomes] == ["not-applicable"]
    assert (await wang.push(wang.author.note(ticket, "y"))).outcomes[0].state == "confirmed"


async def test_a_guarded_field_that_moved_goes_to_review_with_three_versions(house: Any) -> None:
    wang, li = await house.sign_in(), await house.sign_in("li")
    ticket = await wang.new()
    await wang.push(wang.author.field(ticket, "amount", "10.00"))
    [outcome] = (await li.push(li.author.field(ticket, "amount", "99.00"))).outcomes
    assert (outcome.state, outcome.field) == ("review", "answers.amount")
    assert (outcome.base, outcome.mine, outcome.theirs) == ("", "99.00", "10.00")
    assert [down.uuid for down in (await li.pull()).outcomes] == [outcome.uuid]
    assert (await wang.see(ticket.id)).answers["amount"].value == "10.00"


async def test_a_stale_claim_number_goes_to_review(house: Any) -> None:
    wang, li = await house.sign_in(), await house.sign_in("li")
    ticket = await wang.new()
    mine = (await wang.http.post(f"/v1/tickets/{ticket.id}/claim")).json()
    held = msgspec.convert(mine["ticket"], Ticket)
    house.later(seconds=601)
    assert (await li.http.post(f"/v1/tickets/{ticket.id}/claim")).status_code == 200
    [outcome] = (await wang.push(wang.author.close(held, "RESOLVED", override="late"))).outcomes
    assert (outcome.state, outcome.field) == ("review", "claim_no")


async def test_a_ticket_takes_ten_thousand_notes_and_refuses_only_what_would_choke_the_feed(house: Any) -> None:
    """A long case goes on; the limit only keeps one ticket from filling every console's pages."""
    wang = await house.sign_in()
    long, full = await wang.new("long"), await wang.new("full")
    for ticket, text, count in ((long, "x", 10_000), (full, "x" * 30_000, 70)):
        kept = await wang.see(ticket.id)
        entries = [msgspec.structs.replace(kept.timeline[0], id=f"e{n}", kind="note", text=text) for n in range(count)]
        after = msgspec.structs.replace(kept, timeline=(*kept.timeline, *entries))
        await house.context.db.write(lambda conn, after=after: history.commit(conn, now=house.moment, puts=[after]))
    reply = await wang.push(wang.author.note(long, "one more"), wang.author.note(full, "one too many"))
    assert [(outcome.state, outcome.code) for outcome in reply.outcomes] == [
        ("confirmed", ""),
        ("rejected", "too-large"),
    ]


async def test_two_hundred_items_or_too_many_bytes_are_too_large(house: Any) -> None:
    wang = await house.sign_in()
    ticket = await wang.new()
    many = wang.items(*(wang.author.note(ticket, "x") for _ in range(101)))
    assert (await wang.send(many)).status_code == 413
    reply = await wang.http.post("/v1/mutations", content=b" " * (wire.PUSH_BYTES + 1))
    assert (reply.status_code, reply.json()["type"]) == (413, "/problems/too-large")


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b"\xff", b'{"client":1,"items":[]}', b"[" * 100_000, b'{"client":"a b","items":[]}']
)
async def test_a_body_that_is_not_a_push_is_refused_without_repeating_it(house: Any, body: bytes) -> None:
    wang = await house.sign_in()
    reply = await wang.http.post("/v1/mutations", content=body)
    assert (reply.status_code, reply.json()["type"]) == (422, "/problems/bad-request")


async def test_a_concurrent_duplicate_is_applied_once(house: Any) -> None:
    wang = await house.sign_in()
    ticket = await wang.new()
    items = wang.items(wang.author.note(ticket, "once"))
    replies = await asyncio.gather(*(wang.send(items) for _ in range(8)))
    assert {reply.status_code for reply in replies} == {200}
    assert len({reply.content.split(b'"now"')[0] for reply in replies}) == 1
    assert await notes(wang, ticket) == ["once"]


async def test_the_same_mutation_from_two_clients_at_once_is_applied_once(house: Any) -> None:
    wang = await house.sign_in()
    ticket = await wang.new()
    note = wang.author.note(ticket, "once")
    clients = [house.again(wang, f"copy-{n}") for n in range(6)]
    await asyncio.gather(*(client.push(note) for client in clients))
    assert await notes(wang, ticket) == ["once"]
    count = select(func.count()).select_from(schema.mutations).where(schema.mutations.c.uuid == note.uuid)
    assert await house.context.db.read(lambda conn: conn.execute(count).scalar()) == 1


async def test_a_lost_reply_after_the_commit_needs_no_special_case(house: Any) -> None:
    wang = await house.sign_in()
    ticket = await wang.new()
    items = wang.items(wang.author.note(ticket, "once"))
    who = wang.name
    from okpay_console.server.policy import Who

    await push(
        house.context.db, Who(who, "agent", frozenset()), raw(wang, *items), clock=house.clock,
        rules=house.context.settings.rules,
    )  # fmt: skip
    assert (await wang.pull()).last.mid == wang.mid
    assert (await wang.send(items)).status_code == 200
    assert await notes(wang, ticket) == ["once"]


async def test_a_failure_inside_the_transaction_leaves_neither_effect_nor_mark(house: Any, monkeypatch: Any) -> None:
    wang = await house.sign_in()
    ticket = await wang.new()
    items = wang.items(wang.author.note(ticket, "half"))

    def dies(*_: object, **__: object) -> None:
        raise OSError("power cut")

    with monkeypatch.context() as patch:
        patch.setattr("okpay_console.server.service.keep", dies)
        assert (await wang.send(items)).status_code == 503
    page = await wang.pull()
    assert (page.last.mid, await notes(wang, ticket)) == (1, [])
    assert (await wang.send(items)).status_code == 200
    assert await notes(wang, ticket) == ["half"]


async def test_after_a_trim_the_last_mutation_is_still_recognised(house: Any) -> None:
    wang = await house.sign_in()
    ticket = await wang.new()
    items = wang.items(wang.author.note(ticket, "once"))
    await wang.send(items)
    await feed.trim(house.context.db, 99)
    reply = await wang.send(items)
    assert reply.json()["outcomes"][0]["state"] == "confirmed"
    assert await notes(wang, ticket) == ["once"]


async def test_an_external_id_is_taken_once(house: Any) -> None:
    wang = await house.sign_in()
    await wang.new(external_id="mail-1")
    again = wang.author.new(subject="again", channel="email", external_id="mail-1")
    assert (await wang.push(again)).outcomes[0].code == "exists"


async def test_an_agent_neither_sees_nor_touches_other_queues(house: Any) -> None:
    boss = await house.sign_in("boss", "supervisor")
    li = await house.sign_in("li", queues=("vip",))
    ticket = await boss.new(queue="general")
    outcomes = (
        await li.push(li.author.note(ticket, "x"), li.author.new(subject="x", channel="chat", queue="general"))
    ).outcomes
    assert [outcome.code for outcome in outcomes] == ["no-ticket", "no-queue"]
    assert (await li.http.get(f"/v1/tickets/{ticket.id}")).status_code == 404
    assert (await li.http.post(f"/v1/tickets/{ticket.id}/claim")).status_code == 404
    assert (await li.http.get("/v1/tickets")).json()["tickets"] == []


async def test_roles_decide_which_operations_are_taken(house: Any) -> None:
    wang, li = await house.sign_in(), await house.sign_in("li")
    boss, mail = await house.sign_in("boss", "supervisor"), await house.sign_in("mail", "integration")
    ticket = await mail.new()
    assert (await mail.push(mail.author.message(ticket, "more"))).outcomes[0].state == "confirmed"
    assert (await mail.push(mail.author.note(ticket, "x"))).outcomes[0].code == "forbidden"
    assert (await wang.push(wang.author.assign(ticket, "li"))).outcomes[0].code == "forbidden"
    assert (await wang.push(wang.author.assign(ticket, "wang"))).outcomes[0].state == "confirmed"
    held = await wang.see(ticket.id)
    assert (await li.push(li.author.assign(held, "li"))).outcomes[0].code == "held"
    assert (await li.push(li.author.release(held))).outcomes[0].code == "held"
    assert (await boss.push(boss.author.assign(held, "li"))).outcomes[0].state == "confirmed"
    assert (await wang.see(ticket.id)).assignee == "li"


async def test_a_ticket_is_not_given_to_somebody_who_does_not_exist(house: Any) -> None:
    boss = await house.sign_in("boss", "supervisor")
    await house.sign_in("li")
    ticket = await boss.new()
    [refused] = (await boss.push(boss.author.assign(ticket, "lii"))).outcomes
    assert (refused.state, refused.code) == ("rejected", "no-colleague")
    [given] = (await boss.push(boss.author.assign(ticket, "li"))).outcomes
    assert given.state == "confirmed"


@pytest.mark.parametrize(
    "more",
    [
        {"args": {"text": "x", "mood": "calm"}},
        {"mood": "calm"},
        {"guard": {"claim_no": None, "not_after": "2027-01-01"}},
    ],
    ids=["an argument", "a header", "a condition"],
)
async def test_what_a_newer_console_says_of_an_operation_is_refused_and_not_dropped(
    house: Any, more: dict[str, Any]
) -> None:
    wang = await house.sign_in()
    ticket = await wang.new()
    first, second = wang.items(wang.author.note(ticket, "x"), wang.author.note(ticket, "sound"))
    body = {"client": wang.client, "items": [{**msgspec.to_builtins(first), **more}, second]}
    outcomes = (await wang.http.post("/v1/mutations", content=msgspec.json.encode(body))).json()["outcomes"]
    assert (outcomes[0]["state"], outcomes[0]["code"]) == ("rejected", "unknown-operation")
    assert "Update" in outcomes[0]["advice"]
    assert outcomes[1]["state"] == "confirmed"
    assert await notes(wang, ticket) == ["sound"]
