"""Canned answers beside the case: proposed, read, ticked, inserted, copied and judged by keys alone."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from msgspec.structs import replace

from okpay_console.content import interface
from okpay_console.domain import ops
from okpay_console.domain.answers import Answer
from okpay_console.tui.clipboard import LIMIT

from .steps import ready

SIZES = [(120, 36), (80, 24)]
EVERYWHERE = pytest.mark.parametrize(("size", "lang"), [(size, lang) for size in SIZES for lang in ("zh", "en")])


def said(key: str, **values: object) -> str:
    """A text of the language in use as far as its first blank, since a line of the screen may end before the rest."""
    return interface.t(key).split("{")[0]


async def answers(console: Any, pilot: Any, wait: Any) -> Any:
    """Opens the pane."""
    await pilot.press("ctrl+a")
    await wait(pilot, lambda: getattr(console.app.focused, "id", "") == "answers-words")
    await pilot.pause()
    return console.app.screen.query_one("#answers")


async def read(console: Any, pilot: Any, wait: Any) -> Any:
    """Opens the pane and the answer at its top."""
    pane = await answers(console, pilot, wait)
    await pilot.press("enter")
    await wait(pilot, lambda: pane.opened is not None and pane._reader.lines)
    return pane


def area(console: Any) -> Any:
    return console.app.screen.query_one("#composer-text")


def own(number: int, title: str, written: str, category: str = "TXN") -> Answer:
    return Answer(id=f"own-{number}", lang="zh", title=title, category=category, written=written)


@EVERYWHERE
async def test_the_cases_own_words_bring_its_answer_before_anything_is_typed(
    make: Any, wait: Any, size: Any, lang: str
) -> None:
    one = make.ticket(1, "登录不上", category="", answers={"login_symptom": make.answer("no_code", "filled")})
    console = make.console(make.desk([one]), lang=lang)
    async with console.app.run_test(size=size) as pilot:
        await ready(console, pilot, wait)
        await pilot.press("enter")
        pane = await answers(console, pilot, wait)
        assert pane.found[0].id == "password-recovery"
        assert interface.t("answers.proposed") in console.text()
        assert pane.found[0].title in console.text()


async def test_another_case_brings_other_answers_and_the_list_does_not_move_under_the_agent(
    make: Any, desk: Any, wait: Any
) -> None:
    console = make.console(desk)
    async with console.app.run_test(size=(120, 36)) as pilot:
        screen = await ready(console, pilot, wait)
        await pilot.press("enter")
        pane = await answers(console, pilot, wait)
        refunds = [answer.id for answer in pane.found]
        base = desk.base[screen.opened.ticket]
        desk.put(replace(base, category="LOGIN", subject="收不到验证码"))
        await wait(pilot, lambda: pane.case.category == "LOGIN")
        assert [answer.id for answer in pane.found] == refunds
        await pilot.press("escape", "ctrl+a")
        await wait(pilot, lambda: pane.found[0].id == "password-recovery")


@EVERYWHERE
async def test_a_call_is_read_the_words_to_say_and_a_chat_those_to_write(
    make: Any, wait: Any, size: Any, lang: str
) -> None:
    one = make.ticket(1, "收不到验证码", category="LOGIN")
    console = make.console(make.desk([one, make.ticket(2, "忘记密码", category="LOGIN", channel="chat")]), lang=lang)
    async with console.app.run_test(size=size) as pilot:
        screen = await ready(console, pilot, wait)
        screen.show_ticket(one.id)
        await read(console, pilot, wait)
        await pilot.pause()
        shown = console.text()
        assert said("answers.spoken") in shown.split("[ ]", maxsplit=1)[0]
        await pilot.press("escape", "escape")
        screen.show_ticket("00000000-0000-7000-8000-000000000002")
        await read(console, pilot, wait)
        await pilot.pause()
        assert said("answers.written") in console.text().split("[ ]", maxsplit=1)[0]


async def test_all_of_an_answer_can_be_reached_by_keys(make: Any, desk: Any, wait: Any) -> None:
    console = make.console(desk)
    async with console.app.run_test(size=(80, 24)) as pilot:
        await ready(console, pilot, wait)
        await pilot.press("down", "down", "enter")
        await read(console, pilot, wait)
        await pilot.press(*["down"] * 26)
        assert interface.t("answers.missing")[:10] in console.text()
        await pilot.press(*["up"] * 26)
        assert "找回密码" in console.text().split("\n")[2]
        await pilot.press("end")
        assert interface.t("answers.missing")[:10] in console.text()
        await pilot.press("home", "pagedown")
        assert "找回密码" not in console.text().split("\n")[2]


@EVERYWHERE
async def test_a_step_is_ticked_and_by_the_same_key_as_before_again(
    make: Any, desk: Any, wait: Any, size: Any, lang: str
) -> None:
    console = make.console(desk, lang=lang)
    async with console.app.run_test(size=size) as pilot:
        await ready(console, pilot, wait)
        await pilot.press("down", "down", "enter")
        pane = await read(console, pilot, wait)
        await pilot.press("space")
        await wait(pilot, lambda: len(pane._reader.standing.done) == 1)
        await pilot.press("1")
        await wait(pilot, lambda: pane._reader.standing.done == ())
        assert [(op.step, op.done) for op in desk.outbox] == [
            ("password-recovery.1", True),
            ("password-recovery.1", False),
        ]
        assert "[v]" not in console.text()


@EVERYWHERE
@pytest.mark.parametrize(("key", "helped"), [("plus", True), ("fullwidth_plus_sign", True), ("minus", False)])
async def test_whether_it_helped_is_kept_and_counted_at_once(
    make: Any, desk: Any, wait: Any, size: Any, lang: str, key: str, helped: bool
) -> None:
    desk.counts = {"password-recovery": (12, 3)}
    console = make.console(desk, lang=lang)
    async with console.app.run_test(size=size) as pilot:
        await ready(console, pilot, wait)
        await pilot.press("down", "down", "enter")
        await read(console, pilot, wait)
        assert interface.t("answers.counts", yes=12, no=3) in console.text()
        await pilot.press(key)
        await wait(pilot, lambda: desk.outbox)
        assert isinstance(desk.outbox[0], ops.RateAnswer)
        assert (desk.outbox[0].answer, desk.outbox[0].helped) == ("password-recovery", helped)
        counted = interface.t("answers.counts", yes=12 + helped, no=3 + (not helped))
        await wait(pilot, lambda: counted in console.text())
        assert interface.t("answers.helped_here" if helped else "answers.failed_here") in console.text()


async def test_what_did_not_help_stands_behind_the_others_in_this_case(make: Any, wait: Any) -> None:
    desk = make.desk([make.ticket(1, "收不到验证码", category="LOGIN")])
    desk.shelf = (own(1, "收不到验证码", "一", "LOGIN"), own(2, "短信验证码收不到", "二", "LOGIN"))
    console = make.console(desk)
    async with console.app.run_test(size=(120, 36)) as pilot:
        await ready(console, pilot, wait)
        await pilot.press("enter")
        pane = await read(console, pilot, wait)
        first = pane.opened.id
        await pilot.press("minus")
        await wait(pilot, lambda: desk.outbox)
        await pilot.press("escape", "escape", "ctrl+a")
        await wait(pilot, lambda: pane.found[0].id != first)
        assert pane.found[1].id == first
        assert interface.t("answers.failed") in console.text()


@EVERYWHERE
async def test_answers_are_stacked_in_one_reply_where_its_cursor_stands(
    make: Any, wait: Any, size: Any, lang: str
) -> None:
    desk = make.desk([make.ticket(1, "扣款未到账")])
    desk.shelf = (own(1, "未到账", "第一段\n第二行"), own(2, "扣款", "另一段"))
    console = make.console(desk, lang=lang)
    async with console.app.run_test(size=size) as pilot:
        await ready(console, pilot, wait)
        await pilot.press("enter", "ctrl+r", *"ab", "left")
        for words in ("未到账", "扣款"):
            pane = await answers(console, pilot, wait)
            pane._box.value = words
            await pilot.pause()
            await pilot.press("enter")
            await wait(pilot, lambda pane=pane: pane.opened is not None)
            await pilot.press("enter")
            await wait(pilot, lambda: area(console).has_focus)
        assert area(console).text == "a\n第一段\n第二行\n另一段\nb"
        await pilot.press("x")
        await wait(pilot, lambda: area(console).text == "a\n第一段\n第二行\n另一段x\nb")
        await pilot.press("ctrl+z", "ctrl+z")
        await wait(pilot, lambda: area(console).text == "a\n第一段\n第二行\nb")


@EVERYWHERE
async def test_a_reply_with_blanks_stops_at_each_that_was_left_and_goes_when_all_are_filled(
    make: Any, wait: Any, size: Any, lang: str
) -> None:
    desk = make.desk([make.ticket(1, "扣款未到账")])
    desk.shelf = (own(1, "未到账", "请拨 {hotline}，{service_hours}。"),)
    console = make.console(desk, lang=lang)
    async with console.app.run_test(size=size) as pilot:
        await ready(console, pilot, wait)
        await pilot.press("enter")
        await read(console, pilot, wait)
        await pilot.press("enter")
        await wait(pilot, lambda: area(console).has_focus)
        await pilot.press("ctrl+s")
        await wait(pilot, lambda: area(console).selected_text == "{客服热线}")
        assert said("composer.blanks").format() in console.text()
        await pilot.press(*"95188", "ctrl+s")
        await wait(pilot, lambda: area(console).selected_text == "{服务时间}")
        assert desk.outbox == []
        assert "95188" in area(console).text
        await pilot.press("backspace", "ctrl+s")
        await wait(pilot, lambda: desk.outbox)
        assert desk.outbox[0].text == "请拨 95188，。"


async def test_a_filled_reply_and_a_note_with_blanks_go_at_once(make: Any, wait: Any) -> None:
    desk = make.desk([make.ticket(1, "扣款未到账")])
    desk.shelf = (own(1, "未到账", "请拨 {hotline}。"),)
    console = make.console(desk, placeholders={"hotline": "95188"})
    async with console.app.run_test(size=(120, 36)) as pilot:
        await ready(console, pilot, wait)
        await pilot.press("enter")
        await read(console, pilot, wait)
        await pilot.press("enter")
        await wait(pilot, lambda: area(console).has_focus)
        await pilot.press("ctrl+s")
        await wait(pilot, lambda: desk.outbox)
        await pilot.press("ctrl+n")
        await wait(pilot, lambda: area(console).has_focus)
        area(console).insert("{客服热线} 要补")
        await pilot.press("ctrl+s")
        await wait(pilot, lambda: len(desk.outbox) == 2)
        assert [op.text for op in desk.outbox] == ["请拨 95188。", "{客服热线} 要补"]


async def test_a_blank_in_the_composer_has_a_colour_until_its_braces_are_gone(make: Any, desk: Any, wait: Any) -> None:
    console = make.console(desk)
    async with console.app.run_test(size=(120, 36)) as pilot:
        await ready(console, pilot, wait)
        await pilot.press("enter", "ctrl+r")
        box = area(console)
        box.insert("您好请拨{客服热线}。")
        await pilot.pause()

        def marked() -> str:
            row = console.app.screen._compositor.render_strips()[box.region.y]
            return "".join(piece.text for piece in row if piece.style is not None and piece.style.underline)

        await wait(pilot, lambda: marked() == "{客服热线}")
        await pilot.press("left", "backspace")
        await wait(pilot, lambda: marked() == "")


@EVERYWHERE
async def test_an_answer_is_copied_through_the_terminal_which_does_not_say_whether_it_took_it(
    make: Any, wait: Any, size: Any, lang: str
) -> None:
    desk = make.desk([make.ticket(1, "扣款未到账")])
    desk.shelf = (own(1, "未到账", "您好，请稍候。"),)
    console = make.console(desk, lang=lang)
    async with console.app.run_test(size=size) as pilot:
        await ready(console, pilot, wait)
        await pilot.press("enter")
        await read(console, pilot, wait)
        sent: list[str] = []
        console.app._driver.write = sent.append
        await pilot.press("ctrl+c")
        await wait(pilot, lambda: said("answers.copied")[:12] in console.text())
        wanted = base64.b64encode("您好，请稍候。".encode()).decode()
        assert f"\x1b]52;c;{wanted}\a" in sent


async def test_what_is_longer_than_a_clipboard_takes_is_not_cut_but_refused(make: Any, wait: Any) -> None:
    desk = make.desk([make.ticket(1, "扣款未到账")])
    desk.shelf = (own(1, "未到账", "长" * (LIMIT // 3 + 1)),)
    console = make.console(desk)
    async with console.app.run_test(size=(120, 36)) as pilot:
        await ready(console, pilot, wait)
        await pilot.press("enter")
        await read(console, pilot, wait)
        sent: list[str] = []
        console.app._driver.write = sent.append
        await pilot.press("ctrl+c")
        await wait(pilot, lambda: "8 KB" in console.text())
        assert not any("]52;" in text for text in sent)


async def test_new_answers_of_the_house_are_there_without_a_restart_and_the_open_one_stays(
    make: Any, wait: Any
) -> None:
    desk = make.desk([make.ticket(1, "扣款未到账")])
    desk.shelf = (own(1, "未到账", "旧的"), own(2, "退款", "二"))
    console = make.console(desk)
    async with console.app.run_test(size=(120, 36)) as pilot:
        await ready(console, pilot, wait)
        await pilot.press("enter")
        pane = await read(console, pilot, wait)
        desk.shelf = (own(1, "未到账", "新的"), own(3, "零钱通", "三"))
        desk.counts = {"own-1": (7, 0)}
        desk.listener(make.changed(answers=True))
        await wait(pilot, lambda: "新的" in console.text() and "旧的" not in console.text())
        assert interface.t("answers.counts", yes=7, no=0) in console.text()
        desk.shelf = (own(3, "零钱通", "三"),)
        desk.listener(make.changed(answers=True))
        await wait(pilot, lambda: pane.opened is None)
        await pilot.press("escape", "ctrl+a")
        await wait(pilot, lambda: getattr(console.app.focused, "id", "") == "answers-words")
        await pilot.press(*"lqt")
        await wait(pilot, lambda: [answer.id for answer in pane.found] == ["own-3"])


async def test_without_a_case_answers_can_be_read_and_nothing_is_written(make: Any, wait: Any) -> None:
    console = make.console(desk := make.desk([]))
    async with console.app.run_test(size=(80, 24)) as pilot:
        await wait(pilot, lambda: bool(console.app.desk_screen.query("#case")))
        await read(console, pilot, wait)
        for key in ("1", "plus", "enter"):
            console.app.desk_screen.message_bar.acknowledge()
            await pilot.press(key)
            await wait(pilot, lambda: interface.t("act.choose_first") in console.text())
        assert desk.outbox == []


async def test_the_answers_follow_the_language(make: Any, desk: Any, wait: Any) -> None:
    console = make.console(desk)
    async with console.app.run_test(size=(120, 36)) as pilot:
        screen = await ready(console, pilot, wait)
        await pilot.press("down", "down", "enter")
        await answers(console, pilot, wait)
        await pilot.press("escape")
        screen.action_key("language")
        await pilot.pause(0.05)
        await pilot.press("ctrl+a")
        await wait(pilot, lambda: "Recover the password" in console.text())
        interface.use("zh")
