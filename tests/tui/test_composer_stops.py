"""What the composer says against sending leaves the words in sight, is true when it is said, and goes when it is over."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from okpay_console.domain import ops
from okpay_console.domain.ticket import Entry
from okpay_console.tui.panes.composer import laid_out

SIZES = [(120, 36), (80, 24)]
EVERYWHERE = pytest.mark.parametrize(("size", "lang"), [(size, lang) for size in SIZES for lang in ("zh", "en")])
CARD = "4111111111111111"
AGAIN = ("再按一次", "once more")


@pytest.fixture
def desk(make: Any) -> Any:
    return make.desk([make.ticket(1, assignee="小王", status="open"), make.ticket(2, assignee="小王", status="open")])


async def writing(console: Any, pilot: Any, wait: Any, key: str = "ctrl+r") -> str:
    """Opens the first ticket with the composer; returns the ticket."""
    screen = console.app.desk_screen
    await wait(pilot, lambda: bool(screen.query("#case")) and screen.model.order)
    await pilot.pause()
    ticket = next(iter(console.desk.base))
    screen.show_ticket(ticket)
    await pilot.press(key)
    await wait(pilot, lambda: composer(console).ticket == ticket)
    return ticket


def composer(console: Any) -> Any:
    return console.app.screen.query_one("#composer")


def area(console: Any) -> Any:
    return console.app.screen.query_one("#composer-text")


def rows_in_sight(console: Any) -> int:
    """Rows of the text field that the terminal shows: those that no other widget covers and no edge cuts off."""
    screen, field = console.app.screen, area(console)
    return sum(
        screen.get_widget_at(field.region.x, y)[0] is field
        for y in range(field.region.y, min(field.region.bottom, screen.size.height))
    )


def happens(desk: Any, make: Any, ticket: str, *entries: tuple[str, str, str], **changes: Any) -> None:
    """小李 does something: (id, kind, text) each."""
    base = desk.base[ticket]
    lines = [
        Entry(name, kind, make.now, "小李", text, {"was": "小王", "to": "小李"} if kind == "assign" else {})
        for name, kind, text in entries
    ]
    desk.put(replace(base, timeline=(*base.timeline, *lines), **changes))


@EVERYWHERE
async def test_a_reply_with_a_blank_never_goes_however_often_it_is_sent_and_the_blank_is_selected_each_time(
    make: Any, desk: Any, wait: Any, size: Any, lang: str
) -> None:
    console = make.console(desk, lang=lang)
    async with console.app.run_test(size=size) as pilot:
        await writing(console, pilot, wait)
        area(console).insert("请拨 {客服热线}，{服务时间}。")
        for _ in range(3):
            area(console).move_cursor((0, 0))
            await pilot.press("ctrl+s")
            await wait(pilot, lambda: area(console).selected_text == "{客服热线}")
            await pilot.pause()
            assert desk.outbox == []
            assert "Backspace" in console.text()
            assert "{客服热线}" in console.text().splitlines()[-2]
            assert not any(words in console.text() for words in AGAIN)
        await pilot.press(*"95188", "ctrl+s")
        await wait(pilot, lambda: area(console).selected_text == "{服务时间}")
        assert desk.outbox == []
        await pilot.press("backspace", "ctrl+s")
        await wait(pilot, lambda: desk.outbox)
        assert desk.outbox[0].text == "请拨 95188，。"


@pytest.mark.parametrize("size", SIZES)
async def test_a_blank_stops_a_reply_whose_author_has_gone_on_to_another_ticket(
    make: Any, desk: Any, wait: Any, size: Any
) -> None:
    console = make.console(desk)
    async with console.app.run_test(size=size) as pilot:
        ticket = await writing(console, pilot, wait)
        pane = console.app.desk_screen.opened.pane
        assert console.app.desk_screen.show_ticket(next(one for one in desk.base if one != ticket))
        assert pane.stops(ticket, "reply", "请拨 {客服热线}。")
        assert not pane.stops(ticket, "reply", "请拨 95188。")
        assert not pane.stops(ticket, "note", "请拨 {客服热线}。")


@pytest.mark.parametrize("size", SIZES)
async def test_a_note_with_a_blank_goes_at_once(make: Any, desk: Any, wait: Any, size: Any) -> None:
    console = make.console(desk)
    async with console.app.run_test(size=size) as pilot:
        await writing(console, pilot, wait, "ctrl+n")
        area(console).insert("{客服热线} 要补")
        await pilot.press("ctrl+s")
        await wait(pilot, lambda: desk.outbox)
        assert isinstance(desk.outbox[0], ops.AddNote)


@EVERYWHERE
async def test_a_refused_secret_leaves_the_words_in_sight_and_its_notice_goes_with_the_next_key(
    make: Any, desk: Any, wait: Any, size: Any, lang: str
) -> None:
    console = make.console(desk, lang=lang)
    async with console.app.run_test(size=size) as pilot:
        await writing(console, pilot, wait, "ctrl+n")
        await pilot.press(*"abc ", *CARD)
        await wait(pilot, lambda: desk.witnessed)
        await pilot.pause()
        note = console.app.screen.query_one("#composer-note")
        shown = console.text()
        assert note.display
        assert "abc" in shown
        assert rows_in_sight(console) >= 2
        await pilot.press("d")
        await wait(pilot, lambda: not note.display)
        assert area(console).text == "abc d"


@EVERYWHERE
async def test_what_stands_against_sending_is_there_again_when_the_notice_of_a_secret_has_gone(
    make: Any, desk: Any, wait: Any, size: Any, lang: str
) -> None:
    console = make.console(desk, lang=lang)
    async with console.app.run_test(size=size) as pilot:
        ticket = await writing(console, pilot, wait)
        happens(desk, make, ticket, ("n1", "assign", ""), assignee="小李")
        said = "回复发不出去" if lang == "zh" else "cannot go out"
        await wait(pilot, lambda: said in console.text())
        await pilot.press(*CARD)
        await wait(pilot, lambda: said not in console.text())
        await pilot.press("a")
        await wait(pilot, lambda: said in console.text())


@EVERYWHERE
async def test_a_stale_send_shows_what_changed_and_the_words_and_goes_with_the_second_key(
    make: Any, desk: Any, wait: Any, size: Any, lang: str
) -> None:
    console = make.console(desk, lang=lang)
    async with console.app.run_test(size=size) as pilot:
        ticket = await writing(console, pilot, wait)
        await pilot.press(*"hello")
        happens(desk, make, ticket, ("n1", "status", ""), ("n2", "reply", "款项已经退回原卡"))
        await wait(pilot, lambda: composer(console).notes)
        await pilot.press("ctrl+s")
        await wait(pilot, lambda: any(words in console.text() for words in AGAIN))
        await pilot.pause()
        lines = console.text().splitlines()
        top, bottom = composer(console).region.y, composer(console).region.bottom
        inside = "\n".join(lines[top:bottom])
        assert "款项已经退回原卡" in inside
        assert "hello" in inside
        assert rows_in_sight(console) >= 2
        assert desk.outbox == []
        await pilot.press("ctrl+s")
        await wait(pilot, lambda: desk.outbox)


@EVERYWHERE
@pytest.mark.parametrize("begun", ["own", "others"])
async def test_a_reply_to_somebody_elses_ticket_is_told_each_time_what_to_do_and_never_to_send_again(
    make: Any, desk: Any, wait: Any, size: Any, lang: str, begun: str
) -> None:
    console = make.console(desk, lang=lang)
    first = next(iter(desk.base))
    if begun == "others":
        desk.put(replace(desk.base[first], assignee="小李"))
    async with console.app.run_test(size=size) as pilot:
        ticket = await writing(console, pilot, wait)
        await pilot.press(*"hello")
        if begun == "own":
            happens(desk, make, ticket, ("n1", "assign", ""), ("n2", "reply", "款项已经退回原卡"), assignee="小李")
        await wait(pilot, lambda: composer(console).notes)
        for _ in range(2):
            await pilot.press("ctrl+s")
            await wait(pilot, lambda: ("没有发出" if lang == "zh" else "Not sent") in console.text())
            await pilot.pause()
            shown = console.text()
            assert "^N" in shown.splitlines()[-2]
            assert not any(words in shown for words in (*AGAIN, "发送前", "before sending", "改过", "changed by"))
            assert "hello" in shown
            assert rows_in_sight(console) >= 2
        assert desk.outbox == []
        if begun == "own":
            assert "款项已经退回原卡" in "\n".join(composer(console).notes)
            happens(desk, make, ticket, ("n3", "release", ""), assignee="小王")
            await wait(pilot, lambda: ("发送前" if lang == "zh" else "before sending") in console.text())
            await pilot.press("ctrl+s", "ctrl+s")
            await wait(pilot, lambda: desk.outbox)


@EVERYWHERE
@pytest.mark.parametrize("away", ["note", "escape", "ticket"])
async def test_what_was_said_of_a_reply_goes_when_the_composer_turns_to_something_else(
    make: Any, desk: Any, wait: Any, size: Any, lang: str, away: str
) -> None:
    console = make.console(desk, lang=lang)
    async with console.app.run_test(size=size) as pilot:
        ticket = await writing(console, pilot, wait)
        await pilot.press(*"hello")
        happens(desk, make, ticket, ("n1", "reply", "款项已经退回原卡"))
        await wait(pilot, lambda: composer(console).notes)
        await pilot.press("ctrl+s")
        await wait(pilot, lambda: any(words in console.text() for words in AGAIN))
        if away == "ticket":
            console.app.desk_screen.show_ticket(next(one for one in desk.base if one != ticket))
        else:
            await pilot.press("ctrl+n" if away == "note" else "escape")
        await wait(pilot, lambda: not any(words in console.text() for words in AGAIN))
        assert not composer(console).display or not composer(console).notes


def test_each_notice_has_a_line_before_any_has_a_second_and_what_is_cut_says_so() -> None:
    assert laid_out(("abcdef", "xy"), 4, 2) == ["abc~", "xy"]
    assert laid_out(("abcdef", "xy"), 4, 3) == ["abcd", "ef", "xy"]
    assert laid_out(("abcdef", "xy"), 4, 1) == ["abc~"]
    assert laid_out(("abcdef",), 4, 0) == []
