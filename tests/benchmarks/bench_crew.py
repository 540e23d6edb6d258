"""What the agents cost: 500 of them with 400 calls and 15 states each, and a day of 200,000 calls read from its log.

Each beside the same sums in plain SQL in the same run, in processor time of this process, so that a busy machine does not
look like slow code.
"""

from __future__ import annotations

import argparse
import random
import sqlite3
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from okpay_console.domain import calls, walltally
from okpay_console.domain.calllog import Event, micros, read
from okpay_console.domain.crew import Crew
from okpay_console.domain.daybook import Line
from okpay_console.domain.moments import SHANGHAI
from okpay_console.domain.queue import Row
from okpay_console.domain.ticket import Call, Mark
from okpay_console.domain.wallnumbers import House
from okpay_console.domain.watch import Watch

NOW = datetime(2026, 11, 22, 14, 0, tzinfo=UTC)
BEGIN = datetime(2026, 11, 22, 1, 0, tzinfo=UTC)
SLICE = 20
AGENTS = """
with span as (select agent, began, busy from call where began >= ?),
  contact as (select agent, sum(busy - began) s, count(*) n from span group by agent),
  there as (
    select agent, what, at, coalesce(lead(at) over (partition by agent order by at), ?) until from state),
  spent as (select agent, what, sum(until - at) s from there where what != 'offline' group by agent, what)
select spent.agent, what, spent.s, contact.s, contact.n from spent left join contact using (agent)
"""
"""Less than the program reckons: a break that is asked for during a call begins within it here."""
DAY = """
select count(*), sum(outcome = 'answered'), sum(outcome = 'abandoned'), sum(outcome = 'answered' and wait <= 20000000),
  sum(case when outcome = 'answered' then wait end), sum(talk), sum(acw) from (
    select max(case event when 'answered' then 'answered' when 'abandoned' then 'abandoned' end) outcome,
      max(case when event in ('answered', 'abandoned') then at end) - min(case event when 'offered' then at end) wait,
      max(case event when 'ended' then at end) - max(case event when 'answered' then at end) talk,
      max(case event when 'wrapped' then at end) - max(case event when 'ended' then at end) acw
    from event group by call)
"""


def shift(chance: random.Random, agent: str, count: int) -> list[tuple[tuple[str, datetime], ...]]:
    """So many calls after each other between ``BEGIN`` and ``NOW``, each a few marks."""
    room = (NOW - BEGIN).total_seconds() / count
    found = []
    for number in range(count):
        at = BEGIN + timedelta(seconds=number * room)
        steps = (
            ("offered", 0.0),
            ("answered", 3.0),
            ("ended", room * 0.7),
            ("wrapped", room * (0.8 + chance.random() / 10)),
        )
        found.append(tuple((event, at + timedelta(seconds=after)) for event, after in steps))
    return found


def states(chance: random.Random, agent: str, count: int) -> list[Line]:
    times = sorted(BEGIN + (NOW - BEGIN) * chance.random() for _ in range(count - 1))
    kinds = ["available", *(("break", "available")[n % 2] for n in range(count - 1))]
    return [
        Line(uuid=f"{agent}-{n}", kind="state", at=at, by=agent, what=what, reason="rest")
        for n, (at, what) in enumerate(zip([BEGIN, *times], kinds, strict=True))
    ]


def timed(work: Callable[[], object], times: int = 3) -> float:
    best = float("inf")
    for _ in range(times):
        began = time.process_time()
        work()
        best = min(best, time.process_time() - began)
    return best * 1000


def row(agent: str, number: int, steps: tuple[tuple[str, datetime], ...]) -> Row:
    call = Call(f"{agent}-{number}", agent, tuple(Mark(event, at) for event, at in steps))
    at = steps[0][1]
    return Row(
        id=call.id,
        subject="s",
        channel="hotline",
        status="closed",
        created_at=at,
        updated_at=at,
        closed_at=NOW,
        calls=(call,),
    )


def crew(agents: int, count: int, told: int) -> None:
    chance = random.Random(1)
    live: dict[str, Row] = {}
    lines: list[Line] = []
    names = [f"agent{number}" for number in range(agents)]
    for agent in names:
        for number, steps in enumerate(shift(chance, agent, count)):
            one = row(agent, number, steps)
            live[one.id] = one
        lines += states(chance, agent, told)
    watch = Watch(House())
    watch.read(live)
    walltally.numbers(watch, NOW)
    found = Crew(tz=SHANGHAI)
    began = time.process_time()
    found.learn(tuple(lines))
    learned = (time.process_time() - began) * 1000
    slices = []
    stale = found.stale(watch, NOW)
    for first in range(0, len(stale), SLICE):
        at = time.process_time()
        found.reckon(watch, stale[first : first + SLICE], NOW)
        slices.append((time.process_time() - at) * 1000)
    seen = dict.fromkeys(names, NOW)
    numbers = found.numbers(watch, seen, NOW)
    slices.sort()

    second = iter(range(1, 10**6))

    def busy() -> None:
        """A second of a full floor: nine of 500 agents begin or end something, two change their state."""
        number = next(second)
        for agent in chance.sample(names, max(1, agents * 9 // 500)):
            live[f"{agent}-new{number}"] = row(agent, -number, (("offered", NOW), ("answered", NOW)))
        lines.append(Line(uuid=f"n{number}", kind="state", at=NOW, by=chance.choice(names), what="break"))
        watch.read(live)
        found.learn(tuple(lines))

    samples = []
    for _ in range(15):
        busy()
        samples.append(timed(lambda: found.numbers(watch, seen, NOW), 1))
    samples.sort()
    quiet = timed(lambda: found.numbers(watch, seen, NOW))

    db = sqlite3.connect(":memory:")
    db.execute("create table call(agent, began int, busy int)")
    db.execute("create table state(agent, what, at int)")
    db.executemany(
        "insert into call values(?,?,?)",
        (
            (one.calls[0].agent, micros(one.calls[0].marks[1].at), micros(one.calls[0].marks[-1].at))
            for one in live.values()
        ),
    )
    db.executemany("insert into state values(?,?,?)", ((one.by, one.what, micros(one.at)) for one in lines))
    limit = timed(lambda: db.execute(AGENTS, (micros(BEGIN), micros(NOW))).fetchall())
    print(f"{agents} agents, {count} calls and {told} states each; occupancy {numbers.occupancy:.2%}")
    print(f"  SQL, the sums        {limit:9.1f} ms    1.0")
    print(
        f"  first, all of them   {sum(slices):9.1f} ms {sum(slices) / limit:6.2f}  worst slice of {SLICE} {slices[-1]:.0f} ms"
    )
    print(f"  lines learned        {learned:9.1f} ms {learned / limit:6.2f}")
    print(f"  a second, quiet      {quiet:9.1f} ms {quiet / limit:6.2f}")
    print(f"  a second, busy       {samples[7]:9.1f} ms {samples[7] / limit:6.2f}  worst {samples[-1]:.1f} ms")


def log(count: int) -> None:
    chance = random.Random(2)
    events = []
    for number in range(500):
        agent = f"agent{number}"
        events.append(Event(BEGIN, "available", agent=agent))
        for place, steps in enumerate(shift(chance, agent, count // 500)):
            name = f"{agent}-{place}"
            events += [Event(at, kind, name, "" if kind == "offered" else agent) for kind, at in steps]  # type: ignore[arg-type]
    db = sqlite3.connect(":memory:")
    db.execute("create table event(at int, event, call, agent)")
    db.executemany(
        "insert into event values(?,?,?,?)", ((micros(e.at), e.event, e.call, e.agent) for e in events if e.call)
    )
    limit = timed(lambda: db.execute(DAY).fetchall(), 2)
    whole = timed(lambda: calls.numbers(calls.tally(read(events))), 2)
    print(f"a day of {count} calls from its log, {len(events)} events")
    print(f"  SQL, the calls' sums {limit:9.0f} ms    1.0")
    print(f"  read and counted     {whole:9.0f} ms {whole / limit:6.2f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--agents", type=int, default=500)
    parser.add_argument("--calls", type=int, default=400, help="of each agent")
    parser.add_argument("--states", type=int, default=15, help="of each agent")
    parser.add_argument("--log", type=int, default=200_000, help="calls of the day's log; 0 for none")
    chosen = parser.parse_args()
    crew(chosen.agents, chosen.calls, chosen.states)
    if chosen.log:
        log(chosen.log)


if __name__ == "__main__":
    main()
