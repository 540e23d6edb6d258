"""A console killed at its work, pages coming in, notes going out, the file being compacted: no word is lost, none said twice."""

from __future__ import annotations

import asyncio
import os
import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

from okpay_console.domain.author import Author
from okpay_console.domain.ids import uuid7
from okpay_console.domain.ops import NO_RULES
from okpay_console.local.drafts import Drafts
from okpay_console.local.mirror import Mirror
from okpay_console.local.outbox import Outbox
from okpay_console.local.store import open_store
from okpay_console.remote.api import Api
from okpay_console.server.run import start_in_thread
from okpay_console.server.settings import ServerConfig
from okpay_console.server.users import add_user
from okpay_console.sync.clock import SystemClock
from okpay_console.sync.engine import Engine

LOOP = Path(__file__).with_name("engine_loop.py")
KILLS = int(os.environ.get("OKPAY_KILLS", "4"))
"""OKPAY_KILLS=100 kills it more often."""


def ticket_number(text: str) -> int:
    return int(text.removeprefix("note "))


def engine_of(db, url, token):
    clock, rng = SystemClock(), random.Random(7)
    author = Author("wang", lambda: uuid7(time.time_ns() // 1_000_000, os.urandom(10)), clock.now)
    api = Api(url, token)
    return Engine(
        api=api, mirror=Mirror(db), outbox=Outbox(db), author=author, rules=NO_RULES, clock=clock, rng=rng
    ), author


def killed_after(path, url, token, ticket, wait):
    """What one run printed before it was killed: the numbers of confirmed drafts and notes."""
    command = [sys.executable, str(LOOP), str(path), url, token, ticket]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        lines = [child.stdout.readline()]
        time.sleep(wait)  # when to kill, not what to wait for
        child.kill()
        lines += child.stdout.read().splitlines(keepends=True)
    told = [line.split() for line in lines if line.endswith("\n")]
    assert told, "it had begun to work"
    return {kind: [int(number) for what, number in told if what == kind] for kind in ("draft", "note")}


@pytest.mark.skipif(os.name == "nt", reason="SIGKILL is POSIX")
def test_kills_of_a_working_engine_lose_no_confirmed_note_or_draft_and_no_note_comes_twice(tmp_path):
    database, path = str(tmp_path / "server.db"), tmp_path / "store"
    chance, confirmed = random.Random(5), set()
    with start_in_thread(ServerConfig(database=database, port=0)) as server:
        token = asyncio.run(add_user(database, "wang", "supervisor")).token

        async def begin():
            with open_store(path) as db:
                engine, author = engine_of(db, server.url, token)
                op = author.new(subject="已扣款未到账", channel="hotline")
                await engine.do(op)
                await engine.round()
                await engine.close()
            return op.ticket

        ticket = asyncio.run(begin())
        for number in range(KILLS):
            told = killed_after(path, server.url, token, ticket, 0.05 + chance.random() * 0.5)
            confirmed |= set(told["note"])
            with open_store(path) as db:
                assert db.recovery.kind in ("none", "torn"), number
                draft = int(Drafts(db).get("wang", ticket, "reply") or 0)
                assert max(told["draft"], default=0) <= draft <= max(told["draft"], default=0) + 1, number
                outbox = Outbox(db)
                assert not outbox.broken
                engine, _ = engine_of(db, server.url, token)
                shown = {
                    ticket_number(entry.text)
                    for entry in engine.view(ticket).ticket.timeline
                    if entry.text[:4] == "note"
                }
                assert confirmed <= shown, number

        async def end():
            with open_store(path) as db:
                engine, _ = engine_of(db, server.url, token)
                for _ in range(200):
                    if (await engine.round()).pending == 0:
                        break
                await engine.close()
                return [entry.text for entry in engine.view(ticket).ticket.timeline if entry.text[:4] == "note"]

        async def on_server():
            with open_store(tmp_path / "other") as db:
                engine, _ = engine_of(db, server.url, token)
                for _ in range(20):
                    done = await engine.round()
                    if not done.pulled:
                        break
                await engine.close()
                return [entry.text for entry in engine.view(ticket).ticket.timeline if entry.text[:4] == "note"]

        here, there = asyncio.run(end()), asyncio.run(on_server())
    assert here == there
    assert len(set(there)) == len(there)
    assert confirmed <= set(map(ticket_number, there))
    assert len(confirmed) > 2 * KILLS
