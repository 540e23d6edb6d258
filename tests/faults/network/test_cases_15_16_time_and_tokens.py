"""Cases 15 and 16: clocks that are wrong, machines that sleep, tokens that end in the middle of something."""

from __future__ import annotations

import asyncio
import signal
from datetime import UTC, datetime, timedelta
from typing import Any

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


@pytest.mark.parametrize("where", ["before the second push", "before the page"])
def test_case_16_a_token_that_ends_in_the_middle_keeps_everything_until_there_is_a_new_one(
    case: Any, faults: Any, where: str
) -> None:
    """The agent sees: signed out, so many waiting, how to sign in; after that everything is confirmed."""
    case.agent.sync()
    ticket = case.house.ticket(case.agent.who)
    database, who = str(case.house.database), case.agent.who
    ends = faults.first(lambda: asyncio.run(users.revoke_tokens(database, who)))
    # 130 notes are two pushes; the command lists once before it writes.
    case.proxy.on(*((PUSH, ends) if where == "before the second push" else (PULL, ends)), after=1)
    done = case.agent.note(ticket, count=130)
    assert (done.status, len(case.agent.written)) == (1, 130)
    assert "重新登录" in done.said
    refused = case.agent.sync()
    assert (refused.status, refused.docs[0]["link"], refused.docs[0]["code"]) == (1, "signed-out", "signed-out")
    assert refused.docs[0]["pending"] > 0
    case.house.tokens[who] = asyncio.run(users.add_token(database, who))
    case.quiet(case.agent)
