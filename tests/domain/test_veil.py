"""Numbers and addresses inside free text are masked, and what the text is about is not."""

from __future__ import annotations

import pytest

from okpay_console.domain.veil import veil


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("打 138 0013 8000 或 +86-13800138000 给我", "打 138****8000 或 138****8000 给我"),
        ("我是008613912345678", "我是139****5678"),
        ("zhang.san@example.com 收不到", "z***@example.com 收不到"),
        ("汇到 GB82 WEST 1234 5698 7654 32", "汇到 GB82…5432"),
        ("身份证 110101199003071234", "身份证 110****34"),
        ("call +1 415 555 2671 please", "call +1 ****671 please"),
        ("打 +683 4123", "打 +68****123"),
    ],
)
def test_personal_numbers_in_a_sentence_are_masked(text: str, shown: str) -> None:
    assert veil(text) == shown


@pytest.mark.parametrize(
    "text",
    ["重复扣款两次", "编号 A1B2C3D4E5", "20261122143000123456", "#20419 金额 300.00", "11-22 14:30", "版本 8.2.1"],
)
def test_what_is_nobodys_number_stays(text: str) -> None:
    assert veil(text) == text


def test_a_masked_text_stays_as_it_is() -> None:
    once = veil("13800138000 z@x.com")
    assert veil(once) == once
