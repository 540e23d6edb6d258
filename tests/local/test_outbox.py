"""The outbox: on disk before it is on screen, in order, offered again when the server forgets, and nothing dropped."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from okpay_console import errors
from okpay_console.domain import wire
from okpay_console.domain.author import Author
from okpay_console.domain.ticket import Ticket
from okpay_console.local.outbox import Outbox
from okpay_console.local.store import make, open_store

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)


class Box:
    """An outbox on a real store that can be closed and opened again."""

    def __init__(self, path):
        self.path = path
        self.count = 0
        self.clients = 0
        self.author = Author("wang", self.next_id, lambda: NOW)
        self.open()

    def next_id(self):
        self.count += 1
        return f"op-{self.count}"

    def mint(self):
        self.clients += 1
        return f"client-{self.clients}"

    def open(self):
        self.db = open_store(self.path)
        self.out = Outbox(self.db, mint=self.mint)

    def restart(self):
        self.db.close()
        self.open()

    def note(self, text="话", ticket="t1"):
        shown = Ticket(id=ticket, subject="s", channel="chat", created_at=NOW, updated_at=NOW)
        op = self.author.note(shown, text)
        self.out.add(op)
        return op

    def cover(self, mid, *outcomes, final=True, now=NOW, confirmed=True):
        """A final page whose high-water mark is ``mid``, after a push that confirmed everything up to it."""
        chain = {entry.item.mid: entry.item.uuid for entry in self.out._log.entries()}
        last = wire.Last(mid, chain.get(mid, ""))
        if confirmed:
            self.out.note_outcomes([wire.Outcome(uuid, "confirmed") for at, uuid in chain.items() if at <= mid], last)
        commit = self.out.plan_cover(last, outcomes, final=final, now=now)
        make(self.out._store, commit)

    def mids(self):
        return [entry.item.mid for entry in self.out.pending()]


@pytest.fixture
def box(tmp_path):
    made = Box(tmp_path / "store")
    yield made
    made.db.close()


def test_what_add_returned_from_survives_a_restart_in_order(box):
    wanted = [box.note(f"话 {n}").uuid for n in range(3)]
    box.restart()
    assert [entry.item.uuid for entry in box.out.pending()] == wanted
    assert box.mids() == [1, 2, 3]
    assert [entry.item.prev for entry in box.out.pending()] == ["", *wanted[:2]]
    assert [op.text for op in box.out.ops_for("t1")] == ["话 0", "话 1", "话 2"]
    assert box.out.client == "client-1"


def test_numbers_go_on_after_everything_was_covered_and_after_a_restart(box):
    box.note()
    box.cover(1)
    assert len(box.out) == 0
    box.restart()
    box.note()
    assert box.mids() == [2]


def test_the_same_operation_is_kept_once(box):
    op = box.note()
    box.out.add(op)
    assert box.mids() == [1]
    box.cover(1)
    box.out.add(op)
    assert box.mids() == []


def test_an_item_leaves_only_when_its_outcome_is_known_and_its_row_is_here(box):
    box.note()
    box.cover(1, confirmed=False)
    assert box.mids() == [1]
    box.cover(1, final=False)
    assert box.mids() == [1]
    box.cover(1)
    assert box.mids() == []


def test_what_the_server_forgot_is_offered_again(box):
    ops = [box.note(), box.note(), box.note()]
    box.cover(3)
    box.restart()
    box.cover(1, confirmed=False)
    assert box.mids() == [2, 3]
    assert [entry.item.uuid for entry in box.out.pending()] == [op.uuid for op in ops[1:]]
    assert [item.mid for item in box.out.batch()] == [2, 3]


def test_a_confirmation_that_the_server_forgot_is_none(box):
    box.note()
    box.out.note_outcomes([wire.Outcome("op-1", "confirmed")], wire.Last(1, "op-1"))
    assert box.out.batch() == ()
    box.cover(0, confirmed=False)
    assert [item.mid for item in box.out.batch()] == [1]


def test_refused_words_go_to_the_tray_and_stay_there_over_a_restart(box):
    op = box.note("客户说已报警")
    box.cover(1, wire.Outcome(op.uuid, "rejected", code="no-ticket", what="没有", advice="查一下"), final=False)
    box.restart()
    (review,) = box.out.reviews()
    assert (review.words, review.ticket, review.code, review.state) == ("客户说已报警", "t1", "no-ticket", "rejected")
    assert box.mids() == []
    assert box.out.state(op.uuid) == "rejected"


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda author, ticket: author.handover(ticket, note="客户等银行回执", to="li"), "客户等银行回执"),
        (lambda author, ticket: author.escalate(ticket, "l2", note="两次扣款，已核对"), "两次扣款，已核对"),
        (
            lambda author, ticket: author.wrapup(ticket, "INFO_GIVEN", summary="已告知", override="客户先挂了"),
            "已告知\n客户先挂了",
        ),
    ],
)
def test_the_tray_shows_every_text_of_what_was_refused_whatever_kind_it_was(box, make, words):
    shown = Ticket(id="t1", subject="s", channel="chat", created_at=NOW, updated_at=NOW)
    op = make(box.author, shown)
    box.out.add(op)
    box.cover(1, wire.Outcome(op.uuid, "rejected", code="no-colleague", what="没有", advice="查一下"), final=False)
    assert [review.words for review in box.out.reviews()] == [words]


def test_a_settled_review_leaves_the_tray_for_good(box):
    op = box.note()
    refused = wire.Outcome(op.uuid, "review", field="status", base="new", mine="open", theirs="closed")
    box.cover(1, refused)
    make(box.out._store, box.out.plan_settle(op.uuid))
    assert box.out.plan_settle(op.uuid) is None
    box.cover(1, refused)
    box.restart()
    box.cover(1, wire.Outcome(op.uuid, "rejected"))
    assert box.out.reviews() == (), "whatever the server calls it later: a human has decided"


def test_a_refusal_that_the_server_forgot_is_offered_again_and_is_no_longer_in_the_tray(box):
    op = box.note()
    box.cover(1, wire.Outcome(op.uuid, "rejected"))
    box.cover(0, confirmed=False)
    box.restart()
    assert box.out.reviews() == ()
    assert box.mids() == [1]


def test_a_settled_entry_is_never_offered_again_so_the_log_is_numbered_anew(box):
    refused, kept = box.note(), box.note()
    box.cover(2, wire.Outcome(refused.uuid, "rejected"))
    make(box.out._store, box.out.plan_settle(refused.uuid))
    box.cover(0, confirmed=False)
    assert box.out.broken
    make(box.out._store, box.out.plan_renumber())
    assert [entry.item.uuid for entry in box.out.pending()] == [kept.uuid]
    assert (box.mids(), box.out.client, box.out.broken) == ([1], "client-2", False)


def test_renumbering_keeps_order_words_and_links(box):
    acked, *waiting = [box.note(f"{n}") for n in range(4)]
    box.cover(1)
    make(box.out._store, box.out.plan_renumber())
    box.restart()
    uuids = [acked.uuid, *(op.uuid for op in waiting)]
    assert [entry.item.uuid for entry in box.out.pending()] == uuids
    assert [entry.item.prev for entry in box.out.pending()] == ["", *uuids[:-1]]
    assert [item.uuid for item in box.out.batch()] == uuids, "a confirmation under the old number is none under the new"


@pytest.mark.parametrize(
    ("last", "forked"),
    [
        ((0, ""), False),
        ((1, "op-1"), False),
        ((3, "op-3"), False),
        ((2, "other"), True),
        ((4, "op-4"), True),
    ],
)
def test_a_fork_is_a_high_water_mark_that_is_no_point_of_the_log(box, last, forked):
    for _ in range(3):
        box.note()
    box.cover(2)
    assert box.out.forked(wire.Last(*last)) is forked


def test_acknowledged_ones_are_kept_seven_days_and_then_remembered_by_the_last_of_them(box):
    for _ in range(3):
        box.note()
    box.cover(2)
    box.cover(3, now=NOW + timedelta(days=1))
    box.cover(3, now=NOW + timedelta(days=7, hours=1))
    assert {*box.db.table("acked").raw()} == {"op-3"}
    box.restart()
    assert not box.out.broken
    assert not box.out.forked(wire.Last(2, "op-2"))
    assert box.out.forked(wire.Last(2, "other"))
    assert box.out.forked(wire.Last(1, "op-1")), "from before the floor nothing can be offered again in order"
    box.note()
    assert box.mids() == [4]


def test_a_log_with_a_hole_knows_that_it_is_broken(box):
    for _ in range(3):
        box.note()
    box.db.table("outbox").remove(doc_ids=["op-2"])
    box.restart()
    assert box.out.broken
    make(box.out._store, box.out.plan_renumber())
    assert (box.mids(), box.out.broken) == ([1, 2], False)


def test_a_batch_stays_within_the_protocols_limits(box):
    for _ in range(wire.PUSH_ITEMS + 5):
        box.note()
    assert len(box.out.batch()) == wire.PUSH_ITEMS
    for _ in range(3):
        box.note("长" * 30_000)
    box.cover(wire.PUSH_ITEMS + 5)
    assert [item.mid for item in box.out.batch()] == [106, 107]


def test_words_too_long_for_the_protocol_are_refused_before_anything_is_kept(box):
    with pytest.raises(errors.Refused) as caught:
        box.note("长" * 100_000)
    assert caught.value.code == "too-long"
    assert len(box.out) == 0


def test_an_operation_of_a_newer_console_is_kept_and_sent_though_not_shown(box):
    op = box.note()
    doc = box.db.table("outbox").get(doc_id=op.uuid)
    doc["item"]["name"] = "ticket.teleport"
    box.db.table("outbox").update(dict(doc), doc_ids=[op.uuid])
    box.restart()
    assert box.out.ops_for("t1") == ()
    assert [item.name for item in box.out.batch()] == ["ticket.teleport"]
