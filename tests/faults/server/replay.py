"""A record of writes played again on a disk that may lose power at any of its entries."""

from __future__ import annotations

import importlib.util
import os
import random
import shutil
import struct
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

HERE = Path(__file__).parent
ROOT = HERE.parents[2]
_HEAD = struct.Struct("<cqII")


def _simdisk() -> Any:
    name, path = "okpay_storage_simdisk", HERE.parent / "storage" / "simdisk.py"
    if name not in sys.modules:
        spec = importlib.util.spec_from_file_location(name, path)
        assert spec and spec.loader
        sys.modules[name] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(sys.modules[name])
    return sys.modules[name].SimDisk


class Entry(NamedTuple):
    """``kind``: C created, W written, T cut, S synced, U removed, R renamed to ``data``, L linked as ``data``."""

    kind: str
    path: Path
    offset: int
    data: bytes


class Image(NamedTuple):
    """What a disk may hold after a power cut at entry ``number``, and what had been acknowledged by then."""

    number: int
    acked: tuple[str, ...]
    files: dict[str, bytes]


def recorded(folder: Path) -> list[Entry]:
    """Everything that the server's code wrote below the folder; ``FileNotFoundError`` where there is no compiler."""
    compiler = shutil.which("cc") or shutil.which("gcc")
    if compiler is None or sys.platform != "linux":
        raise FileNotFoundError("recording the writes of SQLite needs Linux and a C compiler")
    library, record, under = folder / "recorder.so", folder / "record", folder / "disk"
    flags = ["-O1", "-shared", "-fPIC", "-o", str(library), str(HERE / "recorder.c"), "-ldl", "-lpthread"]
    subprocess.run([compiler, *flags], check=True)
    under.mkdir()
    keep = {name: value for name, value in os.environ.items() if not name.startswith("OKPAY_")}
    more = {"LD_PRELOAD": str(library), "OKPAY_RECORD_UNDER": str(under), "OKPAY_RECORD_TO": str(record)}
    subprocess.run([sys.executable, str(HERE / "writing.py"), str(under)], check=True, env=keep | more, cwd=ROOT)
    return list(_entries(record.read_bytes()))


def _entries(data: bytes) -> Iterator[Entry]:
    at = 0
    while at < len(data):
        kind, offset, path, size = _HEAD.unpack_from(data, at)
        at += _HEAD.size
        yield Entry(kind.decode(), Path(os.fsdecode(data[at : at + path])), offset, data[at + path : at + path + size])
        at += path + size


def images(entries: list[Entry], name: str, *, cuts: int, seed: int = 1) -> Iterator[Image]:
    """Disks after a power cut in the folder of that name: at every acknowledgement, and at so many other entries.

    At each of them all unsynced names are there, or none, or some; and all sectors, none, some, and some of them in part.
    """
    chance = random.Random(seed)
    mine = [entry for entry in entries if name in (entry.path.name, entry.path.parent.name)]
    others = [number for number, entry in enumerate(mine) if entry.path.name != "acks"]
    chosen = set(chance.sample(others, min(cuts, len(others))))
    disk = _simdisk()(sector=512)
    fds: dict[Path, int] = {}
    acked: list[str] = []
    for number, entry in enumerate(mine):
        if entry.path.name == "acks":
            # The harness's own file: only the order of its lines and of everything else counts.
            if entry.kind == "W":
                acked.append(entry.data.decode().strip())
        else:
            _play(disk, fds, entry)
        if number in chosen or (entry.path.name == "acks" and entry.kind == "W"):
            for files in disk.power_cuts(chance, more=1):
                yield Image(number, tuple(acked), {path.name: data for path, data in files.items()})


def _play(sim: Any, fds: dict[Path, int], entry: Entry) -> None:
    path = entry.path
    if entry.kind == "C":
        fds[path] = sim.open(path, fresh=True)
    elif entry.kind == "W":
        sim.write(fds[path], memoryview(entry.data), entry.offset)
    elif entry.kind == "T":
        sim.truncate(fds[path], entry.offset)
    elif entry.kind == "S":
        sim.sync(fds[path]) if path in fds else sim.sync_dir(path)
    elif entry.kind == "U":
        sim.remove(path)
        fds.pop(path, None)
    else:
        target = Path(os.fsdecode(entry.data))
        if entry.kind == "R":
            sim.rename(path, target)
            fds[target] = fds.pop(path)
        else:
            inode = sim.names[path]
            sim._name(lambda names: names.__setitem__(target, inode))
            fds[target] = fds[path]
