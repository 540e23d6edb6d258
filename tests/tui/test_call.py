"""The call loop by the keys: ring, answer, hold, mute, end; its clocks survive a crash and disturb nobody who types."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace
from textual.widgets import TextArea

from okpay_console import errors
from okpay_console.domain import callclock, ops
from okpay_console.domain.ticket import Call, Caller, Mark, Promise
from okpay_console.tui.panes.calling import clock
from okpay_console.tui.panes.checklist import ChecklistPane
from okpay_console.tui.screens.opening import OpenCaseDialog
from okpay_console.tui.screens.wrapup import WrapUpDialog

from .steps import ready

EVERYWHERE = pytest.mark.parametrize(
    ("size", "lang"), [((120, 36), "zh"), ((120, 36), "en"), ((80, 24), "zh"), ((80, 24), "en")]
)


def call(make: Any, *events: str, agent: str = "小王", apart: int = 12) -> Call:
    """A call of ``events``, the last of them ``apart`` seconds ago and so far apart from each other."""
    last = len(events)
    marks = tuple(Mark(event, make.now - timedelta(seconds=apart * (last - at))) for at, event in enumerate(events))
    return Call("call", agent if "answered" in events else "", marks)


def ringing(make: Any, number: int = 9, wait: int = 12, **changes: Any) -> Any:
    return make.ticket(number, "来电", calls=(call(make, "offered", apart=wait),), **changes)


def talking(make: Any, *events: str, **changes: Any) -> Any:
    mine = call(make, *(events or ("offered", "answered")))
    return make.ticket(9, "来电", calls=(mine,), assignee="小王", status="open", **changes)


def top(console: Any) -> str:
    return console.text().splitlines()[0]


@EVERYWHERE
async def test_a_ringing_call_is_told_in_the_status_line_and_nothing_else_moves(
    make: Any, desk: Any, wait: Any, size: Any, lang: str
) -> None:
    console = make.console(desk, lang=lang)
    async with console.app.run_test(size=size) as pilot:
        await ready(console, pilot, wait)
        await pilot.press("enter", "ctrl+n", *"half a wo")
        box = console.app.focused
        region, anchor = box.region, console.app.cursor_position
        desk.put(ringing(make))
        await wait(pilot, lambda: "138****8000" in top(console))
        await pilot.pause()
        assert ("F5 接听" if (size, lang) == ((120, 36), "zh") else "F5") in top(console)
        assert "12s" in top(console) or "10s" in top(console)
        assert console.app.screen is console.app.desk_screen
        assert (console.app.focused, box.region, console.app.cursor_position) == (box, region, anchor)
        await pilot.press("r", "d")
        assert box.text == "half a word"


@EVERYWHERE
async def test_one_key_takes_the_caller_who_has_waited_longest_and_opens_the_case(
    make: Any, wait: Any, size: Any, lang: str
) -> None:
    desk = make.desk([ringing(make, 8, 5), ringing(make, 9, 30), make.ticket(1)])
    console = make.console(desk, lang=lang)
    async with console.app.run_test(size=size) as pilot:
        await ready(console, pilot, wait)
        assert "+1" in top(console)
        desk.clock += timedelta(seconds=2)
        await pilot.press("f5")
        await wait(pilot, lambda: desk.outbox)
        await pilot.pause(0.1)
        mark = desk.outbox[0]
        assert (type(mark), mark.event, mark.moment) == (ops.MarkCall, "answered", desk.clock)
        assert mark.ticket.endswith("9")
        assert console.app.desk_screen.opened.ticket == mark.ticket
        assert desk.view(mark.ticket).ticket.assignee == desk.me
        assert ("通话中 00:0" if lang == "zh" else "Talking 00:0") in top(console)
        assert console.app.focused.id == "checklist"


async def test_a_caller_whom_a_colleague_took_gives_way_to_the_next_one(make: Any, wait: Any) -> None:
    desk = make.desk([ringing(make, 8, 5), ringing(make, 9, 30)])
    desk.held[desk_id(9)] = "小李"
    console = make.console(desk)
    async with console.app.run_test(size=(120, 36)) as pilot:
        await ready(console, pilot, wait)
        await pilot.press("f5")
        await wait(pilot, lambda: desk.outbox)
        assert desk.outbox[0].ticket == desk_id(8)


async def test_when_all_are_taken_it_is_said_by_whom(make: Any, wait: Any) -> None:
    desk = make.desk([ringing(make, 9, 30)])
    desk.held[desk_id(9)] = "小李"
    console = make.console(desk)
    async with console.app.run_test(size=(120, 36)) as pilot:
        await ready(console, pilot, wait)
        await pilot.press("f5")
        await wait(pilot, lambda: "已经由 小李 接了" in console.text())
        assert desk.outbox == []


def desk_id(number: int) -> str:
    return f"00000000-0000-7000-8000-{number:012d}"


@pytest.mark.parametrize("how", ["known", "found out"])
async def test_without_a_server_a_waiting_call_is_not_taken_and_a_new_one_is_offered(
    make: Any, wait: Any, how: str
) -> None:
    desk = make.desk([ringing(make)])
    console = make.console(desk)

    async def unreachable(_: str) -> Any:
        raise errors.Offline("The server cannot be reached.")

    if how == "known":
        desk.state = "offline"
    else:
        desk.claim = unreachable
    async with console.app.run_test(size=(120, 36)) as pilot:
        await ready(console, pilot, wait)
        await pilot.press("f5")
        await wait(pilot, lambda: isinstance(console.app.screen, OpenCaseDialog))
        await pilot.pause()
        assert "离线：排队的来电要问过服务器才能接" in console.text()
        assert desk.outbox == []


async def test_while_the_agent_talks_nobody_else_is_shown_and_nobody_else_is_taken(make: Any, wait: Any) -> None:
    desk = make.desk([talking(make), ringing(make, 8)])
    console = make.console(desk)
    async with console.app.run_test(size=(120, 36)) as pilot:
        await ready(console, pilot, wait)
        assert "通话中 00:12" in top(console)
        assert "来电" not in top(console)
        await pilot.press("f5")
        await wait(pilot, lambda: "正在通话 (#20009)" in console.text())
        assert desk.outbox == []


@pytest.mark.parametrize(
    ("changes", "shown"),
    [({}, True), ({"assignee": "小李"}, False), ({"status": "closed"}, False)],
)
async def test_only_a_call_that_anybody_may_take_rings_here(make: Any, wait: Any, changes: Any, shown: bool) -> None:
    desk = make.desk([ringing(make, **changes), make.ticket(1)])
    console = make.console(desk)
    async with console.app.run_test(size=(120, 36)) as pilot:
        await ready(console, pilot, wait)
        assert ("F5 接听" in top(console)) is shown


async def test_without_a_server_nobody_is_said_to_ring_still(make: Any, wait: Any) -> None:
    desk = make.desk([ringing(make), make.ticket(1)])
    desk.state = "offline"
    console = make.console(desk)
    async with console.app.run_test(size=(120, 36)) as pilot:
        await ready(console, pilot, wait)
        assert "来电" not in top(console)


async def test_a_call_that_rang_an_hour_ago_does_not_ring(make: Any, wait: Any) -> None:
    console = make.console(make.desk([ringing(make, wait=3600)]))
    async with console.app.run_test(size=(120, 36)) as pilot:
        await ready(console, pilot, wait)
        assert "来电" not in top(console)


@EVERYWHERE
async def test_hold_has_a_clock_of_its_own_and_the_talk_stands_meanwhile(
    make: Any, wait: Any, size: Any, lang: str
) -> None:
    desk = make.desk([talking(make)])
    console = make.console(desk, lang=lang)
    async with console.app.run_test(size=size) as pilot:
        await ready(console, pilot, wait)
        await pilot.press("f6")
        await wait(pilot, lambda: desk.outbox)
        desk.clock += timedelta(seconds=31)
        console.app.desk_screen.live.tick()
        await pilot.pause()
        assert ("保持 00:31 (通话 00:12)" if lang == "zh" else "Hold 00:31 (talk 00:12)") in top(console)
        await pilot.press("f6")
        await wait(pilot, lambda: len(desk.outbox) == 2)
        assert [op.event for op in desk.outbox] == ["held", "resumed"]
        desk.clock += timedelta(seconds=5)
        console.app.desk_screen.live.tick()
        await pilot.pause()
        assert ("通话中 00:17" if lang == "zh" else "Talking 00:17") in top(console)


async def test_the_recording_is_muted_and_goes_on_and_the_time_is_told(make: Any, wait: Any) -> None:
    desk = make.desk([talking(make)])
    console = make.console(desk)
    async with console.app.run_test(size=(120, 36)) as pilot:
        await ready(console, pilot, wait)
        console.app.desk_screen.action_key("mute")
        await wait(pilot, lambda: desk.outbox)
        desk.clock += timedelta(seconds=9)
        console.app.desk_screen.live.tick()
        await pilot.pause()
        assert "通话中 00:21 停录 00:09" in top(console)
        console.app.desk_screen.action_key("mute")
        await wait(pilot, lambda: len(desk.outbox) == 2)
        assert [op.event for op in desk.outbox] == ["muted", "unmuted"]


@pytest.mark.parametrize("key", ["f6"])
async def test_without_a_call_there_is_nothing_to_hold(make: Any, desk: Any, wait: Any, key: str) -> None:
    console = make.console(desk)
    async with console.app.run_test(size=(120, 36)) as pilot:
        await ready(console, pilot, wait)
        await pilot.press(key)
        await wait(pilot, lambda: "现在没有通话" in console.text())
        assert desk.outbox == []


async def test_a_call_goes_on_through_a_crash_with_its_clocks_and_its_case_in_front(make: Any, wait: Any) -> None:
    desk = make.desk([talking(make, "offered", "answered", "held"), make.ticket(1, minutes=-30)])
    desk.clock += timedelta(seconds=20)
    console = make.console(desk)
    async with console.app.run_test(size=(120, 36)) as pilot:
        await ready(console, pilot, wait)
        assert "保持 00:32 (通话 00:12)" in top(console)
        assert console.app.desk_screen.opened.ticket == desk_id(9)
        assert "通话还在进行 (#20009)" in console.text()


async def test_a_tick_repaints_the_calls_cell_and_leaves_who_types_alone(make: Any, wait: Any) -> None:
    desk = make.desk([talking(make)])
    console = make.console(desk)
    async with console.app.run_test(size=(120, 36)) as pilot:
        await ready(console, pilot, wait)
        await pilot.press("enter", "ctrl+n", *"words")
        await wait(pilot, lambda: isinstance(console.app.focused, TextArea))
        await pilot.pause(0.3)
        screen = console.app.desk_screen
        laid: list[Any] = []
        screen.live.tick()
        screen.screen_layout_refresh_signal.subscribe(screen, laid.append)
        painted: list[Any] = []
        for widget in screen.query("*"):
            widget.refresh = lambda *a, name=widget, **k: painted.append(name)  # type: ignore[method-assign]
        anchor = console.app.cursor_position
        desk.clock += timedelta(seconds=5)
        screen.live.tick()
        assert painted == []
        desk.clock += timedelta(seconds=5)
        desk.synced += timedelta(seconds=10)
        screen.live.tick()
        await pilot.pause()
        assert {widget.id for widget in painted} == {"call"}
        assert screen.phone.cell.words == "通话中 00:20"
        assert laid == []
        assert console.app.cursor_position == anchor


@EVERYWHERE
async def test_the_link_and_the_reviews_stay_in_sight_beside_a_call(make: Any, wait: Any, size: Any, lang: str) -> None:
    desk = make.desk([talking(make, "offered", "answered", "held")])
    desk.tray = [make.review(uuid="u", ticket=desk_id(9), name="ticket.note", words="x")]
    owed = (Promise("p", "回电", make.now + timedelta(hours=2), "小王", make.now),)
    desk.put(replace(desk.base[desk_id(9)], promises=owed))
    console = make.console(desk, lang=lang)
    async with console.app.run_test(size=size) as pilot:
        await ready(console, pilot, wait)
        assert ("在线" if lang == "zh" else "online") in top(console)
        assert ("承诺 1" if lang == "zh" else "promises 1") in top(console) or size[0] == 80
        assert ("待核对 1" if lang == "zh" else "reviews 1") in top(console)


@pytest.mark.parametrize(
    ("seconds", "step", "words"),
    [(0, 1, "00:00"), (134.9, 1, "02:14"), (134.9, 10, "02:10"), (3734, 1, "1:02:14"), (-3, 1, "00:00")],
)
def test_a_clock_never_tells_more_than_has_passed(seconds: float, step: int, words: str) -> None:
    assert clock(seconds, step=step) == words


async def test_a_caller_without_a_number_rings_by_name_and_is_masked(make: Any, wait: Any) -> None:
    console = make.console(make.desk([ringing(make, caller=Caller(name="张三"))]))
    async with console.app.run_test(size=(120, 36)) as pilot:
        await ready(console, pilot, wait)
        assert "来电 张* 等 12s" in top(console)


def test_the_phase_of_what_the_keys_mark_is_what_the_domain_reads(make: Any) -> None:
    assert callclock.phase(call(make, "offered", "answered", "held")) == "held"


DATA = {
    "amount": "300", "txn_no": "A1B2C3D4E5", "currency": "CNY", "device": "phone", "os": "Android 14", "app_version": "4.2.1",
    "symptom": "crash", "error_text": "E5003", "feedback_text": "slow", "dest_country": "US", "question": "how",
}  # fmt: skip
CHOSEN = {"sent_already": "2"}


@pytest.mark.parametrize("category", ["LOGIN", "TXN", "TECH", "FEEDBACK", "XBORDER"])
async def test_from_ring_to_wrapped_up_takes_at_most_twenty_five_keys_besides_the_callers_own_data(
    make: Any, wait: Any, category: str
) -> None:
    desk = make.desk([ringing(make, category=category)])
    console = make.console(desk)
    pressed: list[str] = []
    async with console.app.run_test(size=(80, 24)) as pilot:
        await ready(console, pilot, wait)

        async def press(*keys: str) -> None:
            pressed.extend(keys)
            await pilot.press(*keys)
            await pilot.pause()

        def case() -> Any:
            return desk.view(desk_id(9)).ticket

        await press("f5")
        await wait(pilot, lambda: case().assignee == desk.me and console.app.focused.id == "checklist")
        await pilot.pause(0.1)
        pane = console.app.desk_screen.query_one(ChecklistPane)
        while pane.progress.missing:
            field = pane.cursor
            if field not in pane.progress.missing:
                await press("down")
                continue
            if field in DATA:
                await press("enter")
                await pilot.press(*DATA[field])
                await press("enter")
            elif field == "consent_rec":
                await press("1")
            else:
                await press("enter", CHOSEN.get(field, "1"))
            await wait(pilot, lambda field=field: field in case().answers)
            await pilot.pause(0.05)
        await press("f8")
        await wait(pilot, lambda: isinstance(console.app.screen, WrapUpDialog) and console.app.focused is not None)
        await press("enter", "enter")
        await wait(pilot, lambda: console.app.screen is console.app.desk_screen)
        assert case().calls[0].code
    assert len(pressed) <= 25, pressed
