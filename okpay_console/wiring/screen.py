"""Opens the console on this terminal: the first frame from a snapshot, then the store and the link behind it."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import os
import signal
import sys
import threading
from collections.abc import Callable, Coroutine, Iterator
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Any, Literal

import msgspec

from okpay_console import errors, wiring
from okpay_console.config import Limits, Settings
from okpay_console.local import snapshot
from okpay_console.wiring.first import snapshot_writer

if TYPE_CHECKING:
    from datetime import datetime
    from types import FrameType

    from okpay_console.tui.app import ConsoleApp
    from okpay_console.tui.desk_model import Changed
    from okpay_console.wiring.desk import Desk

SNAPSHOT_S = 60.0
FIRST_SNAPSHOT_S = 3.0
WARM_S = 1.0
"""What the checks of typed details read from libraries is loaded so long after the start, when nobody waits for it."""
AGAIN_S = 5.0
"""A part of the engine that broke is started again after so long."""
LEAVING_S = 10.0
"""A console that was told to end is gone by then; what it has shown is on the disk at any moment."""


def open_screen(settings: Settings, *, screen: Literal["desk", "wall"], user: str = "", wallboard: bool = False) -> int:
    """Runs the console until it is left and returns its exit status; ``user`` is who is signed in, where that is known.

    Raises ``StoreBusy`` before the terminal is touched where another process has the store.
    """
    pid = wiring.holder(settings)
    if pid:
        raise errors.StoreBusy("Another console uses this data directory.", "Close it first.", pid=pid)
    if settings.sla != Limits():
        # Limits that cannot be read are said here, not by a console that would not open.
        wiring.rules(settings)
    # Nothing that is made before the first frame dies before it, so looking for garbage would only cost time.
    gc.disable()
    # The queue repaints what a key asked for at this rate; Textual reads it when it is imported.
    os.environ.setdefault("TEXTUAL_FPS", "120")
    from okpay_console.tui.app import ConsoleApp
    from okpay_console.tui.desk_model import Settings as ScreenSettings
    from okpay_console.tui.desk_model import Start

    first = snapshot.read(settings.home / wiring.SNAPSHOT, server=settings.server, user=user)
    backstage = _Backstage(settings, desk=screen == "desk")
    app = ConsoleApp(
        Start(
            settings=ScreenSettings(
                lang=settings.language,
                zone=settings.timezone,
                theme=settings.theme,
                keys=settings.keys,
                placeholders=settings.placeholders,
                macros=settings.macros,
                mouse=settings.mouse,
                screen=screen,
                wrapup_seconds=settings.wrapup_seconds,
                alarm_minutes=settings.alarm_minutes,
                wall=msgspec.structs.asdict(settings.wall),
                care=msgspec.structs.asdict(settings.care),
                wallboard=wallboard,
            ),
            me=user or (first.user if first else ""),
            rows=first.rows if first else (),
            counts=first.counts if first else {},
            open_desk=backstage.open,
            close=backstage.close,
            now=backstage.now,
            policy=lambda: wiring.rules(settings).sla,
        )
    )
    backstage.app = app
    with _told_to_end(app):
        try:
            app.run(mouse=settings.mouse)
        finally:
            _end_of_keys(app)
    return app.return_code or app.return_code_when_left


@contextlib.contextmanager
def _told_to_end(app: ConsoleApp) -> Iterator[None]:
    """A console that is told to end leaves the terminal as it found it and its words on the disk.

    From before the first frame, because the cached rows stand on the screen long before the store is open.
    """

    timers: list[threading.Timer] = []

    def leave(number: int, _: FrameType | None) -> None:
        _forget_a_dead_terminal()
        timer = threading.Timer(LEAVING_S, os._exit, (128 + number,))
        timer.daemon = True
        timer.start()
        timers.append(timer)
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            sys.exit(128 + number)
        # Not from here: the signal may have come in the middle of anything.
        loop.call_soon_threadsafe(lambda: app.exit(return_code=128 + number))

    numbers = [getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]
    before = {number: signal.signal(number, leave) for number in numbers}
    try:
        yield
    finally:
        for timer in timers:
            timer.cancel()
        for number, handler in before.items():
            signal.signal(number, handler)


def _end_of_keys(app: ConsoleApp) -> None:
    """Ends the thread that reads the keys, where Textual has left one: it was told to end before that thread had begun.

    On a terminal that is gone it would read nothing for ever, and a process does not end before its threads.
    """
    ended = getattr(app._driver, "exit_event", None)
    if ended is not None:
        ended.set()


def _forget_a_dead_terminal() -> None:
    """One that has hung up fails every write, and Textual waits for ever for the writer thread that died of it."""
    with contextlib.suppress(ImportError):
        import termios

        try:
            termios.tcgetattr(1)
        except termios.error:
            nothing = os.open(os.devnull, os.O_RDWR)
            for stream in (0, 1, 2):
                os.dup2(nothing, stream)
            os.close(nothing)


class _Backstage:
    """What runs behind the screen: the store, the engine, and the snapshot for the next start.

    With a ``desk`` the person's shift begins and ends; a wall alone tells nothing of who looks at it.
    """

    app: ConsoleApp

    def __init__(self, settings: Settings, *, desk: bool) -> None:
        self._settings = settings
        self._desk = desk
        self._stack = AsyncExitStack()
        self._engine: Desk | None = None
        self._tell: Callable[[Changed], None] = lambda _: None
        self._dirty = False
        self._tasks: list[asyncio.Task[None]] = []

    async def open(self, tell: Callable[[Changed], None]) -> Desk:
        """Opens store and link; from here on ``tell`` hears of every change."""
        self._tell = tell
        engine = await self._stack.enter_async_context(wiring.working(self._settings, listener=self._changed))
        self._engine = engine
        if engine.recovery.kind != "none":
            self.app.call_after_refresh(self.app.desk_screen.alarm, self._mended(engine))
        self._tasks = [asyncio.create_task(work) for work in (self._keep_snapshot(), _warm())]
        for part in (engine.run, engine.index):
            self._keep_going(part)
        if self._desk:
            # A disk that is full must not keep the desk from opening; the status line says it.
            with contextlib.suppress(errors.OkpayError):
                await engine.begin_shift()
        return engine

    def now(self) -> datetime:
        """The house's time as soon as somebody knows it, this machine's until then."""
        return self._engine.now() if self._engine is not None else wiring.now()

    def _keep_going(self, part: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Runs a part of the engine, and again after a fault: a call goes on, and the agent is told that something broke."""

        def ended(task: asyncio.Task[None]) -> None:
            if task in self._tasks:
                self._tasks.remove(task)
            error = None if task.cancelled() else task.exception()
            if isinstance(error, Exception):
                self.app.broken(error)
                asyncio.get_running_loop().call_later(AGAIN_S, again)

        def again() -> None:
            if self._engine is not None:
                self._keep_going(part)

        task = asyncio.create_task(part())
        self._tasks.append(task)
        task.add_done_callback(ended)

    async def close(self) -> None:
        """Everything is on disk when this returns; twice is harmless."""
        tasks, self._tasks = self._tasks, []
        engine, self._engine = self._engine, None
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if engine is not None:
            self._dirty = True
            with contextlib.suppress(errors.OkpayError):
                await engine.leave()
            # The snapshot only makes the next start faster; leaving must not fail for it.
            with contextlib.suppress(errors.OkpayError):
                await self._write(engine)
        await self._stack.aclose()

    def _changed(self, change: Changed) -> None:
        self._dirty = self._dirty or bool(change.tickets) or change.everything
        self._tell(change)
        if change.link and self._engine is not None and wiring.locked_out(self._settings, self._engine.status().code):
            # Leaving closes the store, and what closes it wipes this machine.
            self.app.exit(return_code=1)

    async def _keep_snapshot(self) -> None:
        wait = FIRST_SNAPSHOT_S
        while True:
            await asyncio.sleep(wait)
            wait = SNAPSHOT_S
            if self._engine is not None:
                with contextlib.suppress(errors.OkpayError):
                    await self._write(self._engine)

    async def _write(self, engine: Desk) -> None:
        if not self._dirty:
            return
        self._dirty = False
        await asyncio.to_thread(snapshot_writer(self._settings, engine))

    def _mended(self, engine: Desk) -> str:
        found = engine.recovery
        if self._settings.language == "en":
            return f"{found.message}. {found.advice}"
        if found.kind == "torn":
            return "缓存末尾不完整，多半是上次写入中断。请看一下最后写的内容还在不在。"
        return f"本机缓存有损坏，自己写的 {sum(found.salvaged.values())} 条已救回，工单重新获取；请检查待发的内容。"


async def _warm() -> None:
    await asyncio.sleep(WARM_S)
    from okpay_console.domain import fields

    await asyncio.to_thread(fields.warm)
