"""Shows a masked value for half a minute: first the reason, then the disk, then the screen, then the mask again."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from ..content.interface import t
from ..domain import privacy
from ..domain.ticket import FieldAnswer, Ticket
from ..domain.veil import veil
from . import house
from .screens.ask import Choose, Typed, Write

if TYPE_CHECKING:
    from .acts import Acts

SECONDS: Final = 30.0
CALLER: Final = "caller.contact"
"""The field of a look at the caller's own name, number and addresses, and at those that stand in what was said."""
DRAFT: Final = "reveal"
_REASONS: Final = ("callback", "identity", "read_back", "search")
_OWN: Final = "own"


class Reveals:
    """What of one ticket is uncovered, and for how long yet. ``clock`` counts seconds and never goes back."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.clock = clock
        self._ticket = ""
        self._until: dict[str, float] = {}

    def uncover(self, ticket: str, field: str) -> None:
        if ticket != self._ticket:
            self.cover()
        self._ticket = ticket
        self._until[field] = self.clock() + SECONDS

    def left(self, ticket: str, field: str) -> int:
        """Whole seconds for which the value is still to be seen; 0: it is masked."""
        if ticket != self._ticket or field not in self._until:
            return 0
        return max(math.ceil(self._until[field] - self.clock()), 0)

    @property
    def any(self) -> bool:
        return bool(self._until)

    def expire(self) -> bool:
        """Forgets what has run out; True where there was something."""
        over = [field for field, until in self._until.items() if until <= self.clock()]
        for field in over:
            del self._until[field]
        return bool(over)

    def cover(self) -> None:
        """Masks everything at once."""
        self._until.clear()


def hidden(ticket: Ticket, field: str) -> bool:
    """Whether a mask stands before the value."""
    if field == CALLER:
        said = (ticket.subject, *(entry.text for entry in ticket.timeline))
        return privacy.mask_caller(ticket.caller) != ticket.caller or any(veil(text) != text for text in said)
    value = ticket.answers.get(field, FieldAnswer()).value
    return privacy.mask(field, value) != value


async def reveal(acts: Acts, shown: Reveals, ticket: str, field: str) -> bool:
    """Asks for the reason and uncovers the value once this disk has the look; False where nothing is uncovered."""
    found, desk = acts.ticket(ticket), acts.floor.desk
    if found is None or desk is None:
        return False
    if not hidden(found, field):
        acts.floor.say(t("reveal.not_masked"))
        return False
    if shown.left(ticket, field):
        return True
    name = t("reveal.caller") if field == CALLER else house.field_label(field)
    options = [(reason, t(f"reveal.{reason}")) for reason in (*_REASONS, _OWN)]
    # No reason stands chosen from the start, and words go into the line for one's own: the audit log holds what was meant.
    chosen = await acts.floor.ask(Choose(t("reveal.why", field=name), options, start=None, typing=True))
    reason = t(f"reveal.{chosen}") if isinstance(chosen, str) and chosen != _OWN else ""
    if chosen == _OWN or isinstance(chosen, Typed):
        slip = acts.jotter.slip(ticket, DRAFT)
        begun = chosen.words if isinstance(chosen, Typed) else ""
        if begun:
            # Who begins anew does not go on with what an earlier look left unfinished.
            slip.forget()
        written = await acts.floor.ask(Write(t("reveal.why", field=name), text=begun, slip=slip))
        reason = written if isinstance(written, str) else ""
    if not reason:
        return False
    if not await acts.do(desk.author.reveal(acts.now(found), field, reason=reason), draft=DRAFT):
        return False
    shown.uncover(ticket, field)
    acts.floor.say(t("reveal.shown", field=name, seconds=int(SECONDS)), "done")
    return True
