"""One slip of the fingers: every typo of one kind in every title is tried, and nearly all of them still find it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from okpay_console.content import load_answers
from okpay_console.domain.answers import Answer
from okpay_console.domain.pinyin import pinyin
from okpay_console.domain.search import Index

TITLES = (
    "找回登录密码", "收不到验证码", "更换绑定手机", "账户被冻结了", "交易失败退款", "重复扣款处理", "跨境转账限额", "汇率怎么计算",
    "长期未登录", "重置支付密码", "还款日期修改", "银行卡解绑", "发票怎么开", "优惠券过期", "实名认证失败", "余额提现手续费",
    "反馈意见入口", "客服服务时间", "应用闪退崩溃", "通知收不到",
)  # fmt: skip
ENGLISH = (
    "password recovery",
    "verification message",
    "duplicate charge",
    "transfer abroad",
    "exchange fees",
    "invoice request",
)
INDEX = Index.build(
    [*load_answers("zh"), *load_answers("en"), *(Answer(title, "zh", title) for title in (*TITLES, *ENGLISH))]
)

TWO_WAYS = Index.build([Answer(title, "zh", title) for title in TITLES])


def dropped(word: str) -> Iterator[str]:
    yield from (word[:at] + word[at + 1 :] for at in range(1, len(word)))


def swapped(word: str) -> Iterator[str]:
    yield from (
        word[:at] + word[at + 1] + word[at] + word[at + 2 :]
        for at in range(1, len(word) - 1)
        if word[at] != word[at + 1]
    )


def changed(word: str) -> Iterator[str]:
    yield from (word[:at] + ("k" if word[at] != "k" else "j") + word[at + 1 :] for at in range(1, len(word)))


def found(typed: list[tuple[str, str]]) -> float:
    """The share of (query, title) that have the title among the first three."""
    right = [any(hit.id == title for hit in INDEX.search(query, limit=3)) for query, title in typed]
    return sum(right) / len(right)


@pytest.mark.parametrize(("slip", "least"), [(dropped, 0.95), (swapped, 0.95), (changed, 0.9)])
def test_a_slip_in_the_pinyin_of_a_title(slip: Callable[[str], Iterator[str]], least: float) -> None:
    typed = [(wrong, title) for title in TITLES for wrong in slip("".join(pinyin().readings(title)[:4]))]
    assert len(typed) > 150
    assert found(typed) >= least


@pytest.mark.parametrize("slip", [dropped, swapped, changed])
def test_a_slip_in_an_english_word(slip: Callable[[str], Iterator[str]]) -> None:
    typed = [(wrong, title) for title in ENGLISH for wrong in slip(title.split()[0]) if len(title.split()[0]) >= 6]
    assert len(typed) > 25
    assert found(typed) >= 0.95


def test_one_wrong_character_in_a_title() -> None:
    typed = [(title[:at] + "某" + title[at + 1 :], title) for title in TITLES for at in range(len(title))]
    assert found(typed) >= 0.98


def test_one_character_left_out_or_two_turned_round() -> None:
    typed = [(wrong, title) for title in TITLES for slip in (dropped, swapped) for wrong in slip(title)]
    assert found(typed) >= 0.98


@pytest.mark.parametrize(
    ("query", "title"),
    [
        ("changqi", "长期未登录"), ("zhangqi", "长期未登录"), ("cqwdl", "长期未登录"), ("zqwdl", "长期未登录"),
        ("chongzhizhifu", "重置支付密码"), ("zhongzhizhifu", "重置支付密码"), ("czzf", "重置支付密码"), ("zzzf", "重置支付密码"),
        ("huankuanriqi", "还款日期修改"), ("haikuanriqi", "还款日期修改"), ("hkrq", "还款日期修改"),
        ("chongfukou", "重复扣款处理"), ("zhongfukou", "重复扣款处理"), ("cfkk", "重复扣款处理"),
        ("长qi", "长期未登录"), ("重zhi", "重置支付密码"), ("还kuan", "还款日期修改"),
    ],
)  # fmt: skip
def test_a_character_with_two_readings_is_found_by_either(query: str, title: str) -> None:
    assert TWO_WAYS.search(query)[0].id == title
