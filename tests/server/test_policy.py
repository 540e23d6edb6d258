"""Who may do what, cell by cell: every operation, by every role, on a ticket that is free, one's own, or somebody else's."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

import pytest

from okpay_console.domain import ops, wire
from okpay_console.domain.author import Author
from okpay_console.domain.ticket import Ticket, from_doc
from okpay_console.server.policy import ALLOWED

PEOPLE = ("agent", "supervisor", "admin")
HANDS = ("free", "mine", "theirs")
MADE: dict[type[ops.Op], Callable[[Author, Ticket, str], ops.AnyOp]] = {
    ops.NewTicket: lambda me, _, __: me.new(subject="Another one", channel="chat"),
    ops.AddMessage: lambda me, ticket, _: me.message(ticket, "still waiting"),
    ops.AddNote: lambda me, ticket, _: me.note(ticket, "noted"),
    ops.AddReply: lambda me, ticket, _: me.reply(ticket, "we look into it"),
    ops.SetField: lambda me, ticket, _: me.field(ticket, "device", "phone"),
    ops.Reveal: lambda me, ticket, _: me.reveal(ticket, "mobile", reason="to call back"),
    ops.SetCategory: lambda me, ticket, _: me.category(ticket, "TXN"),
    ops.SetPriority: lambda me, ticket, _: me.priority(ticket, "high"),
    ops.SetSubject: lambda me, ticket, _: me.subject(ticket, "Paid three times"),
    ops.SetQueue: lambda me, ticket, _: me.queue(ticket, "vip"),
    ops.ChangeTags: lambda me, ticket, _: me.tags(ticket, add=("vip",)),
    ops.LinkTicket: lambda me, ticket, other: me.link(ticket, other),
    ops.MergeTicket: lambda me, ticket, other: me.merge(ticket, other),
    ops.Chase: lambda me, ticket, _: me.chase(ticket, text="asks again"),
    ops.SetStatus: lambda me, ticket, _: me.status(ticket, "pending", reason="waits"),
    ops.Assign: lambda me, ticket, _: me.assign(ticket, me.name),
    ops.HandOver: lambda me, ticket, _: me.handover(ticket, note="please call", queue="vip"),
    ops.Escalate: lambda me, ticket, _: me.escalate(ticket, "lead", note="beyond me"),
    ops.Release: lambda me, ticket, _: me.release(ticket),
    ops.MakePromise: lambda me, ticket, _: me.promise(ticket, "call back", me.now() + timedelta(hours=1)),
    ops.SettlePromise: lambda me, ticket, _: me.settle(ticket, "p1", kept=True),
    ops.TickStep: lambda me, ticket, _: me.step(ticket, "ID", "ID.1"),
    ops.RateAnswer: lambda me, ticket, _: me.rate(ticket, "ID", helped=True),
    ops.MarkCall: lambda me, ticket, _: me.mark(ticket, "call-1", "answered"),
    ops.WrapUp: lambda me, ticket, _: me.wrapup(ticket, "INFO_GIVEN", summary="told", override="short"),
    ops.Decide: lambda me, ticket, _: me.decide(ticket, "freeze", "proposed"),
    ops.Close: lambda me, ticket, _: me.close(ticket, "INFO_GIVEN", summary="told", override="short"),
    ops.Reopen: lambda me, ticket, _: me.reopen(ticket, reason="again"),
    ops.Witness: lambda me, ticket, _: me.witness("secret-refused", kind="card", place="note", ticket=ticket.id),
}
THE_HOLDERS = {ops.Assign, ops.Release, ops.SetQueue, ops.MergeTicket, ops.HandOver, ops.Escalate, ops.WrapUp}
"""What an agent does not do to a ticket in somebody else's hands."""
MACHINES = {ops.NewTicket, ops.AddMessage, ops.Chase}


def expected(role: str, kind: type[ops.Op], hands: str) -> str:
    if role == "integration":
        return "" if kind in MACHINES else "forbidden"
    return "held" if role == "agent" and hands == "theirs" and kind in THE_HOLDERS else ""


def test_the_table_and_this_test_know_every_operation() -> None:
    assert set(ALLOWED) == set(MADE) == set(ops.Op.__subclasses__())


@pytest.mark.parametrize("role", [*PEOPLE, "integration"])
async def test_each_role_may_do_what_the_table_says_whoever_holds_the_ticket(house: Any, role: str) -> None:
    boss = await house.sign_in("boss", "supervisor")
    await house.sign_in("li")
    one = await house.sign_in("one", role)
    other = await boss.new("the other")
    cells = [(kind, hands) for kind in MADE for hands in HANDS]
    # Few requests for many cells: most of what a request costs is not what is asked here.
    fresh = [boss.author.new(subject="Paid twice", channel="hotline") for _ in cells]
    await pushed(boss, fresh)
    taken = {"theirs": "li", "mine": "one"}
    await pushed(
        boss,
        [
            boss.author.assign(ops.apply(None, made, made.at, ops.NO_RULES), taken[hands])
            for made, (_, hands) in zip(fresh, cells, strict=True)
            if hands in taken
        ],
    )
    page = (await boss.http.get("/v1/tickets", params={"limit": 200})).json()
    seen = {doc["id"]: from_doc(doc) for doc in page["tickets"]}
    asked = [MADE[kind](one.author, seen[made.ticket], other.id) for made, (kind, _) in zip(fresh, cells, strict=True)]
    wrong = []
    for (kind, hands), outcome in zip(cells, await pushed(one, asked), strict=True):
        permission = outcome.code if outcome.code in ("forbidden", "held", "no-ticket", "no-queue") else ""
        if permission != expected(role, kind, hands):
            wrong.append((kind.__name__, hands, outcome.state, outcome.code))
    assert wrong == []


async def pushed(console: Any, wanted: Sequence[ops.AnyOp]) -> list[wire.Outcome]:
    """What became of each operation."""
    outcomes: list[wire.Outcome] = []
    for start in range(0, len(wanted), wire.PUSH_ITEMS):
        outcomes += (await console.push(*wanted[start : start + wire.PUSH_ITEMS])).outcomes
    return outcomes


@pytest.mark.parametrize(
    ("event", "code"),
    [
        *((event, "") for event in ("offered", "abandoned", "callback")),
        *((event, "forbidden") for event in ("answered", "held", "resumed", "muted", "unmuted", "ended", "wrapped")),
    ],
)
async def test_a_telephone_system_tells_of_ringing_and_giving_up_alone(house: Any, event: Any, code: str) -> None:
    phone = await house.sign_in("phone", "integration")
    ticket = await phone.new()
    [outcome] = (await phone.push(phone.author.mark(ticket, "call-1", event))).outcomes
    assert outcome.code == code


async def test_a_call_that_a_colleague_has_is_not_marked_by_another_agent_but_a_supervisor_may_end_it(
    house: Any,
) -> None:
    wang, li, boss = await house.sign_in(), await house.sign_in("li"), await house.sign_in("boss", "supervisor")
    ticket = await wang.new()
    await wang.push(wang.author.mark(ticket, "call-1", "answered"))
    seen = await wang.see(ticket.id)
    for op in (li.author.mark(seen, "call-1", "ended"), li.author.wrapup(seen, "INFO_GIVEN", call="call-1")):
        assert (await li.push(op)).outcomes[0].code == "call-taken"
    assert (await boss.push(boss.author.mark(seen, "call-1", "ended"))).outcomes[0].state == "confirmed"


async def test_who_had_the_call_wraps_it_up_also_on_a_colleagues_ticket(house: Any) -> None:
    wang, li = await house.sign_in(), await house.sign_in("li")
    ticket = await wang.new()
    await wang.push(wang.author.assign(ticket, "wang"))
    seen = await li.see(ticket.id)
    done = li.author.wrapup(seen, "INFO_GIVEN", call="call-1", summary="told")
    reply = await li.push(li.author.mark(seen, "call-1", "answered"), done)
    assert [outcome.code for outcome in reply.outcomes] == ["", ""]


async def test_a_held_ticket_is_free_again_when_the_lease_is_over(house: Any) -> None:
    wang, li = await house.sign_in(), await house.sign_in("li")
    ticket = await wang.new()
    await wang.http.post(f"/v1/tickets/{ticket.id}/claim")
    seen = await li.see(ticket.id)
    assert (await li.push(li.author.queue(seen, "vip"))).outcomes[0].code == "held"
    house.later(minutes=11)
    assert (await li.push(li.author.queue(seen, "vip"))).outcomes[0].state == "confirmed"


async def test_a_ticket_is_handed_to_people_who_exist_and_work_on_tickets(house: Any) -> None:
    wang, _, __ = await house.sign_in(), await house.sign_in("li"), await house.sign_in("mail", "integration")
    for name, code in (("lee", "no-colleague"), ("mail", "no-colleague"), ("li", "")):
        ticket = await wang.new()
        [outcome] = (await wang.push(wang.author.handover(ticket, note="please call", to=name))).outcomes
        assert (name, outcome.code) == (name, code)


async def test_a_ticket_goes_into_one_that_is_there_and_never_in_a_circle(house: Any) -> None:
    wang = await house.sign_in()
    one, two, three = await wang.new("1"), await wang.new("2"), await wang.new("3")
    assert (await wang.push(wang.author.merge(one, "nowhere"))).outcomes[0].code == "no-ticket"
    assert (await wang.push(wang.author.merge(one, two.id))).outcomes[0].state == "confirmed"
    assert (await wang.push(wang.author.merge(two, three.id))).outcomes[0].state == "confirmed"
    assert (await wang.push(wang.author.merge(three, one.id))).outcomes[0].code == "merge-loop"


async def test_a_name_that_no_database_can_hold_is_refused(house: Any) -> None:
    boss = await house.sign_in("boss", "supervisor")
    ticket = await boss.new()
    for op in (
        boss.author.queue(ticket, "a\x00b"), boss.author.queue(ticket, "q" * 65), boss.author.category(ticket, "c" * 65),
        boss.author.handover(ticket, note="x", queue="a\nb"), boss.author.assign(ticket, "n" * 65),
    ):  # fmt: skip
        assert (await boss.push(op)).outcomes[0].state == "rejected"
