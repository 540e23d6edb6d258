"""The console's application object: theme, language, keys, the first screen, and the desk that opens behind the first frame."""

from __future__ import annotations

import contextlib
import gc
from collections.abc import Mapping
from typing import ClassVar

from textual import events
from textual.app import App
from textual.binding import BindingType
from textual.screen import Screen
from textual.widget import MountError

from ..content.interface import t, use
from ..errors import OkpayError
from . import keys, themes
from .desk_model import Changed, Start
from .failures import explain
from .gate import KeyGate, Passed
from .messages import SecretTyped
from .screens.desk import DeskScreen
from .terminaldoor import TerminalDoor
from .when import use_zone


class ConsoleApp(App[int]):
    """Run with ``run()``; the return code is 0, or 1 where the desk could not be opened.

    The garbage collector should be off when this is created; it is set going again after the first frame, with everything
    loaded by then frozen. ``TEXTUAL_FPS`` must be in the environment before Textual is imported.
    """

    TITLE = "OKPay Console"
    CSS_PATH = "okpay.tcss"
    ENABLE_COMMAND_PALETTE = False
    BINDINGS: ClassVar[list[BindingType]] = []
    # Every screen bears these classes: panes become tabs below 112 columns, and answers have a column of their own from 170.
    HORIZONTAL_BREAKPOINTS = [(0, "-tiny"), (80, "-narrow"), (112, "-normal"), (170, "-wide")]  # noqa: RUF012
    VERTICAL_BREAKPOINTS = [(0, "-tiny"), (24, "-short"), (32, "-tall")]  # noqa: RUF012

    def __init__(self, start: Start) -> None:
        use(start.settings.lang)
        use_zone(start.settings.zone)
        self.start = start
        self.keys: Mapping[str, tuple[str, ...]] = keys.effective(start.settings.keys)
        super().__init__()
        self._filters.append(TerminalDoor())
        self.animation_level = "none"
        theme, wrong = themes.choose(start.settings.theme)
        self._wrong_theme = wrong
        self.register_theme(theme)
        # Without the watcher, which would read all styles a second time before anything has been drawn.
        self.set_reactive(App.theme, theme.name)
        self.stylesheet.set_variables(self.get_css_variables())
        self.set_keymap(keys.keymap(start.settings.keys))
        self.gate = KeyGate(self, super().on_event)
        self.desk_screen = DeskScreen(start, gate=self.gate)

    async def on_event(self, event: events.Event) -> None:
        if isinstance(event, (events.Key, events.Paste)) and not event.is_forwarded:
            await self.gate.take(event)
        else:
            await super().on_event(event)

    def on_secret_typed(self, event: SecretTyped) -> None:
        self.desk_screen.hearing.secret(event)

    def on_passed(self, event: Passed) -> None:
        self.gate.arrived(event)

    def get_default_screen(self) -> Screen[None]:
        screen = self.desk_screen
        for size, points in (
            (self.size.width, self.HORIZONTAL_BREAKPOINTS),
            (self.size.height, self.VERTICAL_BREAKPOINTS),
        ):
            screen.set_class(True, max((least, name) for least, name in points if size >= least)[1])
        return screen

    def get_theme_variable_defaults(self) -> dict[str, str]:
        return dict(themes.FALLBACK.variables)

    def on_mount(self) -> None:
        self.call_after_refresh(self._painted)

    def _painted(self) -> None:
        if self.start.on_first_frame is not None:
            self.start.on_first_frame()
        # The terminal's writer is another thread, and collecting garbage would keep it waiting.
        self.set_timer(0.03, self._behind_the_first_frame)

    def _behind_the_first_frame(self) -> None:
        from importlib import resources

        self.stylesheet.read(resources.files(__package__) / "behind.tcss")  # type: ignore[arg-type]  # a path once installed
        self.stylesheet.parse()
        # Full collections are the slowest key presses: what is loaded by now stays for good and need not be looked at.
        gc.enable()
        gc.collect()
        gc.freeze()
        if self._wrong_theme is not None:
            self.desk_screen.say(t("act.theme_wrong", what=self._wrong_theme.what), "warn")
        self.run_worker(self._open_desk(), group="open", exit_on_error=True)

    async def _open_desk(self) -> None:
        try:
            desk = await self.start.open_desk(self._changed)
        except OkpayError as error:
            # The rows of the first frame stay readable; nothing can be written without a store.
            self.desk_screen.alarm(explain(error))
            self.return_code_when_left = 1
            return
        try:
            await self.desk_screen.attach(desk)
        except MountError:
            if not self._exit:
                raise
            return  # it is being left in the moment in which it opens
        if self.start.settings.screen == "wall":
            self.desk_screen.action_key("board")

    return_code_when_left = 0

    def _fatal_error(self) -> None:
        """Ends with a line that says where, for Textual's traceback shows local values: they can be callers' words."""
        import sys

        from rich.text import Text

        error = sys.exc_info()[1] or self._exception
        self._exit_renderables.append(Text(t("act.fault", name=type(error).__name__, place=place_of(error))))
        self._close_messages_no_wait()

    def broken(self, error: Exception) -> None:
        """Something behind the screen broke and is started again: said until it is read, and the call goes on."""
        self.desk_screen.alarm(t("act.broken", name=type(error).__name__, place=place_of(error)))

    def _changed(self, change: Changed) -> None:
        self.desk_screen.changed(change)

    async def on_unmount(self) -> None:
        # A signal may have ended the console in the middle of a word.
        with contextlib.suppress(OkpayError):
            await self.desk_screen.keep()
        with contextlib.suppress(OkpayError):
            await self.start.close()


def place_of(error: BaseException | None) -> str:
    """Where an error came from, as file and line and nothing else: local values can be callers' words."""
    trace = error.__traceback__ if error is not None else None
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return f"{trace.tb_frame.f_code.co_filename.rpartition('/')[2]}:{trace.tb_lineno}" if trace else "?"


def run(start: Start) -> int:
    """Opens the console on this terminal and returns its exit status once it has been left."""
    app = ConsoleApp(start)
    app.run(mouse=start.settings.mouse)
    return app.return_code or app.return_code_when_left
