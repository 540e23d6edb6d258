"""A caller who was taken out of the server is taken out of every console at its next round, and out of its file."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from okpay_console.domain import erasure
from okpay_console.domain.ticket import Caller
from okpay_console.errors import StoreError
from okpay_console.local import erasing as local
from okpay_console.server import erasing

PHONE = "13800138000"
WORDS = "我叫张三丰，打 138 0013 8000"
NOW = datetime(2026, 3, 2, tzinfo=UTC)


def on_disk(folder: Path) -> str:
    """Everything that stands in the console's files, history included, as values are compared."""
    return erasure.tight(
        "".join(file.read_text("utf-8", "replace") for file in sorted(folder.rglob("*")) if file.is_file())
    )


def leaks(folder: Path) -> list[str]:
    told = on_disk(folder)
    return [value for value in (PHONE, "张三丰", "A1B2C3D4E5") if erasure.tight(value) in told]


async def worked(desk: Any) -> tuple[Any, str]:
    """A console with a case of the caller: acknowledged words, a draft, a review, a line of the daybook."""
    wang, li = await desk.console("wang"), await desk.console("li")
    ticket = await wang.new(WORDS, caller=Caller(name="张三丰", mobile=PHONE), text=WORDS)
    await wang.engine.round()
    await li.engine.round()
    shown = wang.engine.view(ticket).ticket
    await wang.engine.do(wang.author.field(shown, "txn_no", "A1B2C3D4E5"))
    await wang.note(ticket, WORDS)
    await wang.engine.round()
    stale = li.engine.view(ticket).ticket
    await li.engine.do(li.author.assign(stale, "li"))
    await li.engine.round()
    await wang.engine.do(wang.author.handover(wang.engine.view(ticket).ticket, note=WORDS, queue="vip"))
    await wang.engine.round()
    assert [(one.name, one.code) for one in wang.outbox.reviews()] == [("ticket.handover", "review")]
    wang.engine._drafts.put("wang", ticket, "note", WORDS, now=NOW)
    await wang.engine.tell("notice", about="li", words=f"回电 {PHONE}")
    await wang.engine.round()
    assert leaks(wang.folder) == [PHONE, "张三丰", "A1B2C3D4E5"]
    return wang, ticket


async def test_after_one_round_no_file_of_the_console_has_a_value_of_his(desk: Any) -> None:
    wang, ticket = await worked(desk)
    await erasing.erase(desk.database, PHONE)
    assert (await wang.engine.round()).link == "online"
    assert leaks(wang.folder) == []
    assert wang.engine.find(PHONE[-4:]) == []
    shown = wang.engine.view(ticket).ticket
    assert shown is not None and shown.erased_at is not None
    assert [line.words for line in wang.engine.daybook() if line.kind == "notice"] == [erasure.MARK]
    assert not wang.engine.drafts_of(ticket)
    # What is counted of the log is whole: the console goes on where it was.
    other = await wang.new("next")
    assert (await wang.engine.round()).refused == ()
    assert wang.engine.view(other).ticket.number > 0
    await wang.restart()
    assert not wang.outbox.broken
    assert leaks(wang.folder) == []


async def test_words_that_waited_unsent_are_refused_and_do_not_stay_in_the_tray(desk: Any) -> None:
    wang, ticket = await worked(desk)
    await erasing.erase(desk.database, PHONE)
    uuid = await wang.note(ticket, WORDS)
    told = await wang.engine.round()
    assert [one.code for one in told.refused] == ["erased"]
    review = wang.outbox.review(uuid)
    assert review is not None and review.words == erasure.MARK
    assert leaks(wang.folder) == []


async def test_what_could_not_be_rewritten_is_rewritten_with_the_next_page(desk: Any) -> None:
    wang, _ = await worked(desk)
    await erasing.erase(desk.database, PHONE)

    def full() -> bool:
        raise StoreError("the disk is full")

    compact = wang.db.journal.compact
    wang.db.journal.compact = full
    await wang.engine.round()
    assert local.purge_due(wang.db.journal)
    assert leaks(wang.folder) == [PHONE, "张三丰", "A1B2C3D4E5"]
    wang.db.journal.compact = compact
    await wang.restart()
    await wang.engine.round()
    assert not local.purge_due(wang.db.journal)
    assert leaks(wang.folder) == []


@pytest.mark.parametrize("table", ["acked", "reviews", "drafts", "told"])
async def test_a_table_that_is_forgotten_would_be_seen(desk: Any, table: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The mutant: the plan without one of its tables leaves his words there."""
    wang, _ = await worked(desk)
    whole = local.plan

    def without(*arguments: Any, **named: Any) -> Any:
        made = whole(*arguments, **named)
        made.changes.pop(table, None)
        return made

    monkeypatch.setattr(local, "plan", without)
    await erasing.erase(desk.database, PHONE)
    await wang.engine.round()
    assert leaks(wang.folder) != []
