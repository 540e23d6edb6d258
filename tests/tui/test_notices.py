"""What others tell the agent is seen at once, takes no key, and counts as read only once it was shown and acknowledged."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from okpay_console.domain.daybook import Line
from okpay_console.tui import flooralarms
from okpay_console.tui.notices import notices
from okpay_console.tui.screens.notices import NoticesDialog

EVERYWHERE = pytest.mark.parametrize(("size", "lang"), [((120, 36), "zh"), ((80, 24), "en")])
HOSTILE = "[red]看这里[/] \x1b[2J\u202e13800138000 " + "很长" * 400


def notice(make: Any, uuid: str, words: str, *, ago: float = 1, by: str = "班长", **to: str) -> Line:
    to = to or {"about": "小王"}
    return Line(uuid=uuid, kind="notice", at=make.now - timedelta(minutes=ago), by=by, words=words, **to)


def alarm(make: Any, what: str, reason: str, *, ago: float = 1, about: str = "*", words: str = "{}") -> Line:
    at = make.now - timedelta(minutes=ago)
    uuid = f"{what}{reason}{ago}"
    return Line(uuid=uuid, kind="alarm", at=at, by="server", what=what, reason=reason, about=about, words=words)


async def ready(console: Any, pilot: Any, wait: Any) -> None:
    await wait(pilot, lambda: bool(console.app.desk_screen.query("#case")) and console.app.desk_screen.model.order)
    console.app.desk_screen.live.tick()
    await pilot.pause()


def top(console: Any) -> str:
    return console.text().splitlines()[0]


def band(console: Any) -> str:
    return next((row for row in console.text().splitlines()[:2] if row.startswith((" > ", " ! "))), "")


def test_what_waits_comes_first_and_other_peoples_notices_do_not_come(make: Any) -> None:
    lines = [
        notice(make, "new", "b", ago=1, queue="*"),
        notice(make, "old", "a", ago=60 * 20),
        notice(make, "read", "c", ago=3),
        notice(make, "yesterday", "d", ago=60 * 20),
        notice(make, "theirs", "e", about="小李"),
        notice(make, "own", "f", by="小王", queue="*"),
        Line(uuid="r1", kind="read", at=make.now, by="小王", what="read"),
        Line(uuid="r2", kind="read", at=make.now, by="小王", what="yesterday"),
        Line(uuid="r3", kind="read", at=make.now, by="小李", what="new"),
    ]
    found = notices(lines, "小王", now=make.now)
    assert [(one.line.uuid, one.read) for one in found] == [("old", False), ("new", False), ("read", True)]


@EVERYWHERE
async def test_a_notice_is_seen_while_somebody_types_and_takes_no_key(
    make: Any, desk: Any, wait: Any, size: Any, lang: str
) -> None:
    console = make.console(desk, lang=lang)
    async with console.app.run_test(size=size) as pilot:
        await ready(console, pilot, wait)
        await pilot.press("enter", "ctrl+n", *"half a wo")
        box = console.app.focused
        region, anchor = box.region, console.app.cursor_position
        desk.hear(notice(make, "n1", HOSTILE), notice(make, "n2", "第二条", ago=0, queue="*"))
        await wait(pilot, lambda: bool(band(console)))
        assert (console.app.focused, box.region, console.app.cursor_position) == (box, region, anchor)
        await pilot.press("r", "d")
        assert box.text == "half a word"
        assert "班长 14:45" in band(console)
        assert "^U" in band(console)
        assert "\x1b" not in console.text()
        assert "13800138000" not in console.text()
        await pilot.press("ctrl+u")
        await wait(pilot, lambda: isinstance(console.app.screen, NoticesDialog))
        await wait(pilot, lambda: "[red]看这里[/] ^[[2J138****8000" in console.text())
        await pilot.press("enter")
        await wait(pilot, lambda: [line.what for line in desk.told("read")] == ["n1"])
        await wait(pilot, lambda: console.app.screen.query_one("#notice").visual.plain.endswith("第二条"))
        await pilot.press("enter")
        await wait(pilot, lambda: [line.what for line in desk.told("read")] == ["n1", "n2"])
        await wait(pilot, lambda: console.app.screen is console.app.desk_screen and not band(console))
        assert console.app.focused is box


async def test_a_digit_shows_a_notice_and_only_enter_acknowledges_what_is_shown(
    make: Any, desk: Any, wait: Any
) -> None:
    desk.lines = (notice(make, "n1", "第一条", ago=2), notice(make, "n2", "第二条"))
    console = make.console(desk)
    async with console.app.run_test(size=(120, 36)) as pilot:
        await ready(console, pilot, wait)
        await pilot.press("ctrl+u")
        await wait(pilot, lambda: isinstance(console.app.screen, NoticesDialog))
        await pilot.press("2")
        await wait(pilot, lambda: console.app.screen.query_one("#notice").visual.plain.endswith("第二条"))
        assert desk.told("read") == []
        await pilot.press("2")
        await wait(pilot, lambda: [line.what for line in desk.told("read")] == ["n2"])
        await pilot.press("escape")
        await wait(pilot, lambda: "第一条" in band(console))


async def test_a_promise_that_is_due_stands_before_a_notice_and_says_that_there_is_one(make: Any, wait: Any) -> None:
    from okpay_console.domain.ticket import Promise

    promise = Promise("p", "回电", make.now, "小王", make.now)
    desk = make.desk([make.ticket(1, promises=(promise,), assignee="小王", status="open")])
    desk.lines = (notice(make, "n1", "请看"),)
    console = make.console(desk)
    async with console.app.run_test(size=(120, 36)) as pilot:
        await ready(console, pilot, wait)
        console.app.desk_screen.live.count(at_once=True)
        await wait(pilot, lambda: band(console).startswith(" ! (通知 1) 承诺已到时"))
        await pilot.press("escape")
        await wait(pilot, lambda: band(console).startswith(" > 班长"))


def test_an_alarm_stands_until_it_is_cleared_however_the_lines_come_in(make: Any) -> None:
    up, down = alarm(make, "sl", "raised", ago=5), alarm(make, "sl", "cleared", ago=2)
    again = alarm(make, "sl", "raised", ago=1)
    leads = alarm(make, "x", "raised", about="")
    assert flooralarms.standing([up, leads]) == [up]
    assert flooralarms.standing([down, up]) == []
    assert flooralarms.standing([again, down, up]) == [again]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (json.dumps({"metric": "calls.service_level.strict", "value": 0.615}), "服务水平 62%"),
        (json.dumps({"metric": "ringing", "value": 12}), "等待来电 12"),
        (json.dumps({"metric": "made.up", "value": None}), "made.up"),
        (json.dumps({"metric": "ringing", "value": 12, "words": "快接\n电话"}), "快接 电话"),
        ("no json", "no json"),
        ("", "sl"),
        ("[1]", "[1]"),
    ],
)
def test_an_alarm_says_what_is_wrong_in_words(make: Any, words: str, said: str) -> None:
    assert flooralarms.words(alarm(make, "sl", "raised", words=words)) == said


@pytest.mark.parametrize(("size", "said"), [((120, 36), "告警 等待来电 12"), ((80, 24), "告警")])
async def test_the_floors_alarm_is_in_the_status_line_and_gone_when_it_is_cleared(
    make: Any, desk: Any, wait: Any, size: Any, said: str
) -> None:
    console = make.console(desk)
    async with console.app.run_test(size=size) as pilot:
        await ready(console, pilot, wait)
        desk.hear(alarm(make, "q", "raised", ago=2, words=json.dumps({"metric": "ringing", "value": 12})))
        await wait(pilot, lambda: said in top(console))
        desk.hear(alarm(make, "q", "cleared"))
        await wait(pilot, lambda: "告警" not in top(console))
