"""The screen as cells: every size, hostile text, Chinese over borders, and where the input method's window goes."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from rich.cells import cell_len
from textual.widgets import Input, TextArea

from okpay_console.tui.panes.status import Clock, MessageBar

from .steps import ready

SIZES = [(80, 24), (120, 36), (200, 60)]


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("size", SIZES)
async def test_every_line_of_every_size_has_exactly_its_cells(
    make: Any, desk: Any, wait: Any, size: Any, lang: str
) -> None:
    console = make.console(desk, lang=lang)
    async with console.app.run_test(size=size) as pilot:
        await ready(console, pilot, wait)
        for key in ("enter", "ctrl+n", "escape", "f1", "escape", "ctrl+a"):
            await pilot.press(key)
            await pilot.pause()
            strips = list(console.app.screen._compositor.render_strips())
            assert len(strips) == size[1]
            assert {cell_len(strip.text) for strip in strips} == {size[0]}


@pytest.mark.parametrize("size", [(79, 36), (120, 23), (40, 10)])
async def test_a_terminal_that_is_too_small_says_so_and_what_to_do(make: Any, desk: Any, wait: Any, size: Any) -> None:
    console = make.console(desk)
    async with console.app.run_test(size=size) as pilot:
        await pilot.pause()
        shown = console.text()
        assert "终端太小" in shown
        assert f"{size[0]}x{size[1]}" in shown
        assert "请放大窗口" in shown
        await pilot.resize_terminal(80, 24)
        await pilot.pause(0.2)
        assert "终端太小" not in console.text()
        assert "20001" in console.text()


async def test_a_callers_words_are_shown_to_the_letter_and_never_as_markup(make: Any, wait: Any) -> None:
    subject = "[red]退款[/red] [@click=app.quit]点我[/] $name \x1b[2J"
    desk = make.desk([make.ticket(1, subject)])
    console = make.console(desk)
    async with console.app.run_test(size=(120, 36)) as pilot:
        await ready(console, pilot, wait)
        await pilot.press("enter", "ctrl+n")
        await pilot.press("escape")
        await pilot.pause()
        shown = console.text()
        assert "[red]退款[/red] [@click=app.quit]点我[/] $name ^[[2J" in shown
        assert "\x1b" not in shown


@pytest.mark.parametrize("size", [(80, 24), (120, 36)])
async def test_chinese_words_over_the_panes_lose_no_character(make: Any, desk: Any, wait: Any, size: Any) -> None:
    words = "转账未到账请尽快处理不要重复扣款谢谢您的耐心等待"
    console = make.console(desk)
    async with console.app.run_test(size=size) as pilot:
        await ready(console, pilot, wait)
        await pilot.press("enter")
        for shift in range(2):
            console.app.desk_screen.say("x" * shift + words, "error")
            await pilot.pause()
            assert words in console.text().replace("\n ", "")
        await pilot.press("f7")
        await wait(pilot, lambda: len(console.app.screen_stack) > 1)
        box = console.app.screen.query_one("#summary", Input)
        box.value = words
        await pilot.pause()
        assert words in console.text()


@pytest.mark.parametrize("size", SIZES)
async def test_no_text_field_lies_on_the_last_two_rows(make: Any, desk: Any, wait: Any, size: Any) -> None:
    console = make.console(desk)
    async with console.app.run_test(size=size) as pilot:
        await ready(console, pilot, wait)
        for keys in (("enter", "ctrl+n"), ("escape", "ctrl+e"), ("escape", "ctrl+f"), ("ctrl+a",), ("ctrl+t",)):
            await pilot.press(*keys)
            await pilot.pause(0.1)
            for field in console.app.screen.query("Input, TextArea"):
                if field.display and field.region.height:
                    assert field.region.bottom <= size[1] - 2, keys


async def test_the_input_methods_window_follows_when_the_layout_moves(make: Any, desk: Any, wait: Any) -> None:
    console = make.console(desk)
    async with console.app.run_test(size=(120, 36)) as pilot:
        await ready(console, pilot, wait)
        await pilot.press("enter", "ctrl+n", "x")
        await pilot.resize_terminal(130, 40)
        await pilot.pause(0.3)
        area = console.app.screen.query_one(TextArea)
        assert area.has_focus
        assert console.app.cursor_position == area.cursor_screen_offset


async def test_the_hardware_cursor_stands_on_the_chosen_row(make: Any, desk: Any, wait: Any) -> None:
    console = make.console(desk)
    async with console.app.run_test(size=(120, 36)) as pilot:
        await ready(console, pilot, wait)
        await pilot.press("down", "down")
        await pilot.pause()
        row = next(at for at, text in enumerate(console.text().splitlines()) if text.startswith(">"))
        assert console.app.cursor_position.y == row


async def test_the_clock_shows_no_seconds_while_somebody_types(make: Any, desk: Any, wait: Any) -> None:
    console = make.console(desk)
    async with console.app.run_test(size=(120, 36)) as pilot:
        await ready(console, pilot, wait)
        clock = console.app.screen.query_one(Clock)
        clock.tick(make.now, typing=False)
        assert clock.words == "14:46:00"
        clock.tick(make.now + timedelta(seconds=9), typing=True)
        assert clock.words.strip() == "14:46"


async def test_a_failure_stays_until_something_else_is_said_and_escape_reads_it_away(
    make: Any, desk: Any, wait: Any
) -> None:
    console = make.console(desk)
    async with console.app.run_test(size=(120, 36)) as pilot:
        await ready(console, pilot, wait)
        bar = console.app.screen.query_one(MessageBar)
        bar.say("坏了", "error")
        await pilot.pause()
        assert "出错: 坏了" in console.text()
        await pilot.press("escape")
        await pilot.pause()
        assert "坏了" not in console.text()


@pytest.mark.parametrize("theme", ["okpay-dark", "okpay-light", "high-contrast", "okpay-green"])
async def test_every_theme_shows_the_desk(make: Any, desk: Any, wait: Any, theme: str) -> None:
    console = make.console(desk, theme=theme)
    async with console.app.run_test(size=(120, 36)) as pilot:
        await ready(console, pilot, wait)
        assert console.app.theme == theme
        assert "出错" not in console.text()
        assert "注意" not in console.text()


async def test_a_theme_that_does_not_exist_falls_back_and_says_so(make: Any, desk: Any, wait: Any) -> None:
    console = make.console(desk, theme="no-such")
    async with console.app.run_test(size=(120, 36)) as pilot:
        await ready(console, pilot, wait)
        assert console.app.theme == "okpay-dark"
        assert "no-such" in console.text()


async def test_a_change_by_a_colleague_shows_in_the_open_case_and_leaves_the_box_being_typed_in(
    make: Any, desk: Any, wait: Any
) -> None:
    console = make.console(desk)
    async with console.app.run_test(size=(120, 36)) as pilot:
        await ready(console, pilot, wait)
        await pilot.press("down", "enter")
        console.app.screen.query_one("#checklist").cursor = "mobile"
        await pilot.press("enter", *"139")
        one = desk.base[console.app.desk_screen.opened.ticket]
        desk.put(type(one)(**{**{f: getattr(one, f) for f in one.__struct_fields__}, "subject": "主题被改了"}))
        await wait(pilot, lambda: console.text().count("主题被改了") >= 1)
        field = console.app.screen.query_one("#field-input", Input)
        assert field.has_focus
        assert field.value == "139"


async def test_the_language_can_be_changed_while_working(make: Any, desk: Any, wait: Any) -> None:
    console = make.console(desk)
    async with console.app.run_test(size=(120, 36)) as pilot:
        await ready(console, pilot, wait)
        await pilot.press("enter")
        console.app.desk_screen.action_key("language")
        await pilot.pause(0.1)
        shown = console.text()
        assert "late 3m" in shown
        assert "Next, " in shown
        assert "Claim" in shown
