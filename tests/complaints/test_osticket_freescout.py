"""What agents told osTicket and FreeScout about locks, drafts, raw variables and appointments, played here: it cannot happen.

The window that is shut in the middle of a sentence is played with real processes, in ``journeys/test_window_shut.py``.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from okpay_console.domain import ops
from okpay_console.domain.ticket import Caller
from okpay_console.remote import answers as editing
from okpay_console.server.users import add_token

SIZES = pytest.mark.parametrize("size", [(120, 36), (80, 24)])
WRONG = pytest.mark.parametrize("ahead", [timedelta(hours=8), timedelta(hours=-8)], ids=["ahead", "behind"])


@SIZES
async def test_osticket_2343_writing_needs_no_lock_that_somebody_else_has(office: Any, size: Any) -> None:
    wang, li = await office.seat("wang"), await office.seat("li")
    ticket = await wang.new()
    await li.sync()
    await li.engine.claim(ticket)
    await wang.sync()
    async with wang.screen(size=size):
        await wang.on(ticket, "ctrl+n")
        await wang.type("he called me")
        await wang.press("ctrl+s")
        await wang.until(lambda: wang.texts(ticket, "note") == ["he called me"])
        await wang.engine.do(wang.author.field(wang.see(ticket), "mobile", "+8613912345678"))
    assert (await wang.sync()).refused == ()
    await li.sync()
    assert (li.texts(ticket, "note"), li.see(ticket).assignee) == (["he called me"], "li")
    assert li.see(ticket).answers["mobile"].value == "+8613912345678"


@SIZES
async def test_osticket_5533_walking_through_the_list_takes_nothing_and_asks_nobody(office: Any, size: Any) -> None:
    wang, li = await office.seat("wang"), await office.seat("li")
    made = [await wang.new(f"第{number}单") for number in range(6)]
    async with wang.screen(size=size):
        wang.net.carried.clear()
        for _ in made:
            await wang.press("enter", "ctrl+n", "x", "escape", "ctrl+w", "down")
            await wang.pilot.pause()
        assert wang.net.carried == []
    await wang.sync()
    await li.sync()
    assert [li.see(ticket).assignee for ticket in made] == [None] * 6
    await asyncio.gather(*(li.engine.claim(ticket) for ticket in made))


async def test_osticket_1434_a_claim_is_kept_up_without_a_word_while_somebody_types(office: Any) -> None:
    wang, li = await office.seat("wang"), await office.seat("li")
    ticket = await wang.new()
    await wang.engine.claim(ticket)
    await wang.sync()
    async with wang.screen():
        await wang.on(ticket, "ctrl+n")
        await wang.type("a long story")
        box, said = wang.app.focused, wang.desk.message_bar.render()
        for _ in range(6):
            office.later(minutes=6)
            await wang.engine.keep()
            await wang.pilot.pause()
            assert (wang.app.screen, wang.app.focused) == (wang.desk, box)
            assert str(wang.desk.message_bar.render()) == str(said)
        assert wang.words == "a long story"
    await li.sync()
    assert (li.see(ticket).assignee, li.see(ticket).lease_until > office.moment) == ("wang", True)


@WRONG
@SIZES
async def test_osticket_2107_a_clock_that_is_hours_off_keeps_nobody_out(
    office: Any, ahead: timedelta, size: Any
) -> None:
    wang = await office.seat("wang", ahead=ahead)
    hotline = await office.seat("hotline", "integration")
    ticket = await wang.new()
    await wang.engine.claim(ticket)
    await wang.sync()
    async with wang.screen(size=size):
        await wang.on(ticket, "ctrl+r")
        await wang.type("on its way")
        await wang.press("ctrl+s")
        await wang.until(lambda: wang.engine.ops(ticket))
        await wang.sync()
        assert (wang.texts(ticket, "reply"), wang.engine.reviews()) == (["on its way"], ())
        office.later(minutes=6)
        await wang.engine.keep()
        assert wang.see(ticket).lease_until == office.moment + timedelta(minutes=10)
        op = hotline.author.new(subject="来电", channel="hotline", caller=Caller(mobile="+8613800138000"))
        await hotline.do(op)
        await hotline.do(hotline.author.mark(hotline.see(op.ticket), "c1", "offered"))
        await wang.sync()
        await wang.until(lambda: "F5" in wang.text().splitlines()[0])
        await wang.press("f5")
        await wang.until(lambda: "00:0" in wang.text().splitlines()[0])
    await wang.sync()
    assert (wang.see(op.ticket).assignee, wang.see(op.ticket).calls[0].marks[-1].at) == ("wang", office.moment)
    assert abs(wang.engine.status().clock_offset - ahead.total_seconds()) < 1, "it is said all the same"


@SIZES
async def test_osticket_2309_a_draft_is_kept_on_this_machine_whatever_the_line_does(office: Any, size: Any) -> None:
    wang = await office.seat("wang")
    ticket = await wang.new()
    wang.net.down = True
    await wang.sync()
    async with wang.screen(size=size):
        await wang.on(ticket, "ctrl+r")
        wang.net.carried.clear()
        await wang.type("we will call you back")
        await wang.until(lambda: wang.engine.draft(ticket, "reply") == "we will call you back")
        assert wang.net.carried == []
        assert "出错" not in wang.text()
    await wang.restart()
    assert wang.engine.draft(ticket, "reply") == "we will call you back"


@SIZES
async def test_osticket_2139_a_session_that_ends_in_the_middle_of_a_reply_costs_no_word(office: Any, size: Any) -> None:
    wang, li = await office.seat("wang"), await office.seat("li")
    ticket = await wang.new()
    async with wang.screen(size=size):
        await wang.on(ticket, "ctrl+r")
        await wang.type("half of ")
        await office.expire("wang")
        await wang.sync()
        await wang.shows("登录")
        await wang.type("it")
        assert wang.words == "half of it"
        await wang.press("ctrl+s")
        await wang.until(lambda: wang.engine.ops(ticket))
        await wang.sync()
    await wang.restart(token=await add_token(office.database, "wang"))
    assert (await wang.sync()).pending == 0
    await li.sync()
    assert li.texts(ticket, "reply") == ["half of it"]


@SIZES
@pytest.mark.parametrize(
    "raw", ["{客服热线}", "{hotline}", "%{ticket.name}", "{{ contact.name }}", "#{user.firstname}"]
)
async def test_osticket_6673_a_variable_that_nothing_filled_stops_the_reply_and_is_shown(
    office: Any, size: Any, raw: str
) -> None:
    wang = await office.seat("wang")
    ticket = await wang.new()
    async with wang.screen(size=size):
        await wang.on(ticket, "ctrl+r")
        wang.app.focused.insert(f"您好，{raw}")
        await wang.press("ctrl+s")
        await wang.pilot.pause(0.05)
        assert wang.engine.ops(ticket) == ()
        assert wang.app.focused.selected_text in raw and wang.app.focused.selected_text.startswith("{")
        await wang.type("95000")
        rest = wang.words
        assert "{客服热线}" not in rest and "hotline" not in rest


async def test_freescout_48_what_is_written_without_a_network_is_sent_once_when_it_is_back(office: Any) -> None:
    wang, li = await office.seat("wang"), await office.seat("li")
    ticket = await wang.new()
    wang.net.down = True
    await wang.sync()
    async with wang.screen():
        await wang.on(ticket, "ctrl+r")
        await wang.type("from the train")
        await wang.press("ctrl+s")
        await wang.shows("from the train", "1 条待发")
    await wang.restart()
    wang.net.down = False
    await wang.sync()
    await wang.sync()
    await li.sync()
    assert li.texts(ticket, "reply") == ["from the train"]


async def test_freescout_2873_a_draft_never_comes_back_to_be_sent_a_second_time(office: Any) -> None:
    wang, li = await office.seat("wang"), await office.seat("li")
    ticket = await wang.new()
    async with wang.screen():
        await wang.on(ticket, "ctrl+r")
        await wang.type("first answer")
        # Sent while its draft is still on the way to the disk.
        await wang.press("ctrl+s")
        await wang.until(lambda: wang.engine.ops(ticket))
        wang.net.loses_answers = True
        await wang.sync()
        wang.net.loses_answers = False
        await wang.sync()
        await wang.until(lambda: wang.engine.draft(ticket, "reply") == "")
        await wang.press("ctrl+r")
        assert wang.words == ""
        await wang.type("second answer")
        await wang.press("ctrl+s")
        await wang.until(lambda: "second answer" in wang.texts(ticket, "reply"))
    assert wang.engine.draft(ticket, "reply") == ""
    await wang.restart()
    assert wang.engine.draft(ticket, "reply") == ""
    await wang.sync()
    await li.sync()
    assert li.texts(ticket, "reply") == ["first answer", "second answer"]


THANKS: dict[str, Callable[[Any, Any], ops.AnyOp]] = {
    "thanks": lambda one, ticket: one.author.message(ticket, "谢谢，好的"),
    "pending": lambda one, ticket: one.author.status(ticket, "pending", reason="customer"),
    "closed": lambda one, ticket: one.author.close(ticket, "INFO_GIVEN", summary="好", override="客户挂断"),
}


@pytest.mark.parametrize("what", THANKS)
async def test_freescout_5378_3584_what_was_promised_outlives_every_thanks_and_every_status(
    office: Any, what: str
) -> None:
    wang, li = await office.seat("wang"), await office.seat("li", "supervisor")
    ticket = await wang.new()
    await wang.do(wang.author.promise(wang.see(ticket), "周三回电", office.moment + timedelta(hours=2)))
    await wang.do(wang.author.reply(wang.see(ticket), "周三给您回电"))
    await li.sync()
    await li.do(THANKS[what](li, li.see(ticket)))
    await wang.sync()
    [promise] = wang.see(ticket).promises
    assert (promise.state, promise.due_at) == ("open", office.moment + timedelta(hours=2))
    async with wang.screen():
        await wang.shows("承诺 1")
        office.later(hours=2)
        wang.desk.live.count(at_once=True)
        await wang.shows("承诺已到时", "周三回电")


THINGS = ("充值", "提现", "红包", "账单", "限额", "实名", "绑卡", "发票", "积分", "转账")
DOINGS = (
    "怎么开通", "怎么关闭", "多久到账", "失败了怎么办", "查不到", "要不要手续费", "能不能撤销", "找谁办", "有没有记录", "怎么改",
)  # fmt: skip


@SIZES
async def test_osticket_5808_every_answer_of_a_hundred_is_one_search_away_where_it_is_used(
    office: Any, size: Any
) -> None:
    first, second = await office.seat("zhou", "supervisor"), await office.seat("qian", "supervisor")
    titles = [f"{thing}{doing}" for thing in THINGS for doing in DOINGS]
    for number, title in enumerate(titles):
        text = f"---\nid: own-{number}\ntitle: {title}\n---\n1. 打开那一页。\n"
        await editing.put_draft(first.api, f"own-{number}", "zh", text)
        await editing.publish(second.api, f"own-{number}", "zh")
    wang = await office.seat("wang")
    ticket = await wang.new()
    async with wang.screen(size=size):
        await wang.on(ticket, "ctrl+a")
        await wang.until(lambda: getattr(wang.app.focused, "id", "") == "answers-words")
        pane = wang.app.screen.query_one("#answers")
        for title in titles[::17]:
            for words in (title, f"{title[2:]} {title[:2]}"):
                wang.app.focused.value = words
                await wang.until(lambda title=title: pane.found and pane.found[0].title == title)
