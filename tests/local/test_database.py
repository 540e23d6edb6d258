"""What our cache promises beyond TinyDB: transactions, isolation, text ids, one record for many rows."""

from __future__ import annotations

import os
import stat
import threading

import pytest
from tinydb import where
from tinydb.table import Document

from okpay_console.errors import StoreBusy, StoreError, StoreForeign
from okpay_console.local.database import OkDB
from okpay_console.local.record import Change


def lines(path):
    return path.read_bytes().count(b"\n")


def test_everything_is_there_after_opening_again(path):
    with OkDB(path, salvage=()) as db:
        db.table("tickets").insert(Document({"title": "已扣款未到账"}, doc_id="0190-a"))
        db.write({"meta": Change(put={"cursor": {"c": "x"}}), "drafts": Change(put={"d": {"t": "…"}})})
        db.table("drafts").remove(doc_ids=["d"])
        before = db.journal.read()
    with OkDB(path, salvage=()) as db:
        assert (
            db.journal.read()
            == before
            == {
                "tickets": {"0190-a": {"title": "已扣款未到账"}},
                "meta": {"cursor": {"c": "x"}},
                "drafts": {},
            }
        )
        assert db.recovery.kind == "none"


def test_a_page_of_five_hundred_tickets_with_its_cursor_is_one_record(db, path):
    before = lines(path)
    page = {f"0190-{n}": {"n": n} for n in range(500)}
    db.write({"tickets": Change(put=page), "meta": Change(put={"cursor": {"c": 500}})})
    assert lines(path) == before + 1
    assert len(db.table("tickets")) == 500


def test_a_transaction_over_two_tables_is_one_record_and_seen_inside_before_it_is_written(db, path):
    before = lines(path)
    with db.transaction():
        db.table("outbox").insert(Document({"mid": 1}, doc_id="m1"))
        db.table("drafts").upsert(Document({"t": "x"}, doc_id="d1"))
        db.table("outbox").update({"sent": True}, where("mid") == 1)
        assert db.table("outbox").get(doc_id="m1") == {"mid": 1, "sent": True}
        assert lines(path) == before
    assert lines(path) == before + 1
    assert db.table("outbox").all() == [{"mid": 1, "sent": True}]


def test_inside_a_transaction_tables_come_and_go_as_they_will(db):
    db.table("old").insert({})
    with db.transaction():
        db.table("new").insert({})
        db.drop_table("old")
        assert db.tables() == {"new"}
        assert db.journal.read() == {"new": {"1": {}}}
    assert db.tables() == {"new"}


def test_an_answer_that_was_overtaken_while_it_was_looked_for_is_not_kept(db):
    db.write({"t": Change(put={"a": {"n": 1}, "b": {"n": 1}})})
    overtaken = []

    def cond(doc):
        if not overtaken:
            overtaken.append(True)
            db.write({"t": Change(put={"b": {"n": 2}, "c": {"n": 1}})})
        return doc["n"] == 1

    db.table("t").search(cond)
    assert [doc.doc_id for doc in db.table("t").search(cond)] == ["a", "c"]


def test_an_exception_inside_a_transaction_leaves_memory_and_disk_as_they_were(db, path):
    table = db.table("t", ids=int)
    table.insert_multiple([{"n": 1}, {"n": 2}])
    disk, before = path.read_bytes(), db.journal.read()
    with pytest.raises(ZeroDivisionError), db.transaction():
        table.truncate()
        table.insert({"n": 9})
        raise ZeroDivisionError
    assert path.read_bytes() == disk
    assert db.journal.read() == before
    assert table.insert({"n": 3}) == 3


def test_a_table_that_somebody_holds_is_told_of_changes_even_after_it_was_dropped(db):
    held = db.table("t")
    db.write({"t": Change(put={"a": {"n": 1}})})
    assert held.count(where("n") == 1) == 1
    db.drop_table("t")
    assert held.count(where("n") == 1) == 0
    db.write({"t": Change(put={"b": {"n": 1}})})
    assert [doc.doc_id for doc in held.search(where("n") == 1)] == ["b"]


def test_another_thread_does_not_see_an_open_transaction(db):
    seen = []
    with db.transaction():
        db.table("t").insert({"n": 1})
        reader = threading.Thread(target=lambda: seen.append(len(db.table("t"))))
        reader.start()
        reader.join()
    assert seen == [0]
    assert len(db.table("t")) == 1


def test_a_callable_that_fails_half_way_changes_nothing(db):
    db.table("t").insert_multiple([{"n": [1]}, {"n": [2]}, {}])
    before = db.journal.read()
    with pytest.raises(KeyError):
        db.table("t").update(lambda doc: doc["n"].append(9))
    assert db.journal.read() == before


def test_no_list_is_shared_between_a_caller_and_the_store(db):
    tags = ["a"]
    table = db.table("t")
    (doc_id,) = table.insert_multiple([{"tags": tags}])
    tags.append("theirs")
    for read in (table.get(doc_id=doc_id), table.all()[0], table.search(where("tags").exists())[0], next(iter(table))):
        read["tags"].append("mine")
    db.journal.read()["t"][doc_id]["tags"].append("mine")
    assert table.get(doc_id=doc_id) == {"tags": ["a"]}
    assert table.search(where("tags").exists()) == [{"tags": ["a"]}]
    with db.transaction():
        table.update({"tags": tags}, doc_ids=[doc_id])
        tags.append("late")
    assert table.get(doc_id=doc_id) == {"tags": ["a", "theirs"]}


def test_true_in_the_place_of_one_is_a_change(db, path):
    db.write({"t": Change(put={"a": {"n": 1}})})
    db.table("t").update({"n": True}, doc_ids=["a"])
    db.close()
    with OkDB(path, salvage=()) as again:
        assert again.table("t").get(doc_id="a")["n"] is True


def test_one_table_takes_the_rows_of_another_in_a_short_record(db, path):
    db.write({"tickets": Change(put={"old": {}}), "staging": Change(put={str(n): {"n": n} for n in range(300)})})
    db.table("tickets").search(where("n") == 7)
    size = path.stat().st_size
    db.write({"tickets": Change(take="staging"), "meta": Change(put={"cursor": {"c": 1}})})
    assert path.stat().st_size - size < 100
    assert db.tables() == {"tickets", "meta"}
    assert len(db.table("tickets")) == 300
    assert db.table("tickets").search(where("n") == 7) == [{"n": 7}]
    before = db.journal.read()
    db.close()
    with OkDB(path, salvage=()) as again:
        assert again.journal.read() == before


def test_text_ids_and_numbers_live_side_by_side(db):
    table = db.table("t")
    table.insert(Document({"a": 1}, doc_id="0190-a"))
    assert table.insert({"a": 2}) == "1"
    assert [doc.doc_id for doc in table] == ["0190-a", "1"]
    assert table.raw()["0190-a"] == {"a": 1}
    with pytest.raises(TypeError):
        table.raw()["x"] = {}


def test_a_snapshot_stays_as_it_was(db):
    db.write({"t": Change(put={"a": {"n": 1}})})
    kept = db.table("t").snapshot()
    db.write({"t": Change(put={"a": {"n": 2}, "b": {}})})
    assert kept == {"a": {"n": 1}}


def test_files_are_for_this_user_alone(tmp_path):
    with OkDB(tmp_path / "new" / "deep" / "cache.okdb", salvage=()) as db:
        db.table("t").insert({})
        db.compact()
        assert [stat.S_IMODE(file.stat().st_mode) for file in sorted((tmp_path / "new" / "deep").iterdir())] == [
            0o600
        ] * 2
    assert stat.S_IMODE((tmp_path / "new" / "deep").stat().st_mode) == 0o700


def test_a_second_owner_is_refused_and_told_who_the_first_is(db, path):
    with pytest.raises(StoreBusy) as refused:
        OkDB(path, program="second", salvage=())
    assert refused.value.pid == os.getpid()
    assert str(os.getpid()) in refused.value.what
    db.close()
    OkDB(path, salvage=()).close()


def test_closing_twice_is_harmless_and_writing_afterwards_is_refused(path):
    db = OkDB(path, salvage=())
    db.close()
    db.close()
    with pytest.raises(StoreError):
        db.table("t").insert({})


def test_a_store_of_a_newer_version_is_refused_and_left_alone(path):
    from zlib import crc32

    payload = b'{"okdb":99,"salt":"00","codec":"plain"}'
    text = b"%08x%b\n" % (crc32(payload), payload)
    path.write_bytes(text)
    for readonly in (False, True):
        with pytest.raises(StoreForeign, match="newer"):
            OkDB(path, readonly=readonly, salvage=())
    assert path.read_bytes() == text


def test_a_file_that_is_not_ours_is_refused_and_left_alone(path):
    path.write_text('{"_default": {"1": {"a": 1}}}\n')
    with pytest.raises(StoreForeign):
        OkDB(path, salvage=())
    assert path.read_text() == '{"_default": {"1": {"a": 1}}}\n'


class Reversed:
    """A stand-in for a cipher: binds the record's number, and has no raw line feed."""

    name = "reversed"
    mark = b"!"

    def seal(self, payload, *, number, salt):
        return b"!" + salt.hex().encode() + b"%d:" % number + payload[::-1]

    def open(self, sealed, *, number, salt):
        head, text = bytes(sealed)[:33], bytes(sealed)[33:]
        place, _, turned = text.partition(b":")
        if head != b"!" + salt.hex().encode() or int(place) != number:
            raise ValueError
        return turned[::-1]


def test_a_codec_sees_every_record_with_its_number_and_a_wrong_one_is_refused(path):
    with OkDB(path, codec=Reversed(), salvage=()) as db:
        for number in range(5):
            db.write({"t": Change(put={str(number): {"secret": "证件"}})})
        db.compact()
        db.write({"t": Change(put={"last": {}})})
    assert "证件".encode() not in path.read_bytes()
    with OkDB(path, codec=Reversed(), salvage=()) as db:
        assert len(db.table("t")) == 6
    with pytest.raises(StoreForeign, match="reversed"):
        OkDB(path, salvage=())
