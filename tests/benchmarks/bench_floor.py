"""What the running numbers cost: per change beside the same counts in plain SQL, and a push beside them.

    python tests/benchmarks/bench_floor.py [tickets]

Printed: the first reading, one change taken in and everything reckoned anew, the ticket counts and today's call counts by plain SQL
over the same database, and a commit's time with nobody keeping numbers and with the floor kept up as fast as it can.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from zoneinfo import ZoneInfo

from msgspec.structs import replace
from sqlalchemy import text, update

from okpay_console.domain.ticket import Call, Caller, Mark, Sla, Ticket
from okpay_console.domain.wallnumbers import House
from okpay_console.server import history, schema
from okpay_console.server.clock import millis
from okpay_console.server.db import Database, upgrade
from okpay_console.server.floor import Floor

CHANGES = 100
PLAIN = (
    "SELECT status, queue, category, channel, assignee, count(*), sum(due < :now) FROM tickets WHERE NOT gone "
    "GROUP BY status, queue, category, channel, assignee",
    "SELECT json_extract(m.value, '$.event'), count(*) FROM tickets, json_each(doc, '$.calls') c, "
    "json_each(c.value, '$.marks') m WHERE NOT gone AND json_extract(m.value, '$.at') >= :day GROUP BY 1",
)


def ticket(chance: Random, name: str, now: datetime) -> Ticket:
    began = now - timedelta(seconds=28 * 86400 * chance.random() ** 2)
    wait = chance.choice([3, 15, 30])
    steps = [("offered", 0), ("answered", wait), ("ended", wait + 200), ("wrapped", wait + 230)]
    marks = tuple(Mark(event, began + timedelta(seconds=after)) for event, after in steps)
    return Ticket(
        id=name, subject="Paid twice", channel="hotline", status=chance.choice(["new", "open", "closed", "closed"]),
        category=chance.choice(["TXN", "LOGIN", "REFUND"]), queue=chance.choice(["general", "vip"]),
        caller=Caller(mobile=f"+86138{chance.randrange(10**8):08}"), calls=(Call("c", f"a{chance.randrange(60)}", marks),),
        sla=Sla(response_due=began + timedelta(minutes=5), resolve_due=began + timedelta(days=1)), created_at=began, updated_at=now,
    )  # fmt: skip


def shown(name: str, times: list[float]) -> float:
    times.sort()
    middle, late = times[len(times) // 2], times[min(int(len(times) * 0.99), len(times) - 1)]
    print(f"{name:58} p50 {middle * 1000:9.2f} ms   p99 {late * 1000:9.2f} ms   n {len(times)}")
    return middle


async def main(count: int, folder: str) -> None:
    database = str(Path(folder) / "server.db")
    upgrade(database)
    db, chance, now = Database(database), Random(1), datetime.now(UTC)
    made = [ticket(chance, f"t{number}", now) for number in range(count)]
    for first in range(0, count, 500):
        done = await db.write(lambda conn, first=first: history.commit(conn, now=now, puts=made[first : first + 500]))
        made[first : first + 500] = done.tickets
    floor = Floor(
        db, clock=lambda: datetime.now(UTC), running=time.monotonic, house=House(), tz=ZoneInfo("Asia/Shanghai")
    )
    began = time.perf_counter()
    await floor.turn()
    print(f"{count} tickets, first reading: {time.perf_counter() - began:.2f} s")

    async def change() -> None:
        place = chance.randrange(count)
        before = made[place]
        changed = replace(ticket(chance, before.id, now), rev=before.rev, number=before.number)
        [made[place]] = (await db.write(lambda conn: history.commit(conn, now=now, puts=[changed]))).tickets

    kept, plain = [], []
    for _ in range(CHANGES):
        await change()
        began = time.perf_counter()
        await floor.turn()
        kept.append(time.perf_counter() - began)
    for _ in range(5):
        began = time.perf_counter()
        for query in PLAIN:
            values = {"now": millis(now), "day": now.date().isoformat()}
            await db.read(
                lambda conn, q=query, v=values: conn.execute(text(q), {k: v[k] for k in v if f":{k}" in q}).all()
            )
        plain.append(time.perf_counter() - began)
    one, other = shown("one change: read, all numbers reckoned and written", kept), shown("counts alone by SQL", plain)
    print(f"keeping up / plain SQL: {one / other:.3f}")

    async def commits() -> list[float]:
        times = []
        for _ in range(300):
            began = time.perf_counter()
            await change()
            times.append(time.perf_counter() - began)
            await asyncio.sleep(0.005)
        return times

    shown("a commit, nobody keeps numbers", await commits())
    await db.write(lambda conn: conn.execute(update(schema.duties).values(asked=millis(datetime.now(UTC)))))
    floor.start()
    shown("a commit beside the floor, kept up every second", await commits())
    await floor.stop()
    await db.close()


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as made_here:
        asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else 20_000, made_here))
