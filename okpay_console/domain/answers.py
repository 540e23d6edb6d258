"""A canned answer: what the agent does, says on the phone and writes in chat, with blanks that only the settings fill."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Final

import msgspec

from okpay_console.errors import ContentError

PLACEHOLDERS: Final[Mapping[str, tuple[str, str]]] = {
    "hotline": ("客服热线", "hotline number"),
    "service_hours": ("服务时间", "service hours"),
    "support_email": ("客服邮箱", "support e-mail"),
    "official_site": ("官方网站", "official website"),
    "social_account": ("官方社交账号", "official social media account"),
    "feedback_entry": ("App 内反馈入口", "feedback entry in the app"),
    "chat_entry": ("App 内在线客服入口", "chat entry in the app"),
    "records_entry": ("App 内交易记录入口", "transaction records entry in the app"),
    "reply_deadline": ("答复时限", "reply deadline"),
    "investigation_time": ("核查时限", "investigation time"),
    "refund_time": ("退款到账时限", "refund arrival time"),
    "latest_version": ("最新 App 版本", "latest app version"),
    "served_countries": ("支持的国家和地区", "served countries and regions"),
    "transfer_fee": ("跨境转账手续费", "cross-border transfer fee"),
    "rate_source": ("汇率说明", "exchange rate notice"),
    "transfer_time": ("跨境到账时间", "cross-border arrival time"),
}
"""Every company fact that an answer may leave blank, with its Chinese and English label. The product knows none of them."""

# Only lower-case names count, so braces in pasted code or JSON stay plain text.
_BLANK: Final = re.compile(r"\{([a-z][a-z0-9_]{0,39})\}")


class Step(msgspec.Struct, frozen=True):
    """One thing to do with the caller; ``id`` is ``<answer id>.<number from 1>`` and is the same in every language."""

    id: str
    text: str


class Answer(msgspec.Struct, frozen=True):
    """One entry of the knowledge base in one language.

    ``body`` is the introduction before the steps, ``spoken`` is to be read aloud, ``written`` to be pasted; each may be
    empty. ``placeholders`` are the names used anywhere in the texts, in order of first use.
    """

    id: str
    lang: str
    title: str
    category: str = ""
    keywords: tuple[str, ...] = ()
    steps: tuple[Step, ...] = ()
    spoken: str = ""
    written: str = ""
    placeholders: tuple[str, ...] = ()
    body: str = ""


class Rendered(msgspec.Struct, frozen=True):
    """A text with its blanks filled; ``missing`` names those that no setting fills, in order of first use."""

    text: str
    missing: tuple[str, ...] = ()


def blanks(*texts: str) -> tuple[str, ...]:
    """The placeholder names in the texts, each once, in order of first use."""
    return tuple(dict.fromkeys(name for text in texts for name in _BLANK.findall(text)))


def render(text: str, values: Mapping[str, str], *, lang: str, declared: Collection[str] = ()) -> Rendered:
    """Fill the blanks of ``text`` from the settings.

    A blank without a value (absent, or only spaces) stays visible as ``{label}`` in the language ``lang`` (``zh`` or
    ``en``) and is listed in ``missing``. ``declared`` are names that an imported answer brings along
    (``Answer.placeholders``). A filled value is plain text: braces inside it are not filled again.

    Raises ContentError for a name that is declared nowhere: a misspelt blank must not reach a caller.
    """
    missing: dict[str, None] = {}

    def fill(match: re.Match[str]) -> str:
        name = match[1]
        if name not in PLACEHOLDERS and name not in declared:
            raise ContentError(
                f"The text uses the blank {{{name}}}, which is not declared.",
                "Correct its spelling, or list it under 'placeholders' in the front matter of the answer.",
            )
        value = values.get(name, "").strip()
        if value:
            return value
        missing[name] = None
        return "{" + label(name, lang=lang) + "}"

    filled = _BLANK.sub(fill, text)
    return Rendered(filled, tuple(missing))


def label(name: str, *, lang: str) -> str:
    """How a blank is called on the screen; a name of an imported answer is its own label."""
    zh, en = PLACEHOLDERS.get(name, (name, name))
    return zh if lang.startswith("zh") else en
