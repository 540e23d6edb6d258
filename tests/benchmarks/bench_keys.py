"""Key to painted in the queue, through a real pseudo-terminal: many rows and live changes against a hundred quiet rows.

``python tests/benchmarks/bench_keys.py [--keys N] [--json]``. Each figure is a ratio to the limit of the same run, because
the machines differ; the limit is a queue of 100 rows in which nothing happens.
"""

from __future__ import annotations

import argparse
import asyncio
import fcntl
import json
import os
import pty
import random
import select
import signal
import statistics
import struct
import sys
import termios
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

NOW = datetime(2026, 11, 22, 6, 46, tzinfo=UTC)
FIRST = 1_000_000


class RowsOnly:
    """As much of a desk as the queue needs: rows by id, some of which change ``rate`` times a second."""

    def __init__(self, count: int, rate: int) -> None:
        from okpay_console.domain.author import Author
        from okpay_console.domain.queue import Row
        from okpay_console.domain.ticket import Sla

        self.me, self.role, self.queues = "agent", "agent", ()
        self.author = Author("agent", lambda: "", lambda: NOW)
        self.rate = rate
        self.known = {
            str(number): Row(
                id=str(number),
                number=FIRST + number,
                subject=f"已扣款未到账，第 {number % 7} 次来电询问",
                channel="hotline",
                category="TXN",
                sla=Sla(resolve_due=NOW + timedelta(seconds=number), responded_at=NOW),
                created_at=NOW,
                updated_at=NOW,
            )
            for number in range(count)
        }

    def rows(self) -> Mapping[str, Any]:
        return self.known

    def views(self) -> tuple[()]:
        return ()

    def look(self, ticket_id: str, *, writing: bool = False) -> None:
        """Nobody else is there."""

    def daybook(self) -> tuple[()]:
        return ()

    def seen(self) -> dict[str, datetime]:
        return {}

    def draft(self, ticket_id: str, kind: str) -> str:
        return ""

    def pending_ids(self) -> tuple[str, ...]:
        return ()

    def status(self) -> Any:
        return SimpleNamespace(state="online", last_sync_at=NOW, pending=0, reviews=0, since=NOW, code="", disk="")

    async def change(self, listener: Callable[[Any], None]) -> None:
        """Changes rows all over the list, a hundred times a second, in even parts."""
        from msgspec.structs import replace

        ids, dice = list(self.known), random.Random(1)
        while self.rate:
            await asyncio.sleep(0.01)
            moved = [dice.choice(ids) for _ in range(self.rate // 100)]
            for ticket in moved:
                self.known[ticket] = replace(self.known[ticket], updated_at=NOW, subject=f"更新 {dice.random():.4f}")
            listener(SimpleNamespace(tickets=frozenset(moved), everything=False, link=False, daybook=False))


def child(count: int, rate: int) -> None:
    """The console in this terminal, over so many rows."""
    import gc

    gc.disable()
    os.environ.setdefault("TEXTUAL_FPS", "120")
    from okpay_console.tui.app import ConsoleApp
    from okpay_console.tui.desk_model import Start

    desk = RowsOnly(count, rate)
    tasks = []

    async def open_desk(listener: Callable[[Any], None]) -> Any:
        tasks.append(asyncio.create_task(desk.change(listener)))
        return desk

    ConsoleApp(Start(me="agent", open_desk=open_desk, now=lambda: NOW)).run()


class Terminal:
    """One console behind a pseudo-terminal of 120 by 36."""

    def __init__(self, count: int, rate: int) -> None:
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.environ.update(TERM="xterm-256color", COLORTERM="truecolor")
            os.execv(sys.executable, [sys.executable, __file__, "--child", str(count), "--rate", str(rate)])
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", 36, 120, 0, 0))

    def until(self, text: bytes, seconds: float = 60.0) -> float:
        """Seconds until the terminal has been sent ``text``."""
        began, seen = time.perf_counter(), b""
        while text not in seen:
            left = began + seconds - time.perf_counter()
            if left <= 0 or not select.select([self.fd], [], [], left)[0]:
                raise TimeoutError(f"{text!r} did not come")
            seen += os.read(self.fd, 1 << 16)
        return time.perf_counter() - began

    def settle(self, seconds: float) -> None:
        """Reads what still comes, for so long."""
        end = time.perf_counter() + seconds
        while time.perf_counter() < end:
            if select.select([self.fd], [], [], 0.02)[0]:
                os.read(self.fd, 1 << 16)

    def key(self, data: bytes, text: bytes) -> float:
        os.write(self.fd, data)
        return self.until(text)

    def close(self) -> None:
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        os.close(self.fd)


def measure(cases: list[tuple[int, int]], keys: int) -> list[list[float]]:
    """Milliseconds from key to painted for each (rows, updates per second), while the cursor walks and then scrolls down.

    Key by key in turn, so that whatever else the machine does falls on all of them alike.
    """
    terminals = [Terminal(count, rate) for count, rate in cases]
    try:
        for terminal, (count, _) in zip(terminals, cases, strict=True):
            terminal.until(str(FIRST).encode())
            terminal.settle(3.0 + count / 10_000)
        taken: list[list[float]] = [[] for _ in cases]
        for at in range(1, min(keys, 99) + 1):
            for found, terminal in zip(taken, terminals, strict=True):
                # What came since the last key is read first: an even hand on the keyboard, and an empty pipe.
                terminal.settle(0.03)
                found.append(terminal.key(b"\x1b[B", str(FIRST + at).encode()) * 1000)
        return taken
    finally:
        for terminal in terminals:
            terminal.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--keys", type=int, default=90)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--child", type=int)
    parser.add_argument("--rate", type=int, default=0)
    parser.add_argument(
        "--cases", type=lambda text: [tuple(map(int, case.split("x"))) for case in text.split(",")],
        default=[(10_000, 0), (100_000, 0), (100_000, 1000)], help="rows x updates per second, e.g. 10000x0,100000x1000",
    )  # fmt: skip
    given = parser.parse_args()
    if given.child is not None:
        child(given.child, given.rate)
        return
    for count, rate in given.cases:
        limit, taken = measure([(100, 0), (count, rate)], given.keys)
        base, median = statistics.median(limit), statistics.median(taken)
        p95 = statistics.quantiles(taken, n=20)[18]
        if given.json:
            told = {"rows": count, "updates_per_s": rate, "median_ms": median, "p95_ms": p95, "limit_ms": base}
            print(json.dumps({**told, "ratio": median / base}))
        else:
            print(
                f"{count:>7} rows, {rate:>4} updates/s: median {median:5.1f} ms, p95 {p95:5.1f} ms; "
                f"100 quiet rows {base:5.1f} ms; ratio {median / base:.2f}"
            )


if __name__ == "__main__":
    main()
