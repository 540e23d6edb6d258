"""Behind the demo's stage: a process with the server, the callers and a colleague, that ends with the one who began it."""

from __future__ import annotations

import asyncio
import multiprocessing
import shutil
import signal
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import msgspec

from okpay_console import errors, wiring
from okpay_console.config import Settings

READY_S = 60.0


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """What to play: how many tickets of history, which story, how fast, in which language, and whether a colleague works."""

    tickets: int
    seed: int
    speed: float
    lang: str
    colleague: bool = True


class Stage(msgspec.Struct):
    """A demo that is running: where its server is, and the tokens of those who may come in."""

    folder: Path
    url: str
    agent: str
    colleague: str
    tokens: dict[str, str]
    _line: Any = None

    def calm(self) -> dict[str, int]:
        """Sends the callers and the colleague home while the server goes on; what they have done."""
        self._line.send("calm")
        if not self._line.poll(READY_S):
            raise errors.StoreError("The demo's server does not answer.", "Start it again.")
        counts: dict[str, int] = self._line.recv()
        return counts


@contextmanager
def staged(plan: Plan) -> Iterator[Stage]:
    """Plays for as long as the block runs; afterwards its processes and files are gone, also when this process is killed.

    The other process holds one end of a pipe: when the end here closes, however this process died, it clears up.
    """
    folder = Path(tempfile.mkdtemp(prefix="okpay-demo-"))
    spawn = multiprocessing.get_context("spawn")
    here, there = spawn.Pipe()
    process = spawn.Process(target=play, args=(str(folder), plan, there), name="okpay-demo")
    try:
        process.start()
        there.close()
        yield _opened(here, folder)
    finally:
        here.close()
        if process.pid is not None:
            process.join(10)
            if process.is_alive():
                process.kill()
                process.join()
        shutil.rmtree(folder, ignore_errors=True)


def _opened(line: Connection, folder: Path) -> Stage:
    try:
        if not line.poll(READY_S):
            raise EOFError
        said: dict[str, Any] = line.recv()
    except EOFError:
        raise errors.StoreError("The demo's server did not start.", "Run: okpay-console doctor", code="demo") from None
    if "error" in said:
        raise errors.StoreError(said["error"], said["advice"], code="demo")
    return Stage(folder=folder, _line=line, **said)


def play(folder: str, plan: Plan, line: Connection) -> None:
    """The other process: never told by Ctrl-C or a closed terminal, which are meant for the one on the stage."""
    for ignored in ("SIGINT", "SIGHUP"):
        if hasattr(signal, ignored):
            signal.signal(getattr(signal, ignored), signal.SIG_IGN)
    try:
        asyncio.run(_play(Path(folder), plan, line))
    except asyncio.CancelledError:
        # Told to end by a signal: everything is down by now.
        return
    except errors.OkpayError as error:
        _tell(line, {"error": error.what, "advice": error.advice})
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _tell(line: Connection, words: dict[str, Any]) -> None:
    try:
        line.send(words)
    except OSError:
        # Whoever asked has gone.
        return


async def _play(folder: Path, plan: Plan, line: Connection) -> None:
    from okpay_console.content.solving import solving
    from okpay_console.domain.wallnumbers import House
    from okpay_console.server import demo, run

    task = asyncio.current_task()
    assert task is not None
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    script = demo.load_script(plan.lang)
    scene = demo.Scene(script, seed=plan.seed)
    config = run.ServerConfig(
        database=str(folder / "server.db"), port=0, rules=wiring.rules(), house=House(solving=solving())
    )
    server = await asyncio.to_thread(run.start_in_thread, config)
    try:
        me, other = script.agents[:2]
        past = demo.history(script, count=plan.tickets, seed=plan.seed, now=wiring.now(), rules=config.rules)
        tokens = await demo.people(config.database, past, agents=(me, other), script=script)
        _tell(line, {"url": server.url, "agent": me, "colleague": other, "tokens": tokens})
        await _act(
            plan,
            line,
            scene,
            Settings(server=server.url, token=tokens[other], data_dir=str(folder / "colleague")),
            tokens,
        )
    finally:
        await asyncio.to_thread(server.stop)


async def _act(plan: Plan, line: Connection, scene: Any, colleague: Settings, tokens: dict[str, str]) -> None:
    """Lets them play until the other end of the line has gone."""
    from okpay_console.server.hotline import Hotline

    quiet = asyncio.Event()
    api = wiring.open_api(colleague, tokens["hotline"])
    hotline = Hotline(scene, api.push, client=f"hotline-{plan.seed}", clock=wiring.now, speed=plan.speed)
    acts = [asyncio.create_task(hotline.run(quiet))]
    if plan.colleague:
        acts.append(asyncio.create_task(work(colleague, plan, quiet, seed=plan.seed + 1)))
    try:
        while await _heard(line):
            quiet.set()
            await asyncio.gather(*acts)
            _tell(line, {"created": hotline.created, "changed": hotline.changed, "refused": hotline.refused})
    finally:
        quiet.set()
        for act in acts:
            act.cancel()
        await asyncio.gather(*acts, return_exceptions=True)
        await api.aclose()


async def _heard(line: Connection) -> bool:
    """True when something was asked for, False when the other end has closed."""
    loop = asyncio.get_running_loop()
    ready = asyncio.Event()
    try:
        loop.add_reader(line.fileno(), ready.set)
    except (OSError, ValueError):
        return False
    try:
        await ready.wait()
        line.recv()
    except (EOFError, OSError):
        return False
    finally:
        if not line.closed:
            loop.remove_reader(line.fileno())
    return True


async def work(settings: Settings, plan: Plan, quiet: asyncio.Event, *, seed: int) -> None:
    """A colleague at a console of his own, until it is quiet."""
    from okpay_console.server import demo
    from okpay_console.server.colleague import Colleague

    scene = demo.Scene(demo.load_script(plan.lang), seed=seed)
    async with wiring.working(settings) as engine:
        await engine.round()
        await engine.begin_shift()
        running = asyncio.create_task(engine.run())
        try:
            pause = 4.0 / max(plan.speed, 0.01)
            await Colleague(scene, engine, engine.author, clock=wiring.now, pause=pause).run(quiet)
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)
            await engine.leave()
            await engine.round()
