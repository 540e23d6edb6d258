"""Whoever knows TinyDB knows our cache: the same calls give the same answers on its storages and on ours."""

from __future__ import annotations

import pytest
from tinydb import Query, TinyDB, operations, where
from tinydb.table import Document

ROWS = [
    {"n": 1, "who": "张三", "tags": ["退款", "急"], "wallet": {"id": "A1", "ok": True}},
    {"n": 2, "who": "李四", "tags": [], "wallet": {"id": "B2", "ok": False}},
    {"n": 3, "who": "王五", "tags": ["登录"], "wallet": {"id": "C3", "ok": True}},
]


@pytest.fixture
def filled(any_db):
    any_db.insert_multiple(ROWS)
    return any_db


def test_documents_come_back_as_they_were_put_in_with_numbers_from_one(filled):
    assert filled.all() == ROWS
    assert [doc.doc_id for doc in filled] == [1, 2, 3]
    assert len(filled) == 3


@pytest.mark.parametrize(
    ("cond", "numbers"),
    [
        (Query().n > 1, [2, 3]),
        (Query().who == "张三", [1]),
        (Query().who.search("[四五]"), [2, 3]),
        (Query().tags.any(["急", "登录"]), [1, 3]),
        (Query().wallet.ok == True, [1, 3]),  # noqa: E712 - this is how TinyDB spells it
        ((Query().n == 1) | (Query().wallet.id == "C3"), [1, 3]),
        (~(Query().n == 2), [1, 3]),
        (Query().missing.exists(), []),
        (Query().n.one_of([2, 9]), [2]),
        (Query().fragment({"n": 2}), [2]),
    ],
    ids=[f"query {n}" for n in range(10)],
)
def test_queries_find_the_same_documents_in_the_same_order_twice(filled, cond, numbers):
    for _ in range(2):
        assert [doc["n"] for doc in filled.search(cond)] == numbers
        assert filled.count(cond) == len(numbers)
        assert filled.contains(cond) == bool(numbers)
        found = filled.get(cond)
        assert (found["n"] if found else None) == (numbers[0] if numbers else None)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (operations.set("n", 9), 9),
        (operations.increment("n"), 3),
        (operations.decrement("n"), 1),
        (operations.add("n", 5), 7),
        (operations.subtract("n", 5), -3),
        (operations.delete("n"), None),
        ({"n": [1, {"a": None}]}, [1, {"a": None}]),
    ],
)
def test_update_operations_change_the_hits_alone(filled, change, expected):
    assert filled.update(change, where("who") == "李四") == [2]
    assert filled.get(doc_id=2).get("n") == expected
    assert [doc.get("n") for doc in filled.all()] == [1, expected, 3]


def test_update_by_ids_skips_missing_ones_and_update_without_condition_changes_all(filled):
    assert filled.update({"x": 1}, doc_ids=[3, 99]) == [3]
    assert filled.update({"y": 1}) == [1, 2, 3]
    assert [set(doc) & {"x", "y"} for doc in filled] == [{"y"}, {"y"}, {"x", "y"}]


def test_update_multiple_lets_later_conditions_see_earlier_changes(filled):
    updated = filled.update_multiple([({"n": 3}, where("n") == 2), ({"hit": True}, where("n") == 3)])
    assert updated == [2, 2, 3]
    assert [doc.get("hit") for doc in filled] == [None, True, True]


def test_upsert_updates_what_it_finds_and_inserts_what_it_does_not(filled):
    assert filled.upsert({"n": 5}, where("who") == "张三") == [1]
    assert filled.upsert({"n": 6, "who": "赵六"}, where("who") == "赵六") == [4]
    assert filled.upsert(Document({"n": 7}, doc_id=9)) == [9]
    assert filled.insert({"n": 8}) == 10


def test_removal_by_condition_ids_and_truncation(filled):
    assert filled.remove(where("n") == 2) == [2]
    assert filled.remove(doc_ids=[1, 77]) == [1]
    assert [doc.doc_id for doc in filled] == [3]
    filled.truncate()
    assert filled.all() == []
    assert filled.insert({}) == 1


def test_a_document_with_a_taken_id_is_refused(filled):
    with pytest.raises(ValueError, match="already exists"):
        filled.insert(Document({"n": 0}, doc_id=2))
    assert filled.get(doc_id=2)["n"] == 2


def test_tables_are_separate_and_can_be_dropped(filled):
    other = filled.table("other")
    other.insert({"n": 1})
    assert filled.tables() == {"_default", "other"}
    filled.drop_table("other")
    assert filled.tables() == {"_default"}
    assert len(filled.table("other")) == 0
    filled.drop_tables()
    assert filled.tables() == set()


def test_an_empty_table_can_be_kept(any_db):
    any_db.table("kept", persist_empty=True)
    any_db.table("not kept")
    assert any_db.tables() == {"kept"}


def test_a_cached_answer_is_never_older_than_the_last_change(filled):
    cond = where("wallet")["ok"] == True  # noqa: E712
    assert [doc["n"] for doc in filled.search(cond)] == [1, 3]
    filled.update({"wallet": {"ok": True}}, doc_ids=[2])
    assert [doc["n"] for doc in filled.search(cond)] == [1, 2, 3]
    filled.insert({"n": 4, "wallet": {"ok": True}})
    filled.remove(where("n") == 1)
    assert [doc["n"] for doc in filled.search(cond)] == [2, 3, 4]
    filled.update({"wallet": {"ok": False}}, doc_ids=[3])
    assert [doc["n"] for doc in filled.search(cond)] == [2, 4]


@pytest.mark.parametrize("any_db", ["stock json", "journal"], indirect=True)
def test_only_json_is_taken_where_it_is_written(any_db):
    any_db.insert({"a": 1})
    with pytest.raises(TypeError):
        any_db.insert({"a": object()})
    assert isinstance(any_db, TinyDB)
    assert any_db.all() == [{"a": 1}]
