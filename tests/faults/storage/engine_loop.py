"""A console's engine at work until it is killed: notes, drafts and pages on a real store, against a real server or none.

``python engine_loop.py STORE URL TOKEN TICKET`` prints the number of every draft and of every note when it is on the disk.
"""

from __future__ import annotations

import asyncio
import itertools
import os
import random
import sys
import time
from pathlib import Path

from okpay_console.domain.author import Author
from okpay_console.domain.ids import uuid7
from okpay_console.domain.ops import NO_RULES
from okpay_console.local.drafts import Drafts
from okpay_console.local.mirror import Mirror
from okpay_console.local.outbox import Outbox
from okpay_console.local.store import open_store
from okpay_console.remote.api import Api
from okpay_console.sync.clock import SystemClock
from okpay_console.sync.engine import Engine


async def work(path: str, url: str, token: str, ticket: str) -> None:
    db = open_store(Path(path))
    db.journal.floor = 8192  # a compaction every few hundred records
    clock = SystemClock()
    author = Author("wang", lambda: uuid7(time.time_ns() // 1_000_000, os.urandom(10)), clock.now)
    drafts = Drafts(db)
    engine = Engine(
        api=Api(url, token),
        mirror=Mirror(db),
        outbox=Outbox(db),
        author=author,
        rules=NO_RULES,
        clock=clock,
        rng=random.Random(7),
        drafts=drafts,
    )
    running = asyncio.create_task(engine.run())
    while (shown := engine.view(ticket).ticket) is None:
        await asyncio.sleep(0.01)
    for number in itertools.count(int(drafts.get("wang", ticket, "reply") or 0) + 1):
        await engine.keep_draft(ticket, "reply", str(number))
        print("draft", number, flush=True)
        await engine.do(author.note(shown, f"note {number}"))
        print("note", number, flush=True)
        while engine.status().pending > 60 and not running.done():
            await asyncio.sleep(0.01)


if __name__ == "__main__":
    asyncio.run(work(*sys.argv[1:]))
