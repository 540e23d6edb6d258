"""Changes to a table that are not committed yet, seen over the rows that are."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, MutableMapping
from typing import Any

from okpay_console.local.record import Change, Document, Rows


def isolate(value: Any) -> Any:
    """A deep copy of JSON data; the rest is immutable and shared."""
    if isinstance(value, dict):
        return {key: isolate(item) if isinstance(item, (dict, list)) else item for key, item in value.items()}
    if isinstance(value, list):
        return [isolate(item) if isinstance(item, (dict, list)) else item for item in value]
    return value


class Overlay(Mapping[str, Document]):
    """A table as it will be. Reading gives the stored documents themselves; ``touch`` gives one's own copy to edit.

    Order is TinyDB's: a changed document keeps its place, a new one (or one removed and put again) comes last.
    """

    def __init__(self, base: Mapping[str, Document], *, exists: bool) -> None:
        self._base = base
        self._exists = exists
        self._put: Rows = {}
        self._gone: dict[str, None] = {}
        self._emptied = False
        self.dropped = False

    def __getitem__(self, doc_id: str) -> Document:
        if doc_id in self._put:
            return self._put[doc_id]
        if self._emptied or doc_id in self._gone:
            raise KeyError(doc_id)
        return self._base[doc_id]

    def __contains__(self, doc_id: object) -> bool:
        return doc_id in self._put or (not self._emptied and doc_id not in self._gone and doc_id in self._base)

    def __iter__(self) -> Iterator[str]:
        if self._emptied:
            yield from self._put
            return
        for doc_id in self._base:
            if doc_id not in self._gone:
                yield doc_id
        for doc_id in self._put:
            if doc_id in self._gone or doc_id not in self._base:
                yield doc_id

    def __len__(self) -> int:
        if self._emptied:
            return len(self._put)
        new = sum(doc_id not in self._base for doc_id in self._put)
        return len(self._base) + new - sum(doc_id not in self._put for doc_id in self._gone)

    def touch(self, doc_id: str) -> Document:
        """This table's own copy of a document, made the first time; raises ``KeyError`` when there is none."""
        if doc_id not in self._put:
            self._put[doc_id] = isolate(self[doc_id])
        return self._put[doc_id]

    def set(self, doc_id: str, document: Document) -> None:
        """Put a document in place of whatever was there."""
        self.dropped = False
        self._put[doc_id] = document

    def discard(self, doc_id: str) -> None:
        """Remove a document; a missing one is ignored."""
        self._put.pop(doc_id, None)
        if not self._emptied and doc_id in self._base:
            self._gone[doc_id] = None

    def clear(self) -> None:
        """Remove every document; the table stays."""
        self._put.clear()
        self._gone.clear()
        self._emptied = True
        self.dropped = False

    def drop(self) -> None:
        """Remove the table."""
        self.clear()
        self.dropped = True

    def absorb(self, change: Change) -> None:
        """Lay a further change on top."""
        if change.drop:
            self.drop()
        elif change.clear:
            self.clear()
        else:
            self.dropped = False
        for doc_id in change.delete:
            self.discard(doc_id)
        for doc_id, document in change.put.items():
            self.set(doc_id, document)

    def change(self) -> Change | None:
        """All of it as one change; None when the table would be as it was."""
        if self.dropped:
            return Change(drop=True) if self._exists else None
        empties = self._emptied and len(self._base) > 0
        if not (self._put or self._gone or empties) and self._exists:
            return None
        return Change(put=self._put, delete=list(self._gone), clear=empties)


class Editing(MutableMapping[Any, Any]):
    """An overlay as TinyDB's own update functions expect it: keyed by document ids of the table's class."""

    def __init__(self, overlay: Overlay, id_class: Callable[[str], Any]) -> None:
        self._overlay = overlay
        self._id_class = id_class

    def __getitem__(self, doc_id: Any) -> Document:
        return self._overlay.touch(str(doc_id))

    def peek(self, doc_id: Any) -> Document:
        """The document as it stands, to be looked at only."""
        return self._overlay[str(doc_id)]

    def __setitem__(self, doc_id: Any, document: Document) -> None:
        self._overlay.set(str(doc_id), document)

    def __delitem__(self, doc_id: Any) -> None:
        if str(doc_id) not in self._overlay:
            raise KeyError(doc_id)
        self._overlay.discard(str(doc_id))

    def __contains__(self, doc_id: object) -> bool:
        return str(doc_id) in self._overlay

    def __iter__(self) -> Iterator[Any]:
        return map(self._id_class, self._overlay)

    def __len__(self) -> int:
        return len(self._overlay)

    def clear(self) -> None:
        self._overlay.clear()
