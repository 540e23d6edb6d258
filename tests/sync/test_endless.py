"""A server whose pages never end, or lead in a circle, is left alone and named; what it said before is kept."""

from __future__ import annotations

import inspect

import pytest
from msgspec.structs import replace

from okpay_console.domain import wire
from okpay_console.sync import exchange

MANY = 60


class Endless:
    """The way to a server that says ``more`` to everything, from which ``cursors`` may come."""

    def __init__(self, console, cursors, *, rows):
        self.real, self.cursors, self.rows, self.asked = console.api, cursors, rows, 0
        console.engine._exchange.api = self

    def __getattr__(self, name):
        return getattr(self.real, name)

    async def sync(self, client, cursor, limit=wire.PAGE_ROWS):
        page = await self.real.sync(client, "", limit)
        self.asked += 1
        if self.asked > MANY:
            raise KeyboardInterrupt("it never ends")
        changes = page.changes if self.rows else []
        return replace(page, changes=changes, cursor=self.cursors(cursor, self.asked), more=True)


STANDING = {
    "the same cursor": (lambda cursor, _: cursor, True),
    "one and the same cursor": (lambda *_: "c", True),
    "two cursors in a circle": (lambda _, n: f"c{n % 2}", True),
    "seven cursors in a circle": (lambda _, n: f"c{n % 7}", True),
    "ever new cursors without a row": (lambda _, n: f"c{n}", False),
}


@pytest.mark.parametrize("relisting", [False, True])
async def test_pages_that_lead_nowhere_end_the_turn_and_say_so(desk, relisting):
    one = await desk.console("wang")
    ticket = await one.new()
    await one.engine.round()
    for name, (cursors, rows) in STANDING.items():
        if relisting:
            one.mirror.begin_relist()
        way = Endless(one, cursors, rows=rows)
        done = await one.engine.round()
        assert (done.link, done.code) == ("refused", "bad-reply"), name
        assert "again and again" in done.message
        assert way.asked <= 30
        assert set(one.engine.rows()) == {ticket}
        assert one.engine.status().retry_in >= 29, "it is not asked hot"
        one.engine._exchange.api = one.api
        one.engine.retry()
        # A cursor that nobody gave out is not served: one relist mends it, and only one a minute is let through.
        one.engine._exchange._relisted_at = None
        assert (await one.engine.round()).link == "online", name
        assert one.docs().keys() == {ticket}


async def test_a_way_of_many_pages_is_followed_to_its_end(desk):
    one = await desk.console("wang")
    for _ in range(exchange.STILL + 5):
        await one.new()
    await one.engine.round()
    two = await desk.console("li")

    class Slow:
        def __getattr__(self, name):
            return getattr(two.api, name)

        async def sync(self, client, cursor, limit=1):
            return await two.api.sync(client, cursor, 1)

    two.engine._exchange.api = Slow()
    done = await two.engine.round()
    assert (done.link, done.pulled) == ("online", exchange.STILL + 5)


@pytest.mark.parametrize(
    ("guard", "name"),
    [
        ("page.cursor in passed or ", "seven cursors in a circle"),
        (" or still > STILL", "ever new cursors without a row"),
    ],
)
async def test_without_either_half_of_the_guard_it_would_never_end(desk, monkeypatch, guard, name):
    one = await desk.console("wang")
    await one.new()
    await one.engine.round()
    source = inspect.getsource(exchange.Exchange.pull)
    assert guard in source
    made: dict[str, object] = {}
    exec("class Mutant:\n" + source.replace(guard, ""), vars(exchange), made)
    monkeypatch.setattr(exchange.Exchange, "pull", made["Mutant"].pull)  # type: ignore[attr-defined]
    cursors, rows = STANDING[name]
    Endless(one, cursors, rows=rows)
    with pytest.raises(KeyboardInterrupt):
        await one.engine.round()
