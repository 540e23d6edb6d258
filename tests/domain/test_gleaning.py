"""One free line gives up its details, in any order, and keeps every word that is none."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from okpay_console.content.rules import load_rules
from okpay_console.domain import gleaning, numerals
from okpay_console.domain.checklist import Checklist, Need
from okpay_console.domain.ticket import FieldAnswer

NOW = datetime(2026, 11, 22, 6, 46, tzinfo=UTC)  # 14:46 in Shanghai, a Sunday
LISTS = load_rules().checklists


def glean(category: str, line: str, **known: str) -> tuple[gleaning.Proposal, ...]:
    answers = {field: FieldAnswer(value, "filled") for field, value in known.items()}
    return gleaning.propose(line, listed=LISTS.get(category), answers=answers, now=NOW)


LINES = [
    # One detail alone, in the ways that it is said.
    ("TXN", "138 0013 8000", {"mobile": "+8613800138000"}, ""),
    ("TXN", "13800138000", {"mobile": "+8613800138000"}, ""),
    ("TXN", "１３８００１３８０００", {"mobile": "+8613800138000"}, ""),
    ("TXN", "+86 138-0013-8000", {"mobile": "+8613800138000"}, ""),
    ("TXN", "手机号是13800138000", {"mobile": "+8613800138000"}, ""),
    ("TXN", "+852 9123 4567", {"mobile": "+85291234567"}, ""),
    ("TXN", "mobile number +1 415 555 2671", {"mobile": "+14155552671"}, ""),
    ("TXN", "Zhang.San@Example.COM", {"email": "Zhang.San@example.com"}, ""),
    ("TXN", "邮箱zhang@x.com", {"email": "zhang@x.com"}, ""),
    ("TXN", "昨天14:30", {"txn_time": "2026-11-21 14:30+08:00"}, ""),
    ("TXN", "昨天下午两点半", {"txn_time": "2026-11-21 14:30+08:00"}, ""),
    ("TXN", "今天早上8点一刻", {"txn_time": "2026-11-22 08:15+08:00"}, ""),
    ("TXN", "3-5 14:30", {"txn_time": "2026-03-05 14:30+08:00"}, ""),
    ("TXN", "11月20号", {"txn_time": "2026-11-20"}, ""),
    ("TXN", "十一月二十号晚上八点", {"txn_time": "2026-11-20 20:00+08:00"}, ""),
    ("TXN", "2026-11-20 09:05", {"txn_time": "2026-11-20 09:05+08:00"}, ""),
    ("TXN", "上周五", {"txn_time": "2026-11-13"}, ""),
    ("TXN", "3天前", {"txn_time": "2026-11-19"}, ""),
    ("TXN", "两小时前", {"txn_time": "2026-11-22 12:46+08:00"}, ""),
    ("TXN", "yesterday 2:30pm", {"txn_time": "2026-11-21 14:30+08:00"}, ""),
    ("TXN", "今天一点", {"txn_time": "2026-11-22 01:00+08:00"}, ""),
    ("TXN", "昨天 一点半", {"txn_time": "2026-11-21 01:30+08:00"}, ""),
    ("TECH", "一点付款就闪退", {}, "一点付款就闪退"),
    ("TXN", "最近有一点慢", {}, "最近有一点慢"),
    ("XBORDER", "to United Kingdom", {"dest_country": "GB"}, "to"),
    ("TXN", "debited not credited", {"txn_status": "debited_not_credited"}, ""),
    ("TXN", "刚才", {"txn_time": "2026-11-22 14:46+08:00"}, ""),
    ("TXN", "明天 10:00-12:00", {"contact_window": "2026-11-23 10:00-12:00"}, ""),
    ("TXN", "￥300", {"currency": "CNY", "amount": "300.00"}, ""),
    ("TXN", "300块", {"amount": "300.00", "currency": "CNY"}, ""),
    ("TXN", "300块钱", {"amount": "300.00", "currency": "CNY"}, ""),
    ("TXN", "三百块", {"amount": "300.00", "currency": "CNY"}, ""),
    ("TXN", "三百五十块钱", {"amount": "350.00", "currency": "CNY"}, ""),
    ("TXN", "三百五十六元", {"amount": "356.00", "currency": "CNY"}, ""),
    ("TXN", "一千二百元", {"amount": "1200.00", "currency": "CNY"}, ""),
    ("TXN", "两万零五十元", {"amount": "20050.00", "currency": "CNY"}, ""),
    ("TXN", "3万元", {"amount": "30000.00", "currency": "CNY"}, ""),
    ("TXN", "1,234.50元", {"amount": "1234.50", "currency": "CNY"}, ""),
    ("TXN", "两块五", {"amount": "2.5"}, ""),
    ("TXN", "USD 20", {"currency": "USD", "amount": "20.00"}, ""),
    ("TXN", "20 usd", {"amount": "20.00", "currency": "USD"}, ""),
    ("TXN", "300美元", {"amount": "300.00", "currency": "USD"}, ""),
    ("TXN", "三百块美金", {"amount": "300.00", "currency": "USD"}, ""),
    ("TXN", "5000日元", {"amount": "5000", "currency": "JPY"}, ""),
    ("TXN", "300 dollars", {"amount": "300"}, ""),
    ("TXN", "$300", {"amount": "300"}, ""),
    ("TXN", "金额300", {"amount": "300"}, ""),
    ("TXN", "58.5", {"amount": "58.5"}, ""),
    ("TXN", "A1B2C3D4E5", {"txn_no": "A1B2C3D4E5"}, ""),
    ("TXN", "编号 A1B2C3D4E5", {"txn_no": "A1B2C3D4E5"}, ""),
    ("TXN", "订单号：202611221430001234", {"txn_no": "202611221430001234"}, ""),
    ("TXN", "transaction number OKP20261122001234", {"txn_no": "OKP20261122001234"}, ""),
    ("TXN", "已扣款未到账", {"txn_status": "debited_not_credited"}, ""),
    ("TXN", "E5003", {"error_code": "E5003"}, ""),
    ("TXN", "错误码 5003", {"error_code": "5003"}, ""),
    ("TXN", "error code ERR_TIMEOUT_1", {"error_code": "ERR_TIMEOUT_1"}, ""),
    ("TXN", "4.2.1", {"app_version": "4.2.1"}, ""),
    ("TXN", "App版本8.2", {"app_version": "8.2"}, ""),
    ("TXN", "5G", {"network": "5g"}, ""),
    ("TXN", "美团", {}, "美团"),
    ("TXN", "张伟", {"counterparty": "张伟"}, ""),
    ("TXN", "付给美团", {"counterparty": "美团"}, ""),
    ("TXN", "paid to Starbucks", {"counterparty": "Starbucks"}, "paid"),
    ("TECH", "iPhone 15", {"device": "iPhone 15"}, ""),
    ("TECH", "华为Mate 60 Pro", {"device": "华为Mate 60 Pro"}, ""),
    ("TECH", "安卓14", {"os": "Android 14"}, ""),
    ("TECH", "iOS 17.5.1", {"os": "iOS 17.5.1"}, ""),
    ("TECH", "鸿蒙系统4.2", {"os": "HarmonyOS 4.2"}, ""),
    ("TECH", "提示“网络异常，请稍后”", {"error_text": "网络异常，请稍后"}, ""),
    ("TECH", "每次都有", {"repro": "always"}, ""),
    ("REFUND", "尾号1234", {"card_tail": "1234"}, ""),
    ("REFUND", "1234", {"card_tail": "1234"}, ""),
    ("XBORDER", "美国", {"dest_country": "US"}, ""),
    ("XBORDER", "Germany", {"dest_country": "DE"}, ""),
    ("XBORDER", "USD", {"currency": "USD"}, ""),
    ("XBORDER", "港币", {"currency": "HKD"}, ""),
    ("FEEDBACK", "8分", {"nps": "8"}, ""),
    ("FEEDBACK", "投诉", {"feedback_type": "complaint"}, ""),
    ("LOGIN", "收不到验证码", {"login_symptom": "no_code"}, ""),
    ("FRAUD", "手机丢了", {"in_control": "no"}, ""),
    # Several in one line, with and without marks between them.
    ("TECH", "iPhone 15、安卓14、4.2.1", {"device": "iPhone 15", "os": "Android 14", "app_version": "4.2.1"}, ""),
    (
        "TXN",
        "13800138000 昨天14:30 ￥300 A1B2C3D4E5 已扣款未到账",
        {
            "mobile": "+8613800138000", "txn_time": "2026-11-21 14:30+08:00", "currency": "CNY", "amount": "300.00",
            "txn_no": "A1B2C3D4E5", "txn_status": "debited_not_credited",
        },
        "",
    ),
    (
        "XBORDER",
        "已汇出，英国，GBP 500，GB82 WEST 1234 5698 7654 32 HSBCGB2L 收款人 John Smith",
        {
            "sent_already": "yes", "dest_country": "GB", "currency": "GBP", "amount": "500.00",
            "iban": "GB82WEST12345698765432", "benef_name": "John Smith", "bic": "HSBCGB2L",
        },
        "",
    ),
    ("XBORDER", "香港 300块 已汇出 尾号5432 HSBCHKHH", {
        "dest_country": "HK", "amount": "300.00", "currency": "CNY", "sent_already": "yes", "account_tail": "5432",
        "bic": "HSBCHKHH",
    }, ""),
    # Whole sentences.
    (
        "TXN",
        "昨天下午两点半付了三百块给美团，编号 A1B2C3D4E5，手机 13800138000",
        {
            "txn_time": "2026-11-21 14:30+08:00", "amount": "300.00", "currency": "CNY", "counterparty": "美团",
            "txn_no": "A1B2C3D4E5", "mobile": "+8613800138000",
        },
        "付了",
    ),
    (
        "TXN",
        "我昨天晚上8点在超市付了58.5元，显示处理中，用的流量",
        {"txn_time": "2026-11-21 20:00+08:00", "amount": "58.50", "currency": "CNY", "txn_status": "processing", "network": "4g"},
        "我 … 在超市付了 … 显示 … 用的",
    ),
    (
        "TXN",
        "yesterday 2:30pm paid 300 USD to Starbucks, mobile +852 9123 4567, error code E5003",
        {
            "txn_time": "2026-11-21 14:30+08:00", "amount": "300.00", "currency": "USD", "counterparty": "Starbucks",
            "mobile": "+85291234567", "error_code": "E5003",
        },
        "paid",
    ),
    ("REFUND", "重复扣款，尾号 8899 "
        "的卡，要退款", {"txn_status": "debited_twice", "card_tail": "8899", "wanted": "refund"}, "的卡，要"),
    # Words that look like details and are none.
    ("TXN", "打了3次都失败", {"txn_status": "failed"}, "打了3次都"),
    ("TXN", "没有成功", {}, "没有成功"),
    ("TXN", "手机尾号1234", {}, "手机尾号1234"),
    ("TXN", "等了30分钟", {}, "等了30分钟"),
    ("TXN", "工单号20419", {}, "工单号20419"),
    ("TXN", "please transfer to the customer", {}, "please transfer to the customer"),
    ("TXN", "", {}, ""),
]  # fmt: skip


@pytest.mark.parametrize(("category", "line", "told", "left"), LINES, ids=[line[1] or "nothing" for line in LINES])
def test_a_line_gives_its_details_and_keeps_the_other_words(
    category: str, line: str, told: dict[str, str], left: str
) -> None:
    proposals = glean(category, line)
    assert {one.field: one.value for one in proposals if one.ok} == told
    assert gleaning.leftover(line, proposals) == left


@pytest.mark.parametrize(
    ("category", "line", "field", "note"),
    [
        ("XBORDER", "IBAN GB82WEST12345698765433", "iban", "iban-digits"),
        ("TXN", "+852 1234 567", "mobile", "mobile-abroad-wrong"),
        ("TXN", "交易编号 A1B2C3", "txn_no", "txn_no"),
    ],
)
def test_a_labelled_piece_that_is_wrong_is_shown_with_what_is_wrong(
    category: str, line: str, field: str, note: str
) -> None:
    found = [(one.field, one.note_code) for one in glean(category, line) if not one.ok]
    assert found == [(field, note)]


def test_a_piece_that_fits_several_fields_says_so() -> None:
    (tail,) = glean("XBORDER", "尾号1234", sent_already="yes", dest_country="HK")
    assert (tail.field, tail.others) == ("account_tail", ("card_tail",))
    (four,) = glean("REFUND", "1234")
    assert (four.field, four.others) == ("card_tail", ("amount",))


def test_an_empty_field_goes_before_one_that_has_a_value() -> None:
    (four,) = glean("REFUND", "1234", card_tail="9999")
    assert four.field == "amount"


def test_a_value_that_is_there_already_is_proposed_as_a_replacement() -> None:
    (mobile,) = glean("TXN", "13900139000", mobile="+8613800138000")
    assert (mobile.field, mobile.value, mobile.had) == ("mobile", "+8613900139000", "+8613800138000")


def test_of_two_numbers_for_one_field_the_first_is_proposed_and_the_second_kept_in_the_note() -> None:
    line = "13800138000 或者 13900139000"
    proposals = glean("TXN", line)
    assert [one.value for one in proposals] == ["+8613800138000"]
    assert gleaning.leftover(line, proposals) == "或者 13900139000"


def test_of_two_fields_that_are_asked_for_the_empty_one_is_filled() -> None:
    listed = Checklist("X", (Need((("card_tail",),)), Need((("account_tail",),))))
    for had, field in (("card_tail", "account_tail"), ("account_tail", "card_tail")):
        (tail,) = gleaning.propose("尾号1234", listed=listed, answers={had: FieldAnswer("9999", "filled")}, now=NOW)
        assert (tail.field, tail.others) == (field, (had,))


def test_a_field_that_is_asked_for_goes_before_one_that_is_not() -> None:
    (code,) = glean("TXN", "E5003", error_code="E1001")
    assert (code.field, code.had, code.others) == ("error_code", "E1001", ("device",))
    (device,) = glean("TECH", "P60")
    assert (device.field, device.others) == ("device", ("error_code",))


def test_a_secret_is_told_by_its_kind_alone_and_is_in_no_note() -> None:
    line = "卡号4111111111111111 金额300 验证码123456"
    proposals = glean("TXN", line)
    assert [(one.note_code, one.field, one.value, one.text) for one in proposals if not one.ok] == [
        ("secret-card", "", "", ""),
        ("secret-code", "", "", ""),
    ]
    assert [one.value for one in proposals if one.ok] == ["300"]
    assert not re.search(r"\d", gleaning.leftover(line, proposals))


def test_without_a_category_only_what_shows_by_its_form_is_proposed() -> None:
    found = {one.field for one in glean("", "13800138000 1234 张伟 美国 zhang@x.com 300块")}
    assert found == {"mobile", "email", "amount", "currency"}


_ATOMS = st.sampled_from(
    [line[1] for line in LINES] + ["，", " ", "块", "给", "3", "点", "月", "-", "GB82", "+", "@", "。", "\u3000"]
)


@given(st.lists(_ATOMS | st.text(max_size=8), max_size=8).map("".join), st.sampled_from(sorted(LISTS)))
def test_pieces_do_not_overlap_no_field_is_proposed_twice_and_no_word_is_lost(line: str, category: str) -> None:
    proposals = glean(category, line)
    place = 0
    for one in proposals:
        assert place <= one.start < one.end <= len(line)
        place = one.end
    fields = [one.field for one in proposals if one.field]
    assert len(fields) == len(set(fields))
    kept = gleaning.leftover(line, proposals)
    outside = "".join(
        character for at, character in enumerate(line) if not any(one.start <= at < one.end for one in proposals)
    )
    assert [c for c in outside if c.isalnum()] == [c for c in kept if c.isalnum()]


@pytest.mark.parametrize(
    ("words", "number"),
    [
        ("三百", 300), ("三百五", 350), ("三百零五", 305), ("一千二", 1200), ("十二", 12), ("二十", 20), ("一百一十", 110),
        ("两万零五十", 20050), ("三万五", 35000), ("一亿二千万", 120_000_000), ("二零二六", 2026), ("零", 0),
        ("三百五六", None), ("百", None), ("", None), ("三个", None),
    ],
)  # fmt: skip
def test_a_spoken_number_is_read_or_left_alone(words: str, number: int | None) -> None:
    assert numerals.read(words) == number
