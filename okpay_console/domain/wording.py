"""How a question is folded into comparable terms: width, case, punctuation, and everyday variants of wallet Chinese."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

# Groups of everyday wordings; the first stands for all. Written from general knowledge of spoken and typed Chinese:
# why, how, cannot, not yet, how long, and the slips of input methods that wallet customers make.
_SAME: Final = (
    "为什么 为啥 为撒 为甚么 为神马 为毛 为何 为设么 为什莫 为什 怎么回事 什么原因 什么情况 咋回事 啥原因 啥情况",
    "怎么 怎样 怎么样 如何 咋 咋样 咋么 怎嘛 怎能 怎么才能 怎样才能 怎么办 咋办 咋整 怎么弄 怎么搞",
    "什么 啥 神马 甚么 什麽",
    "无法 不了 不能 没法 没办法 不可以 不到 不上",
    "可以 能 能够 可不可以 能不能 可否 能否 是否可以 是不是可以",
    "未 没 没有 还没 还没有 尚未",
    "登录 登陆 登入",
    "账 帐",
    "账户 账号 帐户 帐号 号",
    "支付 付款 付钱 付费",
    "取消 解除 撤销 关闭 关掉 关了 注销 停用 关",
    "开通 开启 打开 启用 激活 开",
    "提高 提升 增加 上调 提额 涨 升",
    "降低 下降 变少 减少 下调 降 少",
    "什么时候 啥时候 何时 几时 什么时间 多久 多长时间 多会",
    "几号 哪天 几点 哪一天",
    "手机号 手机号码 电话号码 电话号",
    "话费 电话费 手机费",
    "推迟 延迟 延期 延后 晚几天 宽限 晚点",
    "逾期 超期 过期 超时",
    "晚 迟",
    "提前 提早 先",
    "更换 换成 更改 修改 改成 换 改",
    "哪里 哪儿 在哪 哪",
    "钱 金额 款",
    "扣款 扣钱 划扣 代扣 划款 扣费",
    "退款 退钱 退回 退还 退货 退",
    "还清 还完 结清",
    "借钱 借款 贷款",
    "提现 取现 取出 提出",
    "充值 充 冲 缴 交",
    "买 购买 购物 买东西",
    "限额 额度 上限",
    "银行卡 储蓄卡",
    "冻结 封了 封号 封 锁定 锁 被锁",
    "条件 要求 资格 门槛",
    "不见 没了 消失 找不到",
    "失败 不成功 没成功",
    "下个月 下月",
    "这个月 本月 当月",
    "多少 几多",
)
# Courtesies and particles that a question may have or lack without meaning anything else.
_NOISE: Final = "请问 你好 您好 麻烦 谢谢 吗 么 呢 啊 呀 吧 嘛 了 的"
_LIMIT: Final = 300
"""Characters of a query that are looked at: a question is shorter, and a pasted page must not cost a second."""
_TOKEN: Final = re.compile(r"[a-z]+|[0-9]+|[㐀-鿿豈-﫿𠀀-𪛟]")
_GAP: Final = re.compile(r"[\W_]+")


def fold(text: str, *, limit: int = _LIMIT) -> str:
    """Lower-case text of one width, where anything but letters, digits and characters has become a single space."""
    text = unicodedata.normalize("NFKC", text[:limit]).casefold()[: 2 * limit]
    return _GAP.sub(" ", text).strip()


def tokens(folded: str) -> list[str]:
    """Latin words, numbers and single Chinese characters of a folded text, in order."""
    return _TOKEN.findall(folded)


def canonical(folded: str) -> str:
    """The folded text with every everyday variant replaced by the wording that stands for it."""
    return _VARIANT.sub(lambda match: _CANON[match[0]], folded)


def within(word: str, other: str, slips: int) -> bool:
    """Whether at most ``slips`` letters added, dropped, changed or swapped with the next turn one word into the other.

    The restricted edit distance (optimal string alignment), row by row, given up when a whole row exceeds ``slips``.
    """
    if abs(len(word) - len(other)) > slips:
        return False
    before: list[int] = []
    above = list(range(len(other) + 1))
    for at, letter in enumerate(word, 1):
        row = [at]
        for to, target in enumerate(other, 1):
            cost = min(above[to] + 1, row[-1] + 1, above[to - 1] + (letter != target))
            if at > 1 and to > 1 and letter == other[to - 2] and word[at - 2] == target:
                cost = min(cost, before[to - 2] + 1)
            row.append(cost)
        if min(row) > slips:
            return False
        before, above = above, row
    return above[-1] <= slips


_CANON: Final = {word: words.split(" ")[0] for words in _SAME for word in words.split(" ")} | dict.fromkeys(
    _NOISE.split(" "), ""
)
_VARIANT: Final = re.compile("|".join(sorted(map(re.escape, _CANON), key=len, reverse=True)))
