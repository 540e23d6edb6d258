"""Takes a caller out of this machine's disk, once the server has taken him out: drafts, own operations, reviews, the daybook."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any, Final

from ..domain import erasure
from ..domain.erasure import MARK, holds, scrubbed
from .record import Change, Document
from .store import ACKED, CURSOR, DRAFTS, FLOOR, OUTBOX, REVIEWS, TOLD, Commit, Store

_PURGE: Final = "purge"
_CALLER: Final = frozenset({"name", "mobile", "email", "handle"})
_WORDS: Final = frozenset(
    {"text", "summary", "note", "override", "reason", "subject", "value", "tags", "add", "remove"}
)
"""The parts of an operation that hold somebody's words or values; ids and codes are what its number and place hang on."""
_SEEN: Final = ("answers.", "caller.", "subject", "summary")
_CODES: Final = frozenset({"status", "assignee", "claim_no", "level", "queue", "category", "priority"})
"""Fields whose standing value is a code or a colleague's name."""


def newly_erased(docs: Collection[Mapping[str, Any]], store: Store, table: str) -> dict[str, frozenset[str]]:
    """The tickets of a page whose caller was taken out since this store had them, each with what told who he was."""
    rows = store.rows(table)
    found = {}
    for doc in docs:
        ticket = str(doc.get("id", ""))
        here = rows.get(ticket, {})
        if doc.get("erased_at") and not here.get("erased_at"):
            found[ticket] = erasure.values(here)
    return found


def plan(store: Store, erased: Mapping[str, frozenset[str]], *, done: Callable[[], None]) -> Commit | None:
    """One record that leaves nothing of these tickets' callers in the tables of this console; None where nothing is.

    Operations keep their numbers and their places, for the server counts them: what was in them is replaced. Drafts of these
    tickets go; a draft of another one is somebody's work of today and stays. ``done``: the memory must be read anew. The old
    bytes stay in the journal until ``purge_due`` was heeded.
    """
    sought = frozenset().union(*erased.values()) if erased else frozenset()
    changes: dict[str, Change] = {CURSOR: Change(put={_PURGE: {"due": True}})}
    for table, bare in (
        (OUTBOX, _entry), (ACKED, _entry), (REVIEWS, _review), (TOLD, _own), (FLOOR, _line),
    ):  # fmt: skip
        put = dict(_changed(store.rows(table), lambda doc, bare=bare: bare(doc, erased, sought)))  # type: ignore[misc]
        if put:
            changes[table] = Change(put=put)
    gone = [key for key, doc in dict(store.rows(DRAFTS)).items() if doc.get("ticket") in erased]
    if gone:
        changes[DRAFTS] = Change(delete=gone)
    return Commit(changes, (done,), frozenset(erased)) if erased else None


def purge_due(store: Store) -> bool:
    """Whether the journal's history still has what was taken out."""
    return _PURGE in store.rows(CURSOR)


def plan_purged() -> Commit:
    """The history is gone."""
    return Commit({CURSOR: Change(delete=[_PURGE])})


def _changed(rows: Mapping[str, Document], bare: Callable[[Document], Any]) -> Iterator[tuple[str, Document]]:
    for key, doc in dict(rows).items():
        after = bare(doc)
        if after is not doc:
            yield key, after


def _entry(doc: Document, erased: Collection[str], sought: Collection[str]) -> Document:
    item = _item(doc["item"], erased, sought)
    return doc if item is doc["item"] else {**doc, "item": item}


def _item(item: Document, erased: Collection[str], sought: Collection[str]) -> Document:
    if item.get("id") not in erased:
        return item if not holds_any(item, sought) else {**item, **_touched(item, sought)}
    args = {key: _arg(key, value) for key, value in item.get("args", {}).items()}
    was = {key: MARK if key.startswith(_SEEN) and value else value for key, value in item.get("was", {}).items()}
    return {**item, "args": args, "was": was}


def _touched(item: Document, sought: Collection[str]) -> Document:
    """An operation on another ticket that names him all the same."""
    return {key: scrubbed(item.get(key, {}), lambda text: holds(text, sought)) for key in ("args", "was")}


def holds_any(item: Document, sought: Collection[str]) -> bool:
    """Whether an operation names him in what it says or saw."""
    return _touched(item, sought) != {key: item.get(key, {}) for key in ("args", "was")}


def _arg(key: str, value: Any) -> Any:
    if key == "caller":
        return {detail: "" if detail in _CALLER else told for detail, told in value.items()}
    return scrubbed(value, bool) if key in _WORDS else value


def _review(doc: Document, erased: Collection[str], sought: Collection[str]) -> Document:
    item = _item(doc["item"], erased, sought)
    after = doc if item is doc["item"] else {**doc, "item": item}
    if doc["item"].get("id") not in erased:
        return after
    sides = {"mine": scrubbed(doc.get("mine"), bool)}
    if doc.get("field") not in _CODES:
        sides |= {side: scrubbed(doc.get(side), bool) for side in ("base", "theirs")}
    return {**after, **{side: value for side, value in sides.items() if side in doc}}


def _own(doc: Document, erased: Collection[str], sought: Collection[str]) -> Document:
    line = _line(doc["line"], erased, sought) if "line" in doc else {}
    return {**doc, "line": line} if line is not doc.get("line") else doc


def _line(doc: Document, erased: Collection[str], sought: Collection[str]) -> Document:
    said = str(doc.get("words", ""))
    about = doc.get("ticket") in erased and doc.get("kind") != "alarm"
    return {**doc, "words": MARK} if said and said != MARK and (about or holds(said, sought)) else doc
