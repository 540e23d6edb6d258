"""An agent's own views outlive the process and a damaged journal, and are nobody else's."""

from __future__ import annotations

from pathlib import Path

from okpay_console.domain.views import Saved
from okpay_console.local.store import PRECIOUS, VIEWS, make, open_store
from okpay_console.local.views import Views

ONE, TWO = Saved("v1", "在线", "渠道=在线"), Saved("v2", "超时", "超时")


def put(path: Path, agent: str, *views: Saved) -> bool:
    db = open_store(path)
    try:
        commit = Views(db).plan_put(agent, views)
        if commit is not None:
            make(db.journal, commit)
        return commit is not None
    finally:
        db.close()


def kept(path: Path, agent: str) -> tuple[Saved, ...]:
    db = open_store(path, readonly=True)
    try:
        return Views(db).of(agent)
    finally:
        db.close()


def test_views_are_there_in_their_order_after_a_new_start_and_belong_to_one_agent(tmp_path: Path) -> None:
    path = tmp_path / "store"
    assert put(path, "小王", TWO, ONE)
    assert kept(path, "小王") == (TWO, ONE)
    assert kept(path, "小李") == ()
    assert put(path, "小王", ONE)
    assert kept(path, "小王") == (ONE,)
    assert put(path, "小王")
    assert kept(path, "小王") == ()


def test_the_same_views_again_are_no_write(tmp_path: Path) -> None:
    assert put(tmp_path / "store", "小王", ONE)
    assert not put(tmp_path / "store", "小王", ONE)


def test_views_are_saved_from_a_damaged_store() -> None:
    """They exist nowhere else."""
    assert VIEWS in PRECIOUS


def test_what_a_newer_version_wrote_is_left_alone_until_it_is_written_anew(tmp_path: Path) -> None:
    from okpay_console.local.record import Change

    db = open_store(tmp_path / "store")
    db.journal.commit({VIEWS: Change(put={"小王": {"views": [{"id": "v1", "name": 5}]}})})
    assert Views(db).of("小王") == ()
    db.close()
