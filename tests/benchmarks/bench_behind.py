"""How far the wall is behind the server: seconds from a ticket's reply to its count on the screen, with many tickets there.

python tests/benchmarks/bench_behind.py [--tickets N] [--changes N]

A real server, a real import, and ``okpay-console wall`` in tmux, whose screen is read every 30 ms. The limit is two seconds.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import random
import re
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import uuid
from pathlib import Path
from typing import Any

import httpx

LIMIT_S = 2.0
PROGRAM = (sys.executable, "-m", "okpay_console")


class Place:
    """A server and one screen, each with a data directory of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.tokens: dict[str, str] = {}

    def environment(self, who: str) -> dict[str, str]:
        home = self.folder / who
        home.mkdir(exist_ok=True)
        return {
            "HOME": str(home), "OKPAY_DATA_DIR": str(home / "data"), "OKPAY_CONFIG": str(home / "settings.toml"),
            "OKPAY_SERVER": self.url, "OKPAY_TOKEN": self.tokens.get(who, ""), "OKPAY_LANG": "en", "LANG": "C.UTF-8",
        }  # fmt: skip

    def run(self, who: str, *words: str) -> list[Any]:
        told = subprocess.run(
            [*PROGRAM, *words, "--json"],
            env={**os.environ, **self.environment(who)},
            capture_output=True,
            text=True,
            check=True,
        )
        return [json.loads(line) for line in told.stdout.splitlines()]

    def tmux(self, *words: str) -> str:
        return subprocess.run(
            ["tmux", "-S", str(self.folder / "tmux"), *words], capture_output=True, text=True, check=True
        ).stdout

    def open(self) -> int | None:
        """The number of open tickets on the screen, None where there is none."""
        found = re.search(r"^[ >]+Open +(\d+)", self.tmux("capture-pane", "-p"), re.MULTILINE)
        return int(found[1]) if found else None

    def wait(self, wanted: Any, patience: float = 300.0) -> float:
        began = time.monotonic()
        while not wanted(self.open()):
            if time.monotonic() - began > patience:
                raise SystemExit(f"the wall shows {self.open()}\n{self.tmux('capture-pane', '-p')}")
            time.sleep(0.03)
        return time.monotonic() - began


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tickets", type=int, default=100_000)
    parser.add_argument("--changes", type=int, default=25)
    asked = parser.parse_args()
    chance = random.Random(1)
    with tempfile.TemporaryDirectory() as name:
        place = Place(Path(name))
        for who, role in (("boss", "supervisor"), ("bot", "integration")):
            place.tokens[who] = place.run("server", "admin", "user", "add", who, "--role", role)[0]["token"]
        told = (place.folder / "log").open("w")
        serve = [*PROGRAM, "serve", "--port", str(place.port)]
        with subprocess.Popen(
            serve, env={**os.environ, **place.environment("server")}, stdout=told, stderr=told
        ) as server:
            try:
                lags = measured(place, asked.tickets, asked.changes, chance)
            finally:
                subprocess.run(["tmux", "-S", str(place.folder / "tmux"), "kill-server"], check=False)
                server.terminate()
    worst = max(lags)
    print(
        f"{asked.tickets:,} tickets, {len(lags)} changes: median {statistics.median(lags):.2f} s, worst {worst:.2f} s"
    )
    print(f"worst / limit of {LIMIT_S:g} s = {worst / LIMIT_S:.2f}")
    return 0 if worst <= LIMIT_S else 1


def measured(place: Place, count: int, changes: int, chance: random.Random) -> list[float]:
    """Seconds from each reply to the number on the wall."""
    old = place.folder / "old.csv"
    with old.open("w", newline="") as file:
        out = csv.writer(file)
        out.writerow(["subject", "channel", "category"])
        for number in range(count):
            out.writerow(
                [f"payment {number}", chance.choice(("hotline", "chat", "email")), chance.choice(("TXN", "TECH"))]
            )
    with httpx.Client(base_url=place.url, headers={"Authorization": f"Bearer {place.tokens['bot']}"}) as bot:
        while True:
            try:
                bot.get("/v1/me").raise_for_status()
                break
            except httpx.TransportError:
                time.sleep(0.1)
        place.run("bot", "import", "tickets", str(old))
        place.run("boss", "sync")
        own = (part for key, value in place.environment("boss").items() for part in ("-e", f"{key}={value}"))
        place.tmux("new-session", "-d", "-x", "120", "-y", "50", *own, *PROGRAM, "wall")
        place.wait(lambda shown: shown == count)
        # The first reading of so many goes on behind the number that was kept.
        time.sleep(20)
        lags = []
        for number in range(changes):
            body = {"subject": f"new {number}", "channel": "chat", "category": "TXN"}
            bot.post("/v1/tickets", json=body, headers={"Idempotency-Key": str(uuid.uuid4())}).raise_for_status()
            lags.append(place.wait(lambda shown, number=number: shown == count + number + 1, 30.0))
            time.sleep(chance.uniform(0.5, 2.5))
        return lags


if __name__ == "__main__":
    sys.exit(main())
