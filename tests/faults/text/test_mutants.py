"""Each door's cleaner is taken away once, and the look at that door must say so: a look that sees nothing proves nothing."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from typing import Any

import pytest

from okpay_console.cli import markup, output
from okpay_console.domain import cells
from okpay_console.domain.views import Saved
from okpay_console.tui import render, terminaldoor
from okpay_console.tui.screens import palette

from ...tui.conftest import until as wait
from ...tui.steps import ready
from .corpus import CORPUS, FORMULAS
from .hostile import NASTY, TICKET, watched, wrong
from .test_commands import RISKY, Tags, harmless


def same(text: str) -> str:
    return text


def screen_open(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(render, "on_screen", same)


def door_open(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(terminaldoor, "powerless", same)


def markup_read(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(palette, "_marked", lambda matcher, words: matcher.highlight(words))


@pytest.mark.parametrize(
    ("mutant", "keys", "said"),
    [
        (None, ("ctrl+n", "escape", "ctrl+p", "x"), ""),
        (screen_open, (), "left to the door"),
        (door_open, ("ctrl+n",), "holds"),
        (markup_read, ("ctrl+p", "x"), "does something when it is clicked"),
    ],
)
async def test_a_screen_without_its_cleaner_is_seen(
    make: Any, mutant: Callable[[pytest.MonkeyPatch], None] | None, keys: tuple[str, ...], said: str
) -> None:
    desk = make.desk([make.ticket(1, NASTY, assignee="小王", status="open")])
    desk.own = (Saved("v", NASTY, "超时"),)
    desk.drafts = {(TICKET, "note"): NASTY}
    console = make.console(desk)
    told: list[str] = []
    with pytest.MonkeyPatch.context() as patch:
        if mutant is not None:
            mutant(patch)
        with watched() as taken:
            async with console.app.run_test(size=(80, 24)) as pilot:
                await ready(console, pilot, wait)
                for key in ("enter", *keys):
                    await pilot.press(key)
                    await pilot.pause()
                    told += wrong(console.app, taken)
                    taken.clear()
    assert any(said in one for one in told) if said else told == [], told


def printed(capsys: pytest.CaptureFixture[str]) -> list[str]:
    output.Out(json=False, lang="zh").table(("a",), [(text,) for text in CORPUS.values()])
    return harmless(capsys.readouterr().out)


def noted(capsys: pytest.CaptureFixture[str]) -> list[str]:
    output.Out(json=False, lang="zh").note(f"不认识 {NASTY}")
    return harmless(capsys.readouterr().err, also="\t")


def documented(capsys: pytest.CaptureFixture[str]) -> list[str]:
    output.Out(json=True, lang="zh").doc({"subject": NASTY})
    return harmless(capsys.readouterr().out)


def paged(_: pytest.CaptureFixture[str]) -> list[str]:
    seen = Tags()
    seen.feed(markup.page(lang="zh", title=NASTY, body=[markup.table(("a",), [(text,) for text in CORPUS.values()])]))
    return sorted({"script", "img", "svg"} & seen.elements)


def ran(_: pytest.CaptureFixture[str]) -> list[str]:
    (row,) = csv.reader(io.StringIO(cells.table_line([*FORMULAS.values()]), newline=""), strict=True)
    return [part for cell in row for part in re.split("[;\t\r\n]", cell) if part.lstrip().startswith(RISKY)]


def filed(_: pytest.CaptureFixture[str]) -> list[str]:
    return harmless(cells.table_line([NASTY]), also="\r\t")


@pytest.mark.parametrize(
    ("look", "room", "name", "cleaner"),
    [
        (printed, output, "on_one_line", same),
        (noted, output, "in_cell", same),
        (documented, output, "escaped", same),
        (paged, markup, "escape", same),
        (ran, cells, "guarded", same),
        (ran, cells, "_RISKY", re.compile("^(?=[=+@-])")),
        (filed, cells, "in_cell", same),
    ],
)
def test_a_command_without_its_cleaner_is_seen(
    capsys: pytest.CaptureFixture[str], look: Callable[..., list[str]], room: Any, name: str, cleaner: Any
) -> None:
    assert look(capsys) == []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(room, name, cleaner)
        assert look(capsys) != []
