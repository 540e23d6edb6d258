"""A serving process that is killed under load, or whose disk is full, has every mutation that it acknowledged, once."""

from __future__ import annotations

import json
import os
import random
import signal
import socket
import subprocess
import threading
import time
import uuid
from datetime import UTC, datetime
from pathlib import Path

import httpx
import msgspec
import pytest

from okpay_console.domain import ops, wire
from okpay_console.domain.author import Author
from okpay_console.server.db import Database

from ..zygote import Running, zygote

SERVER = ("okpay_console.cli.admin", "okpay_console.server.run")
KILLS = int(os.environ.get("OKPAY_KILLS", "3"))
pytestmark = pytest.mark.skipif(os.name == "nt", reason="SIGKILL is POSIX")


class House:
    """A server process on one database file, to be killed and started again."""

    def __init__(self, folder: Path, database: Path, *, script: str = "") -> None:
        self.script = script
        self.said = ""
        self.database = str(database)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.process: Running | None = None
        self.environment = {key: value for key, value in os.environ.items() if not key.startswith("OKPAY_")}
        self.environment |= {"HOME": str(folder), "OKPAY_DATA_DIR": str(folder / "data"), "PYTHONUTF8": "1"}

    def hire(self, name: str) -> str:
        words = ["admin", "user", "add", name, "--role", "supervisor", "--database", self.database, "--json"]
        done = zygote().run(words, data=b"", env=self.environment, timeout=60)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout.splitlines()[0])["token"]

    def start(self) -> None:
        words = ["serve", "--host", "127.0.0.1", "--port", str(self.port), "--database", self.database]
        self.process = zygote().begin(words, env=self.environment, script=self.script, parts=SERVER)
        deadline = time.monotonic() + 60
        while True:
            try:
                if httpx.get(f"{self.url}/healthz", timeout=5).status_code == 200:
                    return
            except httpx.TransportError:
                pass
            assert self.process.poll() is None and time.monotonic() < deadline, self.process.errors()
            time.sleep(0.05)

    def end(self, how: signal.Signals = signal.SIGKILL) -> None:
        if self.process is not None:
            self.process.send_signal(how)
            self.process.wait(30)
            self.said += self.process.errors()
            self.process = None


class Pusher:
    """One console's log on the wire: pushes note after note, and the same one again until it is acknowledged."""

    def __init__(self, house: House, token: str, name: str) -> None:
        self.house = house
        self.name = name
        self.http = httpx.Client(base_url=house.url, headers={"Authorization": f"Bearer {token}"}, timeout=20)
        self.author = Author("wang", lambda: str(uuid.uuid4()), lambda: datetime.now(UTC))
        self.mid, self.prev = 0, ""
        self.acked: list[str] = []
        self.refusals: list[tuple[int, dict[str, str]]] = []
        self.wrong = ""
        self.item: wire.Item | None = None
        op = self.author.new(subject=name, channel="hotline")
        self.ticket = ops.apply(None, op, op.at)
        self.first = op

    def push(self, op: ops.AnyOp) -> bool:
        """Whether it was acknowledged; what the server said otherwise is kept."""
        if self.item is None:
            self.item = wire.to_item(op, mid=self.mid + 1, prev=self.prev)
        reply = self.http.post("/v1/mutations", content=msgspec.json.encode(wire.Push(self.name, [self.item])))
        if reply.status_code != 200:
            self.refusals.append((reply.status_code, reply.json()))
            return False
        [outcome] = reply.json()["outcomes"]
        assert outcome["state"] == "confirmed", reply.text
        self.mid, self.prev, self.item = self.mid + 1, self.item.uuid, None
        return True

    def work(self, stop: threading.Event) -> None:
        try:
            while not stop.is_set():
                text = f"{self.name} {len(self.acked)}"
                op = self.author.note(self.ticket, text)
                while not stop.is_set():
                    try:
                        if self.push(op):
                            self.acked.append(text)
                            break
                    except httpx.TransportError:
                        stop.wait(0.02)
        except Exception as error:
            self.wrong = repr(error)

    def on_server(self) -> list[str]:
        reply = self.http.get(f"/v1/tickets/{self.ticket.id}").raise_for_status()
        return [entry["text"] for entry in reply.json()["timeline"] if entry.get("text", "").startswith(self.name)]


def kill_under_load(house: House, kills: int) -> int:
    """Four consoles push, the server is killed again and again; how many mutations were acknowledged.

    ``AssertionError`` as soon as one that was acknowledged is missing, or one is there twice.
    """
    token = house.hire("wang")
    house.start()
    stop, chance = threading.Event(), random.Random(3)
    pushers = [Pusher(house, token, f"console-{number}") for number in range(4)]
    threads = [threading.Thread(target=pusher.work, args=(stop,)) for pusher in pushers]
    try:
        for pusher in pushers:
            assert pusher.push(pusher.first)
        for thread in threads:
            thread.start()
        for _ in range(kills):
            seen = sum(len(pusher.acked) for pusher in pushers)
            deadline = time.monotonic() + 60
            while sum(len(pusher.acked) for pusher in pushers) < seen + 40 and time.monotonic() < deadline:
                time.sleep(0.005)
            time.sleep(chance.random() * 0.1)  # when to kill, not what to wait for
            house.end()
            acked = [list(pusher.acked) for pusher in pushers]
            house.start()
            for pusher, before in zip(pushers, acked, strict=True):
                assert pusher.on_server()[: len(before)] == before, "acknowledged, and not there"
    finally:
        stop.set()
        for thread in threads:
            if thread.is_alive():
                thread.join()
    assert [pusher.wrong for pusher in pushers] == [""] * 4
    for pusher in pushers:
        there = pusher.on_server()
        assert there[: len(pusher.acked)] == pusher.acked
        # The one under way when work ended may have arrived without its answer.
        assert there == pusher.acked or there == [*pusher.acked, f"{pusher.name} {len(pusher.acked)}"]
    return sum(len(pusher.acked) for pusher in pushers)


def test_kills_under_load_lose_no_acknowledged_mutation_and_none_is_there_twice(tmp_path):
    house = House(tmp_path, tmp_path / "server.db")
    try:
        assert kill_under_load(house, KILLS) >= 40 * KILLS
    finally:
        house.end()


def test_a_server_that_acknowledges_before_it_commits_is_found_out_by_a_few_kills(tmp_path):
    house = House(tmp_path, tmp_path / "server.db", script=str(Path(__file__).with_name("hasty.py")))
    try:
        with pytest.raises(AssertionError, match="acknowledged, and not there"):
            # One is enough unless it falls just behind a late commit.
            kill_under_load(house, 6)
    finally:
        house.end()


@pytest.fixture
def small_disk(tmp_path):
    """A file system of two megabytes; only where this user may mount one."""
    folder = tmp_path / "small"
    folder.mkdir()
    made = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", str(folder)], capture_output=True, check=False
    )
    if made.returncode != 0:
        pytest.skip("no file system can be mounted here")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


def test_a_full_disk_is_said_and_nothing_acknowledged_is_lost_and_work_goes_on_when_there_is_room(small_disk, tmp_path):
    house = House(tmp_path, small_disk / "server.db")
    token = house.hire("wang")
    ballast = small_disk / "ballast"
    house.start()
    try:
        pusher = Pusher(house, token, "console")
        assert pusher.push(pusher.first)
        with ballast.open("wb", buffering=0) as file:
            try:
                while file.write(bytes(4096)):
                    pass
            except OSError:
                pass
        for number in range(2000):
            text = f"console {number} " + "已扣款" * 300
            op = pusher.author.note(pusher.ticket, text)
            if not pusher.push(op):
                break
            pusher.acked.append(text)
        assert pusher.refusals, "the disk became full"
        status, problem = pusher.refusals[0]
        assert (status, problem["type"].rpartition(":")[2].rpartition("/")[2]) == (503, "unavailable"), problem
        assert problem["title"] == "The server's disk is full.", problem
        assert not pusher.push(op), "still full"
        assert pusher.on_server() == pusher.acked, "it can be read all the same"
        ballast.unlink()
        assert pusher.push(op), "there is room again, and the same words go through"
        pusher.acked.append(text)
        assert pusher.on_server() == pusher.acked
        house.end()
        house.start()
        assert pusher.on_server() == pusher.acked
    finally:
        house.end()
    assert "Traceback" not in house.said


async def test_every_connection_waits_for_the_disk_at_each_commit(tmp_path):
    """SQLite's own tests prove what FULL with a write-ahead log survives; this proves that we ask for it."""
    db = Database(str(tmp_path / "server.db"))

    def asked(conn):
        return [conn.exec_driver_sql(f"PRAGMA {name}").scalar() for name in ("synchronous", "journal_mode")]

    assert await db.write(asked) == await db.read(asked) == await db.read(asked, quick=True) == [2, "wal"]
    await db.close()
