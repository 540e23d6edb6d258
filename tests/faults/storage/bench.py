"""A workload on any disk, beside it what the store has confirmed, and what is looked at after every crash.

Each look returns what is wrong in words, "" where nothing is, so that a mutant can be shown to be seen.
"""

from __future__ import annotations

import contextlib
import copy
import errno
import random
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from okpay_console.errors import OkpayError, StoreBroken
from okpay_console.local.codec import PLAIN, Codec
from okpay_console.local.database import OkDB
from okpay_console.local.record import Change, decode, read_header
from okpay_console.local.store import PRECIOUS

STORE = Path("/sim/cache.okdb")
CHANGING = ("open", "write", "sync", "sync_dir", "truncate", "rename", "remove", "read", "close")
Tables = dict[str, dict[str, Any]]
Seen = tuple[int, list[str]]
"""How many disks were looked at, and what was wrong with some of them."""


def precious(tables: Tables) -> Tables:
    return {name: rows for name, rows in tables.items() if name in PRECIOUS}


def applied(tables: Tables, changes: dict[str, Change]) -> Tables:
    """What a transaction means, said a second time and not by the store."""
    made = copy.deepcopy(tables)
    for name, change in changes.items():
        if change.take:
            made[name] = made.pop(change.take, {})
        if change.drop:
            made.pop(name, None)
            continue
        if change.clear:
            made[name] = {}
        rows = made.setdefault(name, {})
        for doc_id in change.delete:
            rows.pop(doc_id, None)
        rows.update(copy.deepcopy(change.put))
    return made


class Bench:
    """Runs the same transactions on any disk, keeping beside it what the store has confirmed."""

    def __init__(
        self, disk: Any, *, seed: int = 1, floor: int = 1500, words: int = 7, codec: Codec | None = None
    ) -> None:
        self.disk = disk
        self.words = words
        self.floor = floor
        self.codec = codec
        self.chance = random.Random(seed)
        self.acked: Tables = {}
        self.next: Tables = {}  # as it would be with the transaction under way
        self.history: list[Tables] = [{}]
        self.db: OkDB | None = None

    def open(self) -> OkDB:
        self.db = opened(self.disk, self.codec)
        self.db.journal.floor = self.floor
        return self.db

    def step(self) -> None:
        """One transaction: an update, a page with its cursor, a row's way from draft to outbox, a relisted queue."""
        assert self.db is not None
        changes = self._changes()
        self.next = applied(self.acked, changes)
        self.db.write(changes)
        self.acked = self.next
        self.history.append(self.acked)

    def _changes(self) -> dict[str, Change]:
        chance, kind = self.chance, self.chance.randrange(9)
        text = "客户说“已扣款”" * chance.randrange(1, self.words + 1)
        page = {str(chance.randrange(30)): {"n": chance.random(), "text": text} for _ in range(5)}
        cursor = Change(put={"cursor": {"c": chance.randrange(10**6)}})
        doc_id = str(chance.randrange(9))
        match kind:
            case 0 | 1:
                return {"outbox": Change(put={doc_id: {"text": text}})}
            case 2:
                return {"tickets": Change(put=page), "meta": cursor}
            case 3:
                return {"drafts": Change(delete=[doc_id]), "outbox": Change(put={doc_id: {"text": text}})}
            case 4:
                return {"outbox": Change(delete=[doc_id]), "drafts": Change(put={"0": {"t": text}})}
            case 5:
                return {"staging": Change(clear=True, put=page), "reviews": Change(put={doc_id: {"text": text}})}
            case 6:
                return {"tickets": Change(take="staging"), "meta": cursor}
            case 7:
                return {"outbox": Change(clear=True), "watch": Change(put={doc_id: {"what": text}})}
            case _:
                return {"drafts": Change(drop=True), "acked": Change(put={doc_id: {"text": text}})}

    def try_step(self) -> OkpayError | None:
        """A step whose failure is caught; the store must then show exactly what it had confirmed."""
        assert self.db is not None
        try:
            self.step()
        except OkpayError as cause:
            assert (self.db.journal.read() or {}) == self.acked, "a failed commit is visible"
            return cause
        return None


def opened(disk: Any, codec: Codec | None) -> OkDB:
    given = {} if codec is None else {"codec": codec}
    return OkDB(STORE, fs=disk, salvage=PRECIOUS, **given)


class Kit:
    """What the tests of this folder share, for stores sealed with ``codec`` (None: however a store is sealed by default)."""

    store = STORE
    precious = staticmethod(precious)

    def __init__(self, disk: type[Any], killed: type[BaseException], codec: Codec | None = None) -> None:
        self.Disk = disk
        self.killed = killed
        self.codec = codec

    def Bench(self, disk: Any, **more: Any) -> Any:
        return Bench(disk, codec=self.codec, **more)

    def written(self, steps: int, *, seed: int = 5, words: int = 7) -> tuple[bytes, list[Tables]]:
        """The bytes of a journal of so many transactions, and the state after each."""
        bench = self.Bench(self.Disk(), seed=seed, floor=1 << 30, words=words)
        bench.open()
        for _ in range(steps):
            bench.step()
        return bench.disk.files()[STORE], bench.history

    def transactions(self, data: bytes) -> list[dict[str, Change]]:
        """What the lines of a whole file say."""
        codec = self.codec or PLAIN
        head, *texts = data.splitlines()
        chain = read_header(head, codec=codec.name)
        assert chain is not None
        return [decode(codec.open(text[8:], number=place, salt=chain.salt)) for place, text in enumerate(texts, 1)]

    def reopened(self, files: dict[Path, bytes]) -> tuple[Tables, str]:
        """The state and the kind of recovery after opening these files on a healthy disk."""
        db = opened(self.Disk(files), self.codec)
        try:
            return db.journal.read() or {}, db.recovery.kind
        finally:
            db.close()

    def look(self, image: dict[Path, bytes], *possible: Tables, rot: bool = False) -> str:
        """Opens a crashed disk: it must show one of the ``possible`` states, say so, and be in order from then on.

        ``rot``: the disk may hold what looks like rot; then the rows that exist nowhere else are the same, and no other is there.
        """
        disk = self.Disk(image)
        try:
            db = opened(disk, self.codec)
            state, found = db.journal.read() or {}, db.recovery
            db.close()
        except OkpayError as cause:
            return f"refused: {cause.what}"
        if found.kind == "rot":
            if not rot:
                return "taken for rot"
            if state not in [precious(one) for one in possible]:
                return "own rows differ after rot"
            if disk.files()[STORE.with_name(found.quarantine)] != image[STORE]:
                return "the damaged file was not kept"
        elif state not in possible:
            return "a state that never was"
        if found.kind != "none":
            if not found.message or not found.advice:
                return "mended without a word"
            # What was shown once must be there for good, and nothing is left to mend.
            for cut in disk.power_cuts(random.Random(1), more=0):
                if self.reopened(cut) != (state, "none"):
                    return "the mended store did not last"
        return ""

    def explore(self, disk: Any, *, seed: int, steps: int = 25, more: int = 2, most: int = 0) -> tuple[int, int]:
        """Cut the power at every call of a run; returns the number of disks looked at, and of those with a wrong state."""
        looked, wrong = self.explored(disk, seed=seed, steps=steps, more=more, most=most)
        return looked, len(wrong)

    def explored(self, disk: Any, *, seed: int, steps: int = 25, more: int = 2, most: int = 0) -> Seen:
        bench = self.Bench(disk, seed=seed)
        bench.open()
        return self._cut_at_every_call(bench, steps, seed=seed, more=more, most=most)

    def _cut_at_every_call(self, bench: Bench, steps: int, *, seed: int, more: int, most: int) -> Seen:
        disk, images = bench.disk, random.Random(seed)
        looked, wrong = 0, list[str]()

        def watch() -> None:
            nonlocal looked
            for image in disk.power_cuts(images, more=more, most=most):
                looked += 1
                fault = self.look(image, bench.acked, bench.next, rot=bool(disk.extents))
                wrong.extend([fault] if fault else [])

        disk.watch = watch
        try:
            for _ in range(steps):
                cause = bench.try_step()
                watch()
                if isinstance(cause, StoreBroken):
                    break
        finally:
            disk.watch = lambda: None
        return looked, wrong

    def relay(self, disk: Any, fault: Callable[[str, int], int | None], *, seed: int, steps: int = 9) -> Seen:
        """A program dies or fails; the next one on the same machine opens what is there, and then the power fails at any call.

        What the second program shows after opening is confirmed by being shown.
        """
        bench = self.Bench(disk, seed=seed, floor=700)
        disk.fault = fault
        try:
            bench.open()
            for _ in range(steps):
                if isinstance(bench.try_step(), StoreBroken):
                    break
            bench.db.close()
        except (self.killed, OkpayError):
            pass
        disk.revive()
        possible, images = (bench.acked, bench.next), random.Random(seed)
        looked, wrong = 0, list[str]()

        def watch() -> None:
            nonlocal looked
            for image in disk.power_cuts(images, more=1):
                looked += 1
                fault = self.look(image, *possible)
                wrong.extend([fault] if fault else [])

        disk.watch = watch
        bench.open()
        disk.watch = lambda: None
        shown = bench.db.journal.read() or {}
        if shown not in possible:
            wrong.append("the next program sees a state that never was")
        possible = (shown,)
        watch()
        bench.acked = bench.next = shown
        more, found = self._cut_at_every_call(bench, 2, seed=seed, more=1, most=0)
        return looked + more, wrong + found

    def refused(self, disk: Any, fault: Callable[[str, int], int | None], *, seed: int, steps: int = 25) -> str:
        """The disk refuses what ``fault`` says; nothing confirmed is lost, work goes on, and a healthy disk has it all."""
        bench = self.Bench(disk, seed=seed, floor=700)
        disk.fault = fault
        broken, failed, possible = False, -9, list[Tables]()
        for _ in range(9):
            try:
                bench.open()
                break
            except OkpayError:
                continue
        for step in range(steps if bench.db is not None else 0):
            cause = bench.try_step()
            if cause is None and step - failed <= 2:
                # Right after a failure: later records would cover what it left on the disk.
                if self.reopened(disk.files()) != (bench.acked, "none"):
                    return "what a failure left behind is in the way"
            elif cause is not None:
                failed = step
            if isinstance(cause, StoreBroken) or isinstance(bench.db.compaction_error, StoreBroken):
                broken = True
                possible = [bench.next]
                break
        crashed = self.look(disk.files(), bench.acked, *possible)
        if crashed:
            return crashed
        disk.fault = lambda call, number: None
        if bench.db is None:
            bench.open()
        if not broken:
            if bench.try_step() is not None:
                return "the disk is well again, and the store is not"
            possible = []
        elif not isinstance(bench.try_step(), StoreBroken):
            return "a broken store confirms again"
        bench.db.close()
        bench.open()
        shown = bench.db.journal.read() or {}
        if shown not in (bench.acked, *possible):
            return "the next program sees a state that never was"
        for image in disk.power_cuts(random.Random(seed), more=1):
            fault_found = self.look(image, shown)
            if fault_found:
                return f"after opening again: {fault_found}"
        bench.acked = shown
        return "opened again, and it refuses" if bench.try_step() is not None else ""

    def mending(self, damaged: bytes, fault: Callable[[str, int], int | None]) -> Seen:
        """A rotten file is opened on a disk that refuses, kills or loses power: its bytes and its own rows are never lost."""
        expected = self.reopened({STORE: damaged})[0]
        disk, images = self.Disk({STORE: damaged}), random.Random(1)
        looked, wrong = 0, list[str]()

        def judge(files: dict[Path, bytes]) -> None:
            nonlocal looked
            looked += 1
            if damaged not in files.values():
                wrong.append("the damaged file is nowhere")
            elif self.reopened(files)[0] != expected:
                wrong.append("own rows differ after a broken mending")

        def watch() -> None:
            for image in disk.power_cuts(images, more=0, most=16):
                judge(image)

        disk.fault, disk.watch = fault, watch
        with contextlib.suppress(self.killed, OkpayError):
            opened(disk, self.codec).close()
        disk.watch = lambda: None
        disk.revive()
        judge(disk.files())
        opened(disk, self.codec).close()
        judge(disk.files())
        if self.reopened(disk.files()) != (expected, "none"):
            wrong.append("the mended store did not last")
        return looked, wrong

    def flips(self, data: bytes, history: list[Tables], *, bits: Iterable[int] = range(8), every: int = 1) -> Seen:
        """Flip these bits of every so many bytes: at most that line's own rows are missing, or the last line is."""
        lines = data.splitlines(keepends=True)
        ops = self.transactions(data)

        def without(place: int) -> Tables:
            tables: Tables = {}
            for number, changes in enumerate(ops, 1):
                if number != place:
                    tables = applied(tables, {name: one for name, one in changes.items() if name in PRECIOUS})
            return tables

        complete, looked, wrong, start = without(0), 0, list[str](), 0
        for number, text in enumerate(lines):
            spared = without(number)
            for position in range(start, start + len(text)):
                if position % every:
                    continue
                for bit in bits:
                    damaged = bytearray(data)
                    damaged[position] ^= 1 << bit
                    looked += 1
                    try:
                        state, kind = self.reopened({STORE: bytes(damaged)})
                    except OkpayError as cause:
                        wrong.append(f"byte {position} bit {bit}: refused, {cause.what}")
                        continue
                    last = number == len(lines) - 1 and kind == "torn"
                    right = state == history[-2] if last else kind == "rot" and state in (complete, spared)
                    if not right:
                        wrong.append(f"byte {position} bit {bit}: {kind}")
            start += len(text)
        return looked, wrong


def kills(killed: type[BaseException], number: int) -> Callable[[str, int], int | None]:
    """A program that dies at its ``number``-th call."""

    def fault(call: str, at: int) -> None:
        if at == number:
            raise killed

    return fault


def refuses(code: int, *, first: int, last: float, calls: Iterable[str] = CHANGING) -> Callable[[str, int], int | None]:
    """The disk refuses each of these calls from the ``first`` to the ``last``."""

    def fault(call: str, at: int) -> None:
        if first <= at <= last and call in calls:
            raise OSError(code, "refused")

    return fault


def shortens(code: int, *, first: int, last: int, taken: int) -> Callable[[str, int], int | None]:
    """One write ends at ``taken`` (a slice's end), and no byte can be written or cut off until the ``last`` call."""

    def fault(call: str, at: int) -> int | None:
        if first <= at <= last and call in ("write", "truncate"):
            if call == "write" and at == first:
                return taken
            raise OSError(code, "refused")
        return None

    return fault


def loses(first: int, *, cut: bool) -> Callable[[str, int], int | None]:
    """The first sync from there on fails, and what it should have stored is lost; with ``cut`` every truncation fails after it."""
    failed: list[int] = []

    def fault(call: str, at: int) -> None:
        if call == "sync" and at >= first and not failed:
            failed.append(at)
            raise OSError(errno.EIO, "lost")
        if cut and call == "truncate" and failed:
            raise OSError(errno.EIO, "refused")

    return fault


def shuffled(data: bytes) -> Iterator[bytes]:
    """Files whose every line is whole and in the wrong place: swapped, doubled, missing."""
    lines = data.splitlines(keepends=True)
    for place in range(2, len(lines) - 1):
        for order in (
            [*lines[:place], lines[place + 1], lines[place], *lines[place + 2 :]],
            [*lines[: place + 1], lines[place], *lines[place + 1 :]],
            [*lines[:place], *lines[place + 1 :]],
        ):
            yield b"".join(order)
