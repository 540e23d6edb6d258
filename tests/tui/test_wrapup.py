"""The end of a call: F8 stops its clock and asks how it ended; what is typed survives, and time ends it in the end."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace
from textual.widgets import Input

from okpay_console import errors
from okpay_console.domain import callclock, ops
from okpay_console.domain.ticket import Call, FieldAnswer, Mark, Promise
from okpay_console.tui.screens.codes import Codes
from okpay_console.tui.screens.wrapup import WrapUpDialog

from .steps import ready

EVERYWHERE = pytest.mark.parametrize(
    ("size", "lang"), [((120, 36), "zh"), ((120, 36), "en"), ((80, 24), "zh"), ((80, 24), "en")]
)
TICKET = "00000000-0000-7000-8000-000000000009"


def on_call(make: Any, *events: str, ago: int = 60, **changes: Any) -> Any:
    """A desk whose agent has a call; the last of its ``events`` was ``ago`` seconds ago."""
    named = events or ("offered", "answered")
    marks = tuple(
        Mark(event, make.now - timedelta(seconds=ago + 20 * (len(named) - at))) for at, event in enumerate(named, 1)
    )
    changes = {"category": "USAGE", "answers": {"question": FieldAnswer("怎么转账", "filled")}, **changes}
    mine = make.ticket(9, "问转账", calls=(Call("call", "小王", marks),), assignee="小王", status="open", **changes)
    told = {"consent_rec": FieldAnswer("yes", "filled"), **mine.answers}
    return make.desk([replace(mine, answers=told), make.ticket(1, category="USAGE", minutes=-30, channel="chat")])


async def wrapping(console: Any, pilot: Any, wait: Any) -> WrapUpDialog:
    await ready(console, pilot, wait)
    await pilot.press("f8")
    await wait(pilot, lambda: isinstance(console.app.screen, WrapUpDialog) and console.app.focused is not None)
    await pilot.pause()
    return console.app.screen  # type: ignore[no-any-return]


def at_desk(console: Any) -> bool:
    return console.app.screen is console.app.desk_screen


@EVERYWHERE
async def test_three_keys_end_a_call_and_its_work_with_the_usual_code_and_a_drafted_summary(
    make: Any, wait: Any, size: Any, lang: str
) -> None:
    desk = on_call(make)
    console = make.console(desk, lang=lang)
    async with console.app.run_test(size=size) as pilot:
        await wrapping(console, pilot, wait)
        assert ("话后 00:00/02:00" if lang == "zh" else "Wrap-up 00:00/02:00") in console.text().splitlines()[0]
        await pilot.press("enter", "enter")
        await wait(pilot, lambda: at_desk(console) and len(desk.outbox) == 2)
        await pilot.pause(0.1)
        ended, wrapped = desk.outbox
        assert (ended.event, ended.moment) == ("ended", make.now)
        assert (wrapped.disposition, wrapped.call, wrapped.override) == ("INFO_GIVEN", "call", "")
        assert "问转账" in wrapped.summary
        found = desk.view(TICKET).ticket
        assert (found.status, callclock.phase(found.calls[0])) == ("closed", "done")
        assert (
            "话后完成: 已告知，已结案。F5 接听，F3 下一单" if lang == "zh" else "closed. F5 answers"
        ) in console.text()
        assert ("话后 0" if lang == "zh" else "Wrap-up 0") not in console.text().splitlines()[0]


async def test_the_same_key_again_finishes_at_once(make: Any, wait: Any) -> None:
    desk = on_call(make)
    console = make.console(desk)
    async with console.app.run_test(size=(120, 36)) as pilot:
        await wrapping(console, pilot, wait)
        await pilot.press("f8")
        await wait(pilot, lambda: at_desk(console) and len(desk.outbox) == 2)


@EVERYWHERE
async def test_every_field_is_in_sight_and_off_the_last_two_rows(make: Any, wait: Any, size: Any, lang: str) -> None:
    console = make.console(on_call(make, category="REFUND"), lang=lang)
    async with console.app.run_test(size=size) as pilot:
        dialog = await wrapping(console, pilot, wait)
        for names, key in ((("codes", "summary", "override"), "4"), (("codes", "due", "summary"), "escape")):
            for name in names:
                region = dialog.query_one(f"#{name}").region
                assert region.height >= 1
                assert region.bottom <= size[1] - 2
            assert ("还没收齐" if lang == "zh" else "Still missing") in console.text()
            await pilot.press(key)
            await pilot.pause()


@pytest.mark.parametrize(("typed", "code"), [("diaox", "CALL_DROPPED"), ("dx", "CALL_DROPPED"), ("id_f", "ID_FAILED"),
                                             ("监管", "COMPLAINT_REGULATORY"), ("zfk", "ESCALATED_RISK")])  # fmt: skip
async def test_a_code_is_found_by_pinyin_initials_words_or_its_name(
    make: Any, wait: Any, typed: str, code: str
) -> None:
    console = make.console(on_call(make))
    async with console.app.run_test(size=(80, 24)) as pilot:
        dialog = await wrapping(console, pilot, wait)
        await pilot.press(*typed)
        await pilot.pause()
        assert dialog.query_one(Codes).code == code
        await pilot.press(*["backspace"] * len(typed))
        await pilot.pause()
        assert len(dialog.query_one(Codes).options) == 15


async def test_a_promised_call_back_asks_for_its_time_right_there(make: Any, wait: Any) -> None:
    desk = on_call(make)
    console = make.console(desk)
    async with console.app.run_test(size=(80, 24)) as pilot:
        dialog = await wrapping(console, pilot, wait)
        await pilot.press("4")
        await pilot.pause()
        assert console.app.focused.id == "due"
        await pilot.press("enter")
        await pilot.pause()
        assert "承诺回电要写明时间" in console.text()
        await pilot.press(*"2h")
        await pilot.pause()
        assert "11-22 16:46 之前回电" in console.text()
        await pilot.press("enter", "enter")
        await wait(pilot, lambda: at_desk(console))
        promise = desk.view(TICKET).ticket.promises[0]
        assert promise.due_at == make.now + timedelta(hours=2)
        assert [type(op) for op in desk.outbox] == [ops.MarkCall, ops.MakePromise, ops.WrapUp]
        assert desk.view(TICKET).ticket.status == "open"
        assert dialog.finish is not None


async def test_a_promise_that_stands_is_not_asked_for_again(make: Any, wait: Any) -> None:
    owed = (Promise("p", "回电", make.now + timedelta(hours=1), "小王", make.now),)
    desk = on_call(make, promises=owed)
    console = make.console(desk)
    async with console.app.run_test(size=(80, 24)) as pilot:
        await wrapping(console, pilot, wait)
        await pilot.press("4", "enter")
        await wait(pilot, lambda: at_desk(console) and len(desk.outbox) == 2)


async def test_a_dropped_call_makes_the_call_back_in_the_same_go(make: Any, wait: Any) -> None:
    desk = on_call(make)
    console = make.console(desk)
    async with console.app.run_test(size=(120, 36)) as pilot:
        await wrapping(console, pilot, wait)
        await pilot.press(*"dx", "enter", *"30m", "enter", "enter")
        await wait(pilot, lambda: at_desk(console) and len(desk.outbox) > 2)
        await pilot.pause(0.1)
        made = next(op for op in desk.outbox if isinstance(op, ops.NewTicket))
        callback, first = desk.view(made.ticket).ticket, desk.view(TICKET).ticket
        assert (callback.caller, callback.link_kinds[TICKET]) == (first.caller, "callback")
        assert callback.promises[0].due_at == make.now + timedelta(minutes=30)
        assert "已另建回电工单" in console.text()


async def test_missing_details_want_a_reason_or_the_key_that_goes_and_asks(make: Any, wait: Any) -> None:
    desk = on_call(make, category="REFUND")
    console = make.console(desk)
    async with console.app.run_test(size=(80, 24)) as pilot:
        await wrapping(console, pilot, wait)
        await pilot.press("1", "enter")
        await pilot.pause()
        assert console.app.focused.id == "override"
        await pilot.press("enter")
        await pilot.pause()
        assert "请写明未收齐的原因" in console.text()
        await pilot.press("ctrl+e")
        await wait(pilot, lambda: at_desk(console))
        await wait(pilot, lambda: console.app.focused is not None and console.app.focused.id == "field-input")
        assert len(desk.outbox) == 1
        await pilot.press("escape")
        await wrapping(console, pilot, wait)
        await pilot.press("1", "enter", *"hung up", "enter")
        await wait(pilot, lambda: at_desk(console) and len(desk.outbox) == 2)
        assert desk.outbox[1].override == "hung up"


async def test_what_is_refused_stays_in_the_dialog_with_its_words(make: Any, wait: Any) -> None:
    desk = on_call(make)
    console = make.console(desk)
    async with console.app.run_test(size=(120, 36)) as pilot:
        dialog = await wrapping(console, pilot, wait)
        desk.refuses_disk = errors.StoreFull("The disk is full.", "Make room.")
        dialog.query_one("#summary", Input).value = "told how"
        await pilot.press("enter", "enter")
        await wait(pilot, lambda: "磁盘满了" in console.text())
        assert dialog.query_one("#summary", Input).value == "told how"
        desk.refuses_disk = None
        await pilot.press("enter")
        await wait(pilot, lambda: at_desk(console) and len(desk.outbox) == 2)
        assert desk.outbox[1].summary == "told how"


async def test_a_typed_summary_is_there_again_after_escape_and_an_untouched_draft_is_made_anew(
    make: Any, wait: Any
) -> None:
    desk = on_call(make)
    console = make.console(desk)
    async with console.app.run_test(size=(120, 36)) as pilot:
        await wrapping(console, pilot, wait)
        await pilot.press("escape")
        await wait(pilot, lambda: at_desk(console))
        await wait(pilot, lambda: not desk.drafts.get((TICKET, "wrapup")))
        dialog = await wrapping(console, pilot, wait)
        await pilot.press("enter", *" more", "escape")
        await wait(pilot, lambda: desk.drafts.get((TICKET, "wrapup"), "").endswith(" more"))
        dialog = await wrapping(console, pilot, wait)
        assert dialog.summary.endswith(" more")
        assert len(desk.outbox) == 1


async def test_a_contact_without_a_call_is_wrapped_up_by_the_same_key(make: Any, wait: Any) -> None:
    desk = on_call(make, "offered", "answered", "ended", "wrapped")
    console = make.console(desk)
    async with console.app.run_test(size=(120, 36)) as pilot:
        await ready(console, pilot, wait)
        await wrapping(console, pilot, wait)
        await pilot.press("1", "enter", *"chat over", "enter")
        await wait(pilot, lambda: desk.outbox)
        assert (type(desk.outbox[0]), desk.outbox[0].call) == (ops.WrapUp, "")
        assert desk.outbox[0].ticket.endswith("1")


# By the clock


async def tick(console: Any, pilot: Any) -> None:
    console.app.desk_screen.live.tick()
    await pilot.pause(0.05)


async def test_the_clock_warns_and_then_ends_the_work_with_the_words_typed_so_far(make: Any, wait: Any) -> None:
    desk = on_call(make)
    console = make.console(desk)
    async with console.app.run_test(size=(120, 36)) as pilot:
        await wrapping(console, pilot, wait)
        await pilot.press("enter", *" typed")
        desk.clock += timedelta(seconds=106)
        await tick(console, pilot)
        assert "15 秒后自动完成话后" in console.text()
        desk.clock += timedelta(seconds=15)
        await tick(console, pilot)
        await wait(pilot, lambda: at_desk(console) and len(desk.outbox) == 3)
        wrapped = desk.outbox[2]
        assert (wrapped.disposition, wrapped.summary.endswith(" typed")) == ("WRAPUP_TIMEOUT", True)
        assert desk.view(TICKET).ticket.status == "open"
        await wait(pilot, lambda: "话后超时" in console.text())


async def test_typing_puts_the_end_off_until_fifteen_seconds_after_the_last_key(make: Any, wait: Any) -> None:
    desk = on_call(make)
    console = make.console(desk)
    async with console.app.run_test(size=(120, 36)) as pilot:
        await wrapping(console, pilot, wait)
        await pilot.press("enter")
        desk.clock += timedelta(seconds=119)
        await pilot.press("a")
        desk.clock += timedelta(seconds=14)
        await tick(console, pilot)
        assert isinstance(console.app.screen, WrapUpDialog)
        desk.clock += timedelta(seconds=1)
        await tick(console, pilot)
        await wait(pilot, lambda: at_desk(console) and len(desk.outbox) == 3)


async def test_what_the_clock_ended_is_done_over_by_the_same_key_and_its_code_replaced(make: Any, wait: Any) -> None:
    desk = on_call(make, "offered", "answered", "ended", ago=130)
    console = make.console(desk)
    async with console.app.run_test(size=(120, 36)) as pilot:
        await ready(console, pilot, wait)
        await wait(pilot, lambda: len(desk.outbox) == 2)
        await wait(pilot, lambda: not console.app.desk_screen.phone.mine)
        await wrapping(console, pilot, wait)
        await pilot.press("enter", "enter")
        await wait(pilot, lambda: at_desk(console) and len(desk.outbox) == 3)
        assert desk.view(TICKET).ticket.calls[0].code == "INFO_GIVEN"


async def test_a_console_that_was_closed_meanwhile_ends_it_at_the_next_start_as_of_when_it_was_due(
    make: Any, wait: Any
) -> None:
    desk = on_call(make, "offered", "answered", "ended", ago=3600)
    desk.drafts[TICKET, "wrapup"] = "half written"
    console = make.console(desk)
    async with console.app.run_test(size=(120, 36)) as pilot:
        await ready(console, pilot, wait)
        await wait(pilot, lambda: len(desk.outbox) == 2)
        mark, wrapped = desk.outbox
        assert (mark.event, mark.moment) == ("wrapped", make.now - timedelta(seconds=3600 - 120))
        assert (wrapped.disposition, wrapped.summary) == ("WRAPUP_TIMEOUT", "half written")
        read = callclock.clocks(desk.view(TICKET).ticket.calls[0], desk.clock)
        assert read.acw_s == 120
        await tick(console, pilot)
        assert len(desk.outbox) == 2


async def test_a_house_without_a_limit_ends_nothing_by_itself(make: Any, wait: Any) -> None:
    desk = on_call(make, "offered", "answered", "ended", ago=3600)
    console = make.console(desk, wrapup_seconds=0)
    async with console.app.run_test(size=(120, 36)) as pilot:
        await ready(console, pilot, wait)
        await tick(console, pilot)
        assert desk.outbox == []
        assert "话后 1:00:00" in console.text().splitlines()[0]


async def test_the_next_caller_waits_for_the_wrap_up(make: Any, wait: Any) -> None:
    desk = on_call(make, "offered", "answered", "ended", ago=5)
    console = make.console(desk)
    async with console.app.run_test(size=(120, 36)) as pilot:
        await ready(console, pilot, wait)
        await pilot.press("f5")
        await wait(pilot, lambda: isinstance(console.app.screen, WrapUpDialog))


async def test_a_secret_in_the_summary_does_not_stay(make: Any, wait: Any) -> None:
    desk = on_call(make)
    console = make.console(desk)
    async with console.app.run_test(size=(120, 36)) as pilot:
        dialog = await wrapping(console, pilot, wait)
        dialog.query_one("#summary", Input).value = "card 4111111111111111"
        await wait(pilot, lambda: "4111" not in dialog.query_one("#summary", Input).value)
        await wait(pilot, lambda: "不能保存" in console.text())
    assert "4111111111111111" not in str(desk.drafts)


async def test_what_the_disk_did_not_take_at_the_end_is_written_once_it_does(make: Any, wait: Any) -> None:
    desk = on_call(make, "offered", "answered", "ended", ago=3600)
    desk.refuses_disk = errors.StoreFull("The disk is full.", "Make room.")
    console = make.console(desk)
    async with console.app.run_test(size=(120, 36)) as pilot:
        await ready(console, pilot, wait)
        await wait(pilot, lambda: "磁盘满了" in console.text())
        assert desk.outbox == []
        desk.refuses_disk = None
        await tick(console, pilot)
        await wait(pilot, lambda: len(desk.outbox) == 2)
