"""Real processes with a bad network between them: a server, consoles as headless commands, and the four things to hold."""

from __future__ import annotations

import asyncio
import importlib.util
import itertools
import json
import os
import shutil
import signal
import sys
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
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
from okpay_console.domain.ticket import from_doc
from okpay_console.server import users

from ...zygote import Running, zygote

HERE = Path(__file__).parent
SERVER = ("okpay_console.server.run", "okpay_console.wiring")
"""What a server process needs, imported once in the process that it is a fork of."""
DESKS = ("okpay_console.wiring.desk", "okpay_console.tui.panes.status")
PATIENCE = 60.0
SHORT_S = 1.5
"""Instead of the 15 s that an answer may take: where nothing ever comes, a case ends after this, and a machine that is busy
with other things must not be taken for it elsewhere."""
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


WORDS = {
    "offline": ("连不上服务器（", "请检查网络和服务器地址；写下的内容都还在本机，联网后自动发送。"),
    "unavailable": ("服务器暂时不能服务（", "请稍后重试；写下的内容都还在本机。"),
    "bad-reply": ("这个地址答复的不是本系统的服务器，或版本不同（", "请核对服务器地址；写下的内容都还在本机。"),
    "protocol": ("服务器与本程序的协议号不同，没有发送任何内容（", "请升级协议号较小的一方；写下的内容都还在本机。"),
    "tls": ("服务器的证书不可信，没有连接。", "请核对服务器地址，或请管理员检查证书；写下的内容都还在本机。"),
    "signed-out": ("令牌无效、已过期或已撤销；写下的内容都还在本机。", "请重新登录：okpay-console login"),
    "disabled": (
        "这个账号已被停用，本机数据已清除。",
        "没有发出的内容也已清除；请找管理员，okpay-console doctor 会列出是哪些工单。",
    ),
    "rot": ("本机缓存有损坏：", "工单会重新取；请检查待发的内容，并检查磁盘。"),
}
"""What the agent reads of each: what happened, up to the details, and what to do, word for word."""


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

    def says(self, kind: str) -> bool:
        """Whether the agent reads just this (``WORDS``), one line below the other."""
        what, advice = WORDS[kind]
        first, *rest = self.said.splitlines()
        return first.startswith(what) and rest[:1] == [advice]


class Console:
    """One person's machine: every command is a process of its own over the same data directory."""

    def __init__(self, house: House, who: str, url: str, *, home: Path, **settings: Any) -> None:
        self.house = house
        self.who = who
        self.url = url
        self.home = home
        self.written: list[tuple[str, str]] = []
        """Acknowledged on this disk: ticket and words (of a note, or the subject of a new ticket)."""
        self.configured: dict[str, Any] = {}
        home.mkdir(exist_ok=True)
        self.configure(silence_seconds=SILENCE_S, **settings)

    def configure(self, **settings: Any) -> None:
        """Settings of this machine, beside those that it has."""
        self.configured |= settings
        lines = (f"{key} = {json.dumps(value)}" for key, value in self.configured.items())
        (self.home / "settings.toml").write_text("\n".join(lines) + "\n", encoding="utf-8")

    def hurried(self) -> Console:
        """From now on, until it is quiet, an answer that takes long is given up soon: for a case in which none ever comes."""
        self.configure(answer_seconds=SHORT_S)
        return self

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
        script = str(HERE / program) if program else ""
        running = zygote().begin([*words, "--json"], env=self.environment(**more), script=script)
        if text is not None:
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
        program = how.pop("program", "")
        script = str(HERE / program) if program else ""
        data, env = (text or "").encode(), self.environment(**how)
        ended = zygote().run([*words, "--json"], data=data, env=env, timeout=PATIENCE, script=script)
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


class Desks:
    """Open consoles of one person in a process of their own (``desks.py``), with a status line each and no screen."""

    def __init__(self, console: Console, count: int = 1, **more: str) -> None:
        self.running = zygote().begin(
            [str(count)], env=console.environment(**more), script=str(HERE / "desks.py"), parts=DESKS
        )
        self.told: list[dict[str, Any]] = []
        self._now: dict[int, dict[str, Any]] = {}

    def ask(self, **what: Any) -> None:
        """One thing that ``desk`` (the first where none is named) is to do."""
        self.running.stdin.write(json.dumps(what) + "\n")
        self.running.stdin.flush()

    def tells(self, wanted: Callable[[dict[str, Any]], Any]) -> dict[str, Any]:
        """The next thing told of which this holds."""
        with self.running.limited(PATIENCE):
            while line := self.running.stdout.readline():
                self.told.append(json.loads(line))
                if "line" in self.told[-1]:
                    self._now[self.told[-1]["desk"]] = self.told[-1]
                if wanted(self.told[-1]):
                    return self.told[-1]
        raise AssertionError(f"the desks ended: {self.told[-3:]} {self.running.errors()}")

    def shows(self, line: str, desk: int = 0) -> dict[str, Any]:
        """Waits until the desk's status line begins so."""
        now = self._now.get(desk)
        if now is not None and now["line"].startswith(line):
            return now
        return self.tells(lambda said: said.get("desk") == desk and said.get("line", "").startswith(line))

    def end(self) -> None:
        out, err = self.running.communicate(PATIENCE)
        self.told += [json.loads(line) for line in out.splitlines()]
        assert "Traceback" not in err, err


class House:
    """A server process with its database; it can be stopped, killed, put back and started again on the same port."""

    def __init__(self, folder: Path, **settings: float) -> None:
        self.folder = folder
        self.database = folder / "server.db"
        self.settings = {"ping_s": 0.3, "poll_s": 0.05, "floor_s": 0.0} | settings
        self.tokens: dict[str, str] = {}
        self.port = 0
        self.process: Running | None = None

    def hire(self, who: str, role: str = "agent", **how: Any) -> str:
        """A person with a token; returns the name."""
        self.tokens[who] = asyncio.run(users.add_user(str(self.database), who, role, **how)).token
        return who

    def start(self) -> None:
        words = [f"{key}={value}" for key, value in self.settings.items()]
        kept = {key: value for key, value in os.environ.items() if not key.startswith("OKPAY_")}
        self.process = zygote().begin(
            [str(self.database), str(self.port), *words], env=kept, script=str(HERE / "serving.py"), parts=SERVER
        )
        url = self.process.stdout.readline().strip()
        assert url, f"the server did not start: {self.process.errors()}"
        self.port = int(url.rpartition(":")[2])

    def stop(self, how: signal.Signals = signal.SIGTERM) -> None:
        if self.process is not None:
            self.process.send_signal(how)
            self.process.wait(20)
            said, self.process = self.process.errors(), None
            assert "Traceback" not in said, said

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

    def tell_all(self, who: str, makes: Sequence[Callable[[Author], Any]]) -> None:
        """Several operations from elsewhere, one after another, which must all be taken."""
        client, prev = str(uuid.uuid4()), ""
        author = Author(who, lambda: str(uuid.uuid4()), lambda: datetime.now(UTC))
        with self.http(who) as http:
            for mid, make in enumerate(makes, 1):
                item = wire.to_item(make(author), mid=mid, prev=prev)
                prev = item.uuid
                reply = http.post("/v1/mutations", content=msgspec.json.encode(wire.Push(client, [item]))).json()
                assert [one["state"] for one in reply["outcomes"]] == ["confirmed"], reply

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
        for console in consoles:
            console.configure(answer_seconds=15)
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

    def hire_again(self) -> Console:
        """The same person at another machine, which is new to him."""
        home = self.agent.home.with_name(f"{self.agent.home.name}-{next(_NUMBERS)}")
        return Console(self.house, self.agent.who, self.proxy.url, home=home)

    def known(self, ticket: str) -> Any:
        """The ticket as the server has it, for whoever writes an operation on it."""
        return from_doc(dict(self.house.truth(self.agent.who)[ticket]))


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
def open_desks() -> Iterator[Callable[..., Desks]]:
    """Opens desks without a screen: ``open_desks(console, count, HASTE="20")``."""
    opened: list[Desks] = []

    def open_some(console: Console, count: int = 1, **more: str) -> Desks:
        opened.append(Desks(console, count, **more))
        return opened[-1]

    yield open_some
    for desks in opened:
        if desks.running.returncode is None:
            desks.running.send_signal(signal.SIGKILL)
            desks.running.wait()


@pytest.fixture
def case(stage: Callable[..., Case], shared: House) -> Case:
    """On the shared server."""
    return stage(shared)
