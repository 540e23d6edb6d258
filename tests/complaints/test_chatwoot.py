"""What agents told Chatwoot about gaps, banners, slowness, keys, hours and forgotten tickets, played here: it cannot happen.

Worked hours, breaks and the numbers that list the cases behind them are for the supervisor's wall.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from msgspec.structs import replace

from okpay_console.content.limits import load_policy
from okpay_console.content.macros import load_macros
from okpay_console.domain.wire import PAGE_ROWS
from okpay_console.sync import presence
from okpay_console.tui import keys
from okpay_console.tui.desk_model import Settings
from okpay_console.tui.panes import timeline
from okpay_console.tui.roll import STEP
from okpay_console.tui.screens.ask import Choices

SIZES = pytest.mark.parametrize("size", [(120, 36), (80, 24)])
SHANGHAI = ZoneInfo("Asia/Shanghai")


@pytest.mark.parametrize("ahead", [timedelta(), timedelta(hours=5), timedelta(hours=-5)])
async def test_chatwoot_14934_what_was_said_while_the_line_was_down_is_there_after_it(
    office: Any, ahead: timedelta
) -> None:
    wang, li = await office.seat("wang", ahead=ahead), await office.seat("li")
    ticket = await wang.new()
    wang.net.down = True
    await wang.sync()
    for number in range(30):
        await li.sync()
        await li.do(li.author.message(li.see(ticket), f"第{number}句"))
        office.later(minutes=7)
    gone = await li.new("断线时来的")
    wang.net.down = False
    await wang.sync()
    assert wang.texts(ticket, "message") == [f"第{number}句" for number in range(30)]
    assert gone in wang.engine.rows()
    assert wang.mirror.doc(ticket) == li.mirror.doc(ticket)


@SIZES
async def test_chatwoot_14934_a_reply_begun_before_the_gap_stops_and_shows_what_a_colleague_answered(
    office: Any, size: Any
) -> None:
    wang, li = await office.seat("wang"), await office.seat("li")
    ticket = await wang.new()
    async with wang.screen(size=size):
        await wang.on(ticket, "ctrl+r")
        await wang.type("we do not know yet")
        wang.net.down = True
        await li.sync()
        await li.do(li.author.reply(li.see(ticket), "款项已经退回"))
        wang.net.down = False
        await wang.sync()
        await wang.shows("款项已经退回")
        await wang.press("ctrl+s")
        await wang.shows("再按一次")
        assert (wang.words, wang.engine.ops(ticket)) == ("we do not know yet", ())


async def test_chatwoot_14934_a_reply_sent_in_the_gap_does_not_go_out_over_a_colleagues(office: Any) -> None:
    wang, li = await office.seat("wang"), await office.seat("li")
    ticket = await wang.new()
    wang.net.down = True
    async with wang.screen():
        await wang.on(ticket, "ctrl+r")
        await wang.type("not yet")
        await wang.press("ctrl+s")
        await wang.until(lambda: wang.engine.ops(ticket))
        await li.sync()
        await li.do(li.author.reply(li.see(ticket), "款项已经退回"))
        wang.net.down = False
        await wang.sync()
        assert wang.texts(ticket, "reply") == ["款项已经退回"]
        [review] = wang.engine.reviews()
        assert (review.words, review.theirs) == ("not yet", "款项已经退回")
        await wang.press("f9")
        await wang.shows("not yet", "款项已经退回")
        await wang.press("2")
        await wang.until(lambda: not wang.engine.reviews())
    await wang.sync()
    assert wang.texts(ticket, "reply") == ["款项已经退回", "not yet"], "whoever has read both may send it all the same"


@SIZES
async def test_chatwoot_14452_5182_online_is_what_the_last_answer_says_and_its_age_is_a_number(
    office: Any, size: Any
) -> None:
    wang, li = await office.seat("wang"), await office.seat("li")
    async with wang.screen(size=size):
        # No event stream at all: as long as it is answered it is online.
        await wang.sync()
        await wang.until(lambda: "在线 0s 前" in wang.text())
        office.later(minutes=7)
        wang.desk.show_status()
        await wang.shows("在线 7m 前")
        wang.net.down = True
        await wang.sync()
        await wang.shows("离线", "数据 7m 前")
        ticket = await li.new("断线时来的")
        wang.net.down = False
        await wang.sync()
        await wang.until(lambda: "在线 0s 前" in wang.text() and "离线" not in wang.text())
        assert ticket in wang.engine.rows()
        await wang.press("ctrl+l")
        await wang.shows("断线时来的")


@pytest.mark.parametrize("broken", ["/v1/sync", "/v1/mutations"])
async def test_chatwoot_14452_half_a_connection_is_not_called_online(office: Any, broken: str) -> None:
    wang = await office.seat("wang")
    ticket = await wang.new()
    wang.net.broken = broken
    await wang.engine.do(wang.author.note(wang.see(ticket), "还没发出"))
    await wang.sync()
    assert wang.engine.status().state == "offline"
    async with wang.screen():
        await wang.shows("离线")
    wang.net.broken = ""
    assert (await wang.sync()).pending == 0
    assert (wang.engine.status().state, wang.texts(ticket, "note")) == ("online", ["还没发出"])


async def test_chatwoot_12874_one_change_among_many_tickets_costs_every_console_one_ticket(office: Any) -> None:
    other = await office.seat("other", "integration")
    for start in range(0, 1200, 400):
        items = [
            {"subject": f"第{number}单", "channel": "chat", "external_id": f"q{number}"}
            for number in range(start, start + 400)
        ]
        await other.api.batch(items)
    seats = [await office.seat(f"agent{number}") for number in range(5)]
    first = [size for path, size in seats[0].net.carried if path == "/v1/sync"]
    assert len(first) >= 1200 // PAGE_ROWS, "the first load comes in pages"
    ticket = next(iter(seats[0].engine.rows()))
    await seats[0].do(seats[0].author.note(seats[0].see(ticket), "一句"))
    for seat in seats[1:]:
        seat.net.carried.clear()
        done = await seat.sync()
        assert done.pulled == 1
        assert sum(size for _, size in seat.net.carried) < 4000
        seat.net.carried.clear()
        assert (await seat.sync()).pulled == 0
        assert len(seat.net.carried) == 1


async def test_chatwoot_6418_nobody_presses_a_key_to_see_what_others_do(house: Any, in_the_end: Any) -> None:
    async with house.console("wang") as wang, house.console("li") as li:
        await in_the_end(lambda: li.engine.status().state == "online")
        made = li.engine.author.new(subject="刚刚来的", channel="chat", category="TXN")
        await li.engine.do(made)
        await in_the_end(lambda: made.ticket in wang.engine.rows())
        await in_the_end(lambda: "刚刚来的" in wang.text() or "1 新工单" in wang.text())
        wang.app.desk_screen.show_ticket(made.ticket)
        await li.engine.do(li.engine.author.note(li.engine.view(made.ticket).ticket, "已联系银行"))
        await in_the_end(lambda: "已联系银行" in wang.text())


@SIZES
async def test_chatwoot_13544_every_action_and_every_macro_is_done_by_keys_alone(office: Any, size: Any) -> None:
    assert all(macro.key for macro in load_macros())
    wang = await office.seat("wang", mouse=False)
    ticket = await wang.new()
    keyless = [action.id for action in keys.ACTIONS if action.scope == "desk" and not action.keys]
    assert keyless
    async with wang.screen(size=size):
        await wang.on(ticket, "f12")
        await wang.until(lambda: bool(wang.app.screen.query(Choices)))
        listed = {name for name, _ in wang.app.screen.query_one(Choices).options}
        assert set(keyless) - {action.id for action in keys.ACTIONS if action.palette} <= listed
        await wang.press("escape", "ctrl+p")
        await wang.until(lambda: wang.app.screen is not wang.desk)
        await wang.press("escape")
        await wang.until(lambda: wang.app.screen is wang.desk)
    for name in keyless:
        assert keys.effective(Settings(keys={name: "ctrl+x"}).keys)[name] == ("ctrl+x",), "and may be given one"


async def test_chatwoot_13544_a_macro_runs_from_its_key_with_its_questions_and_no_mouse(office: Any) -> None:
    wang = await office.seat("wang", mouse=False)
    ticket = await wang.new()
    await wang.engine.claim(ticket)
    await wang.sync()
    async with wang.screen():
        await wang.on(ticket, "shift+f5")
        await wang.until(lambda: wang.app.screen.is_modal)
        await wang.type("receipt")
        await wang.press("enter")
        await wang.shows("2/2")
        await wang.type("2h")
        await wang.press("enter")
        await wang.until(lambda: wang.see(ticket).status == "pending")
    assert [promise.due_at for promise in wang.see(ticket).promises] == [office.moment + timedelta(hours=2)]


HOURS = """
[calendar.business]
days = { mon-fri = ["09:00-12:00", "13:30-18:00"] }
"""


@pytest.mark.parametrize(
    ("came", "due"),
    [
        ("2026-11-18 11:45", "2026-11-18 13:45"),  # over the lunch break
        ("2026-11-18 17:50", "2026-11-19 09:20"),  # over the night
        ("2026-10-10 11:45", "2026-10-10 13:45"),  # a Saturday that is worked in exchange
        ("2026-09-30 17:50", "2026-10-08 09:20"),  # over the national holiday
        ("2026-11-20 17:50", "2026-11-23 09:20"),  # over a weekend
    ],
)
async def test_chatwoot_14009_13392_a_limit_is_counted_by_two_windows_a_day_and_the_exchanged_days(
    office: Any, tmp_path: Path, came: str, due: str
) -> None:
    file = tmp_path / "hours.toml"
    file.write_text(HOURS, encoding="utf-8")
    targets = [{"channel": "email", "category": "REFUND", "response": "30m business"}]
    office.opened(replace(office.rules, sla=load_policy(calendar=file, targets=targets)))
    office.moment = datetime.fromisoformat(came).replace(tzinfo=SHANGHAI)
    wang = await office.seat("wang")
    ticket = await wang.new(channel="email", category="REFUND")
    assert f"{wang.see(ticket).sla.response_due.astimezone(SHANGHAI):%Y-%m-%d %H:%M}" == due
    async with wang.screen():
        office.moment = datetime.fromisoformat(due).replace(tzinfo=SHANGHAI) + timedelta(minutes=1)
        await wang.on(ticket, "!")
        await wang.shows("首次响应：已超时 1m", "扣除")


async def test_chatwoot_6889_a_ticket_that_nobody_looked_at_comes_first_and_goes_up_by_a_key(office: Any) -> None:
    wang = await office.seat("wang")
    forgotten = await wang.new("三天前的", channel="email", category="REFUND")
    office.later(days=3)
    fresh = [await wang.new(f"今天的{number}") for number in range(3)]
    async with wang.screen():
        await wang.until(lambda: wang.desk.model.order and wang.desk.model.order[0] == forgotten)
        await wang.press("4")
        await wang.until(lambda: wang.desk.model.order == [forgotten])
        await wang.press("f3")
        await wang.until(lambda: wang.see(forgotten).assignee == "wang")
        await wang.press("f12")
        await wang.until(lambda: bool(wang.app.screen.query(Choices)))
        at = [name for name, _ in wang.app.screen.query_one(Choices).options].index("escalate")
        await wang.press(*["down"] * at, "enter")
        await wang.shows("组长")
        options = [shown for _, shown in wang.app.screen.query_one(Choices).options]
        await wang.press(*["down"] * next(n for n, shown in enumerate(options) if "组长" in shown), "enter")
        await wang.until(lambda: bool(wang.app.screen.query("Input")))
        await wang.type("three days")
        await wang.press("enter")
        await wang.until(lambda: wang.see(forgotten).level == "lead")
    hop = wang.see(forgotten).hops[-1]
    assert (hop.note, hop.due_at) == ("three days", office.moment + timedelta(hours=1))
    assert not set(fresh) & {ticket for ticket in wang.engine.rows() if wang.see(ticket).level}


async def test_chatwoot_6889_nor_is_one_forgotten_in_the_hands_of_somebody_who_left(office: Any) -> None:
    wang, li = await office.seat("wang"), await office.seat("li")
    ticket = await wang.new()
    await wang.engine.claim(ticket)
    # wang's machine is switched off; nobody renews the claim.
    office.later(minutes=11)
    await li.sync()
    async with li.screen():
        await li.press("f3")
        await li.until(lambda: li.see(ticket).assignee == "li")


@SIZES
async def test_chatwoot_12079_who_does_not_hold_the_ticket_is_told_before_he_types_and_cannot_send(
    office: Any, size: Any
) -> None:
    wang, li = await office.seat("wang"), await office.seat("li")
    ticket = await wang.new()
    await li.sync()
    await li.engine.claim(ticket)
    await wang.sync()
    async with wang.screen(size=size):
        await wang.on(ticket, "ctrl+r")
        await wang.shows("回复发不出去")
        await wang.type("hello")
        await wang.press("ctrl+s")
        await wang.pilot.pause(0.05)
        assert (wang.words, wang.engine.ops(ticket)) == ("hello", ())


async def test_chatwoot_11062_two_in_one_case_know_of_each_other_and_who_writes(
    house: Any, in_the_end: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    # How soon is not asked here: a beat of ten seconds would be most of the test.
    monkeypatch.setattr(presence, "BEAT_S", 0.5)
    monkeypatch.setattr(presence, "CHANGE_S", 0.1)
    async with house.console("wang") as wang, house.console("li") as li:
        await in_the_end(lambda: li.engine.status().state == "online")
        made = li.engine.author.new(subject="刚刚来的", channel="chat", category="TXN")
        await li.engine.do(made)
        await in_the_end(lambda: made.ticket in wang.engine.rows())
        for one in (wang, li):
            one.app.desk_screen.show_ticket(made.ticket)
        await in_the_end(lambda: "li 正在看" in wang.text() and "wang 正在看" in li.text())
        await li.pilot.press("ctrl+r")
        await in_the_end(lambda: "li 正在写回复" in wang.text())
        await li.pilot.press("escape")
        await in_the_end(lambda: "li 正在写回复" not in wang.text())


@SIZES
async def test_chatwoot_14604_a_conversation_of_thousands_of_lines_wraps_a_stretch_of_them(
    office: Any, size: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    wang, li = await office.seat("wang"), await office.seat("li")
    ticket = await wang.new()
    await wang.engine.do_all([wang.author.message(wang.see(ticket), f"第{number}句 已扣款") for number in range(1000)])
    await wang.sync()
    await li.sync()
    wrapped: list[str] = []
    wrap = timeline.wrap
    monkeypatch.setattr(timeline, "wrap", lambda text, width: wrapped.append(text) or wrap(text, width))
    async with li.screen(size=size):
        await li.on(ticket)
        await li.shows("第999句")
        # Each has two lines, and a stretch is laid out without a scroll bar and beside it.
        assert 0 < len(wrapped) <= 4 * STEP + 10
        wrapped.clear()
        await li.press("ctrl+n", *"typing goes on")
        await li.pilot.pause()
        assert len(wrapped) <= 4 * STEP
        assert li.words == "typing goes on"


@SIZES
async def test_chatwoot_12517_1886_answers_are_found_by_any_of_their_words_and_stacked_at_the_cursor(
    office: Any, size: Any
) -> None:
    wang = await office.seat("wang")
    ticket = await wang.new()

    async def take(words: str) -> str:
        await wang.press("ctrl+a")
        await wang.until(lambda: getattr(wang.app.focused, "id", "") == "answers-words")
        pane = wang.app.screen.query_one("#answers")
        wang.app.focused.value = ""
        await wang.type(words)
        await wang.pilot.pause()
        title = str(pane.found[0].title)
        await wang.press("enter")
        await wang.until(lambda: pane.opened is not None)
        await wang.press("enter")
        await wang.until(lambda: wang.app.focused.id == "composer-text")
        return title

    async with wang.screen(size=size):
        await wang.on(ticket, "ctrl+r", *"ab", "left")
        found = {await take(words) for words in ("zhmm", "zhaohui", "密码")}
        assert len(found) == 1, "initials, spelling and characters lead to the same answer"
        once = wang.words
        assert once.startswith("a\n") and once.endswith("\nb")
        await take("tk")
        assert len(wang.words) > len(once)
        assert wang.words.startswith("a\n") and wang.words.endswith("\nb")
