"""A desk in memory: a real outbox over a real overlay, with a server that answers when told to. And cells of the screen."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from okpay_console import errors
from okpay_console.content.rules import load_rules
from okpay_console.domain import ops
from okpay_console.domain.author import Author
from okpay_console.domain.ids import uuid7
from okpay_console.domain.overlay import View, overlay
from okpay_console.domain.queue import Row, ordered, row_of
from okpay_console.domain.ticket import Caller, FieldAnswer, Sla, Ticket
from okpay_console.tui.app import ConsoleApp
from okpay_console.tui.desk_model import Settings, Start

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
        self.author = Author(me, new_id, lambda: NOW)
        self.house = load_rules()
        self.outbox: list[ops.AnyOp] = []
        self.drafts: dict[tuple[str, str], str] = {}
        self.tray: list[Review] = []
        self.state = "online"
        self.role = "agent"
        self.synced: datetime | None = NOW - timedelta(seconds=2)
        self.listener: Callable[[Changed], None] = lambda _: None
        self.held: dict[str, str] = {}
        self.settled: list[tuple[str, str]] = []
        self.refuses_disk: errors.StoreError | None = None
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
            code="", message="", advice="", disk="",
        )  # fmt: skip

    def reviews(self) -> list[Review]:
        return list(self.tray)

    async def do(self, op: ops.AnyOp, *, draft: str = "") -> View:
        if self.refuses_disk is not None:
            raise self.refuses_disk
        await asyncio.sleep(0)
        ops.apply(self.view(op.ticket).ticket, op, op.at, self.house)
        self.outbox.append(op)
        self.drafts.pop((op.ticket, draft), None)
        self.tell(op.ticket)
        return self.view(op.ticket)

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

    async def keep_draft(self, ticket_id: str, kind: str, text: str) -> None:
        self.drafts[ticket_id, kind] = text

    # What a test does to it

    def put(self, one: Ticket) -> None:
        """The server says something new about a ticket."""
        self.base[one.id] = one
        self.tell(one.id)

    def confirm(self) -> None:
        """The server takes everything that waits."""
        waiting, self.outbox = self.outbox, []
        for op in waiting:
            self.base[op.ticket] = ops.apply(self.base.get(op.ticket), op, op.at, self.house)
            self.tell(op.ticket)

    def tell(self, ticket_id: str) -> None:
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
                now=lambda: NOW,
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


async def until(pilot: Any, wanted: Callable[[], bool], *, tries: int = 200) -> None:
    """Waits, frame by frame, until something is so; fails the test where it never is."""
    for _ in range(tries):
        if wanted():
            return
        await pilot.pause(0.01)
    raise AssertionError("it did not come to pass")


@pytest.fixture
def wait() -> Any:
    return until
