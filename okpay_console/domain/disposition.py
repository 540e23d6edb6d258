"""How a matter ended, and what must be true of the ticket first."""

from __future__ import annotations

from typing import Literal

import msgspec

Prerequisite = Literal["", "promise", "link"]


class Terms(msgspec.Struct, frozen=True):
    """The terms of one disposition code.

    ``needs`` an open promise, or a linked ticket; ``ungated``: the checklist need not be complete, since the caller is not
    there to complete it; ``system``: the program sets it, people never do.
    """

    needs: Prerequisite = ""
    ungated: bool = False
    system: bool = False


CALLBACK_PROMISED = "CALLBACK_PROMISED"
BUILT_IN: dict[str, Terms] = {CALLBACK_PROMISED: Terms(needs="promise")}
"""The terms that hold even where no rules are loaded."""
