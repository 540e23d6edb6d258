"""What two thousand customers say, two consoles in real terminals, and a server that is cut in the middle of a note."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

ROWS = 2000


def sentences(count: int) -> list[str]:
    """What so many customers say, each in words of his own."""
    things = ["转账", "退款", "充值", "提现", "登录", "账单", "验证码短信", "跨境汇款"]
    troubles = ["一直不到账", "提示失败", "重复扣了一次", "查不到记录", "页面打不开"]
    return [f"{things[n % 8]}{troubles[n // 8 % 5]}，第{n + 1}次问" for n in range(count)]


def listing(world: Any, who: str) -> dict[str, Any]:
    """Everything one console holds, without what the moment of asking makes of it."""
    listed = world.run(who, "tickets", "--view", "all", "--limit", "0")
    return {ticket["id"]: {name: ticket[name] for name in ticket if name != "overdue"} for ticket in listed}


@pytest.mark.terminal
def test_a_server_cut_in_the_middle_of_a_note_loses_nothing_and_doubles_nothing(
    world: Any, terminal: Callable[..., Any], tmp_path: Path
) -> None:
    world.hire("importer", "integration")
    world.hire("wang")
    world.hire("li")
    world.start()
    table = tmp_path / "questions.csv"
    with table.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["external_id", "subject", "channel"])
        writer.writerows(
            [f"q{n}", text, ("hotline", "chat", "email", "social")[n % 4]] for n, text in enumerate(sentences(ROWS))
        )
    summary = world.run("importer", "import", "tickets", str(table), "--on-error", "skip")[-1]
    imported = summary["imported"]
    assert imported + len(summary["bad"]) == ROWS and imported > ROWS * 0.99
    again = world.run("importer", "import", "tickets", str(table), "--on-error", "skip")[-1]
    assert (again["imported"], again["existing"]) == (0, imported)

    for who in ("wang", "li"):
        (done,) = world.run(who, "sync")
        assert (done["link"], done["pulled"]) == ("online", imported)

    wang, li = terminal("wang"), terminal("li", size=(80, 24))
    wang.shows("在线")
    li.shows("在线")
    wang.keys("Enter")
    wang.keys("F2")
    wang.shows("归你了")
    mine = ticket_of(world, "wang")
    wang.keys("C-n")
    wang.type("客户说昨天下午付款，")
    world.cut()
    wang.type("钱扣了但没有到账。")
    wang.keys("C-s")
    wang.shows("离线")
    wang.shows("客户说昨天下午付款，钱扣了但没有到账。")
    wang.keys("C-n")
    wang.type("断网时写的第二条备注")
    wang.keys("C-s")
    wang.shows("断网时写的第二条备注")
    world.start()
    wang.shows("在线", patience=60)
    wang.shows_no("待确认")
    li.shows("在线", patience=60)
    for one in (wang, li):
        one.end()
    for who in ("wang", "li"):
        (done,) = world.run(who, "sync")
        assert (done["link"], done["pending"], done["refused"]) == ("online", 0, [])
    expected = ["客户说昨天下午付款，钱扣了但没有到账。", "断网时写的第二条备注"]
    assert world.notes("wang", mine) == expected
    assert world.notes("li", mine) == expected
    world.hire("auditor", "supervisor")
    world.run("auditor", "sync")
    held = listing(world, "wang")
    assert len(held) == imported
    assert held == listing(world, "li") == listing(world, "auditor")


def ticket_of(world: Any, who: str) -> str:
    """The id of the one ticket that this person holds, read beside his open console."""
    (ticket,) = world.run(who, "tickets", "--view", "mine", "--limit", "0")
    return str(ticket["id"])
