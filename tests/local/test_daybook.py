"""The daybook on this machine: what was told here survives everything, what others told is kept for a day and a half."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from okpay_console.domain.daybook import TOLD_BYTES, TOLD_LINES, DaybookPage, Line, LineFate
from okpay_console.local.daybook import Book, Mark, batches
from okpay_console.local.store import Commit, make, open_store

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def line(uuid: str, *, by: str = "wang", at: datetime = NOW, kind: str = "state", seq: int = 0, **more: Any) -> Line:
    if kind == "state":
        more.setdefault("what", "available")
    return Line(uuid=uuid, kind=kind, at=at, by=by, seq=seq, **more)


def page(*lines: Line, after: str, more: bool = False) -> DaybookPage:
    return DaybookPage(list(lines), after, more, NOW)


class Machine:
    """One folder; ``again`` is a new start on it."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "store"
        self.db = open_store(self.path)
        self.book = Book(self.db)

    def put(self, commit: Commit | None) -> bool:
        if commit is not None:
            make(self.db.journal, commit)
        return commit is not None

    def again(self) -> Book:
        self.db.close()
        self.db = open_store(self.path)
        self.book = Book(self.db)
        return self.book

    def take(self, *lines: Line, asked: str, after: str, **fates: LineFate) -> bool:
        return self.put(self.book.plan_page(page(*lines, after=after), asked, fates=fates, now=NOW))


@pytest.fixture
def machine(tmp_path: Path) -> Iterator[Machine]:
    made = Machine(tmp_path)
    yield made
    made.db.close()


def ids(lines: tuple[Line, ...]) -> list[str]:
    return [one.uuid for one in lines]


def test_what_was_told_is_there_after_a_new_start_and_telling_it_twice_is_once(machine: Machine) -> None:
    machine.put(machine.book.plan_tell(line("b", at=NOW + timedelta(seconds=1))))
    machine.put(machine.book.plan_tell(line("a")))
    assert machine.book.plan_tell(line("a")) is None
    book = machine.again()
    assert ids(book.lines()) == ids(book.unsent("wang")) == ["a", "b"]
    assert book.mark == Mark(by="wang", what="available", at=NOW, alive=NOW)


def test_the_lines_are_the_same_object_until_one_changes(machine: Machine) -> None:
    machine.put(machine.book.plan_tell(line("a")))
    before = machine.book.lines()
    machine.put(machine.book.plan_mark(Mark(by="wang", alive=NOW)))
    assert machine.book.lines() is before
    machine.put(machine.book.plan_tell(line("b")))
    assert ids(machine.book.lines()) == ["a", "b"]


def test_another_persons_lines_are_not_sent_under_ones_own_name(machine: Machine) -> None:
    machine.put(machine.book.plan_tell(line("a", by="li")))
    machine.put(machine.book.plan_tell(line("b")))
    machine.put(machine.book.plan_tell(line("c", by="")))
    assert ids(machine.book.unsent("wang")) == ["b", "c"]


def test_a_line_is_the_servers_with_the_page_whose_cursor_covers_it(machine: Machine) -> None:
    machine.put(machine.book.plan_tell(line("a")))
    machine.put(machine.book.plan_tell(line("b")))
    assert machine.take(line("a", seq=4), line("x", by="li", seq=5), asked="", after="c5")
    book = machine.again()
    assert book.after == "c5"
    assert ids(book.unsent("wang")) == ["b"]
    assert [(one.uuid, one.seq) for one in book.lines()] == [("a", 4), ("b", 0), ("x", 5)]


def test_a_line_that_was_known_long_before_the_cursor_is_done_with_the_last_page(machine: Machine) -> None:
    machine.put(machine.book.plan_tell(line("a", at=NOW - timedelta(hours=37))))
    fate = LineFate("a", "known", 2)
    unfinished = machine.book.plan_page(page(after="c3", more=True), "", fates={"a": fate}, now=NOW)
    assert unfinished is None and ids(machine.book.unsent("wang")) == ["a"]
    assert machine.take(asked="c3", after="c5", a=fate)
    assert machine.again().unsent("wang") == () and machine.book.after == "c5"


def test_a_page_that_was_cut_before_a_line_was_kept_does_not_let_go_of_it(machine: Machine) -> None:
    machine.put(machine.book.plan_tell(line("a")))
    assert not machine.take(asked="", after="c1", a=LineFate("a", "kept", 2))
    assert ids(machine.again().unsent("wang")) == ["a"]
    assert machine.take(line("a", seq=2), asked="", after="c2", a=LineFate("a", "known", 2))
    assert machine.again().unsent("wang") == ()


def test_a_page_of_another_cursor_is_not_taken(machine: Machine) -> None:
    assert machine.take(line("x", by="li", seq=1), asked="", after="c1")
    assert not machine.take(line("y", by="li", seq=2), asked="", after="c9")
    assert ids(machine.book.lines()) == ["x"] and machine.book.after == "c1"


def test_looking_at_nothing_new_writes_nothing(machine: Machine) -> None:
    assert machine.take(line("x", by="li", seq=1), asked="", after="c1")
    size = machine.path.stat().st_size
    for count in range(100):
        assert not machine.take(asked=machine.book.after, after=f"d{count}")
    assert machine.path.stat().st_size == size and machine.book.after == "d99"


def test_what_the_server_refuses_stays_is_not_sent_and_not_shown(machine: Machine) -> None:
    machine.put(machine.book.plan_tell(line("a", kind="notice", words="x", about="li")))
    machine.put(machine.book.plan_tell(line("b")))
    machine.put(
        machine.book.plan_refused([LineFate("a", "refused", code="forbidden", what="No."), LineFate("b", "kept")])
    )
    book = machine.again()
    assert ids(book.unsent("wang")) == ids(book.lines()) == ["b"]
    assert [(own.line.uuid, own.code, own.what) for own in book.refused()] == [("a", "forbidden", "No.")]


def test_a_server_with_another_history_is_offered_everything_of_the_last_week_again(machine: Machine) -> None:
    machine.put(machine.book.plan_tell(line("a")))
    assert machine.take(line("a", seq=7), line("x", by="li", seq=8), asked="", after="c8")
    machine.put(machine.book.plan_again())
    book = machine.again()
    assert ids(book.unsent("wang")) == ["a"] and book.after == ""
    assert ids(book.lines()) == ["a", "x"], "the old view stays until the new one begins"
    assert machine.take(line("y", by="li", seq=1), asked="", after="n1")
    assert ids(machine.again().lines()) == ["a", "y"]


def test_what_is_old_leaves_except_what_was_never_sent(machine: Machine) -> None:
    week = NOW - timedelta(days=8)
    for name in ("done", "waiting"):
        machine.put(machine.book.plan_tell(line(name, at=week)))
    assert machine.take(
        line("done", at=week, seq=1), line("x", by="li", at=NOW - timedelta(hours=37), seq=2), asked="", after="c2"
    )
    assert ids(machine.book.lines()) == ["done", "waiting", "x"]
    assert machine.again().after == "c2"
    assert machine.take(asked="c2", after="c3")
    assert ids(machine.again().lines()) == ["waiting"]


def test_a_line_of_a_newer_version_is_left_on_the_disk(machine: Machine) -> None:
    from okpay_console.local.record import Change

    machine.db.journal.commit({"told": Change(put={"odd": {"line": 5}}), "floor": Change(put={"z": {"uuid": 1}})})
    assert machine.again().lines() == ()
    machine.put(machine.book.plan_tell(line("a")))
    assert machine.again().unsent("wang")[0].uuid == "a"
    assert "odd" in machine.db.journal.rows("told")


def test_requests_stay_within_what_the_protocol_lets_through() -> None:
    many = [line(str(number)) for number in range(TOLD_LINES * 2 + 1)]
    assert [len(batch) for batch in batches(many)] == [TOLD_LINES, TOLD_LINES, 1]
    import msgspec

    from okpay_console.domain.daybook import Told

    long = [line(str(number), kind="notice", words="很" * 2000, about="li") for number in range(40)]
    cut = batches(long)
    assert [one for batch in cut for one in batch] == long
    assert all(len(msgspec.json.encode(Told(batch, alive=True))) <= TOLD_BYTES for batch in cut)


def test_a_day_of_signs_of_life_costs_little(machine: Machine, record_property: Callable[[str, object], None]) -> None:
    """Eight hours, one a minute."""
    machine.put(machine.book.plan_tell(line("a")))
    before = machine.path.stat().st_size
    for minute in range(480):
        machine.put(machine.book.plan_mark(Mark("wang", "agent", "available", NOW, NOW + timedelta(minutes=minute))))
    grown = machine.path.stat().st_size - before
    record_property("bytes", grown)
    assert grown < 128 << 10
    assert machine.again().mark.alive == NOW + timedelta(minutes=479)
