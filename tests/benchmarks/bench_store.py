"""How fast the cache is, as ratios to limits measured in the same run: python tests/benchmarks/bench_store.py [--json]

Each line gives the median time, and how many times that is of its limit: the same bytes appended and fdatasynced with no
store around them, the same lines merely decoded, or (the other way round) how many times faster than TinyDB's own
JSONStorage. Nothing passes or fails here. ``--rows`` sets the table sizes (default 10000 and 100000).
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import statistics
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
from tinydb import TinyDB, where
from tinydb.table import Document

from okpay_console.local.database import OkDB
from okpay_console.local.record import Change, encode

AGENTS = ["小王", "小李", "小张", None]


def ticket(number: int) -> dict[str, Any]:
    """A made-up ticket of about 620 bytes of JSON."""
    return {
        "id": f"0190f3a2-7c4d-7000-8000-{number:012d}",
        "no": number,
        "rev": number % 7,
        "title": "已扣款未到账，商户说没有收到",
        "category": ["payment", "login", "refund", "transfer"][number % 4],
        "status": ["open", "pending", "solved"][number % 3],
        "priority": number % 4,
        "channel": "phone",
        "assignee": AGENTS[number % 4],
        "opened": "2026-11-22T06:46:09Z",
        "due": "2026-11-22T07:01:09Z",
        "tags": ["扣款", "到账", "第二次来电"],
        "fields": {"phone": "138****8000", "txn": f"A1B2C3D4E5{number}", "amount": "128.50", "currency": "CNY"},
        "notes": [{"at": "2026-11-22T06:47:00Z", "by": "小王", "text": "已核对身份，客户今天下午再打来。" * 2}],
    }


def timed(call: Callable[[], Any], *, times: int) -> float:
    """Median seconds."""
    taken = []
    for _ in range(times):
        started = time.perf_counter()
        call()
        taken.append(time.perf_counter() - started)
    return statistics.median(taken)


def turns(limit: Callable[[], Any], call: Callable[[], Any], *, times: int) -> tuple[float, float]:
    """Median seconds of both, called in turns, so that a disk that is slow for a while is slow for both."""
    pairs = [(timed(limit, times=1), timed(call, times=1)) for _ in range(times)]
    return statistics.median(one for one, _ in pairs), statistics.median(other for _, other in pairs)


class Raw:
    """The limit: an open file, bytes appended, fdatasync."""

    def __init__(self, path: Path) -> None:
        self.fd = os.open(path, os.O_RDWR | os.O_CREAT)
        self.end = 0

    def append(self, data: bytes) -> None:
        self.end += os.pwrite(self.fd, data, self.end)
        getattr(os, "fdatasync", os.fsync)(self.fd)


def decode_only(path: Path) -> None:
    """What opening cannot do without: read the lines and decode them."""
    gc.disable()
    decoder = msgspec.json.Decoder(dict[str, Change])
    kept = [decoder.decode(memoryview(text)[8:]) for text in path.read_bytes().splitlines()[1:]]
    gc.enable()
    del kept


def opening(rows: int, folder: Path) -> dict[str, Any]:
    """Open and read all, in a process that holds nothing else yet."""
    path, times = folder / "opened.okdb", 5 if rows <= 20_000 else 3

    def fill() -> None:
        with OkDB(path, salvage=()) as db, TinyDB(folder / "opened.json") as stock:
            db.write({"tickets": Change(put={ticket(number)["id"]: ticket(number) for number in range(rows)})})
            db.compact()
            stock.insert_multiple(ticket(number) for number in range(rows))

    def load() -> None:
        with OkDB(path, readonly=True, salvage=()) as again:
            again.table("tickets").raw()

    def stock_load() -> None:
        with TinyDB(folder / "opened.json") as again:
            again.all()

    fill()
    ours, limit = timed(load, times=times), timed(lambda: decode_only(path), times=times)
    stock = timed(stock_load, times=times)
    return entry(rows, "open and read all", ours, limit=limit, stock=stock)


def entry(
    rows: int, what: str, seconds: float, *, limit: float | None = None, stock: float | None = None
) -> dict[str, Any]:
    """One line of the report."""
    made: dict[str, Any] = {"rows": rows, "what": what, "ms": round(seconds * 1e3, 4)}
    if limit:
        made["times the limit"] = round(seconds / limit, 2)
    if stock:
        made["stock TinyDB ms"] = round(stock * 1e3, 3)
        made["times faster than stock"] = round(stock / seconds, 1)
    return made


def measure(rows: int, folder: Path) -> list[dict[str, Any]]:
    results = [opening(rows, folder)]

    def note(what: str, seconds: float, *, limit: float | None = None, stock: float | None = None) -> None:
        results.append(entry(rows, what, seconds, limit=limit, stock=stock))

    tickets = {ticket(number)["id"]: ticket(number) for number in range(rows)}
    ids = list(tickets)
    path, few = folder / "cache.okdb", 3 if rows <= 20_000 else 1
    with TinyDB(folder / "stock.json") as stock_db:
        stock_db.insert_multiple(tickets.values())
        stock_update = timed(lambda: stock_db.update({"rev": 9}, doc_ids=[5]), times=few)
        stock_search = timed(lambda: (stock_db.clear_cache(), stock_db.search(where("no") == 77)), times=few)
        stock_get = timed(lambda: stock_db.get(doc_id=5), times=few)

    raw = Raw(folder / "raw")

    db = OkDB(path, auto_compact=False, salvage=())
    for start in range(0, rows, 500):
        db.write({"tickets": Change(put={key: tickets[key] for key in ids[start : start + 500]})})
    table = db.table("tickets")
    gc.freeze()

    record = b"%08x%b\n" % (0, encode({"tickets": Change(put={ids[5]: tickets[ids[5]]})}))
    count = iter(range(10**9))
    one = dict(tickets[ids[5]])

    def write_one() -> None:
        one["rev"] = next(count)
        db.write({"tickets": Change(put={ids[5]: one})})

    limit, bulk = turns(lambda: raw.append(record), write_one, times=400)
    note("durable update of one ticket, bulk door", bulk, limit=limit, stock=stock_update)
    changed = partial(table.update, {"rev": 8}, doc_ids=[ids[5]])
    limit, update = turns(lambda: raw.append(record), changed, times=400)
    note("durable update of one ticket, table.update", update, limit=limit, stock=stock_update)
    new = lambda: table.insert(Document(one, doc_id=f"new-{next(count)}"))  # noqa: E731 - measured as it is called
    limit, insert = turns(lambda: raw.append(record), new, times=200)
    note("durable insert", insert, limit=limit, stock=stock_update)

    page = {"tickets": Change(put={key: tickets[key] for key in ids[:500]}), "meta": Change(put={"cursor": {"c": "x"}})}
    page_bytes = encode(page)
    limit, paged = turns(lambda: raw.append(page_bytes), lambda: db.write(page), times=20)
    note("sync page: 500 tickets and the cursor", paged, limit=limit)

    note("get by id", timed(lambda: table.get(doc_id=ids[7]), times=2000), stock=stock_get)
    note("raw()[id]", timed(lambda: table.raw()[ids[7]], times=2000))
    search = timed(lambda: (table.clear_cache(), table.search(where("no") == 77)), times=5)
    note("search, not cached", search, stock=stock_search)
    note("search, cached", timed(lambda: table.search(where("no") == 77), times=200))
    cond = where("no") == 77
    table.search(cond)

    def change_and_search() -> None:
        table.update({"rev": next(count)}, doc_ids=[ids[9]])
        table.search(cond)

    note("update, then a cached search", timed(change_and_search, times=50), stock=stock_update + stock_search)

    compaction = timed(db.compact, times=3)
    data = path.read_bytes()

    def rewrite() -> None:
        fresh = Raw(folder / "raw2")
        fresh.append(data)
        os.close(fresh.fd)

    note("full compaction", compaction, limit=timed(rewrite, times=3))
    db.close()
    return results


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--rows", type=int, nargs="+", default=[10_000, 100_000])
    options = parser.parse_args()
    results = []
    for rows in options.rows:
        with tempfile.TemporaryDirectory() as folder:
            results += measure(rows, Path(folder))
    if options.json:
        print(json.dumps(results, ensure_ascii=False, indent=1))
        return
    for one in results:
        more = "".join(f"  {value} {key}" for key, value in list(one.items())[3:])
        print(f"{one['rows']:>7} rows  {one['what']:<45}{one['ms']:>10.3f} ms{more}")


if __name__ == "__main__":
    main()
