"""The picture: what the agent sees is made once per operation, however many wait on one ticket."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from okpay_console.domain import overlay as overlaying
from okpay_console.domain.author import Author
from okpay_console.domain.overlay import overlay
from okpay_console.domain.ticket import Ticket, to_doc
from okpay_console.local.database import OkDB
from okpay_console.local.mirror import TICKETS, Mirror
from okpay_console.local.outbox import Outbox
from okpay_console.local.record import Change
from okpay_console.local.store import open_store
from okpay_console.sync.picture import Picture

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)


@pytest.fixture
def db(tmp_path: Path) -> Iterator[OkDB]:
    opened = open_store(tmp_path / "store")
    yield opened
    opened.close()


@pytest.fixture
def base(db: OkDB) -> Ticket:
    ticket = Ticket(id="t1", number=7, subject="s", channel="chat", created_at=NOW, updated_at=NOW)
    db.write({TICKETS: Change(put={"t1": to_doc(ticket)})})
    return ticket


@pytest.fixture
def author() -> Author:
    count = itertools.count(1)
    return Author("wang", lambda: f"op-{next(count)}", lambda: NOW)


def test_a_note_behind_many_others_costs_one_application_not_all_of_them_again(
    db: OkDB, base: Ticket, author: Author, monkeypatch: pytest.MonkeyPatch
) -> None:
    outbox = Outbox(db)
    picture = Picture(Mirror(db), outbox)
    applied = []
    true_apply = overlaying.apply

    def counted(*words: Any) -> Ticket:
        applied.append(words[1].uuid)
        return true_apply(*words)

    monkeypatch.setattr(overlaying, "apply", counted)
    for n in range(50):
        outbox.add(author.note(base, f"第{n}条"))
        assert picture.view("t1").ticket is not None
        assert len(picture.view("t1").pending) == n + 1
    assert len(applied) == 50


def test_the_view_follows_a_new_base_and_a_shorter_outbox(db: OkDB, base: Ticket, author: Author) -> None:
    outbox, mirror = Outbox(db), Mirror(db)
    picture = Picture(mirror, outbox)
    waiting = [author.note(base, text) for text in ("一", "二", "三")]
    for op in waiting:
        outbox.add(op)
    assert picture.view("t1") == overlay(base, waiting)
    moved = to_doc(overlay(base, waiting[:1]).ticket or base)
    db.write({TICKETS: Change(put={"t1": moved})})
    seen = picture.view("t1")
    assert [entry.text for entry in (seen.ticket or base).timeline] == ["一", "二", "三"]
    assert seen.pending == tuple(op.uuid for op in waiting[1:])
    reread = Picture(mirror, Outbox(db))
    assert reread.view("t1") == seen
