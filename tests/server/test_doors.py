"""Who gets in, and how the server says no."""

from __future__ import annotations

import logging
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from sqlalchemy import select, update

from okpay_console import __version__
from okpay_console.domain.wire import Problem
from okpay_console.server import audit, auth, clock, db, schema, users
from okpay_console.server.policy import Who

from .conftest import House


async def test_me_says_who_and_which_server(house: Any) -> None:
    li = await house.sign_in("li", "supervisor", ("vip", "cards"))
    told = (await li.http.get("/v1/me")).json()
    assert re.fullmatch("[0-9a-f]{32}", told.pop("server_id"))
    assert told == {
        "user": "li", "role": "supervisor", "queues": ["cards", "vip"], "server": "OKPay", "protocol": 1,
        "now": "2026-03-02T09:00:00Z", "version": __version__,
    }  # fmt: skip


async def test_a_database_has_an_id_of_its_own_which_its_commits_and_its_upgrades_leave_alone(
    house: Any, tmp_path: Path
) -> None:
    wang = await house.sign_in()
    first = (await wang.http.get("/v1/me")).json()["server_id"]
    await wang.new()
    db.upgrade(house.database)
    assert (await wang.http.get("/v1/me")).json()["server_id"] == first
    other = House(str(tmp_path / "other.db"))
    try:
        assert (await (await other.sign_in()).http.get("/v1/me")).json()["server_id"] != first
    finally:
        await other.close()


@pytest.mark.parametrize(
    "header", [None, "", "Bearer", "Bearer ", "Bearer okp_wrong", "Basic eDp5", "okp_wrong", "Bearer é"]
)
async def test_without_a_known_token_every_route_of_the_api_is_closed(house: Any, header: str | None) -> None:
    http = house.http()
    headers = {} if header is None else {"Authorization": header.encode("latin-1")}
    for method, path in (
        ("GET", "/v1/me"), ("GET", "/v1/sync"), ("POST", "/v1/mutations"), ("GET", "/v1/events"), ("GET", "/v1/tickets"),
        ("POST", "/v1/tickets"), ("POST", "/v1/tickets/batch"), ("POST", "/v1/queue/next"), ("PATCH", "/v1/tickets/x"),
    ):  # fmt: skip
        reply = await http.request(method, path, headers=headers)
        assert (reply.status_code, reply.json()["type"]) == (401, "/problems/signed-out"), path
        assert reply.headers["www-authenticate"] == "Bearer"


async def test_a_token_ends_when_it_expires_is_revoked_or_its_user_is_disabled(house: Any) -> None:
    wang = await house.sign_in()
    assert (await wang.http.get("/v1/me")).status_code == 200
    await users.disable(house.database, "wang")
    assert (await wang.http.get("/v1/me")).status_code == 401
    await users.disable(house.database, "wang", disabled=False)
    assert (await wang.http.get("/v1/me")).status_code == 200
    assert await users.revoke_tokens(house.database, "wang") == 1
    assert (await wang.http.get("/v1/me")).status_code == 401
    short = house.http(await users.add_token(house.database, "wang", token_days=1))
    house.moment = clock.now()
    assert (await short.get("/v1/me")).status_code == 200
    house.later(days=1, seconds=1)
    assert (await short.get("/v1/me")).status_code == 401


async def test_only_the_hash_of_a_token_is_kept(house: Any) -> None:
    wang = await house.sign_in()
    [row] = await house.context.db.read(lambda conn: list(conn.execute(select(schema.tokens))))

    def everything(conn: Any) -> list[str]:
        return [str(tuple(row)) for table in schema.meta.tables.values() for row in conn.execute(select(table))]

    rows = await house.context.db.read(everything)
    assert wang.token.startswith("okp_") and row.hash == auth.digest(wang.token)
    assert not any(wang.token in row for row in rows)


async def test_disabling_a_user_pokes_the_consoles(house: Any) -> None:
    wang = await house.sign_in()
    before = (await wang.pull()).cursor
    await users.disable(house.database, "wang")
    await users.disable(house.database, "wang", disabled=False)
    assert (await wang.pull()).cursor != before


async def test_names_roles_and_repetitions_are_checked(house: Any) -> None:
    from okpay_console.errors import Refused

    await house.sign_in()
    for name, role, queues, code in (
        ("wang", "agent", (), "user-exists"), ("a b", "agent", (), "bad-name"), ("", "agent", (), "bad-name"),
        ("li", "king", (), "bad-role"), ("li", "agent", ("a\nb",), "bad-name"),
    ):  # fmt: skip
        with pytest.raises(Refused) as caught:
            await users.add_user(house.database, name, role, queues)
        assert caught.value.code == code
    for call in (users.disable, users.revoke_tokens, users.add_token):
        with pytest.raises(Refused, match="no such user"):
            await call(house.database, "nobody")
    assert [(user.name, user.role, user.disabled) for user in await users.list_users(house.database)] == [
        ("wang", "agent", False)
    ]


async def test_the_audit_log_names_who_and_what_and_shows_where_it_was_tampered_with(house: Any) -> None:
    await house.sign_in()
    await users.set_queues(house.database, "wang", ["vip"])
    await users.disable(house.database, "wang")
    ordered = select(schema.audit).order_by(schema.audit.c.id)
    found = await house.context.db.read(lambda conn: list(conn.execute(ordered)))
    assert await house.context.db.read(audit.broken_at) is None
    rows = [(row.who, row.what, row.about) for row in found]
    assert rows == [
        ("admin", "user.add", "wang agent *"), ("admin", "token.add", "wang"), ("admin", "user.queues", "wang *>vip"),
        ("admin", "user.disable", "wang"),
    ]  # fmt: skip
    table = schema.audit

    def tamper(conn: Any) -> None:
        # What refuses it has to be taken away first; whoever has the database in hand can.
        there = "audit_no_update" if conn.dialect.name == "sqlite" else "audit_no_change ON audit"
        conn.exec_driver_sql(f"DROP TRIGGER {there}")
        conn.execute(update(table).where(table.c.id == 3).values(who="mallory"))

    await house.context.db.write(tamper)
    assert await house.context.db.read(audit.broken_at) == 3


async def test_another_protocol_number_is_426_and_names_both(house: Any) -> None:
    wang = await house.sign_in()
    reply = await wang.http.get("/v1/me", headers={"OKPay-Protocol": "7"})
    assert (reply.status_code, reply.json()["type"]) == (426, "/problems/protocol")
    assert "1" in reply.json()["title"] and "7" in reply.json()["title"]
    assert reply.json()["advice"] == "Update the server."
    older = await wang.http.get("/v1/me", headers={"OKPay-Protocol": "0"})
    assert older.json()["advice"] == "Update this console."
    assert (await wang.http.get("/v1/me", headers={"OKPay-Protocol": "1"})).status_code == 200


async def test_every_reply_names_the_protocol_and_every_refusal_is_a_problem(house: Any) -> None:
    wang = await house.sign_in()
    for method, path, status in (
        ("GET", "/healthz", 200), ("GET", "/v1/me", 200), ("GET", "/nowhere", 404), ("GET", "/v1/nowhere", 404),
        ("DELETE", "/v1/me", 405), ("GET", "/v1/sync?limit=0", 422), ("GET", "/v1/sync?limit=x", 422),
        ("GET", "/v1/sync?client=a%20b", 422), ("GET", "/v1/tickets/none", 404), ("POST", "/v1/tickets", 400),
    ):  # fmt: skip
        reply = await wang.http.request(method, path)
        assert reply.status_code == status, (path, reply.text)
        assert reply.headers["okpay-protocol"] == "1"
        if status >= 400:
            assert reply.headers["content-type"] == "application/problem+json"
            found = msgspec.json.decode(reply.content, type=Problem)
            assert found.status == status and found.type.startswith("/problems/") and found.title


async def test_a_fault_tells_neither_the_caller_nor_the_log_what_was_in_the_request(
    house: Any, monkeypatch: Any, caplog: Any
) -> None:
    wang = await house.sign_in()

    async def fails(*_: object, **__: object) -> None:
        raise RuntimeError("13800138000")

    monkeypatch.setattr(house.context.feed, "page", fails)
    with caplog.at_level(logging.DEBUG):
        reply = await wang.ask()
    assert (reply.status_code, reply.json()["type"]) == (500, "/problems/fault")
    assert "13800138000" not in reply.text + caplog.text and wang.token not in caplog.text
    assert "RuntimeError in test_doors.py" in caplog.text


async def test_a_database_that_does_not_answer_is_503_with_retry_after(house: Any, monkeypatch: Any) -> None:
    wang = await house.sign_in()

    def fails(*_: object, **__: object) -> None:
        raise ConnectionRefusedError("10.0.0.7")

    monkeypatch.setattr("okpay_console.server.history.head", fails)
    reply = await wang.ask()
    assert (reply.status_code, reply.headers["retry-after"]) == (503, "2")
    assert "10.0.0.7" not in reply.text


async def test_a_secret_in_a_refused_body_is_not_repeated(house: Any) -> None:
    wang = await house.sign_in()
    body = {"subject": "x", "channel": "13800138000"}
    reply = await wang.http.post("/v1/tickets", json=body, headers={"Idempotency-Key": "k"})
    assert reply.status_code == 422 and "13800138000" not in reply.text
    assert "13800138000" not in (await wang.http.get("/v1/sync?limit=13800138000x")).text


async def test_health_readiness_metrics_and_the_openapi_document_need_no_token(house: Any) -> None:
    http = house.http()
    wang = await house.sign_in()
    await wang.new()
    await wang.pull()
    assert (await http.get("/healthz")).text == "ok\n"
    assert (await http.get("/readyz")).text == "ready\n"
    metrics = (await http.get("/metrics")).text
    assert 'okpay_mutations_total{state="confirmed"} 1' in metrics
    assert "okpay_head 1\n" in metrics and "okpay_sync_pages_total 1\n" in metrics
    paths = (await http.get("/schema/openapi.json")).json()["paths"]
    assert {"/v1/sync", "/v1/mutations", "/v1/events", "/v1/tickets/{ticket}/claim", "/v1/queue/next"} <= set(paths)
    assert "://" not in (await http.get("/schema")).text.replace("https://json-schema.org", "")


async def test_a_schema_of_another_version_is_not_ready(house: Any) -> None:
    from sqlalchemy import text

    def age(conn: Any) -> None:
        conn.execute(text("UPDATE alembic_version SET version_num = '0000'"))

    await house.context.db.write(age)
    assert (await house.http().get("/readyz")).status_code == 503


async def _yes() -> bool:
    return True


async def test_a_token_that_expires_is_told_in_time(house: Any) -> None:
    house.moment = clock.now() + timedelta(days=1) - timedelta(seconds=30)
    await users.add_user(house.database, "wang", "agent", token_days=1)
    who = Who("wang", "agent", frozenset())
    stream = house.context.hub.stream(who, last_id=None, reauth_in=0.0, expires_in=0.2, still=_yes)
    told = b"".join([chunk async for chunk in stream])
    assert told.startswith(b"retry: 2000\n\n") and b"event: reauth\n" in told
