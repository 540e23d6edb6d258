"""Real processes for journeys: a server that can be cut and started again, headless commands, consoles in a terminal."""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest

from okpay_console.domain import ops, wire
from okpay_console.domain.author import Author
from okpay_console.domain.ticket import Caller
from okpay_console.local.drafts import Drafts
from okpay_console.local.store import open_store

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
        self.pushed: list[wire.Item] = []

    def environment(self, who: str, *, lang: str = "zh") -> dict[str, str]:
        # A process of the test runner's carries a size of its own, which would be believed before the terminal's.
        dropped = ("COLUMNS", "LINES")
        kept = {key: value for key, value in os.environ.items() if not key.startswith(("OKPAY_", *dropped))}
        home = self.folder / who
        home.mkdir(exist_ok=True)
        return kept | {
            "HOME": str(home),
            "OKPAY_DATA_DIR": str(home / "data"),
            "OKPAY_CONFIG": str(home / "settings.toml"),
            "OKPAY_SERVER": self.url,
            "OKPAY_TOKEN": self.tokens.get(who, ""),
            "OKPAY_LANG": lang,
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

    def draft(self, who: str, ticket: str, kind: str = "note") -> str:
        """The unfinished words on this person's disk, read beside his open console."""
        db = open_store(self.folder / who / "data" / "console.okdb", readonly=True)
        try:
            return Drafts(db).get(who, ticket, kind)
        finally:
            db.close()

    until = staticmethod(until)

    def ring(self, who: str, *, name: str, mobile: str, subject: str = "来电") -> str:
        """Somebody rings: what a telephone system tells the server through its public interface. Returns the ticket's id."""
        author = Author(who, lambda: str(uuid.uuid4()), lambda: datetime.now(UTC))
        op = author.new(subject=subject, channel="hotline", caller=Caller(name=name, mobile=mobile))
        call = author.mark(ops.apply(None, op, op.at), author.new_id(), "offered")
        sent = []
        for one in (op, call):
            last = self.pushed[-1] if self.pushed else None
            sent.append(wire.to_item(one, mid=last.mid + 1 if last else 1, prev=last.uuid if last else ""))
            self.pushed.append(sent[-1])
        reply = httpx.post(
            f"{self.url}/v1/mutations",
            content=msgspec.json.encode(wire.Push(client=who, items=sent)),
            headers={"Authorization": f"Bearer {self.tokens[who]}"},
        )
        assert [one["state"] for one in reply.json()["outcomes"]] == ["confirmed", "confirmed"], reply.text
        return op.ticket

    def doc(self, who: str, ticket: str) -> dict[str, Any]:
        """The ticket as the server has it."""
        reply = httpx.get(f"{self.url}/v1/tickets/{ticket}", headers={"Authorization": f"Bearer {self.tokens[who]}"})
        found: dict[str, Any] = reply.raise_for_status().json()
        return found

    def holds(self, look: Callable[[], Any], expected: Any) -> None:
        """Waits until ``look`` gives what is expected; fails with the difference."""
        with contextlib.suppress(AssertionError):
            until(lambda: look() == expected, "the server to hold it", 15.0)
        assert look() == expected

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
        self,
        world: World,
        who: str,
        *,
        size: tuple[int, int] = (120, 36),
        words: tuple[str, ...] = (),
        lang: str = "zh",
    ) -> None:
        # A terminal server of its own each: one that is ending would take a new session down with it.
        self.socket = str(world.folder / f"tmux-{who}-{next(_NUMBERS)}")
        self.name = who
        environment = world.environment(who, lang=lang) | {"TERM": "tmux-256color", "COLORTERM": "truecolor"}
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
        """What is on it, and of a console that has ended the line too that the terminal's own word about that scrolls off."""
        return self._tmux("capture-pane", "-p", "-S", "-1" if self.ended() else "0", "-t", self.name)

    def ended(self) -> bool:
        return self._tmux("display-message", "-p", "-t", self.name, "#{pane_dead}").strip() == "1"

    def shows(self, *texts: str, patience: float = 20.0) -> str:
        """Waits until every text is on the screen; returns the screen."""
        try:
            return str(
                until(lambda: (s := self.screen()) and all(text in s for text in texts) and s, f"{texts}", patience)
            )
        except AssertionError as error:
            raise AssertionError(f"{error}\n{self.screen()}") from None

    def shows_no(self, text: str, patience: float = 20.0) -> str:
        try:
            return str(until(lambda: text not in (s := self.screen()) and s, f"no {text}", patience))
        except AssertionError as error:
            raise AssertionError(f"{error}\n{self.screen()}") from None

    def pid(self) -> int:
        return int(self._tmux("display-message", "-p", "-t", self.name, "#{pane_pid}"))

    def end(self) -> None:
        subprocess.run(["tmux", "-S", self.socket, "kill-server"], capture_output=True, check=False)


@pytest.fixture(scope="session")
def staff(tmp_path_factory: pytest.TempPathFactory) -> World:
    """An agent and a telephone system, hired once: each journey begins with a copy of their server."""
    made = World(tmp_path_factory.mktemp("staff"))
    made.hire("wang")
    made.hire("telephony", "integration")
    return made


@pytest.fixture
def staffed(world: World, staff: World) -> World:
    """A running server on which ``wang`` and ``telephony`` have a token."""
    shutil.copytree(staff.folder / "server", world.folder / "server")
    world.tokens |= staff.tokens
    world.start()
    return world


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
