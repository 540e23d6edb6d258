"""History is thrown away without anybody noticing."""

from __future__ import annotations

import threading

from tinydb import where

from okpay_console.local.database import OkDB
from okpay_console.local.disk import Disk
from okpay_console.local.record import Change


def test_a_file_that_is_mostly_history_shrinks_by_itself(path):
    with OkDB(path, salvage=()) as db:
        db.journal.floor = 4096
        for number in range(500):
            db.write({"t": Change(put={"a": {"n": number, "text": "x" * 100}})})
        assert path.stat().st_size < 3 * 4096
        before = db.journal.read()
    with OkDB(path, salvage=()) as db:
        assert db.journal.read() == before == {"t": {"a": {"n": 499, "text": "x" * 100}}}


def test_a_file_without_history_is_left_alone(path):
    with OkDB(path, salvage=()) as db:
        db.journal.floor = 4096
        for number in range(500):
            db.write({"t": Change(put={str(number): {"n": number, "text": "x" * 100}})})
        inode = path.stat().st_ino
        db.write({"t": Change(put={"0": {"n": 0, "text": "y" * 100}})})
        assert not db.compaction_due
        assert path.stat().st_ino == inode


def test_empty_tables_and_the_order_of_rows_survive(db, path):
    db.table("empty", persist_empty=True)
    db.write({"t": Change(put={key: {"k": key} for key in "cab"})})
    db.write({"t": Change(delete=["c"], put={"c": {"k": "c"}})})
    db.compact()
    db.close()
    with OkDB(path, salvage=()) as again:
        assert again.tables() == {"empty", "t"}
        assert [doc.doc_id for doc in again.table("t")] == ["a", "b", "c"]


def test_commits_made_while_another_thread_compacts_are_in_the_new_file(path):
    reached, go_on = threading.Event(), threading.Event()

    class Slow(Disk):
        def open(self, path, *, write=False, fresh=False):
            if fresh and path.exists() is False and threading.current_thread() is worker:
                reached.set()
                go_on.wait(10)
            return super().open(path, write=write, fresh=fresh)

    worker = threading.Thread()
    with OkDB(path, fs=Slow(), salvage=()) as db:
        db.write({"t": Change(put={str(n): {"n": n} for n in range(600)})})
        worker = threading.Thread(target=db.compact)
        worker.start()
        assert reached.wait(10)
        db.write({"t": Change(put={"0": {"n": "meanwhile"}}), "u": Change(put={"x": {}})})
        assert db.compact() is False, "one at a time"
        assert db.table("t").get(doc_id="0") == {"n": "meanwhile"}
        go_on.set()
        worker.join()
        db.write({"u": Change(delete=["x"])})
        before = db.journal.read()
    with OkDB(path, salvage=()) as db:
        assert db.journal.read() == before
        assert db.table("t").get(doc_id="0") == {"n": "meanwhile"}


def test_readers_see_whole_transactions_while_a_writer_writes_and_compacts(path):
    with OkDB(path, salvage=()) as db:
        db.journal.floor = 4096
        db.write({"t": Change(put={str(n): {"v": 0} for n in range(50)})})
        wrong, stop = [], threading.Event()

        def look():
            table = db.table("t")
            while not stop.is_set():
                if len({doc["v"] for doc in table.snapshot().values()}) != 1:
                    wrong.append("half a transaction")
                if table.count(where("v") >= 0) != 50:
                    wrong.append("rows missing")

        readers = [threading.Thread(target=look) for _ in range(2)]
        for reader in readers:
            reader.start()
        for number in range(1, 150):
            db.write({"t": Change(put={str(n): {"v": number} for n in range(50)})})
        stop.set()
        for reader in readers:
            reader.join()
        assert wrong == []


def test_what_a_crash_left_beside_the_store_is_removed(path):
    OkDB(path, salvage=()).close()
    path.with_name(path.name + ".new").write_text("张三 13800008000")
    with OkDB(path, salvage=()):
        assert not path.with_name(path.name + ".new").exists()
