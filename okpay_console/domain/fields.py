"""Checks one checklist detail as it is typed: is it right, how is it kept, and what is odd about it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Final

import msgspec

from . import choices, codes, moments, secret
from .ticket import FieldAnswer

LONG_AGO: Final = timedelta(days=365)
"""Payment institutions must let a customer look up at least one year of transactions; older ones may be out of reach."""


class Checked(msgspec.Struct, frozen=True):
    """The result of a check.

    ``value`` is what a ticket keeps, "" where it is not ``ok``. ``note_code`` names the sentence to show
    (``content.rules.load_notes``), "" for none; ``warn``: the value is right and odd, so look again.
    """

    value: str
    ok: bool
    note_code: str = ""
    warn: bool = False


_Answers = Mapping[str, FieldAnswer]
_Check = Callable[[str, datetime, _Answers], Checked]

_MOBILE: Final = re.compile(r"(?:\+?86)?(1[3-9]\d{9})")
_EMAIL: Final = re.compile(r"[^@\s]{1,64}@[^@\s.]+(?:\.[^@\s.]+)+")
_TXN_NO: Final = re.compile(r"[0-9A-Za-z]{10,64}")
_LATIN: Final = re.compile(r"[A-Za-zÀ-ÖØ-öø-ÿ '\-.,]{1,140}")
_VERSION: Final = re.compile(r"v?(\d+(?:\.\d+){1,3})", re.IGNORECASE)
_ERROR_CODE: Final = re.compile(r"[A-Z0-9_-]{2,32}")
_MONEY: Final = re.compile(r"(?:\d{1,3}(?:,\d{3})+|\d{1,12})(?:\.\d{1,4})?")
_OS: Final = re.compile(r"(iOS|iPadOS|Android|HarmonyOS|鸿蒙|安卓|苹果)(?:系统)?\s*(\d+(?:\.\d+){0,3})?", re.IGNORECASE)
_OS_NAMES: Final = {
    "ios": "iOS", "苹果": "iOS", "ipados": "iPadOS", "android": "Android", "安卓": "Android", "harmonyos": "HarmonyOS",
    "鸿蒙": "HarmonyOS",
}  # fmt: skip
_LENGTHS: Final = {
    "counterparty": 64, "device": 40, "error_text": 200, "symptom": 200, "occurred_steps": 500, "evidence": 500,
    "purpose": 100, "remit_ref": 64, "question": 500, "feedback_text": 2000,
}  # fmt: skip


def check(field_id: str, text: str, *, now: datetime, answers: _Answers) -> Checked:
    """Whether ``text`` is a right value of the field, by the formats of the standards named in the content's field list.

    ``now`` must bear a time zone; ``answers`` are the other details of the ticket (an amount looks at its currency, a BIC at
    the country). A secret comes back with no value, so that nothing of it is kept, and so does the
    second half of one whose first half is the former value; a field that we do not know takes any text.
    """
    kind = secret.find(text, field=field_id)
    if kind:
        return Checked("", ok=False, note_code=f"secret-{kind[0].kind}")
    if field_id in _LENGTHS and (half := secret.joined(_value(answers, field_id), text)):
        return Checked("", ok=False, note_code=f"secret-{half}")
    plain = unicodedata.normalize("NFKC", text).strip()
    if not plain:
        return Checked("", ok=False, note_code="empty")
    if any(unicodedata.category(character) in ("Cc", "Cs") for character in plain if character not in "\n\t"):
        return Checked("", ok=False, note_code="control-characters")
    if field_id in choices.CHOICES:
        code = choices.choose(field_id, plain)
        return Checked(code, ok=True) if code else _wrong("choice")
    rule = _CHECKS.get(field_id)
    if rule is not None:
        return rule(plain, now, answers)
    limit = _LENGTHS.get(field_id, 2000)
    # Free text is kept as it was typed: full-width punctuation is Chinese, not a slip of the keyboard.
    words = text.strip()
    return Checked(words, ok=True) if len(words) <= limit else _wrong("too-long")


def _wrong(code: str) -> Checked:
    return Checked("", ok=False, note_code=code)


def _value(answers: _Answers, field: str) -> str:
    return answers.get(field, FieldAnswer()).value


def _mobile(text: str, _: datetime, __: _Answers) -> Checked:
    tight = re.sub(r"[\s\-()]", "", text)
    if home := _MOBILE.fullmatch(tight):
        return Checked(f"+86{home[1]}", ok=True)
    if re.fullmatch(r"(?:\+|00)(?!86)[1-9]\d+", tight):
        return _abroad("+" + tight.lstrip("+0"))
    return _wrong("mobile")


def _abroad(number: str) -> Checked:
    """By each country's numbering plan. Mainland numbers have the house's own rule, since new prefixes open every year."""
    import phonenumbers

    try:
        parsed = phonenumbers.parse(number)
    except phonenumbers.NumberParseException:
        return _wrong("mobile-abroad-wrong")
    if not phonenumbers.is_valid_number(parsed):
        return _wrong("mobile-abroad-wrong")
    if phonenumbers.number_type(parsed) == phonenumbers.PhoneNumberType.FIXED_LINE:
        return Checked(number, ok=True, note_code="mobile-landline", warn=True)
    return Checked(number, ok=True, note_code="mobile-abroad", warn=True)


def warm() -> None:
    """Loads what the checks read from libraries (about 0.25 s), so that the first key does not wait; call it in a thread, once."""
    import phonenumbers
    from stdnum import bic, iban

    codes.country_names()
    codes.currency_names()
    codes.iban_length("GB")
    bic.is_valid("BKCHCNBJ")
    iban.is_valid("GB82WEST12345698765432", check_country=False)
    phonenumbers.is_valid_number(phonenumbers.parse("+85291234567"))


def _email(text: str, _: datetime, __: _Answers) -> Checked:
    name, _at, domain = text.rpartition("@")
    if len(text) > 254 or not _EMAIL.fullmatch(text):
        return _wrong("email")
    return Checked(f"{name}@{domain.lower()}", ok=True)


def _txn_no(text: str, _: datetime, __: _Answers) -> Checked:
    tight = re.sub(r"[\s\-]", "", text)
    if not _TXN_NO.fullmatch(tight):
        return _wrong("txn_no")
    if tight.isdigit() and 12 <= len(tight) <= 19 and codes.luhn(tight):
        return Checked(tight, ok=True, note_code="like-a-card", warn=True)
    return Checked(tight, ok=True)


def _amount(text: str, _: datetime, answers: _Answers) -> Checked:
    currency = _value(answers, "currency")
    bare = re.sub(r"^[¥$€£]\s*|\s*(?:元|块钱?|圆)$", "", text).strip()
    if currency:
        bare = re.sub(rf"^{currency}\s*|\s*{currency}$", "", bare, flags=re.IGNORECASE)
    if not _MONEY.fullmatch(bare):
        return _wrong("amount")
    try:
        amount = Decimal(bare.replace(",", ""))
    except InvalidOperation:
        return _wrong("amount")
    if amount <= 0:
        return _wrong("amount-zero")
    if not currency:
        return Checked(f"{amount:f}", ok=True, note_code="currency-missing", warn=True)
    unit = Decimal(1).scaleb(-codes.minor_units(currency))
    if amount != amount.quantize(unit):
        return _wrong("amount-decimals")
    return Checked(f"{amount.quantize(unit):f}", ok=True)


def _currency(text: str, _: datetime, answers: _Answers) -> Checked:
    code = codes.currency(text)
    if not code:
        return _wrong("currency")
    amount = _value(answers, "amount")
    if "." in amount and len(amount.rpartition(".")[2].rstrip("0")) > codes.minor_units(code):
        return Checked(code, ok=True, note_code="amount-decimals", warn=True)
    return Checked(code, ok=True)


def _txn_time(text: str, now: datetime, _: _Answers) -> Checked:
    moment = moments.read(text, now=now)
    if moment is None:
        return _wrong("txn_time")
    if moment.begins() > now:
        return _wrong("txn_time-future")
    if now - moment.begins() > LONG_AGO:
        return Checked(moment.text(), ok=True, note_code="txn_time-old", warn=True)
    return Checked(moment.text(), ok=True)


def _contact_window(text: str, now: datetime, _: _Answers) -> Checked:
    span = moments.read_span(text, now=now)
    if span is None:
        return _wrong("contact_window")
    first, last = span
    if last.begins() <= now:
        return _wrong("contact_window-past")
    return Checked(f"{first.day.isoformat()} {first.clock:%H:%M}-{last.clock:%H:%M}", ok=True)


def _four_digits(text: str, _: datetime, __: _Answers) -> Checked:
    return Checked(text, ok=True) if re.fullmatch(r"[0-9]{4}", text) else _wrong("four-digits")


def _error_code(text: str, _: datetime, __: _Answers) -> Checked:
    code = text.upper()
    return Checked(code, ok=True) if _ERROR_CODE.fullmatch(code) else _wrong("error_code")


def _app_version(text: str, _: datetime, __: _Answers) -> Checked:
    found = _VERSION.fullmatch(text)
    return Checked(found[1], ok=True) if found else _wrong("app_version")


def _os(text: str, _: datetime, __: _Answers) -> Checked:
    found = _OS.fullmatch(text)
    if found is None:
        return _wrong("os")
    name = _OS_NAMES[found[1].lower()]
    if not found[2]:
        return Checked(name, ok=True, note_code="os-version", warn=True)
    return Checked(f"{name} {found[2]}", ok=True)


def _dest_country(text: str, _: datetime, __: _Answers) -> Checked:
    code = codes.country(text)
    return Checked(code, ok=True) if code else _wrong("dest_country")


def _bic(text: str, _: datetime, answers: _Answers) -> Checked:
    from stdnum import bic

    code = bic.compact(text)
    if not bic.is_valid(code):
        return _wrong("bic")
    country = _value(answers, "dest_country")
    if country and code[4:6] != country:
        return Checked(code, ok=True, note_code="bic-country", warn=True)
    return Checked(code, ok=True)


def _iban(text: str, _: datetime, answers: _Answers) -> Checked:
    account = re.sub(r"[\s\-]", "", text).upper()
    if not re.fullmatch(r"[A-Z]{2}[0-9]{2}[A-Z0-9]+", account):
        return _wrong("iban")
    if not codes.iban_length(account[:2]):
        return _wrong("iban-country")
    if len(account) != codes.iban_length(account[:2]):
        return _wrong("iban-length")
    if not codes.is_iban(account):
        return _wrong("iban-digits")
    country = _value(answers, "dest_country")
    if country and codes.iban_prefix(country) != account[:2]:
        return Checked(account, ok=True, note_code="iban-other-country", warn=True)
    return Checked(account, ok=True)


def _benef_name(text: str, _: datetime, __: _Answers) -> Checked:
    name = re.sub(r"\s+", " ", text)
    return Checked(name, ok=True) if _LATIN.fullmatch(name) and re.search(r"[^\W\d]", name) else _wrong("benef_name")


def _nps(text: str, _: datetime, __: _Answers) -> Checked:
    bare = text.removesuffix("分")
    return Checked(str(int(bare)), ok=True) if re.fullmatch(r"0?[0-9]|10", bare) else _wrong("nps")


_CHECKS: Final[dict[str, _Check]] = {
    "mobile": _mobile,
    "email": _email,
    "txn_no": _txn_no,
    "amount": _amount,
    "currency": _currency,
    "txn_time": _txn_time,
    "contact_window": _contact_window,
    "card_tail": _four_digits,
    "account_tail": _four_digits,
    "error_code": _error_code,
    "app_version": _app_version,
    "os": _os,
    "dest_country": _dest_country,
    "bic": _bic,
    "iban": _iban,
    "benef_name": _benef_name,
    "nps": _nps,
}
