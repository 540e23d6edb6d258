"""What an agent does all day, by keys alone, on both sizes and in both languages."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from textual.widgets import Input, TextArea

from okpay_console import errors
from okpay_console.domain import ops
from okpay_console.tui.panes.composer import Composer
from okpay_console.tui.panes.queue import TicketTable

from .steps import ready

SIZES = [(120, 36), (80, 24)]
LANGS = ["zh", "en"]
EVERYWHERE = pytest.mark.parametrize(("size", "lang"), [(size, lang) for size in SIZES for lang in LANGS])


async def write(pilot: Any, text: str) -> None:
    """Types as a terminal sends it: a key per character."""
    await pilot.press(*text)


def box(console: Any, selector: str) -> Input:
    return console.app.screen.query_one(selector, Input)


@EVERYWHERE
async def test_the_first_case_is_opened_by_enter_and_says_what_to_ask_next(
    make: Any, desk: Any, wait: Any, size: Any, lang: str
) -> None:
    console = make.console(desk, lang=lang)
    async with console.app.run_test(size=size) as pilot:
        await ready(console, pilot, wait)
        await pilot.press("enter")
        await pilot.pause()
        shown = console.text()
        assert "#20001" in shown
        assert "138****8000" in shown
        assert "13800138000" not in shown
        assert ("下一项" if lang == "zh" else "Next") in shown
        assert desk.outbox == []


@EVERYWHERE
async def test_a_field_is_written_where_it_stands_and_the_cursor_goes_on(
    make: Any, desk: Any, wait: Any, size: Any, lang: str
) -> None:
    console = make.console(desk, lang=lang)
    async with console.app.run_test(size=size) as pilot:
        await ready(console, pilot, wait)
        await pilot.press("down", "enter")
        field = console.app.screen.query_one("#checklist").cursor = "mobile"
        await pilot.press("enter")
        assert console.app.screen.query_one("#checklist").editing == field
        await write(pilot, "13912345678")
        await pilot.press("enter")
        await wait(pilot, lambda: desk.outbox)
        await pilot.pause()
        op = desk.outbox[0]
        assert isinstance(op, ops.SetField)
        assert (op.field, op.value) == (field, "+8613912345678")
        assert "139****5678" in console.text()
        assert console.app.screen.query_one("#checklist").cursor != field


async def test_a_wrong_value_stays_in_its_box_and_says_why_while_it_is_typed(make: Any, desk: Any, wait: Any) -> None:
    console = make.console(desk)
    async with console.app.run_test(size=(120, 36)) as pilot:
        await ready(console, pilot, wait)
        await pilot.press("down", "enter")
        console.app.screen.query_one("#checklist").cursor = "mobile"
        await pilot.press("enter")
        await write(pilot, "1280")
        await pilot.pause()
        assert "11 位" in console.text()
        await pilot.press("enter")
        await pilot.pause()
        assert box(console, "#field-input").value == "1280"
        assert desk.outbox == []


async def test_a_secret_vanishes_from_the_box_and_the_sentence_to_say_appears(make: Any, desk: Any, wait: Any) -> None:
    console = make.console(desk)
    async with console.app.run_test(size=(120, 36)) as pilot:
        await ready(console, pilot, wait)
        await pilot.press("down", "enter")
        checklist = console.app.screen.query_one("#checklist")
        checklist.cursor = "error_text"
        await pilot.press("enter")
        box(console, "#field-input").value = "4111111111111111"
        await pilot.pause()
        await pilot.pause()
        assert box(console, "#field-input").value == ""
        assert "4111111111111111" not in console.text()
        assert "不能保存" in console.text()


@pytest.mark.parametrize(("key", "state"), [("2", "unknown"), ("3", "na")])
async def test_digits_mark_a_field_as_asked_unknown_or_not_applicable(
    make: Any, desk: Any, wait: Any, key: str, state: str
) -> None:
    console = make.console(desk)
    async with console.app.run_test(size=(120, 36)) as pilot:
        await ready(console, pilot, wait)
        await pilot.press("down", "enter", key)
        await wait(pilot, lambda: desk.outbox)
        assert desk.outbox[0].state == state


@EVERYWHERE
async def test_a_note_is_kept_marked_as_unconfirmed_and_loses_the_mark_with_the_answer(
    make: Any, desk: Any, wait: Any, size: Any, lang: str
) -> None:
    console = make.console(desk, lang=lang)
    async with console.app.run_test(size=size) as pilot:
        await ready(console, pilot, wait)
        await pilot.press("enter", "ctrl+n")
        await write(pilot, "已核对身份")
        await pilot.press("ctrl+s")
        await wait(pilot, lambda: desk.outbox)
        await pilot.pause(0.1)
        mark = "(待确认)" if lang == "zh" else "(unconfirmed)"
        shown = console.text()
        assert "已核对身份" in shown
        assert mark in shown
        desk.confirm()
        await wait(pilot, lambda: mark not in console.text())
        assert "已核对身份" in console.text()


async def test_a_draft_is_kept_soon_after_the_key_and_comes_back(make: Any, desk: Any, wait: Any) -> None:
    console = make.console(desk)
    async with console.app.run_test(size=(120, 36)) as pilot:
        await ready(console, pilot, wait)
        await pilot.press("enter", "ctrl+r")
        await write(pilot, "您好")
        await wait(pilot, lambda: "您好" in desk.drafts.values())
        await pilot.press("escape")
        assert not console.app.screen.query_one(Composer).display
        await pilot.press("ctrl+r")
        assert console.app.screen.query_one(TextArea).text == "您好"
        assert desk.outbox == []


async def test_words_typed_just_before_the_end_are_kept(make: Any, desk: Any, wait: Any) -> None:
    console = make.console(desk)
    async with console.app.run_test(size=(120, 36)) as pilot:
        await ready(console, pilot, wait)
        await pilot.press("enter", "ctrl+n")
        console.app.screen.query_one(Composer)._area.insert("最后一句")
        console.app.exit()
    assert "最后一句" in desk.drafts.values()


async def test_words_that_the_disk_does_not_take_stay_in_the_composer(make: Any, desk: Any, wait: Any) -> None:
    desk.refuses_disk = errors.StoreFull("The disk is full.", "Make room.")
    console = make.console(desk)
    async with console.app.run_test(size=(120, 36)) as pilot:
        await ready(console, pilot, wait)
        await pilot.press("enter", "ctrl+n")
        await write(pilot, "很重要")
        await pilot.press("ctrl+s")
        await wait(pilot, lambda: "磁盘满了" in console.text())
        assert console.app.screen.query_one(TextArea).text == "很重要"


@EVERYWHERE
async def test_four_letters_find_the_answer_whose_steps_are_ticked_and_whose_text_goes_into_the_reply(
    make: Any, desk: Any, wait: Any, size: Any, lang: str
) -> None:
    console = make.console(desk, lang=lang)
    async with console.app.run_test(size=size) as pilot:
        await ready(console, pilot, wait)
        await pilot.press("enter", "ctrl+a")
        await wait(pilot, lambda: bool(console.app.screen.query("#answers-words")))
        await wait(pilot, lambda: box(console, "#answers-words").has_focus)
        await write(pilot, "zhmm")
        await pilot.press("enter")
        await pilot.pause()
        assert ("找回密码" if lang == "zh" else "assword") in console.text()
        await pilot.press("1")
        await wait(pilot, lambda: desk.outbox)
        assert isinstance(desk.outbox[0], ops.TickStep)
        await wait(pilot, lambda: "[v]" in console.text())
        await pilot.press("enter")
        await pilot.pause()
        composer = console.app.screen.query_one(Composer)
        assert composer.kind == "reply"
        assert "OKPay" in composer.text
        assert ("{…}" if lang == "zh" else "blanks") in console.text()


async def test_answers_of_the_cases_category_come_first_before_anything_is_typed(
    make: Any, desk: Any, wait: Any
) -> None:
    console = make.console(desk)
    async with console.app.run_test(size=(120, 36)) as pilot:
        await ready(console, pilot, wait)
        await pilot.press("down", "down", "enter", "ctrl+a")
        await wait(pilot, lambda: bool(console.app.screen.query("#answers")))
        await wait(pilot, lambda: "(本类)" in console.text())
        pane = console.app.screen.query_one("#answers")
        assert pane.found[0].category == "LOGIN"


@EVERYWHERE
async def test_a_ticket_is_claimed_released_and_closed_by_keys(
    make: Any, desk: Any, wait: Any, size: Any, lang: str
) -> None:
    console = make.console(desk, lang=lang)
    async with console.app.run_test(size=size) as pilot:
        await ready(console, pilot, wait)
        first = console.app.desk_screen.model.order[0]
        await pilot.press("f2")
        await wait(pilot, lambda: desk.base[first].assignee == desk.me)
        await pilot.press("f4")
        await wait(pilot, lambda: any(isinstance(op, ops.Release) for op in desk.outbox))
        desk.confirm()
        await pilot.press("f7")
        await wait(pilot, lambda: bool(console.app.screen.query("#disposition")))
        await pilot.press("2")
        await pilot.pause()
        await write(pilot, "done")
        await pilot.press("enter")
        await write(pilot, "left")
        await pilot.press("enter")
        await wait(pilot, lambda: desk.outbox)
        op = desk.outbox[0]
        assert isinstance(op, ops.Close)
        assert (op.disposition, op.summary, op.override) == ("INFO_GIVEN", "done", "left")
        await wait(pilot, lambda: first not in console.app.desk_screen.model.order)


async def test_a_case_with_missing_details_is_not_closed_without_a_reason(make: Any, desk: Any, wait: Any) -> None:
    console = make.console(desk)
    async with console.app.run_test(size=(120, 36)) as pilot:
        await ready(console, pilot, wait)
        await pilot.press("enter", "f7")
        await wait(pilot, lambda: bool(console.app.screen.query("#disposition")))
        await pilot.press("1", "enter", "enter")
        await pilot.pause()
        assert desk.outbox == []
        assert "请写明未收齐的原因" in console.text()
        await pilot.press("escape")
        await pilot.pause()
        assert desk.outbox == []


async def test_a_summary_survives_the_refusal_of_the_close(make: Any, desk: Any, wait: Any) -> None:
    console = make.console(desk)
    async with console.app.run_test(size=(120, 36)) as pilot:
        await ready(console, pilot, wait)
        await pilot.press("enter", "f7")
        await wait(pilot, lambda: bool(console.app.screen.query("#disposition")))
        await pilot.press("4")  # a promised call back, without a promise
        box(console, "#summary").value = "客户要求回电"
        box(console, "#override").value = "客户挂断"
        box(console, "#override").focus()
        await pilot.press("enter")
        await wait(pilot, lambda: "承诺回电" in console.text())
        assert desk.outbox == []
        await pilot.press("f7")
        await wait(pilot, lambda: bool(console.app.screen.query("#summary")))
        assert box(console, "#summary").value == "客户要求回电"


async def test_a_promise_is_written_with_its_time(make: Any, desk: Any, wait: Any) -> None:
    console = make.console(desk)
    async with console.app.run_test(size=(80, 24)) as pilot:
        await ready(console, pilot, wait)
        await pilot.press("enter", "ctrl+t")
        await wait(pilot, lambda: bool(console.app.screen.query("#due")))
        await pilot.press("enter")
        await write(pilot, "2h")
        await pilot.press("enter")
        await wait(pilot, lambda: desk.outbox)
        op = desk.outbox[0]
        assert isinstance(op, ops.MakePromise)
        assert (op.due_at - make.now).total_seconds() == 7200


@pytest.mark.parametrize(("key", "kind"), [("ctrl+g", ops.SetCategory), ("ctrl+y", ops.SetPriority)])
async def test_category_and_priority_are_chosen_by_a_digit(
    make: Any, desk: Any, wait: Any, key: str, kind: type
) -> None:
    console = make.console(desk)
    async with console.app.run_test(size=(120, 36)) as pilot:
        await ready(console, pilot, wait)
        await pilot.press("enter", key)
        await pilot.pause()
        await pilot.press("1")
        await wait(pilot, lambda: desk.outbox)
        assert isinstance(desk.outbox[0], kind)


async def test_a_closed_ticket_is_opened_again_with_a_reason(make: Any, desk: Any, wait: Any) -> None:
    console = make.console(desk)
    async with console.app.run_test(size=(120, 36)) as pilot:
        await ready(console, pilot, wait)
        await pilot.press("6", "enter", "ctrl+o")
        await wait(pilot, lambda: len(console.app.screen_stack) > 1)
        await write(pilot, "wrong")
        await pilot.press("enter")
        await wait(pilot, lambda: desk.outbox)
        assert isinstance(desk.outbox[0], ops.Reopen)
        assert desk.outbox[0].reason == "wrong"


@pytest.mark.parametrize("lang", LANGS)
async def test_a_ticket_that_a_colleague_holds_says_whose_it_is(make: Any, desk: Any, wait: Any, lang: str) -> None:
    console = make.console(desk, lang=lang)
    async with console.app.run_test(size=(120, 36)) as pilot:
        await ready(console, pilot, wait)
        desk.held[console.app.desk_screen.model.order[0]] = "小李"
        await pilot.press("f2")
        told = "小李 已经认领" if lang == "zh" else "小李 holds"
        await wait(pilot, lambda: told in console.text())


@pytest.mark.parametrize("lang", LANGS)
async def test_without_a_server_the_age_of_the_data_is_said_and_a_claim_is_not_pretended(
    make: Any, desk: Any, wait: Any, lang: str
) -> None:
    desk.state = "offline"
    console = make.console(desk, lang=lang)
    async with console.app.run_test(size=(80, 24)) as pilot:
        await ready(console, pilot, wait)
        assert ("离线  数据 2s 前" if lang == "zh" else "offline  data 2s old") in console.text()
        await pilot.press("f2")
        await wait(pilot, lambda: ("连不上服务器" if lang == "zh" else "cannot be reached") in console.text())
        assert all(one.assignee != desk.me for one in desk.base.values())
        await pilot.press("ctrl+n")
        await write(pilot, "x")
        await pilot.press("ctrl+s")
        await wait(pilot, lambda: desk.outbox)
        await wait(pilot, lambda: ("1 条待发" if lang == "zh" else "1 to send") in console.text())


@EVERYWHERE
async def test_a_review_shows_both_versions_and_is_settled_by_a_digit(
    make: Any, desk: Any, wait: Any, size: Any, lang: str
) -> None:
    first = next(iter(desk.base))
    desk.tray = [
        make.review(uuid="u1", ticket=first, name="category.set", words="LOGIN", field="category",
                    base="REFUND", mine="LOGIN", theirs="FRAUD"),
        make.review(uuid="u2", ticket=first, name="ticket.note", words="我的备注", state="rejected", code="closed"),
    ]  # fmt: skip
    console = make.console(desk, lang=lang)
    async with console.app.run_test(size=size) as pilot:
        await ready(console, pilot, wait)
        await pilot.press("f9")
        await wait(pilot, lambda: "FRAUD" in console.text())
        assert "LOGIN" in console.text()
        await pilot.press("1")
        await wait(pilot, lambda: desk.settled == [("u1", "keep-theirs")])
        await wait(pilot, lambda: "我的备注" in console.text())
        await pilot.press("3")
        await wait(pilot, lambda: isinstance(console.app.focused, Input))
        await write(pilot, "x")
        await pilot.press("enter")
        await wait(pilot, lambda: ("u2", "edited") in desk.settled)
        assert desk.outbox[0].text == "我的备注x"


async def test_a_reply_edited_in_the_tray_waits_for_its_blanks(make: Any, desk: Any, wait: Any) -> None:
    first = next(iter(desk.base))
    desk.tray = [
        make.review(uuid="u", ticket=first, name="ticket.reply", words="{客服热线}", state="rejected", code="blanks")
    ]
    console = make.console(desk)
    async with console.app.run_test(size=(120, 36)) as pilot:
        await ready(console, pilot, wait)
        await pilot.press("f9", "3")
        await wait(pilot, lambda: isinstance(console.app.focused, Input))
        await pilot.press("enter")
        await wait(pilot, lambda: "还有 1 处没填" in console.text())
        assert (desk.outbox, box(console, "Input").value) == ([], "{客服热线}")
        await pilot.press(*["backspace"] * 6)
        await write(pilot, "x")
        await pilot.press("enter")
        await wait(pilot, lambda: ("u", "edited") in desk.settled)
        assert desk.outbox[0].text == "x"


async def test_the_next_ticket_is_the_most_urgent_unclaimed_one(make: Any, desk: Any, wait: Any) -> None:
    console = make.console(desk)
    async with console.app.run_test(size=(120, 36)) as pilot:
        await ready(console, pilot, wait)
        await pilot.press("f3")
        await wait(pilot, lambda: "#20001" in console.text())
        assert desk.base[console.app.desk_screen.model.order[0]].assignee == desk.me


async def test_the_number_on_the_wall_lists_as_many_tickets_as_it_says(make: Any, desk: Any, wait: Any) -> None:
    console = make.console(desk)
    async with console.app.run_test(size=(120, 36)) as pilot:
        await ready(console, pilot, wait)
        await pilot.press("ctrl+b")
        await wait(pilot, lambda: "按渠道" in console.text())
        board = console.app.screen.query_one("Board")
        while board.chosen is None or board.chosen.measure != "open":
            await pilot.press("down")
        said = int(board.chosen.value)
        await pilot.press("enter")
        await wait(pilot, lambda: console.app.screen.query("DrillList"))
        await pilot.press("f4")
        await wait(pilot, lambda: console.app.screen is console.app.desk_screen)
        await pilot.pause()
        assert len(console.app.desk_screen.model.order) == said > 1
        await pilot.press("escape")
        assert len(console.app.desk_screen.model.order) == 5


async def test_rows_of_the_first_frame_are_there_before_the_desk_has_opened(make: Any, desk: Any, wait: Any) -> None:
    gate = asyncio.Event()
    console = make.console(desk, rows=3)
    opened = console.app.start.open_desk

    async def later(listener: Any) -> Any:
        await gate.wait()
        return await opened(listener)

    console.app.start = type(console.app.start)(
        settings=console.app.start.settings, me=desk.me, rows=console.app.start.rows, open_desk=later,
        now=console.app.start.now,
    )  # fmt: skip
    async with console.app.run_test(size=(120, 36)) as pilot:
        await pilot.pause()
        assert "重复扣款两次" in console.text()
        await pilot.press("down", "enter")
        assert "还在打开" in console.text()
        table = console.app.screen.query_one(TicketTable)
        cursor = table.cursor
        gate.set()
        await ready(console, pilot, wait)
        assert table.cursor == cursor
        assert len(console.app.desk_screen.model.order) == 5


async def test_a_store_that_another_process_holds_is_said_and_nothing_pretends_to_work(
    make: Any, desk: Any, wait: Any
) -> None:
    console = make.console(desk, rows=2)

    async def refuse(_: Any) -> Any:
        raise errors.StoreBusy("Another process holds the store.", "Close it.", pid=7)

    start = console.app.start
    console.app.start = type(start)(
        settings=start.settings, me=desk.me, rows=start.rows, open_desk=refuse, now=start.now
    )  # fmt: skip
    async with console.app.run_test(size=(120, 36)) as pilot:
        await wait(pilot, lambda: "另一个 okpay-console 正在使用" in console.text())
        await pilot.press("enter", "f2", "ctrl+n")
        await pilot.pause()
        assert "重复扣款两次" in console.text()
        assert console.app.return_code_when_left == 1


async def test_a_case_without_a_category_does_not_claim_that_everything_was_asked(
    make: Any, desk: Any, wait: Any
) -> None:
    console = make.console(desk)
    async with console.app.run_test(size=(120, 36)) as pilot:
        await ready(console, pilot, wait)
        await desk.do(desk.author.new(subject="还没分类", channel="hotline"))
        case = console.app.desk_screen.query_one("#case")
        new = next(row.id for row in desk.rows().values() if row.subject == "还没分类")
        console.app.desk_screen.show_ticket(new)
        await wait(pilot, lambda: case.ticket == new)
        await pilot.pause()
        assert "没有清单" in console.text()
        assert "都问过了" not in console.text()
