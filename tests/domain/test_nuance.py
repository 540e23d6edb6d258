"""Questions that share their words and mean something else: what the index learns from its own titles, and what it must not."""

from __future__ import annotations

from okpay_console.domain.answers import Answer
from okpay_console.domain.search import Index

THINGS = ("怎么开", "怎么关", "如何升级", "哪里找", "多少钱", "什么时候到期", "可以退吗", "为什么没有")


def index(*titles: str) -> Index:
    return Index.build([Answer(title, "zh", title) for title in titles])


def about(*names: str, copies: int = 12) -> list[str]:
    """Titles about each of some things, none about two of them."""
    return [
        f"{name}{thing}{'甲乙丙丁戊己庚辛壬癸子丑'[copy]}"
        for name in names
        for thing in THINGS
        for copy in range(copies)
    ]


def order(found: Index, query: str) -> list[str]:
    return [hit.id for hit in found.search(query, limit=1000)]


def test_a_title_about_the_rival_thing_stands_behind_one_about_this_thing() -> None:
    """蓝 and 绿 never stand together in many titles; the longer title about 蓝 is nearer than the short one about 绿."""
    found = index(*about("蓝", "绿"), "绿票延期规则", "蓝票的各种延期申请规则说明")
    ranked = order(found, "蓝票延期规则")
    assert ranked.index("蓝票的各种延期申请规则说明") < ranked.index("绿票延期规则")


def test_terms_that_stand_together_elsewhere_are_no_rivals() -> None:
    """The same two titles where 蓝 and 绿 are often named together: the shorter one is the better one again."""
    together = [f"蓝绿{thing}{copy}" for thing in THINGS for copy in "甲乙丙丁戊己庚辛壬癸子丑" * 2]
    found = index(*together, "绿票延期规则", "蓝票的各种延期申请规则说明")
    ranked = order(found, "蓝票延期规则")
    assert ranked.index("绿票延期规则") < ranked.index("蓝票的各种延期申请规则说明")


def test_who_names_both_is_shown_both() -> None:
    found = index(*about("蓝", "绿"), "蓝票换绿票", "绿票换蓝票")
    assert set(order(found, "蓝票换绿票")[:2]) == {"蓝票换绿票", "绿票换蓝票"}


def test_a_few_answers_say_nothing_about_rivals() -> None:
    found = index("蓝票规则", "绿票规则", "绿票延期规则说明")
    assert order(found, "蓝票延期规则说明")[0] == "绿票延期规则说明"


def test_a_sentence_with_a_not_and_one_without_are_told_apart() -> None:
    found = index("这个月的账单已经还了", "这个月的账单还没还了", "下个月的账单已经出了", "账单")
    assert order(found, "这个月的账单没有还了")[0] == "这个月的账单还没还了"
    near = index("这笔账单还清怎么办", "这账单未还清怎么办呀请问")
    assert order(near, "这笔账单没有还清怎么办")[0] == "这账单未还清怎么办呀请问"
    assert order(found, "这个月的账单已经还了")[0] == "这个月的账单已经还了"


def test_while_a_word_is_typed_a_missing_not_costs_nothing() -> None:
    found = index("登录不上", "登录页面")
    assert order(found, "登录")[0] == "登录不上"


def test_of_two_wordings_with_the_same_sense_the_one_that_was_typed_comes_first() -> None:
    found = index("如何关闭自动续费", "怎么关闭自动续费", "咋关闭自动续费")
    for query in ("如何关闭自动续费", "怎么关闭自动续费", "咋关闭自动续费"):
        assert order(found, query)[0] == query
