"""What agents told Zammad about macros, checklists, clocks, calls, reminders and big systems, played here: it cannot happen."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from textual.widgets import Input

from okpay_console.content.macros import load_macros
from okpay_console.domain import ops
from okpay_console.domain.queue import due, row_of
from okpay_console.domain.ticket import Caller
from okpay_console.errors import ContentError
from okpay_console.local.mirror import Mirror
from okpay_console.tui.panes.checklist import ChecklistPane
from okpay_console.tui.panes.queue import TicketTable
from okpay_console.tui.screens.case import CasePane

SIZES = pytest.mark.parametrize("size", [(120, 36), (80, 24)])
MANY = 1200


async def filled(office: Any, count: int = MANY) -> Any:
    """A seat whose cache holds so many tickets of as many callers, brought in as another system would."""
    other = await office.seat("other", "integration")
    for start in range(0, count, 400):
        items = [
            {"subject": f"第{number}单", "channel": "chat", "category": "TXN", "external_id": f"q{number}",
             "caller": {"name": f"客户{number}"}}
            for number in range(start, start + 400)
        ]  # fmt: skip
        await other.api.batch(items)
    return await office.seat("wang")


async def test_zammad_5776_a_start_with_many_tickets_reads_none_of_them_whole_and_paints_one_screen(
    office: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    wang = await filled(office)
    await wang.restart()
    read: list[str] = []
    whole = Mirror.ticket
    monkeypatch.setattr(Mirror, "ticket", lambda self, ticket: read.append(ticket) or whole(self, ticket))
    async with wang.screen():
        await wang.until(lambda: len(wang.desk.model.order) == MANY)
        assert read == []
        opened = wang.desk.model.order[:5]
        for ticket in opened:
            await wang.on(ticket)
        assert set(read) == set(opened)
        assert len(wang.app.query(CasePane)) == 1, "one case is drawn, however many have been opened"


async def test_zammad_5214_choosing_another_overview_paints_what_is_in_sight(office: Any) -> None:
    wang = await filled(office)
    async with wang.screen():
        await wang.until(lambda: len(wang.desk.model.order) == MANY)
        table = wang.desk.query_one(TicketTable)
        for key in ("3", "7", "1"):
            before = table.lines_painted
            await wang.press(key)
            await wang.pilot.pause()
            assert 0 < table.lines_painted - before <= 3 * table.size.height
        before = table.lines_painted
        await wang.press("down")
        await wang.pilot.pause()
        assert table.lines_painted - before <= table.size.height


async def test_zammad_2452_150_details_of_a_ticket_cost_its_row_nothing_and_its_case_what_is_in_sight(
    office: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    wang, li = await office.seat("wang"), await office.seat("li")
    plain, rich = await wang.new(), await wang.new()
    for number in range(150):
        await wang.engine.do(wang.author.field(wang.see(rich), f"extra_{number}", "x" * 50))
    await wang.sync()
    await li.sync()
    assert len(li.see(rich).answers) == 150
    sizes = [len(repr(li.engine.rows()[one])) for one in (plain, rich)]
    assert abs(sizes[0] - sizes[1]) < 200
    painted: list[int] = []
    line = ChecklistPane.render_line
    monkeypatch.setattr(ChecklistPane, "render_line", lambda self, y: painted.append(y) or line(self, y))
    async with li.screen():
        await li.on(plain)
        painted.clear()
        await li.on(rich)
        assert len(li.desk.query_one("#checklist").fields) > 150
        assert painted and max(painted) < 36 // 2
        painted.clear()
        await li.press("end", "up")
        await li.pilot.pause()
        assert painted and max(painted) < 36 // 2


CLOSING = {
    "fast": {
        "title": "快结", "key": "shift+f8",
        "steps": [{"op": "note", "text": "已告知"}, {"op": "close", "code": "INFO_GIVEN", "text": "已告知"}],
    }
}  # fmt: skip


@SIZES
async def test_zammad_5774_a_macro_that_closes_meets_the_same_gate_as_a_hand_that_closes(
    office: Any, size: Any
) -> None:
    wang = await office.seat("wang", macros=CLOSING)
    ticket = await wang.new()
    await wang.engine.claim(ticket)
    await wang.sync()
    async with wang.screen(size=size):
        await wang.on(ticket, "shift+f8")
        await wang.until(lambda: "必填" in wang.text() or "清单" in wang.desk.message_bar.text)
        assert (wang.see(ticket).status, wang.texts(ticket, "note")) == ("open", [])
    assert len(wang.outbox) == 0


async def test_zammad_5774_nor_does_the_server_take_it_from_a_console_that_has_no_gate(office: Any) -> None:
    house, ungated = office.rules, ops.NO_RULES
    wang = await office.seat("wang")
    ticket = await wang.new()
    office.rules = ungated
    await wang.restart()
    office.rules = house
    await wang.engine.do(wang.author.close(wang.see(ticket), "INFO_GIVEN", summary="已告知"))
    await wang.sync()
    [review] = wang.engine.reviews()
    assert (review.name, review.code, wang.see(ticket).status) == ("ticket.close", "checklist-incomplete", "new")


@SIZES
async def test_zammad_6190_the_checklist_of_its_category_is_there_whoever_made_the_ticket(
    office: Any, size: Any
) -> None:
    other, wang = await office.seat("other", "integration"), await office.seat("wang")
    made = await other.api.batch([{"subject": "登不上", "channel": "email", "category": "LOGIN", "external_id": "1"}])
    ticket = made["items"][0]["id"]
    await wang.sync()
    async with wang.screen(size=size):
        await wang.on(ticket)
        listed = office.rules.checklists
        shown = set(wang.desk.query_one("#checklist").fields)
        assert shown and shown <= {
            field for need in listed["LOGIN"].needs for way in need.alternatives for field in way
        }
        await wang.shows("下一项")
        await wang.engine.do(wang.author.field(wang.see(ticket), "mobile", "+8613912345678"))
        await wang.do(wang.author.category(wang.see(ticket), "TXN"))
        await wang.until(lambda: "txn_no" in wang.desk.query_one("#checklist").fields)
        assert wang.see(ticket).answers["mobile"].value == "+8613912345678"
        await wang.shows("139****5678")


STEPS: dict[str, dict[str, Any]] = {
    "note": {}, "reply": {}, "status": {"status": "pending"}, "chase": {}, "promise": {"due_s": 3600},
    "handover": {"queue": "{queue}"}, "escalate": {"level": "lead"},
    "wrapup": {"code": "INFO_GIVEN", "override": "{caller} {said}"}, "close": {"code": "INFO_GIVEN", "override": "{caller} {said}"},
}  # fmt: skip


def macro(op: str, words: str) -> dict[str, Any]:
    return {
        "own": {
            "title": "自己的", "key": "shift+f8", "prompts": [{"id": "said", "title": "客户怎么说"}],
            "steps": [{"op": op, "text": words, **STEPS[op]}],
        }
    }  # fmt: skip


@pytest.mark.parametrize("op", STEPS)
async def test_zammad_5622_3283_2980_a_variable_of_a_macro_works_wherever_words_are_written(
    office: Any, op: str
) -> None:
    wang = await office.seat("wang", macros=macro(op, "{caller} {number} {agent} {hotline}: {said}"),
                             placeholders={"hotline": "95000"})  # fmt: skip
    ticket = await wang.new()
    await wang.engine.claim(ticket)
    await wang.sync()
    number = wang.see(ticket).number
    wang.net.down = True
    async with wang.screen():
        await wang.on(ticket, "shift+f8")
        await wang.until(lambda: isinstance(wang.app.focused, Input))
        await wang.type("refund")
        await wang.press("enter")
        await wang.until(lambda: wang.engine.ops(ticket))
    [done] = wang.engine.ops(ticket)
    written = [text for _, text in ops.texts(done)]
    assert f"张* #{number} wang 95000: refund" in written
    assert not any("{" in text for text in written)


@pytest.mark.parametrize("op", STEPS)
async def test_zammad_5622_and_one_that_nothing_fills_is_an_error_before_anything_is_done(office: Any, op: str) -> None:
    wrong = macro(op, "{ticket.customer}")
    with pytest.raises(ContentError, match="own"):
        load_macros(wrong)
    wang = await office.seat("wang", macros=wrong)
    ticket = await wang.new()
    async with wang.screen():
        await wang.on(ticket, "shift+f8")
        await wang.shows("own", "{ticket.customer}")
        assert wang.engine.ops(ticket) == ()


async def test_zammad_5177_what_is_done_to_a_ticket_does_not_move_the_time_of_the_first_answer(office: Any) -> None:
    wang, li = await office.seat("wang"), await office.seat("li")
    ticket = await wang.new(channel="email", category="REFUND")
    first = wang.see(ticket).sla.response_due
    assert first is not None
    office.later(minutes=40)
    seen = wang.see(ticket)
    await wang.do(
        wang.author.note(seen, "查过了"), wang.author.tags(seen, add=("退款",)), wang.author.message(seen, "?")
    )
    office.later(minutes=40)
    await li.sync()
    await li.do(li.author.field(li.see(ticket), "mobile", "13912345678"))
    await wang.sync()
    assert wang.see(ticket).sla.response_due == first
    async with wang.screen():
        office.later(minutes=45)
        wang.desk.live.count(at_once=True)
        await wang.press("4")
        await wang.until(lambda: wang.desk.model.order == [ticket])


async def test_zammad_3140_who_has_been_answered_is_not_late_for_an_answer(office: Any) -> None:
    wang = await office.seat("wang")
    ticket = await wang.new(channel="email", category="REFUND")
    await wang.engine.claim(ticket)
    await wang.sync()
    await wang.do(wang.author.reply(wang.see(ticket), "正在核实"))
    office.later(hours=3)
    await wang.do(wang.author.note(wang.see(ticket), "还在等"))
    assert wang.see(ticket).sla.response_due < office.moment
    assert due(row_of(wang.see(ticket))) == wang.see(ticket).sla.resolve_due
    async with wang.screen():
        await wang.press("4")
        await wang.pilot.pause()
        assert ticket not in wang.desk.model.order
        await wang.press("2", "!")
        await wang.shows("首次响应：按时完成")


async def test_zammad_1322_the_customers_words_set_the_clock_going_again(office: Any) -> None:
    wang, other = await office.seat("wang"), await office.seat("other", "integration")
    ticket = await wang.new(channel="email", category="TECH")
    await wang.do(wang.author.status(wang.see(ticket), "pending", reason="customer"))
    before = wang.see(ticket).sla.resolve_due
    office.later(hours=1)
    await other.sync()
    await other.do(other.author.message(other.see(ticket), "截图在这里"))
    await wang.sync()
    shown = wang.see(ticket)
    assert (shown.status, shown.sla.resolve_due) == ("new", before + timedelta(hours=1))
    assert shown.sla.pauses[-1].until == office.moment


@SIZES
async def test_zammad_390_a_holiday_in_the_reckoning_is_named(office: Any, size: Any) -> None:
    office.moment = datetime(2026, 9, 30, 8, 0, tzinfo=UTC)
    wang = await office.seat("wang")
    ticket = await wang.new(channel="email", category="TECH")
    office.moment = datetime(2026, 10, 8, 4, 0, tzinfo=UTC)
    async with wang.screen(size=size):
        await wang.on(ticket, "!")
        await wang.shows("国庆节")


@pytest.mark.parametrize("hour", range(0, 24, 3))
async def test_zammad_4432_nothing_that_waits_for_office_hours_falls_due_in_the_night(office: Any, hour: int) -> None:
    office.moment = datetime(2026, 11, 18, hour, 0, tzinfo=UTC)
    wang = await office.seat("wang")
    clock = wang.see(await wang.new(channel="email", category="REFUND")).sla
    for moment in (clock.response_due, clock.resolve_due):
        assert moment is not None
        assert 9 <= (moment + timedelta(hours=8)).hour + moment.minute / 60 <= 18


async def ring(hotline: Any, name: str = "张三") -> str:
    """A call that begins to ring for everybody."""
    op = hotline.author.new(subject="来电", channel="hotline", caller=Caller(name=name, mobile="+8613800138000"))
    await hotline.do(op)
    await hotline.do(hotline.author.mark(hotline.see(op.ticket), f"call-{name}", "offered"))
    return str(op.ticket)


@SIZES
async def test_zammad_2177_a_ring_opens_nothing_and_is_gone_for_all_once_one_has_taken_it(
    office: Any, size: Any
) -> None:
    hotline = await office.seat("hotline", "integration")
    wang, li = await office.seat("wang"), await office.seat("li")
    busy = await wang.new()
    async with wang.screen(size=size):
        await wang.on(busy, "ctrl+n")
        await wang.type("half a wo")
        box = wang.app.focused
        ticket = await ring(hotline)
        await wang.sync()
        await wang.until(lambda: "F5" in wang.text().splitlines()[0])
        assert (wang.app.screen, wang.app.focused, wang.words) == (wang.desk, box, "half a wo")
        await li.sync()
        await li.engine.claim(ticket)
        await wang.sync()
        await wang.until(lambda: "F5" not in wang.text().splitlines()[0])
        await li.do(li.author.mark(li.see(ticket), "call-张三", "answered"))
        await wang.sync()
        await wang.pilot.pause(0.2)
        assert "F5" not in wang.text().splitlines()[0]
        await wang.type("rd")
        assert wang.words == "half a word"


async def test_zammad_4397_nobody_who_talks_is_offered_another_call(office: Any) -> None:
    hotline = await office.seat("hotline", "integration")
    wang = await office.seat("wang")
    ticket = await ring(hotline)
    await wang.sync()
    async with wang.screen():
        await wang.until(lambda: "F5 接听" in wang.text().splitlines()[0])
        await wang.press("f5")
        await wang.until(lambda: "通话中" in wang.text().splitlines()[0])
        await ring(hotline, "李四")
        await wang.sync()
        await wang.pilot.pause(0.2)
        top = wang.text().splitlines()[0]
        assert "通话中" in top and "来电" not in top
        assert wang.desk.opened.ticket == ticket


@SIZES
async def test_zammad_2931_a_promise_falls_due_also_while_its_own_ticket_is_open_and_written_in(
    office: Any, size: Any
) -> None:
    wang = await office.seat("wang")
    ticket = await wang.new()
    await wang.do(wang.author.promise(wang.see(ticket), "回电告知进度", office.moment + timedelta(hours=1)))
    async with wang.screen(size=size):
        await wang.on(ticket, "ctrl+n")
        await wang.type("still typing")
        assert "承诺已到时" not in wang.text()
        office.later(hours=1)
        wang.desk.live.count(at_once=True)
        await wang.shows("承诺已到时", "回电告知进度")
        assert wang.words == "still typing"
    await wang.restart()
    async with wang.screen(size=size):
        wang.desk.live.count(at_once=True)
        await wang.shows("承诺已到时")


@SIZES
async def test_zammad_1264_an_agent_makes_a_view_of_his_own_which_is_there_tomorrow_on_one_key(
    office: Any, size: Any
) -> None:
    wang = await office.seat("wang")
    mine = await wang.new("退款在等", channel="email", category="REFUND")
    await wang.new("别的", channel="chat", category="TXN")
    async with wang.screen(size=size):
        await wang.until(lambda: len(wang.desk.model.order) == 2)
        await wang.press("slash")
        await wang.until(lambda: wang.app.focused.id == "filter")
        wang.app.focused.value = "分类=REFUND 渠道=邮件"
        await wang.until(lambda: wang.desk.model.order == [mine])
        await wang.press("enter", "=")
        await wang.until(lambda: wang.app.screen.is_modal)
        wang.app.focused.value = "邮件退款"
        await wang.press("enter")
        await wang.shows("8 邮件退款 1")
    await wang.restart()
    second = await wang.new("又一单退款", channel="email", category="REFUND")
    async with wang.screen(size=size):
        await wang.shows("8 邮件退款 2")
        await wang.press("8")
        await wang.until(lambda: set(wang.desk.model.order) == {mine, second})
