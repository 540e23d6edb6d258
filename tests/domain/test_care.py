"""Care for the agents: stretches without a rest, abuse in a row, an hour without a breath; counted, and never named."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pytest

from okpay_console.cli.wallprint import document
from okpay_console.domain import walltally
from okpay_console.domain.care import Limits, Strain, care
from okpay_console.domain.crew import Crew
from okpay_console.domain.daybook import Line
from okpay_console.domain.queue import Row
from okpay_console.domain.ticket import Call, Mark
from okpay_console.domain.wallnumbers import House
from okpay_console.domain.watch import Watch

TZ = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 11, 22, 14, 46, tzinfo=TZ)


def ago(minutes: float) -> datetime:
    return NOW - timedelta(minutes=minutes)


def told(*states: tuple[str, float], by: str = "li") -> list[Line]:
    return [
        Line(uuid=f"{by}{place}", kind="state", at=ago(before), by=by, what=what)
        for place, (what, before) in enumerate(states)
    ]


def ticket(name: str, began: float, minutes: float, by: str = "li") -> Row:
    steps = (("offered", began), ("answered", began), ("ended", began - minutes), ("wrapped", began - minutes))
    call = Call(f"c{name}", by, tuple(Mark(event, ago(at)) for event, at in steps))
    return Row(id=name, subject="s", channel="hotline", created_at=NOW, updated_at=NOW, calls=(call,))


def strain(lines: list[Line], rows: tuple[Row, ...] = ()) -> Strain:
    crew, watch = Crew(tz=TZ), Watch(House(), tz=TZ)
    watch.read({one.id: one for one in rows})
    crew.learn(lines)
    crew.numbers(watch, None, NOW)
    found = crew.strain("li", NOW)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("states", "now", "longest"),
    [
        ((("available", 180),), 180, 180),
        # Four minutes and 59 seconds are no rest, five are.
        ((("available", 180), ("break", 90), ("available", 85 + 1 / 60)), 180, 180),
        ((("available", 180), ("break", 90), ("available", 85)), 85, 90),
        ((("available", 180), ("offline", 90), ("available", 60)), 60, 90),
        ((("available", 180), ("break", 4)), 176, 176),
        ((("available", 180), ("break", 5)), 0, 175),
        ((("available", 180), ("training", 90), ("available", 60)), 180, 180),
        # A night shift's stretch counts whole, one that was over before midnight does not count today.
        ((("available", 900),), 900, 900),
        ((("available", 1000), ("break", 900), ("available", 60)), 60, 60),
        ((("offline", 60),), 0, 0),
    ],
)
def test_a_stretch_lasts_until_a_break_of_five_minutes(
    states: tuple[tuple[str, float], ...], now: float, longest: float
) -> None:
    found = strain(told(*states))
    assert found.stretch_s == pytest.approx(now * 60)
    assert found.longest_s == pytest.approx(longest * 60)


@pytest.mark.parametrize(
    ("marked", "run"), [("", 0), ("c", 1), ("bc", 2), ("abc", 3), ("ac", 1), ("ab", 0), ("b-bc", 1), ("bc-c", 0)]
)
def test_abusive_calls_in_a_row_are_counted_from_the_last_one_back_and_a_mark_can_be_taken_back(
    marked: str, run: int
) -> None:
    rows = tuple(ticket(name, began, 2) for name, began in (("a", 30), ("b", 20), ("c", 10)))
    lines = told(("available", 60))
    reasons = iter(marked)
    for place, name in enumerate(reasons):
        back = name == "-"
        which = next(reasons) if back else name
        lines.append(
            Line(
                uuid=f"x{place}", kind="abuse", at=ago(5 - place / 10), by="li", ticket=which, what=f"c{which}",
                reason="none" if back else "",
            )
        )  # fmt: skip
    assert strain(lines, rows).abusive_run == run


def test_the_last_hours_share_of_contact_leaves_breaks_out_and_needs_half_an_hour_of_work() -> None:
    rows = (ticket("a", 70, 20), ticket("b", 40, 10))
    found = strain(told(("available", 180), ("break", 20), ("available", 10)), rows)
    assert found.contact == pytest.approx((10 + 10) / 50), "ten minutes of the first call lie before the hour"
    assert strain(told(("available", 29)), rows[:0]).contact is None


@pytest.mark.parametrize("here", [0, 2, 3, 4])
def test_nothing_is_said_where_a_count_would_point_at_somebody(here: int) -> None:
    one = Strain(at_work=True, stretch_s=7200, longest_s=9000, abusive_run=2, contact=0.9, minutes=2)
    away = msgspec.structs.replace(one, at_work=False)
    found = care([*[one] * here, away], Limits())
    counts = (found.stretch, found.abusive, found.contact, found.minutes)
    assert counts == ((here, here, here, 2 * here + 2) if here >= 3 else (None,) * 4)


def test_what_an_agent_bears_stands_nowhere_beside_a_name() -> None:
    crew, watch = Crew(tz=TZ), Watch(House(), tz=TZ)
    watch.read({})
    crew.learn([line for name in "abcd" for line in told(("available", 300), by=name)])
    wall = walltally.numbers(watch, NOW, crew=crew.numbers(watch, None, NOW))
    doc: Any = msgspec.to_builtins(wall)
    assert doc["crew"]["care"]["stretch"] == 4
    for named in (*doc["crew"]["members"], *document(wall)["crew"]["members"]):
        assert not {"stretch_s", "longest_s", "abusive_run", "minutes"} & named.keys()
