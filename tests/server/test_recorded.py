"""What has to stand in the audit log, done from outside: each leaves exactly one line with who, when, what and why."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from okpay_console.errors import Refused
from okpay_console.server import audit, auth, backup, clock, erasing, restoring, users, webhooks

from .conftest import Console, House

CARD = "4111 1111 1111 1111"
DRAFT = (
    "---\nid: kf\ntitle: Hello\nlang: en\nkeywords: hello\n---\nFor a caller.\n\n1. Say hello.\n\n"
    "## Spoken\nHello.\n\n## Written\nHello.\n"
)


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    made = House(str(tmp_path / "server.db"))
    made.moment = datetime.now(UTC)
    try:
        yield made
    finally:
        await made.close()


class World(NamedTuple):
    """The house with its people, who have signed in, and a case of a caller that was closed two years ago."""

    house: House
    wang: Console
    boss: Console
    root: Console
    folder: Path


class Deed(NamedTuple):
    """Something that is done, by whom the line says it was, as what, and what it says of it; ``why`` must be in it too."""

    name: str
    do: Callable[[World], Awaitable[Any]]
    who: str
    what: str
    about: tuple[str, ...] = ()
    why: str = ""


async def world(house: House, folder: Path) -> World:
    made = [
        await house.sign_in(name, role) for name, role in (("wang", "agent"), ("boss", "supervisor"), ("root", "admin"))
    ]
    for one in made:
        await one.http.get("/v1/me")
    return World(house, *made, folder)


async def reveal(it: World) -> None:
    ticket = await it.wang.new()
    await it.wang.push(it.wang.author.reveal(ticket, "mobile", reason="to call back"))
    [entry] = [one for one in (await it.wang.see(ticket.id)).timeline if one.kind == "reveal"]
    # The words of a reason may name somebody: they stand where they can be erased.
    assert "to call back" in str(entry)


async def unfinished(it: World) -> None:
    ticket = await it.wang.new()
    await it.wang.push(it.wang.author.close(ticket, "INFO_GIVEN", summary="told", override="he hung up"))


async def export(it: World, console: Console, *, whole: bool) -> None:
    place = f"csv/{'whole' if whole else 'masked'}/from.to/120"
    await console.push(console.author.witness("export", kind="tickets", place=place, reason="month's count"))


async def draft(it: World) -> None:
    assert (await it.boss.http.put("/v1/answers/kf/en", json={"markdown": DRAFT})).status_code == 200


async def publish(it: World) -> None:
    assert (await it.root.http.post("/v1/answers/kf/en/publish")).status_code == 200


async def sign_in(it: World) -> None:
    token = await users.add_token(it.house.database, "wang", token_days=None)
    it.house.later(seconds=1)
    await it.house.http(token).get("/v1/me")


async def end(it: World) -> None:
    [mine] = (await it.root.http.get("/v1/sessions")).json()
    await it.root.http.delete(f"/v1/sessions/{mine['id']}")


async def refused(it: World) -> None:
    assert (await it.house.http("okp_wrong").get("/v1/me")).status_code == 401


async def locked(it: World) -> None:
    for number in range(20):
        await it.house.http(f"okp_{number:08d}x").get("/v1/me")


async def secret(it: World) -> None:
    await it.wang.push(it.wang.author.note(await it.wang.new(), f"card {CARD}"))


async def alarm(it: World) -> None:
    terms = {"metric": "groups.queue.general.open", "above": 5, "queue": "general"}
    assert (await it.boss.http.put("/v1/alarms/busy", json=terms)).status_code == 200


async def bring_in(it: World) -> None:
    draft = {"subject": "x", "channel": "chat", "external_id": "ZD-1"}
    assert (await it.boss.http.post("/v1/tickets/batch", json={"items": [draft]})).status_code == 200


async def caller(it: World) -> None:
    old = {"subject": "x", "channel": "chat", "caller": {"mobile": "13912345678"}}
    await it.boss.http.post("/v1/tickets/batch", json={"items": [old]})
    await erasing.erase(it.house.database, "13912345678", reason="letter of 12 November")


async def retain(it: World) -> None:
    ticket = await it.wang.new()
    await it.wang.push(it.wang.author.close(ticket, "INFO_GIVEN", summary="told", override="x"))
    await erasing.retain(it.house.database, days=730, now=it.house.moment + timedelta(days=800))


async def restore(it: World) -> None:
    file = it.folder / "b.okbackup"
    await backup.backup(it.house.database, file)
    await it.house.context.db.close()
    await restoring.restore(it.house.database, file, replace=True)


DEEDS = (
    Deed("reveal", reveal, "wang", "field.reveal", ("mobile",)),
    Deed("unfinished case closed", unfinished, "wang", "override", ("ticket.close", "INFO_GIVEN")),
    Deed("export", lambda it: export(it, it.wang, whole=False), "wang", "export", ("csv/masked",), "month's count"),
    Deed("export of whole values", lambda it: export(it, it.boss, whole=True), "boss", "export", ("csv/whole",), "month's"),
    Deed("export refused", lambda it: export(it, it.wang, whole=True), "wang", "export-refused", ("csv/whole",)),
    Deed("user added", lambda it: users.add_user(it.house.database, "li", "agent", ("b", "a")), "admin", "user.add",
         ("li agent a,b",)),
    Deed("role", lambda it: users.change(it.house.database, "wang", role="supervisor", reason="leads the night shift"), "admin",
         "user.role", ("wang agent>supervisor",), "leads the night shift"),
    Deed("queues", lambda it: users.change(it.house.database, "wang", queues=("vip", "cards"), reason="new team"), "admin",
         "user.queues", ("wang *>cards,vip",), "new team"),
    Deed("both", lambda it: users.change(it.house.database, "wang", role="supervisor", queues=("vip",)), "admin", "user.role",
         ("wang agent>supervisor *>vip",)),
    Deed("disabled", lambda it: users.disable(it.house.database, "wang", reason="has left"), "admin", "user.disable",
         ("wang",), "has left"),
    Deed("token", lambda it: users.add_token(it.house.database, "wang"), "admin", "token.add", ("wang",)),
    Deed("sign-in", sign_in, "wang", "token.sign-in", ("from=127.0.0.1",)),
    Deed("session ended", end, "root", "token.revoke", ("root ",)),
    Deed("sign-in refused", refused, "-", "sign-in.refused", ("from=127.0.0.1", "token="), "unknown"),
    Deed("locked", locked, "-", "sign-in.lock", ("source 127.0.0.1",)),
    Deed("secret", secret, "wang", "secret-refused", ("card", "ticket.note")),
    Deed("alarm", alarm, "boss", "alarm.set", ("busy", "groups.queue.general.open")),
    Deed("webhook", lambda it: webhooks.put(it.house.database, "duty", "https://example.com/x"), "admin", "webhook.set",
         ("duty",)),
    Deed("import", bring_in, "boss", "tickets.import", ("1",)),
    Deed("caller erased", caller, "admin", "erase", ("#", "tickets=1"), "letter of 12 November"),
    Deed("retention", retain, "admin", "retain", ("tickets=1",), "days=730"),
    Deed("backup", lambda it: backup.backup(it.house.database, it.folder / "a.okbackup"), "admin", "backup", ("a.okbackup",)),
    Deed("restore", restore, "admin", "restore", ("made=", "seq=")),
)  # fmt: skip


@pytest.mark.parametrize("deed", DEEDS, ids=[deed.name for deed in DEEDS])
async def test_each_leaves_exactly_one_line_with_who_when_what_and_why(
    house: House, tmp_path: Path, deed: Deed
) -> None:
    it = await world(house, tmp_path)
    before = len((await audit.listing(house.database))[0])
    begun = clock.now() - timedelta(minutes=1)
    await deed.do(it)
    rows, broken = await audit.listing(house.database)
    fresh = [row for row in rows[before:] if row.what == deed.what]
    [line] = fresh
    assert broken is None
    assert line.who == deed.who
    assert begun <= line.at <= clock.now() + timedelta(days=801)
    assert all(part in line.about for part in (*deed.about, deed.why)), line.about
    told = str(rows)
    assert not any(one in told for one in ("13800138000", "13912345678", CARD, "okp_")), told
    assert (await audit.verify(house.database)).broken == 0


async def test_another_role_holds_from_the_next_request_and_his_consoles_ask_who_they_are(
    house: House, tmp_path: Path
) -> None:
    it = await world(house, tmp_path)
    ticket = await it.boss.new(queue="vip")
    await it.wang.pull()
    assert (await it.wang.http.get("/v1/alarms")).status_code == 403
    await users.change(house.database, "wang", role="supervisor", queues=("cards",))
    me = (await it.wang.http.get("/v1/me")).json()
    assert (me["role"], me["queues"]) == ("supervisor", ["cards"])
    assert (await it.wang.http.get("/v1/alarms")).status_code == 200
    assert (await it.wang.http.get(f"/v1/tickets/{ticket.id}")).status_code == 404
    gone = await it.wang.ask(it.wang.cursor)
    assert (gone.status_code, gone.json()["type"]) == (410, "/problems/cursor-gone")
    it.wang.cursor = None
    assert (await it.wang.pull()).changes == []
    await users.change(house.database, "wang", role="agent")
    assert (await it.wang.ask(it.wang.cursor)).status_code == 410
    assert (await it.wang.http.get("/v1/alarms")).status_code == 403
    assert (await it.wang.http.get("/v1/me")).json()["queues"] == ["cards"], "what is not named stays as it is"


async def test_what_is_so_already_changes_nothing_and_leaves_no_line(house: House, tmp_path: Path) -> None:
    it = await world(house, tmp_path)
    before = (await audit.listing(house.database))[0]
    for same in ({"role": "agent"}, {"queues": ()}, {}):
        await users.change(house.database, "wang", **same)  # type: ignore[arg-type]
    assert (await audit.listing(house.database))[0] == before
    for wrong, code in (({"role": "king"}, "bad-role"), ({"queues": ("a b",)}, "bad-name"), ({"reason": CARD}, "bad-reason"),
                        ({"reason": "a\nb"}, "bad-reason"), ({"reason": "x" * 101}, "bad-reason")):  # fmt: skip
        with pytest.raises(Refused) as caught:
            await users.change(house.database, "wang", **{"role": "supervisor", **wrong})
        assert caught.value.code == code
    with pytest.raises(Refused, match="no such user"):
        await users.change(house.database, "nobody", role="agent")
    assert (await audit.listing(house.database))[0] == before
    assert (await house.context.db.read(lambda conn: auth.who_is(conn, it.wang.token, house.moment))).role == "agent"


async def test_the_reason_is_whole_however_many_queues_there_are(house: House, tmp_path: Path) -> None:
    await world(house, tmp_path)
    reason = "因" * 100
    await users.change(house.database, "wang", queues=[f"queue-{number:04d}" for number in range(60)], reason=reason)
    row = (await audit.listing(house.database))[0][-1]
    assert row.about.endswith(reason) and len(row.about) <= 200
