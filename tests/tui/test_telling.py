"""What the desk says of its standing with the server: once, in words, with what is to be done."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from okpay_console.content import interface
from okpay_console.tui.panes.status import link_words
from okpay_console.tui.telling import Telling

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)


@pytest.fixture(params=["zh", "en"])
def spoken(request: pytest.FixtureRequest) -> Any:
    before = interface.lang()
    interface.use(request.param)
    yield request.param
    interface.use(before)


def desk(code: str = "", state: str = "online", *, role: str = "agent", queues: tuple[str, ...] = ()) -> Any:
    status = SimpleNamespace(
        state=state, since=NOW, last_sync_at=NOW - timedelta(seconds=2), pending=3, reviews=0, code=code,
        message="The request cannot be read.", advice="Update this console.", disk="", retry_in=40.0,
    )  # fmt: skip
    return SimpleNamespace(status=lambda: status, role=role, queues=queues)


@pytest.mark.parametrize("code", ["bad-request", "too-large", "http-415", "forbidden", "bad-reply"])
def test_that_nothing_is_taken_is_said_once_with_how_much_waits_and_in_the_status_line_all_the_time(
    spoken: str, code: str
) -> None:
    telling, held = Telling(), desk(code)
    [said] = telling.news(held)
    assert "3" in said and ("都还在本机" if spoken == "zh" else "kept here") in said
    assert spoken == "en" or not any("a" <= letter <= "z" for letter in said.replace("okpay-console", ""))
    assert telling.news(held) == []
    words, role = link_words(held.status(), NOW)
    assert role == "warn" and ("3 条发不出" if spoken == "zh" else "3 cannot be sent") in words
    assert telling.news(desk()) == []
    assert link_words(desk().status(), NOW)[1] == "calm"
    assert len(telling.news(held)) == 1, "when it begins again, it is said again"


def test_without_a_network_nothing_is_said_beside_the_status_line(spoken: str) -> None:
    assert Telling().news(desk("offline", "offline")) == []
    assert len(Telling().news(desk("protocol", "refused"))) == 1


def test_another_role_and_other_queues_are_said_when_they_change(spoken: str) -> None:
    telling = Telling()
    assert telling.news(desk(role="")) == []
    assert telling.news(desk(role="supervisor")) == []
    [said] = telling.news(desk(role="agent"))
    assert ("坐席" if spoken == "zh" else "agent") in said
    [said] = telling.news(desk(role="agent", queues=("general", "l2")))
    assert ("、" if spoken == "zh" else ", ") in said
    [said] = telling.news(desk(role="agent"))
    assert ("全部队列" if spoken == "zh" else "all queues") in said
    assert telling.news(desk(role="")) == telling.news(desk(role="agent")) == []


def test_a_role_that_only_a_newer_server_knows_is_said_by_its_own_name(spoken: str) -> None:
    telling = Telling()
    assert telling.news(desk()) == []
    [said] = telling.news(desk(role="auditor\u202e"))
    assert "auditor" in said and "\u202e" not in said
