"""The pace of the background loop: what a hint of the stream leads to."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import pytest

from okpay_console.sync import link as links
from okpay_console.sync.clock import SystemClock
from okpay_console.sync.pace import Pace

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)


async def paced(*hints: str) -> list[str]:
    """What happened when the stream told these hints one by one, each after the loop had come to rest."""
    happened: list[str] = []
    rested = asyncio.Event()

    async def stream():
        for hint in hints:
            await rested.wait()
            rested.clear()
            yield hint
            if hint == "alive":
                rested.set()
        await rested.wait()
        done.set()
        await asyncio.Event().wait()

    async def round_() -> None:
        happened.append("round")
        rested.set()

    done = asyncio.Event()
    online = links.succeeded(links.start(NOW), NOW)
    pace = Pace(clock=SystemClock(), uniform=lambda low, _: low, pokes=stream)
    running = asyncio.create_task(
        pace.run(round_, lambda: online, reauth=lambda: None, alive=lambda: happened.append("still true"))
    )
    await done.wait()
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    return happened


async def test_news_cause_a_round_and_a_sign_of_life_only_says_that_all_is_still_true() -> None:
    assert await paced("alive", "state", "alive") == ["round", "still true", "round", "still true"]


async def test_a_reader_that_fails_ends_the_loop_instead_of_leaving_rare_polls_behind() -> None:
    async def broken():
        yield "up"
        raise OSError("of a kind that nobody foresaw")

    async def round_() -> None:
        return

    online = links.succeeded(links.start(NOW), NOW)
    pace = Pace(clock=SystemClock(), uniform=lambda low, _: low, pokes=broken)
    with pytest.raises(OSError, match="nobody foresaw"):
        await pace.run(round_, lambda: online, reauth=lambda: None)
    assert not pace.streaming
