"""The harness itself: a console that does one thing wrong does not get past it."""

from __future__ import annotations

import gzip
import resource
from typing import Any

import pytest


def test_words_that_are_sent_under_new_ids_are_seen_to_be_there_twice(case: Any, faults: Any) -> None:
    ticket = case.house.ticket(case.agent.who)
    case.proxy.on("POST /v1/mutations", faults.lost_reply)
    case.agent.note(ticket, program="mutant.py", MUTANT="fresh ids")
    with pytest.raises(AssertionError, match="备注"):
        case.quiet(case.agent)


def test_words_that_never_reached_the_server_are_seen_to_be_missing(case: Any) -> None:
    ticket = case.house.ticket(case.agent.who)
    case.agent.written.append((ticket, "说是记下了的备注"))
    with pytest.raises(AssertionError, match="说是记下了的备注"):
        case.quiet(case.agent)


def test_a_bomb_that_is_unpacked_whole_breaks_the_console(case: Any, faults: Any) -> None:
    bomb = gzip.compress(gzip.compress(bytes(512 << 20), 1), 9)
    reply = faults.instead(200, bomb, kind="application/json", ours=True, Content_Encoding="gzip, gzip")
    case.proxy.on("GET /v1/me", reply, times=None)
    agent = case.hire(answer_seconds=30.0)
    running = agent.begin("sync", program="mutant.py", MUTANT="unpacks whole")
    resource.prlimit(running.pid, resource.RLIMIT_DATA, (384 << 20, 384 << 20))
    with pytest.raises(AssertionError, match="MemoryError"):
        agent.end(running)
