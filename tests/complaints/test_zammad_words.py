"""What agents told Zammad about lost words, waiting and two who answer at once, played here: it cannot happen."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from okpay_console import errors

SIZES = pytest.mark.parametrize("size", [(120, 36), (80, 24)])


@SIZES
async def test_zammad_5953_a_colleague_taking_the_ticket_leaves_my_half_written_note(office: Any, size: Any) -> None:
    wang, li = await office.seat("wang"), await office.seat("li")
    ticket = await wang.new()
    await li.sync()
    async with wang.screen(size=size):
        await wang.on(ticket, "ctrl+n")
        await wang.type("he paid twic")
        box = wang.app.focused
        await li.engine.claim(ticket)
        await li.do(li.author.note(li.see(ticket), "我来处理"), li.author.priority(li.see(ticket), "urgent"))
        await wang.sync()
        await wang.until(lambda: "负责人 li" in wang.text())
        assert wang.app.focused is box
        await wang.type("e")
        assert wang.words == "he paid twice"
        await wang.until(lambda: wang.engine.draft(ticket, "note") == "he paid twice")
    await wang.restart()
    async with wang.screen(size=size):
        await wang.on(ticket, "ctrl+n")
        assert wang.words == "he paid twice"
        await wang.press("ctrl+s")
        await wang.until(wang.engine.pending_ids)
    await wang.sync()
    await li.sync()
    assert li.texts(ticket, "note") == ["我来处理", "he paid twice"]


async def test_zammad_5953_nor_does_a_colleague_closing_or_moving_it(office: Any) -> None:
    wang, li = await office.seat("wang"), await office.seat("li", "supervisor")
    ticket = await wang.new()
    await li.sync()
    async with wang.screen():
        await wang.on(ticket, "ctrl+n")
        await wang.type("half")
        closing = li.author.close(li.see(ticket), "INFO_GIVEN", summary="已告知", override="客户挂断")
        await li.do(li.author.queue(li.see(ticket), "risk"), closing)
        await wang.sync()
        await wang.until(lambda: wang.see(ticket).status == "closed")
        assert wang.words == "half"
        await wang.until(lambda: wang.engine.draft(ticket, "note") == "half")


@SIZES
async def test_zammad_702_the_words_of_a_reply_go_along_with_the_ticket_that_a_colleague_merges(
    office: Any, size: Any
) -> None:
    wang, li = await office.seat("wang"), await office.seat("li", "supervisor")
    mine, other = await wang.new("已扣款未到账"), await wang.new("重复扣款两次")
    await wang.engine.claim(mine)
    await li.sync()
    async with wang.screen(size=size):
        await wang.on(mine, "ctrl+r")
        await wang.type("we are looking into it")
        await wang.until(lambda: wang.engine.draft(mine, "reply") == "we are looking into it")
        await li.do(li.author.merge(li.see(mine), other), li.author.link(li.see(other), mine, kind="merged"))
        await wang.sync()
        await wang.until(lambda: wang.see(mine).merged_into == other)
        assert wang.words == "we are looking into it"
    await wang.restart()
    async with wang.screen(size=size):
        await wang.on(other, "ctrl+r")
        assert "we are looking into it" in wang.words
        await wang.until(lambda: "we are looking into it" in wang.engine.draft(other, "reply"))
        await wang.until(lambda: [one.ticket for one in wang.engine.drafts_of(other) if one.kind == "reply"] == [other])


async def test_zammad_1643_an_update_that_hangs_in_the_server_holds_nobody_up_and_leaving_does_not_lose_it(
    office: Any,
) -> None:
    wang, li = await office.seat("wang"), await office.seat("li")
    ticket = await wang.new()
    wang.net.hangs = asyncio.Event()
    async with wang.screen():
        await wang.on(ticket, "ctrl+n")
        await wang.type("paid yesterday")
        await wang.press("ctrl+s")
        await wang.shows("paid yesterday", "待确认")
        waiting = asyncio.create_task(wang.engine.round())
        await wang.press("ctrl+n")
        await wang.type("and the day before")
        await wang.press("ctrl+s")
        await wang.until(lambda: wang.texts(ticket, "note") == ["paid yesterday", "and the day before"])
        assert not waiting.done()
    # The terminal is shut while the server still thinks.
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    await wang.restart()
    assert wang.texts(ticket, "note") == ["paid yesterday", "and the day before"]
    wang.net.hangs = None
    assert (await wang.sync()).pending == 0
    await li.sync()
    assert li.texts(ticket, "note") == ["paid yesterday", "and the day before"]


async def test_zammad_246_two_who_take_a_ticket_at_once_learn_who_has_it_before_either_answers(office: Any) -> None:
    wang, li = await office.seat("wang"), await office.seat("li")
    ticket = await wang.new()
    await li.sync()
    won = await asyncio.gather(wang.engine.claim(ticket), li.engine.claim(ticket), return_exceptions=True)
    [refused] = [one for one in won if isinstance(one, errors.Held)]
    first, second = (wang, li) if won[1] is refused else (li, wang)
    assert refused.by == first.name
    await second.sync()
    async with second.screen():
        await second.on(ticket, "f2")
        await second.shows(f"{first.name} 已经认领")
        await second.press("ctrl+r")
        await second.shows("回复发不出去")
        await second.type("hello")
        await second.press("ctrl+s")
        await second.pilot.pause(0.05)
        assert second.words == "hello"
    await first.sync()
    await first.do(first.author.reply(first.see(ticket), "我们正在核实"))
    await second.sync()
    assert second.texts(ticket, "reply") == ["我们正在核实"]


async def test_zammad_246_an_answer_written_without_a_network_does_not_go_out_behind_a_colleagues(office: Any) -> None:
    wang, li = await office.seat("wang"), await office.seat("li")
    ticket = await wang.new()
    await wang.engine.claim(ticket)
    await wang.sync()
    wang.net.down = True
    await wang.engine.do(wang.author.reply(wang.see(ticket), "款项已退"))
    office.later(minutes=11)
    await li.sync()
    await li.engine.claim(ticket)
    await li.sync()
    await li.do(li.author.reply(li.see(ticket), "还在核实"))
    wang.net.down = False
    await wang.sync()
    [review] = wang.engine.reviews()
    assert (review.ticket, review.words, wang.texts(ticket, "reply")) == (ticket, "款项已退", ["还在核实"])
    await li.sync()
    assert li.texts(ticket, "reply") == ["还在核实"]
    async with wang.screen():
        await wang.press("f9")
        await wang.shows("款项已退")
