"""Several operations as one, what is witnessed, and where drafts are found: engines over real stores, a real server."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from okpay_console import errors
from okpay_console.domain import ops
from okpay_console.local.watch import Watch
from okpay_console.server.db import Database
from okpay_console.server.schema import audit
from okpay_console.sync.unsent import Unsent

CARD = "4111 1111 1111 1111"


def records(console):
    """How many records the journal holds."""
    return (console.folder / "store").read_bytes().count(b"\n")


def seen(console, ticket):
    found = console.engine.view(ticket).ticket
    assert found is not None
    return found


def call(console, **more):
    """A new ticket with what is done to it in the same breath."""
    new = console.author.new(subject="已扣款未到账", channel="hotline", **more)
    made = ops.apply(None, new, new.at)
    return made, [new, console.author.note(made, "来电"), console.author.priority(made, "high")]


async def test_a_ticket_and_what_is_done_to_it_are_one_record_and_reach_the_server_in_order(desk):
    one, two = await desk.console("wang"), await desk.console("li")
    await one.engine.round()
    before = records(one)
    made, wanted = call(one)
    await one.engine.do_all(wanted)
    assert records(one) == before + 1
    shown = seen(one, made.id)
    assert (shown.priority, one.texts(made.id)[1]) == ("high", "来电")
    assert one.engine.view(made.id).pending == tuple(op.uuid for op in wanted)
    assert (await one.engine.round()).pushed == 3
    await two.engine.round()
    assert seen(two, made.id) == seen(one, made.id)


async def test_operations_on_several_tickets_come_back_whole_after_a_kill(desk):
    one = await desk.console("wang")
    first, second = await one.new("一"), await one.new("二")
    await desk.stop()
    await one.engine.do_all(
        [one.author.link(seen(one, first), second), one.author.link(seen(one, second), first, kind="duplicate")]
    )
    await one.restart()
    assert (seen(one, first).links, seen(one, second).links) == ((second,), (first,))
    assert one.engine.pending_ids() == {first, second}
    await desk.start()
    one.engine.retry()
    assert (await one.engine.round()).pending == 0


@pytest.mark.parametrize("place", [0, 1, 2])
async def test_one_refusal_among_them_keeps_nothing_of_any(desk, place):
    one = await desk.console("wang")
    ticket = await one.new()
    shown, before = seen(one, ticket), records(one)
    wanted = [one.author.note(shown, "甲"), one.author.note(shown, "乙")]
    wanted.insert(place, one.author.note(shown, f"卡号 {CARD}"))
    with pytest.raises(errors.SecretRefused):
        await one.engine.do_all(wanted)
    assert (records(one), one.texts(ticket), len(one.outbox)) == (before, [""], 1)


async def test_each_is_predicted_on_what_the_one_before_it_left(desk):
    one = await desk.console("wang")
    ticket = await one.new()
    shown = seen(one, ticket)
    closed = one.author.close(shown, "INFO_GIVEN", summary="已告知")
    with pytest.raises(errors.Refused):
        await one.engine.do_all([closed, one.author.promise(ops.apply(shown, closed, closed.at), "", closed.at)])
    assert seen(one, ticket).status != "closed"
    await one.engine.do_all([closed, one.author.reopen(ops.apply(shown, closed, closed.at), reason="又来电")])
    assert [entry.kind for entry in seen(one, ticket).timeline][-2:] == ["close", "reopen"]


async def test_doing_them_twice_is_doing_them_once(desk):
    one = await desk.console("wang")
    made, wanted = call(one)
    await one.engine.do_all(wanted[:2])
    before = records(one)
    await one.engine.do_all(wanted[:2])
    assert records(one) == before
    await one.engine.do_all(wanted)
    assert one.engine.view(made.id).pending == tuple(op.uuid for op in wanted)


async def test_the_draft_leaves_in_the_same_record_and_stays_where_they_are_refused(desk):
    one = await desk.console("wang")
    await one.engine.keep_draft("", "new", "张三 已扣款")
    made, wanted = call(one)
    with pytest.raises(errors.Refused):
        await one.engine.do_all([*wanted, one.author.note(made, "")], draft="new")
    assert one.engine.draft("", "new") == "张三 已扣款"
    before = records(one)
    await one.engine.do_all(wanted, draft="new")
    assert (records(one), one.engine.draft("", "new")) == (before + 1, "")


async def audited(desk):
    """Who, what and about in the server's audit log, but for the lines about users."""
    db = Database(desk.database)
    rows = await db.read(lambda conn: list(conn.execute(select(audit).order_by(audit.c.id))))
    await db.close()
    return [(row.who, row.what, row.about) for row in rows if not row.what.startswith(("user.", "token."))]


async def test_a_witness_needs_no_ticket_shows_on_none_and_reaches_the_server_once_after_a_drop_and_a_kill(desk):
    one = await desk.console("wang")
    await desk.stop()
    await one.engine.witness("secret-refused", kind="card", place="find")
    assert (one.engine.pending_ids(), dict(one.engine.rows()), one.engine.status().pending) == (frozenset(), {}, 1)
    await one.restart()
    assert (one.engine.pending_ids(), len(one.outbox)) == (frozenset(), 1)
    await desk.start()
    one.engine.retry()
    for _ in range(2):
        done = await one.engine.round()
        assert (done.pending, done.refused) == (0, ())
    assert await audited(desk) == [("wang", "secret-refused", "card find")]
    [line] = Watch(one.db).lines()
    assert (line.by, line.what, line.kind, line.place, line.ticket) == ("wang", "secret-refused", "card", "find", "")


async def test_a_witness_beside_an_open_ticket_changes_nothing_of_it(desk):
    one = await desk.console("wang")
    ticket = await one.new()
    await one.engine.round()
    before = seen(one, ticket)
    await one.engine.witness("secret-refused", kind="code", place="composer", ticket=ticket)
    assert (seen(one, ticket), one.engine.view(ticket).pending, one.engine.ops(ticket)) == (before, (), ())
    await one.engine.round()
    assert seen(one, ticket) == before


async def test_a_witness_that_says_more_than_codes_is_refused_here_already(desk):
    one = await desk.console("wang")
    for told in ({"what": "他说了卡号"}, {"what": "x", "kind": CARD}, {"what": "x", "place": "4111111111111111"}):
        with pytest.raises(errors.Refused):
            await one.engine.witness(**told)
    assert (len(one.outbox), Watch(one.db).lines()) == (0, [])


async def test_a_look_at_a_value_and_an_override_leave_a_line_on_this_machine_too(desk):
    one = await desk.console("wang")
    ticket = await one.new()
    await one.engine.do(one.author.reveal(seen(one, ticket), "mobile", reason="回电"))
    await one.engine.do(one.author.close(seen(one, ticket), "INFO_GIVEN", summary="已告知", override="来电人挂断"))
    await one.restart()
    found = [(line.what, line.kind, line.place) for line in Watch(one.db).lines()]
    assert found == [("field.reveal", "mobile", ""), ("override", "ticket.close", "INFO_GIVEN")]


async def test_a_witness_that_an_older_server_does_not_know_bothers_nobody(desk, monkeypatch):
    one = await desk.console("wang")

    def unknown(*_, **__):
        raise errors.Refused("The server does not understand this operation.", code="unknown-operation")

    monkeypatch.setattr("okpay_console.server.judging.wire.to_op", unknown)
    await one.engine.witness("secret-refused", kind="card", place="find")
    done = await one.engine.round()
    assert (done.pending, done.reviews, one.engine.reviews()) == (0, 0, ())


# Drafts: whatever happens to the ticket, the words are where they were typed


async def test_zammad_5953_a_colleague_taking_the_ticket_leaves_my_half_written_note(desk):
    one, two = await desk.console("wang"), await desk.console("li")
    ticket = await one.new()
    await one.engine.claim(ticket)
    await one.engine.keep_draft(ticket, "note", "写到一半")
    await two.engine.round()
    await two.engine.do(two.author.assign(seen(two, ticket), "li"))
    await two.engine.do(two.author.note(seen(two, ticket), "我来"))
    await two.engine.round()
    await one.engine.round()
    assert seen(one, ticket).assignee == "li"
    assert one.engine.draft(ticket, "note") == "写到一半"
    await one.restart()
    assert one.engine.draft(ticket, "note") == "写到一半"


async def test_zammad_702_the_draft_of_a_merged_ticket_is_found_at_the_one_it_went_into(desk):
    one, two = await desk.console("wang"), await desk.console("li")
    first, second, third = [await one.new(subject) for subject in "一二三"]
    await one.engine.round()
    await one.engine.keep_draft(first, "reply", "您好，您的退款")
    await one.engine.keep_draft(third, "note", "三的备注")
    await two.engine.round()
    for here, into in ((first, second), (second, third)):
        await two.engine.do_all(
            [two.author.merge(seen(two, here), into), two.author.link(seen(two, into), here, kind="merged")]
        )
    await two.engine.round()
    await one.engine.round()
    await one.restart()
    mine = Unsent("note", "三的备注", third, seen(one, third).number)
    merged = Unsent("reply", "您好，您的退款", first, seen(one, first).number)
    assert one.engine.drafts_of(third) == (mine, merged)
    assert one.engine.drafts_of(first) == (merged,)
    assert one.engine.draft(first, "reply") == "您好，您的退款"
    # Sent from the ticket that goes on, it leaves the disk with the words that it has become.
    await one.engine.do_all([one.author.reply(seen(one, third), "您好，您的退款")], draft="reply", draft_of=first)
    assert one.engine.drafts_of(third) == (mine,)


async def test_the_draft_of_a_merged_ticket_that_left_this_agents_queues_is_still_found(desk):
    one = await desk.console("wang")
    first, second = await one.new("一"), await one.new("二")
    await one.engine.do(one.author.link(seen(one, second), first, kind="merged"))
    await one.engine.keep_draft("elsewhere", "reply", "别处")
    await one.engine.do(one.author.link(seen(one, second), "elsewhere", kind="merged"))
    assert one.engine.drafts_of(second) == (Unsent("reply", "别处", "elsewhere", 0),)
    assert one.engine.drafts_of(first) == ()


async def test_osticket_2309_a_session_that_expires_and_a_network_that_drops_leave_the_last_sentence(desk):
    from okpay_console.server.users import revoke_tokens

    one = await desk.console("wang")
    ticket = await one.new()
    await one.engine.round()
    await one.engine.keep_draft(ticket, "reply", "第一句。")
    await revoke_tokens(desk.database, "wang")
    assert (await one.engine.round()).link == "signed-out"
    await desk.stop()
    await one.engine.keep_draft(ticket, "reply", "第一句。最后一句")
    await one.restart()
    assert one.engine.draft(ticket, "reply") == "第一句。最后一句"
    await desk.start()


async def test_freescout_2873_words_that_were_sent_leave_no_draft_that_could_be_sent_again(desk):
    one = await desk.console("wang")
    ticket = await one.new()
    await desk.stop()
    await one.engine.keep_draft(ticket, "reply", "您好")
    await one.engine.do(one.author.reply(seen(one, ticket), "您好"), draft="reply")
    await one.restart()
    assert (one.engine.draft(ticket, "reply"), one.engine.drafts_of(ticket)) == ("", ())
    await desk.start()
    one.engine.retry()
    await one.engine.round()
    assert one.texts(ticket).count("您好") == 1


async def test_a_lost_claim_a_release_and_a_refusal_of_the_server_leave_the_draft(desk):
    one, two = await desk.console("wang"), await desk.console("li")
    ticket = await one.new()
    await one.engine.claim(ticket)
    await one.engine.keep_draft(ticket, "note", "写到一半")
    await one.engine.keep_draft(ticket, "summary", "小结")
    await two.engine.round()
    await two.engine.do(two.author.close(seen(two, ticket), "INFO_GIVEN", summary="同事结的", override="已告知"))
    await two.engine.round()
    await one.engine.do(one.author.priority(seen(one, ticket), "high"))
    await one.engine.do(one.author.status(seen(one, ticket), "pending", reason="待客户"))
    done = await one.engine.round()
    assert done.reviews == 1
    await one.engine.do(one.author.reopen(seen(one, ticket)))
    await one.engine.do(one.author.release(seen(one, ticket)))
    await one.engine.round()
    assert [(kind, text) for kind, text, _, _ in one.engine.drafts_of(ticket)] == [
        ("note", "写到一半"), ("summary", "小结"),
    ]  # fmt: skip
