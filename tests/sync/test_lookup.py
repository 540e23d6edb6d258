"""The search index of the engine: made in slices, in step with mirror and outbox, and honest while it is not ready."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from okpay_console.domain.author import Author
from okpay_console.domain.ticket import Caller, FieldAnswer, Ticket, to_doc
from okpay_console.local.database import OkDB
from okpay_console.local.mirror import TICKETS, Mirror
from okpay_console.local.outbox import Outbox
from okpay_console.local.record import Change
from okpay_console.local.store import open_store
from okpay_console.sync import lookup as looking
from okpay_console.sync.lookup import Lookup
from okpay_console.sync.picture import Picture

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
CALLER = Caller("张伟", "+8613800138000")
OTHER = Caller("李四")


class Ticking:
    """A clock on which every look takes a while, so that each ticket is a slice of its own."""

    def __init__(self) -> None:
        self.at = 0.0
        self.slept = 0

    def now(self) -> datetime:
        return NOW

    def monotonic(self) -> float:
        self.at += 1.0
        return self.at

    async def sleep(self, seconds: float) -> None:
        self.slept += 1
        await asyncio.sleep(0)


class Kept:
    """A store with some tickets, and the lookup over it."""

    def __init__(self, db: OkDB) -> None:
        self.db = db
        self.store(*(ticket(number) for number in range(40)), ticket(99, caller=CALLER))
        self.mirror, self.outbox = Mirror(db), Outbox(db)
        self.picture = Picture(self.mirror, self.outbox)
        self.lookup = Lookup(self.picture)
        self.clock = Ticking()

    def store(self, *tickets: Ticket, gone: tuple[str, ...] = ()) -> None:
        self.db.write({TICKETS: Change(put={one.id: to_doc(one) for one in tickets}, delete=list(gone))})

    def told(self, *tickets: Ticket, gone: tuple[str, ...] = ()) -> None:
        """The server says something new."""
        self.store(*tickets, gone=gone)
        self.mirror.reload()
        self.picture.redraw([], everything=True)
        self.lookup.changed([*(one.id for one in tickets), *gone])

    def found(self, words: str) -> list[str]:
        return [match.ticket for match in self.lookup.find(words, now=NOW)]

    @asynccontextmanager
    async def keeping(self) -> AsyncIterator[None]:
        task = asyncio.create_task(self.lookup.keep(self.clock))
        try:
            yield
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    async def until(self, wanted: Callable[[], bool]) -> None:
        for turn in range(50_000):
            if wanted():
                return
            # Now and then a real pause, for what runs in a thread.
            await asyncio.sleep(0 if turn % 50 else 0.001)
        raise AssertionError("it did not come to pass")

    async def ready(self) -> None:
        await self.until(lambda: self.lookup.ready == 1.0)


def ticket(number: int, subject: str = "咨询", caller: Caller = OTHER) -> Ticket:
    at = NOW - timedelta(hours=200 - number)
    return Ticket(
        id=f"t{number:02d}",
        number=number + 1,
        subject=subject,
        channel="chat",
        caller=caller,
        created_at=at,
        updated_at=at,
    )


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[Kept]:
    db = open_store(tmp_path / "store")
    yield Kept(db)
    db.close()


@pytest.fixture
def author() -> Author:
    count = itertools.count(1)
    return Author("wang", lambda: f"op-{next(count)}", lambda: NOW)


async def test_the_index_is_made_a_slice_at_a_time_and_says_how_far_it_is(kept: Kept) -> None:
    assert kept.lookup.ready == 0.0 and kept.found("8000") == []
    async with kept.keeping():
        seen: list[float] = []
        await kept.until(lambda: seen.append(kept.lookup.ready) or kept.lookup.ready == 1.0)  # type: ignore[func-returns-value]
        assert seen == sorted(seen) and len(set(seen)) > 20
        assert kept.clock.slept >= 41
        assert kept.found("8000") == ["t99"]


async def test_an_operation_that_the_server_has_not_seen_is_found_at_once(kept: Kept, author: Author) -> None:
    async with kept.keeping():
        await kept.ready()
        base = kept.mirror.ticket("t07")
        assert base is not None
        kept.outbox.add(author.note(base, "请联系晨光便利店"))
        kept.picture.redraw(["t07"])
        kept.lookup.changed(["t07"])
        assert kept.found("晨光") == ["t07"]
        kept.outbox.add(op := author.new(subject="新的来电", channel="hotline", caller=CALLER))
        kept.picture.redraw([op.ticket])
        kept.lookup.changed([op.ticket])
        assert kept.found("zw") == [op.ticket, "t99"]
        assert kept.lookup.same(CALLER) == [op.ticket, "t99"]


async def test_what_the_server_changes_takes_away_or_brings_is_followed(kept: Kept) -> None:
    async with kept.keeping():
        await kept.ready()
        kept.told(ticket(3, "退货退款"), gone=("t99",))
        assert kept.found("退货") == ["t03"] and kept.found("8000") == []
        page = [ticket(number, "补充说明") for number in range(40, 40 + 3 * looking.AT_ONCE)]
        kept.told(*page)
        assert kept.lookup.ready < 1.0
        await kept.ready()
        assert len(kept.found("补充说明")) == len(page)


async def test_changes_while_the_index_is_being_made_are_in_it(kept: Kept) -> None:
    async with kept.keeping():
        await kept.until(lambda: 0.3 < kept.lookup.ready < 1.0)
        kept.told(ticket(0, "退货退款"), ticket(98, "退货退款"), gone=("t99",))
        await kept.ready()
        assert kept.found("退货") == ["t98", "t00"] and kept.found("8000") == []


async def test_a_relist_makes_the_index_anew(kept: Kept) -> None:
    async with kept.keeping():
        await kept.ready()
        kept.store(ticket(98, "退货退款"), gone=tuple(f"t{number:02d}" for number in range(40)))
        kept.mirror.reload()
        kept.picture.redraw([], everything=True)
        kept.lookup.changed([], everything=True)
        assert kept.lookup.ready < 1.0 and kept.found("退货") == []
        await kept.ready()
        assert kept.found("退货") == ["t98"] and kept.found("李四") == ["t98"]


def test_the_same_caller_is_known_before_there_is_an_index(kept: Kept) -> None:
    other = Ticket(id="x", subject="s", channel="chat", created_at=NOW, updated_at=NOW)
    with_number = {
        **to_doc(other),
        "answers": {"txn_no": to_answer("A1B2C3D4E5"), "mobile": to_answer("138 0013 8000")},
    }
    kept.db.write({TICKETS: Change(put={"x": with_number})})
    kept.mirror.reload()
    kept.picture.redraw([], everything=True)
    assert kept.lookup.same(CALLER) == ["x", "t99"]
    assert kept.lookup.same(Caller(), "a1b2 c3d4 e5") == ["x"]
    assert kept.lookup.same(Caller()) == []


def to_answer(value: str) -> dict[str, str]:
    return {"value": value, "state": FieldAnswer(value, "filled").state}


def test_visits_count_the_callers_other_tickets(kept: Kept) -> None:
    kept.told(ticket(97, caller=CALLER))
    found = kept.lookup.visits("t99")
    assert found.before == 1 and found.last == NOW - timedelta(hours=103)
    assert kept.lookup.visits("nowhere").before == 0
