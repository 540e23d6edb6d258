"""The exported log of calls gives the wall's numbers of its day to the last digit."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from okpay_console.cli.calls import event
from okpay_console.domain import calls, exportcalls, intervals, walltally
from okpay_console.domain.callclock import clocks
from okpay_console.domain.calllog import read
from okpay_console.domain.cells import json_line
from okpay_console.domain.crew import Crew
from okpay_console.domain.daybook import Line
from okpay_console.domain.exporting import Record, Span
from okpay_console.domain.queue import Row
from okpay_console.domain.ticket import Call, Mark
from okpay_console.domain.wallnumbers import House, Wall
from okpay_console.domain.watch import Watch

DAYS = (
    ("Asia/Shanghai", date(2026, 11, 22)),
    ("Europe/Berlin", date(2026, 3, 29)),  # 23 hours
    ("America/New_York", date(2026, 11, 1)),  # 25 hours
)
AGENTS = ("li", "wang", "zhao")


def steps(rng: random.Random, at: datetime) -> Iterator[tuple[str, datetime]]:
    """What happens to one answered call that is wrapped up."""
    yield "answered", at
    if rng.random() < 0.3:
        at += timedelta(seconds=rng.uniform(1, 60))
        yield "held", at
        at += timedelta(seconds=rng.uniform(0, 90))
        yield "resumed", at
    if rng.random() < 0.2:
        yield "muted", at
    at += timedelta(seconds=rng.uniform(1, 400))
    yield "ended", at
    yield "wrapped", at + timedelta(seconds=rng.choice((0.0, rng.uniform(0, 90))))


def shift(rng: random.Random, agent: str, begin: datetime, end: datetime) -> tuple[list[Call], list[Line]]:
    """An agent's shift: states, and calls one after another, from before the day on at times; the last may still go on."""
    at = begin + timedelta(minutes=rng.uniform(-90, 300))
    made: list[Call] = []
    told = [Line(uuid=f"{agent}-0", kind="state", at=at, by=agent, what="available")]
    while at < end - timedelta(hours=rng.uniform(1, 5)):
        at += timedelta(seconds=rng.uniform(0, 1500))
        if rng.random() < 0.2:
            what = rng.choice(("break", "training", "offline"))
            told += [
                Line(uuid=f"{agent}-{len(told)}", kind="state", at=at, by=agent, what=what),
                Line(
                    uuid=f"{agent}-{len(told)}b", kind="state", at=at + timedelta(minutes=9), by=agent, what="available"
                ),
            ]
            at += timedelta(minutes=9)
        offered = at - timedelta(seconds=rng.choice((0, 5, 20, rng.uniform(0, 60))))
        marks = [("offered", offered), *steps(rng, at)]
        at = marks[-1][1] + timedelta(microseconds=1)
        made.append(Call(f"{agent}-{len(made)}", agent, tuple(Mark(name, when) for name, when in marks)))
    if rng.random() < 0.5:
        told.append(Line(uuid=f"{agent}-end", kind="state", at=at, by=agent, what="offline"))
    return made, told


def day_of(seed: int) -> tuple[list[Row], list[Line], Span, datetime, ZoneInfo]:
    """A day of the hotline with its neighbours' ends: rows, lines, the day, the moment up to which it is known, its zone."""
    rng = random.Random(seed)
    name, day = DAYS[seed % len(DAYS)]
    tz = ZoneInfo(name)
    whole = intervals.whole(day, tz)
    now = whole.ends - timedelta(microseconds=1)
    made: list[Call] = []
    lines: list[Line] = []
    for agent in AGENTS:
        some, told = shift(rng, agent, whole.begins, whole.ends)
        made += some
        lines += told
    for number in range(30):
        at = whole.begins + timedelta(seconds=rng.uniform(-3600, 23 * 3600 - 60))
        left = rng.choice(("abandoned", "callback", ""))
        told_marks = [Mark("offered", at), *([Mark(left, at + timedelta(seconds=rng.uniform(0, 50)))] if left else [])]
        made.append(Call(f"lost-{number}", "", tuple(told_marks)))
    made.append(Call("written", "li", (Mark("answered", whole.begins), Mark("ended", whole.begins))))
    rng.shuffle(made)
    rows, number = [], 0
    while made:
        some = [made.pop() for _ in range(min(len(made), rng.randint(1, 3)))]
        number += 1
        rows.append(
            Row(
                id=f"t{number}",
                number=number,
                subject="s",
                channel="hotline",
                calls=tuple(some),
                created_at=now,
                updated_at=now,
            )
        )
    rng.shuffle(lines)
    return rows, lines, Span(whole.begins, whole.ends), now, tz


def exported(rows: list[Row], lines: list[Line], span: Span, until: datetime) -> list[Record]:
    ordered = sorted(rows, key=lambda row: exportcalls.first_moment(row) or 0)
    told = exportcalls.call_events(ordered, span, twice=exportcalls.repeated(rows))
    return list(exportcalls.event_records(told, exportcalls.state_events(lines, span, until=until)))


def wall(rows: list[Row], lines: list[Line], now: datetime, tz: ZoneInfo) -> Wall:
    watch = Watch(House(), tz=tz)
    watch.read({row.id: row for row in rows})
    crew = Crew(tz=tz)
    crew.learn(lines)
    return walltally.numbers(watch, now, crew=crew.numbers(watch, None, now))


def reckoned(records: list[Record]) -> calls.Numbers:
    """What ``stats --log`` makes of the file."""
    return calls.numbers(calls.tally(read(event(json_line(record).encode()) for record in records)))


@pytest.mark.parametrize("seed", range(24))
def test_the_log_of_a_random_day_gives_the_numbers_of_the_wall_to_the_last_digit(seed: int) -> None:
    rows, lines, span, now, tz = day_of(seed)
    records = exported(rows, lines, span, now)
    assert reckoned(records) == wall(rows, lines, now, tz).calls
    assert reckoned(records).occupancy not in (None, 0.0, 1.0)


def test_the_log_is_in_order_of_time_and_every_line_has_the_agreed_keys() -> None:
    rows, lines, span, now, _ = day_of(3)
    records = exported(rows, lines, span, now)
    moments = [datetime.fromisoformat(record["at"]) for record in records]
    assert moments == sorted(moments)
    assert {tuple(record) for record in records} == {("at", "call", "event", "agent"), ("at", "agent", "event")}
    assert not {"muted", "unmuted"} & {record["event"] for record in records}


def test_a_call_that_stands_on_two_tickets_counts_on_both() -> None:
    at = datetime(2026, 11, 22, 4, tzinfo=UTC)
    call = Call(
        "c1",
        "li",
        (Mark("offered", at), Mark("answered", at + timedelta(seconds=5)), Mark("ended", at + timedelta(60))),
    )
    rows = [
        Row(id=f"t{n}", number=n, subject="s", channel="hotline", calls=(call,), created_at=at, updated_at=at)
        for n in (1, 2)
    ]
    records = exported(rows, [], Span(), at)
    assert {record["call"] for record in records} == {"c1@1", "c1@2"}
    assert reckoned(records).offered == 2


def test_states_are_carried_over_the_beginning_and_cut_at_the_end() -> None:
    at = datetime(2026, 11, 22, 4, tzinfo=UTC)
    hour = timedelta(hours=1)
    lines = [
        Line(uuid="1", kind="state", at=at - hour, by="li", what="available"),
        Line(uuid="2", kind="state", at=at - hour, by="wang", what="offline"),
        Line(uuid="3", kind="notice", at=at, by="boss", queue="*", words="x"),
        Line(uuid="4", kind="state", at=at + hour, by="li", what="break"),
        Line(uuid="5", kind="state", at=at + 9 * hour, by="li", what="offline"),
    ]
    found = [record for _, record in exportcalls.state_events(lines, Span(at, at + 2 * hour), until=at + 5 * hour)]
    assert [(one["at"], one["agent"], one["event"]) for one in found] == [
        ("2026-11-22T04:00:00Z", "li", "available"), ("2026-11-22T05:00:00Z", "li", "break"),
        ("2026-11-22T06:00:00Z", "li", "offline"),
    ]  # fmt: skip
    [first, *_] = [record for _, record in exportcalls.state_events(lines[:1], Span(at, None), until=at + hour)]
    assert first["at"] == "2026-11-22T04:00:00Z"


def test_the_records_of_calls_tell_their_times_as_the_wall_counts_them() -> None:
    rows, _, span, now, tz = day_of(4)
    records = [record for row in rows for record in exportcalls.call_records(row, span)]
    assert all(tuple(record) == exportcalls.CALLS for record in records)
    counted = [record for record in records if record["outcome"] != "written"]
    found = wall(rows, [], now, tz).calls
    assert len(counted) == found.offered
    waits = [record["wait_s"] for record in counted if record["outcome"] == "answered"]
    assert found.asa_s is not None
    assert sum(waits) / len(waits) == pytest.approx(found.asa_s)
    (written,) = [record for record in records if record["outcome"] == "written"]
    assert (written["wait_s"], written["offered_at"]) == (None, None)
    talked = next(record for record in counted if record["talk_s"])
    call = next(call for row in rows for call in row.calls if call.id == talked["call"])
    assert talked["talk_s"] == pytest.approx(clocks(call, now).talk_s)
