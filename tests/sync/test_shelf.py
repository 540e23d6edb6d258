"""The canned answers of a console: the shipped ones, the server's over them, offline, and how often each helped."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from okpay_console import errors
from okpay_console.content import load_answers
from okpay_console.domain.shelf import ShelfPage, Shelved

MINE = "---\nid: password-recovery\ntitle: 找回密码（本公司）\ncategory: LOGIN\n---\n1. 打开登录页。\n"
FRESH = "---\nid: limits\ntitle: 转账限额\n---\n1. 打开限额页。\n"


class Editors:
    """Two supervisors at the server's door."""

    def __init__(self, desk: Any, first: Any, second: Any) -> None:
        self.desk, self.first, self.second = desk, first, second

    async def _call(self, who: Any, method: str, path: str, **more: Any) -> None:
        headers = {"Authorization": f"Bearer {who.token}"}
        async with httpx.AsyncClient(base_url=self.desk.server.url, headers=headers) as http:
            reply = await http.request(method, f"/v1/answers/{path}", **more)
            assert reply.status_code == 200, reply.text

    async def publish(self, name: str, text: str, lang: str = "zh") -> None:
        await self._call(self.first, "PUT", f"{name}/{lang}", json={"markdown": text})
        await self._call(self.second, "POST", f"{name}/{lang}/publish")

    async def retire(self, name: str, lang: str = "zh") -> None:
        await self._call(self.first, "POST", f"{name}/{lang}/retire")


@pytest.fixture
async def editors(desk: Any) -> Editors:
    return Editors(desk, await desk.console("zhou"), await desk.console("qian"))


def titles(console: Any, lang: str = "zh") -> dict[str, str]:
    return {answer.id: answer.title for answer in console.engine.answers() if answer.lang == lang}


async def test_without_a_server_s_own_answers_a_console_has_the_shipped_ones(desk: Any) -> None:
    wang = await desk.console("wang")
    assert tuple(wang.engine.answers()) == load_answers("zh") + load_answers("en")
    await wang.engine.round()
    assert tuple(wang.engine.answers()) == load_answers("zh") + load_answers("en")


async def test_a_published_answer_replaces_the_shipped_one_in_its_place_and_a_new_one_is_added(
    desk: Any, editors: Editors
) -> None:
    wang = await desk.console("wang", role="agent")
    await wang.engine.round()
    await editors.publish("password-recovery", MINE)
    await editors.publish("limits", FRESH)
    await wang.engine.round()
    shipped = [answer.id for answer in load_answers("zh")]
    assert list(titles(wang)) == [*shipped, "limits"]
    assert titles(wang)["password-recovery"] == "找回密码（本公司）"
    assert titles(wang, "en") == {answer.id: answer.title for answer in load_answers("en")}
    assert wang.changes[-1].answers


async def test_a_retired_answer_is_hidden_in_its_language_and_comes_back_with_the_next_publication(
    desk: Any, editors: Editors
) -> None:
    wang = await desk.console("wang", role="agent")
    await editors.retire("password-recovery")
    await wang.engine.round()
    assert "password-recovery" not in titles(wang)
    assert "password-recovery" in titles(wang, "en")
    await editors.publish("password-recovery", MINE)
    await wang.engine.round()
    assert titles(wang)["password-recovery"] == "找回密码（本公司）"


async def test_what_was_published_is_there_after_a_restart_without_a_network(desk: Any, editors: Editors) -> None:
    wang = await desk.console("wang", role="agent")
    await editors.publish("limits", FRESH)
    await wang.engine.round()
    before = list(wang.engine.answers())
    await wang.close()
    await desk.stop()
    wang.open()
    assert list(wang.engine.answers()) == before
    assert (await wang.engine.round()).link == "offline"
    assert list(wang.engine.answers()) == before
    await desk.start()


async def test_an_answer_in_a_form_that_this_version_cannot_read_leaves_the_shipped_one(
    desk: Any, editors: Editors, monkeypatch: Any
) -> None:
    monkeypatch.setattr("okpay_console.server.knowledge.check_text", lambda *_: None)
    wang = await desk.console("wang", role="agent")
    await editors.publish("password-recovery", "+++\nid = 'password-recovery'\n+++\n")
    await editors.publish("limits", FRESH)
    await wang.engine.round()
    assert titles(wang)["password-recovery"] == "找回密码"
    assert "limits" in titles(wang)


async def test_own_words_count_at_once_and_once_and_stay_when_the_server_counts_them(desk: Any) -> None:
    wang, li = await desk.console("wang", role="agent"), await desk.console("li", role="agent")
    one, two = await wang.new(), await wang.new()
    await wang.engine.round()
    for ticket, helped in ((one, True), (two, False)):
        await wang.engine.do(wang.author.rate(wang.engine.view(ticket).ticket, "limits", helped=helped))
    assert wang.engine.ratings() == {"limits": (1, 1)}
    await wang.engine.round()
    assert wang.engine.ratings() == {"limits": (1, 1)}
    # Said otherwise: it moves from one side to the other, before and after the server has heard of it.
    await wang.engine.do(wang.author.rate(wang.engine.view(two).ticket, "limits", helped=True))
    assert wang.engine.ratings() == {"limits": (2, 0)}
    await wang.engine.round()
    assert wang.engine.ratings() == {"limits": (2, 0)}
    await li.engine.round()
    assert li.engine.ratings() == {"limits": (2, 0)}


async def test_nothing_is_asked_while_nothing_has_changed(desk: Any, editors: Editors) -> None:
    wang = await desk.console("wang", role="agent")
    asked: list[str] = []
    real = wang.api.shelf

    async def shelf(have: str, after: str = "") -> ShelfPage | None:
        asked.append(have)
        return await real(have, after)

    wang.api.shelf = shelf
    for _ in range(3):
        await wang.engine.round()
    assert len(asked) == 1
    await editors.publish("limits", FRESH)
    for _ in range(3):
        await wang.engine.round()
    assert len(asked) == 2


async def test_trouble_with_the_answers_is_not_the_link_s(desk: Any, editors: Editors) -> None:
    wang = await desk.console("wang", role="agent")
    await editors.publish("limits", FRESH)
    real = wang.api.shelf

    async def shelf(have: str, after: str = "") -> ShelfPage | None:
        raise errors.Unavailable("not now")

    wang.api.shelf = shelf
    assert (await wang.engine.round()).link == "online"
    assert "limits" not in titles(wang)
    wang.api.shelf = real


async def test_pages_of_two_states_are_never_mixed(desk: Any) -> None:
    """A publication between two pages: what is half read is thrown away, and the next round reads it whole."""
    wang = await desk.console("wang", role="agent")
    first = Shelved("a", "zh", 1, "---\nid: a\ntitle: 甲\n---\n")
    last = Shelved("b", "zh", 1, "---\nid: b\ntitle: 乙\n---\n")
    pages = [
        ShelfPage("1-x", 1, [first], next="a/zh"),
        ShelfPage("2-x", 2, [last]),
        ShelfPage("2-x", 2, [first], next="a/zh"),
        ShelfPage("2-x", 2, [last]),
    ]

    async def shelf(have: str, after: str = "") -> ShelfPage | None:
        return pages.pop(0)

    wang.api.shelf = shelf
    await wang.engine.round()
    assert not {"a", "b"} & titles(wang).keys()
    await wang.engine.round()
    assert {"a", "b"} <= titles(wang).keys()
    assert pages == []
