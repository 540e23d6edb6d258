"""A second console may look on: it takes no lock, writes nothing, and follows."""

from __future__ import annotations

import pytest

from okpay_console.errors import StoreError
from okpay_console.local.database import OkDB
from okpay_console.local.record import Change


@pytest.fixture
def reader(db, path):
    db.write({"t": Change(put={"a": {"n": 1}})})
    with OkDB(path, readonly=True, salvage=()) as made:
        yield made


def test_it_sees_what_the_owner_commits_when_it_refreshes(db, reader):
    db.write({"t": Change(put={"a": {"n": 2}, "b": {}})})
    db.write({"u": Change(put={"c": {}})})
    assert reader.table("t").get(doc_id="a") == {"n": 1}
    assert reader.refresh() == 2
    assert reader.refresh() == 0
    assert reader.journal.read() == db.journal.read()


def test_it_follows_through_a_compaction(db, reader):
    db.write({"t": Change(put={"a": {"n": 2}})})
    db.compact()
    db.write({"t": Change(put={"a": {"n": 3}})})
    assert reader.refresh() == 1
    assert reader.table("t").get(doc_id="a") == {"n": 3}
    db.write({"t": Change(put={"a": {"n": 4}})})
    assert reader.refresh() == 1
    assert reader.table("t").get(doc_id="a") == {"n": 4}


def test_it_cannot_write(reader, path):
    before = path.read_bytes()
    with pytest.raises(StoreError, match="read-only"):
        reader.table("t").insert({})
    assert path.read_bytes() == before


def test_it_ignores_a_write_under_way_and_takes_it_when_it_is_whole(db, reader, path):
    size = path.stat().st_size
    db.write({"t": Change(put={"a": {"n": 2}})})
    whole = path.read_bytes()
    db.close()
    for stop in range(size + 1, len(whole)):
        path.write_bytes(whole[:stop])
        assert reader.refresh() == 0
        assert OkDB(path, readonly=True, salvage=()).table("t").get(doc_id="a") == {"n": 1}
        assert path.read_bytes() == whole[:stop]
    path.write_bytes(whole)
    assert reader.refresh() == 1


def test_a_record_that_the_owner_took_back_is_forgotten_again(db, reader, path):
    whole = path.read_bytes()
    db.write({"t": Change(put={"a": {"n": 2}})})
    reader.refresh()
    db.close()
    path.write_bytes(whole)
    with OkDB(path, salvage=()) as owner:
        owner.write({"t": Change(put={"a": {"n": 7}, "b": {"text": "longer than the one before"}})})
        reader.refresh()
        assert reader.journal.read() == owner.journal.read()


def test_without_a_store_there_is_nothing_to_look_at(tmp_path):
    with pytest.raises(StoreError):
        OkDB(tmp_path / "none.okdb", readonly=True, salvage=())
    assert list(tmp_path.iterdir()) == []


def test_a_store_whose_header_is_not_written_yet_cannot_be_looked_at_and_is_left_alone(db, path):
    header = path.read_bytes().partition(b"\n")[0]
    db.close()
    for text in (b"", header[:30]):
        path.write_bytes(text)
        with pytest.raises(StoreError):
            OkDB(path, readonly=True, salvage=())
        assert path.read_bytes() == text


def test_damage_is_told_and_left_to_the_owner(db, reader, path):
    db.write({"t": Change(put={"b": {}})})
    db.close()
    damaged = path.read_bytes().replace(b'"n":1', b'"n":7')
    path.write_bytes(damaged)
    with OkDB(path, readonly=True, salvage=()) as looking:
        assert looking.recovery.kind == "rot"
        assert looking.recovery.quarantine == ""
    assert path.read_bytes() == damaged


def test_a_compacted_file_that_comes_to_the_length_of_the_old_one_is_read_all_the_same(db, reader, path):
    """The length that was last looked at belongs to the file that is gone."""
    db.write({"t": Change(put={"a": {"n": "x" * 400}})})
    reader.refresh()
    length = path.stat().st_size
    db.write({"t": Change(delete=["a"])})
    db.compact()
    reader.refresh()
    first = path.stat().st_size
    db.write({"t": Change(put={"b": {"n": ""}})})
    empty = path.stat().st_size - first
    db.write({"t": Change(delete=["b"])})
    db.compact()
    reader.refresh()
    db.write({"t": Change(put={"b": {"n": "x" * (length - path.stat().st_size - empty)}})})
    assert path.stat().st_size == length
    assert reader.refresh() == 1
    assert reader.journal.read() == db.journal.read()
