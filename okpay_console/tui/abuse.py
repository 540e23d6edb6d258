"""Marks the agent's current or last call as abusive; taken back while the call is still his."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, NamedTuple

from ..content.interface import t
from ..domain import callclock
from ..domain.ticket import Call
from ..errors import OkpayError
from .failures import explain
from .rows import number_word

if TYPE_CHECKING:
    from ..domain.daybook import Line
    from .screens.desk import DeskScreen

BACK = "none"
"""The reason of a line that takes the mark back."""


class Marked(NamedTuple):
    """What became of the mark: a sentence, and whether it stands now."""

    words: str
    stands: bool


def marked(lines: Iterable[Line], me: str, call: str) -> bool:
    """Whether the agent's mark on the call stands; his last line about it counts."""
    mine = [line for line in lines if line.kind == "abuse" and line.by == me and line.what == call]
    return bool(mine) and max(mine, key=lambda line: line.at).reason != BACK


async def mark(screen: DeskScreen) -> None:
    """Marks the call that goes on, or the last one, and offers a minute; says what became of it."""
    screen.say("")
    found = _call(screen)
    if found is None:
        screen.say(t("abuse.no_call"), "warn")
        return
    done = await turn(screen, *found)
    screen.say(done.words, "done" if done.stands else "info")


async def turn(screen: DeskScreen, ticket: str, call: Call) -> Marked:
    """Marks a call, or takes the mark back where it stands and the call is not over yet."""
    desk = screen.desk
    assert desk is not None
    row = desk.rows().get(ticket)
    number = number_word(row.number) if row is not None else ""
    stands = marked(desk.daybook(), desk.me, call.id)
    if stands and callclock.phase(call) == "done":
        return Marked(t("abuse.stands", number=number), True)
    try:
        await desk.tell("abuse", ticket=ticket, what=call.id, reason=BACK if stands else "")
    except OkpayError as error:
        screen.acts.failed(error)
        return Marked(explain(error), stands)
    if stands:
        return Marked(t("abuse.back", number=number), False)
    # In the wrap-up form that key does not work; it would begin behind the form anyway.
    words = "abuse.marked_wrapup" if callclock.phase(call) == "wrapup" else "abuse.marked"
    return Marked(t(words, number=number, key=screen.bound("minute")), True)


def _call(screen: DeskScreen) -> tuple[str, Call] | None:
    """The call that the agent has, or else the one that he answered last."""
    mine = screen.phone.mine
    if mine is not None:
        return mine.ticket, mine.call
    desk = screen.desk
    assert desk is not None
    his = [
        (row.id, call)
        for row in desk.rows().values()
        for call in row.calls or ()
        if call.agent == desk.me and call.marks
    ]
    return max(his, key=lambda one: one[1].marks[-1].at, default=None)
