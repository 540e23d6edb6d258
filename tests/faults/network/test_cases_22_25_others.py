"""Cases 22 to 25: claims, edits that collide, a poisoned item, other versions, several server processes."""

from __future__ import annotations

import asyncio
import itertools
import json
import os
import signal
import sqlite3
import subprocess
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from typing import Any

from msgspec.structs import replace
from sqlalchemy import Connection, select

from okpay_console.domain.ticket import Caller, from_json
from okpay_console.server import erasing, history, users
from okpay_console.server.db import Database
from okpay_console.server.schema import tickets

NUMBERS = itertools.count(1)
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


def test_case_23_two_edits_of_each_kind_meet_as_their_kind_says(case: Any, open_desks: Any) -> None:
    """Offline, an agent edits all that a colleague edits meanwhile: one edit of each kind.

    Words, tags and links add up; of priority, category and subject the last one holds, and the other stays in the history; status
    and queue, a refund and an answer to the customer are the colleague's, and the agent's are in the tray.
    He sees: "离线  … 10 条待发", then "在线" and "待核对 4".
    """
    one, another, ticket = (case.house.ticket(case.agent.who) for _ in range(3))
    desk = open_desks(case.agent)
    desk.shows("在线")
    other = case.hire("supervisor")
    known = case.known(ticket)
    case.proxy.refuse()
    desk.shows("离线")
    mine: list[tuple[str, list[Any], dict[str, str]]] = [
        ("note", ["我的备注"], {}), ("tags", [], {"add": ["我的"]}), ("link", [one], {}),
        ("priority", ["urgent"], {}), ("category", ["TXN"], {}), ("subject", ["我改的标题"], {}),
        ("status", ["pending"], {"reason": "等回电"}), ("queue", ["day"], {}),
        ("decide", ["refund", "proposed"], {"amount": "10.00", "currency": "CNY"}), ("reply", ["我的答复"], {}),
    ]  # fmt: skip
    for what, args, named in mine:
        desk.ask(do=what, ticket=ticket, args=args, named=named)
        desk.tells(lambda said: said.get("kept"))
    shown = desk.tells(lambda said: said.get("pending") == 10) if desk.told[-1].get("pending") != 10 else desk.told[-1]
    assert shown["line"].startswith("离线  ") and "  10 条待发  数据 " in shown["line"]
    theirs: list[Callable[..., Any]] = [
        lambda author: author.note(known, "同事的备注"),
        lambda author: author.tags(known, add=("同事的",)),
        lambda author: author.link(known, another),
        lambda author: author.priority(known, "high"),
        lambda author: author.category(known, "REFUND"),
        lambda author: author.subject(known, "同事改的标题"),
        lambda author: author.status(known, "open"),
        lambda author: author.queue(known, "vip"),
        lambda author: author.decide(known, "refund", "proposed", amount="20.00", currency="CNY"),
        lambda author: author.reply(replace(known, status="open"), "同事的答复"),
    ]
    case.house.tell_all(other.who, theirs)
    case.proxy.calm()
    desk.ask(retry=True)
    desk.tells(lambda said: said.get("line", "").startswith("在线") and (said["reviews"], said["pending"]) == (4, 0))
    desk.end()
    doc = case.house.truth(case.agent.who)[ticket]
    assert (set(doc["tags"]), set(doc["links"])) == ({"我的", "同事的"}, {one, another})
    assert (doc["priority"], doc["category"], doc["subject"]) == ("urgent", "TXN", "我改的标题")
    assert all(lost in json.dumps(doc["timeline"], ensure_ascii=False) for lost in ("high", "REFUND", "同事改的标题"))
    assert (doc["status"], doc["queue"], doc["decisions"]["refund"]["amount"]) == ("open", "vip", "20.00")
    assert [entry["text"] for entry in doc["timeline"] if entry["kind"] == "reply"] == ["同事的答复"]
    kept = " ".join(case.agent.tray())
    assert len(case.agent.tray()) == 4 and "我的答复" in kept, kept
    case.agent.written = [(ticket, "我的备注"), (ticket, "同事的备注")]
    case.quiet(case.agent, reviews=4)


def test_case_23_words_on_a_ticket_whose_caller_was_erased_meanwhile_are_not_written_into_it(case: Any) -> None:
    """The agent sees: one to review, "这张工单已按客户要求删除个人信息，不再写入新内容。"; nothing of the caller is on his disk."""
    mobile = f"138{next(NUMBERS):08d}"
    caller = Caller(name="王小明", mobile=mobile)
    ticket = case.house.tell(
        case.agent.who, lambda author: author.new(subject="来电", channel="hotline", caller=caller)
    )
    case.agent.sync()
    case.proxy.refuse()
    case.agent.run("ticket", "note", ticket, "他又来问了")
    asyncio.run(erasing.erase(str(case.house.database), mobile))
    case.proxy.calm()
    done = case.agent.sync()
    assert (done.status, done.docs[0]["reviews"], done.docs[0]["pending"]) == (1, 1, 0)
    assert [one["what"] for one in done.docs[0]["refused"]] == ["这张工单已按客户要求删除个人信息，不再写入新内容。"]
    case.agent.written = []
    case.quiet(case.agent, reviews=1)
    left = b"".join(path.read_bytes() for path in (case.agent.home / "data").rglob("*") if path.is_file())
    assert mobile.encode() not in left and json.dumps("王小明").encode() not in left and "王小明".encode() not in left


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


def _changed(change: Callable[[dict[str, Any]], None]) -> Any:
    """The server's answer as a server of another version would give it."""

    async def fault(turn: Any) -> None:
        head, _, body = (await turn.ask(turn.request.replace(b"gzip", b"none"))).partition(b"\r\n\r\n")
        document = json.loads(body)
        change(document)
        sent = json.dumps(document).encode()
        length = next(line for line in head.split(b"\r\n") if line.lower().startswith(b"content-length"))
        await turn.send(head.replace(length, b"content-length: %d" % len(sent)) + b"\r\n\r\n" + sent)

    return fault


def test_case_24_what_a_newer_server_adds_is_kept_and_another_protocol_is_said_before_a_word_is_sent(
    case: Any, faults: Any
) -> None:
    """The agent sees nothing of fields that a newer server adds, and they stay on the disk through his own edits.

    Of another protocol he reads "服务器与本程序的协议号不同，没有发送任何内容（…）" and "请升级协议号较小的一方…", one waiting.
    """
    ticket = case.house.ticket(case.agent.who)

    def newer(document: dict[str, Any]) -> None:
        document["weather"] = "fair"
        for change in document.get("changes", ()):
            if change.get("id") == ticket:
                change["doc"] = {**change["doc"], "mood": {"of": "the caller"}}

    for name in (PULL, "GET /v1/me", PUSH):
        case.proxy.on(name, _changed(newer), times=None)
    case.agent.sync()
    assert case.agent.note(ticket).status == 0
    shown = case.agent.run("ticket", "show", ticket)
    assert (shown.status, shown.said) == (0, "")
    assert case.agent.holds()[ticket]["mood"] == {"of": "the caller"}
    case.proxy.calm()
    sent = case.proxy.heard("POST")
    case.proxy.on("GET", faults.instead(426, b"", OKPay_Protocol="2"), times=None)
    case.proxy.on("POST", faults.instead(426, b"", OKPay_Protocol="2"), times=None)
    done = case.agent.note(ticket)
    assert (done.status, done.says("protocol"), case.agent.waiting()) == (1, True, 1)
    assert "The server speaks protocol 2, this console 1." in done.said
    assert case.proxy.heard("POST") == sent, "nothing was sent, as it says"
    case.proxy.calm()
    case.agent.sync()
    fresh = case.house.ticket(case.agent.who)
    case.agent.note(ticket)
    assert fresh in case.house.truth(case.agent.who)
    case.quiet(case.agent)


def test_case_24_an_older_server_takes_what_it_knows_and_the_rest_is_in_the_tray(case: Any, faults: Any) -> None:
    """A newer console's operation stands between two notes, and the server has none of what came after it.

    The agent sees: one to review, "服务器不认识这个操作。请升级较旧的一方；写下的内容都还在本机。"; both notes are confirmed.
    """
    ticket = case.house.ticket(case.agent.who)
    case.agent.sync()

    def older(document: dict[str, Any]) -> None:
        for name in ("shelf", "daybook"):
            document.pop(name, None)

    case.proxy.on(PULL, _changed(older), times=None)
    for place in ("GET /v1/answers", "GET /v1/notices", "POST /v1/presence", "POST /v1/daybook", "GET /v1/daybook"):
        case.proxy.on(place, faults.instead(404, b"{}", kind="application/problem+json", ours=True), times=None)
    case.proxy.refuse()
    case.agent.note(ticket)
    case.agent.run("ticket", "note", ticket, "新式操作里的话", program="mutant.py", MUTANT="newer operation")
    case.agent.note(ticket)
    case.proxy.listen()
    done = case.agent.run("sync", program="mutant.py", MUTANT="newer operation")
    assert len(done.docs[0]["refused"]) == 1, done
    (refused,) = done.docs[0]["refused"]
    assert (done.status, done.docs[0]["pushed"], done.docs[0]["pending"]) == (1, 3, 0)
    assert (refused["code"], refused["what"], refused["advice"]) == (
        "unknown-operation", "服务器不认识这个操作。", "请升级较旧的一方；写下的内容都还在本机。"
    )  # fmt: skip
    case.agent.written = [one for one in case.agent.written if one[1] != "新式操作里的话"]
    case.quiet(case.agent, reviews=1)


def test_case_25_one_of_two_server_processes_is_told_to_stop_while_everybody_writes(
    build: Callable[..., Any], stage: Callable[..., Any]
) -> None:
    """The agents see at most a moment offline. Commits of both processes come in one order, none is passed over."""
    house = build(workers=2)
    case = stage(house)
    consoles = [case.agent, case.hire(), case.hire()]
    ticket = house.ticket(case.agent.who)
    running = []
    for console in consoles:
        words = [f"{console.who}的第{n}句" for n in range(120)]
        running.append(
            (console, words, console.begin("ticket", "note", ticket, "-", text="".join(f"{w}\n" for w in words)))
        )
        running[-1][2].stdin.close()
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


def test_case_25_a_commit_of_two_thousand_rows_is_there_whole_or_not_at_all(
    build: Callable[..., Any], stage: Callable[..., Any], faults: Any
) -> None:
    """Two thousand tickets change in one commit, in four pages' worth of rows, and the line breaks in the middle of them.

    The agent sees: "连不上服务器（…）" and the queue as it was before, all of it; then all of it as it is now.
    """
    house = build()
    case = stage(house)
    phone = house.hire("phone", "integration")
    with house.http(phone) as http:
        for part in range(4):
            drafts = [{"subject": "批", "channel": "chat", "external_id": f"{part}-{n}"} for n in range(500)]
            assert http.post("/v1/tickets/batch", json={"items": drafts}).status_code in (200, 201)
    assert case.agent.sync().docs[0]["pulled"] == 2000
    asyncio.run(_touch_all(str(house.database)))
    case.proxy.on(PULL, faults.half_reply(-2000))
    broken = case.agent.sync()
    assert (broken.docs[0]["link"], broken.says("offline")) == ("offline", True)
    assert {doc["rev"] for doc in case.agent.holds().values()} == {1}
    before = case.proxy.heard(PULL)
    whole = case.agent.sync()
    assert (whole.docs[0]["pulled"], case.proxy.heard(PULL) - before) == (2000, 1), "a commit is never cut into pages"
    assert {doc["rev"] for doc in case.agent.holds().values()} == {2}
    case.quiet(case.agent)


async def _touch_all(database: str) -> None:
    """Every ticket gets a tag, in one commit."""
    db = Database(database)

    def work(conn: Connection) -> None:
        docs = [from_json(doc.encode()) for (doc,) in conn.execute(select(tickets.c.doc))]
        history.commit(conn, now=datetime.now(UTC), puts=[replace(one, tags=("全部",)) for one in docs])

    try:
        await db.write(work)
    finally:
        await db.close()


def test_case_25_a_transaction_that_does_not_end_holds_up_writing_and_says_so_and_reading_goes_on(
    build: Callable[..., Any], stage: Callable[..., Any]
) -> None:
    """Somebody's open reading holds up nobody. Somebody's open writing holds up every other one.

    The agent sees: confirmed beside the first; of the second "连不上服务器（…）", one waiting, and the queue all the same.
    """
    house = build()
    case = stage(house)
    ticket = house.ticket(case.agent.who)
    with closing(sqlite3.connect(house.database, isolation_level=None)) as idle:
        idle.execute("BEGIN")
        idle.execute("SELECT count(*) FROM tickets").fetchone()
        assert case.agent.note(ticket).status == 0
        seen = case.agent.sync()
        assert (seen.docs[0]["link"], seen.docs[0]["pending"]) == ("online", 0)
        idle.execute("ROLLBACK")
        idle.execute("BEGIN IMMEDIATE")
        held = case.agent.hurried().note(ticket)
        assert (held.status, held.says("offline"), case.agent.waiting()) == (3, True, 1), held
        other = case.hire_again()
        assert len(other.holds()) == 0 and other.sync().docs[0]["pulled"] == 1, "reading goes on"
        idle.execute("ROLLBACK")
    case.quiet(case.agent)
