"""From any number of the wall to what was counted, and what a supervisor does there."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace
from rich.cells import cell_len

from okpay_console.content.interface import use
from okpay_console.domain import ops
from okpay_console.domain.author import Author
from okpay_console.domain.daybook import Line
from okpay_console.domain.ticket import Call, Mark
from okpay_console.tui.panes.drilllist import DrillList
from okpay_console.tui.panes.wallboard import Board
from okpay_console.tui.screens.drill import DrillScreen
from okpay_console.tui.screens.follow import FollowScreen
from okpay_console.tui.screens.wall import WallScreen

SIZES = [(80, 24), (120, 36)]


def call(make: Any, name: str, before: float, *steps: tuple[str, float], agent: str = "小李") -> Call:
    began = make.now - timedelta(seconds=before)
    marks = [Mark("offered", began), *(Mark(event, began + timedelta(seconds=after)) for event, after in steps)]
    return Call(name, agent if len(steps) > 1 else "", tuple(marks))


@pytest.fixture
def floor(make: Any) -> Any:
    """Six open tickets: of 小李 with a call that goes on, of 小张 under a living claim, of nobody; one closed."""
    talking = call(make, "a", 60, ("answered", 9.0), ("resumed", 10.0))
    held = {"assignee": "小张", "status": "open", "lease_until": make.now + timedelta(minutes=5), "claim_no": 1}
    desk = make.desk(
        [
            make.ticket(1, "重复扣款 13800138000", assignee="小李", status="open", calls=(talking,)),
            make.ticket(2, **held),
            *(make.ticket(number, category="LOGIN") for number in (3, 4, 5, 6)),
            make.ticket(9, status="closed", closed_at=make.now),
        ],
        me="主管",
    )
    desk.role = "supervisor"
    return desk


async def drilled(console: Any, pilot: Any, wait: Any, measure: str) -> DrillScreen:
    """Opens the list behind a number of the wall."""
    await wait(pilot, lambda: isinstance(console.app.screen, WallScreen) and console.app.screen.numbers is not None)
    board = console.app.screen.query_one(Board)
    await wait(pilot, lambda: any(one.measure == measure for one in board.figures))
    board.at = next(place for place, one in enumerate(board.figures) if one.measure == measure)
    await pilot.press("enter")
    await wait(pilot, lambda: isinstance(console.app.screen, DrillScreen))
    screen: DrillScreen = console.app.screen
    await wait(
        pilot,
        lambda: (
            screen.is_mounted
            and all(screen.listing.count(part) is not None for part in range(len(screen.listing.parts)))
        ),
    )
    await pilot.pause()
    return screen


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("size", SIZES)
async def test_the_list_repeats_the_number_with_its_moment_and_fills_every_size(
    make: Any, floor: Any, wait: Any, size: Any, lang: str
) -> None:
    console = make.console(floor, lang=lang, screen="wall")
    async with console.app.run_test(size=size) as pilot:
        for measure in ("open", "offered"):
            screen = await drilled(console, pilot, wait, measure)
            strips = list(screen._compositor.render_strips())
            assert {cell_len(strip.text) for strip in strips} == {size[0]}
            top = console.text().splitlines()[0]
            assert "14:46:00" in top and str(len(screen.listing.lines)) in top
            assert "13800138000" not in console.text()
            await pilot.press("escape")
            await pilot.pause()
            assert isinstance(console.app.screen, WallScreen)
            assert console.app.screen.query_one(Board).chosen.measure == measure  # type: ignore[union-attr]
    use("zh")


async def test_lines_stay_what_was_counted_and_say_what_has_become_of_them(make: Any, floor: Any, wait: Any) -> None:
    console = make.console(floor, screen="wall")
    async with console.app.run_test(size=(120, 36)) as pilot:
        screen = await drilled(console, pilot, wait, "open")
        assert len(screen.listing.lines) == 6
        first, second = (floor.base[screen.listing.lines[place].ticket] for place in (0, 1))
        floor.put(replace(first, status="closed", closed_at=make.now))
        floor.put(replace(second, assignee="小赵", status="open"))
        screen.tick()
        await pilot.pause()
        text = console.text()
        assert len(screen.listing.lines) == 6 and "之后有变 2" in text
        assert "已结案" in text and "> 小赵" in text


async def test_what_is_missed_stands_one_key_beside_what_is_met(make: Any, floor: Any, wait: Any) -> None:
    floor.put(replace(floor.base[make.ticket(3).id], assignee="小李", status="open"))
    console = make.console(floor, screen="wall")
    async with console.app.run_test(size=(120, 36)) as pilot:
        screen = await drilled(console, pilot, wait, "open")
        assert "[未结 6]" in console.text() and "待认领 3" in console.text()
        await pilot.press("right")
        await pilot.pause()
        assert "[待认领 3]" in console.text() and len(screen.listing.lines) == 3


async def test_the_preview_says_how_many_change_and_why_others_stay_and_one_undo_takes_all_back(
    make: Any, floor: Any, wait: Any
) -> None:
    console = make.console(floor, screen="wall")
    async with console.app.run_test(size=(120, 36)) as pilot:
        screen = await drilled(console, pilot, wait, "open")
        await pilot.press("plus", "f5")
        await wait(pilot, lambda: "转派给谁" in console.text())
        names = [code for code, _ in console.app.screen.options]
        await pilot.press(str(names.index("=小李") + 1))
        await wait(pilot, lambda: "会改 4 张" in console.text())
        text = console.text()
        assert "有人正在办 1 张 #20002(小张)" in text and "已经是这样 1 张 #20001" in text
        assert floor.outbox == []
        await pilot.press("enter")
        await wait(pilot, lambda: len(floor.outbox) == 4)
        await wait(pilot, lambda: "待确认 4" in console.text())
        given = {floor.base[one].number for one in screen.listing.marked}
        assert given == {20001, 20002}
        assert {row.assignee for row in floor.rows().values() if row.category == "LOGIN"} == {"小李"}
        floor.confirm()
        screen.tick()
        await pilot.pause()
        assert "服务器已确认 4" in console.text()
        taken = next(one for one in floor.base.values() if one.number == 20003)
        floor.put(replace(taken, assignee="小赵", claim_no=taken.claim_no + 1))
        await pilot.press("ctrl+z")
        await wait(pilot, lambda: "已撤销" in console.text())
        assert "3 张" in console.text() and "1 张之后有人改过" in console.text()
        holders = [row.assignee for row in floor.rows().values() if row.category == "LOGIN"]
        assert sorted(map(str, holders)) == ["None", "None", "None", "小赵"]


async def test_what_the_server_did_not_take_is_told_and_is_one_key_away(make: Any, floor: Any, wait: Any) -> None:
    console = make.console(floor, screen="wall")
    async with console.app.run_test(size=(80, 24)) as pilot:
        screen = await drilled(console, pilot, wait, "waiting")
        await pilot.press("plus", "f6")
        await wait(pilot, lambda: "哪个优先级" in console.text())
        await pilot.press("1")
        await wait(pilot, lambda: "会改 4 张" in console.text())
        await pilot.press("enter")
        await wait(pilot, lambda: len(floor.outbox) == 4)
        refused = floor.outbox.pop()
        floor.tray.append(
            make.review(uuid=refused.uuid, ticket=refused.ticket, name="priority.set", words="紧急", state="rejected")
        )
        floor.confirm()
        screen.tick()
        await wait(pilot, lambda: "服务器已确认 3  没有通过 1，F9 核对" in console.text())
        await pilot.press("f9")
        await wait(pilot, lambda: "1/1" in console.text())
        await pilot.press("escape", "ctrl+z")
        await wait(pilot, lambda: "1 张服务器本来就没有改" in console.text())


async def test_undo_at_the_desk_takes_back_what_was_done_on_the_wall(make: Any, floor: Any, wait: Any) -> None:
    console = make.console(floor, screen="wall")
    async with console.app.run_test(size=(120, 36)) as pilot:
        await drilled(console, pilot, wait, "waiting")
        await pilot.press("plus", "f6")
        await wait(pilot, lambda: "哪个优先级" in console.text())
        await pilot.press("1")
        await wait(pilot, lambda: "会改 4 张" in console.text())
        await pilot.press("enter")
        await wait(pilot, lambda: len(floor.outbox) == 4)
        await pilot.press("escape", "escape")
        await wait(pilot, lambda: console.app.screen is console.app.desk_screen)
        await pilot.press("ctrl+z")
        await wait(pilot, lambda: "已撤销" in console.text())
        assert {row.priority for row in floor.rows().values()} == {"normal"}


async def test_an_agent_sees_why_a_lever_is_not_his_before_anything_is_asked(make: Any, floor: Any, wait: Any) -> None:
    floor.role = "agent"
    console = make.console(floor, screen="wall")
    async with console.app.run_test(size=(120, 36)) as pilot:
        screen = await drilled(console, pilot, wait, "open")
        for key, sentence in (("f5", "转派要主管来做"), ("f3", "捎话和广播要主管来做")):
            await pilot.press(key)
            await wait(pilot, lambda sentence=sentence: sentence in console.text())
            assert console.app.screen is screen


async def test_following_moves_with_the_agent_changes_nothing_and_tells_nobody(
    make: Any, floor: Any, wait: Any
) -> None:
    ticket = make.ticket(1).id
    floor.drafts[ticket, "reply"] = "还没写完的话"
    console = make.console(floor, screen="wall")
    async with console.app.run_test(size=(80, 24)) as pilot:
        screen = await drilled(console, pilot, wait, "open")
        screen.query_one(DrillList).at = [one.ticket for one in screen.listing.lines].index(ticket)
        looks = list(floor.looks)
        await pilot.press("enter")
        await wait(pilot, lambda: isinstance(console.app.screen, FollowScreen))
        await wait(pilot, lambda: "跟看 只读 #20001" in console.text())
        assert "通话中 00:51" in console.text() and "小李 在办" in console.text()
        assert "13800138000" not in console.text() and "还没写完的话" not in console.text()
        floor.clock = make.now + timedelta(seconds=5)
        console.app.screen.look()
        await pilot.pause()
        # The clock of the screen is the desk's.
        assert "通话中 00:56" in console.text()

        li = Author("小李", floor.author.new_id, lambda: floor.clock)
        note = li.note(floor.base[ticket], "已经联系了银行")
        floor.put(ops.apply(floor.base[ticket], note, floor.clock, floor.house))
        await wait(pilot, lambda: "已经联系了银行" in console.text())
        await pilot.press("space", "1", "4", "enter", "ctrl+n", "ctrl+s")
        await pilot.pause()
        assert (floor.outbox, floor.looks) == ([], looks)
        floor.base.pop(ticket)
        console.app.screen.look()
        await pilot.pause()
        assert "已不在本机" in console.text() and "已经联系了银行" in console.text()
        await pilot.press("escape")
        await wait(pilot, lambda: console.app.screen is screen)


async def test_a_note_goes_to_the_agent_who_holds_the_ticket_and_waits_as_a_draft_until_then(
    make: Any, floor: Any, wait: Any
) -> None:
    ticket = make.ticket(1).id
    console = make.console(floor, screen="wall")
    async with console.app.run_test(size=(80, 24)) as pilot:
        screen = await drilled(console, pilot, wait, "open")
        screen.query_one(DrillList).at = [one.ticket for one in screen.listing.lines].index(ticket)
        await pilot.press("f8")
        await wait(pilot, lambda: "捎话给 小李" in console.text())
        await pilot.press(*"call back", "escape")
        await wait(pilot, lambda: floor.drafts.get((ticket, "notice:小李")) == "call back")
        assert floor.told("notice") == []
        await pilot.press("f8")
        await wait(pilot, lambda: "call back" in console.text())
        await pilot.press(*" today", "enter")
        await wait(pilot, lambda: bool(floor.told("notice")))
        sent = floor.told("notice")[0]
        assert (sent.about, sent.queue, sent.ticket, sent.words) == ("小李", "", ticket, "call back today")
        await wait(pilot, lambda: floor.drafts.get((ticket, "notice:小李")) == "")


async def test_a_broadcast_goes_to_the_queue_that_is_looked_at_and_holds_no_secret(
    make: Any, floor: Any, wait: Any
) -> None:
    console = make.console(floor, screen="wall")
    async with console.app.run_test(size=(120, 36)) as pilot:
        await drilled(console, pilot, wait, "open")
        await pilot.press("f3")
        await wait(pilot, lambda: "向哪个队列广播" in console.text())
        await pilot.press("1")
        await wait(pilot, lambda: "广播给 general" in console.text())
        await pilot.press(*"back in 5 minutes 4111111111111111")
        await wait(pilot, lambda: "4111111111111111" not in console.text() and "back in 5 minutes" in console.text())
        await pilot.press("enter")
        await wait(pilot, lambda: bool(floor.told("notice")))
        assert (floor.told("notice")[0].queue, floor.told("notice")[0].words) == ("general", "back in 5 minutes")


async def test_the_ticket_under_the_cursor_is_opened_at_the_desk_to_be_worked_on(
    make: Any, floor: Any, wait: Any
) -> None:
    console = make.console(floor, screen="wall")
    async with console.app.run_test(size=(120, 36)) as pilot:
        screen = await drilled(console, pilot, wait, "open")
        ticket = screen.listing.lines[0].ticket
        await pilot.press("f2")
        await wait(pilot, lambda: console.app.screen is console.app.desk_screen)
        await wait(pilot, lambda: console.app.desk_screen.opened.ticket == ticket)


async def test_the_agents_in_a_state_are_listed_with_since_when(make: Any, floor: Any, wait: Any) -> None:
    floor.hear(
        *(
            Line(
                uuid=f"u{name}", kind="state", at=make.now - timedelta(minutes=12), by=name, what="break", reason="meal"
            )
            for name in ("小赵", "小钱")
        )
    )
    floor.heard_of = {"小赵": make.now, "小钱": make.now}
    console = make.console(floor, screen="wall")
    async with console.app.run_test(size=(120, 36)) as pilot:
        await wait(pilot, lambda: isinstance(console.app.screen, WallScreen) and console.app.screen.numbers is not None)
        board = console.app.screen.query_one(Board)
        await wait(pilot, lambda: any(one.measure == "crew" and one.value == "2" for one in board.figures))
        board.at = next(
            place for place, one in enumerate(board.figures) if one.measure == "crew" and one.key == "break"
        )
        await pilot.press("enter")
        await wait(pilot, lambda: isinstance(console.app.screen, DrillScreen) and "小钱" in console.text())
        assert "14:34" in console.text() and "小赵" in console.text()
        await pilot.press("f5")
        await pilot.pause()
        assert "先" in console.text() or "没有" in console.text()
        await pilot.press("f8")
        await wait(pilot, lambda: "捎话给 小" in console.text())


async def test_a_share_of_the_agents_time_lists_who_worked_and_their_seconds_add_up_to_it(
    make: Any, floor: Any, wait: Any
) -> None:
    def told(name: str, what: str, minutes: int, reason: str = "") -> Line:
        at = make.now - timedelta(minutes=minutes)
        return Line(uuid=f"{name}{minutes}", kind="state", at=at, by=name, what=what, reason=reason)

    floor.hear(
        told("小赵", "available", 90), told("小赵", "break", 30, "meal"), told("小钱", "available", 45),
        told("小孙", "available", 60), told("小孙", "training", 15),
    )  # fmt: skip
    floor.heard_of = dict.fromkeys(("小赵", "小钱", "小孙"), make.now)
    console = make.console(floor, screen="wall")
    async with console.app.run_test(size=(80, 24)) as pilot:
        await wait(pilot, lambda: isinstance(console.app.screen, WallScreen) and console.app.screen.numbers is not None)
        board = console.app.screen.query_one(Board)
        for share in ("occupancy", "utilisation"):
            wall = console.app.screen
            await wait(pilot, lambda share=share: any(one.key == share for one in board.figures))
            board.at = next(place for place, one in enumerate(board.figures) if one.key == share)
            await pilot.press("enter")
            await wait(pilot, lambda: isinstance(console.app.screen, DrillScreen) and "小孙" in console.text())
            crew = wall.numbers.crew
            spent = [one.spent for one in console.app.screen.listing.lines]
            assert len(spent) == 3
            number = sum(part for part, _ in spent) / sum(whole for _, whole in spent)
            assert number == pytest.approx(getattr(crew, share))
            assert "占比" in console.text()
            await pilot.press("escape")
            await wait(pilot, lambda wall=wall: console.app.screen is wall)
