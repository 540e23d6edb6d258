"""Cases 15 and 16: clocks that are wrong, machines that sleep, tokens that end in the middle of something."""

from __future__ import annotations

import asyncio
import json
import re
import signal
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from okpay_console.server import users

PUSH, PULL = "POST /v1/mutations", "GET /v1/sync"
DAY = 86_400


@pytest.mark.parametrize("ahead", [DAY, -DAY])
def test_case_15_a_clock_that_jumps_by_a_day_loses_and_misdates_nothing(case: Any, ahead: int) -> None:
    """The agent sees by how much this machine's clock is wrong; replies go out, dated by the house's time."""
    ticket = case.house.ticket(case.agent.who)
    case.agent.note(ticket)
    wrong = {"program": "wrongclock.py", "CLOCK_AHEAD": str(ahead)}
    case.agent.note(ticket, **wrong)
    replied = case.agent.run("ticket", "reply", ticket, "已经为您查到", **wrong)
    assert replied.status in (0, 1)
    shown = case.agent.sync(**wrong).docs[0]
    assert abs(shown["clock_offset"] - ahead) < 60
    assert shown["cursor_age"] < 60
    sent = [entry for entry in case.house.truth(case.agent.who)[ticket]["timeline"] if entry["kind"] == "reply"]
    # A reply has four hours: one that was dated a day ago is asked about again and never silently dropped.
    assert len(sent) + case.agent.tray().count("已经为您查到") == 1
    for entry in case.house.truth(case.agent.who)[ticket]["timeline"]:
        assert abs(datetime.fromisoformat(entry["at"]) - datetime.now(UTC)) < timedelta(hours=25)
    case.quiet(case.agent, reviews=1 - len(sent))


def test_case_15_a_machine_that_sleeps_in_the_middle_of_a_push_does_it_once(case: Any, faults: Any) -> None:
    """The agent sees, on opening the lid, either the confirmation or that it waits to be sent."""
    ticket = case.house.ticket(case.agent.who)
    case.proxy.on(PUSH, faults.late)
    running = case.agent.begin("ticket", "note", ticket, "合上盖子前写的")
    case.proxy.wait(PUSH)
    running.send_signal(signal.SIGSTOP)
    case.proxy.release()
    case.proxy.cut_all()
    running.send_signal(signal.SIGCONT)
    done = case.agent.end(running)
    assert done.docs[0]["state"] in ("queued", "confirmed")
    case.agent.written = [(ticket, "合上盖子前写的")]
    case.quiet(case.agent)


NEW_YORK = ZoneInfo("America/New_York")


def change_after(now: datetime, wall: str) -> datetime:
    """The next full hour in which New York's clocks go from 1:59:59 to ``wall``."""
    hour = now.replace(minute=0, second=0, microsecond=0)
    while True:
        hour += timedelta(hours=1)
        around = [(hour + timedelta(seconds=s)).astimezone(NEW_YORK).strftime("%H:%M") for s in (-1, 0)]
        if around == ["01:59", wall]:
            return hour


@pytest.mark.parametrize("wall", ["01:00", "03:00"])
def test_case_15_the_night_in_which_the_clocks_change_is_a_night_like_any_other(case: Any, wall: str) -> None:
    """A machine and a house in New York, without a network, ten seconds before the change and ten after it.

    The agent sees: "连不上服务器…" both times, data that is twenty seconds older and not an hour, and his notes in their order;
    what he promised to do in half an hour is due in half an hour.
    """
    change = change_after(datetime.now(UTC), wall)
    zone = {"program": "wrongclock.py", "TZ": "America/New_York"}
    case.agent.configure(timezone="America/New_York")
    ticket = case.house.ticket(case.agent.who)
    case.agent.sync()
    case.proxy.refuse()
    ages, clocks = [], []
    for seconds in (-10, 10):
        moment = change + timedelta(seconds=seconds)
        at = {**zone, "CLOCK_AT": moment.isoformat()}
        case.agent.note(ticket, **at)
        offline = case.agent.sync(**at)
        assert (offline.docs[0]["link"], offline.says("offline")) == ("offline", True)
        ages.append(offline.docs[0]["cursor_age"])
        clocks.append(moment.astimezone(NEW_YORK).strftime("%H:%M"))
        promised = case.agent.run("ticket", "promise", ticket, "回电", "--due", "+30m", **at)
        assert promised.status == 3
    assert clocks == ["01:59", wall]
    assert 10 <= ages[1] - ages[0] < 600
    case.proxy.calm()
    case.agent.sync()
    doc = case.house.truth(case.agent.who)[ticket]
    due = [datetime.fromisoformat(one["due_at"]) - change for one in doc["promises"]]
    assert [abs(late - timedelta(minutes=30)) < timedelta(minutes=10) for late in due] == [True, True]
    assert timedelta(seconds=10) <= due[1] - due[0] < timedelta(minutes=10)
    assert [words for _, words in case.agent.written] == [e["text"] for e in doc["timeline"] if e["kind"] == "note"]
    case.quiet(case.agent)


@pytest.mark.parametrize("where", ["before the second push", "before the page"])
def test_case_16_a_token_that_ends_in_the_middle_keeps_everything_until_there_is_a_new_one(
    case: Any, faults: Any, where: str
) -> None:
    """The agent sees: "令牌无效、已过期或已撤销…", how to sign in, so many waiting; after that everything is confirmed."""
    case.agent.sync()
    ticket = case.house.ticket(case.agent.who)
    database, who = str(case.house.database), case.agent.who
    ends = faults.first(lambda: asyncio.run(users.revoke_tokens(database, who)))
    # 130 notes are two pushes; the command lists once before it writes.
    case.proxy.on(*((PUSH, ends) if where == "before the second push" else (PULL, ends)), after=1)
    done = case.agent.note(ticket, count=130)
    assert (done.status, len(case.agent.written), done.says("signed-out")) == (1, 130, True)
    refused = case.agent.sync()
    assert (refused.status, refused.docs[0]["link"], refused.docs[0]["code"]) == (1, "signed-out", "signed-out")
    assert refused.docs[0]["pending"] == case.agent.waiting() > 0 and refused.says("signed-out")
    case.house.tokens[who] = asyncio.run(users.add_token(database, who))
    case.quiet(case.agent)


def test_case_16_a_token_whose_time_is_over_ends_between_two_pages_and_nobody_calls_that_offline(
    build: Callable[..., Any], stage: Callable[..., Any], faults: Any
) -> None:
    """A first load of two pages; the token expires after the first. The agent sees: signed out, how to sign in, nothing half."""
    house = build()
    case = stage(house)
    who, database = case.agent.who, str(house.database)
    phone = house.hire("phone", "integration")
    with house.http(phone) as http:
        for part in range(2):
            drafts = [{"subject": f"来电{n}", "channel": "chat", "external_id": f"{part}-{n}"} for n in range(300)]
            assert http.post("/v1/tickets/batch", json={"items": drafts}).status_code in (200, 201)
    case.proxy.on(PULL, faults.first(lambda: expire(database, who)), after=1)
    done = case.agent.sync()
    assert (done.status, done.docs[0]["link"], done.says("signed-out")) == (1, "signed-out", True)
    assert len(case.agent.holds()) in (0, 300), "whole pages only"
    house.tokens[who] = asyncio.run(users.add_token(database, who))
    assert case.agent.sync().docs[0]["link"] == "online"
    assert len(case.agent.holds()) == 600
    case.quiet(case.agent)


def expire(database: str, who: str) -> None:
    """The time of this person's tokens has come."""
    with closing(sqlite3.connect(database)) as db, db:
        db.execute('UPDATE tokens SET expires_at = 1 WHERE "user" = ?', (who,))


@pytest.mark.parametrize("where", ["in the middle of a push", "at the next contact"])
def test_case_16_a_disabled_users_machine_is_wiped_at_the_next_contact(case: Any, faults: Any, where: str) -> None:
    """The agent sees: "这个账号已被停用，本机数据已清除。", whom to ask, and where the list is of what was never sent.

    Not a word of his is left on the disk; the ones that the server had taken are there.
    """
    ticket = case.house.ticket(case.agent.who)
    case.agent.note(ticket)
    database, who, data = str(case.house.database), case.agent.who, case.agent.home / "data"
    disables = lambda: asyncio.run(users.disable(database, who))  # noqa: E731
    if where == "at the next contact":
        case.proxy.refuse()
        case.agent.note(ticket, count=2)
        disables()
        case.proxy.calm()
        done = case.agent.sync()
    else:
        case.proxy.on(PUSH, faults.first(disables), after=1)
        done = case.agent.note(ticket, count=130)
    assert (done.status, done.says("disabled")) == (1, True)
    assert not (data / "console.okdb").exists()
    words = [text.encode() for _, text in case.agent.written]
    left = b"".join(path.read_bytes() for path in data.rglob("*") if path.is_file())
    assert not any(one in left for one in words)
    count = 2 if where == "at the next contact" else 30
    said = case.agent.run("doctor")
    assert re.search(rf"{count} (条|entries)", said.said + json.dumps(said.docs, ensure_ascii=False)), said
    lead = case.house.hire(f"lead-of-{who}", "supervisor")
    there = [entry["text"] for entry in case.house.truth(lead)[ticket]["timeline"] if entry["kind"] == "note"]
    assert there == [text for _, text in case.agent.written][: len(words) - count], (
        "once each, as far as the server heard them"
    )


def test_case_16_a_desk_whose_token_is_revoked_says_so_and_goes_on_saying_so(case: Any, open_desks: Any) -> None:
    """The agent sees: "在线", then "未登录" with what waits, and how to sign in. No trouble with the network afterwards makes
    "离线" of that: nothing would be sent when the network is back."""
    ticket = case.house.ticket(case.agent.who)
    desk = open_desks(case.agent)
    desk.shows("在线")
    asyncio.run(users.revoke_tokens(str(case.house.database), case.agent.who))
    told = desk.shows("未登录")
    assert told["words"] == "令牌无效、已过期或已撤销；写下的内容都还在本机。 请重新登录：okpay-console login"
    desk.ask(note="令牌已撤销时写的", ticket=ticket)
    desk.tells(lambda said: said.get("kept"))
    assert desk.shows("未登录  1 条待发")["retry_in"] is None
    case.proxy.refuse()
    desk.ask(claim=ticket)
    assert desk.tells(lambda said: said.get("refused"))["refused"] == "offline"
    desk.ask(retry=True)
    desk.tells(lambda said: said.get("state") == "connecting")
    assert desk.tells(lambda said: "line" in said)["line"].startswith("未登录  1 条待发")
    desk.end()
    after = desk.told.index(told)
    assert not any(said.get("line", "").startswith("离线") for said in desk.told[after:]), desk.told[after:]
    case.agent.written.append((ticket, "令牌已撤销时写的"))
    case.house.tokens[case.agent.who] = asyncio.run(users.add_token(str(case.house.database), case.agent.who))
    case.quiet(case.agent)
