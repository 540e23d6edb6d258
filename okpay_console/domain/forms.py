"""How details look in a spoken line: for each field what may stand before its value, and the value's form."""

from __future__ import annotations

import re
from typing import Final

import msgspec

from . import numerals


class Form(msgspec.Struct, frozen=True):
    """A pattern whose group ``v`` is the value, for the fields it may belong to, likeliest first; ``weak`` as in ``Piece``."""

    fields: tuple[str, ...]
    pattern: re.Pattern[str]
    weak: bool


IS: Final = r"\s*(?:就?是|为|叫做?|显示|写着|is|[:=#])?\s*"
ALONE: Final = r"(?<![A-Za-z0-9])"
ENDS: Final = r"(?![A-Za-z0-9])"
COUNTED: Final = r"\s*(?:次|个|天|遍|位|分|秒|小时|点|月|年|号|日|张|笔|台|条|岁|times|days|hours|minutes)"
"""What turns the number before it into a count of something."""

_CN: Final = f"[{numerals.CHARACTERS}]"
_WORDS: Final = r"[^,，。;；!！?？、\s]"
_HALF: Final = r"(?:凌晨|早上|早晨|上午|中午|下午|傍晚|晚上|晚)"
DAY: Final = (
    r"大前天|前[天日]|昨[天日晚]|今[天日早晚]|刚刚|刚才|yesterday|today|just now"
    r"|(?:上个?|这个?|本)?(?:周|星期|礼拜)[一二三四五六日天]"
    r"|20\d\d[-/.年]\d{1,2}[-/.月]\d{1,2}[日号]?|20\d\d[01]\d[0-3]\d(?!\d)"
    r"|(?<![\d.\-/])(?:0?[1-9]|1[0-2])(?:[-/]|月)[0-3]?\d[日号]?(?![\d.\-/])"
    rf"|[一二三四五六七八九十]{{1,2}}月[一二三四五六七八九十]{{1,3}}[日号]?"
    rf"|(?:\d{{1,2}}|{_CN}{{1,3}})\s?(?:天|个?小时|分钟)前|\d{{1,2}} (?:days?|hours?|minutes?) ago"
)
CLOCK: Final = (
    rf"(?:{_HALF}\s*)?(?:(?<![\d:])\d{{1,2}}:\d{{2}}(?::\d{{2}})?(?![\d:])"
    # Without a day, a half of it or minutes, 一点 is "a little", or "as soon as one taps".
    r"|(?!(?<![午上晚晨早天日昨今前])(?<![午上晚晨早天日昨今前] )一点(?![钟半一三零十二四五过左多整\d]))"
    r"(?:\d{1,2}|[零一二三四五六七八九两]|十[一二]?|二十[一二三]?)[点时](?!候)(?:钟|半|[一三]刻|\d{1,2}分?(?!\d)"
    r"|[零一二三四五六七八九十]{1,3}分?)?"
    r"|(?<!\d)\d{1,2}(?=\s*[ap]\.?m))(?:\s*[ap]\.?m\.?(?![a-z]))?"
)
_SPAN: Final = r"\d{1,2}[:点时]\d{0,2}半?\s*(?:-|~|到|至|to)\s*\d{1,2}[:点时]\d{0,2}半?"
_TAIL: Final = r"(?:尾号|末四位|后四位|末4位|后4位)"
_WHEN: Final = r"(?:交易|付款|转账|支付)?时间|(?:at|on)(?= )"
_PHONE: Final = r"(?:注册的?|我的)*(?:手机|电话)(?:号码?)?|(?:mobile|phone|tel)(?: (?:number|no\.?))?"
_TXN: Final = (
    r"(?:交易|订单|流水|转账|商户|支付)(?:编号|单号|流水号|号码?)|(?<!工)(?:单号|编号|流水号)"
    r"|(?:transaction|txn|order|trade)(?: ?(?:no\.?|number|id))?"
)
_BRANDS: Final = (
    r"iphone|ipad|苹果|华为|荣耀|小米|红米|三星|一加|真我|魅族|努比亚|传音|huawei|honor|xiaomi|redmi|samsung|galaxy"
    r"|oppo|vivo|iqoo|oneplus"
    r"|realme|meizu|google pixel|pixel|nokia|motorola|mate|nova|reno"
)
_SERIES: Final = r"galaxy|mate|pura|nova|reno|find|note|magic|civi|[kpsaxyz]"
_SIZES: Final = r"pro|max|plus|ultra|mini|se|xr|xs|air|fold|flip|lite|青春版|至尊版"
_LATIN: Final = r"[A-Z][A-Za-z'\-]+"
# The hundred or so commonest surnames: whether two or three characters that stand alone may be a name.
_SURNAMES: Final = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊"
    "秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤"
)


def _form(fields: str, label: str, value: str, *, weak: bool = False, needs_label: bool = False) -> Form:
    before = f"(?:{label}){IS}" if needs_label else f"(?:(?:{label}){IS})?" if label else ""
    return Form(tuple(fields.split()), re.compile(f"{before}(?P<v>{value})", re.IGNORECASE), weak)


_NUMBER: Final = r"\d{1,3}(?:,\d{3})+(?:\.\d{1,3})?|\d{1,9}(?:\.\d{1,3})?"

# In the order in which they are looked for: what is found is out of the way of those below.
BEFORE_MONEY: Final = (
    _form("email", r"(?:注册)?邮箱|e-?mail(?: address)?", r"[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+"),
    _form("contact_window", "", rf"(?:(?:明天|后天|tomorrow|{DAY})\s*)?{_HALF}?\s*{_SPAN}"),
    _form("mobile", _PHONE, r"(?<![\dA-Za-z])(?:\+?86[ \-]?)?1[3-9](?:[ \-]?\d){9}(?!\d)"),
    _form("mobile", _PHONE, r"(?<![\dA-Za-z])(?:\+|00)(?!86)[1-9]\d{0,2}(?:[ \-]?\d){5,13}(?!\d)"),
    _form("txn_time", _WHEN, rf"(?:{DAY})(?:\s*(?:at|的|,)?\s*){CLOCK}|{CLOCK}\s+(?:yesterday|today)"),
    _form("txn_time", _WHEN, rf"{DAY}|{CLOCK}"),
    _form("txn_no", _TXN, r"(?=[A-Za-z\-]*\d)[0-9A-Za-z][0-9A-Za-z\-]{5,63}", needs_label=True),
    _form(
        "remit_ref",
        r"参考号|附言|(?:remittance )?ref(?:erence)?\.?",
        r"(?=[A-Za-z\-]*\d)[0-9A-Za-z][0-9A-Za-z\-]{3,63}",
        needs_label=True,
    ),
    _form("card_tail", rf"卡的?(?:号的?)?{_TAIL}|card ending(?: in)?", rf"\d{{4}}{ENDS}", needs_label=True),
    _form("account_tail", rf"账[号户]的?{_TAIL}|account ending(?: in)?", rf"\d{{4}}{ENDS}", needs_label=True),
    _form(
        "card_tail account_tail",
        rf"(?<!手机)(?<!电话)(?<!单号)(?:{_TAIL}|last four(?: digits)?|ending(?: in)?)",
        rf"\d{{4}}{ENDS}",
        needs_label=True,
    ),
    _form(
        "error_code",
        r"错误码|错误代码|报错码|错误编号|错误|报错|error(?: code)?",
        rf"(?=[A-Z_\-]*\d)[A-Z0-9_\-]{{2,32}}{ENDS}",
        needs_label=True,
    ),
    _form("error_text", r"错误?提示|提示|报错|弹出|error message|message"
        r"|it says", r"[“\"‘「][^”\"’」]{2,200}[”\"’」]", needs_label=True),
    _form("app_version", r"(?:app|应用)?\s*(?:版本号?|version)|app", r"v?\d+(?:\.\d+){1,3}(?![\d.])", needs_label=True),
    _form("os", r"手机系统|系统", r"(?:iOS|iPadOS|Android|HarmonyOS|鸿蒙|安卓)(?:系统)?\s*(?:\d+(?:\.\d+){0,3})?(?![\d.])"),
    _form("device", r"机型|手机型号|device", rf"{_WORDS}{{2,40}}", needs_label=True),
    _form(
        "device",
        "",
        rf"(?<![A-Za-z])(?:{_BRANDS})(?:手机)?(?:[ ]?(?:{_SERIES}))?(?:[ "
        rf"]?[A-Z]?\d{{1,3}}[A-Z]?(?![\d.A-Z块元]))?(?:[ ]?(?:{_SIZES})(?![A-Z]))*(?![A-Z])",
    ),
    _form("bic", r"swift(?:/bic)?|bic", rf"(?:代码|码|code)?\s*[A-Z0-9]{{7,12}}{ENDS}", needs_label=True),
)  # fmt: skip
"""Forms that are told by a label or by their very shape."""

AFTER_MONEY: Final = (
    _form("bic", "", rf"{ALONE}(?-i:[A-Z]{{6}}[A-Z0-9]{{2}}(?:[A-Z0-9]{{3}})?){ENDS}", weak=True),
    _form("error_text", r"错误?提示|报错", rf"{_WORDS}{{3,200}}", weak=True, needs_label=True),
    _form("benef_name", r"收款人(?:姓名)?|户名|beneficiary(?: name)?"
        r"|payee", rf"(?-i:{_LATIN}(?: {_LATIN}){{0,3}})", needs_label=True),
    _form("counterparty", r"(?:\bto|paid)(?= )", rf"(?-i:{_LATIN}(?: {_LATIN}){{0,3}})", weak=True, needs_label=True),
    _form(
        "counterparty",
        r"收款方|收款人|商户(?!号)|商家|payee|merchant",
        rf"(?!账|姓名|尾|没|未|不|还|已|说|收|要|让){_WORDS}{{2,30}}",
        weak=True,
        needs_label=True,
    ),
    _form(
        "counterparty",
        r"(?:付|转|汇|打|支付|转账|付款|充)?给(?:了)?",
        r"(?![我你您他她它别对客朋])(?:(?![的了但却没还时那这,，。;；!！?？、\s\x00]).){2,20}",
        weak=True,
        needs_label=True,
    ),
    _form("benef_name counterparty", "", rf"(?-i:(?<![A-Za-z]){_LATIN}(?: {_LATIN}){{1,3}}(?![A-Za-z0-9]))", weak=True),
    _form("app_version", "", rf"{ALONE}(?:v?\d+(?:\.\d+){{2,3}}|v\d+\.\d+)(?![\d.])"),
    _form("error_code device", "", rf"(?-i:{ALONE}(?:[A-Z]{{1,5}}[_\-]?\d{{2,6}}|ERR[A-Z0-9_\-]{{2,29}}"
        rf"|[A-Z]+(?:_[A-Z0-9]+)+)){ENDS}"),
    _form("error_code", "", rf"{ALONE}e\d{{3,6}}{ENDS}"),
    _form("txn_no mobile", "", rf"{ALONE}1\d{{9,11}}{ENDS}"),
    _form("txn_no", "", rf"{ALONE}(?=[A-Za-z]*\d)[0-9A-Za-z]{{10,64}}{ENDS}"),
    _form("nps", r"评分|打分?|score(?: of)?", r"(?<![\d.])(?:10|\d)\s*分?(?![\d钟期])", weak=True),
    _form("card_tail account_tail amount", "", r"(?<![\d.,A-Za-z#第号码])(?<![号码] )\d{4}(?![\d.,A-Za-z%])", weak=True),
    _form("amount app_version nps", "", rf"(?<![\d.,A-Za-z#第号码\-])(?<![号码] )(?:{_NUMBER})(?![\d.A-Za-z%\-]|,\d"
        rf"|{COUNTED})", weak=True),
    _form("counterparty", "", rf"(?:(?<=[\s,，、;；])|^)[{_SURNAMES}](?![了过给是时次一款钱])[㐀-鿿]{{1,2}}(?=$"
        rf"|[\s,，、;；。])", weak=True),
)  # fmt: skip
"""Forms that many things share, once sums of money are out of the way."""
