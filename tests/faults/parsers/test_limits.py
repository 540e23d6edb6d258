"""What a server process takes from outside: each limit knocked on with raw sockets, while others are served."""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import json
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from okpay_console.domain.daybook import TOLD_BYTES
from okpay_console.domain.wire import PROTOCOL, PROTOCOL_HEADER, PUSH_BYTES, PUSH_ITEMS
from okpay_console.server import users
from okpay_console.server.db import upgrade

SERVING = Path(__file__).parents[1] / "network" / "serving.py"
HEAD_S, BODY_S, STREAMS = 1.0, 1.5, 3
PATIENCE = 30.0
MIB = 1 << 20
AT = "2026-11-23T09:00:00Z"


class Reply(NamedTuple):
    """One reply as it crossed the network."""

    status: int
    head: str
    body: bytes

    def problem(self) -> dict[str, object]:
        assert "application/problem+json" in self.head.lower(), self
        assert f"{PROTOCOL_HEADER}: {PROTOCOL}".lower() in self.head.lower(), "a console takes it for somebody else's"
        told: dict[str, object] = json.loads(self.body)
        assert told["title"] and told["advice"] is not None and str(told["type"]).startswith("/problems/")
        return told


class House:
    """A server in a process of its own, whose memory can be looked at."""

    def __init__(self, home: Path) -> None:
        database = str(home / "server.db")
        upgrade(database)
        self.token = asyncio.run(users.add_user(database, "wang", "supervisor")).token
        words = (f"head_s={HEAD_S}", f"body_s={BODY_S}", f"max_streams={STREAMS}", "floor_s=0", "guesses=0")
        self.process = subprocess.Popen(
            [sys.executable, str(SERVING), database, "0", *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        assert self.process.stdout is not None
        self.port = int(self.process.stdout.readline().rsplit(b":", 1)[-1])

    def memory(self) -> int:
        """Bytes that the process holds now."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        found = re.search(r"VmRSS:\s+(\d+) kB", status)
        assert found is not None
        return int(found[1]) << 10

    def call(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE)

    def head(self, method: str, path: str, *lines: str, token: bool = True) -> bytes:
        bearer = [f"Authorization: Bearer {self.token}"] if token else []
        return "\r\n".join([f"{method} {path} HTTP/1.1", "Host: desk", *bearer, *lines, "", ""]).encode()

    def ask(self, method: str, path: str, body: bytes = b"", *lines: str) -> Reply:
        with self.call() as line:
            line.sendall(self.head(method, path, f"Content-Length: {len(body)}", "Connection: close", *lines) + body)
            return heard(line)

    def healthy(self) -> None:
        """Somebody else is served meanwhile."""
        assert self.ask("GET", "/v1/me").status == 200


def heard(line: socket.socket) -> Reply:
    """The next reply on a connection; status 0 where it was ended without one."""
    data = b""
    with contextlib.suppress(ConnectionError):
        while not (length := re.search(rb"(?i)content-length: (\d+)", data)) or len(_body(data)) < int(length[1]):
            piece = line.recv(1 << 16)
            if not piece:
                break
            data += piece
    head = data.partition(b"\r\n\r\n")[0]
    return Reply(int(head.split()[1]) if head else 0, head.decode("latin-1"), _body(data))


def _body(data: bytes) -> bytes:
    return data.partition(b"\r\n\r\n")[2]


def flooded(line: socket.socket, pieces: Iterator[bytes]) -> int:
    """Sends until the other side has had enough; the bytes that went out."""
    sent = 0
    with contextlib.suppress(ConnectionError):
        for piece in pieces:
            line.sendall(piece)
            sent += len(piece)
    return sent


def endless(piece: bytes, until: int) -> Iterator[bytes]:
    for _ in range(until // len(piece)):
        yield piece


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    if not sys.platform.startswith("linux"):
        pytest.skip("the memory of another process is read from /proc")
    made = House(tmp_path_factory.mktemp("limits"))
    try:
        made.healthy()
        yield made
    finally:
        made.process.terminate()
        _, said = made.process.communicate(timeout=PATIENCE)
        assert b"Traceback" not in said, said.decode()


@pytest.mark.parametrize("path", ["/v1/mutations", "/v1/daybook", "/v1/tickets/batch", "/v1/tickets", "/v1/presence"])
def test_a_body_that_says_it_is_too_large_is_refused_before_it_is_sent(house: House, path: str) -> None:
    with house.call() as line:
        line.sendall(house.head("POST", path, f"Content-Length: {1 << 40}", "Idempotency-Key: k-12345678"))
        told = heard(line)
    assert (told.status, told.problem()["type"]) == (413, "/problems/too-large")


def test_a_body_without_end_is_refused_at_its_limit_and_takes_no_memory(house: House) -> None:
    """Chunked, so that nobody can know its length: 100 MiB are offered to a route that takes 256 KiB."""
    before = house.memory()
    with house.call() as line:
        line.sendall(house.head("POST", "/v1/mutations", "Transfer-Encoding: chunked"))
        sent = flooded(line, endless(b"10000\r\n" + b"[" * (1 << 16) + b"\r\n", 100 * MIB))
        told = heard(line)
    assert house.memory() - before < 16 * MIB
    assert sent < 100 * MIB, "everything was taken"
    assert told.status in (0, 413)
    house.healthy()


def test_whoever_is_not_signed_in_is_not_listened_to(house: House) -> None:
    before = house.memory()
    with house.call() as line:
        line.sendall(house.head("POST", "/v1/mutations", "Transfer-Encoding: chunked", token=False))
        sent = flooded(line, endless(b"10000\r\n" + b"[" * (1 << 16) + b"\r\n", 100 * MIB))
    assert sent < 100 * MIB, "everything was taken"
    assert house.memory() - before < 16 * MIB


@pytest.mark.parametrize(
    "lines",
    [
        ["X-Long: " + "x" * (40 << 10)],
        ["X-Long: " + "x" * (900 << 10)],
        [f"X-{number}: y" for number in range(150)],
        [f"X-{number}: {'y' * 500}" for number in range(90)],
        ["Cookie: " + "a=b; " * 20_000],
    ],
    ids=["one long line", "one line of 900 KiB", "many lines", "together too long", "cookies"],
)
def test_header_lines_too_long_or_too_many_are_refused(house: House, lines: list[str]) -> None:
    with house.call() as line:
        with contextlib.suppress(ConnectionError):
            line.sendall(house.head("GET", "/v1/me", *lines))
        told = heard(line)
    assert (told.status, told.problem()["type"]) == (431, "/problems/head-too-large")


@pytest.mark.parametrize("begin", [b"GET /v1/me HTTP/1.1\r\nX-Long: ", b"GET /", b"GET /v1/me HTTP/1.1\r\n"])
def test_header_lines_without_end_take_no_memory(house: House, begin: bytes) -> None:
    before = house.memory()
    piece = b"x" * (1 << 16) if not begin.endswith(b"1\r\n") else b"X: y\r\n" * (1 << 13)
    with house.call() as line:
        line.sendall(begin)
        sent = flooded(line, endless(piece, 100 * MIB))
    assert sent < 100 * MIB, "everything was taken"
    assert house.memory() - before < 16 * MIB


def test_what_trails_a_chunked_body_is_counted_with_its_head(house: House) -> None:
    before = house.memory()
    with house.call() as line:
        line.sendall(house.head("POST", "/v1/presence", "Transfer-Encoding: chunked") + b"0\r\n")
        sent = flooded(line, endless(b"X: y\r\n" * (1 << 13), 100 * MIB))
    assert sent < 100 * MIB, "everything was taken"
    assert house.memory() - before < 16 * MIB


def test_whoever_dribbles_is_ended_and_others_are_served(house: House) -> None:
    """Slow heads, slow bodies, connections that say nothing, and line feeds for ever: 40 at once, and none is left."""
    begins = [
        b"", b"GET /v1/me HT", b"\r\n", house.head("POST", "/v1/presence", "Content-Length: 1000"),
        house.head("POST", "/v1/mutations", "Transfer-Encoding: chunked"),
    ]  # fmt: skip
    lines = [(begin, house.call()) for begin in begins * 8]
    for begin, line in lines:
        line.sendall(begin)
    house.healthy()
    replies = []
    for begin, line in lines:
        with line:
            deadline = time.monotonic() + PATIENCE
            line.settimeout(0.05)
            data, open_ = b"", True
            while open_ and time.monotonic() < deadline:
                try:
                    line.sendall(b"\r\n" if begin in (b"", b"\r\n") else b"1")
                    piece = line.recv(1 << 16)
                    data, open_ = data + piece, bool(piece)
                except TimeoutError:
                    continue
                except ConnectionError:
                    open_ = False
            assert not open_, f"{begin[:20]!r} is still waited for"
            replies.append(data[:12])
    house.healthy()
    assert replies.count(b"HTTP/1.1 408") >= 30, replies


def test_a_stream_that_is_broken_off_behind_a_waiting_request_ends_and_nothing_is_written_into_it(house: House) -> None:
    for _ in range(STREAMS + 2):
        with house.call() as line:
            line.settimeout(PATIENCE)
            line.sendall(house.head("GET", "/v1/events"))
            data = b""
            while b"retry:" not in data:
                data += (piece := line.recv(1 << 16))
                assert piece, data
            line.sendall(house.head("GET", "/v1/me") + b"no request\r\n\r\n")
            while piece := line.recv(1 << 16):
                data += piece
            assert data.count(b"HTTP/1.1") == 1, data


def test_a_slow_request_is_told_what_was_wrong(house: House) -> None:
    with house.call() as line:
        line.sendall(house.head("POST", "/v1/presence", "Content-Length: 1000") + b"{")
        told = heard(line)
    assert (told.status, told.problem()["type"]) == (408, "/problems/too-slow")


@pytest.mark.parametrize("packed", ["gzip", "deflate", "br", "gzip, gzip"])
def test_a_packed_body_is_not_unpacked(house: House, packed: str) -> None:
    """A bomb of 100 MiB in 100 KiB stays 100 KiB."""
    before = house.memory()
    body = gzip.compress(b"[" * (100 * MIB), 1)[:200_000]
    told = house.ask("POST", "/v1/mutations", body, f"Content-Encoding: {packed}")
    assert told.status in (415, 422)
    told.problem()
    assert house.memory() - before < 16 * MIB


@pytest.mark.parametrize("depth", [500, 990, 60_000])
@pytest.mark.parametrize(
    ("path", "before", "after"),
    [
        ("/v1/presence", '{"ticket":', "}"),
        ("/v1/daybook", '{"lines":[{"extra":', "}]}"),
        ("/v1/tickets/batch", '{"items":[{"subject":"s","channel":"chat","extra":', "}]}"),
        ("/v1/mutations", '{"client":"c","items":[{"mid":1,"uuid":"u-12345678","prev":"","name":"ticket.note","id":"t-12345678",'
         f'"at":"{AT}","args":{{"text":', "}}]}"),
        ("/v1/mutations", '{"client":"c","items":[{"mid":1,"uuid":"u-12345679","prev":"","name":"ticket.note","id":"t-12345678",'
         f'"at":"{AT}","was":{{"text":', '},"args":{"text":"x"}}]}'),
    ],
    ids=["presence", "daybook", "batch", "arguments", "was"],
)  # fmt: skip
def test_no_depth_of_nesting_makes_the_server_fail(
    house: House, path: str, before: str, after: str, depth: int
) -> None:
    for left, right in (("[", "]"), ('{"a":', "}")):
        body = before + left * depth + ("1" if left != "[" else "") + right * depth + after
        told = house.ask("POST", path, body.encode())
        assert told.status < 500, told
        if told.status >= 400:
            told.problem()


def test_more_operations_in_one_push_than_agreed_are_refused(house: House) -> None:
    item = {"prev": "", "name": "n", "id": "t-12345678", "args": {}, "at": AT}
    items = [{**item, "mid": number + 1, "uuid": f"u-{number:08}"} for number in range(PUSH_ITEMS + 1)]
    told = house.ask("POST", "/v1/mutations", json.dumps({"client": "c", "items": items}).encode())
    assert (told.status, told.problem()["type"]) == (413, "/problems/too-large")
    for path, most in (("/v1/mutations", PUSH_BYTES), ("/v1/daybook", TOLD_BYTES)):
        assert house.ask("POST", path, b" " * (most + 1)).status == 413


def test_one_user_has_so_many_streams_and_no_more(house: House) -> None:
    open_ = [house.call() for _ in range(STREAMS)]
    try:
        for line in open_:
            line.sendall(house.head("GET", "/v1/events"))
            assert line.recv(1 << 16).startswith(b"HTTP/1.1 200")
        told = house.ask("GET", "/v1/events")
        assert (told.status, told.problem()["type"]) == (429, "/problems/too-many-streams")
        assert "retry-after" in told.head.lower()
        house.healthy()
    finally:
        for line in open_:
            line.close()


@pytest.mark.parametrize(
    "bytes_",
    [b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(200), b"\x00" * 500, b"GET\x00/ HTTP/1.1\r\n\r\n",
     b"GET / HTTP/9.9\r\n\r\n", b"POST /v1/presence HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
     b"POST /v1/presence HTTP/1.1\r\nContent-Length: 9\r\nTransfer-Encoding: chunked\r\n\r\n",
     b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", b"GET /\xff HTTP/1.1\r\n\r\n", b"GET http://[ HTTP/1.1\r\nHost: x\r\n\r\n"],
    ids=["tls", "zeros", "nul", "version", "negative length", "two lengths", "http/2", "not ascii", "half an address"],
)  # fmt: skip
def test_what_is_no_http_is_told_so_as_a_problem(house: House, bytes_: bytes) -> None:
    with house.call() as line:
        line.sendall(bytes_)
        line.shutdown(socket.SHUT_WR)
        told = heard(line)
    assert 400 <= told.status < 500, told
    told.problem()
    house.healthy()


def test_a_socket_upgrade_gets_no_other_protocol(house: House) -> None:
    lines = (
        "Connection: Upgrade",
        "Upgrade: websocket",
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
        "Sec-WebSocket-Version: 13",
    )
    with house.call() as line:
        line.sendall(house.head("GET", "/v1/me", *lines))
        assert line.recv(12).startswith(b"HTTP/1.1 200"), "an ordinary request, answered as one"
