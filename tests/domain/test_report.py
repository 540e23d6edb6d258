"""A report's numbers are the wall's of that moment, a week is the sum of its days, and a comparison ends at the same clock time."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from okpay_console.domain import report, walltally
from okpay_console.domain.moments import SHANGHAI
from okpay_console.domain.queue import Due, Row
from okpay_console.domain.report import Report
from okpay_console.domain.reportlines import lines
from okpay_console.domain.sla import CLOSED
from okpay_console.domain.ticket import Call, Mark, Pause, Sla
from okpay_console.domain.wallnumbers import House
from okpay_console.domain.watch import Watch

NOW = datetime(2026, 11, 20, 6, 46, tzinfo=UTC)
"""14:46 of a Friday in Shanghai."""
TODAY = date(2026, 11, 20)


def a_call(chance: random.Random, name: str, at: datetime) -> Call:
    wait = chance.choice([3.0, 12.0, 20.0, 45.0])
    if chance.random() < 0.2:
        return Call(name, "", (Mark("offered", at), Mark("abandoned", at + timedelta(seconds=wait))))
    steps = (("offered", 0.0), ("answered", wait), ("ended", wait + 150), ("wrapped", wait + 190))
    marks = tuple(Mark(event, at + timedelta(seconds=after)) for event, after in steps)
    return Call(name, chance.choice(["wang", "li"]), marks, "INFO_GIVEN")


def some(seed: int, count: int = 150) -> dict[str, Row]:
    chance = random.Random(seed)
    found = {}
    for number in range(count):
        at = NOW - timedelta(seconds=chance.random() * 16 * 86400)
        closed = at + timedelta(hours=chance.random() * 30)
        done = closed < NOW
        answered = at + timedelta(minutes=chance.randrange(9)) if done or number % 4 else None
        due = Due(
            "p", at + timedelta(hours=9), "wang", state="kept", settled_at=at + timedelta(hours=chance.choice([3, 12]))
        )
        found[str(number)] = Row(
            id=str(number), subject="s", channel=chance.choice(["hotline", "chat"]), queue=chance.choice(["general", "risk"]),
            category=chance.choice(["TXN", "LOGIN", ""]), status="closed" if done else "open",
            calls=(a_call(chance, f"c{number}", at),), promises=(due,) if number % 3 == 0 else (),
            sla=Sla(at + timedelta(minutes=5), at + timedelta(hours=20), answered),
            created_at=at, updated_at=closed if done else at, closed_at=closed if done else None, disposition="INFO_GIVEN",
        )  # fmt: skip
    return found


def watching(rows: dict[str, Row]) -> Watch:
    watch = Watch(House(solving=frozenset({"INFO_GIVEN"})), tz=SHANGHAI)
    watch.read(rows)
    return watch


def made(rows: dict[str, Row], kind: report.Kind = "day", day: date = TODAY, **more: Any) -> Report:
    return report.report(watching(rows), kind, day, NOW, **more)


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("back", [0, 3])
def test_the_numbers_of_a_day_are_those_of_the_wall_at_that_moment(seed: int, back: int) -> None:
    rows, day = some(seed), TODAY - timedelta(days=back)
    one = made(rows, day=day)
    at = NOW if not back else datetime(2026, 11, 17, 15, 59, 59, 999999, tzinfo=UTC)
    wall = walltally.numbers(watching(rows), at)
    assert (one.until, one.over) == (at, bool(back))
    assert one.wall == wall
    assert (one.calls, one.before) == (wall.calls, wall.before)
    assert (one.response, one.resolve, one.promises) == (wall.response, wall.resolve, wall.promises)
    for dimension, groups in wall.groups.items():
        for key, group in groups.items():
            mine = one.groups[dimension][key]
            assert (mine.open, mine.overdue, mine.calls) == (group.open, group.overdue, group.calls)
    if not back:
        assert (one.flow.open, one.flow.ended) == (wall.tickets.open, wall.tickets.closed_today)
        told = [half for half in one.halves if half.calls.offered]
        assert {half.label: half.calls.offered for half in told} == {
            h.label: h.offered for h in wall.halves if h.offered
        }


def test_a_week_is_the_sum_of_its_days() -> None:
    one = made(some(9), "week")
    assert (one.first, one.last) == (date(2026, 11, 16), date(2026, 11, 22))
    assert [day.day.day for day in one.days] == [16, 17, 18, 19, 20]  # two are still to come
    for name in ("offered", "answered", "abandoned"):
        assert sum(getattr(day.calls, name) for day in one.days) == getattr(one.calls, name) > 0
        assert sum(getattr(half.calls, name) for half in one.halves) == getattr(one.calls, name)
    for name in ("came", "ended"):
        assert sum(getattr(day.flow, name) for day in one.days) == getattr(one.flow, name) > 0
    assert sum(day.promises.part for day in one.days) == one.promises.part
    assert sum(group.came for group in one.groups["category"].values()) == one.flow.came
    assert one.days[-1].flow.open == one.flow.open == one.wall.tickets.open


def test_the_week_before_ends_at_the_same_time_of_its_friday() -> None:
    at = NOW - timedelta(days=7)
    late = Row(id="l", subject="s", channel="chat", created_at=at + timedelta(seconds=1), updated_at=at)
    early = replace(late, id="e", created_at=at)
    one = made({"l": late, "e": early}, "week")
    assert (one.flow_before.came, one.flow.came) == (1, 0)


def test_a_ticket_that_was_closed_and_opened_again_ended_then_and_is_open_now() -> None:
    monday, wednesday = NOW - timedelta(days=4), NOW - timedelta(days=2)
    back = Row(
        id="r", subject="s", channel="chat", created_at=monday - timedelta(hours=3), updated_at=wednesday,
        sla=Sla(pauses=(Pause(monday, CLOSED, wednesday),)),
    )  # fmt: skip
    flows = [(day.flow.ended, day.flow.open) for day in made({"r": back}, "week").days]
    assert flows == [(1, 0), (0, 0), (0, 1), (0, 1), (0, 1)]


def test_agents_are_sums_unless_their_names_are_wanted() -> None:
    rows = some(4)
    plain, named = made(rows, "week"), made(rows, "week", names=True)
    assert plain.agents == () and {one.name for one in named.agents} == {"wang", "li"}
    assert plain.team == named.team and plain.team.answered == sum(one.answered for one in named.agents) > 0
    assert not any("wang" in line.key for line in lines(plain))


def test_what_the_cache_cannot_know_is_said() -> None:
    rows = some(1)
    assert made(rows, day=TODAY - timedelta(days=12)).gap and not made(rows).gap
    empty = made({})
    assert empty.since is None and empty.gap and all(line.value in (None, 0, 0.0) for line in lines(empty))
