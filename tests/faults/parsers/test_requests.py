"""Every route with a body, and every header that is read, is sent hostile bytes: a problem comes back, never a failure."""

# ruff: noqa: E501 -- tables of hostile texts, which break badly

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from okpay_console.server import users
from okpay_console.server.run import ServerConfig, start_in_thread

hostile: Any = sys.modules["okpay_parsers_hostile"]
AT = "2026-11-23T09:00:00Z"
BODIES: dict[str, tuple[str, str, dict[str, Any]]] = {
    "mutations": ("POST", "/v1/mutations", {"client": "c", "items": [
        {"mid": 1, "uuid": "u-12345678", "prev": "", "name": "ticket.note", "id": "t-12345678", "args": {"text": "x"}, "at": AT}]}),
    "new ticket pushed": ("POST", "/v1/mutations", {"client": "d", "items": [
        {"mid": 1, "uuid": "u-22345678", "prev": "", "name": "ticket.new", "id": "t-22345678", "at": AT,
         "args": {"subject": "s", "channel": "chat", "text": "x", "caller": {"mobile": "13800138000"}, "tags": ["a"]}}]}),
    "daybook": ("POST", "/v1/daybook", {"lines": [
        {"uuid": "l-12345678", "kind": "state", "by": "wang", "at": AT, "what": "break", "until": AT}], "alive": True}),
    "ticket": ("POST", "/v1/tickets", {"subject": "s", "channel": "chat", "text": "x", "created_at": AT, "external_id": "e"}),
    "batch": ("POST", "/v1/tickets/batch", {"items": [{"subject": "s", "channel": "chat", "text": "x", "created_at": AT}]}),
    "presence": ("POST", "/v1/presence", {"ticket": "t-12345678"}),
    "alarm": ("PUT", "/v1/alarms/slow", {"metric": "calls.waiting", "above": 3, "clear": 2, "for_s": 60}),
    "answer": ("PUT", "/v1/answers/a1/zh", {"markdown": "---\nid: a1\ntitle: t\n---\n正文\n1. x\n"}),
}  # fmt: skip
HEADERS = (
    "Authorization", "Accept", "Accept-Language", "Accept-Encoding", "Content-Type", "Content-Encoding", "If-Match", "If-None-Match",
    "Idempotency-Key", "Last-Event-ID", "OKPay-Protocol", "Cookie", "Host", "X-Forwarded-For", "Origin", "Range",
)  # fmt: skip
QUERIES = {
    "/v1/sync": ("cursor", "client", "limit"), "/v1/daybook": ("after", "since", "limit"), "/v1/answers": ("have", "after"),
    "/v1/audit": ("after", "limit", "who", "what", "since", "until"), "/v1/tickets": ("status", "queue", "limit", "after", "q"),
    "/v1/alarms/deliveries": ("limit",),
}  # fmt: skip
TEXTS = (
    "\x00", "\ud800", "9" * 5000, "-1", "0", "NaN", "9999-12-31T23:59:59-23:59", "0001-01-01T00:00:00+23:59", "2026-11-23T09:00:00", "'",
    "../../x", "%", "a" * 9000, "[" * 3000, "AAAA", "null", "٣", "1e9", "9223372036854775808", "\u202e", "",
)  # fmt: skip


@pytest.fixture(scope="module")
def http(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    database = str(tmp_path_factory.mktemp("requests") / "server.db")
    with start_in_thread(ServerConfig(database=database, port=0, guesses=0, floor_s=0.0)) as running:
        token = asyncio.run(users.add_user(database, "wang", "supervisor")).token
        with httpx.Client(base_url=running.url, headers={"Authorization": f"Bearer {token}"}, timeout=30) as client:
            yield client


def judged(reply: httpx.Response, what: object) -> None:
    assert reply.status_code < 500, f"{what!r:.300} -> {reply.status_code} {reply.text[:200]}"
    if reply.status_code >= 400:
        assert reply.headers["content-type"].startswith("application/problem+json"), what
        told = reply.json()
        assert told["title"] and told.get("advice"), f"{what!r:.200} is refused without what to do: {told}"


@pytest.mark.parametrize("kind", BODIES)
def test_no_body_makes_the_server_fail(http: httpx.Client, kind: str) -> None:
    method, path, good = BODIES[kind]
    doc = json.dumps(good).encode()
    for turn, body in enumerate(
        [doc, *hostile.share([*hostile.nasty(), *hostile.inside(doc), *hostile.large()], kind, one_in=20)]
    ):
        headers = {"Idempotency-Key": f"key-{kind[:3]}-{turn:06}", "Content-Type": "application/json"}
        judged(http.request(method, path, content=body, headers=headers), body)


@pytest.mark.parametrize("name", HEADERS)
def test_no_header_makes_the_server_fail(http: httpx.Client, name: str) -> None:
    values = [
        b"\xff\xfe",
        b"9" * 5000,
        b"a" * 9000,
        b"Bearer",
        b"Bearer \xc3\xa9",
        b'W/"',
        b'"\xff"',
        b"q=;,;=",
        b"*/*;q=nan",
        b"-1",
        b"%00",
        b"(" * 200,
    ]
    for value in hostile.share(values, name, one_in=4):
        for method, path in (
            ("GET", "/v1/me"),
            ("GET", "/v1/answers"),
            ("POST", "/v1/presence"),
            ("POST", "/v1/tickets"),
        ):
            # The stream itself never ends; what it reads of a header it reads with the others.
            reply = http.send(
                http.build_request(
                    method, path, headers=[(name.encode(), value)], content=b"{}" if method == "POST" else None
                )
            )
            judged(reply, (name, value, path))


def test_no_last_event_id_makes_the_stream_fail(http: httpx.Client) -> None:
    for value in (b"\xff", b"9" * 5000, b"17-a", b""):
        with http.stream("GET", "/v1/events", headers=[(b"Last-Event-ID", value)]) as reply:
            assert reply.status_code == 200
            assert next(reply.iter_raw()).startswith(b"retry:")


@pytest.mark.parametrize("path", QUERIES)
def test_no_query_makes_the_server_fail(http: httpx.Client, path: str) -> None:
    for name in QUERIES[path]:
        for text in TEXTS if hostile.EXAMPLES else TEXTS[len(name) % 3 :: 3]:
            raw = "".join(f"%{one:02x}" for one in text.encode("utf-8", "surrogatepass"))
            judged(http.get(f"{path}?{name}={raw}"), (path, name, text))
        judged(http.get(f"{path}?" + f"{name}=1&" * 500), (path, name, "many"))


def test_no_name_in_an_address_makes_the_server_fail(http: httpx.Client) -> None:
    for text in (*(TEXTS if hostile.EXAMPLES else TEXTS[::3]), "..", ".", "a/b", " "):
        raw = "".join(f"%{one:02x}" for one in text.encode("utf-8", "surrogatepass")) or "%20"
        for method, path in (
            ("GET", "/v1/tickets/{}"), ("POST", "/v1/tickets/{}/claim"), ("GET", "/v1/answers/{}/zh/history"),
            ("GET", "/v1/answers/a/zh/versions/{}"), ("DELETE", "/v1/alarms/{}"),
        ):  # fmt: skip
            judged(http.request(method, path.format(raw)), (path, text))
