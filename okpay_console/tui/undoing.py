"""What this agent did last on this console, so that it can be taken back while nobody has changed it since."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final, NamedTuple

from ..content.interface import has, t
from ..domain import ops
from ..domain.ticket import Ticket
from ..domain.undo import inverse
from ..errors import OkpayError
from . import house
from .rows import number_word

if TYPE_CHECKING:
    from .acts import Acts
    from .desk_model import Desk

_KEPT: Final = 30
_SLICE: Final = 25
_UNSEEN: Final = (ops.Witness, ops.Reveal, ops.MarkCall)
"""What an agent does not call his last act: it is written down for others, and nothing of the case changed by it."""


class Deed(NamedTuple):
    """Operations done in one go, each with its ticket as it was (None: the operation made it).

    ``apart``: each stands for itself, one change for many tickets, and what can be taken back is, without the rest.
    """

    parts: tuple[tuple[Ticket | None, ops.AnyOp], ...]
    apart: bool = False

    @property
    def name(self) -> str:
        """The deed in a few words, without any value."""
        return deed_words(self.parts[0][1]) if len(self.parts) == 1 else t("undo.several", count=len(self.parts))


class Deeds:
    """The last deeds, newest at the end. They are forgotten with the console: what is older is history."""

    def __init__(self) -> None:
        self._done: list[Deed] = []
        self.undoing = False

    def before(self, desk: Desk, made: Sequence[ops.AnyOp]) -> Deed | None:
        """What is about to happen, with the tickets as they are now; None for what is not to be remembered."""
        if self.undoing:
            return None
        standing: dict[str, Ticket | None] = {}
        parts = []
        for op in made:
            ticket = standing[op.ticket] if op.ticket in standing else desk.view(op.ticket).ticket
            if not isinstance(op, _UNSEEN):
                parts.append((ticket, op))
            try:
                standing[op.ticket] = ops.apply(ticket, op, op.at)
            except OkpayError:
                standing[op.ticket] = ticket
        return Deed(tuple(parts)) if parts else None

    def done(self, deed: Deed | None) -> None:
        """The deed is on the disk."""
        if deed is not None:
            self._done = [*self._done, deed][-_KEPT:]

    def last(self) -> Deed | None:
        return self._done[-1] if self._done else None

    def gone(self, deed: Deed) -> None:
        """The deed has been taken back."""
        self._done = [one for one in self._done if one is not deed]


async def undo(acts: Acts, _: str = "") -> None:
    """Takes the last deed back, whole or not at all, and says what it was or why it stays."""
    desk, deed = acts.floor.desk, acts.deeds.last()
    if desk is None or deed is None:
        acts.floor.say(t("undo.nothing"), "warn")
        return
    if deed.apart:
        await _undo_apart(acts, desk, deed)
        return
    back = _back(desk, deed)
    number = number_word(_number(desk, deed))
    if not back:
        acts.floor.say(t("undo.cannot", what=deed.name, number=number), "warn")
        return
    acts.deeds.undoing = True
    try:
        undone = await acts.do_all(back, said=t("undo.done", what=deed.name, number=number))
    finally:
        acts.deeds.undoing = False
    if undone:
        acts.deeds.gone(deed)


async def _undo_apart(acts: Acts, desk: Desk, deed: Deed) -> None:
    """Takes back what nobody has changed since, in one record, and says how many stay; judged in slices."""
    refused = {review.uuid for review in desk.reviews()}
    back: list[ops.AnyOp] = []
    undone = stays = never = 0
    for place, part in enumerate(deed.parts, 1):
        found = _back(desk, Deed((part,)))
        if part[1].uuid in refused:
            never += 1
        elif found:
            undone += 1
            back += found
        else:
            stays += 1
        if place % _SLICE == 0:
            await asyncio.sleep(0)
    if back:
        try:
            await desk.do_all(back)
        except OkpayError as error:
            acts.failed(error)
            return
    acts.deeds.gone(deed)
    said = [t("undo.part", what=deed_words(deed.parts[0][1]), count=undone)]
    said += [t("undo.part_stays", count=stays)] if stays else []
    said += [t("undo.part_never", count=never)] if never else []
    acts.floor.say("  ".join(said), "warn" if stays or not back else "done")


def _back(desk: Desk, deed: Deed) -> tuple[ops.AnyOp, ...]:
    """The operations that take the whole deed back; () where one of its parts has to stay."""
    now: dict[str, Ticket] = {}
    made: list[ops.AnyOp] = []
    for before, op in reversed(deed.parts):
        after = now.get(op.ticket) or desk.view(op.ticket).ticket
        back = inverse(before, op, after, desk.author) if before is not None and after is not None else ()
        if not back or after is None:
            return ()
        for one in back:
            try:
                after = ops.apply(after, one, one.at)
            except OkpayError:
                return ()
        now[op.ticket] = after
        made += back
    return tuple(made)


def _number(desk: Desk, deed: Deed) -> int:
    found = desk.view(deed.parts[0][1].ticket).ticket
    return found.number if found is not None else 0


def deed_words(op: ops.AnyOp) -> str:
    """What an operation is called, with the field that it is about; never a value."""
    tag = str(op.__struct_config__.tag)
    key = f"op.{tag.replace('.', '_')}"
    name = t(key) if has(key) else tag
    return f"{name} {house.field_label(op.field)}" if isinstance(op, ops.SetField) else name
