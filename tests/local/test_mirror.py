"""The mirror: one page is one record, late pages are dropped, and a relist is swapped in whole."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from okpay_console import errors
from okpay_console.domain import ticket, wire
from okpay_console.domain.author import Author
from okpay_console.local.mirror import Mirror
from okpay_console.local.outbox import Outbox
from okpay_console.local.owner import Owner
from okpay_console.local.store import make, open_store

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
AT = "2026-11-22T09:00:00Z"


def doc(ticket_id, rev=1, **more):
    return {"id": ticket_id, "rev": rev, "subject": "s", "channel": "chat", "created_at": AT, "updated_at": AT, **more}


def page(cursor, *changes, more=False, now=NOW, last=wire.Last(), kind="ticket"):  # noqa: B008
    rows = [
        wire.Change(kind, change, gone=True) if isinstance(change, str) else wire.Change(kind, change["id"], 1, change)
        for change in changes
    ]
    return wire.Page(rows, cursor, more, last, [], now)


class Held:
    def __init__(self, path):
        self.path = path
        self.open()

    def open(self):
        self.db = open_store(self.path)
        self.mirror, self.outbox = Mirror(self.db), Outbox(self.db)

    def restart(self):
        self.db.close()
        self.open()

    def take(self, asked, got):
        return self.mirror.apply_page(got, asked, outbox=self.outbox, now=NOW)

    def ids(self):
        assert set(self.mirror.rows()) == set(self.db.table("tickets").raw())
        return sorted(self.mirror.rows())

    def lines(self):
        return self.path.read_bytes().count(b"\n")


@pytest.fixture
def held(tmp_path):
    made = Held(tmp_path / "store")
    yield made
    made.db.close()


def test_a_page_is_one_record_with_its_cursor(held):
    before = held.lines()
    assert held.take("", page("c1", doc("a"), doc("b")))
    assert held.lines() == before + 1
    held.restart()
    assert (held.ids(), held.mirror.cursor, held.mirror.synced_at) == (["a", "b"], "c1", NOW)


def test_a_page_asked_with_another_cursor_is_dropped(held):
    held.take("", page("c1", doc("a")))
    late = page("c1", doc("a", subject="old"))
    held.take("c1", page("c2", doc("b"), "a"))
    before = held.lines()
    assert not held.take("", late)
    assert not held.take("c1", page("c2", doc("b"), "a"))
    assert (held.ids(), held.mirror.cursor, held.lines()) == (["b"], "c2", before)


def test_a_quiet_poll_writes_nothing_and_still_tells_the_time(held):
    held.take("", page("c1", doc("a")))
    before = held.lines()
    held.take("c1", page("c1", now=NOW + timedelta(seconds=20)))
    assert held.lines() == before
    assert held.mirror.synced_at == NOW + timedelta(seconds=20)
    held.take("c1", page("c1", now=NOW + timedelta(minutes=2)))
    assert held.lines() == before + 1


def test_fields_of_a_newer_server_are_kept(held):
    held.take("", page("c1", doc("a", moon_phase="full")))
    held.restart()
    assert held.mirror.doc("a")["moon_phase"] == "full"
    assert held.mirror.ticket("a").subject == "s"


def test_a_row_that_only_a_newer_console_can_show_is_kept_and_counted(held):
    held.take("", page("c1", doc("a"), doc("b", status="levitating")))
    assert sorted(held.mirror.rows()) == ["a"]
    assert held.mirror.unreadable == {"b"}
    assert held.mirror.ticket("b") is None
    held.take("c1", page("c2", doc("b", 2)))
    assert (held.ids(), held.mirror.unreadable) == (["a", "b"], set())


def test_kinds_that_this_console_does_not_know_are_passed_over(held):
    assert held.take("", page("c1", {"id": "x"}, kind="queue"))
    assert held.ids() == []


def test_the_old_view_stays_until_the_last_page_of_a_relist(held):
    held.take("", page("c1", doc("a"), doc("b")))
    held.mirror.begin_relist()
    held.take("", page("r1", doc("b", 2, subject="neu"), doc("c"), more=True))
    assert (held.ids(), held.mirror.cursor, held.mirror.relisting) == (["a", "b"], "r1", True)
    assert held.mirror.rows()["b"].subject == "s"
    held.take("r1", page("c9", "c", doc("d")))
    assert (held.ids(), held.mirror.cursor, held.mirror.relisting) == (["b", "d"], "c9", False)
    assert held.mirror.rows()["b"].subject == "neu"
    held.restart()
    assert held.ids() == ["b", "d"]
    assert "staging" not in held.db.tables()


def test_a_relist_goes_on_after_a_restart(held):
    held.take("", page("c1", doc("a")))
    held.mirror.begin_relist()
    held.take("", page("r1", doc("b"), more=True))
    held.restart()
    assert (held.mirror.cursor, held.ids()) == ("r1", ["a"])
    held.take("r1", page("c9", doc("c")))
    assert held.ids() == ["b", "c"]


@pytest.mark.parametrize("more", [False, True])
def test_an_abandoned_relist_leaves_nothing_in_the_next(held, more):
    held.take("", page("c1", doc("a")))
    held.mirror.begin_relist()
    held.take("", page("r1", doc("ghost"), more=True))
    held.mirror.begin_relist()
    held.take("", page("c9", doc("b"), more=more))
    if more:
        held.take("c9", page("c10", doc("c")))
    held.restart()
    assert held.ids() == (["b", "c"] if more else ["b"])


HERE, THERE = "https://a.example", "https://b.example"


def test_a_store_belongs_to_one_user_of_one_server(held):
    held.mirror.bind(Owner("OKPay", "wang", "1", HERE))
    before = held.lines()
    held.mirror.bind(Owner("OKPay", "wang", "1", HERE))
    assert held.lines() == before, "nothing new is no record"
    held.restart()
    for found in (Owner("OKPay", "li", "1", HERE), Owner("OKPay", "wang", "2", THERE)):
        with pytest.raises(errors.StoreForeign) as caught:
            held.mirror.bind(found)
        assert "OKPAY_DATA_DIR" in caught.value.advice
    held.restart()
    assert held.mirror.owner == Owner("OKPay", "wang", "1", HERE)


def test_what_a_user_holds_is_told_from_the_store_and_from_claims_that_the_feed_has_yet_to_bring(held):
    held.take("", page("c1", doc("a", assignee="wang"), doc("b"), doc("c", assignee="li"), doc("d", assignee="wang")))
    held.mirror.show_claimed(doc("b", 2, assignee="wang"))
    held.mirror.show_claimed(doc("d", 2))
    assert sorted(found["id"] for found in held.mirror.assigned("wang")) == ["a", "b"]


def test_a_claim_shows_at_once_and_only_until_the_feed_speaks(held):
    held.take("", page("c1", doc("a")))
    held.mirror.rows()
    held.mirror.show_claimed(doc("a", 2, assignee="wang"))
    assert held.mirror.rows()["a"].assignee == "wang"
    assert held.mirror.ticket("a").assignee == "wang"
    assert held.db.table("tickets").raw()["a"]["rev"] == 1
    held.take("c1", page("c1"))
    assert held.mirror.rows()["a"].assignee is None, "the server was restored to before the claim"


def test_an_older_claim_does_not_hide_a_newer_row(held):
    held.take("", page("c1", doc("a", 3)))
    held.mirror.show_claimed(doc("a", 2, assignee="wang"))
    assert held.mirror.ticket("a").assignee is None


def test_damage_to_the_file_keeps_the_agents_own_rows_and_lists_the_rest_again(held):
    held.mirror.bind(Owner("OKPay", "wang"))
    held.outbox.ensure_client()
    client = held.outbox.client
    make(held.mirror.store, held.mirror.plan_page(page("c1", doc("a")), "", outbox=held.outbox, now=NOW))
    held.db.close()
    data = bytearray(held.path.read_bytes())
    data[data.index(b'"subject"')] ^= 1
    held.path.write_bytes(bytes(data) + b"00000000{}\n")
    held.open()
    assert held.db.recovery.kind == "rot"
    assert (held.mirror.cursor, held.ids()) == ("", [])
    assert (held.mirror.owner.user, held.outbox.client) == ("wang", client)


def test_an_operation_waits_for_its_row_while_pages_are_still_to_come(held):
    shown = ticket.Ticket(id="a", subject="s", channel="chat", created_at=NOW, updated_at=NOW)
    op = Author("wang", lambda: "op-1", lambda: NOW).note(shown, "话")
    held.outbox.add(op)
    last = wire.Last(1, "op-1")
    held.outbox.note_outcomes([wire.Outcome("op-1", "confirmed")], last)
    held.take("", page("c1", doc("z"), more=True, last=last))
    assert len(held.outbox) == 1
    before = held.lines()
    held.take("c1", page("c2", doc("a", 2), last=last))
    assert (len(held.outbox), held.lines()) == (0, before + 1)
