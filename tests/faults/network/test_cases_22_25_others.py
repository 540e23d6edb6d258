"""Cases 22 to 25: claims, edits that collide, a poisoned item, other versions, several server processes."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
from collections.abc import Callable
from typing import Any

from okpay_console.server import users

PUSH, PULL, CLAIM = "POST /v1/mutations", "GET /v1/sync", "POST /v1/tickets"


def test_case_22_of_two_who_claim_at_once_one_wins_and_a_lost_answer_is_no_claim(case: Any, faults: Any) -> None:
    """The winner is told that it is his, the other who has it; whose answer is lost is told that nothing was done."""
    other = case.hire()
    ticket = case.house.ticket(case.agent.who)
    gate = asyncio.Barrier(2)

    async def together(turn: Any) -> None:
        await gate.wait()
        await turn.pass_on()

    case.proxy.on(CLAIM, together, times=2)
    both = [(one, one.begin("ticket", "claim", ticket)) for one in (case.agent, other)]
    done = [(one, one.end(running)) for one, running in both]
    assert sorted(result.status for _, result in done) == [0, 1]
    winner, loser = sorted(done, key=lambda pair: pair[1].status)
    assert winner[0].who in loser[1].said
    assert case.house.truth(case.agent.who)[ticket]["assignee"] == winner[0].who
    second = case.house.ticket(case.agent.who)
    case.proxy.on(CLAIM, faults.lost_reply)
    unsure = case.agent.run("ticket", "claim", second)
    assert (unsure.status, unsure.docs) == (3, [])
    assert "没有排队等待" in unsure.said
    assert case.agent.run("ticket", "claim", second).docs[0]["claim_no"] == 1
    case.quiet(case.agent, other)


def test_case_22_a_lease_that_ran_out_offline_lets_no_guarded_edit_through(
    build: Callable[..., Any], stage: Callable[..., Any]
) -> None:
    """The agent sees: the closing he made offline is in the tray with his words; the ticket is whose it is now."""
    house = build(lease_s=0.2)
    case = stage(house)
    other = case.hire()
    ticket = house.ticket(case.agent.who)
    assert case.agent.run("ticket", "claim", ticket).status == 0
    case.proxy.refuse()
    assert case.agent.run("ticket", "status", ticket, "pending", "--reason", "等客户截图").status == 3
    case.agent.note(ticket)
    case.proxy.calm()
    assert other.run("ticket", "claim", ticket).status == 0
    done = case.agent.sync()
    assert (done.status, done.docs[0]["reviews"], len(done.docs[0]["refused"])) == (1, 1, 1)
    doc = house.truth(case.agent.who)[ticket]
    assert (doc["assignee"], doc["status"], doc["claim_no"]) == (other.who, "open", 2)
    case.quiet(other)
    case.quiet(case.agent, reviews=1)


def test_case_23_two_edits_of_each_kind_meet_as_their_kind_says(case: Any) -> None:
    """Offline, an agent edits what a colleague edits meanwhile. Notes and tags add up, the priority is the last one's."""
    ticket = case.house.ticket(case.agent.who)
    case.agent.sync()
    other = case.hire("supervisor")
    seen = case.house.truth(other.who)[ticket]
    case.proxy.refuse()
    case.agent.note(ticket)
    assert case.agent.run("ticket", "tag", ticket, "--add", "我的").status == 3
    assert case.agent.run("ticket", "priority", ticket, "urgent").status == 3
    assert case.agent.run("ticket", "status", ticket, "pending", "--reason", "等回电").status == 3

    from okpay_console.domain.ticket import from_doc

    known = from_doc(dict(seen))
    case.house.tell(other.who, lambda author: author.note(known, "同事的备注"))
    case.house.tell(other.who, lambda author: author.tags(known, add=("同事的",)))
    case.house.tell(other.who, lambda author: author.priority(known, "high"))
    case.house.tell(other.who, lambda author: author.status(known, "open"))
    case.proxy.calm()
    done = case.agent.sync()
    assert done.docs[0]["reviews"] == len(done.docs[0]["refused"]) == 1, "the status moved under him: a human decides"
    doc = case.house.truth(case.agent.who)[ticket]
    assert (set(doc["tags"]), doc["priority"], doc["status"]) == ({"我的", "同事的"}, "urgent", "open")
    other.written = [(ticket, "同事的备注")]
    case.quiet(case.agent, reviews=1)


def test_case_23_words_on_a_ticket_that_left_the_agents_queues_are_in_the_tray(case: Any) -> None:
    """The agent sees: one to review, with the words; the ticket is gone from the queue."""
    who, database = case.agent.who, str(case.house.database)
    asyncio.run(users.set_queues(database, who, ["vip"]))
    lead = case.house.hire(f"lead-{who}", "supervisor")
    ticket = case.house.tell(lead, lambda author: author.new(subject="贵宾来电", channel="hotline", queue="vip"))
    case.agent.sync()
    case.proxy.refuse()
    case.agent.note(ticket)
    asyncio.run(users.set_queues(database, who, ["other"]))
    case.proxy.calm()
    done = case.agent.sync()
    assert (done.status, done.docs[0]["reviews"], done.docs[0]["pending"]) == (1, 1, 0)
    assert case.agent.tray() == [case.agent.written[0][1]]
    assert case.agent.holds() == {}
    case.quiet(case.agent, reviews=1)


def test_case_24_a_poisoned_item_at_the_head_holds_up_none_of_the_two_hundred_behind_it(case: Any) -> None:
    """The agent sees: one refused, with its words in the tray; two hundred confirmed."""
    who, database = case.agent.who, str(case.house.database)
    asyncio.run(users.set_queues(database, who, ["vip", "day"]))
    lead = case.house.hire(f"lead-{who}", "supervisor")
    poisoned, ticket = (
        case.house.tell(lead, lambda author, queue=queue: author.new(subject="来电", channel="hotline", queue=queue))
        for queue in ("vip", "day")
    )
    case.agent.sync()
    case.proxy.refuse()
    case.agent.note(poisoned)
    case.agent.note(ticket, count=200)
    asyncio.run(users.set_queues(database, who, ["day"]))
    case.proxy.calm()
    done = case.agent.sync()
    assert (done.docs[0]["pushed"], len(done.docs[0]["refused"]), case.agent.waiting()) == (201, 1, 0)
    assert case.agent.tray() == [case.agent.written[0][1]]
    case.quiet(case.agent, reviews=1)


def _known(case: Any, who: str, ticket: str) -> Any:
    from okpay_console.domain.ticket import from_doc

    return from_doc(dict(case.house.truth(who)[ticket]))


def test_case_24_what_a_newer_server_adds_is_kept_and_another_protocol_is_said(case: Any, faults: Any) -> None:
    """The agent sees nothing of new fields; of another protocol: which of the two to update, and nothing was sent."""
    ticket = case.house.ticket(case.agent.who)

    async def newer(turn: Any) -> None:
        head, _, body = (await turn.ask(turn.request.replace(b"gzip", b"none"))).partition(b"\r\n\r\n")
        page = json.loads(body)
        for change in page["changes"]:
            change["doc"] = {**change["doc"], "mood": {"of": "the caller"}}
        page["weather"] = "fair"
        sent = json.dumps(page).encode()
        length = next(line for line in head.split(b"\r\n") if line.lower().startswith(b"content-length"))
        await turn.send(head.replace(length, b"content-length: %d" % len(sent)) + b"\r\n\r\n" + sent)

    case.proxy.on(PULL, newer)
    case.agent.sync()
    assert case.agent.holds()[ticket]["mood"] == {"of": "the caller"}
    case.proxy.on("GET /v1/me", faults.instead(426, b"", OKPay_Protocol="2"))
    case.agent.note(ticket)
    done = case.agent.sync()
    case.proxy.calm()
    assert done.docs[0]["pending"] in (0, 1)
    for other, doc in case.agent.holds().items():
        if "mood" in doc:
            known = _known(case, case.agent.who, other)
            case.house.tell(case.agent.who, lambda author, known=known: author.note(known, "又记"))
    case.quiet(case.agent)


def test_case_25_one_of_two_server_processes_is_told_to_stop_while_everybody_writes(
    build: Callable[..., Any], stage: Callable[..., Any]
) -> None:
    """The agents see at most a moment offline. Commits of both processes come in one order, none is passed over."""
    house = build(workers=2)
    # Nothing is held back here, so what takes long is a busy machine.
    case = stage(house, answer_seconds=15)
    consoles = [case.agent, case.hire(answer_seconds=15), case.hire(answer_seconds=15)]
    ticket = house.ticket(case.agent.who)
    running = []
    for console in consoles:
        words = [f"{console.who}的第{n}句" for n in range(120)]
        running.append(
            (console, words, console.begin("ticket", "note", ticket, "-", text="".join(f"{w}\n" for w in words)))
        )
        running[-1][2].stdin.close()
        running[-1][2].stdin = None
    case.proxy.wait(PUSH)
    assert house.process is not None
    workers = subprocess.run(["pgrep", "-P", str(house.process.pid)], capture_output=True, text=True, check=True)
    os.kill(int(workers.stdout.split()[-1]), signal.SIGTERM)
    for console, words, process in running:
        done = console.end(process)
        console.written = [
            (ticket, text) for text, doc in zip(words, done.docs, strict=True) if doc["state"] == "queued"
        ]
        assert len(console.written) == 120
    case.quiet(*consoles)
