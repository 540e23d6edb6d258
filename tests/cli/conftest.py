"""A real server and a way to run the command line against it, as another program would."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from ..zygote import Ended, Running, zygote

NO_KEYRING = ("PYTHON_KEYRING_BACKEND", "keyring.backends.fail.Keyring")
COMMAND = [sys.executable, "-m", "okpay_console"]


class Done:
    """A finished command: exit status, and what stood on either stream."""

    def __init__(self, done: subprocess.CompletedProcess[bytes] | Ended) -> None:
        self.status = done.returncode
        self.out = done.stdout.decode("utf-8")
        self.err = done.stderr.decode("utf-8", "replace")

    @property
    def docs(self) -> list[Any]:
        """Standard output as documents; fails where anything else stands there."""
        return [json.loads(line) for line in self.out.splitlines()]

    @property
    def doc(self) -> Any:
        (only,) = self.docs
        return only


class Okp:
    """One person's command line: a data directory, a server and a token of their own.

    ``forks``: each command is a fork of a process that has the program imported already, where that can make no difference.
    """

    forks = hasattr(os, "fork")

    def __init__(self, home: Path, **variables: str) -> None:
        self.home = home
        keep = {name: os.environ[name] for name in ("PATH", "HOME", "SYSTEMROOT", "TMPDIR") if name in os.environ}
        self.env = {
            **keep,
            "LC_ALL": "C.UTF-8",
            "TERM": "xterm-256color",
            NO_KEYRING[0]: NO_KEYRING[1],
            "XDG_CONFIG_HOME": str(home / "no-settings"),
            "OKPAY_DATA_DIR": str(home),
            **variables,
        }

    def __call__(self, *arguments: str, stdin: str | bytes = b"", **variables: str) -> Done:
        data = stdin.encode() if isinstance(stdin, str) else stdin
        env = {**self.env, **variables}
        # Where a variable decides how Python itself starts, only a new interpreter is the real thing. The key store is
        # looked for when it is first needed, and more places to import from can be had at any time.
        later = {NO_KEYRING[0], "PYTHONPATH"}
        if self.forks and env["LC_ALL"] == "C.UTF-8" and {name for name in env if name.startswith("PYTHON")} <= later:
            return Done(zygote().run(arguments, data=data, env=env, timeout=120))
        return Done(
            subprocess.run(
                [*COMMAND, *arguments],
                input=data,
                capture_output=True,
                env=env,
                timeout=120,
                check=False,
            )
        )

    def start(self, *arguments: str, **variables: str) -> subprocess.Popen[bytes]:
        """The command as a running process with pipes."""
        return subprocess.Popen(
            [*COMMAND, *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**self.env, **variables},
        )


class House:
    """A server under ``url`` with a database of its own."""

    def __init__(self, url: str, home: Path) -> None:
        self.url = url
        self.home = home

    def user(self, name: str, role: str = "agent", *more: str) -> str:
        """Signs somebody up and returns the token."""
        added = Okp(self.home)("admin", "user", "add", name, "--role", role, *more, "--json")
        assert added.status == 0, added.err
        assert (added.doc["user"], added.doc["role"]) == (name, role)
        token: str = added.doc["token"]
        return token


@contextmanager
def serving(okp: Okp, *, port: str = "0") -> Iterator[str]:
    """``serve`` in a process of its own until the block ends; yields its address."""
    words = ("serve", "--port", port, "--json")
    process: Running | subprocess.Popen[bytes] = (
        zygote().begin(words, env=okp.env, parts=["okpay_console.cli.admin", "okpay_console.server.run"])
        if okp.forks
        else okp.start(*words)
    )
    assert process.stdout is not None
    try:
        yield json.loads(process.stdout.readline())["url"]
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=30)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    home = tmp_path_factory.mktemp("server")
    with serving(Okp(home)) as url:
        yield House(url, home)


@pytest.fixture(scope="module")
def desk(house: House, tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Okp]:
    """Makes a signed-in person with a fresh data directory; the same name twice is the same person at two machines."""
    tokens: dict[str, str] = {}

    def make(name: str, role: str = "agent", **variables: str) -> Okp:
        if name not in tokens:
            tokens[name] = house.user(name, role)
        home = tmp_path_factory.mktemp(name)
        return Okp(home, OKPAY_SERVER=house.url, OKPAY_TOKEN=tokens[name], **variables)

    return make
