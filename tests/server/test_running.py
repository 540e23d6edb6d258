"""Real server processes and threads on loopback: event streams, stopping, dying, and several workers."""

from __future__ import annotations

import asyncio
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest

from okpay_console.domain import wire
from okpay_console.domain.author import Author
from okpay_console.errors import ConfigError
from okpay_console.server import clock, history, users
from okpay_console.server.db import Database
from okpay_console.server.run import RunningServer, ServerConfig, _listen, start_in_thread

SERVE = """
import os, signal, sys
from okpay_console.server.run import ServerConfig, serve
from okpay_console.server.routes import sync
if "--die" in sys.argv:
    real = sync.push
    async def push(*args, **named):
        await real(*args, **named)
        os.kill(os.getpid(), signal.SIGKILL)
    sync.push = push
if __name__ == "__main__":
    workers = 2 if "--two" in sys.argv else 1
    config = ServerConfig(database=sys.argv[1], port=0, poll_s=0.05, workers=workers)
    serve(config, ready=lambda url: print(url, flush=True))
"""


@pytest.fixture
def where(tmp_path: Path) -> str:
    return str(tmp_path / "server.db")


@contextmanager
def process(where: str, *flags: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    script = Path(where).with_name("serve.py")
    script.write_text(SERVE)
    running = subprocess.Popen([sys.executable, str(script), where, *flags], stdout=subprocess.PIPE, text=True)
    try:
        assert running.stdout is not None
        yield running, running.stdout.readline().strip()
    finally:
        running.kill()
        running.wait()
        assert running.stdout is not None
        running.stdout.close()


@asynccontextmanager
async def stream(url: str, token: str, **headers: str) -> AsyncIterator[Any]:
    """The events of one stream, each as a dictionary of its fields."""

    async def events(reply: httpx.Response) -> AsyncIterator[dict[str, str]]:
        fields: dict[str, str] = {}
        async for line in reply.aiter_lines():
            if not line and fields:
                yield fields
                fields = {}
            elif ": " in line and not line.startswith(":"):
                name, _, value = line.partition(": ")
                fields[name] = value

    sent = {"Authorization": f"Bearer {token}", **headers}
    async with (
        httpx.AsyncClient(base_url=url, headers=sent, timeout=20) as http,
        http.stream("GET", "/v1/events") as reply,
    ):
        assert reply.headers["content-type"].startswith("text/event-stream")
        yield events(reply)


def note(token: str, url: str) -> None:
    """A commit through another connection to the server."""
    author = Author("wang", clock.new_id, lambda: datetime.now(UTC))
    item = wire.to_item(author.new(subject="x", channel="chat"), mid=1, prev="")
    push = msgspec.json.encode(wire.Push(clock.new_id(), [item]))
    reply = httpx.post(f"{url}/v1/mutations", content=push, headers={"Authorization": f"Bearer {token}"}, timeout=20)
    assert reply.status_code == 200, reply.text


@pytest.fixture
async def server(where: str) -> AsyncIterator[tuple[RunningServer, str]]:
    token = (await users.add_user(where, "wang", "agent")).token
    running = await asyncio.to_thread(start_in_thread, ServerConfig(database=where, port=0, poll_s=0.05, ping_s=0.1))
    yield running, token
    await asyncio.to_thread(running.stop)


async def test_a_stream_begins_with_the_retry_time_and_the_state_and_pokes_on_every_commit(server: Any) -> None:
    running, token = server
    async with asyncio.timeout(20), stream(running.url, token) as events:
        assert await anext(events) == {"retry": "2000"}
        first = await anext(events)
        assert (first["event"], first["data"]) == ("state", "{}")
        await asyncio.to_thread(note, token, running.url)
        assert (await anext_state(events))["id"] != first["id"]


async def anext_state(events: Any) -> dict[str, str]:
    while True:
        event: dict[str, str] = await anext(events)
        if event.get("event") == "state":
            return event


async def test_who_knows_the_head_already_is_not_poked_until_it_moves(server: Any) -> None:
    running, token = server
    async with asyncio.timeout(20):
        async with stream(running.url, token) as events:
            head = (await anext_state(events))["id"]
        async with stream(running.url, token, **{"Last-Event-ID": head}) as events:
            await asyncio.to_thread(note, token, running.url)
            moved = await anext_state(events)
        async with stream(running.url, token, **{"Last-Event-ID": head}) as events:
            assert (await anext_state(events))["id"] == moved["id"]
    assert moved["id"].split(".")[0] == "1"


async def test_a_commit_of_another_process_is_noticed(server: Any, where: str) -> None:
    running, token = server
    async with asyncio.timeout(20), stream(running.url, token) as events:
        first = await anext_state(events)
        db = Database(where)
        await db.write(lambda conn: history.commit(conn, now=clock.now()))
        await db.close()
        assert (await anext_state(events))["id"] != first["id"]


async def test_an_idle_stream_is_pinged_with_a_comment(server: Any) -> None:
    running, token = server
    headers = {"Authorization": f"Bearer {token}"}
    async with (
        asyncio.timeout(20),
        httpx.AsyncClient(headers=headers) as http,
        http.stream("GET", f"{running.url}/v1/events") as reply,
    ):
        async for line in reply.aiter_lines():
            if line == ": ping":
                break


async def test_a_stream_ends_by_itself_after_its_time_and_says_when_to_sign_in_again(where: str) -> None:
    token = (await users.add_user(where, "wang", "agent", token_days=1)).token
    config = ServerConfig(database=where, port=0, stream_s=0.3, reauth_s=2 * 86400.0)
    running = await asyncio.to_thread(start_in_thread, config)
    try:
        async with asyncio.timeout(20), stream(running.url, token) as events:
            kinds = [event.get("event") async for event in events]
    finally:
        await asyncio.to_thread(running.stop)
    assert kinds == [None, "state", "reauth"] or kinds == [None, "reauth", "state"]


async def test_stopping_ends_open_streams_cleanly_and_at_once(where: str) -> None:
    token = (await users.add_user(where, "wang", "agent")).token
    running = await asyncio.to_thread(start_in_thread, ServerConfig(database=where, port=0))
    async with asyncio.timeout(20), stream(running.url, token) as events:
        await anext_state(events)
        await asyncio.to_thread(running.stop)
        assert [event async for event in events] == []
    running.stop()


async def test_one_server_serves_after_another_on_the_same_database(where: str) -> None:
    token = (await users.add_user(where, "wang", "agent")).token
    for expected in (1, 2):
        with await asyncio.to_thread(start_in_thread, ServerConfig(database=where, port=0)) as running:
            await asyncio.to_thread(note, token, running.url)
            async with httpx.AsyncClient(headers={"Authorization": f"Bearer {token}"}) as http:
                assert len((await http.get(f"{running.url}/v1/sync")).json()["changes"]) == expected


def test_the_listening_socket_names_its_protocol_so_that_replies_are_not_held_back(where: str) -> None:
    with _listen(ServerConfig(database=where, port=0)) as listener:
        assert listener.proto == socket.IPPROTO_TCP


async def test_a_port_in_use_is_said_in_words(server: Any, tmp_path: Path) -> None:
    running, _ = server
    port = int(running.url.rpartition(":")[2])
    with pytest.raises(ConfigError, match="cannot listen") as refused:
        start_in_thread(ServerConfig(database=str(tmp_path / "other.db"), port=port))
    assert refused.value.code == "port-taken"
    with pytest.raises(ConfigError) as refused:
        _listen(ServerConfig(database="x", host="192.0.2.1", port=0))
    assert refused.value.code == "no-listening"


async def test_sigterm_stops_the_process_with_status_0_while_a_stream_is_open(where: str) -> None:
    token = (await users.add_user(where, "wang", "agent")).token
    with process(where) as (running, url):
        async with asyncio.timeout(30), stream(url, token) as events:
            await anext_state(events)
            running.send_signal(signal.SIGTERM)
            assert [event async for event in events if event.get("event") == "state"] == []
        assert await asyncio.to_thread(running.wait, 20) == 0


async def test_killed_between_commit_and_reply_the_mutation_is_there_once(where: str) -> None:
    token = (await users.add_user(where, "wang", "agent")).token
    headers = {"Authorization": f"Bearer {token}"}
    author = Author("wang", clock.new_id, lambda: datetime.now(UTC))
    op = author.new(subject="x", channel="chat")
    push = msgspec.json.encode(wire.Push("c1", [wire.to_item(op, mid=1, prev="")]))
    async with httpx.AsyncClient(headers=headers, timeout=20) as http:
        with process(where, "--die") as (running, url), pytest.raises(httpx.HTTPError):
            await http.post(f"{url}/v1/mutations", content=push)
        assert running.returncode == -signal.SIGKILL
        with process(where) as (_, url):
            assert (await http.get(f"{url}/v1/sync?client=c1")).json()["last"] == {"mid": 1, "uuid": op.uuid}
            again = await http.post(f"{url}/v1/mutations", content=push)
            assert again.json()["outcomes"][0]["state"] == "confirmed"
            [change] = (await http.get(f"{url}/v1/sync?client=c1")).json()["changes"]
    assert (change["rev"], len(change["doc"]["timeline"])) == (1, 1)


async def test_two_workers_share_a_port_and_a_commit_of_either_reaches_the_streams_of_both(where: str) -> None:
    token = (await users.add_user(where, "wang", "agent")).token
    with process(where, "--two") as (running, url):
        async with asyncio.timeout(40):
            streams = [stream(url, token) for _ in range(4)]
            opened = [await one.__aenter__() for one in streams]
            for events in opened:
                await anext_state(events)
            await asyncio.to_thread(note, token, url)
            assert len({(await anext_state(events))["id"] for events in opened}) == 1
            for one in streams:
                await one.__aexit__(None, None, None)
        running.send_signal(signal.SIGTERM)
        assert await asyncio.to_thread(running.wait, 30) == 0


async def test_workers_do_not_outlive_a_parent_that_was_killed(where: str) -> None:
    token = (await users.add_user(where, "wang", "agent")).token
    with process(where, "--two") as (running, url):
        async with asyncio.timeout(30), stream(url, token) as events:
            await anext_state(events)
            running.kill()
            assert [event async for event in events if event.get("event") == "state"] == []
