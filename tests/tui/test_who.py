"""The first line of a new call is taken apart whatever comes first, and no word of it is dropped."""

from __future__ import annotations

from typing import Any

import pytest

from okpay_console.tui import house, who


def read(make: Any, text: str) -> who.Who:
    return who.read(text, check=lambda field, words: house.check(field, words, now=make.now, answers={}))


@pytest.mark.parametrize(
    ("text", "mobile", "name", "email", "txn_no"),
    [
        ("13800138000", "+8613800138000", "", "", ""),
        ("138 0013 8000", "+8613800138000", "", "", ""),
        ("138-0013-8000 张三", "+8613800138000", "张三", "", ""),
        ("张三13800138000", "+8613800138000", "张三", "", ""),
        ("１３８００１３８０００，李女士", "+8613800138000", "李女士", "", ""),
        ("zhang@Example.com 张三", "", "张三", "zhang@example.com", ""),
        ("A1B2C3D4E5 13800138000", "+8613800138000", "", "", "A1B2C3D4E5"),
        ("John Smith", "", "John Smith", "", ""),
        ("", "", "", "", ""),
        ("王小明、13800138000、wang@a.cn", "+8613800138000", "王小明", "wang@a.cn", ""),
    ],
)
def test_number_name_address_and_transaction_come_in_any_order(
    make: Any, text: str, mobile: str, name: str, email: str, txn_no: str
) -> None:
    found = read(make, text)
    assert (found.caller.mobile, found.caller.name, found.caller.email, found.txn_no) == (mobile, name, email, txn_no)
    assert (found.ok, found.note) == (True, "")


@pytest.mark.parametrize("text", ["1280", "138001", "zhang@", "13800138000 12800138000", "13800138000 13912345678"])
def test_what_cannot_stand_says_why_and_makes_no_case(make: Any, text: str) -> None:
    found = read(make, text)
    assert (found.ok, bool(found.note)) == (False, True)


def test_words_that_are_neither_stay_in_the_name(make: Any) -> None:
    assert read(make, "老张 三楼 13800138000 代儿子来电").caller.name == "老张 三楼 代儿子来电"
