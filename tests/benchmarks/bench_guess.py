"""Whether time tells what words do not: a ticket of others' queues against one that is not there, and wrong tokens of each kind.

python tests/benchmarks/bench_guess.py [--rounds N]

Every pair is asked in turns, in random order, on one connection. Printed: the ratio of the medians; AUC, the chance that one of
the first kind took longer than one of the second (Mann and Whitney's U over n*m; 0.5 tells nothing); and the greatest distance
of the two distributions (Kolmogorov and Smirnov). The first pair is one kind twice: what the machine's noise makes of nothing.
"""

from __future__ import annotations

import argparse
import asyncio
import bisect
import random
import secrets
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import httpx
import msgspec

from okpay_console.domain import ops, wire
from okpay_console.domain.author import Author
from okpay_console.domain.ticket import from_doc
from okpay_console.server import clock, users
from okpay_console.server.run import ServerConfig, start_in_thread

MANY = 500
Ask = Callable[[], httpx.Response]


def measured(one: Ask, other: Ask, rounds: int, chance: random.Random) -> tuple[list[float], list[float]]:
    """Seconds that each took, as often as the other."""
    took: tuple[list[float], list[float]] = ([], [])
    for _ in range(rounds):
        for which in chance.sample((0, 1), 2):
            began = time.perf_counter()
            (one, other)[which]()
            took[which].append(time.perf_counter() - began)
    return took


def told(name: str, took: tuple[list[float], list[float]]) -> str:
    first, second = sorted(took[0]), sorted(took[1])
    ratio = statistics.median(first) / statistics.median(second)
    wins = sum(bisect.bisect_left(second, value) + bisect.bisect_right(second, value) for value in first) / 2
    apart = max(
        abs(bisect.bisect_right(first, value) / len(first) - bisect.bisect_right(second, value) / len(second))
        for value in (*first, *second)
    )
    auc = wins / (len(first) * len(second))
    return f"{name:<58} medians {ratio:5.3f}   AUC {auc:5.3f}   KS {apart:5.3f}"


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--rounds", type=int, default=400)
    rounds = options.parse_args().rounds
    chance = random.Random(1)
    with tempfile.TemporaryDirectory() as folder:
        database = str(Path(folder) / "server.db")
        tokens = {
            name: asyncio.run(users.add_user(database, name, role, queues)).token
            for name, role, queues in (
                ("boss", "supervisor", ()), ("wang", "agent", ("cards",)), ("gone", "agent", ()), ("left", "agent", ()),
            )
        }  # fmt: skip
        asyncio.run(users.revoke_tokens(database, "gone"))
        asyncio.run(users.disable(database, "left"))
        with start_in_thread(ServerConfig(database=database, port=0, guesses=0)) as running:

            def http(token: str) -> httpx.Client:
                return httpx.Client(base_url=running.url, headers={"Authorization": f"Bearer {token}"}, timeout=30)

            boss, wang, anyone = http(tokens["boss"]), http(tokens["wang"]), http("")
            drafts = [{"subject": "x", "channel": "chat", "queue": "vip", "text": "long " * 300} for _ in range(MANY)]
            theirs = [item["id"] for item in boss.post("/v1/tickets/batch", json={"items": drafts}).json()["items"]]
            seen = from_doc(boss.get(f"/v1/tickets/{theirs[0]}").json())
            author = Author("wang", clock.new_id, clock.now)

            def ticket(*, there: bool) -> str:
                return chance.choice(theirs) if there else clock.new_id()

            def read(*, there: bool) -> Ask:
                return lambda: wang.get(f"/v1/tickets/{ticket(there=there)}")

            def claim(*, there: bool) -> Ask:
                return lambda: wang.post(f"/v1/tickets/{ticket(there=there)}/claim")

            def push(*, there: bool) -> Ask:
                def send() -> httpx.Response:
                    op: ops.AnyOp = author.note(msgspec.structs.replace(seen, id=ticket(there=there)), "noted")
                    sent = wire.Push(clock.new_id(), [wire.to_item(op, mid=1, prev="")])
                    return wang.post("/v1/mutations", content=msgspec.json.encode(sent))

                return send

            def token(name: str = "") -> Ask:
                def send() -> httpx.Response:
                    sent = tokens[name] if name else "okp_" + secrets.token_urlsafe(32)
                    return anyone.get("/v1/me", headers={"Authorization": f"Bearer {sent}"})

                return send

            pairs = (
                ("nothing against nothing", read(there=False), read(there=False)),
                ("read: others' ticket against none", read(there=True), read(there=False)),
                ("claim: others' ticket against none", claim(there=True), claim(there=False)),
                ("note: others' ticket against none", push(there=True), push(there=False)),
                ("token: unknown against unknown", token(), token()),
                ("token: revoked against unknown", token("gone"), token()),
                ("token: user disabled against unknown", token("left"), token()),
            )
            for name, one, other in pairs:
                measured(one, other, 20, chance)
                print(told(name, measured(one, other, rounds, chance)), flush=True)


if __name__ == "__main__":
    main()
