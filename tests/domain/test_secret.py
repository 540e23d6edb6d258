"""What must never be kept is found however it is written, and ordinary numbers are left alone."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from okpay_console.domain import checkdigits
from okpay_console.domain.privacy import find_secret, redact

CARDS = [
    "4111111111111111",
    "卡号４１１１１１１１１１１１１１１１",
    "4111 1111 1111 1111 谢谢",
    "4111-1111-1111-1111",
    "4111\u200b111111111111",
    "四一一一一一一一一一一一一一一一",
    "四一一一，一一一一，一一一一，一一一一",
    "my card is 6011111111111117.",
    "378282246310005",
    "3782 822463 10005",
    "5555555555554444 0528 123",
    "6222021234567890128",
    "card4111111111111111",
    "%B4111111111111111^ZHANG/SAN^",
]
CODES = [
    "验证码123456",
    "验证码是 123456",
    "验证码 12 34 56",
    "验证码一二三四五六",
    "校验码９９８２３１",
    "验\u200b证码：123456",
    "OTP 839201",
    "123456是我的验证码",
    "the verification code is 482913",
    "The OTP I received: 4432",
    "收到的验证码是 889900",
    "验证码收到了，是 4432",
    "验证码\n889900",
]
PASSWORDS = [
    "我的密码是123456",
    "支付密码：147258",
    "密码错误，我输的是123456",
    "密码，123456",
    "My password? It is 8821",
    "password123456",
    "口令 8888",
    "My PIN is 1234",
    "password: hunter22",
    "密码是abc12345",
]
CVVS = ["CVV 123", "cvv:123", "CVV2 是 998", "安全码是456", "security code 1234", "ＣＶＶ１２３"]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        *((text, "card") for text in CARDS),
        *((text, "code") for text in CODES),
        *((text, "password") for text in PASSWORDS),
        *((text, "cvv") for text in CVVS),
    ],
)
def test_a_secret_is_found_and_taken_out(text: str, kind: str) -> None:
    assert find_secret(text) == kind
    clean, kinds = redact(text)
    assert kind in kinds
    assert find_secret(clean) is None
    assert "[***]" in clean


@pytest.mark.parametrize(
    "text",
    [
        "",
        "忘记密码",
        "不要告诉任何人验证码、密码或 CVV",
        "13800138000 收不到验证码",
        "+8613800138000",
        "86 138 0013 8000",
        "8613800138002",
        "付了200，收不到验证码",
        "付了 2000，密码也忘了",
        "忘记支付密码，账户余额 5000",
        "忘记密码。客户编码 88213",
        "收不到验证码，付了 2000",
        "password reset, balance 5000",
        "2026-11-22 14:30 收不到验证码",
        "3-5 14:30 收不到验证码",
        "密码错误 3 次",
        "密码忘记了 2026年11月22日",
        "等了120秒还没收到验证码",
        "6位验证码收不到",
        "验证码没收到，扣了500元",
        "验证码过期，金额 300 元",
        "工单 #20419 密码忘了",
        "密码忘了，工单 20419",
        "错误码 5003 密码错误",
        "the code E5003 password wrong",
        "95588发的验证码没收到",
        "手机尾号8000，密码忘了",
        "收不到验证码。客户尾号 8000",
        "版本 8.2.13 密码错误",
        "金额 1,234.50 CNY",
        "金额 123456789.00",
        "20261122143005",  # passes Luhn by chance, as one number in ten does
        "工单 70000007-4567-4890-8123-456789012345",  # its first groups do too
        "交易时间20261122143055123",
        "1700000000000",
        "4200001234202611221234567890",
        "OKP20261122001234",
        "GB82 WEST 1234 5698 7654 32",
        "DE89 3704 0044 0532 0130 00",
        "DE41 3704 0044 0000 0000 01",  # a window of its groups passes Luhn
        "019ab123-4567-7890-8123-456789012345",
        "shipping 1234",
        "opinion 12345",
        "call 400 800 1234 pin",
        "4111111111111112",
        "0000000000000000",
    ],
)
def test_an_ordinary_number_is_no_secret(text: str) -> None:
    assert find_secret(text) is None


def test_a_transaction_number_may_look_like_a_card_in_its_own_field_only() -> None:
    assert find_secret("4111111111111111", field="txn_no") is None
    assert find_secret("4111111111111111", field="counterparty") == "card"
    assert find_secret("验证码123456", field="txn_no") == "code"


def test_redacting_leaves_the_other_words_as_they_were() -> None:
    clean, kinds = redact("卡 4111 1111 1111 1111，验证码是 123456，谢谢！")
    assert clean == "卡 [***]，验证码是 [***]，谢谢！"
    assert kinds == ("card", "code")
    assert redact("密码是CVV123，谢谢")[0] == "密码是[***]，谢谢"


def _card(body: str) -> str:
    return next(body + digit for digit in "0123456789" if checkdigits.luhn(body + digit))


@given(st.from_regex(r"[34569][0-9]{14}", fullmatch=True).filter(lambda body: len(set(body)) > 1), st.data())
def test_a_card_number_is_found_in_any_grouping_and_script(body: str, data: st.DataObject) -> None:
    card = _card(body)
    gaps = data.draw(st.lists(st.sampled_from(["", "", " ", "-", "  ", "　"]), min_size=15, max_size=15))
    script = data.draw(st.sampled_from(["0123456789", "０１２３４５６７８９", "〇一二三四五六七八九", "٠١٢٣٤٥٦٧٨٩"]))
    written = card[0] + "".join(gap + digit for gap, digit in zip(gaps, card[1:], strict=True))
    written = written.translate(str.maketrans("0123456789", script))
    assert find_secret(f"客户说 {written} 就是这个") == "card"


@given(st.text(max_size=80))
def test_redacting_any_text_leaves_nothing_to_find_and_never_fails(text: str) -> None:
    clean, kinds = redact(text)
    assert find_secret(clean) is None
    assert (clean == text) == (not kinds)
