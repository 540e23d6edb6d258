"""Kill a writing process again and again: python tests/faults/storage/kill_loop.py [--kills 20] [--seed 1]

A child opens a real journal, commits transactions (with frequent compactions) and prints the number of each one that was
confirmed. The parent kills it at a random moment with SIGKILL, opens the store and looks: every confirmed transaction
must be there, at most the one under way besides, and each of them whole. Exit status 0 means that it was so every time.
A killed process leaves the page cache behind, so this proves less than the power cuts do; it proves it on a real disk.
"""

from __future__ import annotations

import argparse
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from okpay_console.local.database import OkDB
from okpay_console.local.record import Change


def commit_for_ever(path: Path) -> None:
    """The child: transaction n writes n into a row of its own and into a counter in another table."""
    db = OkDB(path, salvage=())
    db.journal.floor = 4096
    number = counted(db)
    while True:
        number += 1
        row = {"n": number, "text": "客户说已扣款" * (number % 40)}
        db.write({"tickets": Change(put={str(number % 50): row}), "meta": Change(put={"last": {"n": number}})})
        sys.stdout.write(f"{number}\n")
        sys.stdout.flush()


def counted(db: OkDB) -> int:
    last = db.table("meta").get(doc_id="last")
    return last["n"] if last else 0


def look(path: Path, confirmed: int) -> str:
    """What is wrong with the store, empty when nothing is."""
    with OkDB(path, salvage=()) as db:
        number, rows = counted(db), db.table("tickets").raw()
        if number not in (confirmed, confirmed + 1):
            return f"confirmed {confirmed}, found {number}"
        if db.recovery.kind == "rot":
            return "taken for rot"
        expected = {n % 50: n for n in range(max(number - 49, 1), number + 1)}
        if {int(key): row["n"] for key, row in rows.items()} != expected:
            return "a transaction is half there"
    return ""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--child", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        commit_for_ever(options.child)
    chance, bad = random.Random(options.seed), 0
    with tempfile.TemporaryDirectory() as folder:
        path, confirmed = Path(folder) / "cache.okdb", 0
        for _ in range(options.kills):
            command = [sys.executable, __file__, "--child", str(path)]
            with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:
                assert child.stdout is not None
                first = child.stdout.readline()
                time.sleep(chance.random() * 0.05)  # when to kill, not what to wait for
                child.kill()
                lines = [first, *child.stdout.read().splitlines(keepends=True)]
            confirmed = max([confirmed, *(int(line) for line in lines if line.endswith("\n"))])
            fault = look(path, confirmed)
            bad += bool(fault)
            if fault:
                print(fault)
            with OkDB(path, salvage=()) as db:
                confirmed = counted(db)
    print(f"{options.kills} kills, {confirmed} commits, {bad} wrong")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
