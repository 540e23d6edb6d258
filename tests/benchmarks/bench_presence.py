"""Presence: what consoles ask of a server on loopback, as a ratio to the cheapest request it has, and what that costs its database.

``python tests/benchmarks/bench_presence.py [--agents N] [--seconds S] [--json]``. A console with an open case asks once in ten
seconds, so N agents are N / 10 requests a second; the limit of the same run is ``GET /v1/me``.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import httpx

from okpay_console.domain.presence import BEAT_S, Here
from okpay_console.remote.api import Api
from okpay_console.server.run import start_in_thread
from okpay_console.server.settings import ServerConfig
from okpay_console.server.users import add_user

SIDE_BY_SIDE = 8


async def rate(work: Callable[[int], Awaitable[object]], seconds: float) -> float:
    """Requests a second, from eight callers side by side."""
    end = time.perf_counter() + seconds
    done = 0

    async def caller(number: int) -> None:
        nonlocal done
        while time.perf_counter() < end:
            await work(number)
            done += 1

    await asyncio.gather(*(caller(number) for number in range(SIDE_BY_SIDE)))
    return done / seconds


async def measure(agents: int, seconds: float) -> dict[str, float]:
    with tempfile.TemporaryDirectory() as folder:
        database = str(Path(folder) / "server.db")
        server = await asyncio.to_thread(start_in_thread, ServerConfig(database=database, port=0))
        try:
            doors = [
                Api(server.url, (await add_user(database, f"agent{number}", "agent")).token)
                for number in range(SIDE_BY_SIDE)
            ]
            headers = {"Authorization": doors[0]._client.headers["Authorization"], "Idempotency-Key": "one"}
            async with httpx.AsyncClient(base_url=server.url, headers=headers) as http:
                made = await http.post("/v1/tickets", json={"subject": "Paid twice", "channel": "hotline"})
            ticket = made.raise_for_status().json()["id"]
            cheapest = await rate(lambda number: doors[number].me(), seconds)
            presence = await rate(lambda number: doors[number].here(Here(ticket)), seconds)
            for door in doors:
                await door.aclose()
        finally:
            await asyncio.to_thread(server.stop)
    wanted = agents / BEAT_S
    return {
        "agents": agents, "wanted_per_s": wanted, "presence_per_s": presence, "limit_per_s": cheapest,
        "ratio": cheapest / presence, "share_of_one_process": wanted / presence,
    }  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--agents", type=int, default=500)
    parser.add_argument("--seconds", type=float, default=3.0)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    found = asyncio.run(measure(given.agents, given.seconds))
    if given.json:
        print(json.dumps(found))
    else:
        print(
            f"{found['agents']:.0f} agents ask {found['wanted_per_s']:.0f} times a second; one process answers "
            f"{found['presence_per_s']:.0f} ({found['limit_per_s']:.0f} of the cheapest request; ratio {found['ratio']:.2f}): "
            f"{found['share_of_one_process']:.1%} of it"
        )


if __name__ == "__main__":
    main()
