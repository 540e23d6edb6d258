"""Tells line after line until it is killed, sends them now and then, and prints the id of each when it is on the disk."""

from __future__ import annotations

import asyncio
import os
import random
import sys
import time
from pathlib import Path

from okpay_console.domain.author import Author
from okpay_console.domain.ids import uuid7
from okpay_console.domain.ops import NO_RULES
from okpay_console.local.mirror import Mirror
from okpay_console.local.outbox import Outbox
from okpay_console.local.store import open_store
from okpay_console.remote.api import Api
from okpay_console.sync.clock import SystemClock
from okpay_console.sync.engine import Engine


async def main(path: str, url: str, token: str) -> None:
    db = open_store(Path(path))
    clock = SystemClock()
    engine = Engine(
        api=Api(url, token),
        mirror=Mirror(db),
        outbox=Outbox(db),
        author=Author("wang", lambda: uuid7(time.time_ns() // 1_000_000, os.urandom(10)), clock.now),
        rules=NO_RULES,
        clock=clock,
        rng=random.Random(7),
    )
    running = asyncio.create_task(engine.run())
    while not running.done():
        line = await engine.tell("state", what=random.choice(("available", "break")))
        print(line.uuid, flush=True)


asyncio.run(main(*sys.argv[1:]))
