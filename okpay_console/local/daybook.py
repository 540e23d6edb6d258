"""The daybook on this machine: what was told here, until the server has it and a week longer, and what others told."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, Literal

import msgspec
from msgspec.structs import replace

from ..domain.daybook import KEPT_H, TOLD_BYTES, TOLD_LINES, DaybookPage, Line, LineFate, in_order
from .record import Change
from .store import FLOOR, SHIFT, TOLD, Commit, Store, store_of

if TYPE_CHECKING:
    from .database import OkDB

SHOWN: Final = timedelta(hours=KEPT_H)
KEPT: Final = timedelta(days=7)
"""What the server has confirmed is offered again where it turns out to have forgotten it: for so long."""
_PRUNED_EVERY: Final = timedelta(hours=1)
_REACH: Final = "_reach"
_MARK: Final = "mark"
_ROOM: Final = 512


class Own(msgspec.Struct, frozen=True, omit_defaults=True):
    """A line that was told here. ``refused``: the server will never take it; ``code`` and ``what`` say why."""

    line: Line
    state: Literal["unsent", "kept", "refused"] = "unsent"
    code: str = ""
    what: str = ""


class Mark(msgspec.Struct, frozen=True, omit_defaults=True):
    """Where this console's person stood when he was last known to be here.

    ``what`` is the state that he told last at this console, since ``at``, "" for none; ``alive`` is the last sign of life, and
    ``role`` what the server last said he is.
    """

    by: str = ""
    role: str = ""
    what: str = ""
    at: datetime | None = None
    alive: datetime | None = None


class Book:
    """Belongs to one thread, as the mirror does: ``plan_*`` decide, the record may be written elsewhere, ``finish`` runs here."""

    def __init__(self, db: OkDB | Store) -> None:
        self._store = store_of(db)
        self._pruned_at: datetime | None = None
        self.reload()

    def reload(self) -> None:
        """Reads the store's state anew, where something else has changed it."""
        self._own: dict[str, Own] = {}
        for key, doc in dict(self._store.rows(TOLD)).items():
            try:
                self._own[key] = msgspec.convert(doc, Own)
            except msgspec.ValidationError:
                # A newer version's; it stays on the disk for that one to send.
                continue
        floor = dict(self._store.rows(FLOOR))
        self._after = str(floor.pop(_REACH, {}).get("after", ""))
        self._others = {key: line for key, doc in floor.items() if (line := _line(doc)) is not None}
        self._shown: tuple[Line, ...] | None = None
        found = self._store.rows(SHIFT).get(_MARK, {})
        try:
            self._mark = msgspec.convert(found, Mark)
        except msgspec.ValidationError:
            self._mark = Mark()

    # Reading

    @property
    def after(self) -> str:
        """The cursor to ask with next; "" for the last day and a half."""
        return self._after

    @property
    def mark(self) -> Mark:
        return self._mark

    def lines(self) -> tuple[Line, ...]:
        """Everything that is known and stands, oldest first; the same object until something has changed."""
        if self._shown is None:
            stands = {key: own.line for key, own in self._own.items() if own.state != "refused"}
            self._shown = in_order((self._others | stands).values())
        return self._shown

    def reaches(self, since: datetime, now: datetime) -> bool:
        """Whether everything that was told from ``since`` on and asked for by now is here."""
        return bool(self.after) and since >= now - SHOWN

    def unsent(self, by: str) -> tuple[Line, ...]:
        """What this person told and the server has not confirmed, oldest first; nobody's, where it was not known who he was."""
        return in_order(own.line for own in self._own.values() if own.state == "unsent" and own.line.by in (by, ""))

    def refused(self) -> tuple[Own, ...]:
        """What the server will never take, oldest first."""
        return tuple(sorted((own for own in self._own.values() if own.state == "refused"), key=lambda own: own.line.at))

    # Writing

    def plan_tell(self, line: Line) -> Commit | None:
        """Puts the line on the disk; None where it is there already. A state is where its teller stands from now on."""
        if line.uuid in self._own:
            return None
        own = Own(line)
        made = Commit(
            {TOLD: Change(put={line.uuid: msgspec.to_builtins(own)})}, (lambda: self._keep({line.uuid: own}),)
        )
        if line.kind != "state":
            return made
        mark = replace(self._mark, by=line.by, what=line.what, at=line.at, alive=line.at)
        return made.joined(self.plan_mark(mark))

    def plan_mark(self, mark: Mark) -> Commit | None:
        """Where the person stands; None where that is known."""
        if mark == self._mark:
            return None

        def done() -> None:
            self._mark = mark

        return Commit({SHIFT: Change(put={_MARK: msgspec.to_builtins(mark)})}, (done,))

    def plan_refused(self, fates: Iterable[LineFate]) -> Commit | None:
        """The server will never take these: they stay, and nobody waits for them."""
        now = {
            fate.uuid: replace(self._own[fate.uuid], state="refused", code=fate.code, what=fate.what)
            for fate in fates
            if fate.state == "refused" and fate.uuid in self._own
        }
        return self._plan(now) if now else None

    def plan_again(self) -> Commit:
        """The server has another history: what it had confirmed is offered to it again, and everything is asked for anew."""
        again = {key: Own(replace(own.line, seq=0)) for key, own in self._own.items() if own.state == "kept"}
        made = self._plan(again) if again else Commit({})
        reach = Commit({FLOOR: Change(put={_REACH: {"after": ""}})}, (lambda: self._arrive(""),))
        return made.joined(reach)

    def plan_page(
        self, page: DaybookPage, asked: str, *, fates: Mapping[str, LineFate], now: datetime
    ) -> Commit | None:
        """Takes a page: what it brings, that lines of ours are in it, and its cursor are one record.

        A line of ours is the server's when it stands in a page, because the cursor beside it proves the history that it stands
        in. ``fates`` say so, with the last page, only of lines too old to be shown to anybody: a page that was cut before a line
        was kept, by a server that lags or a reply that comes late, must not let go of it. None for a page of another cursor than
        the current one, or one that brings nothing: its cursor is kept in memory, for looking at nothing again costs nothing.
        """
        if asked != self._after:
            return None
        anew = not asked
        fresh = {
            line.uuid: line
            for line in page.lines
            if line.uuid not in self._own and (anew or self._others.get(line.uuid) != line)
        }
        ours = {
            line.uuid: Own(line, "kept")
            for line in page.lines
            if line.uuid in self._own and self._own[line.uuid] != Own(line, "kept")
        }
        for key, fate in fates.items() if not page.more else ():
            own = self._own.get(key)
            if own is None or own.line.at >= now - SHOWN:
                continue
            if own.state == "unsent" and fate.state != "refused" and key not in ours:
                ours[key] = Own(replace(own.line, seq=fate.seq), "kept")
        old_own, old = self._old(now)
        if not (fresh or ours or old_own or old or (anew and self._others)):
            self._after = page.after
            return None
        put: dict[str, dict[str, Any]] = {key: msgspec.to_builtins(line) for key, line in fresh.items()}
        put[_REACH] = {"after": page.after}
        floor = Change(clear=anew, put=put, delete=[] if anew else old)

        def done() -> None:
            for key in list(self._others) if anew else old:
                self._others.pop(key, None)
            self._others.update(fresh)
            self._pruned_at = now
            self._arrive(page.after)

        made = Commit({FLOOR: floor}, (done,))
        return made.joined(self._plan(ours, gone=old_own)) if ours or old_own else made

    # Inside

    def _old(self, now: datetime) -> tuple[list[str], list[str]]:
        """Lines of ours and of others that nobody needs any more; looked for once an hour."""
        if self._pruned_at is not None and now - self._pruned_at < _PRUNED_EVERY:
            return [], []
        own = [key for key, one in self._own.items() if one.state != "unsent" and one.line.at < now - KEPT]
        return own, [key for key, line in self._others.items() if line.at < now - SHOWN]

    def _plan(self, now: Mapping[str, Own], *, gone: Sequence[str] = ()) -> Commit:
        put: dict[str, dict[str, Any]] = {key: msgspec.to_builtins(own) for key, own in now.items()}

        def done() -> None:
            for key in gone:
                self._own.pop(key, None)
            self._keep(now)

        return Commit({TOLD: Change(put=put, delete=list(gone))}, (done,))

    def _keep(self, now: Mapping[str, Own]) -> None:
        self._own.update(now)
        self._shown = None

    def _arrive(self, after: str) -> None:
        self._after = after
        self._shown = None


def batches(lines: Sequence[Line]) -> list[list[Line]]:
    """The lines in requests that the protocol lets through."""
    found: list[list[Line]] = []
    size = 0
    for line in lines:
        length = len(msgspec.json.encode(line)) + 1
        if not found or len(found[-1]) == TOLD_LINES or size + length > TOLD_BYTES - _ROOM:
            found.append([])
            size = 0
        found[-1].append(line)
        size += length
    return found


def _line(doc: Mapping[str, Any]) -> Line | None:
    try:
        return msgspec.convert(doc, Line)
    except msgspec.ValidationError:
        return None
