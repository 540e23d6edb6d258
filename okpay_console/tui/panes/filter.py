"""The filter's box above the queue: what is typed narrows the list at once, arrows walk it meanwhile."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from textual import events, on
from textual.widgets import Input

from ...content.interface import t
from ..guarded import GuardedInput
from ..messages import FilterMoved, FilterTyped

_LONG: Final = re.compile(r"[0-9](?:[0-9 -]*[0-9]){12,}")
_ROWS = {"up": -1, "down": 1, "pageup": -2, "pagedown": 2}


class FilterBox(GuardedInput):
    """One line; Enter goes on into the list, Escape is the screen's to answer.

    ``known`` says whether a cached transaction number has this in it: such digits are no card, however well they count up.
    """

    def __init__(self, *, known: Callable[[str], bool] = lambda _: False, id: str | None = None) -> None:  # noqa: A002
        self.known = known
        super().__init__(place="find", whole=True, id=id, placeholder=t("queue.filter_hint"), compact=True)

    def validate_value(self, value: str) -> str:
        number = _LONG.search(value)
        self.field = "txn_no" if number and self.known(number[0]) else None
        return super().validate_value(value)

    def open(self) -> None:
        """Shows the box, empty if it was let go before."""
        if not self.display:
            self.value = ""
        self.display = True
        self.focus()

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        if self.display:
            self.post_message(FilterTyped(event.value))

    @on(Input.Submitted)
    def _entered(self, event: Input.Submitted) -> None:
        event.stop()
        self.post_message(FilterMoved(None))

    def on_key(self, event: events.Key) -> None:
        if event.key in _ROWS:
            event.stop()
            event.prevent_default()
            self.post_message(FilterMoved(_ROWS[event.key]))
