"""Masks: what a screen may show of a personal value."""

from __future__ import annotations

import pytest

from okpay_console.domain.privacy import mask, mask_caller
from okpay_console.domain.ticket import Caller


@pytest.mark.parametrize(
    ("field", "value", "shown"),
    [
        ("mobile", "+8613800138000", "138****8000"),
        ("mobile", "13800138000", "138****8000"),
        ("mobile", "+85291234567", "+85****4567"),
        ("mobile", "12345", "****"),
        ("email", "zhang@x.com", "z***@x.com"),
        ("email", "broken", "b***"),
        ("name", "张三", "张*"),
        ("counterparty", "欧阳某某", "欧*"),
        ("benef_name", "Zhang San", "Z*"),
        ("handle", "@zhangsan", "@z***"),
        ("iban", "GB82WEST12345698765432", "GB82…5432"),
        ("card_tail", "1234", "**** 1234"),
        ("account_tail", "5432", "**** 5432"),
        ("txn_no", "A1B2C3D4E5", "A1B2C3D4E5"),
        ("amount", "12.50", "12.50"),
        ("mobile", "", ""),
    ],
)
def test_a_value_is_shown_masked(field: str, value: str, shown: str) -> None:
    assert mask(field, value) == shown


def test_a_caller_is_masked_whole() -> None:
    caller = Caller(name="张三", mobile="+8613800138000", email="zhang@x.com", handle="zhang")
    assert mask_caller(caller) == Caller(name="张*", mobile="138****8000", email="z***@x.com", handle="@z***")
    assert mask_caller(Caller()) == Caller()
