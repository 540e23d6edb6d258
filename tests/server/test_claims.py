"""Claims: one winner, a lease, a fencing number."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest


async def claim(console: Any, ticket: Any, verb: str = "claim") -> Any:
    return await console.http.post(f"/v1/tickets/{ticket.id}/{verb}")


async def test_a_claim_writes_who_until_when_and_the_fencing_number_into_the_ticket_and_the_feed(house: Any) -> None:
    wang = await house.sign_in()
    ticket = await wang.new()
    await wang.pull()
    won = (await claim(wang, ticket)).json()
    assert (won["claim_no"], won["lease_s"], won["ticket"]["assignee"]) == (1, 600.0, "wang")
    [change] = (await wang.pull()).changes
    assert change.doc == won["ticket"]
    assert (change.doc["status"], change.doc["timeline"][-1]["kind"]) == ("open", "claim")
    assert change.doc["lease_until"] == "2026-03-02T09:10:00Z"


async def test_a_held_ticket_is_refused_with_the_holders_name(house: Any) -> None:
    wang, li = await house.sign_in(), await house.sign_in("li")
    ticket = await wang.new()
    await claim(wang, ticket)
    reply = await claim(li, ticket)
    assert (reply.status_code, reply.json()["type"], reply.json()["held_by"]) == (409, "/problems/held", "wang")


async def test_after_the_lease_somebody_else_may_claim_and_the_number_rises(house: Any) -> None:
    wang, li = await house.sign_in(), await house.sign_in("li")
    ticket = await wang.new()
    await claim(wang, ticket)
    house.later(seconds=600)
    assert (await claim(li, ticket)).status_code == 409
    house.later(seconds=1)
    won = (await claim(li, ticket)).json()
    assert (won["claim_no"], won["ticket"]["assignee"]) == (2, "li")
    reply = await claim(wang, ticket, "renew")
    assert (reply.status_code, reply.json()["held_by"]) == (409, "li")


async def test_renewing_keeps_the_number_and_begins_the_lease_anew(house: Any) -> None:
    wang, li = await house.sign_in(), await house.sign_in("li")
    ticket = await wang.new()
    await claim(wang, ticket)
    house.later(seconds=500)
    renewed = (await claim(wang, ticket, "renew")).json()
    assert (renewed["claim_no"], renewed["lease_s"]) == (1, 600.0)
    house.later(seconds=500)
    assert (await claim(li, ticket)).status_code == 409


async def test_renewing_what_nobody_holds_says_so(house: Any) -> None:
    wang = await house.sign_in()
    reply = await claim(wang, await wang.new(), "renew")
    assert (reply.status_code, reply.json()["type"]) == (409, "/problems/not-held")


async def test_claiming_again_after_a_lost_reply_is_harmless(house: Any) -> None:
    wang = await house.sign_in()
    ticket = await wang.new()
    first, second = (await claim(wang, ticket)).json(), (await claim(wang, ticket)).json()
    assert first["claim_no"] == second["claim_no"] == 1
    assert len(second["ticket"]["timeline"]) == 2


async def test_an_assignment_without_a_lease_holds(house: Any) -> None:
    boss, wang = await house.sign_in("boss", "supervisor"), await house.sign_in()
    await house.sign_in("li")
    ticket = await boss.new()
    await boss.push(boss.author.assign(ticket, "li"))
    house.later(days=3)
    assert (await claim(wang, ticket)).json()["held_by"] == "li"


async def test_a_closed_ticket_a_missing_one_and_a_machine_are_told_apart(house: Any) -> None:
    wang, mail = await house.sign_in(), await house.sign_in("mail", "integration")
    ticket = await wang.new()
    await wang.push(wang.author.close(ticket, "RESOLVED"))
    assert (await claim(wang, ticket)).json()["type"] == "/problems/closed"
    assert (await wang.http.post("/v1/tickets/nothing/claim")).status_code == 404
    assert (await wang.http.post("/v1/tickets/a%00b/claim")).status_code == 404
    assert (await claim(mail, ticket)).status_code == 403


async def test_next_gives_the_most_urgent_then_the_earliest_due_and_204_when_there_is_nothing(house: Any) -> None:
    wang = await house.sign_in()
    made = {
        "late": await wang.new("late", category="TXN"),
        "soon": await wang.new("soon", category="LOGIN"),
        "urgent": await wang.new("urgent", category="ACC", priority="urgent"),
    }
    waiting = await wang.new("waiting")
    await wang.push(wang.author.status(waiting, "pending"))
    got = [(await wang.http.post("/v1/queue/next")).json()["ticket"]["subject"] for _ in range(3)]
    assert got[0] == "urgent" and set(got) == set(made)
    reply = await wang.http.post("/v1/queue/next")
    assert (reply.status_code, reply.content) == (204, b"")


async def test_next_keeps_to_the_agents_queues_and_to_those_asked_for(house: Any) -> None:
    boss = await house.sign_in("boss", "supervisor")
    li = await house.sign_in("li", queues=("vip", "cards"))
    await boss.new("general", queue="general")
    await boss.new("vip", queue="vip")
    await boss.new("cards", queue="cards")
    assert (await li.http.post("/v1/queue/next?queue=cards")).json()["ticket"]["subject"] == "cards"
    assert (await li.http.post("/v1/queue/next?queue=general")).status_code == 204
    assert (await li.http.post("/v1/queue/next")).json()["ticket"]["subject"] == "vip"
    assert (await li.http.post("/v1/queue/next")).status_code == 204


@pytest.mark.parametrize("verb", ["claim", "next"])
async def test_of_eight_who_want_the_same_tickets_each_ticket_has_one_winner(house: Any, verb: str) -> None:
    boss = await house.sign_in("boss", "supervisor")
    items = [{"subject": f"{n}", "channel": "chat"} for n in range(12)]
    made = (await boss.http.post("/v1/tickets/batch", json={"items": items})).json()["items"]
    workers = [await house.sign_in(f"agent{n}") for n in range(8)]

    async def work(console: Any) -> list[str]:
        won = []
        for item in made:
            path = f"/v1/tickets/{item['id']}/claim" if verb == "claim" else "/v1/queue/next"
            reply = await console.http.post(path)
            assert reply.status_code in (200, 204, 409), reply.text
            if reply.status_code == 200:
                won.append(reply.json()["ticket"]["id"])
        return won

    wins = [ticket for won in await asyncio.gather(*map(work, workers)) for ticket in won]
    assert sorted(wins) == sorted(item["id"] for item in made)
