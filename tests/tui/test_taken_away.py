"""A ticket that leaves this machine while it is open: the case closes, says so, and no word that was being written is lost."""

from __future__ import annotations

from typing import Any

import pytest

from .steps import ready


def take_away(desk: Any, ticket: str) -> None:
    del desk.base[ticket]
    desk._rows.pop(ticket, None)
    desk.poke(ticket)


@pytest.mark.parametrize(("size", "lang"), [((120, 36), "zh"), ((80, 24), "zh"), ((80, 24), "en")])
async def test_an_open_case_closes_its_words_stay_a_draft_and_the_keys_are_for_the_next_one(
    make: Any, desk: Any, wait: Any, size: Any, lang: str
) -> None:
    console = make.console(desk, lang=lang)
    async with console.app.run_test(size=size) as pilot:
        await ready(console, pilot, wait)
        await pilot.press("enter", "ctrl+n", *"half")
        opened = console.app.desk_screen.opened
        ticket = opened.ticket
        subject = desk.base[ticket].subject
        await wait(pilot, lambda: subject in console.text())
        take_away(desk, ticket)
        await wait(pilot, lambda: ("已从本机移走" if lang == "zh" else "has left this machine") in console.text())
        assert desk.drafts.get((ticket, "note")) == "half"
        assert not opened.pane.composing
        assert (opened.ticket, opened.pane.view) == ("", None)
        assert subject not in console.text()
        assert console.app.desk_screen.pane_of(console.app.screen.focused) == "queue"
        # What is typed now is for the ticket under the cursor, and not for the one that is gone.
        await pilot.press("enter", "ctrl+n", *"next")
        await wait(pilot, lambda: opened.pane.composing)
        assert opened.ticket not in ("", ticket)
        await pilot.press("ctrl+s")
        await wait(pilot, lambda: desk.outbox)
        assert desk.outbox[0].ticket == opened.ticket
