"""What screens over the wall share: the desk's acts with their own voice, and keys that wait for what a key opens."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar, cast

from textual.screen import Screen

from .. import keys
from ..acts import Acts
from ..desk_model import Desk
from ..messages import Level
from ..panes.status import MessageBar

if TYPE_CHECKING:
    from ..app import ConsoleApp
    from ..gate import KeyGate

Result = TypeVar("Result")


class OverWall(Screen[Result]):
    """A floor for acts (``acts.Floor``): what they say is said here, what was done here can be taken back at the desk too."""

    def __init__(self, desk: Desk, *, now: Callable[[], datetime]) -> None:
        super().__init__()
        self.desk: Desk | None = desk
        self.now = now
        self.message_bar = MessageBar()
        self.message_bar.add_class("messages")
        self._busy = False

    def begin(self) -> None:
        """The screen is mounted."""
        self.start = self._app.start

    @property
    def _app(self) -> ConsoleApp:
        return cast("ConsoleApp", self.app)

    @property
    def _gate(self) -> KeyGate:
        return self._app.gate

    @cached_property
    def acts(self) -> Acts:
        """The desk's, with one memory of deeds and drafts."""
        made, at_desk = Acts(self), self._app.desk_screen.acts
        made.deeds, made.jotter = at_desk.deeds, at_desk.jotter
        return made

    def work(self, deed: Coroutine[Any, Any, None], *, opens: bool = True) -> None:
        """Starts what takes time, one at a time. ``opens``: the keys that follow wait for what it opens."""
        if self._busy:
            deed.close()
            return

        async def through() -> None:
            try:
                await deed
            finally:
                self._busy = False
                if opens and self.is_current:
                    self._gate.open()

        self._busy = True
        if opens:
            self._gate.shut()
        self.run_worker(through(), group="levers")

    async def ask(self, screen: Screen[Any]) -> Any:
        """Puts a question over this screen and returns its answer."""
        answered = self.app.push_screen(screen, wait_for_dismiss=True)
        self._gate.open_with(screen)
        answer = await answered
        if answer is not None:
            # What is typed behind the answer is meant for what comes of it.
            self._gate.shut()
        return answer

    def say(self, text: str, level: Level = "info") -> None:
        self.message_bar.say(text, level)

    def alarm(self, text: str) -> None:
        self.message_bar.alarm(text)

    def acknowledged(self) -> bool:
        """Whether there was an alarm to be read; it has been, then."""
        stood = bool(self.message_bar.alarms)
        if stood:
            self.message_bar.acknowledge()
        return stood

    def show_ticket(self, ticket: str, *, focus: bool = True) -> bool:
        """Never: what is here is looked at, and worked on at the desk."""
        return False

    def settled(self, ticket: str) -> None:
        self._app.desk_screen.settled(ticket)

    def bound(self, action: str) -> str:
        return keys.bound(self.app, action)
