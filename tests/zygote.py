"""A process that has imported the program and forks for each command: real processes without the cost of a start each."""

from __future__ import annotations

import atexit
import contextlib
import functools
import gc
import importlib
import json
import os
import runpy
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import traceback
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).resolve().parents[1]
PARTS = (
    "okpay_console.__main__", "okpay_console.cli.parser", "okpay_console.cli.ticket", "okpay_console.cli.act",
    "okpay_console.cli.sync", "okpay_console.wiring.desk", "okpay_console.sync.engine", "okpay_console.remote.api",
    "okpay_console.local.database", "okpay_console.content.rules", "okpay_console.server.users",
    "okpay_console.server.db", "okpay_console.server.migrations", "okpay_console.cli.vault", "okpay_console.cli.login",
    "okpay_console.local.vault", "cryptography.hazmat.primitives.ciphers.aead",
    "cryptography.hazmat.primitives.kdf.argon2",
)  # fmt: skip
"""What most commands import; a part that is gone one day only makes them slower."""


class Ended(NamedTuple):
    """A command that has ended, as ``subprocess.CompletedProcess`` has it."""

    returncode: int
    stdout: bytes
    stderr: bytes


class Running:
    """A command that runs beside the test, with what ``subprocess.Popen`` calls alike; its standard error is a file."""

    def __init__(self, zygote: Zygote, pid: int, given: int, out: int, err: Any) -> None:
        self.pid = pid
        self.returncode: int | None = None
        self.stdin = open(given, "w", encoding="utf-8")  # noqa: SIM115 (closed by ``communicate`` and ``wait``)
        self.stdout = open(out, encoding="utf-8")  # noqa: SIM115
        self._err = err
        self._zygote = zygote

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)

    def poll(self) -> int | None:
        if self.returncode is None:
            status = self._zygote.ask({"poll": self.pid})
            self.returncode = None if status == ALIVE else status
        return self.returncode

    def wait(self, timeout: float = 60.0) -> int:
        """The exit status; a command that takes longer is killed, and that is a ``TimeoutError``."""
        with self.limited(timeout):
            if self.returncode is None:
                self.returncode = self._zygote.ask({"wait": self.pid})
        for stream in (self.stdin, self.stdout):
            with contextlib.suppress(OSError):
                stream.close()
        return self.returncode

    def communicate(self, timeout: float = 60.0) -> tuple[str, str]:
        """What it says until it ends, its input closed first."""
        with self.limited(timeout):
            with contextlib.suppress(OSError):
                self.stdin.close()
            out = self.stdout.read()
        self.wait(timeout)
        return out, self.errors()

    def errors(self) -> str:
        """What stands on its standard error by now."""
        self._err.seek(0)
        return self._err.read().decode("utf-8", "replace")

    @contextlib.contextmanager
    def limited(self, seconds: float) -> Any:
        """Kills the command where what is done inside takes longer: ``TimeoutError``."""
        late = threading.Event()

        def end() -> None:
            late.set()
            os.kill(self.pid, signal.SIGKILL)

        timer = threading.Timer(seconds, end)
        timer.start()
        try:
            yield
        finally:
            timer.cancel()
        if late.is_set():
            raise TimeoutError(f"not done within {seconds:g} s: {self.errors()}")


ALIVE = -1000
"""What is answered for a process that has not ended."""


class Zygote:
    """One per process of the tests, begun with its first command; forks a process for each."""

    def __init__(self) -> None:
        here, there = socket.socketpair()
        keep = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR") if name in os.environ}
        self._process = subprocess.Popen(
            [sys.executable, __file__, str(there.fileno())],
            env={**keep, "LC_ALL": "C.UTF-8", "PYTHONPATH": str(ROOT)},
            pass_fds=[there.fileno()],
            stdin=subprocess.DEVNULL,
        )
        there.close()
        self._line = here
        self._replies = here.makefile("rb")

    def run(
        self, words: Sequence[str], *, data: bytes, env: Mapping[str, str], timeout: float, script: str = ""
    ) -> Ended:
        """The command with exactly this environment; ``TimeoutError`` after so many seconds.

        ``script`` is a file that is run in its place, with the same words.
        """
        with tempfile.TemporaryFile() as given, tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
            given.write(data)
            given.seek(0)
            fds = (given.fileno(), out.fileno(), err.fileno())
            status = self.ask({"words": [*words], "env": dict(env), "script": script}, fds, timeout=timeout)
            out.seek(0)
            err.seek(0)
            return Ended(status, out.read(), err.read())

    def begin(
        self, words: Sequence[str], *, env: Mapping[str, str], script: str = "", parts: Sequence[str] = ()
    ) -> Running:
        """The command, or the script, as a running process; ``parts`` are imported before, once for all that follow."""
        theirs, mine = os.pipe()
        ours, out = os.pipe()
        err = tempfile.TemporaryFile()  # noqa: SIM115 (closed with who reads it)
        asked = {"words": [*words], "env": dict(env), "script": script, "parts": [*parts], "begin": True}
        pid = self.ask(asked, (theirs, out, err.fileno()))
        os.close(theirs)
        os.close(out)
        return Running(self, pid, mine, ours, err)

    def ask(self, asked: Mapping[str, Any], fds: Sequence[int] = (), *, timeout: float | None = None) -> int:
        """One request to the process that forks, and its answer: a number."""
        said = json.dumps(asked, ensure_ascii=True).encode()
        self._line.settimeout(timeout)
        socket.send_fds(self._line, [len(said).to_bytes(8, "big")], fds)
        self._line.sendall(said)
        return int(self._replies.readline())

    def stop(self) -> None:
        self._line.close()
        self._replies.close()
        self._process.wait(30)


@functools.cache
def zygote() -> Zygote:
    """The one of this process of the tests."""
    made = Zygote()
    atexit.register(made.stop)
    return made


def _serve(line: socket.socket) -> None:
    while True:
        head, fds, _, _ = socket.recv_fds(line, 8, 3)
        if not head:
            return
        rest = int.from_bytes(head, "big")
        parts = []
        while rest:
            parts.append(line.recv(rest))
            rest -= len(parts[-1])
        line.sendall(b"%d\n" % _answer(line, json.loads(b"".join(parts)), fds))


def _answer(line: socket.socket, asked: dict[str, Any], fds: Sequence[int]) -> int:
    if "poll" in asked:
        pid, status = os.waitpid(asked["poll"], os.WNOHANG)
        return os.waitstatus_to_exitcode(status) if pid else ALIVE
    if "wait" in asked:
        return os.waitstatus_to_exitcode(os.waitpid(asked["wait"], 0)[1])
    wanted = [part for part in asked.get("parts", ()) if part not in sys.modules]
    if wanted:
        for part in wanted:
            importlib.import_module(part)
        gc.freeze()
    child = os.fork()
    if child == 0:
        line.close()
        _become(asked, fds)
    for fd in fds:
        os.close(fd)
    return child if asked.get("begin") else os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def _become(asked: dict[str, Any], fds: Sequence[int]) -> None:
    """Runs the command in this process and ends it."""
    status = 70
    try:
        for number, fd in enumerate(fds):
            os.dup2(fd, number)
            os.close(fd)
        if asked.get("begin"):
            # The old ones were made for files, and these are pipes.
            sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115
            sys.stdout = open(1, "w", encoding="utf-8", closefd=False)  # noqa: SIM115
            sys.stderr = open(2, "w", buffering=1, encoding="utf-8", errors="replace", closefd=False)  # noqa: SIM115
        os.environ.clear()
        os.environ.update(asked["env"])
        time.tzset()
        sys.path[1:1] = [*filter(None, asked["env"].get("PYTHONPATH", "").split(os.pathsep))]
        sys.argv = [asked.get("script") or "okpay-console", *asked["words"]]
        if asked.get("script"):
            sys.path[0] = str(Path(asked["script"]).parent)
            runpy.run_path(asked["script"], run_name="__main__")
            status = 0
        else:
            from okpay_console.__main__ import main

            status = main()
    except SystemExit as left:
        status = left.code if isinstance(left.code, int) else 0 if left.code is None else 1
    except BaseException:
        traceback.print_exc()
    finally:
        for stream in (sys.stdout, sys.stderr):
            with contextlib.suppress(OSError, ValueError):
                stream.flush()
        os._exit(status)


if __name__ == "__main__":
    for part in PARTS:
        with contextlib.suppress(ImportError):
            importlib.import_module(part)
    gc.freeze()
    _serve(socket.socket(fileno=int(sys.argv[1])))
