"""No text field of the console holds a secret, and what is written in one is on the disk before anything can be lost."""

from __future__ import annotations

from typing import Any

import pytest
from textual.widgets import Input

from okpay_console import errors
from okpay_console.content.rules import load_secret_lines
from okpay_console.domain import ops
from okpay_console.tui.guarded import GuardedInput, leaving

from .steps import ready

CARD = "4111111111111111"
SIZES = [(120, 36), (80, 24)]


def witnesses(desk: Any) -> list[tuple[str, str]]:
    return [(op.kind, op.place) for op in desk.witnessed]


@pytest.mark.parametrize(
    ("text", "finished", "left"),
    [
        (f"card {CARD} and more", False, "card  and more"),
        (CARD, False, ""),
        ("验证码 123456", True, "验证码 "),
        ("验证码 123456", False, "验证码 123456"),
        ("验证码 123456 是今天的", False, "验证码  是今天的"),
        ("改密码 300元", False, "改密码 300元"),
        ("改密码 11-21 14:30", False, "改密码 11-21 14:30"),
        ("重复扣款 300 两次", True, "重复扣款 300 两次"),
    ],
)
def test_only_the_secret_leaves_a_sentence_and_a_number_may_be_typed_to_its_end(
    text: str, finished: bool, left: str
) -> None:
    assert leaving(text, field=None, finished=finished)[0] == left


def test_a_transaction_number_that_looks_like_a_card_stays_in_its_own_field() -> None:
    assert leaving(CARD, field="txn_no", finished=True) == (CARD, ())


@pytest.mark.parametrize(
    ("keys", "selector"),
    [
        (["ctrl+f"], "#filter"),
        (["ctrl+p"], "CommandInput"),
        (["enter", "ctrl+n"], "#composer-text"),
        (["enter", "ctrl+a"], "#answers-words"),
        (["enter", "ctrl+e"], "#free-input"),
        (["enter", "f7"], "#summary"),
        (["enter", "f7"], "#override"),
        (["enter", "ctrl+t"], "#what"),
        (["enter", "ctrl+t"], "#due"),
        (["6", "enter", "ctrl+o"], "Input"),
    ],
)
@pytest.mark.parametrize("size", SIZES)
async def test_a_card_number_typed_anywhere_is_gone_with_its_last_digit_and_is_on_record(
    make: Any, desk: Any, wait: Any, keys: list[str], selector: str, size: Any
) -> None:
    console = make.console(desk)
    async with console.app.run_test(size=size) as pilot:
        await ready(console, pilot, wait)
        await pilot.press(*keys)
        await wait(pilot, lambda: bool(console.app.screen.query(selector)))
        box: Any = console.app.screen.query_one(selector)
        box.focus()
        if isinstance(box, Input):
            box.value = ""
        await pilot.press(*CARD)
        await wait(pilot, lambda: desk.witnessed)
        await pilot.pause()
        assert CARD[4:] not in (box.value if isinstance(box, Input) else box.text)
        shown = console.text()
        assert CARD not in shown
        assert "不能保存" in shown or "卡号" in shown
    assert witnesses(desk)[0][0] == "card"
    assert CARD not in str(desk.drafts) + str(desk.outbox) + str(desk.witnessed)


async def test_a_secret_that_comes_in_two_pieces_is_found_when_it_is_whole(make: Any, desk: Any, wait: Any) -> None:
    console = make.console(desk)
    async with console.app.run_test(size=(120, 36)) as pilot:
        await ready(console, pilot, wait)
        await pilot.press("enter", "ctrl+e")
        box = console.app.screen.query_one("#free-input", GuardedInput)
        await pilot.press(*CARD[8:], "home", *CARD[:8])
        await wait(pilot, lambda: desk.witnessed)
        assert CARD[8:] not in box.value


async def test_a_note_that_completes_a_former_one_to_a_card_number_is_refused_and_is_on_record(
    make: Any, desk: Any, wait: Any
) -> None:
    console = make.console(desk)
    async with console.app.run_test(size=(120, 36)) as pilot:
        await ready(console, pilot, wait)
        ticket = next(iter(desk.rows()))
        acts = console.app.desk_screen.acts
        assert await acts.write(ticket, "note", CARD[:8])
        assert await acts.write(ticket, "note", "您好")
        assert not desk.witnessed
        assert not await acts.write(ticket, "note", CARD[8:])
    [witness] = desk.witnessed
    assert (witness.what, witness.kind, witness.place, witness.ticket) == ("secret-refused", "card", "note", ticket)


async def test_a_code_at_the_end_of_a_sentence_goes_when_the_typing_pauses_and_the_other_words_stay(
    make: Any, desk: Any, wait: Any
) -> None:
    console = make.console(desk)
    async with console.app.run_test(size=(120, 36)) as pilot:
        await ready(console, pilot, wait)
        await pilot.press("enter", "ctrl+e")
        await pilot.press(*"客户说验证码123456")
        box = console.app.screen.query_one("#free-input", GuardedInput)
        assert box.value.endswith("123456")
        await wait(pilot, lambda: "123456" not in box.value)
        assert box.value == "客户说验证码"
        assert load_secret_lines()["code"].zh[:6] in console.text().replace("\n", "")
    assert "123456" not in str(desk.drafts)


async def test_enter_does_not_get_ahead_of_the_guard(make: Any, desk: Any, wait: Any) -> None:
    console = make.console(desk)
    async with console.app.run_test(size=(120, 36)) as pilot:
        await ready(console, pilot, wait)
        await pilot.press("enter", "ctrl+e", *"验证码123456", "enter")
        await wait(pilot, lambda: desk.witnessed)
        await pilot.pause()
        assert desk.outbox == []
        assert "123456" not in console.app.screen.query_one("#free-input", Input).value


@pytest.mark.parametrize(
    ("keys", "selector", "kind"),
    [
        (["enter", "ctrl+n"], "#composer-text", "note"),
        (["enter", "ctrl+r"], "#composer-text", "reply"),
        (["enter", "ctrl+e"], "#free-input", "free"),
        (["enter", "f7"], "#summary", "summary"),
        (["enter", "f7"], "#override", "override"),
        (["enter", "ctrl+t"], "#what", "promise"),
        (["6", "enter", "ctrl+o"], "Input", "reopen"),
    ],
)
async def test_what_is_typed_is_on_the_disk_soon_and_there_again_after_escape(
    make: Any, desk: Any, wait: Any, keys: list[str], selector: str, kind: str
) -> None:
    console = make.console(desk)
    async with console.app.run_test(size=(120, 36)) as pilot:
        await ready(console, pilot, wait)
        await pilot.press(*keys)
        await wait(pilot, lambda: bool(console.app.screen.query(selector)))
        console.app.screen.query_one(selector).focus()
        await pilot.press(*"kept words")
        ticket = console.app.desk_screen.opened.ticket
        await wait(pilot, lambda: desk.drafts.get((ticket, kind)) == "kept words")
        await pilot.press("escape")
        await pilot.pause()
        await pilot.press(*keys[-1:])
        await wait(pilot, lambda: bool(console.app.screen.query(selector)))
        again: Any = console.app.screen.query_one(selector)
        assert (again.value if isinstance(again, Input) else again.text) == "kept words"
    assert desk.outbox == []


async def test_a_field_being_written_is_a_draft_that_goes_with_its_answer(make: Any, desk: Any, wait: Any) -> None:
    console = make.console(desk)
    async with console.app.run_test(size=(120, 36)) as pilot:
        await ready(console, pilot, wait)
        await pilot.press("enter")
        ticket = console.app.desk_screen.opened.ticket
        checklist = console.app.screen.query_one("#checklist")
        checklist.cursor = "mobile"
        await pilot.press("enter", *"1391234")
        await wait(pilot, lambda: desk.drafts.get((ticket, "field:mobile")) == "1391234")
        await pilot.press("escape", "enter", *"5678", "enter")
        await wait(pilot, lambda: desk.outbox)
        assert desk.outbox[0].value == "+8613912345678"
        await pilot.pause(0.3)
        assert not desk.drafts.get((ticket, "field:mobile"))


async def test_a_full_disk_is_said_once_and_the_words_are_kept_in_memory_until_it_takes_them(
    make: Any, desk: Any, wait: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("okpay_console.tui.jotter.AGAIN_SECONDS", 0.02)
    full = True
    keep = desk.keep_draft

    async def sometimes(*args: str) -> None:
        if full:
            raise errors.StoreFull("The disk is full.", "Make room.")
        await keep(*args)

    desk.keep_draft = sometimes
    console = make.console(desk)
    async with console.app.run_test(size=(120, 36)) as pilot:
        await ready(console, pilot, wait)
        await pilot.press("enter", "ctrl+n", *"precious")
        await wait(pilot, lambda: "磁盘满了" in console.text())
        ticket = console.app.desk_screen.opened.ticket
        await wait(pilot, lambda: console.app.desk_screen.acts.jotter.read(ticket, "note") == "precious")
        full = False
        await wait(pilot, lambda: desk.drafts.get((ticket, "note")) == "precious")
        assert len(console.app.desk_screen.message_bar.alarms) == 1


async def test_the_draft_of_a_merged_ticket_is_found_at_the_ticket_it_went_into_with_its_number(
    make: Any, wait: Any
) -> None:
    desk = make.desk([make.ticket(1), make.ticket(2, merged_into=make.ticket(1).id, status="closed")])
    desk.drafts[make.ticket(2).id, "note"] = "半句话"
    console = make.console(desk)
    async with console.app.run_test(size=(120, 36)) as pilot:
        await ready(console, pilot, wait)
        await pilot.press("enter", "ctrl+n")
        await wait(pilot, lambda: "(来自 #20002) 半句话" in console.text())
        await wait(pilot, lambda: not desk.drafts.get((make.ticket(2).id, "note")))
        assert "半句话" in desk.drafts[make.ticket(1).id, "note"]
        await pilot.press("escape", "ctrl+n")
        assert console.text().count("半句话") == 1


@pytest.mark.parametrize("change", ["taken", "merged"])
async def test_a_draft_survives_a_lost_claim_and_a_merge(make: Any, desk: Any, wait: Any, change: str) -> None:
    from msgspec.structs import replace

    console = make.console(desk)
    async with console.app.run_test(size=(120, 36)) as pilot:
        await ready(console, pilot, wait)
        await pilot.press("enter", "ctrl+n", *"mine")
        ticket = console.app.desk_screen.opened.ticket
        await wait(pilot, lambda: desk.drafts.get((ticket, "note")) == "mine")
        base = desk.base[ticket]
        other = next(one for one in desk.base if one != ticket)
        desk.put(replace(base, assignee="小李", claim_no=9) if change == "taken" else replace(base, merged_into=other))
        await pilot.pause(0.2)
        assert "mine" in console.text()
        assert desk.drafts[ticket, "note"] == "mine"
    assert not any(isinstance(op, ops.AddNote) for op in desk.outbox)


async def test_a_secret_pasted_into_the_middle_of_a_long_note_goes_at_once(make: Any, desk: Any, wait: Any) -> None:
    console = make.console(desk)
    async with console.app.run_test(size=(120, 36)) as pilot:
        await ready(console, pilot, wait)
        await pilot.press("enter", "ctrl+n")
        area = console.app.screen.query_one("#composer-text")
        area.insert("长" * 900)
        area.insert("4111 1111 1111 1111" + "尾" * 900)
        await wait(pilot, lambda: "4111" not in area.text and len(area.text) >= 1800)
        await wait(pilot, lambda: desk.witnessed)
        assert desk.witnessed[0].kind == "card"
