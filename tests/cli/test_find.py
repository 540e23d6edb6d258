"""Which ticket somebody means."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from okpay_console.cli.find import find
from okpay_console.cli.output import Out
from okpay_console.domain.queue import Row
from okpay_console.errors import NotFound, Refused

T = datetime(2026, 11, 22, tzinfo=UTC)
IDS = (
    "01a203f3-338c-77b9-a0b6-ea73c0d3c121",
    "01a203f3-338c-7abc-8183-3835a1f16f21",
    "20419abc-0000-7000-8000-000000000000",
)
ROWS = {
    key: Row(id=key, number=number, subject="x", channel="chat", created_at=T, updated_at=T)
    for key, number in zip(IDS, (20419, 0, 7), strict=True)
}
OUT = Out(json=False, lang="en")


@pytest.mark.parametrize(
    ("typed", "index"),
    [("20419", 0), ("#20419", 0), (" 7 ", 2), (IDS[1], 1), (IDS[0][:16], 0), ("01A203F3-338C-7A", 1), ("20419abc", 2)],
)
def test_a_number_an_id_and_a_beginning_of_one_name_the_ticket(typed: str, index: int) -> None:
    assert find(typed, ROWS, OUT) == IDS[index]


def test_a_beginning_of_several_is_refused_with_their_count() -> None:
    with pytest.raises(Refused, match="2 tickets"):
        find("01a203f3-338c", ROWS, OUT)


@pytest.mark.parametrize("typed", ["0", "#0", "01a203f", "", "8", "nonsense-nonsense"])
def test_zero_is_no_number_and_seven_letters_are_too_few(typed: str) -> None:
    with pytest.raises(NotFound):
        find(typed, ROWS, OUT)
