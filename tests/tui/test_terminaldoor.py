"""Nothing that acts or cannot be seen leaves for the terminal, however harmless Python calls it, and no row changes its width."""

from __future__ import annotations

import pytest
from rich.cells import cell_len
from rich.segment import Segment
from textual.color import Color

from okpay_console.tui.terminaldoor import TerminalDoor

PRINTABLE = "\u034f\u115f\u1160\u17b4\u180b\u3164\ufe0e\ufe0f\uffa0\U000e0100"


@pytest.mark.parametrize(
    "unseen", [*PRINTABLE, "\x1b", "\x9b", "\u200b", "\u202e"], ids=lambda one: f"U+{ord(one):04X}"
)
def test_what_cannot_be_seen_goes_and_the_row_stays_as_wide(unseen: str) -> None:
    row = [Segment("客户 "), Segment(f"☎{unseen} 7"), Segment("\u3000end")]
    drawn = TerminalDoor().apply(row, Color(0, 0, 0))
    assert unseen not in "".join(segment.text for segment in drawn)
    assert [cell_len(segment.text) for segment in drawn] == [cell_len(segment.text) for segment in row]


def test_a_row_with_nothing_to_take_out_is_the_same_object() -> None:
    row = [Segment("工单\u300010133"), Segment("é")]
    assert TerminalDoor().apply(row, Color(0, 0, 0)) is row
