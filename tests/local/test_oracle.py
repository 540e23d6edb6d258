"""Any sequence of calls leaves our cache and a stock TinyDB with the same documents, also after opening it again."""

from __future__ import annotations

import tempfile
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from tinydb import TinyDB, where
from tinydb.storages import MemoryStorage
from tinydb.table import Document

from okpay_console.local.database import OkDB
from okpay_console.local.disk import Disk

tables = st.sampled_from(["tickets", "outbox"])
ids = st.integers(1, 8)
numbers = st.integers(0, 3)
documents = st.fixed_dictionaries(
    {"n": numbers}, optional={"text": st.text(max_size=5), "list": st.lists(numbers, max_size=2), "b": st.booleans()}
)


class Unsynced(Disk):
    """What is tested here is not durability."""

    def sync(self, fd):
        pass

    def sync_dir(self, path):
        pass


class SameAsTinyDB(RuleBasedStateMachine):
    def __init__(self):
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.path = Path(self.folder.name) / "cache.okdb"
        self.stock = TinyDB(storage=MemoryStorage)
        self.open()

    def open(self):
        self.ours = OkDB(self.path, fs=Unsynced(), ids=int)
        self.ours.journal.floor = 600

    def teardown(self):
        self.ours.close()
        self.folder.cleanup()

    def both(self, call):
        results = []
        for db in (self.stock, self.ours):
            try:
                results.append(call(db))
            except ValueError as refused:
                results.append(str(refused))
        assert results[0] == results[1]

    @rule(name=tables, doc=documents)
    def insert(self, name, doc):
        self.both(lambda db: db.table(name).insert(dict(doc)))

    @rule(name=tables, doc=documents, doc_id=ids)
    def insert_with_id(self, name, doc, doc_id):
        self.both(lambda db: db.table(name).insert(Document(dict(doc), doc_id)))

    @rule(name=tables, docs=st.lists(documents, max_size=3))
    def insert_multiple(self, name, docs):
        self.both(lambda db: db.table(name).insert_multiple(dict(doc) for doc in docs))

    @rule(name=tables, doc=documents, n=numbers)
    def update(self, name, doc, n):
        self.both(lambda db: db.table(name).update(doc, where("n") == n))

    @rule(name=tables, doc=documents, some=st.lists(ids, max_size=3, unique=True))
    def update_ids(self, name, doc, some):
        self.both(lambda db: db.table(name).update(doc, doc_ids=some))

    @rule(name=tables, first=numbers, second=numbers)
    def update_multiple(self, name, first, second):
        pairs = [({"n": second}, where("n") == first), (lambda doc: doc.update(x=1), where("n") == second)]
        self.both(lambda db: db.table(name).update_multiple(pairs))

    @rule(name=tables, doc=documents, n=numbers)
    def upsert(self, name, doc, n):
        self.both(lambda db: db.table(name).upsert(dict(doc), where("n") == n))

    @rule(name=tables, n=numbers)
    def remove(self, name, n):
        self.both(lambda db: db.table(name).remove(where("n") == n))

    @rule(name=tables, some=st.lists(ids, max_size=3, unique=True))
    def remove_ids(self, name, some):
        self.both(lambda db: db.table(name).remove(doc_ids=some))

    @rule(name=tables)
    def truncate(self, name):
        self.both(lambda db: db.table(name).truncate())

    @rule(name=tables)
    def drop_table(self, name):
        self.both(lambda db: db.drop_table(name))

    @rule(doc=documents, n=numbers, fail=st.booleans())
    def transaction(self, doc, n, fail):
        def work(db):
            db.table("tickets").remove(where("n") == n)
            db.table("outbox").insert(dict(doc))
            db.table("tickets").upsert(dict(doc), where("n") == doc["n"])

        if not fail:
            work(self.stock)
        try:
            with self.ours.transaction():
                work(self.ours)
                if fail:
                    raise ArithmeticError
        except ArithmeticError:
            # After a failure numbers are drawn afresh from the rows that there are, as after opening again.
            self.stock._tables.clear()

    @rule()
    def open_again(self):
        self.ours.close()
        self.open()
        self.stock._tables.clear()

    @rule()
    def compact(self):
        self.ours.compact()

    @invariant()
    def same_tables_rows_ids_order_and_answers(self):
        assert self.stock.tables() == self.ours.tables()
        for name in ("tickets", "outbox"):
            theirs, mine = self.stock.table(name), self.ours.table(name)
            assert [(doc.doc_id, doc) for doc in theirs] == [(doc.doc_id, doc) for doc in mine]
            for n in range(4):
                assert theirs.search(where("n") == n) == mine.search(where("n") == n)
            assert mine.count(where("b") == True) == theirs.count(where("b") == True)  # noqa: E712


TestSameAsTinyDB = SameAsTinyDB.TestCase
TestSameAsTinyDB.settings = settings(
    max_examples=60, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck)
)
