"""What the server does not take holds up neither the reading nor the operations beside it, and is said."""

from __future__ import annotations

import asyncio

import pytest

from okpay_console import errors
from okpay_console.domain import wire


class Way:
    """The console's way to the server, on which ``fails`` may raise for a push; counts the pushes."""

    def __init__(self, console, fails):
        self.real, self.fails, self.pushes, self.asked = console.api, fails, 0, []
        console.engine._exchange.api = self

    def __getattr__(self, name):
        return getattr(self.real, name)

    async def push(self, push):
        self.pushes += 1
        self.asked.append("push")
        self.fails(push)
        return await self.real.push(push)

    async def sync(self, client, cursor, limit=wire.PAGE_ROWS):
        self.asked.append("sync")
        return await self.real.sync(client, cursor, limit)


def always(error):
    def fails(_):
        raise error

    return fails


def spoilt_by(uuid, error):
    """The server cannot read a request with this operation in it."""

    def fails(push):
        if any(item.uuid == uuid for item in push.items):
            raise error

    return fails


REFUSALS = (
    errors.Refused("The request cannot be read.", "Update this console.", code="bad-request"),
    errors.Refused("The request is too large.", "", code="too-large"),
    errors.Refused("The request is not JSON.", "", code="http-415"),
    errors.Forbidden("Your role does not allow this.", "Ask a supervisor."),
    errors.BadReply("The server's answer cannot be read.", "Update the older of console and server."),
    errors.Unavailable("The server failed.", "Tell whoever runs it."),
)


async def test_a_server_that_takes_nothing_is_read_all_the_same_and_tried_again_in_its_time(desk):
    one, two = await desk.console("wang"), await desk.console("li")
    for error in REFUSALS:
        way = Way(one, always(error))
        mine = await one.new(f"发不出 {error.code}")
        theirs = await two.new("同事的")
        await two.engine.round()
        done = await one.engine.round()
        status = one.engine.status()
        assert theirs in one.engine.rows(), error.code
        assert (done.link, done.code, done.message, done.pending, done.reviews) == (
            "online",
            error.code,
            error.what,
            1,
            0,
        )
        assert (status.state, status.code, status.advice) == ("online", error.code, error.advice)
        assert status.last_sync_at is not None
        tried = way.pushes
        await one.note(mine, "又一句")
        for _ in range(3):
            await one.engine.round()
        assert way.pushes == tried, "it is not asked once for each word"
        assert 0 < one.engine._exchange.soon() <= 60
        way.fails = lambda _: None
        one.engine.retry()
        done = await one.engine.round()
        assert (done.link, done.code, done.pending, done.pushed) == ("online", "", 0, 2)
        assert one.engine._exchange.soon() is None
        await two.engine.round()
        assert two.texts(mine) == ["", "又一句"]


async def test_a_ticket_can_be_claimed_while_nothing_can_be_sent(desk):
    one, two = await desk.console("wang"), await desk.console("li")
    ticket = await two.new()
    await two.engine.round()
    await one.engine.round()
    Way(one, always(REFUSALS[0]))
    await one.note(ticket, "等着")
    assert (await one.engine.claim(ticket)).assignee == "wang"


async def test_a_ticket_that_a_held_word_gives_away_is_not_called_claimed(desk):
    one, two = await desk.console("wang"), await desk.console("li")
    ticket = await two.new()
    await two.engine.round()
    await one.engine.round()
    await one.engine.claim(ticket)
    way = Way(one, always(REFUSALS[0]))
    await one.engine.do(one.author.release(one.engine.view(ticket).ticket))
    with pytest.raises(errors.Refused) as caught:
        await one.engine.claim(ticket)
    assert caught.value is REFUSALS[0]
    assert one.engine.status().state == "online"
    way.fails = lambda _: None
    one.engine.retry()
    assert (await one.engine.claim(ticket)).assignee == "wang"
    assert (await one.engine.round()).pending == 0
    assert one.engine.view(ticket).ticket.assignee == "wang"


@pytest.mark.parametrize("at", [0, 3, 6])
async def test_an_operation_that_spoils_its_request_goes_to_the_tray_and_the_others_arrive(desk, at):
    one, two = await desk.console("wang"), await desk.console("li")
    ticket = await one.new()
    await one.engine.round()
    spoilt = [await one.note(ticket, f"{n}") for n in range(7)][at]
    way = Way(one, spoilt_by(spoilt, REFUSALS[0]))
    done = await one.engine.round()
    assert (done.link, done.code, done.pending, done.reviews) == ("online", "", 0, 1)
    assert [outcome.uuid for outcome in done.refused] == [spoilt]
    [review] = one.engine.reviews()
    assert (review.uuid, review.words, review.state, review.code) == (spoilt, f"{at}", "rejected", "bad-request")
    assert (review.what, review.advice) == (REFUSALS[0].what, REFUSALS[0].advice)
    assert way.pushes <= 10
    await two.engine.round()
    assert two.texts(ticket) == ["", *(f"{n}" for n in range(7) if n != at)]
    assert one.docs() == two.docs()
    await one.restart()
    assert [kept.uuid for kept in one.engine.reviews()] == [spoilt]
    # Once the server is newer, the same words go through.
    await one.engine.settle(spoilt, "re-apply")
    assert (await one.engine.round()).pending == 0
    assert one.texts(ticket)[-1] == f"{at}"


@pytest.mark.parametrize("writes", range(3))
async def test_a_console_killed_while_it_lays_an_operation_aside_does_it_once(desk, writes):
    one = await desk.console("wang")
    ticket = await one.new()
    await one.engine.round()
    spoilt, kept = await one.note(ticket, "读不懂"), await one.note(ticket, "后面的")
    Way(one, spoilt_by(spoilt, REFUSALS[0]))
    left = writes

    async def writer(changes):
        nonlocal left
        if left == 0:
            raise asyncio.CancelledError
        left -= 1
        one.mirror.store.commit(changes)

    one.engine._disk._writer = writer
    with pytest.raises(asyncio.CancelledError):
        await one.engine.round()
    await one.restart()
    Way(one, spoilt_by(spoilt, REFUSALS[0]))
    done = await one.engine.round()
    assert (done.link, done.pending) == ("online", 0)
    assert [review.uuid for review in one.engine.reviews()] == [spoilt]
    assert [entry.id for entry in one.engine.view(ticket).ticket.timeline][1:] == [kept]


async def test_where_long_requests_get_no_answer_the_next_turn_reads_first(desk):
    one, two = await desk.console("wang"), await desk.console("li")
    await one.new()
    theirs = await two.new("同事的")
    await two.engine.round()
    way = Way(one, always(errors.Offline("The server did not answer within 15 s.")))
    done = await one.engine.round()
    assert (done.link, way.asked, theirs in one.engine.rows()) == ("offline", ["push"], False)
    done = await one.engine.round()
    assert (done.link, done.pending, way.asked) == ("offline", 1, ["push", "sync", "push"])
    assert theirs in one.engine.rows()
    assert one.engine.status().last_sync_at is not None


async def test_a_server_that_asks_for_patience_is_asked_nothing_more(desk):
    one = await desk.console("wang")
    await one.new()
    way = Way(one, always(errors.Unavailable("busy", retry_after=7.0)))
    done = await one.engine.round()
    assert (done.link, done.code, way.asked) == ("offline", "unavailable", ["push"])
    assert one.engine.status().retry_in >= 6
