"""Cases 10 to 14: one cache used twice, copied or put back; a server put back; a cursor that is no longer served."""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx

from okpay_console.server import feed
from okpay_console.server.db import Database

PUSH, PULL = "POST /v1/mutations", "GET /v1/sync"


def trim(house: Any) -> None:
    """The server forgets everything before now."""

    async def work() -> None:
        db = Database(str(house.database))
        try:
            await feed.trim(db, 1 << 40)
        finally:
            await db.close()

    asyncio.run(work())


def backup(house: Any) -> Path:
    """A copy of the database of a running server, as ``sqlite3 .backup`` makes one."""
    target: Path = house.folder / "backup.db"
    with closing(sqlite3.connect(house.database)) as live, closing(sqlite3.connect(target)) as copy:
        live.backup(copy)
    return target


def put_back(house: Any, saved: Path) -> None:
    house.stop()
    for extra in ("-wal", "-shm"):
        Path(f"{house.database}{extra}").unlink(missing_ok=True)
    shutil.copy(saved, house.database)
    house.start()


def test_case_10_a_second_console_on_one_folder_is_told_who_has_it_and_nothing_is_written_twice(case: Any) -> None:
    """The agent sees: another process uses this data, with its number; the words of the second window were not kept."""
    ticket = case.house.ticket(case.agent.who)
    first = case.agent.begin("ticket", "note", ticket, "-")
    first.stdin.write("第一个窗口写的\n")
    first.stdin.flush()
    printed = first.stdout.readline()
    second = case.agent.run("ticket", "note", ticket, "第二个窗口写的")
    assert (second.status, second.docs) == (1, [])
    assert str(first.pid) in second.said
    assert '"queued"' in printed
    case.agent.end(first)
    case.agent.written = [(ticket, "第一个窗口写的")]
    case.quiet(case.agent)


def test_case_11_a_copied_folder_gets_a_log_of_its_own(case: Any) -> None:
    """Two machines begin with the same folder and the same unsent words: each of them is there once. They see nothing of it."""
    ticket = case.house.ticket(case.agent.who)
    case.agent.note(ticket)
    case.proxy.refuse()
    case.agent.note(ticket, count=2)
    twin = case.agent.copy()
    twin.note(ticket)
    case.agent.note(ticket)
    case.quiet(case.agent, twin)
    assert twin.client() != case.agent.client()


def test_case_11_a_folder_put_back_from_an_older_copy_repeats_nothing_and_loses_nothing(case: Any) -> None:
    """The agent sees the words that were sent since the copy again, as the server has them."""
    ticket = case.house.ticket(case.agent.who)
    case.agent.note(ticket)
    old = case.agent.copy()
    case.agent.note(ticket, count=2)
    old.written = [*case.agent.written]
    assert old.note(ticket).status == 0
    case.quiet(old)


def test_case_12_a_server_put_back_from_a_backup_gets_again_what_it_has_forgotten(
    build: Callable[..., Any], stage: Callable[..., Any]
) -> None:
    """The agents see nothing worse than a moment offline; what they had been told is confirmed still is, afterwards."""
    house = build()
    case = stage(house)
    other = case.hire()
    ticket = house.ticket(case.agent.who)
    case.agent.note(ticket)
    other.sync()
    saved = backup(house)
    assert case.agent.note(ticket).docs[0]["state"] == "queued"
    assert case.agent.new().status == 0
    assert other.note(ticket).status == 0
    put_back(house, saved)
    house.ticket(case.agent.who)
    case.quiet(case.agent, other)


def test_case_13_a_cursor_that_expired_at_rest_or_between_two_pages_leads_to_a_full_list(
    build: Callable[..., Any], stage: Callable[..., Any], faults: Any
) -> None:
    """The agent sees the old queue until the new one is whole; the unsent words stay on top of either."""
    house = build()
    case = stage(house)
    phone = house.hire("phone", "integration")
    case.proxy.refuse()
    case.agent.new()
    case.proxy.calm()
    with house.http(phone) as http:
        for part in range(2):
            drafts = [
                {"subject": f"第{part}批{n}", "channel": "chat", "external_id": f"{part}-{n}"} for n in range(400)
            ]
            assert http.post("/v1/tickets/batch", json={"items": drafts}).status_code in (200, 201)
    # Between the first and the second page of a first load: that cursor needs no more than what comes after it.
    case.proxy.on(PULL, faults.first(lambda: trim(house)), after=1)
    assert case.agent.sync().docs[0]["link"] == "online"
    assert len(case.agent.holds()) == 801
    before = case.proxy.heard(PULL)
    house.ticket(case.agent.who)
    house.ticket(case.agent.who)
    trim(house)
    done = case.agent.sync()
    assert (done.docs[0]["link"], done.docs[0]["code"]) == ("online", "")
    assert case.proxy.heard(PULL) - before >= 3, "a page is refused, and all of them are fetched"
    case.quiet(case.agent)


def test_case_14_a_hundred_consoles_that_list_again_at_once_do_not_bring_the_server_down(
    build: Callable[..., Any], stage: Callable[..., Any]
) -> None:
    """An agent in the crowd sees: the server cannot serve now, and a moment later the whole queue."""
    house = build(max_syncs=2)
    case = stage(house)
    for _ in range(20):
        house.ticket(case.agent.who)
    headers = {"Authorization": f"Bearer {house.tokens[case.agent.who]}"}

    async def crowd() -> list[httpx.Response]:
        limits = httpx.Limits(max_connections=None)
        async with httpx.AsyncClient(base_url=case.proxy.url, headers=headers, timeout=30, limits=limits) as http:
            asked = (http.get("/v1/sync", params={"client": f"crowd{n}"}) for n in range(100))
            return list(await asyncio.gather(*asked))

    replies = asyncio.run(crowd())
    refused = [reply for reply in replies if reply.status_code != 200]
    assert {reply.status_code for reply in refused} == {503}
    assert all(float(reply.headers["Retry-After"]) >= 1 for reply in refused)
    assert 2 <= len(replies) - len(refused) < 100
    case.agent.new()
    case.quiet(case.agent)


DESKS = 12


def test_case_14_open_desks_that_must_list_again_at_once_come_one_after_another(
    build: Callable[..., Any], stage: Callable[..., Any], open_desks: Callable[..., Any]
) -> None:
    """The network comes back for all of them in one moment, their history is gone, and the server builds one page at a time.

    The agents see: "在线", "离线  … 后重试  数据 … 前", and the whole queue again; whoever was told to come back later reads so.
    """
    house = build(max_syncs=1)
    case = stage(house)
    ticket = house.ticket(case.agent.who)
    desks = open_desks(case.agent, DESKS, HASTE="20")
    for number in range(DESKS):
        desks.shows("在线", number)
    case.proxy.refuse()
    for number in range(DESKS):
        assert "后重试  数据 " in desks.shows("离线  ", number)["line"]
    before = len(case.proxy.names)
    house.ticket(case.agent.who)
    fresh = house.ticket(case.agent.who)
    trim(house)
    case.proxy.calm()
    for number in range(DESKS):
        desks.ask(desk=number, until=fresh)
    held = [desks.tells(lambda said: "holds" in said)["holds"] for _ in range(DESKS)]
    desks.end()
    assert all(len(tickets) == 3 and {ticket, fresh} < set(tickets) for tickets in held)
    waits = [said["relist_in"] for said in desks.told if "relist_in" in said]
    listed = [name for name in case.proxy.names[before:] if name.startswith(PULL) and "cursor=" not in name]
    assert len(listed) >= len(waits) >= DESKS, "each of them listed everything again"
    assert len(set(waits)) == len(waits)
    assert min(waits) >= 0 and max(waits) - min(waits) > 1.5 and max(waits) <= 5
    for said in (said for said in desks.told if said.get("code") == "unavailable"):
        assert said["line"].startswith("离线  ") and "后重试" in said["line"] and said["retry_in"] is not None, said
    case.quiet(case.agent)
