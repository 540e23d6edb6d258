"""How a contact ended, what must be true of the ticket first, and what becomes of the matter."""

from __future__ import annotations

from typing import Final, Literal

import msgspec

Prerequisite = Literal["", "promise", "link"]
After = Literal["closed", "pending", "open"]


class Terms(msgspec.Struct, frozen=True):
    """The terms of one disposition code.

    ``needs`` an open promise, or a linked ticket. ``ungated``: a contact may end so while the checklist is not complete.
    ``system``: the program sets it, people never do. ``after``: what a wrap-up with it makes of the ticket; one that is wrapped
    up as ``pending`` waits for somebody outside, as ``open`` goes on here.
    """

    needs: Prerequisite = ""
    ungated: bool = False
    system: bool = False
    after: After = "closed"

    @property
    def closes_ungated(self) -> bool:
        """Whether the whole matter may be closed so with an incomplete checklist.

        A contact that ends while its matter goes on may leave a gap for the next one; the end of the matter may not, unless
        nobody is there to fill it.
        """
        return self.ungated and self.after == "closed"


CALLBACK_PROMISED: Final = "CALLBACK_PROMISED"
CALL_DROPPED: Final = "CALL_DROPPED"
DUPLICATE_LINKED: Final = "DUPLICATE_LINKED"
WRAPUP_TIMEOUT: Final = "WRAPUP_TIMEOUT"

BUILT_IN: Final[dict[str, Terms]] = {
    CALLBACK_PROMISED: Terms(needs="promise", ungated=True, after="open"),
    DUPLICATE_LINKED: Terms(needs="link", ungated=True),
    WRAPUP_TIMEOUT: Terms(ungated=True, system=True, after="open"),
}
"""The terms that hold even where no rules are loaded."""
