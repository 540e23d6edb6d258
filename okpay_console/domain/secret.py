"""Finds what must never be kept in a text: whole card numbers, one-time codes, passwords, security codes and answers."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from typing import Final, Literal

import msgspec

from . import confided, disguise
from .cards import cards

SecretKind = Literal["card", "code", "password", "cvv", "answer"]

CARD_ALLOWED: Final = frozenset({"txn_no", "remit_ref", "external_id"})
"""Fields of long numbers that are not cards: one number in ten passes Luhn by chance, so the card rule rests there."""


class Found(msgspec.Struct, frozen=True):
    """A secret at ``text[start:end]``."""

    kind: SecretKind
    start: int
    end: int


_WORDS: Final[tuple[tuple[SecretKind, str], ...]] = (
    (
        "cvv",
        r"cv[vcn]2?(?![a-z])|安全码|校验位|card verification|(?:card )?security (?:code|number)(?! sent)"
        r"|背[面后](?:的|后|末|那)*[三3]位(?:数字?)?"
        r"|背面的?数字|(?<!手机)(?<!号码)后[面边](?:的|那)*[三3](?:位|个数字)|后[三3]码|签名[栏条](?:上的?|末|后)*[三3]位"
        r"|back of (?:the |my )?card(?: says)?|(?:three|3|last three|last 3)[ -]digits?(?: code)? on the back"
        r"|last (?:three|3) on the back",
    ),
    (
        "code",
        r"验证码|验证\s?[吗嘛马]|验证\s?ma(?![a-z])|(?<![a-z])yzm(?![a-z])|校验码|动态码|动态口令|动态密码|口令卡"
        r"|令牌|u盾|确认码|短信码|登录码|授权码"
        r"|(?<![a-z])otp(?![a-z])|one[- ]?time (?:pass)?(?:code|word)|verification code|auth(?:entication"
        r"|enticator)? code|passcode|sms code"
        r"|login code|security code(?= sent)|authenticator|2fa(?: code)?|two[- ]factor|(?:security )?token",
    ),
    (
        "password",
        r"密码锁|密码|密[吗嘛]|(?<![a-z])mima(?![a-z])|口令|(?<![a-z])pin(?![a-z])(?:码)?|password|passwd"
        r"|(?<![a-z])pwd(?![a-z])",
    ),
)
_KEYWORD: Final = re.compile("|".join(f"(?P<{kind}>{words})" for kind, words in _WORDS), re.IGNORECASE)
_REACH: Final = 12
_REACH_ENGLISH: Final = 20  # twelve Chinese characters say about as much
_LONGEST: Final = 32  # characters of the longest of those words, so that only the near ones are looked at

_DIGITS: Final = re.compile(r"(?<!\d)(?<!\d[ \t\-])\d(?:[ \t\-]?\d){2,7}(?![ \t\-]?\d)(?![A-Za-z0-9])")
# Numbers that stand near those words without being secrets: moments, money, counts, versions, and numbers with a name.
_HARMLESS: Final = re.compile(
    r"\d{4}[-/.年]\d{1,2}(?:[-/.月]\d{1,2}[日号]?)?|\d{1,2}[-/月]\d{1,2}[日号]?(?=[\s，,。]|$|\d{1,2}[:点])"
    r"|\d{1,2}[::]\d{2}(?:[::]\d{2})?"
    r"|[¥$€£]\s{0,3}\d[\d,]{0,18}(?:\.\d{1,9})?"
    r"|\d[\d,]{0,18}(?:\.\d{1,9})?\s{0,3}(?:元|块|万|美元|港币|欧元|日元|人民币|cny|rmb|usd|hkd|eur|jpy|gbp|yuan"
    r"|dollars?)(?![a-z])"
    r"|\d{1,9}\s{0,3}(?:秒|分钟|小时|天|周|个|次|遍|位(?!数字?\d)|年|月|%|seconds?|secs?|min(?:ute)?s?|hours?|hrs?"
    r"|days?|times|digits?|tries)"
    r"|\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d{1,9}(?:\.\d{1,9})+"
    r"|(?:错误码|错误代码|报错码|错误编号|error(?: code)?|err|code:? e)\s*[::#是为]?\s*[a-z]{0,4}[-_]?\d+"
    r"|(?:工单|单号|编号|订单|流水|尾号|末四位|后四位|末4位|后4位|ticket|case|order|last four|ending(?: in)?)"
    r"\s*(?:号|no\.?|number)?"
    r"\s*[::#是为]*\s*\d+"
    r"|(?:邮编|邮政编码|区号|分机|门牌|房号|群号|qq|版本|端口|zip code|postal code|area code)号?\s*[::#是为]*\s*\d+"
    # What an app answers once the word was typed in: "输入密码后提示 1024".
    r"|(?:后|以后|时|完)[^,，。\d]{0,3}(?:提示|显示|报|弹出?|返回|跳出?|出现)[^,，。\d]{0,6}\d+"
    r"|(?:金额|余额|付|扣|转|退|花|充|amount|balance|paid)了?\s*\d[\d,.]*"
    r"|\d{3,8}(?=\s*(?:发来|发的|发送|发给|短信))|(?:95\d{3}|10\d{3}|12\d{3})(?=\s*的)",
    re.IGNORECASE,
)
# "123456 是我的验证码" names the number before it; without such a link a number before the word is somebody's amount.
_LINK: Final = re.compile(
    r"[\s\"'”’」)(\[【::=]*(?:(?:就|这个|这)?(?:是|为)|is|was|as|=|:)?\s*(?:这次|刚才|收到|这|my|the|your|his|her"
    r"|our|我|他|她|您|你|的|短信|登录|登陆"
    r"|支付|查询|取款|动态|银行|卡|手机|sms|login|payment|card|bank|okpay|\s)*[\"'“‘「(]*",
    re.IGNORECASE,
)
# "密码错误，我输的是123456" goes on about the password in the next clause; "忘记密码，余额 5000" has left it.
_CLAUSE: Final = re.compile(r"[,，。;；!！?？\n]|\.\s")
_STILL: Final = re.compile(
    r"\s*|.*(?:是|为|填|写|输入?|收到|用|说|念|报|告诉你|给你|[::=]|\b(?:is|was|it's|typed|entered|got"
    r"|says?))[了的]?\s*[\"'“‘「]?",
    re.IGNORECASE,
)


_SCRIPT: Final = "".join(disguise.NUMERALS)
_TWO_SCRIPTS: Final = re.compile(
    rf"(?<![\d{_SCRIPT}])(?:[{_SCRIPT}]+\d{{2,}}|\d{{2,}}[{_SCRIPT}]+)[\d{_SCRIPT}]*(?![\d{_SCRIPT}])"
)
_BEHIND: Final = re.compile(r"(?:就?是|为|[::=，,\s])*")

AROUND: Final = 200
"""Characters on each side of a key's place that ``find(around=…)`` looks at; a spoken card number has about a hundred."""


def find(text: str, *, field: str | None = None, around: int | None = None) -> tuple[Found, ...]:
    """Every secret in ``text``, in order. ``field`` is the checklist field it was typed into, None for free text.

    ``around`` limits the look to the neighbourhood of one place, for each key in a long note; before anything is kept the whole
    text is looked at.

    Card numbers: 13 to 19 digits that pass Luhn, also spaced, full-width or spoken (四六二八…, "four one one one"). Codes, PINs and
    security codes: 3 to 8 digits within 12 characters of the word for them, or named by a phrase (``confided``). Passwords and
    answers to security questions: what follows "the password is". (PCI DSS 4.0.1 req. 3.3.1 and 3.4.1.)
    """
    if around is not None and len(text) > 2 * AROUND:
        first = max(0, around - AROUND)
        near = find(text[first : around + AROUND], field=field)
        return tuple(Found(one.kind, one.start + first, one.end + first) for one in near)
    text = disguise.simplified(text)
    digits = len(disguise.DIGIT.findall(text))
    worded = confided.HINT.search(text) or disguise.HIDDEN.search(text) or disguise.PULLED.search(text)
    if not worded and (digits == 0 or (digits < 13 and not _KEYWORD.search(text))):
        return ()
    plain, origin = disguise.undress(text)
    spans: list[Found] = []
    if digits >= 12 and field not in CARD_ALLOWED:
        spans += [Found("card", start, end) for start, end in cards(plain)]
    if digits >= 3:
        spans += _near_words(plain)
    spans += [Found(kind, start, end) for kind, start, end in confided.confided(plain)]
    found = {
        Found(span.kind, origin[span.start][0], origin[span.end - 1][1]) for span in spans if span.end > span.start
    }
    found |= set(_mixed(text))
    return tuple(sorted(found, key=lambda item: (item.start, item.end, item.kind)))


def joined(former: str, text: str, *, field: str | None = None) -> SecretKind | None:
    """The kind of a secret that ``text`` completes when read right after ``former``, None where it completes none.

    For a number that comes in two notes, or in two values of one detail: either digits run on from one to the other, or
    ``former`` breaks off with "the password is". What either holds alone is ``find``'s to say.
    """
    whole = former[-AROUND:]
    announced = re.search(r"(?:[是为:：=]|\bis|\bwas)\s*$", whole)
    if not announced and not disguise.DIGIT.search(text, 0, _REACH_ENGLISH):
        return None
    if find(text, field=field):
        return None
    for between in ("", " "):
        for one in find(whole + between + text, field=field):
            if one.end > len(whole) + len(between) and (announced or one.start < len(whole)):
                return one.kind
    return None


def _mixed(text: str) -> list[Found]:
    """Runs of two scripts right behind the word, too long for a code in one script: 验证码四六二八4111111."""
    found: list[Found] = []
    for run in _TWO_SCRIPTS.finditer(text):
        if 9 <= len(run[0]) <= 12:
            before = list(_KEYWORD.finditer(text, max(0, run.start() - _LONGEST), run.start()))[-1:]
            if before and _BEHIND.fullmatch(text, before[0].end(), run.start()):
                found.append(Found(next(kind for kind, _ in _WORDS if before[0][kind]), *run.span()))
    return found


def _near_words(plain: str) -> list[Found]:
    found: list[Found] = []
    keywords = list(_KEYWORD.finditer(plain))
    if not keywords:
        return found
    # The 2 of CVV2 is no part of the number after it.
    quiet = _KEYWORD.sub(lambda match: re.sub(r"\d", "#", match[0]), plain)
    quiet = _HARMLESS.sub(lambda match: "\x00" * len(match[0]), quiet)
    starts = [keyword.start() for keyword in keywords]
    ends = {keyword.end() for keyword in keywords}
    for number in _DIGITS.finditer(quiet):
        if re.match(r"[A-Za-z]", quiet[number.start() - 1 : number.start()]) and number.start() not in ends:
            continue  # E5003 is an error code; CVV123 is not
        first = bisect_left(starts, number.start() - _REACH_ENGLISH - _LONGEST)
        for keyword in keywords[first : bisect_right(starts, number.end() + _REACH)]:
            kind: SecretKind = next(kind for kind, _ in _WORDS if keyword[kind])
            if kind == "cvv" and sum(map(str.isdigit, number[0])) > 4:
                continue
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
