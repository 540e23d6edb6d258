"""Process start to first frame: the console with real cached tickets against a minimal Textual app, in the same run.

Both run in a pseudo-terminal of 120x36; the clock stops when the marker's bytes leave the program. Runs alternate, so that a
drifting machine hurts both alike. Prints medians and their ratio; judges nothing.

    python tests/benchmarks/bench_start.py [--tickets 10000] [--runs 15] [--json]
"""

from __future__ import annotations

import argparse
import fcntl
import json
import os
import pty
import select
import signal
import statistics
import struct
import subprocess
import sys
import tempfile
import termios
import time
from pathlib import Path

MINIMAL = """
from textual.app import App
from textual.widgets import Label
class Minimal(App):
    def compose(self):
        yield Label("MARKER-0")
Minimal().run()
"""


def first_frame(command: list[str], env: dict[str, str], marker: bytes, *, patience: float = 30.0) -> float:
    """Seconds from fork to the marker on the terminal; the program is then ended."""
    began = time.perf_counter()
    pid, terminal = pty.fork()
    if pid == 0:
        os.execvpe(command[0], command, env)
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 36, 120, 0, 0))
    seen = b""
    try:
        while marker not in seen:
            if time.perf_counter() - began > patience:
                raise SystemExit(
                    f"no first frame within {patience:.0f} s; the terminal got:\n{seen[-2000:].decode(errors='replace')}"
                )
            if select.select([terminal], [], [], 0.5)[0]:
                seen += os.read(terminal, 1 << 16)
        return time.perf_counter() - began
    finally:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        os.close(terminal)


def filled_console(folder: Path, tickets: int) -> dict[str, str]:
    """A data directory with ``tickets`` cached tickets, filled by a real server and one real sync, and its environment."""
    # An installed program is compiled; a checkout whose machine forbids bytecode would measure the compiler instead.
    left_out = ("OKPAY_", "PYTHONDONTWRITEBYTECODE")
    env = {key: value for key, value in os.environ.items() if not key.startswith(left_out)}
    env |= {
        "TERM": "xterm-256color",
        "COLORTERM": "truecolor",
        "LC_ALL": "C.UTF-8",
        "OKPAY_LANG": "zh",
        "OKPAY_DATA_DIR": str(folder),
    }
    env["OKPAY_CONFIG"] = str(folder / "settings.toml")
    program = [sys.executable, "-m", "okpay_console"]

    def run(*words: str) -> list[dict[str, object]]:
        done = subprocess.run([*program, *words, "--json"], env=env, capture_output=True, text=True, check=True)
        return [json.loads(line) for line in done.stdout.splitlines()]

    def token(who: str, role: str) -> str:
        return str(run("admin", "user", "add", who, "--role", role)[0]["token"])

    importer, agent = token("importer", "integration"), token("wang", "agent")
    server = subprocess.Popen([*program, "serve", "--port", "0", "--json"], env=env, stdout=subprocess.PIPE, text=True)
    try:
        assert server.stdout is not None
        env["OKPAY_SERVER"] = json.loads(server.stdout.readline())["url"]
        table = folder / "tickets.csv"
        lines = [f"e{n},MARKER-1 第{n}次转账未到账,hotline" for n in range(tickets)]
        table.write_text("external_id,subject,channel\n" + "\n".join(lines), encoding="utf-8")
        env["OKPAY_TOKEN"] = importer
        run("import", "tickets", str(table))
        env["OKPAY_TOKEN"] = agent
        run("sync")
        # Opened once, as an agent would have: compiled modules and the first screen's snapshot are in place.
        first_frame(program, env, b"MARKER-1")
    finally:
        server.terminate()
        server.wait()
    return env


def main() -> None:
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("--tickets", type=int, default=10_000)
    words.add_argument("--runs", type=int, default=15)
    words.add_argument("--json", action="store_true")
    asked = words.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        env = filled_console(Path(folder), asked.tickets)
        minimal, console = [], []
        for _ in range(asked.runs + 1):
            minimal.append(first_frame([sys.executable, "-c", MINIMAL], env, b"MARKER-0"))
            console.append(first_frame([sys.executable, "-m", "okpay_console"], env, b"MARKER-1"))
    limit, ours = statistics.median(minimal[1:]), statistics.median(console[1:])
    report = {
        "tickets": asked.tickets,
        "minimal_ms": round(limit * 1e3, 1),
        "console_ms": round(ours * 1e3, 1),
        "ratio": round(ours / limit, 3),
        "ratio_of_pairs": round(statistics.median(c / m for c, m in zip(console[1:], minimal[1:], strict=True)), 3),
    }
    print(json.dumps(report) if asked.json else "\n".join(f"{key:>16}  {value}" for key, value in report.items()))


if __name__ == "__main__":
    main()
