"""Backups beside a serving process that is written to: each is one moment of it, and has what was acknowledged before it began."""

from __future__ import annotations

import asyncio
import json
import sqlite3
import sys
import threading
from contextlib import closing
from pathlib import Path

import pytest

from okpay_console.server import audit, backup, restoring

from ..test_server_killed import House, Pusher

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="as the kills that this borrows its server from")
BACKUPS, CONSOLES = 3, 3


def cut(database: Path) -> dict[str, list[str]]:
    """The notes of each console's ticket, once it is clear that every table is of the same moment."""
    with closing(sqlite3.connect(database)) as conn:
        assert conn.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
        (seq,) = conn.execute("SELECT seq FROM sync_head").fetchone()
        (newest,) = conn.execute("SELECT max(seq) FROM tickets").fetchone()
        assert newest <= seq
        assert [row[0] for row in conn.execute("SELECT seq FROM commits ORDER BY seq")] == list(range(seq + 1))
        last = dict(conn.execute("SELECT client, last_mid FROM clients"))
        logged = dict(conn.execute("SELECT client, max(mid) FROM log GROUP BY client"))
        counted = dict(conn.execute("SELECT client, count(*) FROM log GROUP BY client"))
        assert last == logged == counted
        docs = [json.loads(row[0]) for row in conn.execute("SELECT doc FROM tickets")]
    notes = {
        doc["subject"]: [entry["text"] for entry in doc["timeline"] if entry.get("text", "").startswith(doc["subject"])]
        for doc in docs
    }
    assert {name: mid - 1 for name, mid in last.items()} == {name: len(said) for name, said in notes.items()}
    return notes


def test_each_backup_is_one_moment_with_all_that_was_acknowledged_before_it(tmp_path: Path) -> None:
    house = House(tmp_path, tmp_path / "server.db")
    token = house.hire("wang")
    house.start()
    stop = threading.Event()
    threads = []
    try:
        pushers = [Pusher(house, token, f"console-{number}") for number in range(CONSOLES)]
        assert all(pusher.push(pusher.first) for pusher in pushers)
        threads = [threading.Thread(target=pusher.work, args=(stop,)) for pusher in pushers]
        for thread in threads:
            thread.start()
        taken = []
        for number in range(BACKUPS):
            seen = sum(len(pusher.acked) for pusher in pushers)
            while sum(len(pusher.acked) for pusher in pushers) < seen + 15:
                assert not any(pusher.wrong for pusher in pushers)
                stop.wait(0.01)
            before = [list(pusher.acked) for pusher in pushers]
            file = tmp_path / f"{number}.okbackup"
            asyncio.run(backup.backup(house.database, file))
            taken.append((file, before))
        stop.set()
        for thread in threads:
            thread.join()
        assert [pusher.wrong for pusher in pushers] == [""] * CONSOLES
    finally:
        stop.set()
        for thread in threads:
            thread.join()
        house.end()
    for file, before in taken:
        target = file.with_suffix(".db")
        asyncio.run(restoring.restore(str(target), file))
        there = cut(target)
        assert not asyncio.run(audit.verify(str(target))).broken
        for pusher, acked in zip(pushers, before, strict=True):
            said = there[pusher.name]
            assert said[: len(acked)] == acked, "what was acknowledged before it began"
            assert said == pusher.acked[: len(said)], "in the order in which it was written, and nothing else"
