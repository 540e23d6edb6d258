"""A caller's personal values taken out of a ticket for good, so that only what is counted stays (PIPL art. 47)."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import datetime
from typing import Any, Final, get_args

from msgspec.structs import replace

from .. import errors
from . import operations as ops
from .ticket import Caller, Entry, EntryKind, FieldAnswer, Ticket

MARK: Final = "〔已删除 · erased〕"
"""Stands where words were: a case must say that something was taken out, and never what."""
ALIAS: Final = "erased-"
"""How the name begins that stands for a caller afterwards; equal ones are the same caller, as first contacts are counted."""

_SHORTEST: Final = 6
"""Characters of the shortest value that is looked for in other texts: what is shorter stands there by chance."""
_GAPS: Final = re.compile(r"[\s\-‐-―()（）.]+")
_CODE: Final = re.compile(r"[A-Za-z0-9._:-]{1,64}")
_KINDS: Final[frozenset[str]] = frozenset(get_args(EntryKind))
_WORDS: Final = (ops.AddMessage, ops.AddNote, ops.AddReply, ops.SetField, ops.SetSubject, ops.MakePromise)
"""What brings somebody's words or values and nothing else."""
_SOUGHT: Final = ("mobile", "email", "txn_no", "remit_ref", "iban")


def tight(text: str) -> str:
    """The text as values are compared in: one width and case, without the gaps in which people write numbers."""
    return _GAPS.sub("", unicodedata.normalize("NFKC", text).casefold())


def values(doc: Mapping[str, Any]) -> frozenset[str]:
    """What of a ticket's document tells who it is about, wherever it stands: numbers, addresses, handles, transactions.

    As ``tight`` gives them, a mobile without the code of the country. Names are not among them: many people bear the same one.
    """
    caller, answers = doc.get("caller", {}), doc.get("answers", {})
    told = [str(caller.get(detail, "")) for detail in ("mobile", "email", "handle")]
    told += [str(answers.get(field, {}).get("value", "")) for field in _SOUGHT]
    found = {tight(text).lstrip("@").removeprefix("+86") for text in told if not text.startswith(ALIAS)}
    return frozenset(value for value in found if len(value) >= _SHORTEST)


def holds(text: str, sought: Collection[str]) -> bool:
    """Whether any of the ``values`` stands in the text, however it is spaced."""
    if not sought or len(text) < _SHORTEST:
        return False
    looked = tight(text)
    return any(value in looked for value in sought)


def erased(ticket: Ticket, *, alias: str, keep: Collection[str], sought: Collection[str], at: datetime) -> Ticket:
    """The ticket without anything that somebody said or that tells who he is; twice gives the same.

    What is counted stays: times, states, categories, calls, promises with their ends, decisions, and the details in ``keep``,
    which are codes of a choice. ``alias`` stands for the caller, ``sought`` are the ``values`` of all of his tickets. The time
    of the last change stays too, so that nothing moves in a list or a report.
    """
    if ticket.erased_at is not None:
        return ticket
    bare = replace(
        ticket,
        subject=MARK,
        caller=Caller(handle=alias) if ticket.caller != Caller() else ticket.caller,
        answers={name: _bare(name, answer, keep, sought) for name, answer in ticket.answers.items()},
        external_id="" if holds(ticket.external_id, sought) else ticket.external_id,
        tags=tuple(tag for tag in ticket.tags if not holds(tag, sought)),
        erased_at=at,
    )
    return wordless(_calls_renamed(bare, alias, sought), sought)


def wordless(ticket: Ticket, sought: Collection[str] = ()) -> Ticket:
    """The ticket with every text that people wrote replaced by ``MARK``."""
    given = ticket.handover
    return replace(
        ticket,
        timeline=tuple(_line(entry, sought) for entry in ticket.timeline),
        promises=tuple(replace(one, text=_gone(one.text)) for one in ticket.promises),
        hops=tuple(replace(one, note=_gone(one.note)) for one in ticket.hops),
        handover=replace(given, note=_gone(given.note)) if given is not None else None,
        summary=_gone(ticket.summary),
        sla=replace(
            ticket.sla,
            pauses=tuple(replace(one, reason=_code(one.reason, sought)) for one in ticket.sla.pauses),
        ),
    )


def check(op: ops.AnyOp) -> None:
    """``Refused`` (erased) for words and values on a ticket from which they were taken out: they would be back in it."""
    if isinstance(op, _WORDS):
        raise errors.Refused(
            "The caller's data was erased from this ticket; nothing new is written into it.",
            "Open a new ticket for what comes now.",
            code="erased",
        )


def scrubbed(value: Any, touched: Callable[[str], bool]) -> Any:
    """A decoded JSON value with ``MARK`` for each text for which ``touched`` holds; the very same value where it never does."""
    if isinstance(value, str):
        return MARK if touched(value) else value
    if isinstance(value, Mapping):
        new = {key: scrubbed(item, touched) for key, item in value.items()}
        return new if any(new[key] is not value[key] for key in value) else value
    if isinstance(value, (list, tuple)):
        items = [scrubbed(item, touched) for item in value]
        return items if any(after is not before for after, before in zip(items, value, strict=True)) else value
    return value


def _bare(name: str, answer: FieldAnswer, keep: Collection[str], sought: Collection[str]) -> FieldAnswer:
    value = answer.value if name in keep and _CODE.fullmatch(answer.value) and not holds(answer.value, sought) else ""
    known = _CODE.fullmatch(answer.source.removeprefix("#")) and not holds(answer.source, sought)
    return replace(answer, value=value, source=answer.source if known else "")


def _line(entry: Entry, sought: Collection[str]) -> Entry:
    data = dict(_data(entry, sought))
    text = _gone(entry.text)
    return entry if (text, data) == (entry.text, entry.data) else replace(entry, text=text, data=data)


def _data(entry: Entry, sought: Collection[str]) -> Iterable[tuple[str, str]]:
    """What the kind needs: codes, names of colleagues, times. A kind of a newer server may hold anything."""
    if entry.kind not in _KINDS:
        return
    for key, value in entry.data.items():
        words = entry.kind == "subject" or key == "override" or holds(value, sought)
        yield key, _gone(value) if words else value


def _gone(text: str) -> str:
    return MARK if text else ""


def _code(text: str, sought: Collection[str]) -> str:
    return text if _CODE.fullmatch(text) and not holds(text, sought) else _gone(text)


def _calls_renamed(ticket: Ticket, alias: str, sought: Collection[str]) -> Ticket:
    """A telephone system may number its calls by who calls."""
    names = {one.id: f"{alias}-{place}" for place, one in enumerate(ticket.calls, start=1) if holds(one.id, sought)}
    if not names:
        return ticket
    calls = tuple(replace(one, id=names.get(one.id, one.id)) for one in ticket.calls)
    before = {entry.id: entry.data.get("call", "") for entry in ticket.timeline}
    timeline = tuple(
        replace(entry, data={**entry.data, "call": names[before[entry.id]]}) if before[entry.id] in names else entry
        for entry in ticket.timeline
    )
    return replace(ticket, calls=calls, timeline=timeline)
