"""Desks without a screen: ``desks.py COUNT`` runs so many engines as an open console does, and tells each status line that changes.

Each has a folder of its own beside the first one's. What a desk is to do comes as JSON lines, what became of it goes out as such.
With ``HASTE`` its seconds of waiting pass so many times as fast, and ``retry_in`` is what it meant to wait.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import sys
import time
from typing import Any

from msgspec.structs import replace

from okpay_console import config, errors, wiring
from okpay_console.cli import problems
from okpay_console.config import Settings
from okpay_console.local.store import TICKETS
from okpay_console.sync.clock import SystemClock
from okpay_console.sync.status import Changed
from okpay_console.tui.panes.status import link_words

HASTE = float(os.environ.get("HASTE", "1"))


def hurry() -> None:
    """Waiting by a clock that runs faster; the time of day is left alone."""
    SystemClock.monotonic = lambda _: time.monotonic() * HASTE  # type: ignore[method-assign]
    sleep = SystemClock.sleep

    async def hurried(clock: SystemClock, seconds: float) -> None:
        frame = sys._getframe(1).f_back
        if frame is not None and frame.f_code.co_name == "pull":
            tell(relist_in=seconds)
        await sleep(clock, seconds / HASTE)

    SystemClock.sleep = hurried  # type: ignore[method-assign]


def tell(**said: Any) -> None:
    print(json.dumps(said, ensure_ascii=False), flush=True)


async def sit(number: int, settings: Settings, asked: asyncio.Queue[dict[str, Any]]) -> None:
    """One desk until its input ends."""
    shown: list[Any] = []

    def changed(change: Changed) -> None:
        if not made:
            return
        status = made[0].status()
        line, code = link_words(status, made[0].now())[0], status.code
        words = " ".join(problems.explain(_error(status), lang="zh")) if code else ""
        seen = (status.state, status.code, status.pending, status.reviews, status.retry_in is None)
        if shown != [seen] or change.link:
            shown[:] = [seen]
            tell(
                desk=number, line=line, words=words, retry_in=status.retry_in, state=status.state, code=code,
                pending=status.pending, reviews=status.reviews,
            )  # fmt: skip

    made: list[Any] = []
    async with wiring.working(settings, listener=changed) as engine:
        made.append(engine)
        running = asyncio.create_task(engine.run())
        while one := await asked.get():
            try:
                if "note" in one:
                    ticket = engine.view(one["ticket"]).ticket
                    await engine.do(engine.author.note(ticket, one["note"]))
                    tell(desk=number, kept=one["note"])
                elif "do" in one:
                    ticket = engine.view(one["ticket"]).ticket
                    await engine.do(getattr(engine.author, one["do"])(ticket, *one["args"], **one.get("named", {})))
                    tell(desk=number, kept=one["do"])
                elif "until" in one:
                    while one["until"] not in engine.picture.mirror.store.rows(TICKETS):
                        await asyncio.sleep(0.05)
                    tell(desk=number, holds=sorted(engine.picture.mirror.store.rows(TICKETS)))
                elif "claim" in one:
                    tell(desk=number, won=(await engine.claim(one["claim"])).claim_no)
                else:
                    engine.retry()
            except errors.OkpayError as error:
                tell(desk=number, refused=error.code, words=" ".join(problems.explain(error, lang="zh")))
        running.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await running


def _error(status: Any) -> errors.OkpayError:
    error = errors.OkpayError(status.message, status.advice)
    error.code = status.code
    return error


async def main(count: int) -> None:
    settings = config.load(os.environ, flags={})
    hurry()
    queues: list[asyncio.Queue[dict[str, Any]]] = [asyncio.Queue() for _ in range(count)]
    homes = [settings.data_dir, *(f"{settings.data_dir}-{n}" for n in range(1, count))]
    desks = [
        asyncio.create_task(sit(number, replace(settings, data_dir=home), queues[number]))
        for number, home in enumerate(homes)
    ]
    while line := await asyncio.to_thread(sys.stdin.readline):
        one = json.loads(line)
        queues[one.pop("desk", 0)].put_nowait(one)
    for queue in queues:
        queue.put_nowait({})
    await asyncio.gather(*desks)


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1])))
