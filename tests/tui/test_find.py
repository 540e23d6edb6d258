"""Finding a case while typing: among all tickets, with the reason in the row, and back to where one was."""

from __future__ import annotations

from typing import Any

import pytest

from okpay_console.domain.ticket import Caller, Entry

from .steps import listed, table

CARD = "4111111111111111"


@pytest.fixture
def old(make: Any) -> Any:
    """A closed case of a caller of his own, which no open view lists."""
    words = Entry("e1", "note", make.now, "小李", "来电人说扣了两次，方便时请回电")
    return make.ticket(
        9, "旧工单", status="closed", caller=Caller("王芳", "+8613911118888"), timeline=(words,),
        answers={"txn_no": make.answer(CARD + "22", "filled"), "amount": make.answer("300.00", "filled")},
    )  # fmt: skip


@pytest.mark.parametrize("size", [(80, 24), (120, 36)])
@pytest.mark.parametrize(
    ("words", "lang", "why"),
    [
        ("8888", "zh", "手机尾号 8888"),
        ("wf", "zh", "姓名 王*"),
        ("300 8888", "zh", "金额 300.00"),
        ("1122", "zh", "交易编号 ..1122"),
        ("回电", "zh", "备注：.."),
        ("8888", "en", "mobile *8888"),
    ],
)
async def test_a_closed_case_is_found_while_typing_and_its_row_says_why(
    make: Any, desk: Any, wait: Any, old: Any, size: tuple[int, int], words: str, lang: str, why: str
) -> None:
    desk.put(old)
    console = make.console(desk, lang=lang)
    async with console.app.run_test(size=size) as pilot:
        await wait(pilot, lambda: console.app.screen.desk is not None and listed(console.app) != [])
        before = listed(console.app)
        await pilot.press("down", "ctrl+f")
        cursor = table(console.app).cursor
        await wait(pilot, lambda: console.app.screen.focused.id == "filter")
        for letter in words:
            console.app.screen.focused.insert_text_at_cursor(letter)
        await wait(pilot, lambda: listed(console.app) == [20009])
        assert why in console.text()
        assert not any(secret in console.text() for secret in ("13911118888", "王芳"))
        await pilot.press("escape")
        await wait(pilot, lambda: listed(console.app) == before)
        assert table(console.app).cursor == cursor


async def test_enter_twice_opens_the_first_that_was_found(make: Any, desk: Any, wait: Any, old: Any) -> None:
    desk.put(old)
    console = make.console(desk)
    async with console.app.run_test(size=(120, 36)) as pilot:
        await wait(pilot, lambda: console.app.screen.desk is not None and listed(console.app) != [])
        await pilot.press("ctrl+f")
        await wait(pilot, lambda: console.app.screen.focused.id == "filter")
        await pilot.press(*"8888")
        await wait(pilot, lambda: listed(console.app) == [20009])
        await pilot.press("enter", "enter")
        await wait(pilot, lambda: console.app.screen.opened.ticket == old.id)


async def test_until_the_index_is_made_the_queue_is_searched_and_that_is_said(
    make: Any, desk: Any, wait: Any, old: Any
) -> None:
    desk.put(old)
    desk.share = 0.43
    console = make.console(desk)
    async with console.app.run_test(size=(120, 36)) as pilot:
        await wait(pilot, lambda: console.app.screen.desk is not None and listed(console.app) != [])
        await pilot.press("ctrl+f")
        await wait(pilot, lambda: console.app.screen.focused.id == "filter")
        console.app.screen.focused.value = "已扣款"
        await wait(pilot, lambda: listed(console.app) == [20002])
        assert "正在建立索引 43%" in console.text()
        console.app.screen.focused.value = "8888"
        await wait(pilot, lambda: listed(console.app) == [])
        desk.share = 1.0
        await wait(pilot, lambda: listed(console.app) == [20009])
        assert "正在建立索引" not in console.text()


async def test_a_card_number_does_not_stay_in_the_box_and_a_known_transaction_number_does(
    make: Any, desk: Any, wait: Any, old: Any
) -> None:
    desk.put(old)
    console = make.console(desk)
    async with console.app.run_test(size=(120, 36)) as pilot:
        await wait(pilot, lambda: console.app.screen.desk is not None and listed(console.app) != [])
        await pilot.press("ctrl+f")
        await wait(pilot, lambda: console.app.screen.focused.id == "filter")
        await pilot.press(*CARD)
        assert console.app.screen.focused.value == CARD
        assert listed(console.app) == [20009] and not desk.witnessed
        console.app.screen.focused.value = ""
        await pilot.press(*"5555555555554444")
        await wait(pilot, lambda: bool(desk.witnessed))
        assert len(console.app.screen.focused.value) < 4 and "5555" not in console.text()
        witness = desk.witnessed[0]
        assert (witness.what, witness.kind, witness.place) == ("secret-refused", "card", "find")


async def test_choosing_a_view_ends_the_search(make: Any, desk: Any, wait: Any, old: Any) -> None:
    desk.put(old)
    console = make.console(desk)
    async with console.app.run_test(size=(120, 36)) as pilot:
        await wait(pilot, lambda: console.app.screen.desk is not None and listed(console.app) != [])
        before = listed(console.app)
        await pilot.press("ctrl+f")
        await wait(pilot, lambda: console.app.screen.focused.id == "filter")
        await pilot.press(*"8888", "enter", "6")
        await wait(pilot, lambda: set(listed(console.app)) == {20005, 20009})
        await pilot.press("1")
        await wait(pilot, lambda: listed(console.app) == before)
