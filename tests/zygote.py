"""A process that has imported the program and forks for each command: real processes without the cost of a start each."""

from __future__ import annotations

import atexit
import contextlib
import functools
import gc
import json
import os
import socket
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).resolve().parents[1]
PARTS = (
    "okpay_console.__main__", "okpay_console.cli.parser", "okpay_console.cli.ticket", "okpay_console.cli.act",
    "okpay_console.cli.sync", "okpay_console.wiring.desk", "okpay_console.sync.engine", "okpay_console.remote.api",
    "okpay_console.local.database", "okpay_console.content.rules", "okpay_console.server.users",
    "okpay_console.server.db", "okpay_console.server.migrations",
)  # fmt: skip
"""What most commands import; a part that is gone one day only makes them slower."""


class Ended(NamedTuple):
    """A command that has ended, as ``subprocess.CompletedProcess`` has it."""

    returncode: int
    stdout: bytes
    stderr: bytes


class Zygote:
    """One per process of the tests, begun with its first command; commands run one after another."""

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

    def run(self, words: Sequence[str], *, data: bytes, env: Mapping[str, str], timeout: float) -> Ended:
        """The command with exactly this environment; ``TimeoutError`` after so many seconds."""
        with tempfile.TemporaryFile() as given, tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
            given.write(data)
            given.seek(0)
            asked = json.dumps({"words": [*words], "env": dict(env)}, ensure_ascii=True).encode()
            self._line.settimeout(timeout)
            socket.send_fds(self._line, [len(asked).to_bytes(8, "big")], [given.fileno(), out.fileno(), err.fileno()])
            self._line.sendall(asked)
            status = int(self._replies.readline())
            out.seek(0)
            err.seek(0)
            return Ended(status, out.read(), err.read())

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
        child = os.fork()
        if child == 0:
            line.close()
            _become(json.loads(b"".join(parts)), fds)
        for fd in fds:
            os.close(fd)
        _, status = os.waitpid(child, 0)
        line.sendall(b"%d\n" % os.waitstatus_to_exitcode(status))


def _become(asked: dict[str, Any], fds: Sequence[int]) -> None:
    """Runs the command in this process and ends it."""
    status = 70
    try:
        for number, fd in enumerate(fds):
            os.dup2(fd, number)
            os.close(fd)
        os.environ.clear()
        os.environ.update(asked["env"])
        sys.argv = ["okpay-console", *asked["words"]]
        from okpay_console.__main__ import main

        status = main()
    except SystemExit as left:
        status = left.code if isinstance(left.code, int) else 0 if left.code is None else 1
    finally:
        for stream in (sys.stdout, sys.stderr):
            with contextlib.suppress(OSError, ValueError):
                stream.flush()
        os._exit(status)


if __name__ == "__main__":
    import importlib

    for part in PARTS:
        with contextlib.suppress(ImportError):
            importlib.import_module(part)
    gc.freeze()
    _serve(socket.socket(fileno=int(sys.argv[1])))
