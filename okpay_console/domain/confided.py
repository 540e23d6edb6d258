"""Finds secrets that a phrase gives away: "密码是 sunny", "the text says 482913", "my mother's maiden name is Li"."""

# ruff: noqa: SIM905 -- a list of words reads as words

from __future__ import annotations

import re
from typing import Final, Literal

Kind = Literal["code", "password", "cvv", "answer"]

# A cheap look whether any phrase below can be there at all.
HINT: Final = re.compile(
    r"密|口令|答案|姓名|名字|短信|简讯|位数|数字|的码|验证|校验码|动态码|有效期|到期|刚才|发来|发给|p(?:ass|wd)|mima|answer|maiden|code|digits|(?:got"
    r"|received|sent me|texted|sa(?:ys|id)|reads?)\b|mm[是:：]",
    re.IGNORECASE,
)

# What follows "the password is" without being one: it says how the password is, or asks.
_PLAIN_WORDS: Final = frozenset(
    """
    a about again all already always also an and another any anything app apple as at bad be because been being
    blank blocked both broken but by can cannot case changed compromised confirmed correct different difficult
    disabled easy empty entered error exactly expired fine for forgotten from gone good hard he her hers here
    hidden his how i id if ignored impossible in incorrect insecure invalid it its just known lost long mandatory
    masked mine missing my never new no none not now null of off ok okay old on one only optional or otp our ours
    out over pin please quite ready recorded refused rejected required reset right safe same saved secure sensitive
    sent set she short simple so some something still stolen strong that the their them there they this to too
    unchanged unknown unsafe updated us used using valid very via wanted was weak what when where which who why
    wifi wi-fi with without working wrong yes you your yours vip sms email iphone android app的
    """.split()
)
_ADJECTIVE: Final = re.compile(r"(?:[a-z]+(?:ed|ing|ly|able|ible|less|ful|ive)|n't|un[a-z]+ed)", re.IGNORECASE)

_WORD: Final = r"(?:密码|密[吗嘛]|口令|(?<![a-z])pass(?:word|wd|code)?(?![a-z])|(?<![a-z])pwd(?![a-z])|mima)"
_SET: Final = r"(?:改成?|改为|设成?|设为|设置(?:成|为)|设的?是|换成|用的?是|填的?是|输的?是|输入的?是)了?"
_NAMED: Final = re.compile(
    rf"{_WORD}(?:的?内容)?\s*(?:(?:一直|就|还|都|应该|设的|用的|我)*(?:是|为|叫|[::=])|{_SET}|should be|'s|is|was"
    rf"|are)\s*(?P<q>[\"'“‘「])?(?P<v>[!-~]{{3,64}})",
    re.IGNORECASE,
)
_SET_TO: Final = re.compile(
    r"(?:set|chang\w{1,4}|reset|made)\s+(?:it|(?:my|the|his|her)?\s*(?:new |old |login |payment )*(?:password|pwd"
    r"|pin))\s+(?:to|as)\s+(?P<q>[\"'“])?(?P<v>[!-~]{3,64})",
    re.IGNORECASE,
)
_BESIDE: Final = re.compile(
    rf"{_WORD}\s*(?P<v>(?=[!-~]{{0,64}}[A-Za-z])(?=[!-~]{{0,64}}\d)(?:[A-Za-z0-9!@#$%^&*_]){{5,64}})"
    rf"(?![!-~])",
    re.IGNORECASE,
)
# Letters alone, right behind the word: "登录密码 qwerty". Words of machines and makers that stand there as well say nothing.
_LETTERS: Final = re.compile(
    r"(?<!忘记)(?<!忘了)(?<!重置)(?<!找回)(?:密码|口令|(?<![a-z])mima(?![a-z]))[ \t]{0,3}(?P<v>[A-Za-z]{4,32})(?![A-Za-z0-9@._\-])"
    r"(?! [A-Za-z])",
    re.IGNORECASE,
)
_MACHINES: Final = frozenset(
    """
    alipay apple card chrome code confirm download edge enter error failed firefox forget forgot google hint huawei ipad
    input login logout mastercard login manager okpay okay paypal reset safari samsung server setting settings support taobao
    tiktok token unionpay update user username visa wechat weixin windows xiaomi zhifubao
    """.split()
)
_QUOTED: Final = re.compile(
    rf"{_WORD}\s*(?:就?是|为|叫|[::=]|is"
    rf"|was)?\s*[\"“「‘](?P<v>[^\"”」’\n]{{3,64}})[\"”」’]",
    re.IGNORECASE,
)

_ONE_TIME: Final = re.compile(
    r"(?:短信|信息)(?:内容|里|上|来了|收到了?|写|说|[,，是:\s]){0,24}(?:那个?)?(?:数字|码)?(?:是|写着|说|[,，:\s]){1,24}(?P<a>\d{6})(?!\d)"
    r"|收到的?(?:是|:)\s*(?P<g>\d{6})(?!\d)|(?:(?:发来|收到|那串|那个?)的?)?(?<!背面的)(?:[六6四4]位)?(?:数字"
    r"|六位数|6位数|位数)(?:字|码)?(?:就?是|[:，,\s])*(?P<b>\d{6})(?!\d)"
    r"|(?<![a-z])(?:the )?(?:text|message|sms|phone|it)(?: message)? (?:says?|said|reads?|shows?|was|is"
    r"|texted me)[: ]+(?P<c>\d{6})(?!\d)"
    r"|(?:i (?:got|received)|(?:they|he|she|it|you) (?:sent|texted|gave) me|texted me)[: ]+(?:a )?(?P<d>\d{6})(?!\d)"
    r"|(?<!\d )(?:six|6)[ -]?digits?(?: (?:code|number))?(?: is| are| was|:)*\s+(?P<e>\d{6})(?!\d)"
    r"|(?:(?:您|我)?(?:要|说)的?码|那个?码)(?:就?是|[:\s])*(?P<f>\d{4,8})(?!\d)",
    re.IGNORECASE,
)
# "G-482113 is your Google verification code", "482113是我收到的短信": the number first, then what it is.
_NUMBER_FIRST: Final = re.compile(
    r"(?<![\d.])(?:(?<![a-z])[a-z]{1,3}-)?(?P<a>\d(?:[ \-]?\d){3,7})\s+is (?:my|your|the|our) (?:[\w']+ ){0,4}?"
    r"(?P<which>[a-z]+ )?(?:code|otp|passcode)\b"
    r"|(?<![\d.\-])(?:(?<![a-z])[a-z]{1,3}-)?(?P<b>\d{4,8})\s*(?:就|这个|这|那个)*[是为](?!不|没|否)[^,，。;；!！?？\n\d]{0,8}?"
    r"(?:验证码|校验码|动态码|确认码|登录码|(?:短信|简讯)(?!号|平台|通道)|(?:收到|发来|发给?我)的(?!号|单|钱|款))",
    re.IGNORECASE,
)
# Such a number has a name of its own.
_OTHER_NUMBER: Final = re.compile(
    r"(?:号|编|尾|单|流水|金额|余额|邮编|区号|no\.?|ticket|order|case)[\s::#是为]{0,3}\Z", re.IGNORECASE
)
_SERVICE: Final = re.compile(r"(?:(?:95|10|12)\d{3}|106\d{5})\Z")
_THE_CODE: Final = re.compile(
    r"(?:收到|发来|发给?我|发我|短信|短信[里上]|手机|手机[里上]|[刚才]|念)的码(?:就?是|为|[:：,，\s])*"
    r"(?P<v>\d(?:[ \-]?\d){3,7})(?!\d)"
)
# "六个八": digits counted out.
_COUNTED: Final = re.compile(
    r"(?P<word>密码|密[吗嘛]|口令|验证码|校验码|动态码|(?<![a-z])pin码?)[^,，。;；\d]{0,6}?"
    r"(?P<v>[2-8两]个\d(?![\d位个月天次元块年小])(?:[，,、加和跟再\s]{0,3}[1-8两]个\d(?![\d位个月天次元块年小]))*)",
    re.IGNORECASE,
)
# Three digits called last of all: a card's, where its expiry is told beside them.
_LAST_THREE: Final = re.compile(
    r"(?:有效期|到期)[^。;；!！?？\n]{0,24}?(?<![号码机单])(?:最?[后末]|背[面后])[面的]?(?:3|三)[位个](?:数字?)?(?:就?是|为|[:：,，\s])*(?P<a>\d{3})(?!\d)"
    r"|(?<![号码机单])(?:最?[后末]|背[面后])[面的]?(?:3|三)[位个](?:数字?)?(?:就?是|为|[:：,，\s])*(?P<b>\d{3})(?!\d)[^。;；!！?？\n\d]{0,8}(?:有效期|到期)"
)
_CODE: Final = re.compile(
    r"(?:(?<![a-z])(?P<which>[a-z]+)[ -])?(?<![a-z])codes?(?P<mine>(?: i (?:got|typed|have|received))?\s*(?:is|was|are|says|:"
    r"|=))?\s*[\"“']?(?P<v>\d(?:[ \-]?\d){3,7})(?![\d.,]?\d|[a-z])",
    re.IGNORECASE,
)
_OTHER_CODES: Final = frozenset(
    """
    error err zip postal post area country promo promotion coupon discount voucher qr bar swift bic bank branch
    sort currency status dialling dial product merchant agent staff employee invite invitation referral access tax
    source response return result reason store shop city region fault
    """.split()
)
_MY_CODE: Final = re.compile(r"(?<!\d)(?P<v>\d(?:[ \-]?\d){3,7}) is (?:my|your|the)(?: [a-z]+)? code", re.IGNORECASE)
_TYPED: Final = re.compile(
    r"(?:输|用|填|打)(?:入|的|了|是)*\s*(?P<v>\d{4,8})[,，。\s]*[^,，。\d]{0,6}密码|(?:use|used|typed|entered"
    r"|put)\s+(?P<w>\d{4,8}) (?:as|for) (?:the|my) (?:password|pin)"
    r"|(?<![a-z])mm\s*[是:]\s*(?P<x>\d{4,8})|密码(?:(?!提示|显示|报|弹|跳|返回|出现|错)[^,，。\d]){0,6}"
    r"[A-Za-z][^,，。\d]{0,2}(?P<y>\d{4,8})",
    re.IGNORECASE,
)

_ABOUT_ANSWER: Final = re.compile(
    r"密保|安全(?:问题|提问)|验证问题|问题.{0,4}答案|验证用|security|secret|maiden", re.IGNORECASE
)
_NO_ANSWER: Final = (
    r"(?!\[\*|是?(?:不|否|要|得|能|可|什|啥|怎|哪|几|多|谁|区|都|错|对的|必|空|以前|之前|自己|正确)|忘|不|错|没|什|怎|哪"
    r"|几|如何|需|要|能|可|在|一直|重|丢|改|找|还|都|也|和|或|、|吗|呢|了|的(?!问)|设|我(?:忘|不|记)|提示|显示)"
)
_ANSWER: Final = re.compile(
    rf"(?:密保|问题|提问)[^。！!?\n]{{0,14}}?答案(?:就是|是|为|叫|[:=]|\s)+{_NO_ANSWER}(?P<a>[^\s,，。;；!！?？]{{1,30}})"
    rf"|密保(?:回答|答)(?!案)\s*(?:是|为|[:\s])*{_NO_ANSWER}(?P<b>[^\s,，。;；!！?？]{{1,30}})"
    rf"|(?:母亲|妈妈|父亲|爸爸|配偶|小学|中学|宠物|出生地)的?(?:姓名|名字|名)?(?:是|叫"
    rf"|:)\s*{_NO_ANSWER}(?P<c>[^\s,，。;；!！?？]{{1,30}})"
)
_ANSWER_EN: Final = re.compile(
    r"(?:(?:security|secret)\s+(?:question\s+)?answer|answer to (?:the|my|his|her) (?:security|secret) question"
    r"|(?:security|secret) question[^.\n]{0,40}?answer"
    r"|mother'?s maiden name)\s*(?:is|was|:|=)?\s*[\"“']?(?P<v>[A-Za-z0-9][\w'\-]{1,40})",
    re.IGNORECASE,
)


def confided(plain: str) -> list[tuple[Kind, int, int]]:
    """Kind and span of what the phrases of ``plain`` (``disguise.undress``) give away."""
    if not HINT.search(plain):
        return []
    found: list[tuple[Kind, int, int]] = [("password", *match.span("v")) for match in _QUOTED.finditer(plain)]
    found += [("password", *match.span("v")) for match in _BESIDE.finditer(plain)]
    for pattern in (_NAMED, _SET_TO):
        for match in pattern.finditer(plain):
            word = match["v"].rstrip(".,;!?\"'”’」)")
            # An English sentence goes on after "is"; a Chinese one that turns to Latin letters spells something out.
            spelt = bool(match["q"]) or not match[0].isascii()
            # Still being typed: "password is wron" becomes "wrong".
            growing = match.start("v") + len(word) == len(plain) and any(
                one.startswith(word.lower()) for one in _PLAIN_WORDS
            )
            if not growing and _is_password(word, spelt=spelt):
                found.append(("password", match.start("v"), match.start("v") + len(word)))
    for match in _LETTERS.finditer(plain):
        low = match["v"].lower()
        growing = match.end() == len(plain) and any(one.startswith(low) for one in (*_PLAIN_WORDS, *_MACHINES))
        if not growing and low not in _MACHINES and _is_password(low, spelt=True):
            found.append(("password", *match.span("v")))
    found += _counted_or_first(plain)
    found += [("password", *match.span(match.lastgroup or 0)) for match in _TYPED.finditer(plain)]
    found += [("code", *match.span(match.lastgroup or 0)) for match in _ONE_TIME.finditer(plain)]
    found += [("code", *match.span("v")) for match in _MY_CODE.finditer(plain)]
    for match in _CODE.finditer(plain):
        count = sum(map(str.isdigit, match["v"]))
        if (match["which"] or "").lower() not in _OTHER_CODES and (
            count == 6 or match["mine"] or match["which"] == "my"
        ):
            found.append(("code", *match.span("v")))
    if _ABOUT_ANSWER.search(plain):
        found += [("answer", *match.span(match.lastgroup or 0)) for match in _ANSWER.finditer(plain)]
        for match in _ANSWER_EN.finditer(plain):
            if match["v"].lower() not in _PLAIN_WORDS and not _ADJECTIVE.fullmatch(match["v"]):
                found.append(("answer", *match.span("v")))
    return found


def _counted_or_first(plain: str) -> list[tuple[Kind, int, int]]:
    found: list[tuple[Kind, int, int]] = [("code", *match.span("v")) for match in _THE_CODE.finditer(plain)]
    for match in _NUMBER_FIRST.finditer(plain):
        named = (match["which"] or "").strip().lower() in _OTHER_CODES
        group = "a" if match["a"] else "b"
        if not (
            named
            or _SERVICE.match(match[group])
            or _OTHER_NUMBER.search(plain[max(0, match.start() - 12) : match.start()])
        ):
            found.append(("code", *match.span(group)))
    for match in _COUNTED.finditer(plain):
        kind: Kind = "code" if match["word"][:1] in "验校动" else "password"
        found.append((kind, *match.span("v")))
    found += [("cvv", *match.span(match.lastgroup or 0)) for match in _LAST_THREE.finditer(plain)]
    return found


def _is_password(word: str, *, spelt: bool) -> bool:
    if re.search(r"[A-Za-z]", word) and re.search(r"\d", word):
        return len(word) >= 5
    if not re.search(r"[A-Za-z]", word):
        return False  # digits alone are judged by the words around them
    low = word.lower()
    return len(word) >= 4 and low not in _PLAIN_WORDS and (spelt or not _ADJECTIVE.fullmatch(low))
