"""Drafts: words that are still being written survive, each in its own box."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from okpay_console.local.drafts import Drafts
from okpay_console.local.store import open_store

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)


@pytest.fixture
def drafts(tmp_path):
    with open_store(tmp_path / "store") as db:
        yield Drafts(db)


def test_a_draft_survives_a_restart(tmp_path):
    with open_store(tmp_path / "store") as db:
        Drafts(db).put("wang", "t1", "reply", "您好，\n我们", now=NOW)
    with open_store(tmp_path / "store") as db:
        assert Drafts(db).get("wang", "t1", "reply") == "您好，\n我们"


def test_each_agent_ticket_and_box_has_its_own(drafts):
    drafts.put("a/b", "c", "note", "1", now=NOW)
    drafts.put("a", "b/c", "note", "2", now=NOW)
    drafts.put("a", "b/c", "reply", "3", now=NOW)
    assert drafts.get("a/b", "c", "note") == "1"
    assert drafts.of("a") == {("b/c", "note"): "2", ("b/c", "reply"): "3"}
    assert drafts.get("a", "c", "note") == ""


def test_an_empty_text_removes_it_and_the_same_text_costs_nothing(drafts):
    drafts.put("a", "t", "note", "x", now=NOW)
    assert drafts.plan_put("a", "t", "note", "x", now=NOW) is None
    drafts.put("a", "t", "note", "", now=NOW)
    assert drafts.of("a") == {}
    assert drafts.plan_put("a", "t", "note", "", now=NOW) is None
