"""The code lists of the standards: countries (ISO 3166-1), currencies (ISO 4217), account numbers (ISO 13616).

Countries and their names come from CLDR (babel), account numbers from the SWIFT registry (python-stdnum); both load when a function
here is first called. The currencies stay our own: CLDR of 2026 lacks VED and SVC, keeps BGN, and gives the decimals that shops
use (IQD 0) where ISO 4217 says how many an amount may have (IQD 3).
"""

# ruff: noqa: SIM905 -- a table of codes reads as a table; a quoted list of 150 would not fit a screen

from __future__ import annotations

import re
from functools import cache
from typing import Final

CURRENCIES: Final = frozenset(
    (
        "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF "
        "CHF CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ "
        "GYD HKD HNL HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP "
        "LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR "
        "PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC "
        "SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD UYU UZS VED VES VND VUV WST XAF XCD XCG XOF "
        "XPF YER ZAR ZMW ZWG "
    ).split()
)
"""ISO 4217 alphabetic codes of money that people pay with; funds, metals, units of account and test codes are left out."""

_NO_DECIMALS: Final = frozenset("BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF".split())
_THREE_DECIMALS: Final = frozenset("BHD IQD JOD KWD LYD OMR TND".split())


def minor_units(currency: str) -> int:
    """How many decimals an amount in ``currency`` may have: CNY 2, JPY 0, KWD 3 (ISO 4217, column "minor unit")."""
    if currency in _NO_DECIMALS:
        return 0
    return 3 if currency in _THREE_DECIMALS else 2


_UNDER_ANOTHER: Final[dict[str, str]] = {
    **dict.fromkeys("GG IM JE".split(), "GB"),
    **dict.fromkeys("BL GF GP MF MQ NC PF PM RE TF WF YT".split(), "FR"),
    "AX": "FI",
}
"""Territories that the registry lists under another country's letters; python-stdnum has the letters alone."""

_NO_COUNTRY: Final = frozenset("AC CP CQ DG EA EU EZ IC QO TA UN XA XB ZZ".split())
"""Two-letter regions of CLDR that ISO 3166-1 does not assign. Kosovo's XK, user-assigned, stays: SWIFT and the registry use it."""

_CURRENCY_WORDS: Final = {
    "rmb": "CNY", "元": "CNY", "圆": "CNY", "块": "CNY", "块钱": "CNY", "yuan": "CNY", "美金": "USD", "港币": "HKD", "港纸": "HKD",
    "澳元": "AUD", "澳币": "AUD", "加元": "CAD", "加币": "CAD", "新币": "SGD", "新元": "SGD", "坡币": "SGD", "台币": "TWD",
    "葡币": "MOP", "澳门元": "MOP", "马币": "MYR", "令吉": "MYR", "卢布": "RUB", "日圆": "JPY", "yen": "JPY", "euro": "EUR",
    "euros": "EUR", "瑞郎": "CHF", "泰铢": "THB", "韩币": "KRW", "pounds": "GBP", "sterling": "GBP", "dollars": "", "盾": "",
}  # fmt: skip
_COUNTRY_WORDS: Final = {
    "香港": "HK", "中国香港": "HK", "hong kong": "HK", "澳门": "MO", "中国澳门": "MO", "macau": "MO", "macao": "MO",
    "中国台湾": "TW", "澳洲": "AU", "印尼": "ID", "阿联酋": "AE", "迪拜": "AE", "沙特": "SA", "大陆": "CN", "中国大陆": "CN",
    "usa": "US", "america": "US", "uk": "GB", "britain": "GB", "england": "GB", "英格兰": "GB", "korea": "KR", "uae": "AE",
    "dubai": "AE", "turkey": "TR",
}  # fmt: skip


@cache
def countries() -> frozenset[str]:
    """ISO 3166-1 alpha-2, and XK."""
    from babel import Locale

    regions = (str(code) for code in Locale("en").territories)
    return frozenset(code for code in regions if re.fullmatch("[A-Z]{2}", code)) - _NO_COUNTRY


@cache
def country_names() -> dict[str, str]:
    """Country by its name as people say it: the Chinese and English names of CLDR in lower case, and the house's short forms."""
    from babel import Locale

    names = {
        name.lower(): code
        for lang in ("en", "zh")
        for code, name in Locale(lang).territories.items()
        if code in countries()
    }
    return names | _COUNTRY_WORDS


def country_word(code: str, lang: str) -> str:
    """A country's name in ``zh`` or ``en`` (CLDR) with its code behind it; the bare code where it has none."""
    name = _territories(lang).get(code, "")
    return f"{name} {code}" if name else code


@cache
def _territories(lang: str) -> dict[str, str]:
    from babel import Locale

    return dict(Locale("en" if lang == "en" else "zh").territories)


@cache
def currency_names() -> dict[str, str]:
    """Currency by its name, as ``country_names``; "" marks a word that several currencies share, so that nobody guesses."""
    from babel import Locale

    names = {
        name.lower(): code
        for lang in ("en", "zh")
        for code, name in Locale(lang).currencies.items()
        if code in CURRENCIES
    }
    return names | _CURRENCY_WORDS


def country(text: str) -> str:
    """The country that a code or a name means, "" for none."""
    code = text.upper()
    return code if code in countries() else country_names().get(text.lower(), "")


def currency(text: str) -> str:
    """The currency that a code or a name means, "" for none."""
    code = text.upper()
    return code if code in CURRENCIES else currency_names().get(text.lower(), "")


@cache
def iban_prefix(country: str) -> str:
    """The letters that an IBAN of ``country`` begins with, "" where its accounts have none (CN, HK and US among them)."""
    prefix = _UNDER_ANOTHER.get(country, country)
    return prefix if iban_length(prefix) else ""


@cache
def iban_length(prefix: str) -> int:
    """How many characters an IBAN with these first two letters has, 0 where the registry has none."""
    from stdnum import numdb

    if not re.fullmatch("[A-Z]{2}", prefix):
        return 0
    listed = numdb.get("iban").info(prefix)[0][1]
    return 4 + sum(int(length) for length in re.findall(r"\d+(?=!)", listed["bban"])) if listed else 0


def is_iban(account: str) -> bool:
    """Whether capitals and digits without spaces are a whole IBAN: country, structure and the check digits (ISO 7064 mod 97-10).

    Check digits inside the national part are not looked at: the registry leaves them to the countries.
    """
    from stdnum import iban

    return iban.is_valid(account, check_country=False)


def luhn(digits: str) -> bool:
    """Whether ASCII ``digits`` pass the Luhn formula (ISO/IEC 7812-1 annex B)."""
    from stdnum import luhn

    return digits.isascii() and luhn.is_valid(digits)
