"""Alarms on the server: set by those who may, kept up with the numbers, told in one transaction and told once."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import msgspec
import pytest
from sqlalchemy import select

from okpay_console import errors
from okpay_console.domain.alarmnews import Standing
from okpay_console.domain.daybook import Line
from okpay_console.server import audit, daybook, schema, webhooks
from okpay_console.server.floor import Floor

from .conftest import Console, House

OVER = {"metric": "groups.queue.vip.open", "above": 1, "for_s": 2, "after_s": 2, "queue": "vip", "words": "VIP 排队"}


async def put(console: Console, name: str = "vip", **values: Any) -> tuple[int, str]:
    reply = await console.http.put(f"/v1/alarms/{name}", json={**OVER, **values})
    return reply.status_code, reply.json().get("type", "").rpartition("/")[2]


async def listed(console: Console) -> list[Standing]:
    reply = await console.http.get("/v1/alarms")
    assert reply.status_code == 200, reply.text
    return msgspec.json.decode(reply.content, type=list[Standing])


async def told(house: House) -> list[Line]:
    query = select(schema.daybook.c.doc).where(schema.daybook.c.kind == "alarm").order_by(schema.daybook.c.seq)
    docs = await house.context.db.read(lambda conn: conn.execute(query).scalars().all())
    return [msgspec.json.decode(doc, type=Line) for doc in docs]


async def posted(house: House) -> list[dict[str, Any]]:
    query = select(schema.deliveries.c.body).order_by(schema.deliveries.c.made, schema.deliveries.c.id)
    bodies = await house.context.db.read(lambda conn: conn.execute(query).scalars().all())
    return [msgspec.json.decode(body) for body in bodies]


async def turns(house: House, count: int, *, floor: Floor | None = None) -> None:
    for _ in range(count):
        await (floor or house.context.floor).turn()
        house.later(seconds=1)


@pytest.fixture
async def boss(house: House) -> AsyncIterator[Console]:
    # Somebody works in the queue, so it is there before its first ticket.
    await house.sign_in("zhao", queues=("vip",))
    yield await house.sign_in("boss", "supervisor")
    await house.context.floor.stop()


async def test_an_alarm_goes_up_and_down_with_its_number_and_each_change_is_told_once(
    house: House, boss: Console
) -> None:
    await webhooks.put(house.database, "duty", "https://example.com/okpay")
    assert await put(boss, tell_agents=True) == (200, "")
    first, _ = await boss.new(queue="vip"), await boss.new(queue="vip")
    await turns(house, 2)
    assert (await told(house), (await listed(boss))[0].up) == ([], None)
    up_at = house.moment
    await turns(house, 3)
    [line] = await told(house)
    assert (line.what, line.reason, line.queue, line.about, line.at) == ("vip", "raised", "vip", "*", up_at)
    assert msgspec.json.decode(line.words)["value"] == 2
    assert ((await listed(boss))[0].up, (await listed(boss))[0].value) == (up_at, 2)
    # A poke, so that whoever it concerns hears of it now.
    await boss.pull()
    await boss.push(boss.author.close(first, disposition="INFO_GIVEN", override="x"))
    await turns(house, 5)
    assert [line.reason for line in await told(house)] == ["raised", "cleared"]
    assert [one["type"] for one in await posted(house)] == ["alarm.raised", "alarm.cleared"]
    assert (await posted(house))[0]["data"]["alarm"] == "vip"
    assert (await listed(boss))[0].up is None


async def test_whoever_takes_over_tells_nothing_twice(house: House, boss: Console) -> None:
    await put(boss, for_s=0, above=0)
    await boss.new(queue="vip")
    await turns(house, 1)
    await house.context.floor.stop()
    other = House(house.database)
    other.moment = house.moment
    try:
        await turns(other, 3)
        assert other.context.floor.duty.held
    finally:
        await other.close()
    assert [line.reason for line in await told(house)] == ["raised"]


async def test_a_change_and_the_news_of_it_are_kept_together_or_not_at_all(
    house: House, boss: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    await webhooks.put(house.database, "duty", "https://example.com/okpay")
    await put(boss, for_s=0, above=0)
    await boss.new(queue="vip")

    def fails(*_: Any, **__: Any) -> None:
        raise errors.Unavailable("The disk is full.")

    with monkeypatch.context() as patched:
        patched.setattr(daybook, "append", fails)
        with pytest.raises(errors.Unavailable):
            await turns(house, 1)
    assert (await posted(house), await told(house), (await listed(boss))[0].up) == ([], [], None)
    await turns(house, 1)
    assert len(await posted(house)) == len(await told(house)) == 1


async def test_that_an_alarm_is_still_up_is_written_down_again_after_half_a_day_and_not_posted_again(
    house: House, boss: Console
) -> None:
    await webhooks.put(house.database, "duty", "https://example.com/okpay")
    await put(boss, for_s=0, above=0)
    await boss.new(queue="vip")
    await turns(house, 1)
    since = msgspec.json.decode((await told(house))[0].words)["since"]
    for _ in range(3):
        house.moment += timedelta(hours=5)
        await turns(house, 1)
    lines = await told(house)
    assert [line.reason for line in lines] == ["raised", "raised"]
    assert msgspec.json.decode(lines[1].words)["since"] == since
    assert len(await posted(house)) == 1


async def test_an_alarm_that_is_taken_away_while_it_is_up_is_told_to_be_over(house: House, boss: Console) -> None:
    await put(boss, for_s=0, above=0)
    await boss.new(queue="vip")
    await turns(house, 1)
    assert (await boss.http.delete("/v1/alarms/vip")).status_code == 200
    assert [line.reason for line in await told(house)] == ["raised", "cleared"]
    assert (await boss.http.delete("/v1/alarms/vip")).status_code == 404
    await turns(house, 2)
    assert len(await told(house)) == 2


async def test_new_terms_clear_an_alarm_that_is_up_only_by_holding(house: House, boss: Console) -> None:
    await put(boss, for_s=0, above=0)
    await boss.new(queue="vip")
    await turns(house, 1)
    await put(boss, above=5, after_s=2)
    await turns(house, 2)
    assert len(await told(house)) == 1
    await turns(house, 2)
    assert [line.reason for line in await told(house)] == ["raised", "cleared"]


async def test_alarms_are_set_by_those_who_lead_and_within_their_queues(house: House, boss: Console) -> None:
    agent, vip = await house.sign_in("wang"), await house.sign_in("vip", "supervisor", queues=("vip",))
    await put(boss, "house", metric="ringing", queue="")
    assert await put(agent) == (403, "forbidden")
    assert (await agent.http.get("/v1/alarms")).status_code == 403
    assert await put(vip, "vip.mine") == (200, "")
    assert await put(vip, "vip.ringing", metric="ringing") == (403, "no-queue")
    assert await put(vip, "vip.general", metric="groups.queue.general.open", queue="general") == (403, "no-queue")
    # Nor is an alarm of others taken over by setting it anew, or taken away; whether its name is taken is not told.
    assert await put(vip, "house") == await put(vip, "nobodys") == (422, "alarm-of-queue")
    assert (await vip.http.delete("/v1/alarms/house")).status_code == 404
    assert [one.alarm.id for one in await listed(vip)] == ["vip.mine"]
    assert [one.alarm.id for one in await listed(boss)] == ["house", "vip.mine"]


async def test_an_alarm_for_a_queue_that_nobody_has_is_refused_with_those_there_are(
    house: House, boss: Console
) -> None:
    reply = await boss.http.put("/v1/alarms/x", json={**OVER, "metric": "groups.queue.vpi.open", "queue": "vpi"})
    assert (reply.status_code, reply.json()["type"]) == (422, "/problems/no-such-queue")
    assert reply.json()["advice"] == "Use one of: general, vip."
    await boss.new(queue="vpi")
    assert (await put(boss, "x", metric="groups.queue.vpi.open", queue="vpi")) == (200, "")


async def test_what_cannot_be_an_alarm_is_refused_with_its_reason(house: House, boss: Console) -> None:
    cases: list[tuple[dict[str, Any], str]] = [
        ({"metric": "nix"}, "alarm-metric"), ({"below": 1}, "alarm-threshold"), ({"clear": 9}, "alarm-clear"),
        ({"for_s": -1}, "bad-request"), ({"quiet": [{"begins": "25:00", "ends": "08:00"}]}, "bad-request"),
        ({"more": 1}, "bad-request"), ({"id": "other"}, "bad-name"), ({"words": "验证码 123456"}, "secret"),
    ]  # fmt: skip
    for values, code in cases:
        assert await put(boss, **values) == (422, code)
    assert await listed(boss) == []


async def test_setting_and_taking_away_stand_in_the_audit_log(house: House, boss: Console) -> None:
    await put(boss)
    await boss.http.delete("/v1/alarms/vip")
    rows, broken = await audit.listing(house.database)
    assert [(row.who, row.what) for row in rows][-2:] == [("boss", "alarm.set"), ("boss", "alarm.remove")]
    assert broken is None
