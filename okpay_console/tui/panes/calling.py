"""The call in the status line: its clocks, or who rings, in cells of their own."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final, Protocol

from rich.cells import cell_len
from textual.content import Content
from textual.widget import Widget

from ...content.interface import t
from ...domain import callclock, privacy
from ...domain.queue import Row
from ...domain.ticket import Call
from ..render import fit, line
from ..rows import span

STEP: Final = 10
"""Seconds in which the clocks go while somebody types: each frame moves the terminal's cursor, and with it the window of an
input method."""


class Rings(Protocol):
    """A caller who waits."""

    @property
    def row(self) -> Row: ...
    @property
    def since(self) -> datetime: ...


def clock(seconds: float, *, step: int = 1) -> str:
    """Minutes and seconds, hours before them where there are any: ``02:14``, ``1:02:14``; never more than has passed."""
    whole = max(int(seconds), 0) // step * step
    minutes, rest = divmod(whole, 60)
    return f"{minutes // 60}:{minutes % 60:02}:{rest:02}" if minutes >= 60 else f"{minutes:02}:{rest:02}"


def call_words(
    call: Call | None,
    rings: Sequence[Rings],
    *,
    now: datetime,
    typing: bool,
    limit: int,
    narrow: bool,
    unwritten: datetime | None,
    key: str,
) -> tuple[str, str]:
    """What to say of the agent's ``call``, or of those who ring, and the role: talk, hold, wrapup, ring; ("", "") for nothing.

    ``limit`` are the seconds of a wrap-up, 0 for no end. ``unwritten`` is when a call was answered that has no case yet.
    """
    step = STEP if typing else 1
    more = t("call.more", count=len(rings) - 1) if len(rings) > 1 else ""
    if call is not None:
        read = callclock.clocks(call, now)
        talk, hold = clock(read.talk_s, step=step), clock(read.hold_s, step=step)
        quiet = t("call.muted", muted=clock(read.muted_s, step=step)) if callclock.muted(call) else ""
        match callclock.phase(call):
            case "held":
                since = callclock.since(call, "held") or now
                hold = clock((now - since).total_seconds(), step=step)
                return t("call.held", hold=hold, talk=talk) + quiet, "hold"
            case "wrapup":
                acw = clock(read.acw_s, step=step)
                words = t("call.wrapup_of", acw=acw, limit=clock(limit)) if limit else t("call.wrapup", acw=acw)
                return words + (t("call.more", count=len(rings)) if rings else ""), "wrapup"
            case _:
                return t("call.talking", talk=talk) + quiet, "talk"
    if unwritten is not None:
        return t("call.unwritten", talk=clock((now - unwritten).total_seconds(), step=step), key=key), "talk"
    if rings:
        first = rings[0]
        caller = privacy.mask_caller(first.row.caller)
        who = line(caller.mobile or caller.name or t("call.unknown_caller"))
        waited = max(int((now - first.since).total_seconds()), 0) // step * step
        words = "call.ringing_short" if narrow else "call.ringing"
        return t(words, who=who, wait=span(waited), key=key) + more, "ring"
    return "", ""


class CallCell(Widget):
    """As wide as its words, and never narrower while they are of one kind: a clock that ticks moves nothing beside it."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self.words = ""
        self.role = ""
        self._width = 0
        self.styles.width = 0
        self.styles.height = 1

    def show(self, words: str, role: str) -> None:
        if (words, role) == (self.words, self.role):
            return
        width = cell_len(words) + 2 if words else 0
        if role == self.role:
            width = max(width, self._width)
        self.words, self.role = words, role
        if width != self._width:
            self._width = width
            self.styles.width = width
        self.refresh()

    def render(self) -> Content:
        styles = {"talk": "bold $text-success", "hold": "bold $text-warning", "wrapup": "bold $text-warning",
                  "ring": "bold reverse $text-warning"}  # fmt: skip
        return Content.assemble((f" {fit(self.words, max(self._width - 2, 0))} ", styles.get(self.role, "")))
