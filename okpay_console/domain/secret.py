"""Finds what must never be kept in a text: whole card numbers, one-time codes, passwords, card security codes."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left, bisect_right
from typing import Final, Literal

import msgspec

from . import checkdigits

SecretKind = Literal["card", "code", "password", "cvv"]

CARD_ALLOWED: Final = frozenset({"txn_no", "remit_ref", "external_id"})
"""Fields of long numbers that are not cards: one number in ten passes Luhn by chance, so the card rule rests there."""


class Found(msgspec.Struct, frozen=True):
    """A secret at ``text[start:end]``."""

    kind: SecretKind
    start: int
    end: int


_NUMERALS: Final = {**dict(zip("〇零一二三四五六七八九", "00123456789", strict=True)), "幺": "1"} | dict(
    zip("壹贰叁肆伍陆柒捌玖", "123456789", strict=True)
)
_SPOKEN: Final = re.compile(r"(?<=[〇零一二三四五六七八九幺])[，、,。.…\s]+(?=[〇零一二三四五六七八九幺])")
_DIGIT: Final = re.compile(rf"[\d①-⑨{''.join(_NUMERALS)}]")
_DISGUISED: Final = re.compile(r"[\u00ad\u200b-\u200f\u2060-\u2064\ufeff\uff21-\uff5a]")

_UUID: Final = re.compile(r"\b[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}\b", re.IGNORECASE)
_IBAN: Final = re.compile(r"(?<![A-Z0-9])[A-Z]{2}\d{2}(?: ?[A-Z0-9]){11,30}(?![A-Z0-9])")
_GAP: Final = r"[ \t\u3000\-‐‑–—_·*/]{1,3}"
# Letters right before a number make it an order number, unless they are the very words for a card.
_RUN: Final = re.compile(
    rf"(?<![A-Za-z0-9])(?:(?:card|pan|no|number|%b)\.?)?(\d+(?:{_GAP}\d+)*)(?![A-Za-z]*\d|[A-Za-z])", re.IGNORECASE
)
_STAMP: Final = re.compile(r"20\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])(?:[01]\d|2[0-3])[0-5]\d")
_PHONE: Final = re.compile(r"(?:00)?86(?:0?1[3-9]\d{9}|0?[2-9]\d{8,10})")

_WORDS: Final[tuple[tuple[SecretKind, str], ...]] = (
    ("cvv", r"cv[vcn]2?(?![a-z])|安全码|校验位|card verification|security code|背面.{0,2}三位"),
    (
        "code",
        r"验证码|校验码|动态码|动态口令|确认码|短信码|(?<![a-z])otp(?![a-z])|one[- ]?time (?:pass)?code|verification code"
        r"|auth(?:entication)? code|passcode|sms code|login code",
    ),
    ("password", r"密码|口令|密码锁|(?<![a-z])pin(?![a-z])(?:码)?|password|passwd|(?<![a-z])pwd(?![a-z])"),
)
_KEYWORD: Final = re.compile("|".join(f"(?P<{kind}>{words})" for kind, words in _WORDS), re.IGNORECASE)
_REACH: Final = 12
_REACH_ENGLISH: Final = 20  # twelve Chinese characters say about as much
_LONGEST: Final = 32  # characters of the longest of those words, so that only the near ones are looked at

_DIGITS: Final = re.compile(r"(?<!\d)(?<!\d[ \t\-])\d(?:[ \t\-]?\d){2,7}(?![ \t\-]?\d)(?![A-Za-z0-9])")
# Numbers that stand near those words without being secrets: moments, money, counts, versions, and numbers with a name.
_HARMLESS: Final = re.compile(
    r"\d{4}[-/.年]\d{1,2}(?:[-/.月]\d{1,2}[日号]?)?|\d{1,2}[-/月]\d{1,2}[日号]?(?=[\s，,。]|$|\d{1,2}[:点])|\d{1,2}[::]\d{2}(?:[::]\d{2})?"
    r"|[¥$€£]\s{0,3}\d[\d,]{0,18}(?:\.\d{1,9})?"
    r"|\d[\d,]{0,18}(?:\.\d{1,9})?\s{0,3}(?:元|块|万|美元|港币|欧元|日元|人民币|cny|rmb|usd|hkd|eur|jpy|gbp|yuan|dollars?)(?![a-z])"
    r"|\d{1,9}\s{0,3}(?:秒|分钟|小时|天|周|个|次|遍|位|年|月|%|seconds?|secs?|min(?:ute)?s?|hours?|hrs?|days?|times|digits?|tries)"
    r"|\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d{1,9}(?:\.\d{1,9})+"
    r"|(?:错误码|错误代码|报错码|错误编号|error(?: code)?|err|code:? e)\s*[::#是为]?\s*[a-z]{0,4}[-_]?\d+"
    r"|(?:工单|单号|编号|订单|流水|尾号|末四位|后四位|末4位|后4位|ticket|case|order|last four|ending(?: in)?)"
    r"\s*(?:号|no\.?|number)?"
    r"\s*[::#是为]*\s*\d+"
    r"|\d{3,8}(?=\s*(?:发来|发的|发送|发给|短信))",
    re.IGNORECASE,
)
# "123456 是我的验证码" names the number before it; without such a link a number before the word is somebody's amount.
_LINK: Final = re.compile(
    r"[\s\"'”’」)::=]*(?:(?:就|这个|这)?(?:是|为)|is|was|as|=|:)?\s*(?:这次|刚才|收到|这|my|the|your|his|her|our|我|他|她|您|你|的|短信|登录|登陆"
    r"|支付|查询|取款|动态|银行|卡|手机|sms|login|payment|card|bank|\s)*[\"'“‘「(]*",
    re.IGNORECASE,
)
# "密码错误，我输的是123456" goes on about the password in the next clause; "忘记密码，余额 5000" has left it.
_CLAUSE: Final = re.compile(r"[,，。;；!！?？\n]|\.\s")
_STILL: Final = re.compile(
    r"\s*|.*(?:是|为|填|写|输入?|收到|[::=]|\b(?:is|was|it's|typed|entered|got))[了的]?\s*[\"'“‘「]?", re.IGNORECASE
)
_NAMED: Final = re.compile(
    r"(?:密码|口令|password|passwd|pwd)\s*(?:就?是|为|:|=|is)\s*[\"'“‘「]?([!-~]{6,64})", re.IGNORECASE
)


def find(text: str, *, field: str | None = None) -> tuple[Found, ...]:
    """Every secret in ``text``, in order. ``field`` is the checklist field it was typed into, None for free text.

    Card numbers: 13 to 19 digits that pass Luhn, also spaced, full-width or spoken (四六二八…). Codes, PINs and security codes:
    3 to 8 digits within 12 characters of the word for them. Passwords: letters with digits after "the password is".
    (PCI DSS 4.0.1 req. 3.3.1 and 3.4.1.)
    """
    digits = len(_DIGIT.findall(text))
    if digits == 0 or (digits < 13 and not _KEYWORD.search(text) and not _DISGUISED.search(text)):
        return ()
    plain, origin = _plain(text)
    plain = _blank(plain, _UUID)
    plain = _IBAN.sub(lambda m: " " * len(m[0]) if checkdigits.iban(m[0].replace(" ", "")) else m[0], plain)
    spans: list[Found] = []
    if field not in CARD_ALLOWED:
        spans += _cards(plain)
    spans += _near_words(plain)
    found = (Found(span.kind, origin[span.start], origin[span.end - 1] + 1) for span in spans)
    return tuple(sorted(found, key=lambda item: (item.start, item.end)))


def _plain(text: str) -> tuple[str, list[int]]:
    """The text in ASCII digits and compatible characters, invisible ones left out, with each character's former place."""
    joined = {place for gap in _SPOKEN.finditer(text) for place in range(*gap.span())}
    plain: list[str] = []
    origin: list[int] = []
    for place, character in enumerate(text):
        if place in joined or (not character.isascii() and unicodedata.category(character) == "Cf"):
            continue
        if character.isascii() or ("㐀" <= character <= "鿿" and character not in _NUMERALS):
            plain.append(character)
            origin.append(place)
            continue
        for one in unicodedata.normalize("NFKC", _NUMERALS.get(character, character)):
            plain.append(str(unicodedata.decimal(one, one)))
            origin.append(place)
    return "".join(plain), origin


def _blank(text: str, pattern: re.Pattern[str]) -> str:
    return pattern.sub(lambda match: "\x00" * len(match[0]), text)


def _cards(plain: str) -> list[Found]:
    found: list[Found] = []
    for run in _RUN.finditer(plain):
        groups = [(m.start() + run.start(1), m.end() + run.start(1)) for m in re.finditer(r"\d+", run[1])]
        first = 0
        while first < len(groups):
            hit = _card_from(plain, groups, first)
            if hit is not None:
                found.append(Found("card", groups[first][0], groups[hit][1]))
                first = hit
            first += 1
    return found


def _card_from(plain: str, groups: list[tuple[int, int]], first: int) -> int | None:
    """The last group of a card number that starts with group ``first``, None where none does."""
    digits = ""
    for last in range(first, len(groups)):
        digits += plain[slice(*groups[last])]
        if len(digits) > 19:
            return None
        if len(digits) >= 13 and _is_card(digits):
            return last
    return None


def _is_card(digits: str) -> bool:
    # ISO/IEC 7812 gives 0 to nobody and 1 to airlines; moments (20261122143000…) and +86 phone numbers are not cards.
    if digits[0] in "01" or _STAMP.match(digits) or _PHONE.fullmatch(digits):
        return False
    return len(set(digits)) > 1 and checkdigits.luhn(digits)


def _near_words(plain: str) -> list[Found]:
    found: list[Found] = []
    keywords = list(_KEYWORD.finditer(plain))
    if not keywords:
        return found
    for named in _NAMED.finditer(plain):
        word = named[1].rstrip(".,;!?\"'")
        if re.search(r"[A-Za-z]", word) and re.search(r"\d", word) and len(word) >= 6:
            found.append(Found("password", named.start(1), named.start(1) + len(word)))
    quiet = _blank(plain, _HARMLESS)
    starts = [keyword.start() for keyword in keywords]
    ends = {keyword.end() for keyword in keywords}
    for number in _DIGITS.finditer(quiet):
        if re.match(r"[A-Za-z]", quiet[number.start() - 1 : number.start()]) and number.start() not in ends:
            continue  # E5003 is an error code; CVV123 is not
        first = bisect_left(starts, number.start() - _REACH_ENGLISH - _LONGEST)
        for keyword in keywords[first : bisect_right(starts, number.end() + _REACH)]:
            kind: SecretKind = next(kind for kind, _ in _WORDS if keyword[kind])
            between = quiet[keyword.end() : number.start()]
            reach = _REACH_ENGLISH if between.isascii() else _REACH
            clause = _CLAUSE.split(between)[-1]
            after = 0 <= number.start() - keyword.end() <= reach and (clause == between or _STILL.fullmatch(clause))
            before = 0 <= keyword.start() - number.end() <= _REACH and _LINK.fullmatch(
                quiet[number.end() : keyword.start()]
            )
            if (after and "\x00" not in between) or before:
                found.append(Found(kind, number.start(), number.end()))
                break
    return found
