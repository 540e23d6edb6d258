"""Any sequence of calls leaves our cache and a stock TinyDB with the same documents: here, for a reader, after opening it again."""

from __future__ import annotations

import tempfile
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from tinydb import TinyDB, where
from tinydb.storages import MemoryStorage
from tinydb.table import Document

from okpay_console.local.codec import PLAIN
from okpay_console.local.database import OkDB
from okpay_console.local.disk import Disk
from okpay_console.local.record import Change
from okpay_console.local.seal import Sealed

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


calls = st.lists(
    st.one_of(
        st.tuples(st.just("insert"), tables, documents),
        st.tuples(st.just("upsert"), tables, documents),
        st.tuples(st.just("remove"), tables, numbers),
        st.tuples(st.just("update"), tables, documents),
        st.tuples(st.just("truncate"), tables, st.none()),
    ),
    max_size=4,
)
"""What a transaction may hold."""


def call(db, name, table, argument):
    table = db.table(table)
    match name:
        case "insert":
            table.insert(dict(argument))
        case "upsert":
            table.upsert(dict(argument), where("n") == argument["n"])
        case "remove":
            table.remove(where("n") == argument)
        case "update":
            table.update(dict(argument), where("n") == argument["n"])
        case _:
            table.truncate()


class SameAsTinyDB(RuleBasedStateMachine):
    codec = PLAIN

    def __init__(self):
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.path = Path(self.folder.name) / "cache.okdb"
        self.stock = TinyDB(storage=MemoryStorage)
        self.open()
        self.reader = self.opened(self.path, readonly=True)

    def opened(self, path, **more):
        return OkDB(path, fs=Unsynced(), ids=int, salvage=(), codec=self.codec, **more)

    def open(self):
        self.ours = self.opened(self.path)
        self.ours.journal.floor = 600

    def teardown(self):
        self.reader.close()
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

    @rule()
    def drop_tables(self):
        self.both(lambda db: db.drop_tables())

    @rule(wanted=calls, inner=calls, fail=st.booleans())
    def transaction(self, wanted, inner, fail):
        """One inside another joins it; a failure anywhere leaves nothing of either."""
        if not fail:
            for one in [*wanted, *inner]:
                call(self.stock, *one)
        try:
            with self.ours.transaction():
                for one in wanted:
                    call(self.ours, *one)
                with self.ours.transaction():
                    for one in inner:
                        call(self.ours, *one)
                if fail:
                    raise ArithmeticError
        except ArithmeticError:
            # After a failure numbers are drawn afresh from the rows that there are, as after opening again.
            self.stock._tables.clear()

    @rule(doc=documents, doc_id=ids, some=st.lists(ids, max_size=2, unique=True))
    def write_in_bulk(self, doc, doc_id, some):
        """The bulk door is ours alone, and draws no numbers: a table of its own, and for the stock the same rows one by one."""
        self.ours.write({"bulk": Change(delete=[str(one) for one in some], put={str(doc_id): dict(doc)})})
        stock = self.stock.table("bulk")
        stock.remove(doc_ids=[one for one in some if stock.contains(doc_id=one)])
        # An upsert by id merges; a put replaces.
        stock.upsert(Document(dict(doc), doc_id))
        stock.update(lambda row: (row.clear(), row.update(doc)), doc_ids=[doc_id])

    @rule()
    def killed_and_opened_elsewhere(self):
        """What a copy of the file gives at this moment is what is shown."""
        copy = self.path.with_name("copy.okdb")
        copy.write_bytes(self.path.read_bytes())
        with self.opened(copy) as db:
            assert db.recovery.kind == "none"
            assert db.journal.read() == self.ours.journal.read()

    @rule()
    def open_again(self):
        self.ours.close()
        self.open()
        self.stock._tables.clear()

    @rule()
    def compact(self):
        self.ours.compact()

    @invariant()
    def a_reader_follows(self):
        self.reader.refresh()
        assert self.reader.journal.read() == self.ours.journal.read()
        assert self.reader.tables() == self.ours.tables()

    @invariant()
    def same_tables_rows_ids_order_and_answers(self):
        assert self.stock.tables() == self.ours.tables()
        for name in ("tickets", "outbox", "bulk"):
            theirs, mine = self.stock.table(name), self.ours.table(name)
            assert [(doc.doc_id, doc) for doc in theirs] == [(doc.doc_id, doc) for doc in mine]
            for n in range(4):
                assert theirs.search(where("n") == n) == mine.search(where("n") == n)
            assert mine.count(where("b") == True) == theirs.count(where("b") == True)  # noqa: E712


class SealedSameAsTinyDB(SameAsTinyDB):
    codec = Sealed(bytes(range(32)), key_id="0123456789abcdef")


def case(machine, *, examples):
    made = machine.TestCase
    made.settings = settings(
        max_examples=examples, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck)
    )
    return made


TestSameAsTinyDB = case(SameAsTinyDB, examples=60)
TestSealedSameAsTinyDB = case(SealedSameAsTinyDB, examples=15)
