"""What the wall costs: the first reading in slices, a second with changes, and the same sums in plain SQL in the same run.

In processor time of this process, so that a busy machine does not look like a slow wall.
"""

from __future__ import annotations

import argparse
import random
import sqlite3
import time
from datetime import UTC, datetime, timedelta

from msgspec.structs import replace

from okpay_console.domain import walltally
from okpay_console.domain.calllog import micros
from okpay_console.domain.heard import heard
from okpay_console.domain.intervals import day_of
from okpay_console.domain.moments import SHANGHAI
from okpay_console.domain.queue import Row
from okpay_console.domain.ticket import Call, Caller, Mark, Sla
from okpay_console.domain.wallnumbers import House
from okpay_console.domain.watch import Watch

NOW = datetime(2026, 11, 22, 6, 46, tzinfo=UTC)
SLICE = 40
SQL = """
select count(*), sum(outcome = 'answered'), sum(outcome = 'abandoned'), sum(outcome = 'answered' and wait <= 20000000),
  sum(case when outcome = 'answered' then wait end), sum(talk), sum(hold), sum(acw)
from call where offered between ? and ? group by channel, category, queue
"""
TICKETS = (
    "select count(*), sum(due < ? and status != 'pending'), sum(assignee is null) from ticket where status != 'closed'"
)


def call(chance: random.Random, name: str, at: datetime) -> Call:
    wait = min(chance.expovariate(1 / 15), 400)
    if chance.random() < 0.06:
        return Call(name, "", (Mark("offered", at), Mark("abandoned", at + timedelta(seconds=wait))))
    steps = (("offered", 0.0), ("answered", wait), ("ended", wait + 150), ("wrapped", wait + 190))
    return Call(
        name, f"agent{chance.randrange(500)}", tuple(Mark(event, at + timedelta(seconds=s)) for event, s in steps)
    )


def rows(count: int, days: float, chance: random.Random) -> dict[str, Row]:
    made = {}
    for number in range(count):
        at = NOW - timedelta(seconds=chance.random() * days * 86400)
        calls = tuple(call(chance, f"{number}-{n}", at + timedelta(minutes=20 * n)) for n in range(2))
        status = "closed" if chance.random() < 0.7 else "open"
        made[str(number)] = Row(
            id=str(number), subject="s", channel="hotline", category=chance.choice(["TXN", "LOGIN", "REFUND", "TECH"]),
            status=status, queue=chance.choice(["general", "risk"]), caller=Caller(mobile=f"+86138{chance.randrange(70000):08d}"),
            sla=Sla(response_due=at + timedelta(minutes=1), resolve_due=at + timedelta(days=3), responded_at=at), calls=calls,
            created_at=at, updated_at=at, closed_at=at + timedelta(hours=1) if status == "closed" else None,
            disposition="INFO_GIVEN",
        )  # fmt: skip
    return made


def timed(work: object, times: int = 5) -> float:
    best = float("inf")
    for _ in range(times):
        began = time.process_time()
        work()  # type: ignore[operator]
        best = min(best, time.process_time() - began)
    return best * 1000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--days", type=float, default=28.0, help="0.5: all the calls are of today")
    parser.add_argument("--changes", type=int, default=50, help="tickets that change in the second")
    chosen = parser.parse_args()
    chance = random.Random(1)
    live = rows(chosen.rows, chosen.days, chance)

    watch = Watch(House(solving=frozenset({"INFO_GIVEN"})))
    began = time.process_time()
    stale = watch.stale(live)
    slices = []
    for start in range(0, len(stale), SLICE):
        at = time.process_time()
        watch.learn(live, stale[start : start + SLICE])
        slices.append(time.process_time() - at)
    slices.sort()
    walltally.numbers(watch, NOW)
    print(f"first reading     {(time.process_time() - began) * 1000:10.0f} ms in {len(slices)} slices", end="")
    print(f"; a slice {slices[len(slices) // 2] * 1000:.1f} ms, 99 % {slices[int(len(slices) * 0.99)] * 1000:.1f} ms")

    def change() -> None:
        for _ in range(chosen.changes):
            one = live[str(chance.randrange(chosen.rows))]
            fresh = call(chance, str(chance.random()), NOW - timedelta(seconds=chance.randrange(600)))
            live[one.id] = replace(one, status="pending", calls=(*one.calls, fresh))

    def second() -> None:
        watch.read(live)
        walltally.numbers(watch, NOW)

    samples = []
    for _ in range(20):
        change()
        samples.append(timed(second, 1))
    samples.sort()
    db = sqlite3.connect(":memory:")
    db.execute(
        "create table call(offered int, outcome, wait int, talk int, hold int, acw int, channel, category, queue)"
    )
    db.execute("create table ticket(status, due int, assignee)")
    db.executemany(
        "insert into call values(?,?,?,?,?,?,?,?,?)",
        ((c.offered, c.outcome, c.wait, c.talk, c.hold, c.acw, c.channel, c.category, c.queue)
         for one in live.values() for c in heard(one)),
    )  # fmt: skip
    db.executemany(
        "insert into ticket values(?,?,?)",
        ((one.status, micros(one.sla.resolve_due or NOW), one.assignee) for one in live.values()),
    )
    day = day_of(NOW, SHANGHAI)

    def sql() -> None:
        db.execute(SQL, (micros(day.begins), micros(day.ends))).fetchall()
        db.execute(TICKETS, (micros(NOW),)).fetchall()

    limit = timed(sql)
    idle = timed(second)
    print(f"SQL, the same sums{limit:10.1f} ms    1.0")
    print(f"a second, quiet   {idle:10.1f} ms {idle / limit:6.2f}")
    print(
        f"a second, {chosen.changes:4} new{samples[10]:10.1f} ms {samples[10] / limit:6.2f}  (worst {samples[-1]:.1f} ms)"
    )


if __name__ == "__main__":
    main()
