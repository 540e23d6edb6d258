"""Cases 17 to 19: replies that drip or never end, bombs, and pages that are not the server's."""

from __future__ import annotations

import gzip
import json
import resource
from typing import Any

import pytest

PUSH, PULL, ME = "POST /v1/mutations", "GET /v1/sync", "GET /v1/me"
MEMORY = 384 << 20
"""Bytes of writable memory that a console may have here; it needs a quarter of that."""
PORTAL = b"<html><script>location='http://hotel.test/login'</script></html>"
NOW = "2026-11-22T09:00:00Z"


@pytest.mark.parametrize("how", ["black_hole", "dripping", "frozen"])
def test_case_17_a_server_that_never_finishes_is_given_up_in_time(case: Any, faults: Any, how: str) -> None:
    """The agent sees: offline, one waiting; no command hangs, whether nothing comes, a byte now and then, or no end at all."""
    case.agent.hurried()
    if how == "frozen":
        case.agent.sync()
        case.proxy.on(PUSH, faults.first(case.proxy.freeze))
    else:
        case.proxy.on(PUSH, faults.dripping() if how == "dripping" else faults.black_hole, times=None)
    done = case.agent.new()
    assert (done.status, case.agent.waiting()) == (3, 1)
    case.quiet(case.agent)


def page(**more: Any) -> bytes:
    return json.dumps(
        {"changes": [], "cursor": "x", "more": False, "last": {"mid": 0, "uuid": ""}, "now": NOW} | more
    ).encode()


BOMBS = {
    "huge": (lambda: b'{"changes": [' + b" " * (33 << 20), {}),
    "packed": (lambda: gzip.compress(b" " * (64 << 20), 1), {"Content_Encoding": "gzip"}),
    "packed twice": (lambda: gzip.compress(gzip.compress(bytes(512 << 20), 1), 9), {"Content_Encoding": "gzip, gzip"}),
}


@pytest.mark.parametrize("bomb", BOMBS)
def test_case_18_no_reply_takes_more_memory_than_a_console_has(case: Any, faults: Any, bomb: str) -> None:
    """The agent sees: what answered is not the server; the words wait. The process stays small."""
    body, headers = BOMBS[bomb]
    case.proxy.on(PULL, faults.instead(200, body(), kind="application/json", ours=True, **headers), times=None)
    # Time enough for all of it to come, so that its size is what ends it.
    agent = case.hire(answer_seconds=30.0)
    running = agent.begin("ticket", "new", "--channel", "chat", "--subject", f"写给{bomb}的一句")
    resource.prlimit(running.pid, resource.RLIMIT_DATA, (MEMORY, MEMORY))
    done = agent.end(running)
    assert (done.status, len(done.docs[0]["pending"])) == (1, 1)
    assert "写下的内容都还在本机" in done.said
    agent.written = [(done.docs[0]["id"], f"写给{bomb}的一句")]
    case.quiet(agent)


REPLIES = {
    "portal": {"status": 200, "body": PORTAL},
    "portal sends away": {"status": 302, "Location": "http://127.0.0.1:9/login", "Set_Cookie": "portal=1; Path=/"},
    "cut off, and called whole": {"status": 200, "body": page()[:-9], "kind": "application/json", "ours": True},
}


@pytest.mark.parametrize("reply", REPLIES)
def test_case_19_a_page_that_is_not_the_servers_is_believed_in_nothing(case: Any, faults: Any, reply: str) -> None:
    """The server hears the push and its answer is replaced. The agent sees: not our server, one waiting, nobody signed out."""
    fault = faults.instead(deliver=True, **REPLIES[reply])
    case.proxy.on(PUSH, fault)
    done = case.agent.new()
    assert (done.status, case.agent.waiting()) == (1, 1)
    assert "写下的内容都还在本机" in done.said
    case.quiet(case.agent)
    assert not any(b"portal=1" in request for request in case.proxy.requests)


def test_case_19_a_first_start_behind_a_sign_in_page_takes_words_all_the_same(case: Any, faults: Any) -> None:
    """The agent sees: not our server, one waiting. The machine has never met the server before."""
    for name in ("GET", "POST"):
        case.proxy.on(name, faults.instead(200, PORTAL), times=None)
    done = case.agent.new()
    assert (done.status, case.agent.waiting()) == (1, 1)
    case.quiet(case.agent)
