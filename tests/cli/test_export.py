"""``export``: the data out whole or masked, gone on with after a kill, told to the audit logs, and back in by ``import``."""

from __future__ import annotations

import asyncio
import csv
import io
import json
import os
import signal
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from okpay_console.__main__ import main
from okpay_console.cli import exportoptions, parser
from okpay_console.domain import wire
from okpay_console.domain.daybook import Line
from okpay_console.domain.ticket import Caller, Entry, Ticket, to_doc
from okpay_console.errors import UsageError
from okpay_console.local.mirror import Mirror
from okpay_console.local.outbox import Outbox
from okpay_console.local.owner import Owner
from okpay_console.local.store import open_store
from okpay_console.server import daybook
from okpay_console.server.db import Database

NOWHERE = "http://127.0.0.1:1"
AT = datetime(2026, 11, 1, 9, tzinfo=UTC)
TEXTS = ('=1+1\n第二行，"引号"\r\n@x', "+86 的号码", "'撇号", "-3", "左\u202e右\x85", "普通")


class Ran(NamedTuple):
    status: int
    out: bytes
    err: str

    @property
    def docs(self) -> list[Any]:
        return [json.loads(line) for line in self.out.splitlines()]


Run = Callable[..., Ran]


@pytest.fixture
def okpay(monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]) -> Run:
    """Runs a command in this process, as the person whose data directory is given."""

    def run(who: Any, *words: str, **variables: str) -> Ran:
        with monkeypatch.context() as patch:
            for name, value in {**who.env, **variables}.items():
                patch.setenv(name, value)
            capfdbinary.readouterr()
            status = main(words)
            told = capfdbinary.readouterr()
        return Ran(status, told.out, told.err.decode())

    return run


@pytest.fixture(scope="module")
def boss(desk: Callable[..., Any]) -> Any:
    return desk("boss", "supervisor")


@pytest.fixture(scope="module")
def bot(desk: Callable[..., Any]) -> Any:
    return desk("bot", "integration")


def server_lines(okpay: Run, house: Any, who: str) -> list[str]:
    told = okpay(house, "audit", "--json", OKPAY_DATA_DIR=str(house.home))
    return [
        f"{doc['what']} {doc['about']}" for doc in told.docs if doc["who"] == who and doc["what"].startswith("export")
    ]


@pytest.fixture
def root(house: Any, desk: Callable[..., Any]) -> Any:
    return desk("root", "admin")


@pytest.fixture(scope="module", autouse=True)
def _env(house: Any) -> None:
    house.env = {"LC_ALL": "C.UTF-8", "XDG_CONFIG_HOME": str(house.home / "none")}


BACK = (
    "subject",
    "channel",
    "category",
    "priority",
    "queue",
    "name",
    "mobile",
    "email",
    "handle",
    "text",
    "tags",
    "created_at",
)


@pytest.mark.parametrize("form", ["csv", "jsonl"])
def test_whole_tickets_come_back_through_import_to_equal_values(
    okpay: Run, boss: Any, bot: Any, tmp_path: Path, form: str
) -> None:
    # Of marks that CSV leaves out, only JSON lines can bring anything back.
    texts = TEXTS if form == "jsonl" else [text for text in TEXTS if "\u202e" not in text]
    first = tmp_path / "first.jsonl"
    made = [
        {"subject": f"{form} {text.splitlines()[0]}"[:60], "text": text, "channel": "chat", "category": "TXN", "priority": "high",
         "mobile": "+8613800138000", "name": "=张三", "handle": "@zhang", "tags": ["加急", f"round-{form}"],
         "created_at": "2026-11-02T10:00:00.123456Z"}
        for text in texts
    ]  # fmt: skip
    first.write_text("".join(json.dumps(one) + "\n" for one in made))
    assert okpay(bot, "import", "tickets", str(first)).status == 0
    out = tmp_path / f"out.{form}"
    where = ("--where", f"标签=round-{form}")
    done = okpay(boss, "export", "tickets", *where, "--unmask", "--reason", "系统迁移", "--out", str(out), "--json")
    assert done.status == 0, done.err
    assert (done.docs[0]["rows"], done.docs[0]["audit"], done.docs[0]["masked"]) == (len(texts), "confirmed", False)
    back = okpay(bot, "import", "tickets", str(out), "--json")
    assert (back.status, back.docs[-1]["imported"], back.docs[-1]["unknown_columns"]) == (0, len(texts), [])
    again = okpay(boss, "export", "tickets", *where, "--unmask", "--reason", "audit")
    assert again.status == 0, again.err
    found = sorted([doc[name] for name in BACK] for doc in again.docs)
    assert found[::2] == found[1::2]
    assert sorted(doc["text"] for doc in again.docs)[::2] == sorted(texts)


def test_a_masked_ticket_does_not_come_back_and_is_named_by_its_line(
    okpay: Run, boss: Any, bot: Any, tmp_path: Path
) -> None:
    first = tmp_path / "first.csv"
    first.write_text("subject,channel,mobile,tags\n甲,chat,13800138000,masked\n乙,chat,,masked\n")
    assert okpay(bot, "import", "tickets", str(first)).status == 0
    out = tmp_path / "out.csv"
    assert okpay(boss, "export", "tickets", "--where", "标签=masked", "--out", str(out), "--bom").status == 0
    data = out.read_bytes()
    assert data.startswith(b"\xef\xbb\xbfid,number,")
    assert b"13800138000" not in data
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    rows = list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline="")))
    assert [(row["subject"], row["mobile"], row["okpay_export"]) for row in sorted(rows, key=lambda row: row["number"])] == [
        ("甲", "138****8000", "1:masked"), ("乙", "", "1:whole"),
    ]  # fmt: skip
    back = okpay(bot, "import", "tickets", str(out), "--on-error", "skip", "--json")
    # Both were made in the same instant: either may come first.
    assert [doc["line"] for doc in back.docs[:-1]] == [2 + [row["subject"] for row in rows].index("甲")]
    assert (back.docs[-1]["imported"], "打码" in back.docs[0]["reason"]) == (1, True)


def test_the_audit_logs_know_who_took_what_by_which_filters_and_why_and_no_values(
    okpay: Run, house: Any, desk: Callable[..., Any], tmp_path: Path
) -> None:
    li = desk("li-lead", "supervisor")
    words = (
        "export",
        "timeline",
        "--queue",
        "秘密队列",
        "--where",
        "标签=谁也不知道",
        "--from",
        "2026-11-01",
        "--format",
        "csv",
    )
    assert okpay(li, *words).status == 0
    assert okpay(li, "export", "answers", "--unmask", "--reason", "月度 盘点").status == 0
    rows = len(okpay(li, "export", "answers").docs)
    here = [
        (doc["what"], doc["kind"], doc["place"], doc["reason"]) for doc in okpay(li, "audit", "--local", "--json").docs
    ]
    assert here == [
        ("export", "timeline", "csv/masked/from.queue.where/0", ""), ("export", "answers", f"jsonl/whole/all/{rows}", "月度 盘点"),
        ("export", "answers", f"jsonl/masked/all/{rows}", ""),
    ]  # fmt: skip
    there = server_lines(okpay, house, "li-lead")
    assert there == [" ".join(part for part in line if part) for line in here]
    assert "秘密" not in str(there)


def test_an_agent_takes_no_whole_values_and_the_server_hears_of_it(
    okpay: Run, house: Any, desk: Callable[..., Any], tmp_path: Path
) -> None:
    wang = desk("wang-agent")
    out = tmp_path / "t.jsonl"
    done = okpay(wang, "export", "tickets", "--unmask", "--reason", "legal", "--out", str(out))
    assert (done.status, list(tmp_path.iterdir())) == (1, [])
    assert server_lines(okpay, house, "wang-agent") == ["export-refused tickets jsonl/whole/all/0"]
    assert okpay(wang, "export", "audit").status == 1
    assert okpay(wang, "export", "tickets", "--out", str(out)).status == 0


def test_without_the_server_masked_data_leaves_with_its_line_queued_and_whole_data_stays(
    okpay: Run, house: Any, desk: Callable[..., Any], tmp_path: Path
) -> None:
    lead = desk("lead-offline", "supervisor")
    assert okpay(lead, "sync").status == 0
    whole = okpay(
        lead,
        "export",
        "tickets",
        "--unmask",
        "--reason",
        "legal",
        "--out",
        str(tmp_path / "w.csv"),
        OKPAY_SERVER=NOWHERE,
    )
    assert (whole.status, list(tmp_path.iterdir())) == (3, [])
    masked = okpay(lead, "export", "tickets", "--out", str(tmp_path / "m.csv"), "--json", OKPAY_SERVER=NOWHERE)
    assert (masked.status, masked.docs[0]["audit"]) == (0, "queued")
    assert server_lines(okpay, house, "lead-offline") == []
    assert okpay(lead, "sync").status == 0
    rows = masked.docs[0]["rows"]
    assert server_lines(okpay, house, "lead-offline") == [f"export tickets csv/masked/all/{rows}"]


def test_a_file_that_is_there_is_never_overwritten_unasked(okpay: Run, boss: Any, tmp_path: Path) -> None:
    out = tmp_path / "a.jsonl"
    out.write_text("mine")
    assert okpay(boss, "export", "answers", "--out", str(out)).status == 1
    assert out.read_text() == "mine"
    assert okpay(boss, "export", "answers", "--out", str(out), "--force").status == 0
    assert out.read_text() != "mine"


def test_the_exported_audit_log_is_verified_and_every_change_to_it_is_found(
    okpay: Run, root: Any, tmp_path: Path
) -> None:
    out = tmp_path / "audit.jsonl"
    assert okpay(root, "export", "audit", "--out", str(out)).status == 0
    good = okpay(root, "audit", "verify", str(out), "--against-server", "--json")
    assert (good.status, good.docs[0]["whole"], good.docs[0]["first"]) == (0, True, 1)
    assert okpay(root, "audit", "verify").status == 0
    lines = out.read_text().splitlines(keepends=True)
    assert good.docs[0]["lines"] == len(lines) >= 4
    for spoilt in (lines[:1] + lines[2:], [lines[0].replace("admin", "nobody", 1), *lines[1:]], [*lines[:2], "{}\n"]):
        out.write_text("".join(spoilt))
        assert okpay(root, "audit", "verify", str(out)).status == 1
    out.write_text("".join(lines[2:]))
    assert okpay(root, "audit", "verify", str(out), "--json").docs[0]["first"] == 3


@pytest.mark.parametrize(
    "words",
    [
        "tickets --unmask", "tickets --out x.dat", "tickets --from 2026-13-01", "tickets --from 2026-11-02 --to 2026-11-01",
        "answers --from 2026-11-01", "audit --queue vip", "daybook --where x=y", "tickets --events", "tickets --category NONE",
        "tickets --resume", "tickets --format jsonl --bom",
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_a_usage_error(words: str) -> None:
    def say(zh: str, _: str) -> str:
        return zh

    arguments = parser.build(say).parse_args(["export", *words.split()])
    with pytest.raises(UsageError):
        exportoptions.asked(arguments, zone="Asia/Shanghai", categories={"txn": "TXN"}, say=say)


def test_the_last_day_is_included_by_the_houses_clock() -> None:
    arguments = parser.build(lambda zh, _: zh).parse_args(
        ["export", "calls", "--from", "2026-11-22", "--to", "2026-11-22"]
    )
    found = exportoptions.asked(arguments, zone="Asia/Shanghai", categories={}, say=lambda zh, _: zh)
    assert found.begins == datetime(2026, 11, 21, 16, tzinfo=UTC)
    assert found.ends == datetime(2026, 11, 22, 16, tzinfo=UTC)
    assert found.filters == ("from", "to")


class Alone:
    """Somebody with a cache and no server."""

    def __init__(self, home: Path) -> None:
        self.env = {
            "OKPAY_DATA_DIR": str(home), "OKPAY_SERVER": NOWHERE, "OKPAY_TOKEN": "t", "LC_ALL": "C.UTF-8",
            "PATH": os.environ["PATH"], "XDG_CONFIG_HOME": str(home), "OKPAY_LANG": "zh",
        }  # fmt: skip


def fill(home: Path, *, tickets: int, entries: int, cursor: str = "") -> None:
    db = open_store(home / "console.okdb")
    mirror, outbox = Mirror(db), Outbox(db)
    mirror.bind(Owner("s", "boss", "id", NOWHERE))
    changes = []
    for number in range(tickets):
        at = AT + timedelta(minutes=number)
        told = tuple(
            Entry(f"e{number}-{k}", "message", at + timedelta(seconds=k), "hotline", f"第 {k} 句 13800138000")
            for k in range(entries)
        )
        ticket = Ticket(
            id=f"t{number}", number=number + 1, rev=1, subject="s", channel="chat", caller=Caller("张三"), timeline=told,
            created_at=at, updated_at=at,
        )  # fmt: skip
        changes.append(wire.Change("ticket", ticket.id, 1, to_doc(ticket)))
    assert mirror.apply_page(
        wire.Page(changes, "c" + cursor, False, wire.Last(), [], AT), cursor, outbox=outbox, now=AT
    )
    db.close()


KILLED = """
import os, signal, sys
from okpay_console.local import partfile
whole, places = partfile.PartFile.write, iter(range(1, 99))
def write(self, data, *, rows):
    if next(places) == int(sys.argv[1]):
        os.pwrite(self._fd, data[: len(data) // 2], self._bytes)
        os.kill(os.getpid(), signal.SIGKILL)
    whole(self, data, rows=rows)
partfile.PartFile.write = write
from okpay_console.__main__ import main
main(sys.argv[2:])
"""


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Alone]:
    home = tmp_path_factory.mktemp("alone")
    fill(home, tickets=60, entries=120)
    yield Alone(home)


def test_an_export_that_is_killed_twice_goes_on_and_is_the_same_file(okpay: Run, alone: Alone, tmp_path: Path) -> None:
    uncut, cut = tmp_path / "uncut.csv", tmp_path / "cut.csv"
    words = ("export", "timeline", "--category", "TXN", "--out")
    assert okpay(alone, "export", "timeline", "--out", str(uncut)).status == 0
    assert uncut.read_bytes().count(b"\r\n") == 1 + 60 * 120
    for place, more in ((3, ()), (2, ("--resume",))):
        killed = subprocess.run(
            [sys.executable, "-c", KILLED, str(place), "export", "timeline", "--out", str(cut), *more],
            env=alone.env, capture_output=True, timeout=60, check=False,
        )  # fmt: skip
        assert killed.returncode == -signal.SIGKILL, killed.stderr.decode()
        assert not cut.exists()
    assert okpay(alone, "export", "timeline", "--out", str(cut)).status == 1
    assert okpay(alone, *words, str(cut), "--resume").status == 1
    done = okpay(alone, "export", "timeline", "--out", str(cut), "--resume", "--json")
    assert (done.status, done.docs[0]["rows"]) == (0, 60 * 120), done.err
    assert cut.read_bytes() == uncut.read_bytes()
    assert sorted(file.name for file in tmp_path.iterdir()) == ["cut.csv", "uncut.csv"]


def test_a_file_that_was_begun_from_other_data_is_not_gone_on_with(okpay: Run, tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    fill(home, tickets=3, entries=900)
    who, out = Alone(home), tmp_path / "t.csv"
    killed = subprocess.run(
        [sys.executable, "-c", KILLED, "2", "export", "timeline", "--out", str(out)],
        env=who.env, capture_output=True, timeout=60, check=False,
    )  # fmt: skip
    assert killed.returncode == -signal.SIGKILL
    fill(home, tickets=4, entries=900, cursor="c")
    refused = okpay(who, "export", "timeline", "--out", str(out), "--resume")
    assert (refused.status, "数据变了" in refused.err) == (1, True)
    assert okpay(who, "export", "timeline", "--out", str(out), "--force").status == 0


def test_what_this_console_no_longer_holds_of_the_daybook_comes_from_the_server(
    okpay: Run, house: Any, boss: Any, tmp_path: Path
) -> None:
    old = datetime.now(UTC) - timedelta(days=5)
    told = [
        Line(uuid=f"old-{place}", kind=kind, at=old + timedelta(minutes=place), by="wang", **more)  # type: ignore[arg-type]
        for place, (kind, more) in enumerate(
            [("state", {"what": "available"}), ("missed", {"words": "怎么开发票"}), ("state", {"what": "offline"})]
        )
    ]

    async def keep() -> None:
        db = Database(str(house.home / "server.db"))
        try:
            await db.write(lambda conn: daybook.append(conn, told, now=old))
        finally:
            await db.close()

    asyncio.run(keep())
    begins = (old - timedelta(days=1)).date().isoformat()
    ran = okpay(boss, "export", "daybook", "--format", "jsonl", "--out", "-", "--from", begins)
    assert ran.status == 0, ran.err
    assert [doc["uuid"] for doc in ran.docs if doc["uuid"].startswith("old-")] == ["old-0", "old-1", "old-2"]
    heard = okpay(boss, "voice", "--json")
    assert [one["words"] for one in heard.docs[0]["missed"]] == [["怎么开发票"]]
    assert okpay(boss, "voice", "--json", OKPAY_SERVER=NOWHERE).docs[0]["missed"] == []
