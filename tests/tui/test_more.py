"""Acts on the case without keys of their own: handing on, tying together, macros, and taking back."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from okpay_console.domain import ops
from okpay_console.domain.ticket import Call, Mark
from okpay_console.tui.screens.ask import Choices

from .steps import ready

SIZES = [(80, 24), (120, 36)]


async def pick(console: Any, pilot: Any, wait: Any, *words: str) -> None:
    """Chooses the line that begins with these words in the list that is open."""
    await wait(pilot, lambda: bool(console.app.screen.query(Choices)))
    options = console.app.screen.query_one(Choices).options
    at = next(place for place, (_, shown) in enumerate(options) if all(word in shown for word in words))
    await pilot.press(*["down"] * at, "enter")
    await pilot.pause()


async def write(console: Any, pilot: Any, wait: Any, text: str) -> None:
    await wait(pilot, lambda: bool(console.app.screen.query("Input")) and console.app.screen.is_modal)
    for character in text:
        await pilot.press(character)
    await pilot.press("enter")
    await pilot.pause()


def done(desk: Any) -> list[str]:
    return [type(op).__name__ for op in desk.outbox]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("lang", ["zh", "en"])
async def test_f12_lists_every_act_with_its_name(make: Any, wait: Any, size: Any, lang: str) -> None:
    console = make.console(make.desk([make.ticket(1)]), lang=lang)
    async with console.app.run_test(size=size) as pilot:
        await ready(console, pilot, wait)
        await pilot.press("f12")
        await wait(pilot, lambda: bool(console.app.screen.query(Choices)))
        shown = console.text()
        for word in (
            ("转交", "升级", "并入另一工单", "宏") if lang == "zh" else ("Hand over", "Escalate", "Merge", "Macros")
        ):
            assert word in shown


@pytest.mark.parametrize("size", SIZES)
async def test_a_hand_over_asks_for_whom_and_for_a_note(make: Any, wait: Any, size: Any) -> None:
    desk = make.desk([make.ticket(1, assignee="小王", status="open"), make.ticket(2, assignee="小李", status="open")])
    console = make.console(desk)
    async with console.app.run_test(size=size) as pilot:
        await ready(console, pilot, wait)
        await pilot.press("enter", "f12")
        await pick(console, pilot, wait, "转交")
        await pick(console, pilot, wait, "小李")
        await pilot.press("enter")  # nothing is written yet
        assert done(desk) == []
        await write(console, pilot, wait, "call-back")
        await wait(pilot, lambda: done(desk) == ["HandOver"])
        op = desk.outbox[0]
        assert (op.to, op.note) == ("小李", "call-back")
        assert "已转交 小李" in console.text()


async def handing_over(console: Any, pilot: Any, wait: Any) -> list[str]:
    """What the list of F12, hand over, offers."""
    await ready(console, pilot, wait)
    await pilot.press("enter", "f12")
    await pick(console, pilot, wait, "Hand over" if console.app.start.settings.lang == "en" else "转交")
    await wait(pilot, lambda: bool(console.app.screen.query(Choices)))
    return [words for _, words in console.app.screen.query_one(Choices).options]


@pytest.mark.parametrize("lang", ["zh", "en"])
async def test_colleagues_come_first_and_queues_have_the_names_that_people_use(make: Any, wait: Any, lang: str) -> None:
    def taken(agent: str) -> Any:
        return (Call("c", agent=agent, marks=(Mark("answered", make.now), Mark("wrapped", make.now))),)

    closed = {"status": "closed", "closed_at": make.now - timedelta(hours=2)}
    desk = make.desk(
        [
            make.ticket(1, assignee="小王", status="open"),
            make.ticket(2, assignee="小李", status="open"),
            make.ticket(3, assignee="小陈", **closed),
            make.ticket(4, calls=taken("小周"), **closed),
            make.ticket(5, calls=taken("小王"), **closed),
            make.ticket(6, assignee="小吴", status="closed", closed_at=make.now - timedelta(days=3)),
            make.ticket(7, queue="weekend"),
        ]
    )
    console = make.console(desk, lang=lang)
    async with console.app.run_test(size=(120, 36)) as pilot:
        offered = await handing_over(console, pilot, wait)
        assert offered[:3] == sorted(["小李", "小陈", "小周"])
        assert not [words for words in offered if "小王" in words or "小吴" in words]
        assert ("队列 跨境组" if lang == "zh" else "queue Cross-border") in offered
        assert ("队列 weekend" if lang == "zh" else "queue weekend") in offered
        assert "cross-border" not in " ".join(offered)
        await pilot.press("escape")


async def test_nobody_hands_over_to_himself_by_writing_his_own_name(make: Any, wait: Any) -> None:
    desk = make.desk([make.ticket(1, assignee="小王", status="open")])
    console = make.console(desk)
    async with console.app.run_test(size=(120, 36)) as pilot:
        await handing_over(console, pilot, wait)
        await pick(console, pilot, wait, "别的名字")
        await write(console, pilot, wait, "小王")
        assert "转交不能给自己" in console.text()
        assert done(desk) == []


async def test_the_queue_that_a_case_was_handed_to_is_told_by_its_title(make: Any, wait: Any) -> None:
    desk = make.desk([make.ticket(1, assignee="小王", status="open")])
    console = make.console(desk)
    async with console.app.run_test(size=(120, 36)) as pilot:
        await handing_over(console, pilot, wait)
        await pick(console, pilot, wait, "跨境组")
        await write(console, pilot, wait, "abroad")
        await wait(pilot, lambda: done(desk) == ["HandOver"])
        assert desk.outbox[0].queue == "cross-border"
        assert "已转交 跨境组" in console.text()


async def test_an_escalation_offers_the_ladder_of_the_category_and_moves_the_queue(make: Any, wait: Any) -> None:
    desk = make.desk([make.ticket(1, assignee="小王", status="open")])
    console = make.console(desk)
    async with console.app.run_test(size=(120, 36)) as pilot:
        await ready(console, pilot, wait)
        await pilot.press("enter", "f12")
        await pick(console, pilot, wait, "升级")
        await wait(pilot, lambda: "二线交易" in console.text())
        assert "12363（机构外" in console.text()
        await pick(console, pilot, wait, "二线交易")
        await write(console, pilot, wait, "trace")
        await wait(pilot, lambda: done(desk) == ["Escalate"])
        assert desk.view(desk.outbox[0].ticket).ticket.queue == "l2-transactions"


@pytest.mark.parametrize("size", SIZES)
async def test_a_merge_offers_the_callers_other_tickets_and_goes_on_there(make: Any, wait: Any, size: Any) -> None:
    first, second = make.ticket(1), make.ticket(2, "重复扣款两次")
    desk = make.desk([first, second])
    console = make.console(desk)
    async with console.app.run_test(size=size) as pilot:
        await ready(console, pilot, wait)
        await pilot.press("enter", "f12")
        await pick(console, pilot, wait, "并入")
        await pick(console, pilot, wait, "20002")
        await wait(pilot, lambda: done(desk) == ["MergeTicket", "LinkTicket"])
        assert desk.view(first.id).ticket.merged_into == second.id
        assert desk.view(first.id).ticket.status == "closed"
        assert desk.view(second.id).ticket.link_kinds == {first.id: "merged"}
        assert console.app.desk_screen.opened.ticket == second.id


async def test_words_split_off_become_a_ticket_of_the_same_caller_tied_to_the_first(make: Any, wait: Any) -> None:
    desk = make.desk([make.ticket(1)])
    one = desk.view(make.ticket(1).id).ticket
    desk.put(ops.apply(one, desk.author.message(one, "another matter"), make.now))
    console = make.console(desk)
    async with console.app.run_test(size=(120, 36)) as pilot:
        await ready(console, pilot, wait)
        await pilot.press("enter", "f12")
        await pick(console, pilot, wait, "拆出")
        await pick(console, pilot, wait, "another matter")
        await wait(pilot, lambda: console.app.screen.is_modal)
        await pilot.press("enter")
        await wait(pilot, lambda: done(desk) == ["NewTicket", "LinkTicket", "LinkTicket"])
        new = desk.outbox[0]
        assert (new.subject, new.text, new.caller) == ("another matter", "another matter", one.caller)
        assert desk.view(new.ticket).ticket.link_kinds == {one.id: "split"}


async def test_a_macro_does_all_of_it_or_nothing_and_says_what_stands_against_it(make: Any, wait: Any) -> None:
    desk = make.desk([make.ticket(1, category="LOGIN", assignee="小王", status="open")])
    console = make.console(desk)
    async with console.app.run_test(size=(120, 36)) as pilot:
        await ready(console, pilot, wait)
        await pilot.press("enter", "f13")  # what terminals send for Shift+F1
        await write(console, pilot, wait, "reset done")
        await pilot.pause()
        # The macro closes, the checklist is not complete: the gate holds and not even its note is there.
        assert done(desk) == []
        assert "清单" in console.text() or "必填" in console.text()


async def test_a_macro_with_a_time_reads_it_back_and_works_from_the_palettes_list(make: Any, wait: Any) -> None:
    desk = make.desk([make.ticket(1, assignee="小王", status="open")])
    console = make.console(desk)
    async with console.app.run_test(size=(120, 36)) as pilot:
        await ready(console, pilot, wait)
        await pilot.press("enter", "f12")
        await pick(console, pilot, wait, "宏")
        await pick(console, pilot, wait, "等客户补充材料")
        await write(console, pilot, wait, "receipt")
        await write(console, pilot, wait, "2h")
        await wait(pilot, lambda: done(desk) == ["MakePromise", "SetStatus"])
        assert desk.view(make.ticket(1).id).ticket.status == "pending"


@pytest.mark.parametrize("size", SIZES)
async def test_ctrl_z_takes_back_the_last_act_and_says_which(make: Any, wait: Any, size: Any) -> None:
    desk = make.desk([make.ticket(1, assignee="小王", status="open")])
    console = make.console(desk)
    async with console.app.run_test(size=size) as pilot:
        await ready(console, pilot, wait)
        await pilot.press("enter", "ctrl+y", "1")
        await wait(pilot, lambda: done(desk) == ["SetPriority"])
        await pilot.press("ctrl+z")
        await wait(pilot, lambda: done(desk) == ["SetPriority", "SetPriority"])
        assert desk.view(make.ticket(1).id).ticket.priority == "normal"
        assert "已撤销：改优先级" in console.text()
        await pilot.press("ctrl+z")
        await wait(pilot, lambda: "没有可以撤销的操作" in console.text())


async def test_what_a_colleague_has_changed_since_is_not_undone(make: Any, wait: Any) -> None:
    desk = make.desk([make.ticket(1, assignee="小王", status="open")])
    console = make.console(desk)
    async with console.app.run_test(size=(120, 36)) as pilot:
        await ready(console, pilot, wait)
        await pilot.press("enter", "ctrl+y", "1")
        await wait(pilot, lambda: done(desk) == ["SetPriority"])
        desk.confirm()
        desk.put(replace(desk.base[make.ticket(1).id], priority="low"))
        await pilot.press("ctrl+z")
        await wait(pilot, lambda: "不能撤销" in console.text())
        assert desk.view(make.ticket(1).id).ticket.priority == "low"


async def test_a_note_stays_and_undo_says_so(make: Any, wait: Any) -> None:
    desk = make.desk([make.ticket(1, assignee="小王", status="open")])
    console = make.console(desk)
    async with console.app.run_test(size=(120, 36)) as pilot:
        await ready(console, pilot, wait)
        await pilot.press("enter", "ctrl+n", "h", "i", "ctrl+s")
        await wait(pilot, lambda: done(desk) == ["AddNote"])
        await pilot.press("ctrl+z")
        await wait(pilot, lambda: "不能撤销" in console.text())
        assert done(desk) == ["AddNote"]


@pytest.mark.parametrize("size", SIZES)
async def test_the_new_owner_sees_the_hand_over_note_first_and_it_goes_once_he_has_acted(
    make: Any, wait: Any, size: Any
) -> None:
    desk = make.desk([make.ticket(1, assignee="小李", status="open")])
    one = desk.view(make.ticket(1).id).ticket
    theirs = ops.HandOver(
        uuid="h",
        ticket=one.id,
        by="小李",
        at=make.now,
        was={"assignee": "小李"},
        note="客户只方便下午接电话",
        to="小王",
    )
    desk.put(ops.apply(one, theirs, make.now))
    console = make.console(desk)
    async with console.app.run_test(size=size) as pilot:
        await ready(console, pilot, wait)
        await pilot.press("enter")
        await wait(pilot, lambda: "小李 转交说明：客户只方便下午接电话" in console.text())
        await pilot.press("ctrl+n", "o", "k", "ctrl+s")
        await wait(pilot, lambda: done(desk) == ["AddNote"])
        await wait(pilot, lambda: "转交说明" not in console.text())


async def test_the_case_tells_how_often_the_caller_was_in_touch_and_what_it_is_tied_to(make: Any, wait: Any) -> None:
    from datetime import timedelta

    second = make.ticket(2, "去年的事", created_at=make.now - timedelta(days=1, hours=2))
    desk = make.desk([make.ticket(1), second])
    one = desk.view(make.ticket(1).id).ticket
    desk.put(ops.apply(one, desk.author.link(one, second.id), make.now))
    one = desk.view(one.id).ticket
    desk.put(ops.apply(one, desk.author.chase(one, text="急"), make.now))
    console = make.console(desk)
    async with console.app.run_test(size=(120, 36)) as pilot:
        await ready(console, pilot, wait)
        console.app.desk_screen.show_ticket(one.id)
        await wait(pilot, lambda: "第 2 次联系，上次 昨天" in console.text())
        assert "催办 1 次" in console.text()
        assert "关联 #20002" in console.text()


async def test_a_merged_tickets_words_are_read_where_it_went(make: Any, wait: Any) -> None:
    first, second = make.ticket(1), make.ticket(2, "重复扣款两次")
    desk = make.desk([first, second])
    desk.put(ops.apply(first, desk.author.note(first, "words of the first"), make.now))
    one = desk.view(first.id).ticket
    desk.put(ops.apply(one, desk.author.merge(one, second.id), make.now))
    desk.put(ops.apply(second, desk.author.link(second, first.id, kind="merged"), make.now))
    console = make.console(desk)
    async with console.app.run_test(size=(120, 36)) as pilot:
        await ready(console, pilot, wait)
        console.app.desk_screen.show_ticket(second.id)
        await wait(pilot, lambda: "words of the first" in console.text())
        assert "(#20001)" in console.text()
        console.app.desk_screen.show_ticket(first.id)
        await wait(pilot, lambda: "已并入 #20002，请在那里继续" in console.text())


async def test_words_of_a_ticket_that_went_through_another_one_are_read_at_the_end_of_the_chain(
    make: Any, wait: Any
) -> None:
    chain = [make.ticket(1), make.ticket(2, "第二张"), make.ticket(3, "第三张")]
    desk = make.desk(chain)
    first, second, third = chain
    desk.put(ops.apply(first, desk.author.note(first, "words of the first"), make.now))
    for one, into in ((first, second), (second, third)):
        seen = desk.view(one.id).ticket
        desk.put(ops.apply(seen, desk.author.merge(seen, into.id), make.now))
        target = desk.view(into.id).ticket
        desk.put(ops.apply(target, desk.author.link(target, one.id, kind="merged"), make.now))
    console = make.console(desk)
    async with console.app.run_test(size=(120, 36)) as pilot:
        await ready(console, pilot, wait)
        console.app.desk_screen.show_ticket(third.id)
        await wait(pilot, lambda: "words of the first" in console.text())
