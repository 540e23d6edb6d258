"""The clocks of a call, read from its marks: they need no memory of their own and so survive a crash."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final, Literal, Protocol

import msgspec

from .ticket import Call, CallEvent

Phase = Literal["ringing", "talking", "held", "wrapup", "done"]

_LEADS_TO: Final[dict[str, Phase]] = {
    "offered": "ringing", "answered": "talking", "held": "held", "resumed": "talking", "ended": "wrapup", "wrapped": "done",
    "abandoned": "done", "callback": "done",
}  # fmt: skip


class HasCalls(Protocol):
    """A ticket, or its row in the queue."""

    @property
    def calls(self) -> tuple[Call, ...]: ...


class Clocks(msgspec.Struct, frozen=True):
    """Seconds of one call: talked, on hold, after-call work, muted, and rung before somebody answered or the caller gave up.

    Talk excludes hold (handle time = talk + hold + after-call work, as in Amazon Connect). Muted time lies within talk or hold.
    """

    talk_s: float
    hold_s: float
    acw_s: float
    muted_s: float
    wait_s: float = 0.0


def phase(call: Call) -> Phase:
    """Where the call is; events of newer peers, and muting, leave it where it was."""
    state: Phase = "ringing"
    for mark in call.marks:
        state = _LEADS_TO.get(mark.event, state)
    return state


def muted(call: Call) -> bool:
    """Whether the recording stands muted while the call goes on."""
    state = False
    for mark in call.marks:
        if mark.event in ("muted", "unmuted"):
            state = mark.event == "muted"
    return state and phase(call) in ("talking", "held")


def clocks(call: Call, now: datetime) -> Clocks:
    """The clocks at ``now``. A clock that still runs is read up to ``now``, never below nothing."""
    spent = dict.fromkeys(("ringing", "talking", "held", "wrapup", "done"), 0.0)
    quiet = 0.0
    state: Phase = "ringing"
    silent = False
    since: datetime | None = None
    for mark in (*call.marks, None):
        at = now if mark is None else mark.at
        if since is not None:
            passed = max(0.0, (at - since).total_seconds())
            spent[state] += passed
            if silent and state in ("talking", "held"):
                quiet += passed
        if mark is None:
            break
        since = at if since is None else max(since, at)
        state = _LEADS_TO.get(mark.event, state)
        if mark.event in ("muted", "unmuted"):
            silent = mark.event == "muted"
    return Clocks(spent["talking"], spent["held"], spent["wrapup"], quiet, spent["ringing"])


def since(call: Call, *events: CallEvent) -> datetime | None:
    """The moment of the last mark of one of these events (of any event where none is named); None where there was none."""
    return next((mark.at for mark in reversed(call.marks) if not events or mark.event in events), None)


def find(calls: Sequence[Call], name: str) -> Call | None:
    """The call of that id, None for none."""
    return next((call for call in calls if call.id == name), None)


def live(ticket: HasCalls, agent: str) -> Call | None:
    """The agent's call that is not done, its after-call work included; the latest where there are several."""
    return next((call for call in reversed(ticket.calls) if call.agent == agent and phase(call) != "done"), None)


def ringing(ticket: HasCalls) -> Call | None:
    """The call that was offered and that nobody has answered yet, nor its caller given up."""
    return next((call for call in ticket.calls if phase(call) == "ringing"), None)
