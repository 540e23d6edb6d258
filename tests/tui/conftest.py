"""A desk in memory: a real outbox over a real overlay, with a server that answers when told to. And cells of the screen."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from okpay_console import errors
from okpay_console.content.rules import load_rules
from okpay_console.domain import ops
from okpay_console.domain.answers import Answer
from okpay_console.domain.audited import check
from okpay_console.domain.author import Author
from okpay_console.domain.daybook import Line
from okpay_console.domain.daybook import check as check_line
from okpay_console.domain.daybook import screened as screened_line
from okpay_console.domain.finding import Match, find_in, same_in
from okpay_console.domain.ids import uuid7
from okpay_console.domain.overlay import View, overlay
from okpay_console.domain.presence import Beside
from okpay_console.domain.queue import Row, ordered, row_of
from okpay_console.domain.shelf import Ratings, added, counted
from okpay_console.domain.ticket import Caller, FieldAnswer, Sla, Ticket, to_doc
from okpay_console.domain.views import Saved
from okpay_console.domain.visits import Visits, visits
from okpay_console.sync.shelf import laid_out
from okpay_console.sync.unsent import Unsent, unsent
from okpay_console.tui.app import ConsoleApp
from okpay_console.tui.desk_model import Settings, Start

from ..consoles import share, until

NOW = datetime(2026, 11, 22, 6, 46, tzinfo=UTC)
_serial = itertools.count(1)


def new_id() -> str:
    number = next(_serial)
    return uuid7(1_790_000_000_000 + number, number.to_bytes(10, "big"))


def ticket(number: int, subject: str = "已扣款未到账", **changes: Any) -> Ticket:
    """A ticket as a server would have it; due in ``minutes`` from NOW."""
    minutes = changes.pop("minutes", number)
    base = Ticket(
        id=f"00000000-0000-7000-8000-{number:012d}",
        number=20000 + number,
        rev=1,
        subject=subject,
        channel="hotline",
        category="TXN",
        caller=Caller(name="张三", mobile="+8613800138000"),
        sla=Sla(response_due=NOW + timedelta(minutes=minutes), resolve_due=NOW + timedelta(minutes=minutes + 60)),
        created_at=NOW - timedelta(minutes=5),
        updated_at=NOW - timedelta(minutes=5),
    )
    return replace(base, **changes)


class Changed(msgspec.Struct, frozen=True):
    tickets: frozenset[str] = frozenset()
    everything: bool = False
    link: bool = False
    answers: bool = False
    daybook: bool = False


class Review(msgspec.Struct, frozen=True, kw_only=True):
    uuid: str
    ticket: str
    name: str
    words: str
    state: str = "review"
    code: str = ""
    what: str = ""
    field: str = ""
    base: Any = None
    mine: Any = None
    theirs: Any = None
    at: datetime = NOW


class MemoryDesk:
    """Does what the engine does, over dictionaries: predicts, keeps, and confirms when the test says so."""

    def __init__(self, tickets: list[Ticket], *, me: str = "小王") -> None:
        self.base = {one.id: one for one in tickets}
        self.me = me
        self.clock = NOW
        self.author = Author(me, new_id, lambda: self.clock)
        self.house = load_rules()
        self.outbox: list[ops.AnyOp] = []
        self.witnessed: list[ops.Witness] = []
        self.drafts: dict[tuple[str, str], str] = {}
        self.tray: list[Review] = []
        self.state = "online"
        self.role = "agent"
        self.queues: list[str] = []
        self.synced: datetime | None = NOW - timedelta(seconds=2)
        self.listener: Callable[[Changed], None] = lambda _: None
        self.held: dict[str, str] = {}
        self.settled: list[tuple[str, str]] = []
        self.refuses_disk: errors.StoreError | None = None
        self.share = 1.0
        self.own: tuple[Saved, ...] = ()
        self.looks: list[tuple[str, bool]] = []
        self.company: dict[str, tuple[Beside, ...]] = {}
        self.retry_in: float | None = None
        self.retries = 0
        self.shelf: Sequence[Answer] = laid_out(())
        self.counts: dict[str, tuple[int, int]] = {}
        self.lines: tuple[Line, ...] = ()
        self.heard_of: dict[str, datetime] = {}
        self.floor_followed = False
        self._rows = {one.id: row_of(one) for one in tickets}

    def rows(self) -> Mapping[str, Row]:
        return self._rows

    def ops(self, ticket_id: str) -> list[ops.AnyOp]:
        return [op for op in self.outbox if op.ticket == ticket_id]

    def view(self, ticket_id: str) -> View:
        return overlay(self.base.get(ticket_id), self.ops(ticket_id), self.house)

    def pending_ids(self) -> frozenset[str]:
        return frozenset(op.ticket for op in self.outbox)

    def status(self) -> Any:
        return SimpleNamespace(
            state=self.state, since=NOW, last_sync_at=self.synced, pending=len(self.outbox), reviews=len(self.tray),
            code="", message="", advice="", disk="", retry_in=self.retry_in,
        )  # fmt: skip

    def reviews(self) -> list[Review]:
        return list(self.tray)

    async def do(self, op: ops.AnyOp, *, draft: str = "") -> View:
        await self.do_all((op,), draft=draft, draft_of=op.ticket)
        return self.view(op.ticket)

    async def do_all(self, wanted: Sequence[ops.AnyOp], *, draft: str = "", draft_of: str = "") -> None:
        if self.refuses_disk is not None:
            raise self.refuses_disk
        await asyncio.sleep(0)
        after: dict[str, Ticket | None] = {}
        for op in wanted:
            if isinstance(op, ops.Witness):
                check(op)
            else:
                before = after[op.ticket] if op.ticket in after else self.view(op.ticket).ticket
                after[op.ticket] = ops.apply(before, op, op.at, self.house)
        self.outbox += [op for op in wanted if not isinstance(op, ops.Witness)]
        self.witnessed += [op for op in wanted if isinstance(op, ops.Witness)]
        self.drafts.pop((draft_of, draft), None)
        for ticket_id in after:
            self.poke(ticket_id)

    async def witness(self, what: str, *, kind: str = "", place: str = "", ticket: str = "") -> None:
        await self.do_all((self.author.witness(what, kind=kind, place=place, ticket=ticket),))

    async def claim(self, ticket_id: str) -> Ticket:
        if self.state != "online":
            raise errors.Offline("The server cannot be reached.", "Try again later.")
        if ticket_id in self.held:
            raise errors.Held("Somebody else holds the ticket.", "Choose another.", by=self.held[ticket_id])
        won = replace(self.base[ticket_id], assignee=self.me, status="open", claim_no=self.base[ticket_id].claim_no + 1)
        self.put(won)
        return won

    async def next(self) -> Ticket | None:
        waiting = ordered(self._rows.values(), "unclaimed", me=self.me, now=NOW)
        return await self.claim(waiting[0].id) if waiting else None

    async def settle(self, uuid: str, decision: str) -> None:
        self.settled.append((uuid, decision))
        self.tray = [review for review in self.tray if review.uuid != uuid]

    def draft(self, ticket_id: str, kind: str) -> str:
        return self.drafts.get((ticket_id, kind), "")

    def drafts_of(self, ticket_id: str) -> tuple[Unsent, ...]:
        return unsent(ticket_id, self.drafts, lambda one: self.view(one).ticket)

    async def keep_draft(self, ticket_id: str, kind: str, text: str) -> None:
        self.drafts[ticket_id, kind] = text

    def docs(self) -> list[dict[str, Any]]:
        return [to_doc(one) for ticket_id in self._rows if (one := self.view(ticket_id).ticket) is not None]

    def answers(self) -> Sequence[Answer]:
        return self.shelf

    def ratings(self) -> Ratings:
        seen = [(self.base.get(one), self.view(one).ticket) for one in self.pending_ids() if one]
        return added(self.counts, (counted(base.helped if base else {}, now.helped) for base, now in seen if now))

    def find(self, words: str, limit: int = 50) -> list[Match]:
        return find_in(self.docs(), words, now=NOW, limit=limit) if self.indexed() == 1.0 else []

    def same(self, caller: Caller, txn_no: str = "") -> list[str]:
        return same_in(self.docs(), caller, txn_no)

    def visits(self, ticket_id: str) -> Visits:
        one = self.view(ticket_id).ticket
        others = [self.view(other).ticket for other in self.same(one.caller)] if one else []
        return visits(one, [other for other in others if other]) if one else Visits()

    def indexed(self) -> float:
        return self.share

    def views(self) -> tuple[Saved, ...]:
        return self.own

    async def keep_views(self, views: Sequence[Saved]) -> None:
        if self.refuses_disk is not None:
            raise self.refuses_disk
        self.own = tuple(views)

    def look(self, ticket_id: str, *, writing: bool = False) -> None:
        if self.looks[-1:] != [(ticket_id, writing)]:
            self.looks.append((ticket_id, writing))

    def others(self, ticket_id: str) -> tuple[Beside, ...]:
        return self.company.get(ticket_id, ())

    def retry(self) -> None:
        self.retries += 1

    def daybook(self) -> tuple[Line, ...]:
        return self.lines

    async def daybook_since(self, since: datetime) -> tuple[Line, ...]:
        if self.state != "online":
            raise errors.Offline("The server cannot be reached.", "Try again later.")
        return tuple(line for line in self.lines if line.at >= since)

    def seen(self) -> Mapping[str, datetime]:
        return self.heard_of

    async def tell(self, kind: str, **fields: Any) -> Line:
        if self.refuses_disk is not None:
            raise self.refuses_disk
        await asyncio.sleep(0)
        line = screened_line(Line(uuid=new_id(), kind=kind, at=self.clock, by=self.me, **fields))
        check_line(line, now=self.clock)
        self.hear(line)
        return line

    def follow_floor(self, on: bool) -> None:
        self.floor_followed = on

    # What a test does to it

    def put(self, one: Ticket) -> None:
        """The server says something new about a ticket."""
        self.base[one.id] = one
        self.poke(one.id)

    def confirm(self) -> None:
        """The server takes everything that waits."""
        waiting, self.outbox = self.outbox, []
        for op in waiting:
            self.base[op.ticket] = ops.apply(self.base.get(op.ticket), op, op.at, self.house)
            self.poke(op.ticket)

    def hear(self, *lines: Line) -> None:
        """The floor has these lines too from now on."""
        self.lines += lines
        self.listener(Changed(daybook=True))

    def told(self, kind: str) -> list[Line]:
        """What this console has told of one kind."""
        return [line for line in self.lines if line.kind == kind and line.by == self.me]

    def poke(self, ticket_id: str) -> None:
        shown = self.view(ticket_id).ticket
        if shown is not None:
            self._rows[ticket_id] = row_of(shown)
        self.listener(Changed(frozenset({ticket_id}), link=True))


class Console:
    """A console over a memory desk, and its screen in cells."""

    def __init__(self, desk: MemoryDesk, *, lang: str = "zh", rows: int = 0, **settings: Any) -> None:
        self.desk = desk

        async def open_desk(listener: Callable[[Any], None]) -> MemoryDesk:
            desk.listener = listener
            return desk

        first = ordered(desk.rows().values(), "open", me=desk.me, now=NOW)[:rows]
        self.app = ConsoleApp(
            Start(
                settings=Settings(lang=lang, **settings),
                me=desk.me,
                rows=first,
                open_desk=open_desk,
                now=lambda: desk.clock,
            )
        )

    def text(self) -> str:
        return screen_text(self.app)


def screen_text(app: ConsoleApp) -> str:
    """What the terminal shows, a line per row; the compositor's own strips, so that lost cells are seen."""
    return "\n".join(strip.text.rstrip() for strip in app.screen._compositor.render_strips())


@pytest.fixture
def tickets() -> list[Ticket]:
    return [
        ticket(1, "重复扣款两次", category="REFUND", minutes=-3),
        ticket(2, "已扣款未到账", minutes=8),
        ticket(3, "收不到验证码", category="LOGIN", channel="chat", minutes=21),
        ticket(4, "退款多久到账", category="REFUND", channel="email", assignee="小李", status="open", minutes=90),
        ticket(5, "已经解决了", status="closed", minutes=50),
        ticket(6, "等客户发截图", status="pending", minutes=50),
    ]


@pytest.fixture
def desk(tickets: list[Ticket]) -> MemoryDesk:
    return MemoryDesk(tickets)


@pytest.fixture
def make() -> SimpleNamespace:
    """The makers, for tests that need tickets of their own."""
    return SimpleNamespace(
        ticket=ticket, desk=MemoryDesk, console=Console, review=Review, changed=Changed, now=NOW, answer=FieldAnswer,
        text=screen_text,
    )  # fmt: skip


@pytest.fixture(autouse=True, scope="session")
def sharing() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        share(patch)
        yield


@pytest.fixture
def wait() -> Any:
    return until
