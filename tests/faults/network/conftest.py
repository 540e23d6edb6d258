"""Real processes with a bad network between them: a server, consoles as headless commands, and the four things to hold."""

from __future__ import annotations

import asyncio
import importlib.util
import itertools
import json
import os
import shutil
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

import httpx
import msgspec
import pytest

from okpay_console import wiring
from okpay_console.config import Settings
from okpay_console.domain import wire
from okpay_console.domain.author import Author
from okpay_console.server import users

from ...zygote import zygote

HERE = Path(__file__).parent
PROGRAM = [sys.executable, "-m", "okpay_console"]
PATIENCE = 60.0
ANSWER_S = 1.5
"""Instead of the 15 s that an answer may take: where nothing ever comes, a case ends after this."""
SILENCE_S = 1.5
"""Instead of the 45 s that a stream may be silent; the servers here ping four times as often."""
_NUMBERS = itertools.count(1)


def _load(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"faults_network_{name}", HERE / f"{name}.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def faults() -> Any:
    """The proxy and its faults."""
    return _load("proxy")


def until(holds: Callable[[], Any], what: str, patience: float = PATIENCE) -> Any:
    """Waits for a condition of another process, which can only be looked at; fails with what was awaited."""
    deadline = time.monotonic() + patience
    while not (found := holds()):
        assert time.monotonic() < deadline, f"waited {patience:.0f} s in vain for: {what}"
        time.sleep(0.05)
    return found


class Done(NamedTuple):
    """What a command left behind: exit status, documents, and its words on standard error."""

    status: int
    docs: list[dict[str, Any]]
    said: str


class Console:
    """One person's machine: every command is a process of its own over the same data directory."""

    def __init__(self, house: House, who: str, url: str, *, home: Path, **settings: Any) -> None:
        self.house = house
        self.who = who
        self.url = url
        self.home = home
        self.written: list[tuple[str, str]] = []
        """Acknowledged on this disk: ticket and words (of a note, or the subject of a new ticket)."""
        settings = {"answer_seconds": ANSWER_S, "silence_seconds": SILENCE_S} | settings
        home.mkdir(exist_ok=True)
        lines = (f"{key} = {json.dumps(value)}" for key, value in settings.items())
        (home / "settings.toml").write_text("\n".join(lines) + "\n", encoding="utf-8")

    def environment(self, **more: str) -> dict[str, str]:
        dropped = ("COLUMNS", "LINES", "SSL_CERT_FILE")
        kept = {key: value for key, value in os.environ.items() if not key.startswith(("OKPAY_", *dropped))}
        return kept | {
            "HOME": str(self.home),
            "OKPAY_DATA_DIR": str(self.home / "data"),
            "OKPAY_CONFIG": str(self.home / "settings.toml"),
            "OKPAY_SERVER": self.url,
            "OKPAY_TOKEN": self.house.tokens[self.who],
            "OKPAY_LANG": "zh",
            "LANG": "C.UTF-8",
            "LC_ALL": "C.UTF-8",
            "PYTHONUTF8": "1",
            **more,
        }

    def begin(self, *words: str, text: str | None = None, program: str = "", **more: str) -> Any:
        """Starts a command with --json; ``program`` is a script beside this one that runs it on another kind of machine."""
        running = subprocess.Popen(
            [*([sys.executable, str(HERE / program)] if program else PROGRAM), *words, "--json"],
            env=self.environment(**more),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        if text is not None:
            assert running.stdin is not None
            running.stdin.write(text)
            running.stdin.flush()
        return running

    def end(self, running: Any) -> Done:
        out, err = running.communicate(timeout=PATIENCE)
        return self.ended(running.returncode, out, err)

    def ended(self, status: int, out: str, err: str) -> Done:
        assert "Traceback" not in err and "程序内部出错" not in err, err
        return Done(status, [json.loads(line) for line in out.splitlines()], err)

    def run(self, *words: str, text: str | None = None, **how: str) -> Done:
        """Runs one command; it may fail, but it never breaks and never hangs."""
        if how:
            done = self.end(self.begin(*words, text=text, **how))
        else:
            data = (text or "").encode()
            ended = zygote().run([*words, "--json"], data=data, env=self.environment(), timeout=PATIENCE)
            done = self.ended(ended.returncode, ended.stdout.decode(), ended.stderr.decode())
        self._keep(words, text, done)
        return done

    def _keep(self, words: tuple[str, ...], text: str | None, done: Done) -> None:
        """What the command said is kept is owed from now on."""
        if words[:2] not in (("ticket", "new"), ("ticket", "note")):
            return
        said = text.splitlines() if text is not None else [words[-1]]
        for words_, doc in zip(said, done.docs, strict=False):
            # A new ticket is shown whole, an operation by what became of it.
            if doc.get("state", "queued") in ("queued", "confirmed"):
                self.written.append((doc["ticket"] if "state" in doc else doc["id"], words_))

    def new(self, **how: Any) -> Done:
        """A new ticket, whose subject is found nowhere else."""
        return self.run("ticket", "new", "--channel", "chat", "--subject", f"问题{next(_NUMBERS)}号", **how)

    def note(self, ticket: str, *, count: int = 1, **how: Any) -> Done:
        """So many notes on a ticket in one command, each in words of its own."""
        return self.run(
            "ticket", "note", ticket, "-", text="".join(f"备注{next(_NUMBERS)}号\n" for _ in range(count)), **how
        )

    def sync(self, **how: Any) -> Done:
        """One round; the document says how the link stands."""
        done = self.run("sync", **how)
        assert len(done.docs) == 1, done
        return done

    @property
    def settings(self) -> Settings:
        return Settings(server=self.url, data_dir=str(self.home / "data"), token=self.house.tokens[self.who])

    def holds(self) -> dict[str, Any]:
        """The server's documents as this machine's disk has them."""
        return wiring.documents(self.settings)

    def tray(self) -> list[str]:
        """The words of what the server did not take."""
        with wiring.reading(self.settings) as picture:
            return [one.words for one in picture.outbox.reviews()]

    def waiting(self) -> int:
        with wiring.reading(self.settings) as picture:
            return len(picture.outbox)

    def client(self) -> str:
        with wiring.reading(self.settings) as picture:
            return picture.outbox.client

    def copy(self) -> Console:
        """The same person on a machine with a copy of this one's data, as it is now."""
        home = self.home.with_name(f"{self.home.name}-{next(_NUMBERS)}")
        shutil.copytree(self.home, home)
        twin = Console(self.house, self.who, self.url, home=home)
        twin.written = list(self.written)
        return twin


class House:
    """A server process with its database; it can be stopped, killed, put back and started again on the same port."""

    def __init__(self, folder: Path, **settings: float) -> None:
        self.folder = folder
        self.database = folder / "server.db"
        self.settings = {"ping_s": 0.3, "poll_s": 0.05, "floor_s": 0.0} | settings
        self.tokens: dict[str, str] = {}
        self.port = 0
        self.process: subprocess.Popen[str] | None = None

    def hire(self, who: str, role: str = "agent", **how: Any) -> str:
        """A person with a token; returns the name."""
        self.tokens[who] = asyncio.run(users.add_user(str(self.database), who, role, **how)).token
        return who

    def start(self) -> None:
        words = [f"{key}={value}" for key, value in self.settings.items()]
        self.process = subprocess.Popen(
            [sys.executable, str(HERE / "serving.py"), str(self.database), str(self.port), *words],
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout is not None
        url = self.process.stdout.readline().strip()
        assert url, "the server did not start"
        self.port = int(url.rpartition(":")[2])

    def stop(self, how: signal.Signals = signal.SIGTERM) -> None:
        if self.process is not None:
            self.process.send_signal(how)
            self.process.wait(20)
            assert self.process.stdout is not None
            self.process.stdout.close()
            self.process = None

    def http(self, who: str) -> httpx.Client:
        """Past the proxy, straight to the server."""
        return httpx.Client(
            base_url=f"http://127.0.0.1:{self.port}",
            headers={"Authorization": f"Bearer {self.tokens[who]}"},
            timeout=20,
        )

    def truth(self, who: str) -> dict[str, dict[str, Any]]:
        """Every ticket as the server shows it to this person."""
        docs: dict[str, dict[str, Any]] = {}
        cursor, more = "", True
        with self.http(who) as http:
            while more:
                page = http.get("/v1/sync", params={"cursor": cursor} if cursor else {}).raise_for_status().json()
                docs |= {change["id"]: change["doc"] for change in page["changes"] if not change.get("gone")}
                cursor, more = page["cursor"], page["more"]
        return docs

    def tell(self, who: str, make: Callable[[Author], Any], *, client: str = "") -> str:
        """One operation from elsewhere, which must be taken; returns its ticket."""
        author = Author(who, lambda: str(uuid.uuid4()), lambda: datetime.now(UTC))
        op = make(author)
        push = wire.Push(client or str(uuid.uuid4()), [wire.to_item(op, mid=1, prev="")])
        with self.http(who) as http:
            reply = http.post("/v1/mutations", content=msgspec.json.encode(push)).json()
        assert [one["state"] for one in reply["outcomes"]] == ["confirmed"], reply
        return str(op.ticket)

    def ticket(self, who: str, subject: str = "来电") -> str:
        return self.tell(who, lambda author: author.new(subject=subject, channel="hotline"))


def timeline(doc: dict[str, Any]) -> list[str]:
    return [entry["text"] for entry in doc["timeline"] if entry["kind"] == "note"]


class Quiet(NamedTuple):
    """The checks that end every case: ``quiet(consoles, reviews={words})``."""

    house: House
    proxies: list[Any]

    def __call__(self, *consoles: Console, reviews: int = 0) -> None:
        """No faults any more. Everybody syncs until nothing is left to do, and then four things hold:

        nothing acknowledged is lost, nothing is there twice, every disk holds what the server holds, and every console
        says so: online, nothing waiting, so many reviews.
        """
        for proxy in self.proxies:
            proxy.calm()
        told: dict[str, dict[str, Any]] = {}
        for _ in range(3):
            for console in consoles:
                done = console.sync()
                assert (done.status in (0, 1), done.docs[0]["link"]) == (True, "online"), done
                told[str(console.home)] = done.docs[0]
            truth = self.house.truth(consoles[0].who)
            if all(console.holds() == truth for console in consoles):
                break
        for console in consoles:
            assert console.holds() == truth
            shown = told[str(console.home)]
            assert (shown["pending"], shown["reviews"], shown["code"]) == (0, reviews, ""), shown
            assert 0 <= shown["cursor_age"] < PATIENCE, "what was just fetched is not old"
            tray = console.tray()
            for ticket, words in console.written:
                doc = truth.get(ticket, {"timeline": [], "subject": ""})
                assert timeline(doc).count(words) + (doc["subject"] == words) + tray.count(words) == 1, (
                    words,
                    doc,
                    tray,
                )
        for doc in truth.values():
            entries = [entry["id"] for entry in doc["timeline"]]
            assert len(entries) == len(set(entries)), doc


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database whose tables are made, to be copied."""
    house = House(tmp_path_factory.mktemp("template"))
    house.hire("nobody")
    return house.database


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory, template: Path) -> Iterator[House]:
    """One server for all cases that do not harm it; their tickets stay, so its feed grows."""
    house = House(tmp_path_factory.mktemp("house"))
    shutil.copy(template, house.database)
    house.start()
    yield house
    house.stop(signal.SIGKILL)


@pytest.fixture
def build(tmp_path: Path, template: Path) -> Iterator[Callable[..., House]]:
    """Makes a server of a case's own, with settings of ``ServerConfig``."""
    made: list[House] = []

    def build_one(**settings: float) -> House:
        folder = tmp_path / f"house{len(made)}"
        folder.mkdir()
        shutil.copy(template, folder / "server.db")
        made.append(House(folder, **settings))
        made[-1].start()
        return made[-1]

    yield build_one
    for house in made:
        house.stop(signal.SIGKILL)


class Case(NamedTuple):
    """What a case works with: its server, the proxy before it, and a person who has yet to sync."""

    house: House
    proxy: Any
    agent: Console
    hire: Callable[..., Console]
    quiet: Quiet


@pytest.fixture
def stage(tmp_path: Path, faults: Any) -> Iterator[Callable[..., Case]]:
    """Puts a proxy before a house and somebody behind it."""
    proxies: list[Any] = []

    def put(house: House, *, tls: Any = None, **how: Any) -> Case:
        proxy = faults.Proxy(house.port, tls=tls)
        proxies.append(proxy)

        def hire(role: str = "agent", **settings: Any) -> Console:
            who = house.hire(f"{role}{next(_NUMBERS)}", role)
            return Console(house, who, proxy.url, home=tmp_path / who, **settings)

        return Case(house, proxy, hire(**how), hire, Quiet(house, proxies))

    yield put
    for proxy in proxies:
        proxy.close()


@pytest.fixture
def case(stage: Callable[..., Case], shared: House) -> Case:
    """On the shared server."""
    return stage(shared)
