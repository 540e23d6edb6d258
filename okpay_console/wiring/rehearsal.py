"""The demo without a screen: two real consoles work against a real server, and then everybody's books are compared."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Any

import msgspec

from okpay_console import wiring
from okpay_console.config import Settings
from okpay_console.wiring.stage import Plan, Stage

if TYPE_CHECKING:
    from okpay_console.sync.engine import Engine

QUIET_S = 30.0


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """What happened. ``mirrors_equal``: both consoles' and the server's documents are the same, byte for byte as JSON."""

    seconds: float
    tickets_seeded: int
    tickets_created: int
    tickets_changed: int
    operations: int
    operations_confirmed: int
    operations_refused: int
    claims: int
    tickets: int
    pending: int
    reviews: int
    mirrors_equal: bool


async def rehearse(stage: Stage, plan: Plan, *, seconds: float) -> Report:
    """Lets both agents work for ``seconds``, waits until nothing moves any more, and compares."""
    from okpay_console.server import demo
    from okpay_console.server.colleague import Colleague

    script = demo.load_script(plan.lang)
    pause = 1.0 / max(plan.speed, 0.01)
    async with AsyncExitStack() as stack:
        engines: list[Engine] = []
        homes: list[Settings] = []
        colleagues: list[Colleague] = []
        for number, name in enumerate((stage.agent, stage.colleague), 1):
            home = str(stage.folder / f"console-{number}")
            settings = Settings(server=stage.url, token=stage.tokens[name], data_dir=home)
            engine = await stack.enter_async_context(wiring.working(settings))
            await engine.round()
            scene = demo.Scene(script, seed=plan.seed + number)
            engines.append(engine)
            homes.append(settings)
            colleagues.append(Colleague(scene, engine, engine.author, clock=wiring.now, pause=pause))
        quiet = asyncio.Event()
        links = [asyncio.create_task(engine.run()) for engine in engines]
        acts = [asyncio.create_task(colleague.run(quiet)) for colleague in colleagues]
        await asyncio.sleep(seconds)
        quiet.set()
        await asyncio.gather(*acts)
        callers = await asyncio.to_thread(stage.calm)
        for link in links:
            link.cancel()
        await asyncio.gather(*links, return_exceptions=True)
        await _settle(engines)
        made = [(engine, uuid) for engine, one in zip(engines, colleagues, strict=True) for uuid in one.made]
        states = [engine.state_of(uuid) for engine, uuid in made]
        books = [wiring.documents(home) for home in homes]
        truth = await _served(stage)
        return Report(
            seconds=seconds,
            tickets_seeded=plan.tickets,
            tickets_created=callers["created"],
            tickets_changed=callers["changed"],
            operations=len(states),
            operations_confirmed=states.count("confirmed"),
            operations_refused=states.count("rejected") + states.count("review"),
            claims=sum(one.claimed for one in colleagues),
            tickets=len(truth),
            pending=sum(engine.status().pending for engine in engines),
            reviews=sum(engine.status().reviews for engine in engines),
            mirrors_equal=all(book == truth for book in books),
        )


async def _settle(engines: list[Engine]) -> None:
    """Rounds until both have sent everything and a whole round brings nothing new; gives up after ``QUIET_S``."""
    async with asyncio.timeout(QUIET_S):
        while True:
            rounds = [await engine.round() for engine in engines]
            if all(one.link == "online" and one.pending == 0 and one.pulled == 0 for one in rounds):
                return


async def _served(stage: Stage) -> dict[str, Any]:
    """Every ticket as the server tells somebody who has never asked before."""
    settings = Settings(server=stage.url)
    api = wiring.open_api(settings, stage.tokens[stage.agent])
    found: dict[str, Any] = {}
    cursor = ""
    try:
        while True:
            page = await api.sync("", cursor)
            for change in page.changes:
                found[change.id] = change.doc
                if change.gone:
                    del found[change.id]
            cursor = page.cursor
            if not page.more:
                return found
    finally:
        await api.aclose()
