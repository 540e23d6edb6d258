"""The gate that keys pass one at a time, so that none overtakes what the key before it set going.

Textual hands a key to whatever has the focus when the key is read. Letters may still wait in a field's queue then, and a
focus that a key is about to move has not moved yet: keys that come in a burst (a quick hand on a busy machine, a macro, a
terminal that catches up) would end in the wrong field, and a command would be carried out before the letters typed first.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Awaitable, Callable
from typing import Any

from textual import events
from textual.app import App
from textual.message import Message
from textual.message_pump import MessagePump
from textual.screen import Screen

ROUNDS = 3
"""A key's effects take as many steps: a field says something, its dialog answers, the application moves the focus."""
SECONDS = 0.15
"""How long a key may take to have its effect: a field that is closed by the key does not answer any more."""
OPENING_SECONDS = 2.0
"""How long keys wait for what a key opens, such as a dialog."""


class Passed(Message):
    """Follows a key through the focused widget and upwards to the application, as often as ``rounds`` says.

    What the key makes a widget say comes behind the first round, and what that makes its screen say behind the second.
    """

    def __init__(self, number: int, start: MessagePump, *, rounds: int) -> None:
        super().__init__()
        self.number = number
        self.start = start
        self.rounds = rounds


class KeyGate:
    """Holds what is typed while the key before it is under way; ``hand_on`` is the application's own handling of a key."""

    def __init__(self, app: App[Any], hand_on: Callable[[events.Event], Awaitable[None]]) -> None:
        self._app = app
        self._hand_on = hand_on
        self._waiting: deque[events.Event] = deque()
        self._last = 0
        self._under_way = 0
        self._watched = 0
        self._shut = 0
        self._draining = False

    async def take(self, event: events.Event) -> None:
        """A key or a paste has come in: it passes now, or once those before it have had their effect."""
        self._waiting.append(event)
        self._watch()
        await self._drain()

    def arrived(self, token: Passed) -> None:
        """A token is at the application: it goes round again, or its key has had its effect."""
        if token.number != self._under_way:
            return
        again = Passed(token.number, token.start, rounds=token.rounds - 1)
        if token.rounds <= 1 or not token.start.post_message(again):
            self._passed(token.number)

    def _passed(self, number: int) -> None:
        if number == self._under_way:
            self._under_way = 0
            self._go_on()

    def shut(self) -> None:
        """The key under way opens something: what is typed from now on is meant for it and waits for ``open``."""
        self._last += 1
        number = self._shut = self._last
        self._app.set_timer(OPENING_SECONDS, lambda: self.open() if self._shut == number else None)

    def open(self) -> None:
        self._shut = 0
        self._go_on()

    def open_with(self, screen: Screen[Any]) -> None:
        """Opens once the screen, just pushed, has its focus."""
        screen.call_after_refresh(self._app.call_later, self.open)

    def _go_on(self) -> None:
        if self._waiting:
            self._app.call_later(self._drain)

    def _watch(self) -> None:
        number = self._under_way
        if number and self._waiting and self._watched != number:
            self._watched = number
            self._app.set_timer(SECONDS, lambda: self._passed(number))

    async def _drain(self) -> None:
        if self._draining:
            return
        self._draining = True
        try:
            while self._waiting and not self._shut and not self._under_way:
                self._last += 1
                number = self._under_way = self._last
                target: MessagePump = self._app.focused or self._app.screen
                await self._hand_on(self._waiting.popleft())
                if not target.post_message(Passed(number, target, rounds=ROUNDS)):
                    self._under_way = 0
            self._watch()
        finally:
            self._draining = False
