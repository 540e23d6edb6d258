"""Checks of checklist details: the published test vectors, and what each refusal and warning is called."""

from __future__ import annotations

import re
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import get_args

import pytest
from babel.core import get_global
from hypothesis import given
from hypothesis import strategies as st

from okpay_console.content.rules import load_notes
from okpay_console.domain import choices, codes, fields, secret
from okpay_console.domain.ticket import FieldAnswer

NOW = datetime(2026, 11, 22, 6, 46, tzinfo=UTC)  # 14:46 in Shanghai


def check(field: str, text: str, **known: str) -> fields.Checked:
    return fields.check(field, text, now=NOW, answers={name: FieldAnswer(value) for name, value in known.items()})


@pytest.mark.parametrize(
    ("field", "text", "value"),
    [
        ("mobile", "13800138000", "+8613800138000"),
        ("mobile", "+8613800138000", "+8613800138000"),
        ("mobile", "86 138-0013-8000", "+8613800138000"),
        ("dest_country", "United Kingdom", "GB"),
        ("dest_country", "马来西亚", "MY"),
        ("currency", "港币", "HKD"),
        ("currency", "Swiss Franc", "CHF"),
        ("bic", "ABNA BE 2A", "ABNABE2A"),
        ("os", "鸿蒙系统 4.2", "HarmonyOS 4.2"),
        ("mobile", "１３８００１３８０００", "+8613800138000"),
        ("email", "Zhang.San@Example.COM", "Zhang.San@example.com"),
        ("txn_no", "A1B2C3D4E5", "A1B2C3D4E5"),
        ("txn_no", "A1B2-C3D4 E5", "A1B2C3D4E5"),
        ("currency", "cny", "CNY"),
        ("currency", "人民币", "CNY"),
        ("txn_time", "今天14:30", "2026-11-22 14:30+08:00"),
        ("txn_time", "今天１４：３０", "2026-11-22 14:30+08:00"),
        ("txn_time", "昨天", "2026-11-21"),
        ("txn_time", "3-5 14:30", "2026-03-05 14:30+08:00"),
        ("txn_status", "已扣款未到账", "debited_not_credited"),
        ("id_check", "通过", "passed_app"),
        ("refund_reason", "d12", "D12"),
        ("sent_already", "Yes", "yes"),
        ("card_tail", "1234", "1234"),
        ("account_tail", "５４３２", "5432"),
        ("error_code", "e-1001", "E-1001"),
        ("app_version", "v8.2.1", "8.2.1"),
        ("os", "鸿蒙 4.2", "HarmonyOS 4.2"),
        ("dest_country", "gb", "GB"),
        ("dest_country", "中国香港", "HK"),
        ("bic", "BKCHCNBJ", "BKCHCNBJ"),
        ("bic", "icbkcnbj110", "ICBKCNBJ110"),
        ("bic", "HSBCHKHHHKH", "HSBCHKHHHKH"),
        ("iban", "GB82WEST12345698765432", "GB82WEST12345698765432"),
        ("iban", "gb82 west 1234 5698 7654 32", "GB82WEST12345698765432"),
        ("iban", "FR1420041010050500013M02606", "FR1420041010050500013M02606"),
        ("iban", "SA0380000000608010167519", "SA0380000000608010167519"),
        ("iban", "DE89370400440532013000", "DE89370400440532013000"),
        ("benef_name", "O'Brien  Mary-Ann", "O'Brien Mary-Ann"),
        ("nps", "10", "10"),
        ("nps", "0", "0"),
        ("nps", "9分", "9"),
        ("contact_window", "明天 10:00-12:00", "2026-11-23 10:00-12:00"),
        ("counterparty", "某某商店（北京）", "某某商店（北京）"),
    ],
)
def test_a_right_value_is_kept_in_one_form(field: str, text: str, value: str) -> None:
    assert check(field, text) == fields.Checked(value, ok=True)


@pytest.mark.parametrize(
    ("field", "text", "note"),
    [
        ("mobile", "12800138000", "mobile"),
        ("mobile", "1380013800", "mobile"),
        ("mobile", "+85212345", "mobile-abroad-wrong"),
        ("mobile", "+999123456789", "mobile-abroad-wrong"),
        ("dest_country", "EU", "dest_country"),
        ("currency", "dollars", "currency"),
        ("iban", "HK60123456789012345678", "iban-country"),
        ("iban", "US60123456789012345678", "iban-country"),
        ("iban", "GB82123412345698765432", "iban-digits"),
        ("mobile", "", "empty"),
        ("mobile", "   ", "empty"),
        ("email", "zhang@localhost", "email"),
        ("email", "a@b@x.com", "email"),
        ("email", f"a@{'x' * 250}.com", "email"),
        ("txn_no", "A1B2C3", "txn_no"),
        ("txn_no", "A" * 65, "txn_no"),
        ("txn_no", "交易编号一二三四五六", "txn_no"),
        ("amount", "abc", "amount"),
        ("amount", "-5", "amount"),
        ("amount", "0", "amount-zero"),
        ("amount", "1,23.5", "amount"),
        ("amount", "1e5", "amount"),
        ("currency", "XXX", "currency"),
        ("txn_time", "今天15:30", "txn_time-future"),
        ("txn_time", "明天", "txn_time-future"),
        ("txn_time", "不记得", "txn_time"),
        ("txn_time", "25:00", "txn_time"),
        ("txn_time", "2-30", "txn_time"),
        ("txn_status", "挺好", "choice"),
        ("card_tail", "12345", "four-digits"),
        ("card_tail", "12a4", "four-digits"),
        ("card_tail", "4111111111111111", "secret-card"),
        ("error_code", "E", "error_code"),
        ("app_version", "8", "app_version"),
        ("os", "Symbian", "os"),
        ("dest_country", "ZZ", "dest_country"),
        ("bic", "XXXX99CC", "bic"),
        ("bic", "BKCHCNB", "bic"),
        ("bic", "BKCHZZBJ", "bic"),
        ("iban", "GB82WEST12345698765433", "iban-digits"),
        ("iban", "CN60123456789012345678", "iban-country"),
        ("iban", "GB82WEST1234569876543", "iban-length"),
        ("iban", "hello", "iban"),
        ("benef_name", "张三", "benef_name"),
        ("benef_name", "--", "benef_name"),
        ("nps", "11", "nps"),
        ("contact_window", "昨天", "contact_window"),
        ("contact_window", "今天 10:00-12:00", "contact_window-past"),
        ("contact_window", "明天 12:00-10:00", "contact_window"),
        ("device", "x" * 41, "too-long"),
        ("device", "a\x1b[31m", "control-characters"),
        ("question", "我的密码是 147258", "secret-password"),
    ],
)
def test_a_wrong_value_is_not_kept_and_says_why(field: str, text: str, note: str) -> None:
    assert check(field, text) == fields.Checked("", ok=False, note_code=note)


@pytest.mark.parametrize(
    ("field", "text", "known", "value", "note"),
    [
        ("txn_no", "4111111111111111", {}, "4111111111111111", "like-a-card"),
        ("txn_time", "2024-01-01", {}, "2024-01-01", "txn_time-old"),
        ("amount", "12.5", {}, "12.5", "currency-missing"),
        ("currency", "JPY", {"amount": "12.50"}, "JPY", "amount-decimals"),
        ("bic", "BKCHCNBJ", {"dest_country": "HK"}, "BKCHCNBJ", "bic-country"),
        ("iban", "DE89370400440532013000", {"dest_country": "FR"}, "DE89370400440532013000", "iban-other-country"),
        ("mobile", "+85291234567", {}, "+85291234567", "mobile-abroad"),
        ("mobile", "+852 9123 4567", {}, "+85291234567", "mobile-abroad"),
        ("mobile", "+852 2345 6789", {}, "+85223456789", "mobile-landline"),
        ("mobile", "0081 90 1234 5678", {}, "+819012345678", "mobile-abroad"),
        ("os", "iOS", {}, "iOS", "os-version"),
    ],
)
def test_an_odd_value_is_kept_with_a_warning(
    field: str, text: str, known: dict[str, str], value: str, note: str
) -> None:
    assert check(field, text, **known) == fields.Checked(value, ok=True, note_code=note, warn=True)


@pytest.mark.parametrize(
    ("text", "currency", "value"),
    [
        ("1,234.5", "CNY", "1234.50"),
        ("￥100", "JPY", "100"),
        ("1.234", "KWD", "1.234"),
        ("100元", "CNY", "100.00"),
        ("20 usd", "USD", "20.00"),
        ("0.1", "CNY", "0.10"),
    ],
)
def test_an_amount_has_the_decimals_of_its_currency(text: str, currency: str, value: str) -> None:
    assert check("amount", text, currency=currency) == fields.Checked(value, ok=True)


@pytest.mark.parametrize(("text", "currency"), [("1.5", "JPY"), ("1.005", "CNY"), ("1.2345", "KWD")])
def test_an_amount_with_more_decimals_than_its_currency_has_is_refused(text: str, currency: str) -> None:
    assert check("amount", text, currency=currency).note_code == "amount-decimals"


def test_a_french_territory_uses_french_account_numbers() -> None:
    assert check("iban", "FR1420041010050500013M02606", dest_country="RE").note_code == ""


def test_a_year_ago_to_the_day_is_not_yet_old() -> None:
    assert check("txn_time", "2025-11-22 14:46").note_code == ""
    assert check("txn_time", "2025-11-22 14:45").note_code == "txn_time-old"


@pytest.mark.parametrize(
    ("field", "choice"), [(field, choice) for field, listed in choices.CHOICES.items() for choice in listed]
)
def test_every_choice_is_understood_by_code_and_by_both_names(field: str, choice: choices.Choice) -> None:
    assert {choices.choose(field, text) for text in (choice.code, choice.zh, choice.en)} == {choice.code}


@given(st.sampled_from([*fields._CHECKS, *choices.CHOICES, "device", "never heard of"]), st.text(max_size=60))
def test_no_text_breaks_a_check_and_a_kept_value_is_kept_again_unchanged(field: str, text: str) -> None:
    known = {"currency": "CNY"} if field == "amount" else {}
    first = check(field, text, **known)
    assert bool(first.value) == first.ok
    if first.ok and field != "contact_window":
        assert check(field, first.value, **known).value == first.value


@pytest.mark.parametrize("number", ["4111111111111111", "5555555555554444"])
def test_a_transaction_number_that_looks_like_a_card_is_taken_in_its_own_field(number: str) -> None:
    assert check("txn_no", number) == fields.Checked(number, ok=True, note_code="like-a-card", warn=True)
    assert check("error_text", number).note_code == "secret-card"


def test_the_second_half_of_a_card_number_is_refused_after_the_first() -> None:
    assert check("error_text", "1111 1111", error_text="卡 4111 1111").note_code == "secret-card"
    assert check("error_text", "1111 1111", error_text="网络异常").ok


def test_every_note_of_a_check_has_its_sentence() -> None:
    source = (Path(fields.__file__)).read_text("utf-8")
    codes_in_use = set(re.findall(r'(?:_wrong\(|note_code=)"([a-z_-]+)"', source))
    assert codes_in_use
    assert codes_in_use <= set(load_notes())
    assert {f"secret-{kind}" for kind in get_args(secret.SecretKind)} <= set(load_notes())


def test_our_currencies_differ_from_those_of_the_library_only_as_we_know() -> None:
    listed = get_global("territory_currencies")
    in_use = {row[0] for rows in listed.values() for row in rows if row[2] is None and row[3]}
    assert (in_use - codes.CURRENCIES, codes.CURRENCIES - in_use) == ({"BGN"}, {"SVC", "VED"})
    assert [codes.minor_units(code) for code in ("CNY", "JPY", "KWD", "IQD")] == [2, 0, 3, 3]


def test_the_countries_of_the_standard_are_all_there_and_no_others() -> None:
    assert len(codes.countries()) == 250
    assert {"CN", "HK", "MO", "TW", "GB", "XK"} <= codes.countries()
    assert not {"EU", "UN", "ZZ", "XA"} & codes.countries()
    assert sum(bool(codes.iban_length(code)) for code in codes.countries()) == 89


def test_a_check_needs_no_library_before_a_value_that_does() -> None:
    program = (
        "import sys; from datetime import datetime, UTC; from okpay_console.domain import fields\n"
        "fields.check('mobile', '13800138000', now=datetime.now(UTC), answers={})\n"
        "print(*{'stdnum', 'phonenumbers', 'babel'} & {name.partition('.')[0] for name in sys.modules})"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.split() == []
