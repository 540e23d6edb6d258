"""Real processes for journeys: a server that can be cut and started again, headless commands, consoles in a terminal."""

from __future__ import annotations

import itertools
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

PROGRAM = [sys.executable, "-m", "okpay_console"]
PATIENCE = 60.0
_NUMBERS = itertools.count(1)


def until(holds: Callable[[], Any], what: str, patience: float = PATIENCE) -> Any:
    """Waits for a condition of another process, which can only be looked at; fails with what was awaited."""
    deadline = time.monotonic() + patience
    while True:
        found = holds()
        if found:
            return found
        if time.monotonic() > deadline:
            raise AssertionError(f"waited {patience:.0f} s in vain for: {what}")
        time.sleep(0.05)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class World:
    """One server and any number of people, each with a data directory of his own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.tokens: dict[str, str] = {}
        self.server: subprocess.Popen[str] | None = None

    def environment(self, who: str) -> dict[str, str]:
        kept = {key: value for key, value in os.environ.items() if not key.startswith("OKPAY_")}
        home = self.folder / who
        home.mkdir(exist_ok=True)
        return kept | {
            "HOME": str(home),
            "OKPAY_DATA_DIR": str(home / "data"),
            "OKPAY_CONFIG": str(home / "settings.toml"),
            "OKPAY_SERVER": self.url,
            "OKPAY_TOKEN": self.tokens.get(who, ""),
            "OKPAY_LANG": "zh",
            "LANG": "C.UTF-8",
            "LC_ALL": "C.UTF-8",
            "PYTHONUTF8": "1",
        }

    def run(self, who: str, *words: str, text: str | None = None, status: int | None = 0) -> list[Any]:
        """Runs one headless command with --json and returns its documents."""
        done = subprocess.run(
            [*PROGRAM, *words, "--json"],
            env=self.environment(who),
            input=text,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        if status is not None:
            assert done.returncode == status, f"{words}: {done.returncode}\n{done.stdout}\n{done.stderr}"
        assert "Traceback" not in done.stderr
        return [json.loads(line) for line in done.stdout.splitlines()]

    def refusal(self, who: str, *words: str) -> str:
        """Runs one headless command that must fail with status 1, and returns what it said about it."""
        done = subprocess.run(
            [*PROGRAM, *words], env=self.environment(who), capture_output=True, text=True, check=False, timeout=120
        )
        assert done.returncode == 1, done.stdout + done.stderr
        return done.stderr

    def notes(self, who: str, ticket: str) -> list[str]:
        """The notes of one ticket as this person's console sees them."""
        (shown,) = self.run(who, "ticket", "show", ticket)
        return [entry["text"] for entry in shown["timeline"] if entry["kind"] == "note"]

    until = staticmethod(until)

    def hire(self, who: str, role: str = "agent") -> None:
        (added,) = self.run("server", "admin", "user", "add", who, "--role", role)
        self.tokens[who] = added["token"]

    def start(self) -> None:
        log = (self.folder / "server.log").open("a")
        self.server = subprocess.Popen(
            [*PROGRAM, "serve", "--host", "127.0.0.1", "--port", str(self.port), "--json"],
            env=self.environment("server"),
            stdout=log,
            stderr=subprocess.STDOUT,
            text=True,
        )
        until(self.answers, "the server to answer")

    def answers(self) -> bool:
        assert self.server is not None
        assert self.server.poll() is None, (self.folder / "server.log").read_text()
        with socket.socket() as probe:
            probe.settimeout(1)
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def cut(self, how: signal.Signals = signal.SIGKILL) -> None:
        if self.server is not None and self.server.poll() is None:
            self.server.send_signal(how)
            self.server.wait(20)
        self.server = None


class Terminal:
    """A console in a real terminal: tmux types the keys and reads the screen back."""

    def __init__(
        self, world: World, who: str, *, size: tuple[int, int] = (120, 36), words: tuple[str, ...] = ()
    ) -> None:
        # A terminal server of its own each: one that is ending would take a new session down with it.
        self.socket = str(world.folder / f"tmux-{who}-{next(_NUMBERS)}")
        self.name = who
        environment = world.environment(who) | {"TERM": "tmux-256color", "COLORTERM": "truecolor"}
        command = [
            part
            for key, value in environment.items()
            if key.startswith(("OKPAY_", "PYTHON"))
            for part in ("-e", f"{key}={value}")
        ]
        self._tmux(
            "-f", "/dev/null", "new-session", "-d", "-s", who, "-x", str(size[0]), "-y", str(size[1]), *command,
            *PROGRAM, *words, env=environment,
        )  # fmt: skip
        self._tmux("set-option", "-g", "remain-on-exit", "on")

    def _tmux(self, *words: str, env: dict[str, str] | None = None) -> str:
        done = subprocess.run(
            ["tmux", "-u", "-S", self.socket, *words], env=env, capture_output=True, text=True, check=True
        )
        return done.stdout

    def keys(self, *keys: str) -> None:
        """Named keys: F2, Enter, C-f, Escape, Down."""
        self._tmux("send-keys", "-t", self.name, *keys)

    def type(self, text: str) -> None:
        self._tmux("send-keys", "-t", self.name, "-l", text)

    def screen(self) -> str:
        return self._tmux("capture-pane", "-p", "-t", self.name)

    def shows(self, *texts: str, patience: float = 30.0) -> str:
        """Waits until every text is on the screen; returns the screen."""
        try:
            return str(
                until(lambda: (s := self.screen()) and all(text in s for text in texts) and s, f"{texts}", patience)
            )
        except AssertionError as error:
            raise AssertionError(f"{error}\n{self.screen()}") from None

    def shows_no(self, text: str, patience: float = 30.0) -> str:
        try:
            return str(until(lambda: text not in (s := self.screen()) and s, f"no {text}", patience))
        except AssertionError as error:
            raise AssertionError(f"{error}\n{self.screen()}") from None

    def pid(self) -> int:
        return int(self._tmux("display-message", "-p", "-t", self.name, "#{pane_pid}"))

    def end(self) -> None:
        subprocess.run(["tmux", "-S", self.socket, "kill-server"], capture_output=True, check=False)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = World(tmp_path)
    yield made
    made.cut()


@pytest.fixture
def terminal(world: World) -> Iterator[Callable[..., Terminal]]:
    """Opens consoles in a terminal and ends them all."""
    assert shutil.which("tmux"), "tmux is needed: install it with the system's package manager"
    opened: list[Terminal] = []

    def open_one(who: str, **options: Any) -> Terminal:
        opened.append(Terminal(world, who, **options))
        return opened[-1]

    yield open_one
    for one in opened:
        one.end()
