"""Engines over real stores against a real server."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import sqlite3

import pytest

from okpay_console import errors
from okpay_console.domain import wire
from okpay_console.domain.author import Author
from okpay_console.local.record import Change
from okpay_console.server.db import Database
from okpay_console.server.feed import trim
from okpay_console.server.users import revoke_tokens
from okpay_console.sync.picture import Picture


async def settled(*consoles):
    """Rounds until nobody has anything left."""
    for _ in range(8):
        done = [await console.engine.round() for console in consoles]
        if not any(one.pulled or one.pushed or one.pending for one in done):
            return
    raise AssertionError(f"no rest: {done}")


async def test_two_consoles_see_the_same_tickets(desk):
    one, two = await desk.console("wang"), await desk.console("li")
    ticket = await one.new()
    await one.note(ticket, "已核对身份")
    assert (await one.engine.round()).pushed == 2
    done = await two.engine.round()
    assert (done.link, done.pulled, done.pending) == ("online", 1, 0)
    assert two.texts(ticket) == ["", "已核对身份"]
    assert one.docs() == two.docs()
    assert one.engine.rows() == two.engine.rows()


async def test_an_offline_ticket_can_be_worked_on_and_gets_its_number_later(desk):
    one = await desk.console("wang")
    await desk.stop()
    ticket = await one.new()
    await one.note(ticket, "离线也能写")
    done = await one.engine.round()
    assert (done.link, done.pending, done.code) == ("offline", 2, "offline")
    assert one.engine.view(ticket).ticket.number == 0
    assert one.engine.rows()[ticket].number == 0
    assert one.engine.pending_ids() == {ticket}
    await one.restart()
    assert one.texts(ticket) == ["", "离线也能写"]
    await desk.start()
    one.engine.retry()
    done = await one.engine.round()
    assert (done.link, done.pushed, done.pending) == ("online", 2, 0)
    assert one.engine.view(ticket).ticket.number > 0
    assert one.engine.view(ticket).pending == ()


async def test_doing_is_on_disk_when_it_returns_and_a_refusal_keeps_nothing(desk):
    one = await desk.console("wang")
    ticket = await one.new()
    lines = (one.folder / "store").read_bytes().count(b"\n")
    shown = one.engine.view(ticket).ticket
    for text, kind in (("", errors.Refused), ("卡号 4111 1111 1111 1111", errors.SecretRefused)):
        with pytest.raises(kind):
            await one.engine.do(one.author.note(shown, text))
    assert (one.folder / "store").read_bytes().count(b"\n") == lines
    view = await one.engine.do(one.author.note(shown, "写下来"))
    assert view.ticket.timeline[-1].text == "写下来"
    assert "写下来" in (one.folder / "store").read_text()


async def test_an_operation_made_over_an_old_view_is_for_its_author_to_look_at(desk):
    one = await desk.console("wang")
    ticket = await one.new()
    old = one.engine.view(ticket).ticket
    await one.engine.do(one.author.close(old, "SOLVED"))
    with pytest.raises(errors.NeedsReview):
        await one.engine.do(one.author.status(old, "pending"))
    assert len(one.outbox) == 2


async def test_a_draft_leaves_the_disk_with_the_operation_that_it_becomes(desk):
    one = await desk.console("wang")
    ticket = await one.new()
    await one.engine.keep_draft(ticket, "note", "写到一半")
    await one.restart()
    assert one.engine.draft(ticket, "note") == "写到一半"
    with pytest.raises(errors.Refused):
        await one.engine.do(one.author.note(one.engine.view(ticket).ticket, " "), draft="note")
    assert one.engine.draft(ticket, "note") == "写到一半"
    before = (one.folder / "store").read_bytes().count(b"\n")
    await one.engine.do(one.author.note(one.engine.view(ticket).ticket, "写完了"), draft="note")
    assert (one.folder / "store").read_bytes().count(b"\n") == before + 1
    assert one.engine.draft(ticket, "note") == ""


async def test_a_claim_is_yours_only_when_the_server_says_so(desk):
    one, two = await desk.console("wang"), await desk.console("li")
    ticket = await one.new()
    await settled(one, two)
    won = await one.engine.claim(ticket)
    assert won.assignee == "wang"
    assert one.docs()[ticket]["assignee"] == "wang", "a reader beside this console sees it too"
    with pytest.raises(errors.Held) as held:
        await two.engine.claim(ticket)
    assert held.value.by == "wang"
    assert (await one.engine.renew(ticket)).claim_no == won.claim_no
    await desk.stop()
    other = await two.new()
    with pytest.raises(errors.Offline):
        await two.engine.claim(other)
    assert two.engine.view(other).ticket.assignee is None
    assert two.engine.status().state == "offline"
    await desk.start()


async def test_a_claim_is_asked_after_everything_said_before_was_pushed(desk):
    one = await desk.console("wang")
    ticket = await one.new()
    won = await one.engine.claim(ticket)
    assert (won.id, won.assignee, won.number > 0) == (ticket, "wang", True)


async def test_next_takes_the_most_urgent_and_none_from_an_empty_queue(desk):
    one = await desk.console("wang")
    assert await one.engine.next() is None
    await one.new("普通")
    urgent = await one.new("紧急", priority="urgent")
    assert (await one.engine.next()).id == urgent


async def reviewed(desk):
    """Two edits of one field, so that the second one's author has something to decide."""
    one, two = await desk.console("wang"), await desk.console("li")
    ticket = await one.new()
    await settled(one, two)
    for console, value in ((one, "E1"), (two, "E2")):
        shown = console.engine.view(ticket).ticket
        await console.engine.do(console.author.field(shown, "error_code", value))
    await one.engine.round()
    done = await two.engine.round()
    assert [outcome.state for outcome in done.refused] == ["review"]
    assert done.reviews == 1
    (review,) = two.engine.reviews()
    return one, two, ticket, review


async def test_what_needs_a_human_comes_with_all_three_versions(desk):
    _, two, ticket, review = await reviewed(desk)
    assert (review.ticket, review.field, review.base, review.mine, review.theirs) == (
        ticket, "answers.error_code", "", "E2", "E1",
    )  # fmt: skip
    assert review.words == "E2"
    assert two.engine.view(ticket).ticket.answers["error_code"].value == "E1"
    await two.restart()
    assert [kept.uuid for kept in two.engine.reviews()] == [review.uuid]
    assert two.engine.status().reviews == 1


@pytest.mark.parametrize(("decision", "value"), [("keep-theirs", "E1"), ("edited", "E1"), ("re-apply", "E2")])
async def test_a_human_settles_a_review(desk, decision, value):
    one, two, ticket, review = await reviewed(desk)
    view = await two.engine.settle(review.uuid, decision)
    assert view.ticket.answers["error_code"].value == value
    assert two.engine.reviews() == ()
    assert await two.engine.settle(review.uuid, decision) is None
    await settled(two, one)
    assert one.engine.view(ticket).ticket.answers["error_code"].value == value
    await two.restart()
    assert two.engine.reviews() == ()


async def test_an_operation_that_can_never_succeed_blocks_nobody_and_keeps_its_words(desk):
    agent, one = await desk.console("zhou", role="agent"), await desk.console("wang")
    ticket = await one.new()
    await settled(one, agent)
    shown = agent.engine.view(ticket).ticket
    await agent.engine.do(agent.author.assign(shown, "somebody"))
    await agent.note(ticket, "后面的照样送到")
    done = await agent.engine.round()
    assert [outcome.code for outcome in done.refused] == ["forbidden"]
    assert (done.pending, done.reviews) == (0, 1)
    await settled(one)
    assert one.texts(ticket)[-1] == "后面的照样送到"


@pytest.mark.parametrize("writes", range(2))
async def test_a_console_killed_before_any_record_of_a_round_loses_nothing_and_doubles_nothing(desk, writes):
    one, two = await desk.console("wang"), await desk.console("li")
    ticket = await one.new()
    await one.note(ticket, "一")
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
    await settled(one, two)
    assert two.texts(ticket) == ["", "一"]
    assert one.docs() == two.docs()


async def test_a_lost_answer_is_asked_for_again_and_happens_once(desk):
    one = await desk.console("wang")
    ticket = await one.new()
    real = one.engine._exchange.api

    class Lossy:
        def __getattr__(self, name):
            return getattr(real, name)

        async def push(self, push):
            await real.push(push)
            raise errors.Offline("the answer was lost")

    one.engine._exchange.api = Lossy()
    assert (await one.engine.round()).link == "offline"
    assert one.engine.status().pending == 1
    one.engine._exchange.api = real
    await settled(one)
    assert len(one.docs()) == 1
    assert len(one.engine.view(ticket).ticket.timeline) == 1


async def test_a_cursor_that_expired_lists_again_while_words_wait(desk):
    one, two = await desk.console("wang"), await desk.console("li")
    gone, kept = await one.new("旧"), await one.new("新")
    await settled(one, two)
    await one.note(kept, "等着的话")
    await two.note(gone, "x")
    await settled(two)
    database = Database(desk.database)
    await trim(database, 1 << 40)
    await database.close()
    two_before = set(two.engine.rows())
    await two.note(gone, "y")
    done = await one.engine.round()
    assert (done.link, done.pending, done.pushed) == ("online", 0, 1)
    assert one.mirror.relisting is False
    assert any(change.everything for change in one.changes)
    assert set(one.engine.rows()) == two_before
    await settled(two, one)
    assert one.docs() == two.docs()
    assert one.texts(kept)[-1] == "等着的话"


async def test_a_second_relist_within_a_minute_waits(desk):
    one = await desk.console("wang")
    await one.new()
    await settled(one)
    real = one.engine._exchange.api

    class Gone:
        def __getattr__(self, name):
            return getattr(real, name)

        async def sync(self, client, cursor, limit=500):
            raise errors.Gone("x")

    one.engine._exchange.api = Gone()
    done = await one.engine.round()
    assert (done.link, done.code) == ("offline", "unavailable")
    assert one.engine.status().retry_in > 50
    assert len(one.engine.rows()) == 1, "the old view stays"


async def test_a_server_restored_from_backup_gets_everything_again(desk, tmp_path):
    one, two = await desk.console("wang"), await desk.console("li")
    ticket = await one.new()
    await settled(one, two)
    backup = tmp_path / "backup.db"
    with contextlib.closing(sqlite3.connect(desk.database)) as source:
        source.execute("vacuum into ?", (str(backup),))
    await one.note(ticket, "备份之后")
    await settled(one, two)
    assert two.texts(ticket)[-1] == "备份之后"
    await desk.stop()
    for tail in ("-wal", "-shm"):
        (tmp_path / f"server.db{tail}").unlink(missing_ok=True)
    shutil.copy(backup, desk.database)
    await desk.start()
    await settled(one, two)
    assert one.texts(ticket) == two.texts(ticket) == ["", "备份之后"]
    assert one.docs() == two.docs()


async def test_a_copied_cache_gets_a_name_of_its_own_and_loses_nothing(desk):
    one = await desk.console("wang")
    ticket = await one.new()
    await settled(one)
    await one.close()
    shutil.copytree(one.folder, desk.folder / "copy")
    one.open()
    twin = await desk.console("wang", at="copy")
    await one.note(ticket, "原来的")
    await twin.note(ticket, "副本的")
    await settled(one)
    name = twin.outbox.client
    await settled(twin, one)
    assert twin.outbox.client != name
    assert sorted(one.texts(ticket)) == sorted(twin.texts(ticket)) == ["", "副本的", "原来的"]


async def test_a_cache_rolled_back_goes_on(desk):
    one = await desk.console("wang")
    ticket = await one.new()
    await settled(one)
    await one.close()
    shutil.copytree(one.folder, desk.folder / "old")
    one.open()
    await one.note(ticket, "回滚之后的缓存不知道这句")
    await settled(one)
    await one.close()
    shutil.rmtree(one.folder)
    shutil.copytree(desk.folder / "old", one.folder)
    one.open()
    await one.note(ticket, "新的")
    await settled(one)
    assert one.texts(ticket) == ["", "回滚之后的缓存不知道这句", "新的"]


async def test_a_revoked_token_signs_out_and_the_work_waits(desk):
    one = await desk.console("wang")
    ticket = await one.new()
    await settled(one)
    await revoke_tokens(desk.database, "wang")
    await one.note(ticket, "等登录")
    done = await one.engine.round()
    assert (done.link, done.pending) == ("signed-out", 1)
    assert one.engine.status().retry_in is None
    with pytest.raises(errors.SignedOut):
        await one.engine.claim(ticket)


async def test_a_store_or_a_console_of_somebody_else_is_refused_before_anything_is_sent(desk):
    one = await desk.console("wang")
    await one.new()
    await settled(one)
    await one.close()
    one.open()
    await desk.console("li")
    one.token = desk.tokens["li"]
    await one.restart()
    await one.new("不该用李的名字送出")
    done = await one.engine.round()
    assert (done.link, done.code, done.pending) == ("refused", "store-foreign", 1)
    one.name = "li"
    await one.restart()
    done = await one.engine.round()
    assert (done.link, done.code, done.pending) == ("refused", "store-foreign", 1)
    assert "OKPAY_DATA_DIR" in done.advice


async def test_a_token_of_somebody_else_is_refused_on_a_fresh_store_too(desk):
    one, two = await desk.console("wang"), await desk.console("li")
    await one.new()
    one.engine.sign_in(two.api)
    done = await one.engine.round()
    assert (done.link, done.code, done.pending, two.docs()) == ("refused", "store-foreign", 1, {})
    assert one.mirror.owner is None


async def test_nobody_signed_in_works_offline(desk):
    one = await desk.console("wang")
    one.engine._exchange = None
    await one.new()
    done = await one.engine.round()
    assert (done.link, done.pending) == ("signed-out", 1)
    one.engine.sign_in(one.api)
    assert (await one.engine.round()).link == "online"


async def test_a_clock_that_is_wrong_is_said(desk):
    one = await desk.console("wang")
    await one.engine.round()
    assert one.engine.status().clock_offset is None
    one.engine._exchange.clock_offset = -200.0
    assert one.engine.status().clock_offset == -200.0


async def test_a_full_disk_is_said_and_the_words_go_back_to_their_author(desk):
    one = await desk.console("wang")

    async def full(_):
        raise errors.StoreFull("the disk is full", "Free some space.")

    real, one.engine._disk._writer = one.engine._disk._writer, full
    with pytest.raises(errors.StoreFull):
        await one.new()
    assert one.engine.rows() == {}
    assert "disk is full" in one.engine.status().disk
    await one.engine.round()
    assert "disk is full" in one.engine.status().disk
    one.engine._disk._writer = real
    await one.new()
    assert one.engine.status().disk == ""
    assert (await one.engine.round()).link == "online"


async def test_poked_consoles_see_each_others_work_without_polling(desk, eventually):
    one = await desk.console("wang", streaming=True)
    two = await desk.console("li", streaming=True)
    running = [asyncio.create_task(console.engine.run()) for console in (one, two)]
    await eventually(lambda: one.engine._pace.streaming and two.engine._pace.streaming)
    ticket = await one.new()
    await eventually(lambda: ticket in two.engine.rows())
    await two.note(ticket, "看见了")
    await eventually(lambda: "看见了" in one.texts(ticket) and not one.engine.pending_ids())
    await eventually(lambda: not two.engine.pending_ids())
    assert one.docs() == two.docs()
    for task in running:
        task.cancel()
    await asyncio.gather(*running, return_exceptions=True)
    assert all(task.cancelled() for task in running)


async def test_a_running_console_comes_back_by_itself(desk, eventually):
    one = await desk.console("wang", streaming=True)
    running = asyncio.create_task(one.engine.run())
    await eventually(lambda: one.engine.status().state == "online")
    await desk.stop()
    ticket = await one.new()
    await eventually(lambda: one.engine.status().state == "offline")
    assert one.engine.status().pending == 1
    await desk.start()
    one.engine.retry()
    await eventually(lambda: one.engine.status().state == "online" and not one.engine.pending_ids())
    assert one.engine.view(ticket).ticket.number > 0
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


async def test_a_caller_who_goes_away_does_not_tear_a_write(desk):
    one = await desk.console("wang")
    op = one.author.new(subject="走开", channel="chat")
    writing, go_on = asyncio.Event(), asyncio.Event()

    async def writer(changes):
        writing.set()
        await go_on.wait()
        one.mirror.store.commit(changes)

    one.engine._disk._writer = writer
    one.engine.rows()
    doing = asyncio.create_task(one.engine.do(op))
    await writing.wait()
    doing.cancel()
    await asyncio.gather(doing, return_exceptions=True)
    assert doing.cancelled()
    go_on.set()
    await one.engine.close()
    assert set(one.db.table("outbox").raw()) == {op.uuid}
    assert op.uuid in one.outbox
    assert op.ticket in one.engine.rows()


async def test_many_doings_at_once_are_numbered_in_one_row(desk):
    one = await desk.console("wang")
    ticket = await one.new()
    await asyncio.gather(*(one.note(ticket, f"{n}") for n in range(30)))
    assert [entry.item.mid for entry in one.outbox.pending()] == list(range(1, 32))
    done = await one.engine.round()
    assert (done.pushed, done.pending) == (31, 0)


async def test_a_reader_beside_an_open_console_sees_what_it_sees(desk):
    from okpay_console.local.mirror import Mirror
    from okpay_console.local.outbox import Outbox
    from okpay_console.local.store import open_store

    one = await desk.console("wang")
    ticket = await one.new()
    await one.engine.round()
    await one.note(ticket, "还没确认")
    with open_store(one.folder / "store", readonly=True) as db:
        picture = Picture(Mirror(db), Outbox(db))
        assert picture.rows() == one.engine.rows()
        assert picture.view(ticket) == one.engine.view(ticket)
        assert picture.pending_ids() == {ticket}


async def test_a_log_damaged_on_disk_is_numbered_anew_and_all_of_it_arrives(desk):
    one = await desk.console("wang")
    ticket = await one.new()
    first, _, third = [await one.note(ticket, text) for text in ("一", "二", "三")]
    rows = one.db.table("outbox").raw()
    second = next(uuid for uuid, doc in rows.items() if doc["item"]["mid"] == 3)
    one.db.write({"outbox": Change(delete=[second])})
    await one.restart()
    await settled(one)
    assert [entry.id for entry in one.engine.view(ticket).ticket.timeline][1:] == [first, third]


async def test_an_author_of_another_name_cannot_speak_for_this_one(desk):
    one = await desk.console("wang")
    ticket = await one.new()
    await settled(one)
    stranger = Author("li", one.author.new_id, one.author.now)
    await one.engine.do(stranger.note(one.engine.view(ticket).ticket, "谁写的"))
    await settled(one)
    assert one.engine.view(ticket).ticket.timeline[-1].by == "wang", "the server takes the author from the token"


async def test_the_listener_hears_of_rows_and_of_the_link(desk):
    one = await desk.console("wang")
    ticket = await one.new()
    assert any(ticket in change.tickets for change in one.changes)
    one.changes.clear()
    await one.engine.round()
    assert any(ticket in change.tickets for change in one.changes)
    assert [change for change in one.changes if not change.answers][-1].link
    assert wire.Last(1, one.db.table("acked").all()[0]["item"]["uuid"]).mid == 1


async def test_a_console_started_without_a_network_learns_whose_it_is(desk):
    one = await desk.console("wang")
    one.name = ""
    await one.restart()
    ticket = await one.new("还不知道我是谁")
    assert (await one.engine.round()).link == "online"
    assert one.engine.me == "wang"
    assert one.mirror.owner.user == "wang"
    assert one.engine.view(ticket).ticket.timeline[0].by == "wang"
