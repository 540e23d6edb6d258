"""The same tests on TinyDB's own two storages and on ours."""

from __future__ import annotations

import pytest
from tinydb import TinyDB
from tinydb.storages import JSONStorage, MemoryStorage

from okpay_console.local.database import OkDB


@pytest.fixture(params=["stock json", "stock memory", "journal"])
def any_db(request, tmp_path):
    """A TinyDB of each kind, empty."""
    if request.param == "journal":
        db = OkDB(tmp_path / "cache.okdb", ids=int, salvage=())
    elif request.param == "stock json":
        db = TinyDB(tmp_path / "cache.json", storage=JSONStorage)
    else:
        db = TinyDB(storage=MemoryStorage)
    yield db
    db.close()


@pytest.fixture
def path(tmp_path):
    return tmp_path / "cache.okdb"


@pytest.fixture
def db(path):
    """Ours, with the server's text ids."""
    with OkDB(path, salvage=()) as made:
        yield made
