"""A call goes on to its wrap-up although the console is killed on hold, or the network is gone from the middle of it."""

from __future__ import annotations

import os
import re
import signal
from collections.abc import Callable
from typing import Any

import pytest

HALF = "客户说昨天起密码一直不对，让他稍等，"
REST = "已请他按步骤重置。"
STEPS = [f"password-recovery.{number}" for number in range(1, 8)]


def clocks(screen: str) -> tuple[int, int]:
    """The seconds of hold and of talk that the status line tells."""
    found = re.search(r"保持 (\d+):(\d\d) \(通话 (\d+):(\d\d)\)", screen)
    assert found, screen
    hold, hold_s, talk, talk_s = map(int, found.groups())
    return hold * 60 + hold_s, talk * 60 + talk_s


def marks(doc: dict[str, Any]) -> list[str]:
    (call,) = doc["calls"]
    return [mark["event"] for mark in call["marks"]]


def values(doc: dict[str, Any]) -> dict[str, str]:
    return {field: answer["value"] for field, answer in doc.get("answers", {}).items()}


@pytest.fixture
def call(staffed: Any, terminal: Callable[..., Any]) -> tuple[Any, str]:
    """An agent who has answered a caller, given the recording notice and noted what the matter is."""
    console = terminal("wang")
    console.shows("在线")
    ticket = staffed.ring("telephony", name="张三", mobile="+8613800138000")
    console.shows("F5 接听", "138****8000 等")
    console.keys("F5")
    console.shows("通话中", "归你了")
    console.keys("C-g", "2", "1", "Space")
    console.shows("一行里随便什么顺序")
    console.type("密码不对")
    console.keys("Enter")
    console.shows("v 登录问题       密码错误", "已收集齐 3/3")
    return console, ticket


@pytest.mark.terminal
def test_a_console_killed_on_hold_comes_back_with_the_case_the_half_note_and_the_clocks_and_ends_the_call(
    world: Any, terminal: Callable[..., Any], call: tuple[Any, str]
) -> None:
    first, ticket = call
    # While somebody types the clocks go in steps of ten seconds.
    first.keys("Escape", "F6")
    hold, talk = clocks(first.shows("保持 00:", "(通话 ", "F6 恢复通话"))
    first.keys("C-n")
    first.shows("^S")
    first.type(HALF)
    world.until(lambda: world.draft("wang", ticket) == HALF, "the half note on disk")
    os.kill(first.pid(), signal.SIGKILL)
    first.end()

    second = terminal("wang")
    shown = second.shows(
        "保持 00:", "(通话 ", "通话还在进行 (#10001)", "#10001  登录与找回密码", "v 登录问题       密码错误"
    )
    later, same = clocks(shown)
    assert (later >= hold, same) == (True, talk)
    second.keys("C-n")
    second.shows(HALF)
    second.type(REST)
    second.keys("C-s")
    second.shows("备注已保存")
    second.keys("F6")
    second.shows("通话中 00:")
    second.keys("F8")
    second.shows("话后 #10001", "> 3 引导自助")
    second.keys("F8")
    second.shows("话后完成: 引导自助，已结案")
    expected = (["offered", "answered", "held", "resumed", "ended", "wrapped"], "closed")
    world.holds(lambda: (marks(doc := world.doc("wang", ticket)), doc["status"]), expected)
    second.shows_no("待确认")
    second.end()
    assert world.notes("wang", ticket) == [HALF + REST]


@pytest.mark.terminal
def test_a_call_whose_network_is_cut_goes_on_to_its_wrap_up_and_the_server_has_all_of_it_afterwards(
    world: Any, call: tuple[Any, str]
) -> None:
    console, ticket = call
    world.cut()
    console.shows("离线")
    console.type("App 3.2.1，iPhone 15 Pro")
    console.keys("Enter")
    console.shows("v App 版本", "v 手机型号")
    console.keys("F6")
    console.shows("保持 00:")
    console.keys("F6")
    console.shows("通话中 00:")
    console.keys("C-a")
    console.type("zhmm")
    console.keys("Enter")
    console.shows("1 [ ] 先安抚客户")
    console.type("1234567")
    console.shows("7 [v]")
    console.keys("C-t", "Enter")
    console.type("2h")
    console.keys("Enter")
    console.shows("已记下承诺")
    console.keys("F8")
    console.shows("话后 #10001", "> 3 引导自助")
    console.keys("F8")
    console.shows("话后完成: 引导自助，已结案", "离线", "条待发")

    world.start()
    console.shows("在线", patience=60)
    console.shows_no("待确认")
    doc = world.doc("wang", ticket)
    assert marks(doc) == ["offered", "answered", "held", "resumed", "ended", "wrapped"]
    assert (doc["status"], doc["disposition"], doc["assignee"]) == ("closed", "SELF_SERVICE_GUIDED", "wang")
    assert doc["steps"] == {"password-recovery": STEPS}
    assert [(one["text"], one.get("state", "open")) for one in doc["promises"]] == [("回电告知结果", "open")]
    told = {"mobile": "+8613800138000", "consent_rec": "yes", "login_symptom": "wrong_password"}
    assert values(doc) == {**told, "app_version": "3.2.1", "device": "iPhone 15 Pro"}
    console.shows_no("待核对")
