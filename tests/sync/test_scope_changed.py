"""A person who leads no longer, or works in fewer queues, keeps nothing of what is no longer his to see; his own words stay."""

from __future__ import annotations

import asyncio
import contextlib

import pytest

from okpay_console.server import users

SECRET = "不再归他看"


async def known_to(console) -> set[str]:
    return {line.words or line.what for line in console.engine.daybook()}


@pytest.fixture
async def before(desk):
    """A supervisor with everything in his cache: tickets of two queues, colleagues' states and a notice to the other queue."""
    lead, other = await desk.console("wang"), await desk.console("li")
    await users.set_queues(desk.database, "li", ["l2"])
    kept = await lead.new("他的")
    moved = await lead.new(SECRET, queue="l2")
    await lead.engine.round()
    await other.engine.round()
    await other.engine.tell("state", what="break", reason="meal")
    await other.engine.tell("notice", queue="l2", words=SECRET)
    await other.engine.round()
    indexing = asyncio.create_task(lead.engine.index())
    lead.engine._daybook._live = True
    await lead.engine.round()
    async with asyncio.timeout(20):
        while lead.engine.indexed() < 1.0:
            await asyncio.sleep(0.005)
    assert await known_to(lead) >= {"break", SECRET}
    assert [match.ticket for match in lead.engine.find(SECRET)] == [moved]
    yield desk, lead, kept, moved
    indexing.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await indexing


async def test_fewer_queues_take_tickets_lines_notices_and_what_can_be_found_with_them(before, eventually):
    desk, lead, kept, moved = before
    mine = await lead.note(moved, "我写的话")
    await lead.engine.keep_draft(moved, "note", "没写完的")
    await users.change(desk.database, "wang", role="agent", queues=["general"])
    done = await lead.engine.round()
    assert (done.link, done.pending) == ("online", 0)
    assert (lead.engine.role, list(lead.engine.queues)) == ("agent", ["general"])
    assert set(lead.engine.rows()) == set(lead.docs()) == {kept}
    assert lead.engine.view(moved).ticket is None
    assert SECRET not in await known_to(lead) and "break" not in await known_to(lead)
    await eventually(lambda: lead.engine.indexed() == 1.0)
    assert lead.engine.find(SECRET) == []
    tables = {name: str(lead.db.table(name).raw()) for name in lead.db.tables() if name not in ("reviews", "acked")}
    assert [name for name, text in tables.items() if SECRET in text] == []
    # His own words are not taken from him: they came too late, and that is said.
    [review] = lead.engine.reviews()
    assert (review.uuid, review.words) == (mine, "我写的话")
    assert lead.engine.draft(moved, "note") == "没写完的"


async def test_a_supervisor_who_became_an_agent_is_told_of_nobody_else_any_more(before):
    desk, lead, kept, moved = before
    await users.change(desk.database, "wang", role="agent")
    assert (await lead.engine.round()).link == "online"
    assert lead.engine.role == "agent"
    assert set(lead.engine.rows()) == {kept, moved}, "he works in every queue still"
    assert await known_to(lead) == {SECRET}, "a notice to a queue is for whoever works there"
    await users.change(desk.database, "wang", role="supervisor")
    lead.engine._exchange._relisted_at = None
    assert (await lead.engine.round()).link == "online"
    assert lead.engine.role == "supervisor"
    assert "break" in await known_to(lead)
