"""What costs words if it is overlooked stays in sight until Escape acknowledges it, and the words stay where they were."""

from __future__ import annotations

from typing import Any

import pytest
from textual.widgets import TextArea

from okpay_console import errors
from okpay_console.domain.ticket import Entry
from okpay_console.tui.panes.timeline import entry_detail, entry_head

from .steps import ready

FAILING = [
    (errors.StoreFull("The disk is full.", "Make room."), "磁盘满了"),
    (errors.StoreBroken("A write failed.", "Check the disk."), "磁盘写入失败"),
    (errors.StoreBusy("Another console.", "Close it.", pid=77), "进程 77"),
]


@pytest.mark.parametrize(("error", "words"), FAILING)
@pytest.mark.parametrize("size", [(80, 24), (120, 36)])
async def test_a_failing_disk_is_said_until_it_is_acknowledged_and_the_words_stay(
    make: Any, desk: Any, wait: Any, error: Any, words: str, size: Any
) -> None:
    desk.refuses_disk = error
    console = make.console(desk)
    async with console.app.run_test(size=size) as pilot:
        await ready(console, pilot, wait)
        await pilot.press("enter", "ctrl+n", *"kept", "ctrl+s")
        await wait(pilot, lambda: words in console.text())
        console.app.desk_screen.say("另一件事", "error")
        console.app.desk_screen.say("又一件事", "done")
        await pilot.pause()
        assert words in console.text()
        assert "又一件事" in console.text()
        assert console.app.screen.query_one(TextArea).text == "kept"
        await pilot.press("escape", "escape")
        await wait(pilot, lambda: words not in console.text())


async def test_what_opening_the_store_had_to_mend_stays_in_sight(make: Any, desk: Any, wait: Any) -> None:
    console = make.console(desk)
    async with console.app.run_test(size=(120, 36)) as pilot:
        await ready(console, pilot, wait)
        console.app.desk_screen.alarm("上次写入没有完成。")
        await pilot.press("enter", "2")
        await wait(pilot, lambda: desk.outbox)
        await pilot.pause()
        assert "上次写入没有完成。" in console.text()
        assert "Esc 知道了" in console.text()
        await pilot.press("escape")
        await wait(pilot, lambda: "上次写入" not in console.text())


async def test_the_newest_alarm_stands_and_the_others_are_counted(make: Any, desk: Any, wait: Any) -> None:
    console = make.console(desk)
    async with console.app.run_test(size=(120, 36)) as pilot:
        await ready(console, pilot, wait)
        for words in ("第一", "第二", "第一"):
            console.app.desk_screen.alarm(words)
        await pilot.pause()
        shown = console.text()
        assert "第一" in shown
        assert "还有 1 条" in shown


async def test_a_disk_that_fails_behind_the_agents_back_is_said_too(make: Any, desk: Any, wait: Any) -> None:
    console = make.console(desk)
    async with console.app.run_test(size=(120, 36)) as pilot:
        await ready(console, pilot, wait)
        well = desk.status

        def ill() -> Any:
            status = well()
            status.disk = "The disk is full. Make room."
            return status

        desk.status = ill
        console.app.desk_screen.live.tick()
        await pilot.pause()
        assert "本机磁盘刚才没有写成" in console.text()


async def test_a_secret_in_a_note_is_taken_out_and_is_in_no_draft(make: Any, desk: Any, wait: Any) -> None:
    console = make.console(desk)
    async with console.app.run_test(size=(120, 36)) as pilot:
        await ready(console, pilot, wait)
        await pilot.press("enter", "ctrl+n")
        console.app.screen.query_one(TextArea).insert("card 4111111111111111 and more")
        await wait(pilot, lambda: any("and more" in text for text in desk.drafts.values()))
        await wait(pilot, lambda: "不能保存" in console.text())
        assert console.app.screen.query_one(TextArea).text == "card  and more"
        await pilot.press("ctrl+z")
        await pilot.pause()
        assert "4111" not in console.text()
        await pilot.press("ctrl+s")
        await wait(pilot, lambda: desk.outbox)
        console.app.exit()
    assert "4111111111111111" not in str(desk.drafts) + str(desk.outbox)


@pytest.mark.parametrize(
    ("kind", "by", "channel", "head", "detail"),
    [
        ("created", "hotline", "hotline", "来电", "电话"),
        ("created", "email-gateway", "email", "来访", "邮件"),
        ("created", "小王", "hotline", "小王 来电", "电话"),
        ("message", "chat", "", "客户说", ""),
        ("note", "hotline", "", "hotline 备注", ""),
    ],
)
def test_a_machine_that_brings_the_callers_words_in_is_not_named_as_somebody(
    make: Any, kind: Any, by: str, channel: str, head: str, detail: str
) -> None:
    entry = Entry("e", kind, make.now, by, "", {"channel": channel} if channel else {})
    assert entry_head(entry).removeprefix("11-22 14:46 ") == head
    assert entry_detail(entry) == detail
