"""TinyDB's table over the journal: every change costs its own size, not the size of the table."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, MutableMapping
from types import MappingProxyType
from typing import Any, cast

from tinydb.queries import QueryLike
from tinydb.table import Document, Table

from okpay_console.local.journal import JournalStorage
from okpay_console.local.overlay import Editing, Overlay, isolate
from okpay_console.local.record import Change, Changes, Rows

Fields = Mapping[str, Any] | Callable[[MutableMapping[str, Any]], None]


class JournalTable(Table):
    """Behaves as TinyDB's ``Table``; documents that come out are copies, and those that go in are copied.

    ``ids``: the class of document ids, ``str`` for the server's ids or ``int`` for TinyDB's own. Both can be inserted
    with ``Document(doc, doc_id)``; a plain dict gets the next number. Conditions see the stored documents themselves and
    must not change them. Cached answers are brought up to date with each change instead of being thrown away.
    """

    def __init__(
        self,
        storage: JournalStorage,
        name: str,
        cache_size: int = Table.default_query_cache_capacity,
        persist_empty: bool = False,
        *,
        ids: Callable[[str], Any] = int,
    ) -> None:
        self.document_id_class = ids  # type: ignore[assignment]  # TinyDB means any class
        self._journal = storage
        self._number: int | None = None
        self._version = 0
        super().__init__(storage, name, cache_size=cache_size, persist_empty=persist_empty)

    # Reading

    def raw(self) -> Mapping[str, Mapping[str, Any]]:
        """The stored documents by id, not copied: for looking up, from any thread; never change one.

        The view is of this moment's table and follows its small changes, but not its clearing or replacement: take it
        anew after each change. Iterate only where no other thread writes; ``snapshot`` is for the rest.
        """
        return MappingProxyType(cast(Rows, self._read_table()))

    def snapshot(self) -> dict[str, dict[str, Any]]:
        """All documents by id as of one moment: one's own dict of the stored documents, which must not be changed."""
        with self._journal.state_lock:
            return dict(cast(Rows, self._read_table()))

    def search(self, cond: QueryLike) -> list[Document]:
        """The documents that match, in the table's order."""
        return [self._copy(doc_id, doc) for doc_id, doc in self._find(cond).items()]

    def count(self, cond: QueryLike) -> int:
        """How many documents match."""
        return len(self._find(cond))

    def get(  # one signature for TinyDB's seven
        self, cond: QueryLike | None = None, doc_id: Any = None, doc_ids: Iterable[Any] | None = None
    ) -> Any:
        """One document by condition or id (None when missing; by id it takes the same time in any table), or a list."""
        if doc_id is not None:
            doc = self._read_table().get(str(doc_id))
            return None if doc is None else self._copy(str(doc_id), doc)
        if doc_ids is not None:
            wanted = {str(one) for one in doc_ids}
            return [self._copy(found, doc) for found, doc in self.snapshot().items() if found in wanted]
        if cond is not None:
            return next((self._copy(found, doc) for found, doc in self.snapshot().items() if cond(doc)), None)
        raise RuntimeError("You have to pass either cond or doc_id or doc_ids")

    def __iter__(self) -> Iterator[Document]:
        for doc_id, doc in self.snapshot().items():
            yield self._copy(doc_id, doc)

    def _copy(self, doc_id: str, doc: Mapping[str, Any]) -> Document:
        return self.document_class(isolate(doc), self.document_id_class(doc_id))

    def _find(self, cond: QueryLike) -> dict[str, Any]:
        """Stored documents that match, by id, from the cache where it has them."""
        cache = cast(MutableMapping[QueryLike, Any], self._query_cache)
        if self._journal.in_transaction():
            # What a transaction shows may never come to be, so it is neither looked for in the cache nor kept there.
            return {doc_id: doc for doc_id, doc in self._read_table().items() if cond(doc)}
        with self._journal.state_lock:
            known = cache.get(cond)
            if known is not None:
                return dict(known)
            version, rows = self._version, list(self._read_table().items())
        found = {doc_id: doc for doc_id, doc in rows if cond(doc)}
        if getattr(cond, "is_cacheable", lambda: True)():
            with self._journal.state_lock:
                if version == self._version:
                    cache[cond] = dict(found)
        return found

    def _read_table(self) -> dict[str, Mapping[str, Any]]:
        return cast("dict[str, Mapping[str, Any]]", self._journal.rows(self.name))

    # Writing

    def update(self, fields: Fields, cond: QueryLike | None = None, doc_ids: Iterable[Any] | None = None) -> list[Any]:
        """As TinyDB's, but documents that do not match are neither copied nor written."""
        with self._journal.writing():
            return super().update(fields, doc_ids=self._hits(cond) if doc_ids is None and cond is not None else doc_ids)

    def update_multiple(self, updates: Iterable[tuple[Fields, QueryLike]]) -> list[Any]:
        """As TinyDB's: each document meets each pair in turn, later conditions seeing earlier changes."""
        pairs = list(updates)
        updated: list[Any] = []

        def updater(table: Any) -> None:
            for doc_id in list(table):
                for fields, cond in pairs:
                    if cond(table.peek(doc_id)):
                        updated.append(doc_id)
                        fields(table[doc_id]) if callable(fields) else table[doc_id].update(fields)

        self._update_table(updater)
        return updated

    def upsert(self, document: Mapping[str, Any], cond: QueryLike | None = None) -> list[Any]:
        """As TinyDB's; nothing can come between the looking and the writing."""
        with self._journal.writing():
            return super().upsert(document, cond)

    def insert(self, document: Mapping[str, Any]) -> Any:
        """As TinyDB's; the id is drawn under the write lock."""
        with self._journal.writing():
            if isinstance(document, self.document_class):
                self._number = None
            return super().insert(document)

    def truncate(self) -> None:
        """As TinyDB's: the table stays, empty, and numbers start again from 1."""
        with self._journal.writing():
            super().truncate()
            self._number = None

    def remove(self, cond: QueryLike | None = None, doc_ids: Iterable[Any] | None = None) -> list[Any]:
        """As TinyDB's, but only the hits are touched."""
        with self._journal.writing():
            return super().remove(doc_ids=self._hits(cond) if doc_ids is None and cond is not None else doc_ids)

    def _hits(self, cond: QueryLike) -> list[Any]:
        return [self.document_id_class(doc_id) for doc_id in self._find(cond)]

    def _update_table(self, updater: Callable[[Any], None]) -> None:
        """The single door of every write: run the updater over an overlay, then commit what it touched."""
        with self._journal.writing():
            rows = cast(Rows, self._read_table())
            overlay = Overlay(rows, exists=self._journal.has(self.name))
            updater(Editing(overlay, self.document_id_class))
            change = overlay.change()
            if change is not None:
                self._journal.commit({self.name: change})

    def _get_next_id(self) -> Any:
        """The next number as an id of this table's class; ids that are not numbers do not count."""
        number = self._number
        if number is None:
            number = max((int(doc_id) for doc_id in self._read_table() if _is_number(doc_id)), default=0) + 1
        self._number = number + 1
        return self.document_id_class(str(number))

    # Being told

    def changed(self, change: Change | None) -> None:
        """The table is about to change, under the state lock; None: perhaps everything has."""
        self._version += 1
        if change is None or change.clear or change.drop or change.take:
            self._number = None
            self.clear_cache()
            return
        if self._number is not None:
            self._number = max([self._number, *(int(doc_id) + 1 for doc_id in change.put if _is_number(doc_id))])
        cache = cast(MutableMapping[QueryLike, Any], self._query_cache)
        before = self._journal.rows(self.name)
        for cond in list(cache):
            if not self._patch(cond, cache[cond], change, before):
                del cache[cond]

    def _patch(self, cond: QueryLike, known: dict[str, Any], change: Change, before: Mapping[str, Any]) -> bool:
        """Bring one cached answer up to date; False when its order could not be told without a scan.

        A new document comes last, a changed one keeps its place; one that starts to match has a place in between.
        """
        for doc_id in change.delete:
            known.pop(doc_id, None)
        gone = set(change.delete)
        for doc_id, doc in change.put.items():
            try:
                match = cond(doc)
            except Exception:
                # Whoever asks shall see the error, not whoever changed the table.
                return False
            if not match:
                known.pop(doc_id, None)
            elif doc_id in known or doc_id in gone or doc_id not in before:
                known[doc_id] = doc
            else:
                return False
        return True


def _is_number(doc_id: str) -> bool:
    return doc_id.isascii() and doc_id.isdigit()


def dispatch(tables: Iterable[JournalTable], changes: Changes | None) -> None:
    """Tell each table of its own change; a table whose rows were taken by another is told as well."""
    taken = {change.take for change in changes.values()} if changes is not None else set()
    for table in tables:
        if changes is None or table.name in taken:
            table.changed(None)
        elif table.name in changes:
            table.changed(changes[table.name])
