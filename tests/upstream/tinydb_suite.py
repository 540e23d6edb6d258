"""Run TinyDB's own released tests on our cache: python tests/upstream/tinydb_suite.py [--keep] [pytest options]

The source distribution of the installed TinyDB version is fetched with pip (its ordinary configuration decides from where)
into a temporary folder. A conftest is put beside its tests that hands them ``OkDB`` over a journal where they ask for a
TinyDB with a JSON file or with memory. The tests of TinyDB's own storages and middlewares are left out: they test
classes that the cache does not use. Exit status 0: every failure is one of those named and explained here.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tarfile
import tempfile
import xml.etree.ElementTree as ET
from importlib.metadata import version
from pathlib import Path

FILES = ("test_tinydb.py", "test_tables.py", "test_operations.py", "test_queries.py", "test_utils.py")

EXPECTED = {
    "test_table_repr": "asserts the class name <Table … storage=<tinydb.storages.…>> in repr()",
    "test_repr": "asserts the class name <TinyDB …> in repr()",
    "test_lru_cache": "asserts that a write empties the query cache; ours is brought up to date instead",
}

CONFTEST = '''
"""Hands TinyDB's tests our cache in the place of its two own storages."""
import itertools
import tempfile
from pathlib import Path

import pytest
from tinydb import TinyDB as Stock
from tinydb.middlewares import CachingMiddleware
from tinydb.storages import JSONStorage
from tinydb.storages import MemoryStorage as StockMemory

from okpay_console.local.database import OkDB
from okpay_console.local.journal import JournalStorage

HOME = Path(tempfile.mkdtemp(prefix="suite-", dir=Path(__file__).parent))
NUMBER = itertools.count()


class MemoryStorage(JournalStorage):
    """Stands where the tests ask for memory by name: a journal in a file of its own."""

    def __init__(self, path=None, **options):
        super().__init__(path or HOME / f"memory-{next(NUMBER)}.okdb", **options)


class InMemory(OkDB):
    default_storage_class = MemoryStorage


def ours(*args, storage=None, **json_options):
    """What the tests get for ``TinyDB(...)``; somebody else's storage is opened by TinyDB itself and says nothing."""
    if storage is None or storage is JSONStorage:
        return OkDB(*args, ids=int, salvage=())
    if storage is MemoryStorage:
        return InMemory(None, ids=int, salvage=())
    return Stock(*args, storage=storage, **json_options)


def pytest_collection_modifyitems(items):
    for module in {item.module for item in items}:
        if module.__name__.rpartition(".")[2] in ("test_tinydb", "test_tables", "test_operations"):
            for name, swapped in (("TinyDB", ours), ("MemoryStorage", MemoryStorage)):
                if hasattr(module, name):
                    setattr(module, name, swapped)


@pytest.fixture(params=["journal"])
def db(request, tmp_path):
    made = OkDB(tmp_path / "test.db", ids=int, salvage=())
    made.drop_tables()
    made.insert_multiple({"int": 1, "char": c} for c in "abc")
    yield made
    made.close()


@pytest.fixture
def storage():
    return CachingMiddleware(StockMemory)()
'''


def main() -> int:
    """Fetch, swap, run, count."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--keep", action="store_true", help="leave the temporary folder and say where it is")
    options, rest = parser.parse_known_args()
    folder = Path(tempfile.mkdtemp(prefix="tinydb-suite-"))
    try:
        tests = fetch(folder)
        (tests / "conftest.py").write_text(CONFTEST, encoding="utf-8")
        return run(tests, folder / "report.xml", rest)
    finally:
        if options.keep:
            print(f"kept: {folder}")
        else:
            shutil.rmtree(folder, ignore_errors=True)


def fetch(folder: Path) -> Path:
    """Download and unpack the source distribution; returns its tests."""
    wanted = f"tinydb=={version('tinydb')}"
    command = [sys.executable, "-m", "pip", "download", "-qq", "--no-binary", ":all:", "--no-deps"]
    subprocess.run([*command, "--dest", str(folder), wanted], check=True)
    with tarfile.open(next(folder.glob("tinydb-*.tar.gz"))) as archive:
        archive.extractall(folder, filter="data")
    return next(folder.glob("tinydb-*/tests"))


def run(tests: Path, report: Path, rest: list[str]) -> int:
    """Run pytest and tell the expected failures from the others."""
    command = [sys.executable, "-m", "pytest", "-q", "--no-header", "--tb=short", "-p", "no:cacheprovider"]
    (tests.parent / "pytest.ini").write_text("[pytest]\n", encoding="utf-8")
    done = subprocess.run(
        [*command, "-c", str(tests.parent / "pytest.ini"), f"--junit-xml={report}", *rest, *FILES],
        cwd=tests,
        capture_output=True,
        text=True,
        check=False,
    )
    if not report.exists():
        print(done.stdout, done.stderr)
        return 1
    cases = list(ET.parse(report).iter("testcase"))
    failed = [case for case in cases if case.find("failure") is not None or case.find("error") is not None]
    names = {str(case.get("name")).partition("[")[0] for case in failed}
    surprises = sorted(names - EXPECTED.keys())
    print(f"TinyDB {version('tinydb')}: {len(cases) - len(failed)} of {len(cases)} pass")
    for name in sorted(names & EXPECTED.keys()):
        print(f"  expected: {name} {EXPECTED[name]}")
    for name in surprises:
        print(f"  UNEXPECTED: {name}")
    for name in sorted(EXPECTED.keys() - names):
        print(f"  passes now, take it off the list: {name}")
    if surprises:
        print(done.stdout)
    return 1 if surprises or not cases else 0


if __name__ == "__main__":
    sys.exit(main())
