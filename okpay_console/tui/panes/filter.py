"""The filter's box above the queue: what is typed narrows the list at once, arrows walk it meanwhile."""

from __future__ import annotations

from textual import events, on
from textual.widgets import Input

from ...content.interface import t
from ..messages import FilterMoved, FilterTyped

_ROWS = {"up": -1, "down": 1, "pageup": -2, "pagedown": 2}


class FilterBox(Input):
    """One line; Enter goes on into the list, Escape is the screen's to answer."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id, placeholder=t("queue.filter_hint"), compact=True)

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
