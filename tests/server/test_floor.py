"""The running numbers of the house are those of reading everything anew, whoever keeps them and whatever happened meanwhile."""

from __future__ import annotations

import asyncio
import shutil
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from sqlalchemy import Connection, insert, select, update

from okpay_console.domain import queue, walltally
from okpay_console.domain.crew import Crew
from okpay_console.domain.daybook import Line
from okpay_console.domain.ticket import Call, Caller, Mark, Sla, Ticket, from_json
from okpay_console.domain.wallnumbers import House as Rules
from okpay_console.domain.wallnumbers import Wall
from okpay_console.domain.watch import Watch
from okpay_console.server import clock, daybook, feed, floorlog, history, schema, users, wall
from okpay_console.server.db import Database, upgrade
from okpay_console.server.floor import Floor

from .conftest import House

RULES = Rules(solving=frozenset({"INFO_GIVEN"}))
# Sunday 1 November 2026, before the clocks of New York go back at 06:00 UTC; those of Shanghai never do.
EVE = datetime(2026, 11, 1, 3, 30, tzinfo=UTC)


class Site:
    """A database, a clock that is moved, and processes that want to keep its numbers."""

    def __init__(self, database: str, zone: str) -> None:
        self.db = Database(database)
        self.tz = ZoneInfo(zone)
        self.now = EVE
        self.running = 0.0
        self.floors: list[Floor] = []

    def process(self) -> Floor:
        made = Floor(
            self.db, clock=lambda: self.now, running=lambda: self.running, house=RULES, tz=self.tz, patience_s=4
        )
        self.floors.append(made)
        return made

    async def turn(self) -> Floor:
        """All processes take their turns until one has written."""
        for _ in range(4):
            for floor in self.floors:
                if await floor.turn():
                    return floor
            self.running += 4.0
        raise AssertionError("nobody keeps the numbers")

    async def ask(self) -> None:
        """Somebody looks at the wall."""
        values = {"asked": clock.millis(self.now)}
        await self.db.write(lambda conn: conn.execute(update(schema.duties).values(**values)))

    async def hear(self, user: str) -> None:
        values = {"user": user, "at": clock.millis(self.now)}
        make = insert(schema.heard).prefix_with("OR REPLACE").values(**values)
        await self.db.write(lambda conn: conn.execute(make))

    async def kept(self) -> Wall:
        found = await self.db.read(wall.latest)
        assert found is not None
        return msgspec.json.decode(found[0], type=Wall)

    async def recomputed(self) -> Wall:
        """From every ticket and every line, by nothing that was kept."""

        def work(conn: Connection) -> Wall:
            docs = conn.execute(select(schema.tickets.c.doc).where(schema.tickets.c.gone.is_(False))).scalars()
            rows = {one.id: queue.row_of(one) for one in (from_json(doc.encode()) for doc in docs)}
            lines = conn.execute(select(schema.daybook.c.doc)).scalars()
            seen = {row.user: clock.moment(row.at) for row in conn.execute(select(schema.heard))}
            watch, crew = Watch(RULES, tz=self.tz), Crew(tz=self.tz)
            watch.read(rows)
            crew.learn([msgspec.json.decode(line, type=Line) for line in lines])
            return walltally.numbers(watch, self.now, crew=crew.numbers(watch, seen, self.now))

        return await self.db.read(work)


def ticket(chance: Random, name: str, now: datetime) -> Ticket:
    """A ticket as it may stand at some moment, with a life of up to three days behind it."""
    began = now - timedelta(seconds=chance.choice([60, 900, 7200, 86400, 3 * 86400]) * chance.random())
    wait, talk = chance.choice([3, 5, 19, 20, 45]), chance.choice([30, 600])
    marks = [Mark("offered", began)]
    end = chance.choice(["", "abandoned", "answered", "wrapped"])
    if end:
        marks.append(Mark("abandoned" if end == "abandoned" else "answered", began + timedelta(seconds=wait)))
    if end == "wrapped":
        marks += [
            Mark("ended", began + timedelta(seconds=wait + talk)),
            Mark("wrapped", began + timedelta(seconds=wait + talk + 9)),
        ]
    agent = chance.choice(["wang", "li"]) if end in ("answered", "wrapped") else ""
    status = chance.choice(["new", "open", "pending", "closed"])
    return Ticket(
        id=name, subject="s", channel=chance.choice(["hotline", "hotline", "chat"]), status=status,
        category=chance.choice(["", "TXN"]), queue=chance.choice(["general", "vip"]), assignee=agent or None,
        caller=Caller(mobile=chance.choice(["", "+8613800138000"])), disposition=chance.choice(["", "INFO_GIVEN"]),
        calls=(Call("c", agent, tuple(marks), chance.choice(["", "INFO_GIVEN"])),) if chance.random() < 0.8 else (),
        sla=Sla(response_due=began + timedelta(minutes=5), resolve_due=began + timedelta(hours=8)),
        created_at=began, updated_at=now, closed_at=now if status == "closed" else None,
    )  # fmt: skip


def happen(conn: Connection, chance: Random, now: datetime) -> None:
    """A commit of a few tickets, new, changed and gone, and what agents tell meanwhile."""
    puts, gone = [], []
    for name in chance.sample([f"t{number}" for number in range(12)], chance.randrange(4)):
        row = conn.execute(select(schema.tickets).where(schema.tickets.c.id == name)).one_or_none()
        if row is not None and row.gone:
            continue
        before = None if row is None else from_json(row.doc.encode())
        if before is not None and chance.random() < 0.3:
            gone.append(name)
        else:
            made = ticket(chance, name, now)
            puts.append(made if before is None else replace(made, rev=before.rev, number=before.number))
    lines = [
        Line(
            uuid=clock.new_id(), kind="state", at=now - timedelta(seconds=chance.choice([0, 30, 4000])), by=agent,
            what=chance.choice(["available", "break", "training", "offline"]), reason=chance.choice(["", "meal"]),
        )
        for agent in chance.sample(["wang", "li", "zhao"], chance.randrange(3))
    ]  # fmt: skip
    if lines:
        daybook.append(conn, lines, now=now)
    history.commit(conn, now=now, puts=puts, gone=gone)


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["", "restart", "kill", "stall", "trim"]),
        st.sampled_from([0, 1, 3600, 8 * 3600, 40 * 3600]),
        st.booleans(),
    ),
    min_size=3,
    max_size=9,
)
"""What happens to the processes, how long nothing happens then, and whether the numbers are kept up before the next step."""


@pytest.fixture(scope="session")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("floor") / "empty.db"
    upgrade(str(made))
    return made


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    steps=STEPS,
    seed=st.integers(0, 2**32),
    zone=st.sampled_from(["America/New_York", "Asia/Shanghai", "Europe/Berlin"]),
)
def test_after_random_days_the_kept_numbers_equal_a_recomputation(
    empty: Path, tmp_path: Path, steps: list[str], seed: int, zone: str
) -> None:
    """Restarts, a holder that died, one that was stopped and comes back, trimming, midnights and changed clocks among them."""
    here = tmp_path / "server.db"
    for old in tmp_path.glob("server.db*"):
        old.unlink()
    shutil.copy(empty, here)

    async def days() -> None:
        site, chance = Site(str(here), zone), Random(seed)
        site.process()
        try:
            for event, span, looked in [*steps, ("", 0, True)]:
                await site.db.write(lambda conn: happen(conn, chance, site.now))
                await site.hear(chance.choice(["wang", "li"]))
                site.now += timedelta(seconds=span)
                match event:
                    case "restart":
                        await site.floors.pop().stop()
                        site.process()
                    case "kill":
                        site.floors = []
                        site.process()
                    case "stall":
                        # Another takes over, and the one that was stopped comes back, believing that it still has the duty.
                        stopped, site.floors = site.floors, []
                        site.process()
                        await site.turn()
                        site.floors = stopped[-1:] + site.floors
                    case "trim":
                        head = await site.db.read(history.head)
                        await feed.trim(site.db, head.seq)
                if looked:
                    await site.ask()
                    await site.turn()
                    assert await site.kept() == await site.recomputed()
        finally:
            await site.db.close()

    asyncio.run(days())


@pytest.fixture
async def two(database: str) -> Any:
    """Two processes of one server, on either kind of database."""
    upgrade(database)
    site = Site(database, "Asia/Shanghai")
    yield site, site.process(), site.process()
    await site.db.close()


async def test_one_process_at_a_time_keeps_the_numbers_and_a_dead_one_is_followed(two: Any) -> None:
    site, first, second = two
    assert await first.turn() and not await second.turn()
    site.running += 3
    assert await first.turn()
    # The first dies; the second waits as long as was agreed and not longer.
    site.running += 3
    assert not await second.turn(), "its beat has moved since the last look"
    site.running += 3.9
    assert not await second.turn()
    site.running += 0.2
    assert await second.turn()
    # What was thought dead comes back and writes nothing.
    await site.db.write(lambda conn: happen(conn, Random(1), site.now))
    site.running += 2
    assert not await first.turn() and first.duty.held is False
    await second.turn()
    assert await site.kept() == await site.recomputed()


async def test_much_to_read_is_no_reason_to_be_thought_dead(
    empty: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else two processes with many tickets take the duty from each other for ever, and neither gets to the numbers."""
    monkeypatch.setattr(floorlog, "ROWS", 2)
    site = Site(str(shutil.copy(empty, tmp_path / "server.db")), "Asia/Shanghai")
    made = [ticket(Random(number), f"t{number}", EVE) for number in range(9)]
    await site.db.write(lambda conn: history.commit(conn, now=EVE, puts=made))
    slow, other = site.process(), site.process()
    real = slow._aside

    async def aside(work: Any, *given_rows: Any) -> Any:
        site.running += 3
        assert not await other.turn()
        return await real(work, *given_rows)

    monkeypatch.setattr(slow, "_aside", aside)
    assert await slow.turn()
    assert await site.kept() == await site.recomputed()
    await site.db.close()


async def test_a_process_that_ends_in_good_order_is_followed_at_once(two: Any) -> None:
    _, first, second = two
    assert await first.turn() and not await second.turn()
    await first.stop()
    assert await second.turn()


async def test_a_backup_that_is_put_back_under_the_process_is_noticed(empty: Path, tmp_path: Path) -> None:
    database = str(shutil.copy(empty, tmp_path / "server.db"))
    site = Site(database, "Asia/Shanghai")
    floor, made = site.process(), [ticket(Random(number), f"t{number}", EVE) for number in range(3)]
    for one in made:
        await site.db.write(lambda conn, one=one: history.commit(conn, now=EVE, puts=[one]))  # type: ignore[misc]
    await floor.turn()
    before = await site.kept()
    assert before.tickets.all == 3
    await site.db.close()
    for file in tmp_path.glob("server.db*"):
        file.unlink()
    shutil.copy(empty, tmp_path / "server.db")
    site.db = floor._db = floor.duty._db = Database(database)
    # The restored server goes on to the same numbers of commits.
    for _ in range(3):
        await site.db.write(lambda conn: history.commit(conn, now=EVE))
    floor.duty.held = False
    await site.turn()
    assert (await site.kept()).tickets.all == 0
    await site.db.close()


async def test_a_ticket_that_went_while_it_was_read_and_is_forgotten_since_makes_the_reading_begin_anew(
    empty: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The proof of having missed nothing goes on with what was read, and not with what there is."""
    monkeypatch.setattr(floorlog, "ROWS", 2)
    db = Database(str(shutil.copy(empty, tmp_path / "server.db")))
    made = [ticket(Random(number), f"t{number}", EVE) for number in range(5)]
    await db.write(lambda conn: history.commit(conn, now=EVE, puts=made))

    async def following(place: floorlog.Place) -> floorlog.Slice | None:
        return await db.read(lambda conn: floorlog.following(conn, place, since=0))

    first = await following(floorlog.Place())
    assert first is not None and [row.id for row in first.rows] == ["t0", "t1"] and first.more
    await db.write(lambda conn: history.commit(conn, now=EVE, gone=["t0"]))
    second = await following(first.place)
    assert second is not None and [row.id for row in second.rows] == ["t2", "t3"]
    await feed.trim(db, (await db.read(history.head)).seq)
    assert await following(second.place) is None
    await db.close()


async def test_who_was_at_work_before_midnight_still_is_after_it(empty: Path, tmp_path: Path) -> None:
    site = Site(str(shutil.copy(empty, tmp_path / "server.db")), "America/New_York")
    floor = site.process()
    line = Line(uuid="1", kind="state", at=EVE, by="wang", what="available")
    await site.db.write(lambda conn: daybook.append(conn, [line], now=EVE))
    for _ in range(2):
        await site.hear("wang")
        await site.ask()
        await floor.turn()
        assert (found := await site.kept()).crew is not None and found.crew.counts["available"] == 1
        assert found == await site.recomputed()
        # From half past eleven to half past midnight in New York.
        site.now += timedelta(hours=1)
    await site.db.close()


async def test_nothing_is_written_while_nothing_happens_and_nobody_asks(two: Any) -> None:
    site, floor, _ = two
    await floor.turn()
    first = (await site.kept()).as_of
    site.now += timedelta(seconds=3)
    await floor.turn()
    assert (await site.kept()).as_of == first
    # Somebody asks, and until half a minute later the numbers are those of the moment.
    assert await asyncio.gather(wall.wanted(site.db, clock=lambda: site.now), _soon(floor))
    assert (await site.kept()).as_of == site.now
    site.now += timedelta(seconds=20)
    await floor.turn()
    assert (await site.kept()).as_of == site.now
    site.now += timedelta(seconds=11)
    await floor.turn()
    assert (await site.kept()).as_of == site.now, "nobody's numbers are older than ten seconds"


async def _soon(floor: Floor) -> None:
    # After the first look of whoever asks, which finds old numbers.
    while not await floor._db.read(lambda conn: conn.execute(select(schema.duties.c.asked)).scalar()):
        await asyncio.sleep(0)
    await floor.turn()


async def test_the_numbers_are_for_those_who_lead_all_queues(house: House) -> None:
    boss, agent = await house.sign_in("boss", "supervisor"), await house.sign_in("wang")
    vip = await house.sign_in("vip", "supervisor", queues=("vip",))
    await agent.new(queue="vip")
    await house.context.floor.turn()
    reply = await boss.http.get("/v1/wall")
    found = msgspec.json.decode(reply.content, type=Wall)
    assert (reply.status_code, found.tickets.open, found.groups["queue"]["vip"].open) == (200, 1, 1)
    for other in (agent, vip):
        refused = await other.http.get("/v1/wall")
        assert refused.status_code == 403 and "groups" not in refused.text
    assert (await house.http().get("/v1/wall")).status_code == 401


async def test_the_metrics_have_the_main_numbers_and_nobodys_name(house: House) -> None:
    agent = await house.sign_in("wang")
    assert "okpay_tickets_open" not in (await house.http().get("/metrics")).text, (
        "numbers that nobody reckoned are not 0"
    )
    await agent.new(caller=Caller(mobile="+8613800138000"))
    await house.context.floor.turn()
    house.later(seconds=3)
    text = (await house.http().get("/metrics")).text
    lines = dict(line.rsplit(" ", 1) for line in text.splitlines() if not line.startswith("#"))
    assert (lines["okpay_tickets_open"], lines["okpay_floor_age_seconds"]) == ("1", "3.0")
    assert "okpay_service_level_today" not in lines, "no call yet: no share"
    assert "wang" not in text and "138" not in text


SERVE = """
import sys
from okpay_console.server.run import ServerConfig, serve
if __name__ == "__main__":
    serve(ServerConfig(database=sys.argv[1], port=0, patience_s=1.0, floor_s=0.1), ready=lambda url: print(url, flush=True))
"""


async def test_a_killed_process_is_followed_by_another_within_seconds(tmp_path: Path) -> None:
    database = str(tmp_path / "server.db")
    token = (await users.add_user(database, "boss", "supervisor")).token
    script = tmp_path / "serve.py"
    script.write_text(SERVE)
    command = [sys.executable, str(script), database]
    running = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    try:
        urls = [str(one.stdout.readline()).strip() for one in running if one.stdout]

        def asked(url: str, since: datetime) -> bool:
            reply = httpx.get(f"{url}/v1/wall", headers={"Authorization": f"Bearer {token}"}, timeout=30)
            return reply.status_code == 200 and msgspec.json.decode(reply.content, type=Wall).as_of > since

        async def until(url: str, since: datetime) -> None:
            while not await asyncio.to_thread(asked, url, since):
                await asyncio.sleep(0.05)

        async with asyncio.timeout(30):
            await until(urls[1], datetime.now(UTC) - timedelta(days=1))
        database_now = Database(database)
        holder = await database_now.read(lambda conn: conn.execute(select(schema.duties.c.holder)).scalar())
        dying = [str(one.pid) for one in running].index(str(holder).partition(".")[0])
        running[dying].kill()
        running[dying].wait()
        async with asyncio.timeout(30):
            await until(urls[1 - dying], datetime.now(UTC))
        after = await database_now.read(lambda conn: conn.execute(select(schema.duties.c.holder)).scalar())
        assert str(after).startswith(f"{running[1 - dying].pid}.")
        await database_now.close()
    finally:
        for one in running:
            one.kill()
            one.wait()
            if one.stdout:
                one.stdout.close()
