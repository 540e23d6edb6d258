"""Claims are kept up silently while a console is open, by the server's clock, and never for what nobody claimed."""

from __future__ import annotations

import asyncio
import random
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from okpay_console import errors
from okpay_console.domain.author import Author
from okpay_console.domain.ops import NO_RULES
from okpay_console.local.mirror import Mirror
from okpay_console.local.outbox import Outbox
from okpay_console.local.store import open_store
from okpay_console.remote.api import Api
from okpay_console.server import clock as server_clock
from okpay_console.server.app import ServerConfig
from okpay_console.server.context import context_of
from okpay_console.server.users import adding
from okpay_console.sync.engine import Engine
from okpay_console.sync.leases import AGAIN_S, SOONEST_S, Lease, Leases, held

from ..readymade import application, give_back, new_database

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
LEASE_S = 600.0


def ends(seconds, ticket_id="a"):
    return Lease(ticket_id, "open", "wang", NOW + timedelta(seconds=seconds))


def leases(length=LEASE_S, **asked):
    made = Leases()
    made.length = length
    for ticket_id, at in asked.items():
        made.asked(ticket_id, at)
    return made


@pytest.mark.parametrize(("left", "due"), [(600, False), (300.1, False), (300, True), (1, True), (-50, True)])
def test_a_lease_is_due_when_half_of_it_is_left(left, due):
    assert bool(leases().due([ends(left)], at=NOW, monotonic=0)) is due


def test_the_next_look_is_when_the_first_of_them_comes_to_its_half():
    assert leases().soon([ends(600), ends(400, "b")], at=NOW, monotonic=0) == 100
    assert leases().soon([ends(10)], at=NOW, monotonic=0) == SOONEST_S
    assert leases().soon([], at=NOW, monotonic=0) is None


def test_without_a_known_length_everything_held_is_asked_about_at_once():
    assert leases(None).due([ends(600, "b"), ends(590)], at=NOW, monotonic=0) == ["a", "b"]


@pytest.mark.parametrize(("length", "pause"), [(600.0, AGAIN_S), (40.0, 10.0), (0.0, SOONEST_S), (None, AGAIN_S)])
def test_a_ticket_is_not_asked_about_without_end(length, pause):
    asked = leases(length, a=0.0)
    assert asked.due([ends(-50), ends(-50, "b")], at=NOW, monotonic=pause - 0.01) == ["b"]
    assert asked.due([ends(-50)], at=NOW, monotonic=pause) == ["a"]


def test_only_claims_of_this_agent_with_a_lease_count():
    until = (NOW + timedelta(seconds=60)).isoformat()
    mine = {"id": "mine", "status": "open", "assignee": "wang", "lease_until": until}
    docs = [
        mine,
        {**mine, "id": "assigned", "lease_until": None},
        {**mine, "id": "closed", "status": "closed"},
        {**mine, "id": "hers", "assignee": "li"},
        {**mine, "id": "nobodys", "assignee": None},
        {**mine, "id": "of a newer server", "status": "paused"},
    ]
    assert [lease.id for lease in held(docs, by="wang")] == ["mine"]


class HandClock:
    """Time that moves only when a test moves it; ``ahead`` is how wrong the console's wall clock is, in seconds."""

    def __init__(self):
        self.seconds = 0.0
        self.ahead = 0.0
        self._waiting = []

    def server(self):
        return NOW + timedelta(seconds=self.seconds)

    def now(self):
        return self.server() + timedelta(seconds=self.ahead)

    def monotonic(self):
        return self.seconds

    async def sleep(self, seconds):
        done = asyncio.get_running_loop().create_future()
        self._waiting.append((self.seconds + seconds, done))
        await done

    def pass_(self, seconds):
        self.seconds += seconds
        for at, done in self._waiting:
            if at <= self.seconds and not done.done():
                done.set_result(None)


class Counting(httpx.ASGITransport):
    """The network, which counts requests for longer leases and can refuse to carry them."""

    renewals = 0
    down = False

    async def handle_async_request(self, request):
        renewing = request.url.path.endswith("/renew")
        self.renewals += renewing
        if renewing and self.down:
            raise httpx.ConnectError("no route")
        return await super().handle_async_request(request)


class Console:
    def __init__(self, room, name, token):
        self.room, self.name, self.token, self.changes = room, name, token, []
        self.net = Counting(app=room.app)
        self.open()

    def open(self):
        clock = self.room.clock
        self.db = open_store(self.room.folder / f"{self.name}.okdb")
        self.api = Api("http://localhost", self.token, transport=self.net, timeout=60)
        self.mirror = Mirror(self.db)
        self.author = Author(self.name, server_clock.new_id, clock.now)
        self.engine = Engine(
            api=self.api,
            mirror=self.mirror,
            outbox=Outbox(self.db),
            author=self.author,
            rules=NO_RULES,
            clock=clock,
            rng=random.Random(1),
            listener=self.changes.append,
            pokes=self._pokes,
        )

    async def _pokes(self):
        yield "up"
        await asyncio.Event().wait()

    async def close(self):
        await self.engine.close()
        self.db.close()

    async def restart(self):
        await self.close()
        self.open()

    async def claimed(self, subject="已扣款未到账"):
        op = self.author.new(subject=subject, channel="chat")
        await self.engine.do(op)
        await self.engine.claim(op.ticket)
        return op.ticket

    def left(self, ticket_id):
        """Seconds of the lease as this console's mirror knows it, None where there is none."""
        until = self.mirror.ticket(ticket_id).lease_until
        return None if until is None else (until - self.room.clock.server()).total_seconds()


class Room:
    def __init__(self, folder):
        self.folder, self.clock, self.consoles = folder, HandClock(), []
        self.database = str(folder / "server.db")
        new_database(self.database)
        self.app = application(ServerConfig(database=self.database, lease_s=LEASE_S), clock=self.clock.server)

    async def console(self, name, role="supervisor"):
        added = await context_of(self.app).db.write(adding(name, role, (), token_days=None))
        made = Console(self, name, added.token)
        self.consoles.append(made)
        return made


@pytest.fixture
async def room(tmp_path):
    made = Room(tmp_path)
    yield made
    for console in made.consoles:
        await console.close()
    await context_of(made.app).db.close()
    give_back(made.app)


async def test_a_claim_is_renewed_at_its_half_and_not_before(room):
    one = await room.console("wang")
    ticket = await one.claimed()
    await one.engine.round()
    room.clock.pass_(299)
    await one.engine.keep()
    assert (one.net.renewals, one.left(ticket)) == (0, 301)
    room.clock.pass_(1)
    one.changes.clear()
    await one.engine.keep()
    assert (one.net.renewals, one.left(ticket)) == (1, 600)
    assert any(ticket in change.tickets for change in one.changes)
    await one.engine.keep()
    assert one.net.renewals == 1


@pytest.mark.parametrize("ahead", [-3600.0, 3600.0])
async def test_a_wrong_clock_here_changes_nothing(room, ahead):
    room.clock.ahead = ahead
    one = await room.console("wang")
    ticket = await one.claimed()
    room.clock.pass_(299)
    await one.engine.round()
    await one.engine.keep()
    assert one.net.renewals == 0
    room.clock.pass_(2)
    await one.engine.keep()
    assert (one.net.renewals, one.left(ticket)) == (1, 600)


async def test_after_a_restart_what_is_held_is_renewed_too(room):
    one = await room.console("wang")
    first, second = await one.claimed("一"), await one.claimed("二")
    await one.restart()
    room.clock.pass_(40)
    await one.engine.round()
    await one.engine.keep()
    assert (one.net.renewals, one.left(first), one.left(second)) == (2, 600, 600)
    room.clock.pass_(40)
    await one.engine.keep()
    assert one.net.renewals == 2, "now the length is known"


async def test_what_was_only_assigned_closed_or_is_somebody_elses_is_left_alone(room):
    one, two = await room.console("wang"), await room.console("li")
    closed, assigned, hers = await one.claimed("关"), await two.claimed("转"), await two.claimed("她")
    await one.engine.do(one.author.close(one.engine.view(closed).ticket, "SOLVED"))
    await one.engine.round()
    await two.engine.do(two.author.assign(two.engine.view(assigned).ticket, "wang"))
    await two.engine.round()
    await one.engine.round()
    assert one.engine.rows()[assigned].assignee == "wang" and hers in one.engine.rows()
    room.clock.pass_(500)
    await one.engine.round()
    await one.engine.keep()
    assert (one.net.renewals, one.left(assigned)) == (0, None)


async def test_a_ticket_that_somebody_else_took_meanwhile_is_told_by_the_ordinary_change(room):
    one, two = await room.console("wang"), await room.console("li")
    ticket = await one.claimed()
    await one.engine.round()
    room.clock.pass_(601)
    await two.engine.round()
    await two.engine.claim(ticket)
    one.changes.clear()
    await one.engine.keep()
    assert (one.net.renewals, one.engine.status().state) == (1, "online")
    assert one.engine.rows()[ticket].assignee == "li"
    assert any(ticket in change.tickets for change in one.changes)
    room.clock.pass_(AGAIN_S)
    await one.engine.keep()
    assert one.net.renewals == 1


@pytest.mark.parametrize(
    "error",
    [errors.NotFound("x"), errors.Refused("x", code="not-held"), errors.Forbidden("x"), errors.Held("x", by="li")],
)
async def test_a_no_does_not_touch_the_link_nor_the_tickets_behind_it(room, error):
    one = await room.console("wang")
    first, second = await one.claimed("一"), await one.claimed("二")
    real = one.api.renew
    one.api.renew = lambda ticket: refused() if ticket == first else real(ticket)

    async def refused():
        raise error

    room.clock.pass_(400)
    await one.engine.round()
    await one.engine.keep()
    assert (one.left(first), one.left(second), one.engine.status().state) == (200, 600, "online")


async def test_offline_nothing_is_asked_and_a_lost_renewal_is_made_up_for(room):
    one = await room.console("wang")
    ticket = await one.claimed()
    await one.engine.round()
    room.clock.pass_(400)
    one.net.down = True
    await one.engine.keep()
    assert (one.net.renewals, one.engine.status().state) == (1, "offline")
    one.net.down = False
    room.clock.pass_(AGAIN_S)
    await one.engine.keep()
    assert one.net.renewals == 1, "the link is not up yet"
    assert (await one.engine.round()).link == "online"
    await one.engine.keep()
    assert (one.net.renewals, one.left(ticket)) == (2, 600)


async def test_a_headless_round_holds_nothing(room):
    one = await room.console("wang")
    await one.claimed()
    room.clock.pass_(500)
    assert (await one.engine.round()).link == "online"
    assert one.net.renewals == 0


async def test_typing_goes_on_while_a_renewal_hangs(room):
    one = await room.console("wang")
    ticket = await one.claimed()
    await one.engine.round()
    room.clock.pass_(400)
    hanging, asked = asyncio.Event(), asyncio.Event()

    async def hang(_):
        asked.set()
        await hanging.wait()
        raise errors.Offline("x")

    one.api.renew = hang
    keeping = asyncio.create_task(one.engine.keep())
    await asked.wait()
    await one.engine.do(one.author.note(one.engine.view(ticket).ticket, "照常记录"))
    assert one.engine.view(ticket).ticket.timeline[-1].text == "照常记录" and not keeping.done()
    hanging.set()
    await keeping


async def test_an_open_console_wakes_up_for_a_lease_long_before_its_next_poll(room, eventually):
    context_of(room.app).settings = ServerConfig(
        database=room.database, lease_s=100
    )  # half of it is a time that nothing else of the console waits for
    one = await room.console("wang")
    running = asyncio.create_task(one.engine.run())
    await eventually(lambda: one.engine.status().state == "online" and one.engine._pace.streaming)
    ticket = await one.claimed()
    for count in (1, 2, 3):
        await eventually(lambda: (one.engine._exchange.soon() or 0) == 50 and resting(room.clock, 50))
        room.clock.pass_(50)
        await eventually(lambda count=count: one.net.renewals == count and one.left(ticket) == 100)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


def resting(clock, seconds):
    """Whether the loop sleeps until exactly then."""
    return any(at == clock.seconds + seconds and not done.done() for at, done in clock._waiting)
