"""Stores that older programs wrote are read whole by this one; what a newer one wrote into a store goes through it unchanged.

``released/`` holds stores as the programs of those days left them; each is named by the server's schema of that day.
"""

from __future__ import annotations

import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest

from okpay_console.domain import wire
from okpay_console.errors import StoreForeign
from okpay_console.local.daybook import Book
from okpay_console.local.drafts import Drafts
from okpay_console.local.mirror import Mirror
from okpay_console.local.outbox import Outbox
from okpay_console.local.record import VERSION
from okpay_console.local.store import ACKED, CURSOR, IDENTITY, OUTBOX, REVIEWS, TICKETS, TOLD, open_store

RELEASED = sorted((Path(__file__).parent / "released").glob("*.okdb"))
NOW = datetime(2026, 11, 23, tzinfo=UTC)
NEWER: dict[str, Any] = {"mood": "calm", "extra": {"深": [1, 2.5, None, True, "é\u2028"]}, "big": 9007199254740993}


@pytest.fixture(params=RELEASED, ids=lambda path: path.stem)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    path = tmp_path / "console.okdb"
    shutil.copyfile(request.param, path)
    return path


def tables(path: Path) -> dict[str, dict[str, Any]]:
    db = open_store(path, readonly=True)
    try:
        return {name: {key: dict(doc) for key, doc in db.journal.rows(name).items()} for name in sorted(db.tables())}
    finally:
        db.close()


def test_there_is_a_store_of_every_format_that_was_ever_written() -> None:
    heads = {path.read_text("utf-8").split("\n", 1)[0][8:] for path in RELEASED}
    assert {msgspec.json.decode(head)["okdb"] for head in heads} == set(range(1, VERSION + 1))


def test_an_older_store_opens_with_all_that_was_in_it(store: Path) -> None:
    db = open_store(store)
    try:
        assert db.recovery.kind == "none"
        mirror, outbox = Mirror(db), Outbox(db)
        [row] = mirror.rows().values()
        assert (row.number, row.subject) == (10001, "已扣款未到账")
        assert [entry.item.args["text"] for entry in outbox.pending()] == ["断网时写的"]
        assert not outbox.broken
        assert mirror.owner is not None and mirror.owner.user == "wang"
        assert mirror.cursor and not mirror.unreadable
    finally:
        db.close()


def test_rewriting_an_older_store_changes_no_document(store: Path) -> None:
    before = tables(store)
    assert {TICKETS, OUTBOX, ACKED, IDENTITY, CURSOR} <= before.keys()
    db = open_store(store)
    Mirror(db), Outbox(db), Drafts(db), Book(db)
    db.compact()
    db.close()
    assert tables(store) == before


def test_a_store_of_a_newer_format_is_refused_and_not_touched(store: Path) -> None:
    lines = store.read_bytes().split(b"\n", 1)
    head = lines[0][8:].replace(b'"okdb":1', b'"okdb":99')
    from zlib import crc32

    store.write_bytes(b"%08x%b\n%b" % (crc32(head), head, lines[1]))
    before = store.read_bytes()
    with pytest.raises(StoreForeign) as caught:
        open_store(store)
    assert "newer console" in caught.value.what and caught.value.advice.startswith("Update this console")
    assert store.read_bytes() == before
    assert {path.name for path in store.parent.iterdir()} <= {store.name, store.name + ".lock"}


def test_what_a_newer_server_adds_to_a_ticket_stays_in_the_mirror_byte_for_byte(store: Path) -> None:
    db = open_store(store)
    mirror, outbox = Mirror(db), Outbox(db)
    [(key, doc)] = [(key, dict(doc)) for key, doc in db.journal.rows(TICKETS).items()]
    newer = {
        **doc,
        **NEWER,
        "timeline": [*doc["timeline"], {"id": "n", "kind": "hologram", "at": doc["created_at"], "z": 1}],
    }
    page = wire.Page(
        [wire.Change("ticket", key, 99, newer), wire.Change("hologram", "h")], "c9", False, wire.Last(), [], NOW
    )
    asked = mirror.cursor
    mirror.apply_page(page, asked, outbox=outbox, now=NOW)
    shown = mirror.ticket(key)
    assert shown is not None and shown.timeline[-1].kind == "hologram"
    db.compact()
    db.close()
    assert tables(store)[TICKETS][key] == newer
    assert msgspec.json.encode(tables(store)[TICKETS][key]) == msgspec.json.encode(newer)


def test_an_operation_that_this_console_does_not_know_waits_and_is_sent_as_it_was_written(store: Path) -> None:
    """A newer console worked on this store before: its operations are not shown here, and not lost."""
    db = open_store(store)
    [(uuid, doc)] = db.journal.rows(OUTBOX).items()
    changed = {**doc, "item": {**doc["item"], "name": "ticket.hologram", "args": NEWER}}
    db.table(OUTBOX).raw()
    from okpay_console.local.record import Change

    db.write({OUTBOX: Change(put={uuid: changed})})
    outbox = Outbox(db)
    [item] = outbox.batch()
    assert (item.name, item.args) == ("ticket.hologram", NEWER)
    assert outbox.ops_for(item.id) == ()
    sent = msgspec.json.decode(msgspec.json.encode(wire.Push(outbox.client, [item])))
    assert sent["items"][0]["args"] == NEWER
    outbox.note_outcomes([wire.Outcome(uuid, "confirmed", item.id)], wire.Last(item.mid, uuid))
    page = wire.Page([], "c9", False, wire.Last(item.mid, uuid), [], NOW)
    mirror = Mirror(db)
    mirror.apply_page(page, mirror.cursor, outbox=outbox, now=NOW)
    db.close()
    assert tables(store)[ACKED][uuid]["item"]["args"] == NEWER


@pytest.mark.parametrize("table", [OUTBOX, REVIEWS, TOLD])
def test_fields_of_a_newer_console_around_our_own_words_survive_being_opened(store: Path, table: str) -> None:
    from okpay_console.local.record import Change

    db = open_store(store)
    [(uuid, entry)] = db.journal.rows(OUTBOX).items()
    docs = {
        OUTBOX: {**entry, **NEWER},
        REVIEWS: {"item": entry["item"], "by": "wang", "at": "2026-11-22T00:00:00Z", "state": "review", **NEWER},
        TOLD: {"line": {"uuid": "l", "kind": "hologram", "at": "2026-11-22T00:00:00Z", "by": "wang", **NEWER}, **NEWER},
    }
    db.write({table: Change(put={uuid: docs[table]})})
    Mirror(db), Outbox(db), Book(db)
    db.compact()
    db.close()
    assert tables(store)[table][uuid] == docs[table]
