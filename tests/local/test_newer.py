"""What a newer console wrote around one's words goes through every rewriting of the log, and is sent as it was written."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest

from okpay_console.domain import ops, wire
from okpay_console.domain.author import Author
from okpay_console.local.mirror import Mirror
from okpay_console.local.outbox import Outbox
from okpay_console.local.record import Change
from okpay_console.local.store import ACKED, OUTBOX, REVIEWS, make, open_store

NOW = datetime(2026, 11, 23, tzinfo=UTC)
NEWER: dict[str, Any] = {"mood": "calm", "extra": {"深": [1, None]}}
GUARD = {"claim_no": 1, "not_after": "2027-01-01"}


class Kept:
    """A store with three operations, of which a newer console has said more of the second one."""

    def __init__(self, path: Path) -> None:
        self.path = path
        db = open_store(path)
        count = iter(range(100))
        author = Author("wang", lambda: f"u{next(count)}", lambda: NOW)
        outbox = Outbox(db)
        new = author.new(subject="x", channel="chat")
        outbox.add(new)
        shown = ops.apply(None, new, NOW)
        self.second, third = author.note(shown, "二"), author.note(shown, "三")
        outbox.add(self.second)
        outbox.add(third)
        doc = dict(db.journal.rows(OUTBOX)[self.second.uuid])
        doc |= {**NEWER, "item": {**doc["item"], **NEWER, "guard": GUARD}}
        db.write({OUTBOX: Change(put={self.second.uuid: doc})})
        db.close()
        self.db = open_store(path)
        self.mirror, self.outbox = Mirror(self.db), Outbox(self.db)

    def found(self, table: str) -> dict[str, Any]:
        return dict(self.db.journal.rows(table)[self.second.uuid])

    def whole(self, table: str, *, around: bool = True) -> bool:
        doc = self.found(table)
        return (not around or doc.items() >= NEWER.items()) and doc["item"].items() >= {**NEWER, "guard": GUARD}.items()

    def page(self, mid: int, uuid: str, *outcomes: wire.Outcome) -> None:
        page = wire.Page([], "c1", False, wire.Last(mid, uuid), list(outcomes), NOW)
        self.mirror.apply_page(page, self.mirror.cursor, outbox=self.outbox, now=NOW)


@pytest.fixture
def kept(tmp_path: Path):
    made = Kept(tmp_path / "store")
    yield made
    made.db.close()


def test_it_is_sent_as_it_was_written(kept: Kept) -> None:
    sent = wire.Push(kept.outbox.client, [kept.outbox.written(item) for item in kept.outbox.batch()])
    items = msgspec.json.decode(msgspec.json.encode(sent))["items"]
    assert items[1].items() >= {**NEWER, "guard": GUARD}.items()
    assert [item["mid"] for item in items] == [1, 2, 3]
    assert set(items[0]) == set(wire.Item.__struct_fields__)


def test_it_survives_being_confirmed_forgotten_and_offered_again(kept: Kept) -> None:
    kept.outbox.note_outcomes(
        [wire.Outcome(item.uuid, "confirmed") for item in kept.outbox.batch()], wire.Last(3, "u4")
    )
    kept.page(3, kept.outbox.pending()[-1].item.uuid)
    assert kept.whole(ACKED)
    assert kept.found(ACKED)["state"] == "confirmed"
    kept.page(1, kept.outbox._log.entries()[0].item.uuid)
    assert kept.whole(OUTBOX)
    assert "state" not in kept.found(OUTBOX), "what is known here is as it is now"


def test_it_survives_being_numbered_anew(kept: Kept) -> None:
    make(kept.mirror.store, kept.outbox.plan_renumber())
    assert kept.whole(OUTBOX)
    sent = kept.outbox.written(kept.outbox.batch()[1])
    assert (sent["mid"], sent["prev"], sent["mood"]) == (2, kept.outbox.batch()[0].uuid, "calm")


def test_it_survives_the_tray_and_a_decision(kept: Kept) -> None:
    kept.page(
        3, kept.outbox.pending()[-1].item.uuid, wire.Outcome(kept.second.uuid, "rejected", code="unknown-operation")
    )
    assert kept.whole(ACKED)
    assert kept.whole(REVIEWS, around=False)
    settled = kept.outbox.plan_settle(kept.second.uuid)
    assert settled is not None
    make(kept.mirror.store, settled)
    assert kept.whole(ACKED) and kept.found(ACKED)["settled"] is True


def test_what_this_version_wrote_is_not_made_larger(kept: Kept) -> None:
    first = kept.outbox.pending()[0]
    assert set(kept.db.journal.rows(OUTBOX)[first.item.uuid]) == {"item", "by"}
    assert kept.outbox.written(first.item) is first.item
