"""A reply waits once where others changed the ticket since it was begun; a note never does."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from okpay_console.domain import ops
from okpay_console.domain.ticket import Entry

from .steps import ready

SIZES = [(120, 36), (80, 24)]
EVERYWHERE = pytest.mark.parametrize(("size", "lang"), [(size, lang) for size in SIZES for lang in ("zh", "en")])


def add(desk: Any, make: Any, ticket: str, entry: str, kind: str = "message", **changes: Any) -> None:
    base = desk.base[ticket]
    line = Entry(entry, kind, make.now, "小李", "我又收到钱了")
    desk.put(replace(base, timeline=(*base.timeline, line), **changes))


@EVERYWHERE
async def test_a_reply_stops_once_shows_what_changed_and_goes_with_the_second_key(
    make: Any, desk: Any, wait: Any, size: Any, lang: str
) -> None:
    console = make.console(desk, lang=lang)
    async with console.app.run_test(size=size) as pilot:
        await ready(console, pilot, wait)
        await pilot.press("enter", "ctrl+r", *"hello")
        ticket = console.app.desk_screen.opened.ticket
        await wait(pilot, lambda: desk.drafts.get((ticket, "reply")) == "hello")
        add(desk, make, ticket, "new1")
        await wait(pilot, lambda: "我又收到钱了" in console.text())
        await pilot.press("ctrl+s")
        await pilot.pause(0.05)
        assert desk.outbox == []
        assert ("再按一次" if lang == "zh" else "once more") in console.text()
        assert console.app.screen.query_one("#composer").text == "hello"
        await pilot.press("ctrl+s")
        await wait(pilot, lambda: desk.outbox)
        assert isinstance(desk.outbox[0], ops.AddReply)
        await wait(pilot, lambda: not desk.drafts.get((ticket, "reply.seen")))


async def test_what_changed_while_the_console_was_closed_stops_the_reply_too(make: Any, desk: Any, wait: Any) -> None:
    first = make.console(desk)
    async with first.app.run_test(size=(120, 36)) as pilot:
        await ready(first, pilot, wait)
        await pilot.press("enter", "ctrl+r", *"hello")
        ticket = first.app.desk_screen.opened.ticket
        await wait(pilot, lambda: (ticket, "reply.seen") in desk.drafts)
        await wait(pilot, lambda: desk.drafts.get((ticket, "reply")) == "hello")
    desk.listener = lambda _: None
    add(desk, make, ticket, "new1", "reply")
    second = make.console(desk)
    async with second.app.run_test(size=(120, 36)) as pilot:
        await ready(second, pilot, wait)
        second.app.desk_screen.show_ticket(ticket)
        await pilot.press("ctrl+r", "ctrl+s")
        await pilot.pause(0.05)
        assert desk.outbox == []
        await pilot.press("ctrl+s")
        await wait(pilot, lambda: desk.outbox)


@pytest.mark.parametrize("kind", ["note", "field"])
async def test_what_does_not_concern_the_customer_stops_nothing(make: Any, desk: Any, wait: Any, kind: str) -> None:
    console = make.console(desk)
    async with console.app.run_test(size=(120, 36)) as pilot:
        await ready(console, pilot, wait)
        await pilot.press("enter", "ctrl+r", *"hello")
        add(desk, make, console.app.desk_screen.opened.ticket, "new1", kind)
        await pilot.pause(0.15)
        await pilot.press("ctrl+s")
        await wait(pilot, lambda: desk.outbox)


async def test_a_note_never_stops(make: Any, desk: Any, wait: Any) -> None:
    console = make.console(desk)
    async with console.app.run_test(size=(120, 36)) as pilot:
        await ready(console, pilot, wait)
        await pilot.press("enter", "ctrl+n", *"hello")
        add(desk, make, console.app.desk_screen.opened.ticket, "new1")
        await pilot.pause(0.15)
        await pilot.press("ctrl+s")
        await wait(pilot, lambda: desk.outbox)
        assert isinstance(desk.outbox[0], ops.AddNote)


@pytest.mark.parametrize("lang", ["zh", "en"])
async def test_whoever_does_not_hold_the_ticket_is_told_before_a_word_is_typed(
    make: Any, desk: Any, wait: Any, lang: str
) -> None:
    console = make.console(desk, lang=lang)
    held = next(one.id for one in desk.base.values() if one.assignee == "小李")
    async with console.app.run_test(size=(80, 24)) as pilot:
        await ready(console, pilot, wait)
        console.app.desk_screen.show_ticket(held)
        await pilot.press("ctrl+r")
        await pilot.pause()
        assert ("回复发不出去" if lang == "zh" else "cannot go out") in console.text()
        await pilot.press(*"kept", "ctrl+s")
        await pilot.pause(0.05)
        assert desk.outbox == []
        assert console.app.screen.query_one("#composer").text == "kept"


async def test_the_words_of_a_reply_to_a_merged_ticket_go_along_to_the_other_one(make: Any, wait: Any) -> None:
    desk = make.desk([make.ticket(1), make.ticket(2)])
    console = make.console(desk)
    async with console.app.run_test(size=(120, 36)) as pilot:
        await ready(console, pilot, wait)
        await pilot.press("enter", "ctrl+r", *"hello")
        ticket = console.app.desk_screen.opened.ticket
        other = next(one for one in desk.base if one != ticket)
        await wait(pilot, lambda: desk.drafts.get((ticket, "reply")) == "hello")
        desk.put(replace(desk.base[ticket], merged_into=other, status="closed"))
        await wait(pilot, lambda: "已并入" in console.text())
        await pilot.press("ctrl+s")
        await wait(pilot, lambda: console.app.desk_screen.opened.ticket == other)
        await wait(pilot, lambda: "hello" in console.app.screen.query_one("#composer").text)
        assert desk.outbox == []
        await wait(pilot, lambda: "hello" in desk.drafts.get((other, "reply"), ""))
        await pilot.press("ctrl+s")
        await wait(pilot, lambda: desk.outbox)
        assert desk.outbox[0].ticket == other
