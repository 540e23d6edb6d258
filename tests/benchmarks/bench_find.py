"""Finding tickets while typing: a keystroke against looking at every row, and against SQLite's FTS5, in the same run.

``python tests/benchmarks/bench_find.py [--tickets N] [--characters N] [--json]``. Build time, memory and the time of each keystroke
of typical questions over made-up tickets, all in processor time; ratios to the limits of the same run, because the machines differ.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import json
import random
import re
import sqlite3
import statistics
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from importlib import resources
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from okpay_console.domain.finding import Finder
from okpay_console.domain.ticket import Caller

NOW = datetime(2026, 11, 22, 6, 46, tzinfo=UTC)
QUESTIONS = (
    "8000", "13812348000", "d4e5", "#100200", "300 昨天", "￥300 11-21", "zw", "zhangwei", "张伟", "重复扣款", "两次", "款",
    "客户 下午 方便", "network", "e5003", "wang", "晨光 300", "小米", "查不到这句话", "9",
)  # fmt: skip
SURNAMES = "王李张刘陈杨黄赵周吴徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹"
GIVEN = "伟芳娜秀英敏静丽强磊军洋勇艳杰娟涛明超霞平刚桂文辉鑫宇博浩然子轩"
PHRASES = (
    "重复扣款两次", "已扣款未到账", "商户说没有收到", "退款还没有到账", "收不到验证码", "客户下午三点以后方便接电话",
    "已核对来电人与登记信息一致", "交易记录里能看到这一笔", "请二线同事查一下清算状态",
    "network error", "error E5003", "提示网络异常", "晨光便利店", "账户被锁",
)  # fmt: skip


def sentences() -> list[str]:
    """Clauses of the shipped answers, fields and demo, so that words are about as frequent as they are in Chinese."""
    found = list(PHRASES)
    for file in sorted(Path(str(resources.files("okpay_console.content"))).rglob("*")):
        if file.suffix in (".toml", ".md"):
            found += re.findall(r"[\u4e00-\u9fff]{3,}", file.read_text("utf-8"))
    return found


def documents(count: int, characters: int) -> Iterator[dict[str, Any]]:
    """Tickets with ``characters`` of conversation each: known clauses, in which one character in twenty-five is another one."""
    dice = random.Random(1)
    clauses = sentences()
    every = "".join(clauses)
    for number in range(count):
        at = NOW - timedelta(minutes=count - number)
        said: list[str] = []
        size = 0
        while size < characters:
            piece = "".join(c if dice.random() > 0.04 else dice.choice(every) for c in dice.choice(clauses))
            said.append(piece)
            size += len(piece)
        third = len(said) // 3 + 1
        entries = [
            {
                "id": f"{number}-{part}",
                "kind": kind,
                "at": at.isoformat(),
                "text": "，".join(said[part * third :][:third]),
            }
            for part, kind in enumerate(("created", "note", "reply"))
        ]
        name = dice.choice(SURNAMES) + "".join(dice.choice(GIVEN) for _ in range(dice.choice((1, 2))))
        code = "".join(dice.choice("0123456789ABCDEF") for _ in range(16))
        yield {
            "id": f"{number:032x}", "number": 100_000 + number, "rev": 1, "subject": dice.choice(PHRASES) + str(dice.randrange(99)),
            "channel": "hotline", "category": "TXN", "status": dice.choice(("new", "closed")),
            "caller": {
                "name": name, "mobile": f"+861{dice.randrange(30, 99)}{dice.randrange(10**8):08d}",
                **({"email": f"{dice.choice(('wang', 'li', 'user'))}{number}@example.com"} if number % 3 == 0 else {}),
            },
            "answers": {
                "txn_no": {"value": code}, "amount": {"value": f"{dice.randrange(1, 900)}.00"},
                "txn_time": {"value": f"{at:%Y-%m-%d} 14:30+08:00"}, "device": {"value": "小米 14"},
            },
            "timeline": entries, "created_at": at.isoformat(), "updated_at": at.isoformat(),
        }  # fmt: skip


def resident() -> float:
    """Megabytes of this process that are in memory; 0 where the system does not tell."""
    status = Path("/proc/self/status")
    if not status.exists():
        return 0.0
    return next(int(line.split()[1]) / 1024 for line in status.read_text().splitlines() if line.startswith("VmRSS"))


def keystrokes(ask: Callable[[str], object], times: int) -> list[float]:
    """Milliseconds of every keystroke of every question, each letter a new question."""
    taken: list[float] = []
    for _ in range(times):
        for question in QUESTIONS:
            for end in range(1, len(question) + 1):
                began = time.process_time()
                ask(question[:end])
                taken.append((time.process_time() - began) * 1000)
    return taken


def rows_of(docs: list[dict[str, Any]]) -> list[str]:
    """What the queue's own filter looks at: number, subject, caller."""
    return [
        f"#{doc['number']} {doc['subject']} {doc['caller']['mobile']} {doc['caller']['name']}".casefold()
        for doc in docs
    ]


def fts5(docs: list[dict[str, Any]]) -> Callable[[str], object]:
    """SQLite's trigram index over the same words; what has fewer than three characters has to be looked for with LIKE."""
    base = sqlite3.connect(":memory:")
    base.execute("create virtual table t using fts5(words, tokenize='trigram')")
    base.executemany(
        "insert into t(words) values (?)",
        (
            (" ".join((row, *(line["text"] for line in doc["timeline"]), *(one["value"] for one in doc["answers"].values()))),)
            for row, doc in zip(rows_of(docs), docs, strict=True)
        ),
    )  # fmt: skip

    def ask(words: str) -> object:
        parts = words.split()
        where = " and ".join("t match ?" if len(part) > 2 else "words like ?" for part in parts)
        values = [f'"{part}"' if len(part) > 2 else f"%{part}%" for part in parts]
        return (
            base.execute(f"select rowid from t where {where} order by rowid desc limit 50", values).fetchall()
            if parts
            else ()
        )

    return ask


async def hops(docs: list[dict[str, Any]], *, making: bool) -> list[float]:
    """Milliseconds, by the clock on the wall, of ten turns of the event loop, a key's way, while the index is made or not."""
    from okpay_console.domain.queue import row
    from okpay_console.sync.clock import SystemClock
    from okpay_console.sync.lookup import Lookup

    by_id = {doc["id"]: doc for doc in docs}
    rows = {doc["id"]: row(doc) for doc in docs}
    lookup = Lookup(SimpleNamespace(rows=lambda: rows, doc=by_id.get))  # type: ignore[arg-type]  # all it needs of a picture
    task = asyncio.create_task(lookup.keep(SystemClock())) if making else None
    taken: list[float] = []
    while len(taken) < 300:
        await asyncio.sleep(0.005)
        began = time.perf_counter()
        for _ in range(10):
            await asyncio.sleep(0)
        taken.append((time.perf_counter() - began) * 1000)
    if task is not None:
        task.cancel()
    return taken


def told(taken: list[float]) -> dict[str, float]:
    cuts = statistics.quantiles(taken, n=100)
    return {"p50_ms": statistics.median(taken), "p99_ms": cuts[98], "max_ms": max(taken)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tickets", type=int, default=100_000)
    parser.add_argument("--characters", type=int, default=200)
    parser.add_argument("--times", type=int, default=2)
    parser.add_argument("--no-fts5", action="store_true")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    docs = list(documents(given.tickets, given.characters))
    gc.collect()
    gc.freeze()
    before = resident()
    index, slowest = Finder(), 0.0
    began = time.process_time()
    for doc in docs:
        start = time.process_time()
        index.put(doc)
        slowest = max(slowest, time.process_time() - start)
    built = time.process_time() - began
    gc.collect()
    size = resident() - before
    found = keystrokes(lambda words: index.find(words, now=NOW), given.times)
    rows = rows_of(docs)
    looked = keystrokes(lambda words: [row for row in rows if all(part in row for part in words.casefold().split())], 1)
    dice = random.Random(2)
    again = [dice.choice(docs) for _ in range(500)]
    began = time.process_time()
    for number, doc in enumerate(again):
        line = {"id": f"n{number}", "kind": "note", "at": NOW.isoformat(), "text": f"又来电催办 {number}，请加急"}
        index.put({**doc, "timeline": [*doc["timeline"], line]})
    changed = (time.process_time() - began) / len(again) * 1000
    asked = [dice.choice(docs)["caller"] for _ in range(1000)]
    began = time.process_time()
    for caller in asked:
        index.same(Caller(caller["name"], caller["mobile"], caller.get("email", "")))
    same = (time.process_time() - began) / len(asked) * 1000
    figures: dict[str, Any] = {
        "tickets": given.tickets, "characters": given.characters, "build_s": built, "slowest_put_ms": slowest * 1000,
        "index_mb": size, "change_ms": changed, "same_ms": same, "find": told(found), "rows": told(looked),
    }  # fmt: skip
    for name, making in (("quiet", False), ("making", True)):
        figures[name] = told(asyncio.run(hops(docs[:20_000], making=making)))
    if not given.no_fts5:
        began = time.process_time()
        ask = fts5(docs)
        figures["fts5_build_s"] = time.process_time() - began
        figures["fts5"] = told(keystrokes(ask, 1))
    if given.json:
        print(json.dumps(figures))
        return
    print(f"{given.tickets} tickets of {given.characters} characters: built in {built:.1f} s, {size:.0f} MB")
    print(
        f"one changed ticket {changed:.2f} ms, slowest first one {slowest * 1000:.1f} ms; the same caller {same:.3f} ms"
    )
    quiet, making = figures["quiet"], figures["making"]
    print("ten turns of the event loop:", end="")
    for name, one in (("quiet", quiet), ("while the index is made", making)):
        print(f"  {name} p50 {one['p50_ms']:.2f} p99 {one['p99_ms']:.2f} ms", end="")
    print()
    for name in ("find", "rows", "fts5"):
        if name in figures:
            one = figures[name]
            ratio = one["p99_ms"] / figures["rows"]["p99_ms"]
            print(
                f"{name}: p50 {one['p50_ms']:.2f}  p99 {one['p99_ms']:.2f}  max {one['max_ms']:.2f} ms, p99 {ratio:.2f} x rows"
            )


if __name__ == "__main__":
    main()
