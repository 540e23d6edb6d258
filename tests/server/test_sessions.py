"""Sessions: seen by their owner, ended by him or by an administrator, and never a token in sight."""

from __future__ import annotations

from typing import Any

import pytest

from okpay_console.errors import Refused
from okpay_console.server import auth, clock, users


async def test_everybody_sees_his_own_sessions_and_which_of_them_asks(house: Any) -> None:
    house.moment = clock.now()
    wang, li = await house.sign_in("wang"), await house.sign_in("li")
    await users.add_token(house.database, "wang", label="laptop", token_days=5)
    assert (await li.http.get("/v1/me")).status_code == 200
    house.later(seconds=5)
    found = (await wang.http.get("/v1/sessions")).json()
    assert [(one["user"], one["label"], one["current"]) for one in found] == [
        ("wang", "first", True),
        ("wang", "laptop", False),
    ]
    assert found[0]["seen_at"] and not found[1]["seen_at"] and found[1]["expires_at"]
    assert wang.token not in str(found) and auth.digest(wang.token) not in str(found)


async def test_an_ended_session_is_out_at_once_and_others_sessions_are_not_there(house: Any) -> None:
    wang, li = await house.sign_in("wang"), await house.sign_in("li")
    laptop = house.http(await users.add_token(house.database, "wang", label="laptop", token_days=None))
    before = (await wang.pull()).cursor
    [mine] = [one["id"] for one in (await wang.http.get("/v1/sessions")).json() if one["label"] == "laptop"]
    [theirs] = [one["id"] for one in (await li.http.get("/v1/sessions")).json()]
    missing = await wang.http.delete("/v1/sessions/0123456789abcdef")
    assert (await wang.http.delete(f"/v1/sessions/{theirs}")).content == missing.content and missing.status_code == 404
    # A pattern would be everybody's.
    assert (await wang.http.delete("/v1/sessions/%25")).status_code == 404
    assert (await li.http.get("/v1/me")).status_code == 200
    assert (await laptop.get("/v1/me")).status_code == 200
    assert (await wang.http.delete(f"/v1/sessions/{mine}")).json()["id"] == mine
    assert (await laptop.get("/v1/me")).status_code == 401
    assert (await wang.http.get("/v1/me")).status_code == 200
    assert (await wang.pull()).cursor != before, "and the console that was signed out is poked"


async def test_an_administrator_lists_and_ends_sessions(house: Any) -> None:
    wang, li = await house.sign_in("wang"), await house.sign_in("li")
    every = await users.list_sessions(house.database)
    assert sorted(one.user for one in every) == ["li", "wang"]
    [hers] = await users.list_sessions(house.database, "li")
    assert [one.id for one in await users.end_sessions(house.database, hers.id)] == [hers.id]
    assert [(await one.http.get("/v1/me")).status_code for one in (wang, li)] == [200, 401]
    assert len(await users.end_sessions(house.database, user="wang")) == 1
    assert await users.list_sessions(house.database) == []
    for arguments in ({"session": "nothing"}, {"user": "nobody"}):
        with pytest.raises(Refused):
            await users.end_sessions(house.database, **arguments)


async def test_only_who_has_a_token_learns_that_its_user_is_disabled(house: Any) -> None:
    wang = await house.sign_in()
    await users.disable(house.database, "wang")
    told = await wang.http.get("/v1/me")
    assert (told.status_code, told.json()["type"]) == (401, "/problems/disabled")
    await users.revoke_tokens(house.database, "wang")
    assert (await wang.http.get("/v1/me")).json()["type"] == "/problems/disabled", (
        "also by an old token: the cache is still there"
    )
    assert (await house.http("okp_other").get("/v1/me")).json()["type"] == "/problems/signed-out"
