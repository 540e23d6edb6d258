"""Own views: conditions typed into the filter's box, kept under a name, on digits, in the palette, and never out of date."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from okpay_console.content.filters import category_names
from okpay_console.domain.queue import ordered, row_of
from okpay_console.domain.views import Saved, meets, parse
from okpay_console.tui.queue_model import QueueModel
from okpay_console.tui.views import OWN, Members

from .steps import listed, table

LINES = (
    "渠道=在线", "分类=TXN 超时", "-超时 优先级=高,紧急", "负责人=无", "我的", "已结", "状态!=已结 渠道=电话",
    "视图=全部", "超时", '"扣款" -待认领',
)  # fmt: skip
STATES = st.tuples(
    st.sampled_from(["new", "open", "pending", "closed"]), st.sampled_from(["urgent", "high", "normal", "low"]),
    st.sampled_from([None, "小王", "小李"]), st.sampled_from(["hotline", "chat"]), st.sampled_from(["TXN", "REFUND"]),
    st.integers(-60, 60),
)  # fmt: skip


def rows_of(make: Any, states: list[Any]) -> list[Any]:
    return [
        row_of(
            make.ticket(
                number,
                status=status,
                priority=priority,
                assignee=who,
                channel=channel,
                category=category,
                minutes=minutes,
            )
        )
        for number, (status, priority, who, channel, category, minutes) in enumerate(states, 1)
    ]


def where(line: str) -> Any:
    return parse(line, categories=category_names())


def expected(model: QueueModel, line: str, now: Any) -> list[str]:
    every = ordered(model.rows.values(), "all", me="小王", now=now)
    return [row.id for row in every if meets(where(line), row, me="小王", now=now)]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(first=st.lists(STATES, max_size=20), later=st.lists(STATES, max_size=20), how=st.sampled_from(["all", "load"]))
def test_an_own_view_lists_and_counts_what_meets_its_conditions_also_after_changes(
    make: Any, first: Any, later: Any, how: str
) -> None:
    async def run() -> None:
        model = QueueModel(me="小王")
        model.replace(rows_of(make, first))
        for line in LINES:
            await model.learn(Members(where(line), me="小王"), key=OWN + line)
        if how == "load":
            await model.load({row.id: row for row in rows_of(make, later)})
        for row in rows_of(make, later):
            model.change(row.id, row, now=make.now)
        if first:
            model.change(make.ticket(1).id, None, now=make.now)
        for moment in (make.now, make.now + timedelta(minutes=30)):
            for line in LINES:
                model.choose(OWN + line, now=moment)
                assert model.order == expected(model, line, moment)
                assert model.counts(now=moment)[OWN + line] == len(model.order)

    asyncio.run(run())


@pytest.mark.parametrize("then", ["load", "change"])
async def test_what_changes_while_the_conditions_are_looked_through_is_not_missed(make: Any, then: str) -> None:
    rows = {row.id: row for row in rows_of(make, [("new", "normal", None, "chat", "TXN", n % 50) for n in range(4000)])}
    model = QueueModel(me="小王")
    model.replace(rows.values())
    members = Members(where("渠道=在线"), me="小王")
    learning = asyncio.create_task(model.learn(members, key="own:x"))
    await asyncio.sleep(0)
    moved = row_of(make.ticket(1, channel="hotline"))
    extra = row_of(make.ticket(9000, channel="chat"))
    if then == "load":
        await model.load({**rows, moved.id: moved, extra.id: extra})
    else:
        model.change(moved.id, moved, now=make.now)
        model.change(extra.id, extra, now=make.now)
    await learning
    assert moved.id not in members.ids and extra.id in members.ids and len(members.ids) == 4000


async def test_looking_through_100_000_rows_gives_keys_their_turn(make: Any) -> None:
    """Counted in turns and not in time: never more than a slice of rows is looked at without a way through."""
    from msgspec.structs import replace

    from okpay_console.tui.rowbook import SLICE

    one = row_of(make.ticket(1, channel="chat"))
    rows = {f"{number:06d}": replace(one, id=f"{number:06d}") for number in range(100_000)}
    members = Members(where("渠道=在线"), me="小王")
    looked = 0
    judge = members._holds

    def counting(row: Any) -> bool:
        nonlocal looked
        looked += 1
        return judge(row)

    members._holds = counting
    most = before = 0
    finding = asyncio.create_task(members.find(rows, set()))
    while not finding.done():
        await asyncio.sleep(0)
        most, before = max(most, looked - before), looked
    assert looked == 100_000 and most <= SLICE
    members.ids = await finding
    looked = 0
    model = QueueModel(me="小王")
    model.replace(rows.values())
    model.own["own:x"] = members
    model.choose("own:x", now=make.now)
    assert len(model.order) == 100_000 and model.counts(now=make.now)["own:x"] == 100_000
    assert looked == 0, "choosing and counting look at no row's words"


# On the screen


async def typed(pilot: Any, wait: Any, app: Any, words: str) -> None:
    await pilot.press("slash")
    await wait(pilot, lambda: app.screen.focused.id == "filter")
    app.screen.focused.value = words


def ready(app: Any) -> bool:
    return app.screen.desk is not None and bool(listed(app)) and "all" in app.desk_screen.view_bar.counts


SIZES = [(80, 24), (120, 36)]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize(
    ("lang", "words", "name", "said"),
    [
        ("zh", "分类=REFUND 超时", "退款超时", "已保存视图“退款超时”，按 8"),
        ("en", "category=REFUND overdue", "late refunds", "View 'late refunds' is kept: press 8"),
    ],
)
async def test_conditions_are_listed_as_they_are_typed_and_one_key_keeps_them_under_a_name(
    make: Any, desk: Any, wait: Any, size: tuple[int, int], lang: str, words: str, name: str, said: str
) -> None:
    console = make.console(desk, lang=lang)
    app = console.app
    async with app.run_test(size=size) as pilot:
        await wait(pilot, lambda: ready(app))
        before = listed(app)
        await typed(pilot, wait, app, words)
        await wait(pilot, lambda: listed(app) == [20001])
        await pilot.press("enter", "=")
        await wait(pilot, lambda: len(app.screen_stack) == 2)
        app.screen.focused.value = name
        await pilot.press("enter")
        await wait(pilot, lambda: bool(desk.own) and len(app.screen_stack) == 1)
        await wait(pilot, lambda: said in console.text())
        assert [one.name for one in desk.own] == [name]
        assert listed(app) == [20001]
        assert f"[8 {name} 1]" in console.text()
        await pilot.press("1")
        await wait(pilot, lambda: listed(app) == before)
        await pilot.press("8")
        await wait(pilot, lambda: listed(app) == [20001])


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize(
    ("lang", "words", "said"),
    [("zh", "渠道=传真", "第 1 个字：不认识“渠道=传真”"), ("en", "x=1", "there is no field 'x'")],
)
async def test_conditions_that_cannot_be_understood_say_where_and_change_nothing(
    make: Any, desk: Any, wait: Any, size: tuple[int, int], lang: str, words: str, said: str
) -> None:
    console = make.console(desk, lang=lang)
    app = console.app
    async with app.run_test(size=size) as pilot:
        await wait(pilot, lambda: ready(app))
        before = listed(app)
        await typed(pilot, wait, app, words)
        await wait(pilot, lambda: said in console.text())
        assert listed(app) == before
        await pilot.press("escape")
        await wait(pilot, lambda: said not in console.text() and app.screen.focused is table(app))
        assert listed(app) == before


async def test_words_without_conditions_are_searched_for_as_before(make: Any, desk: Any, wait: Any) -> None:
    console = make.console(desk)
    app = console.app
    async with app.run_test(size=(120, 36)) as pilot:
        await wait(pilot, lambda: ready(app))
        await typed(pilot, wait, app, "渠道=在线")
        await wait(pilot, lambda: listed(app) == [20003])
        app.screen.focused.value = "收不到"
        await wait(pilot, lambda: listed(app) == [20003] and bool(table(app).model.why))


async def test_a_view_follows_its_tickets_and_what_comes_in_waits(make: Any, desk: Any, wait: Any) -> None:
    desk.own = (Saved("v1", "在线的", "渠道=在线"),)
    console = make.console(desk)
    app = console.app
    async with app.run_test(size=(120, 36)) as pilot:
        await wait(pilot, lambda: ready(app))
        await pilot.press("8")
        await wait(pilot, lambda: listed(app) == [20003])
        desk.put(make.ticket(7, channel="chat"))
        await wait(pilot, lambda: "↑ 1" in console.text())
        assert listed(app) == [20003]
        await wait(pilot, lambda: "8 在线的 2" in console.text())
        await pilot.press("ctrl+l")
        await wait(pilot, lambda: set(listed(app)) == {20003, 20007})


async def test_views_are_renamed_changed_put_first_and_deleted(make: Any, desk: Any, wait: Any) -> None:
    desk.own = (Saved("v1", "一", "渠道=在线"), Saved("v2", "二", "渠道=邮件"))
    console = make.console(desk)
    app = console.app

    async def wish(pilot: Any, view: str, digit: str) -> None:
        app.desk_screen.action_key("views")
        await wait(pilot, lambda: len(app.screen_stack) == 2)
        await pilot.press(view)
        await wait(pilot, lambda: getattr(app.screen, "heading", "").startswith(desk.own[int(view) - 1].name))
        await pilot.press(digit)

    async with app.run_test(size=(120, 36)) as pilot:
        await wait(pilot, lambda: ready(app))
        await wish(pilot, "2", "2")
        await wait(pilot, lambda: app.screen.focused is not None and getattr(app.screen.focused, "value", "") == "二")
        app.screen.focused.value = "一"
        await pilot.press("enter")
        assert "已经有这个名字" in console.text()
        app.screen.focused.value = "邮件"
        await pilot.press("enter")
        await wait(pilot, lambda: desk.own[1].name == "邮件" and "[9 邮件 1]" in console.text())
        await wish(pilot, "2", "4")
        await wait(pilot, lambda: [one.id for one in desk.own] == ["v2", "v1"])
        await wish(pilot, "1", "3")
        await wait(pilot, lambda: getattr(app.screen.focused, "value", "") == "渠道=邮件")
        app.screen.focused.value = "渠道=电报"
        await pilot.press("enter")
        assert "不认识" in console.text() and desk.own[0].where == "渠道=邮件"
        app.screen.focused.value = "分类=退款"
        await pilot.press("enter")
        await wait(pilot, lambda: desk.own[0].where == "分类=REFUND")
        await wait(pilot, lambda: set(listed(app)) == {20001, 20004})
        await wish(pilot, "1", "5")
        await wait(pilot, lambda: [one.id for one in desk.own] == ["v1"])
        await wait(pilot, lambda: "邮件" not in console.text().splitlines()[1] and table(app).model.view == "open")


async def test_views_without_a_digit_are_in_the_palette_by_name(make: Any, desk: Any, wait: Any) -> None:
    desk.own = tuple(Saved(f"v{number}", f"第{number}个", "渠道=邮件") for number in range(1, 6))
    console = make.console(desk)
    app = console.app
    async with app.run_test(size=(120, 36)) as pilot:
        await wait(pilot, lambda: ready(app))
        await pilot.press("ctrl+p")
        await wait(pilot, lambda: len(app.screen_stack) == 2)
        await pilot.press(*"第5个")
        await wait(pilot, lambda: "视图：第5个" in console.text())
        await pilot.press("enter", "enter")
        await wait(pilot, lambda: len(app.screen_stack) == 1 and listed(app) == [20004])


async def test_a_disk_that_does_not_take_the_view_says_so_and_there_is_none(make: Any, desk: Any, wait: Any) -> None:
    from okpay_console import errors

    console = make.console(desk)
    app = console.app
    async with app.run_test(size=(120, 36)) as pilot:
        await wait(pilot, lambda: ready(app))
        desk.refuses_disk = errors.StoreFull("The disk is full.", "Free some.")
        await typed(pilot, wait, app, "渠道=在线")
        await wait(pilot, lambda: listed(app) == [20003])
        await pilot.press("enter", "=")
        await wait(pilot, lambda: len(app.screen_stack) == 2)
        app.screen.focused.value = "在线"
        await pilot.press("enter")
        await wait(pilot, lambda: bool(app.desk_screen.message_bar.alarms))
        assert desk.own == () and "[8" not in console.text()


async def test_a_view_that_is_understood_no_longer_is_passed_over_and_says_why(make: Any, desk: Any, wait: Any) -> None:
    desk.own = (Saved("v1", "旧", "分类=没有了"), Saved("v2", "新", "渠道=在线"))
    console = make.console(desk)
    app = console.app
    async with app.run_test(size=(120, 36)) as pilot:
        await wait(pilot, lambda: ready(app))
        before = listed(app)
        await pilot.press("8")
        await wait(pilot, lambda: "不认识" in console.text())
        assert listed(app) == before
        await pilot.press("9")
        await wait(pilot, lambda: listed(app) == [20003])
