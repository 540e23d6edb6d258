"""One table of keys: no two actions fight, full-width twins work, bar and help say what the bindings do."""

from __future__ import annotations

from typing import Any

import pytest

from okpay_console.content import interface
from okpay_console.errors import ConfigError
from okpay_console.tui import keys
from okpay_console.tui.screens.help import help_text
from okpay_console.tui.screens.palette import ActionProvider


def test_the_table_as_shipped_has_no_clash() -> None:
    assert set(keys.effective({})) == set(keys.BY_ID)


@pytest.mark.parametrize("lang", interface.LANGUAGES)
def test_every_action_has_a_name(lang: str) -> None:
    texts = interface.load(lang)
    assert [action.id for action in keys.ACTIONS if f"key.{action.id}" not in texts] == []


@pytest.mark.parametrize(
    ("overrides", "named"),
    [
        ({"claim": "f3"}, "next"),
        ({"note": "1,f12"}, "typing"),
        ({"clame": "f12"}, "claim"),
        ({"claim": "ctrl+m"}, "enter"),
        ({"claim": "hyper+x"}, "not a key"),
        ({"filter": "1"}, "view_open"),
        ({"view_open": "f1"}, "help"),
    ],
)
def test_settings_that_cannot_work_are_refused_by_name(overrides: dict[str, str], named: str) -> None:
    with pytest.raises(ConfigError) as refused:
        keys.effective(overrides)
    assert named in refused.value.what + refused.value.advice


def test_two_actions_can_swap_their_keys() -> None:
    swapped = keys.effective({"claim": "f3", "next": "f2"})
    assert (swapped["claim"], swapped["next"]) == (("f3",), ("f2",))


def test_a_punctuation_key_from_the_settings_gets_its_full_width_twin_too() -> None:
    assert "fullwidth_colon" in keys.effective({"filter": ":"})["filter"]


def test_a_punctuation_key_works_with_a_chinese_input_method_on() -> None:
    assert "ideographic_comma" in keys.effective({})["filter"]


@pytest.mark.parametrize("lang", interface.LANGUAGES)
def test_help_names_every_key_that_is_bound(lang: str) -> None:
    interface.use(lang)
    bound = keys.effective({"claim": "ctrl+x"})
    text = help_text(bound, ["desk", "queue"])
    for action in keys.ACTIONS:
        if action.scope != "case":
            assert keys.label(action.id) in text
    assert "^X" in text
    assert interface.t("key.arrow_right") in text and " right " not in text
    # Over the wall the same key is another's.
    assert " F2 " not in text.partition(interface.t("help.drill"))[0]
    interface.use("zh")


async def test_an_overridden_key_acts_and_stands_in_the_key_bar(make: Any, desk: Any, wait: Any) -> None:
    console = make.console(desk, keys={"claim": "ctrl+x"})
    async with console.app.run_test(size=(120, 36)) as pilot:
        await wait(pilot, lambda: bool(console.app.desk_screen.query("#case")))
        await pilot.pause()
        assert "^X 认领" in console.text()
        first = console.app.desk_screen.model.order[0]
        await pilot.press("f2")
        await pilot.pause()
        assert desk.base[first].assignee is None
        await pilot.press("ctrl+x")
        await wait(pilot, lambda: desk.base[first].assignee == desk.me)


@pytest.mark.parametrize("key", ["slash", "ideographic_comma"])
async def test_the_filter_opens_by_either_form_of_its_key(make: Any, desk: Any, wait: Any, key: str) -> None:
    console = make.console(desk)
    async with console.app.run_test(size=(120, 36)) as pilot:
        await wait(pilot, lambda: bool(console.app.desk_screen.query("#case")))
        await pilot.press(key)
        await wait(pilot, lambda: console.app.focused is not None and console.app.focused.id == "filter")


async def test_the_palette_finds_an_action_and_runs_it(make: Any, desk: Any, wait: Any) -> None:
    console = make.console(desk)
    async with console.app.run_test(size=(120, 36)) as pilot:
        await wait(pilot, lambda: bool(console.app.desk_screen.query("#case")))
        await pilot.press("ctrl+p")
        await wait(pilot, lambda: "输入命令名" in console.text())
        await pilot.press(*"view_closed")
        await wait(pilot, lambda: "看已结" in console.text())
        await pilot.pause(0.3)
        await pilot.press("enter")
        await pilot.pause(0.2)
        if console.app.screen is not console.app.desk_screen:
            await pilot.press("enter")
        await wait(pilot, lambda: console.app.desk_screen.model.view == "closed")


@pytest.mark.parametrize(("lang", "words"), [("zh", "没有匹配的命令"), ("en", "No command matches")])
async def test_the_palette_says_in_the_language_of_the_screen_that_nothing_matches(
    make: Any, desk: Any, wait: Any, lang: str, words: str
) -> None:
    console = make.console(desk, lang=lang)
    async with console.app.run_test(size=(80, 24)) as pilot:
        await wait(pilot, lambda: bool(console.app.desk_screen.query("#case")))
        await pilot.press("ctrl+p", *"zzqqxx")
        await wait(pilot, lambda: words in console.text())
        assert "No matches found" not in console.text()


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("words", ["语言", "language", "切换语言", "english", "中文"])
async def test_the_palette_finds_the_switch_of_the_language_in_either_language(
    make: Any, desk: Any, wait: Any, lang: str, words: str
) -> None:
    console = make.console(desk, lang=lang)
    async with console.app.run_test(size=(80, 24)) as pilot:
        await wait(pilot, lambda: bool(console.app.desk_screen.query("#case")))
        provider = ActionProvider(console.app.desk_screen)
        found = [hit async for hit in provider.search(words)]
        assert max(found, key=lambda hit: hit.score).help == "language"
