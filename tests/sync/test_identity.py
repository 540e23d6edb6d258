"""A console knows its server again by the id in the server's database, and sends nothing to another one."""

from __future__ import annotations

import contextlib
import sqlite3
from pathlib import Path

import pytest

from okpay_console import errors
from okpay_console.local.owner import Owner
from okpay_console.local.record import Change


async def settled(*consoles):
    for _ in range(8):
        done = [await console.engine.round() for console in consoles]
        if not any(one.pulled or one.pushed or one.pending for one in done):
            return
    raise AssertionError(f"no rest: {done}")


def told(database):
    """How many clients and mutations the server has ever heard of, and which id it has."""
    with contextlib.closing(sqlite3.connect(database)) as connection:
        counts = [connection.execute(f"select count(*) from {name}").fetchone()[0] for name in ("log", "mutations")]
        return sum(counts), connection.execute("select server_id from sync_head").fetchone()[0]


def server_id(desk):
    return told(desk.database)[1]


class Recorder:
    """A door that writes down what is asked through it."""

    def __init__(self, api):
        self._api = api
        self.server_url = api.server_url
        self.asked = []

    def __getattr__(self, name):
        self.asked.append(name)
        return getattr(self._api, name)


@pytest.fixture
async def other(desk, tmp_path):
    """A second server with a database of its own, at another address."""
    made = type(desk)(tmp_path / "other")
    await made.start()
    yield made
    for console in made.consoles:
        await console.close()
    await made.stop()


async def rebuilt(desk, *consoles):
    """The database is lost, and the server starts over at the same address with the same people."""
    await desk.stop()
    for path in Path(desk.database).parent.glob("server.db*"):
        path.unlink()
    await desk.start()
    desk.tokens.clear()
    for console in consoles:
        fresh = await desk.console(console.name, at=f"unused-{console.name}")
        console.token = fresh.token
        await console.restart()


async def test_the_store_is_bound_to_the_id_and_the_address_of_the_first_server(desk):
    one = await desk.console("wang")
    await one.engine.round()
    assert one.mirror.owner == Owner("OKPay", "wang", server_id(desk), desk.server.url)
    await one.restart()
    assert one.mirror.owner == Owner("OKPay", "wang", server_id(desk), desk.server.url)


async def test_a_server_that_moved_is_the_same_and_its_new_address_is_remembered(desk):
    one = await desk.console("wang")
    await one.new()
    await settled(one)
    before = desk.server.url
    await desk.stop()
    desk.port = 0
    await desk.start()
    assert desk.server.url != before
    one.url = desk.server.url
    await one.restart()
    await one.new("搬家之后")
    done = await one.engine.round()
    assert (done.link, done.pushed, done.pending) == ("online", 1, 0)
    await one.restart()
    assert one.mirror.owner.url == desk.server.url


async def test_a_server_built_anew_at_its_address_gets_everything_again(desk):
    one, two = await desk.console("wang"), await desk.console("li")
    ticket = await one.new("重建之前")
    await one.note(ticket, "已核对身份")
    await settled(one, two)
    old = server_id(desk)
    await one.note(ticket, "还没发出")
    await rebuilt(desk, one, two)
    assert server_id(desk) != old
    await settled(one, two)
    assert one.texts(ticket) == two.texts(ticket) == ["", "已核对身份", "还没发出"]
    assert one.docs() == two.docs()
    assert (one.mirror.owner.server_id, one.engine.reviews()) == (server_id(desk), ())


async def test_a_running_console_learns_the_new_id_before_it_offers_anything_again(desk):
    one = await desk.console("wang")
    await one.new()
    await settled(one)
    fresh = desk.tokens["wang"]
    await desk.stop()
    with contextlib.closing(sqlite3.connect(desk.database)) as connection:
        # As a rebuilt database whose users were brought over: another id, another history.
        connection.execute("update sync_head set server_id = 'another'")
        connection.execute("update commits set fork = (fork + 1) & 4294967295")
        connection.commit()
    await desk.start()
    one.engine.retry()
    recorder = Recorder(one.api)
    one.engine._exchange.api = recorder
    assert (await one.engine.round()).link == "online"
    assert recorder.asked[:2] == ["sync", "me"]
    assert one.mirror.owner.server_id == "another" and one.token == fresh


async def test_another_server_elsewhere_gets_nothing_and_gives_nothing(desk, other):
    one, stranger = await desk.console("wang"), await other.console("wang")
    await one.new("测试数据")
    await settled(one)
    await stranger.new("生产数据")
    await settled(stranger)
    before, heard, bound = one.docs(), told(other.database), one.mirror.owner
    one.url, one.token = other.server.url, stranger.token
    await one.restart()
    await one.new("还在等着")
    recorder = Recorder(one.api)
    one.engine._exchange.api = recorder
    done = await one.engine.round()
    assert (done.link, done.code, done.pushed, done.pulled, done.pending) == ("refused", "store-foreign", 0, 0, 1)
    assert desk.server.url in done.message and other.server.url in done.message
    assert "OKPAY_SERVER" in done.advice and "OKPAY_DATA_DIR" in done.advice
    with pytest.raises(errors.StoreForeign):
        await one.engine.claim(next(iter(stranger.docs())))
    assert set(recorder.asked) == {"me"}
    assert (told(other.database), one.mirror.owner) == (heard, bound)
    assert one.docs() == before
    one.url, one.token = desk.server.url, desk.tokens["wang"]
    await one.restart()
    done = await one.engine.round()
    assert (done.link, done.pushed, done.pending) == ("online", 1, 0), "set back, it goes on as if nothing had been"


async def test_a_store_of_before_there_were_ids_binds_itself_and_is_safe_from_then_on(desk, other):
    one = await desk.console("wang")
    await one.new()
    await settled(one)
    one.db.write({"identity": Change(put={"owner": {"server": "OKPay", "user": "wang"}})})
    await one.restart()
    assert (await one.engine.round()).link == "online"
    assert one.mirror.owner == Owner("OKPay", "wang", server_id(desk), desk.server.url)
    one.url, one.token = other.server.url, (await other.console("wang")).token
    await one.restart()
    assert (await one.engine.round()).code == "store-foreign"
