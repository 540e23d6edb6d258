"""A reply is stopped by what others said or did to the ticket, and by nothing else."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from okpay_console.domain import stale
from okpay_console.domain.ticket import Entry, Ticket

NOW = datetime(2026, 11, 22, 6, 46, tzinfo=UTC)


def ticket(*entries: Entry) -> Ticket:
    return Ticket(id="t", subject="s", channel="chat", created_at=NOW, updated_at=NOW, timeline=entries)


@pytest.mark.parametrize(
    "kind", ["message", "reply", "status", "assign", "claim", "release", "merge", "close", "reopen", "handover"]
)
def test_what_others_did_since_is_told_in_order(kind: str) -> None:
    first, second = Entry("a", kind, NOW, "小李"), Entry("b", kind, NOW, "小李")
    assert stale.since(ticket(first, second), {"x"}, "小王") == (first, second)


@pytest.mark.parametrize("kind", ["note", "field", "step", "tag", "reveal", "priority"])
def test_what_changes_no_word_to_the_customer_stops_nobody(kind: str) -> None:
    assert stale.since(ticket(Entry("a", kind, NOW, "小李")), (), "小王") == ()


def test_ones_own_deeds_and_what_was_seen_stop_nobody() -> None:
    seen, own = Entry("a", "reply", NOW, "小李"), Entry("b", "reply", NOW, "小王")
    both = ticket(seen, own)
    assert stale.since(both, {"a"}, "小王") == ()
    assert stale.since(both, stale.ids(both), "小赵") == ()
