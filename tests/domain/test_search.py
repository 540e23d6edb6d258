"""Search while typing: Chinese, English, initials, pinyin, slips, and that nothing typed can hurt."""

from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from okpay_console.content import load_answers
from okpay_console.domain.answers import Answer
from okpay_console.domain.pinyin import pinyin
from okpay_console.domain.search import Index
from okpay_console.domain.wording import canonical, fold, within
from okpay_console.errors import ContentError

SHIPPED = Index.build(load_answers("zh") + load_answers("en"))
TITLES = (
    "退款进度",
    "长期未登录",
    "重置密码",
    "银行卡绑定",
    "还款日期",
    "了解手续费",
    "转账限额",
    "余额宝转出",
    "SWIFT 代码",
    "得不到验证码",
)
SMALL = Index.build([Answer(id=str(number), lang="zh", title=title) for number, title in enumerate(TITLES)])


def first(index: Index, query: str) -> str:
    return next((hit.title for hit in index.search(query)), "")


@pytest.mark.parametrize(
    ("query", "title"),
    [
        ("zhmm", "找回密码"),
        ("ZHMM", "找回密码"),
        ("ｚｈｍｍ", "找回密码"),
        ("zhaohuimima", "找回密码"),
        ("zhao hui mi ma", "找回密码"),
        ("zhaoh", "找回密码"),
        ("zhaohuimm", "找回密码"),
        ("zh密码", "找回密码"),
        ("找回m", "找回密码"),
        ("密码 忘记 了", "找回密码"),
        ("登陆不上", "找回密码"),
        ("forgot password", "找回密码"),
        ("FORGOT", "找回密码"),
        ("passw", "找回密码"),
        ("jysb", "交易失败或出错"),
        ("重复扣款！", "交易失败或出错"),
        ("charged twice", "交易失败或出错"),
        ("jszc", "技术支持"),
        ("闪退", "技术支持"),
        ("yjfk", "意见反馈"),
        ("suggestion", "意见反馈"),
        ("kjzz", "跨境转账"),
        ("跨境转帐", "跨境转账"),
        ("swift", "跨境转账"),
    ],
)
def test_the_shipped_answer_is_found_first(query: str, title: str) -> None:
    assert first(SHIPPED, query) == title


@pytest.mark.parametrize(
    "query", ["zhmmm", "zhaohiumima", "zhaohumima", "zhaohuinima", "zhoahuimima", "zhaohuimimaa", "pasword", "passwrod"]
)
def test_one_slip_of_the_fingers_is_forgiven(query: str) -> None:
    assert first(SHIPPED, query) == "找回密码"


@pytest.mark.parametrize(
    ("query", "title"),
    [
        ("tkjd", "退款进度"),
        ("cqwdl", "长期未登录"),
        ("zqwdl", "长期未登录"),
        ("czmm", "重置密码"),
        ("zzmm", "重置密码"),
        ("yhkbd", "银行卡绑定"),
        ("yinhangka", "银行卡绑定"),
        ("hkrq", "还款日期"),
        ("huankuan", "还款日期"),
        ("liaojie", "了解手续费"),
        ("ljsxf", "了解手续费"),
        ("dbd", "得不到验证码"),
        ("swiftdm", "SWIFT 代码"),
        ("yeb", "余额宝转出"),
    ],
)
def test_a_character_with_several_readings_is_found_by_each(query: str, title: str) -> None:
    assert first(SMALL, query) == title


def test_the_reading_of_the_phrase_comes_before_the_others() -> None:
    """``zz`` may stand for 重置 when read wrongly; 转账 is meant."""
    assert [hit.title for hit in SMALL.search("zz")][:2] == ["转账限额", "重置密码"]
    assert pinyin().readings("银行重置还款") == ["yin", "hang", "chong", "zhi", "huan", "kuan"]


def test_scores_fall_and_the_limit_is_kept() -> None:
    hits = SHIPPED.search("密码", limit=2)
    assert len(hits) == 2
    assert hits[0].score >= hits[1].score > 0


def test_both_languages_of_an_answer_are_one_hit_with_the_first_title() -> None:
    english_first = Index.build(load_answers("en") + load_answers("zh"))
    assert [hit.title for hit in english_first.search("zhmm")] == ["Recover the password"]
    assert len({hit.id for hit in SHIPPED.search("密码 password")}) == len(SHIPPED.search("密码 password"))
    assert len(SHIPPED) == 5


@pytest.mark.parametrize(
    "query", ["", " ", "***", "？！…", "\x00\x1b[31m\x07", "\u202e\u200b", "🙂", "[red]", "qqqqqqqqvvvv"]
)
def test_nothing_readable_finds_nothing_and_raises_nothing(query: str) -> None:
    assert [hit for hit in SMALL.search(query) if hit.score <= 0] == []
    if fold(query) == "":
        assert SMALL.search(query) == []


def test_control_characters_inside_a_question_are_harmless() -> None:
    assert first(SHIPPED, "找回\x00\x1b密码\u200b") == "找回密码"


@pytest.mark.parametrize("unit", ["密码", "zhmm", "a", "🙂", "﷽", "zhmm密码 "])
def test_of_a_megabyte_only_the_beginning_is_looked_at(unit: str) -> None:
    """The answer equals that of the first 300 characters, so what follows them costs nothing."""
    long = unit * (1_000_000 // len(unit))
    assert SHIPPED.search(long) == SHIPPED.search(long[:300])
    assert len(fold(long)) <= 600


def test_folding_reads_no_more_than_its_limit() -> None:
    assert fold("密码忘记", limit=2) == "密码"
    assert fold("Ａ-ｂ_c  D") == "a b c d"


def test_an_empty_index_finds_nothing() -> None:
    for query in ("密码", "zhmm", "zhnmm", "password"):
        assert Index.build([]).search(query) == []
    assert Index.build([Answer(id="1", lang="zh", title="！！！")]).search("密码") == []


def test_an_index_comes_back_from_its_bytes() -> None:
    again = Index.from_bytes(SHIPPED.to_bytes())
    for query in ("zhmm", "重复扣款", "password"):
        assert again.search(query) == SHIPPED.search(query)


@pytest.mark.parametrize("damage", [b"", b"abc", b"\x00" * 40, SMALL.to_bytes()[:-1], b"x" + SMALL.to_bytes()[1:]])
def test_damaged_bytes_are_refused_with_advice(damage: bytes) -> None:
    with pytest.raises(ContentError) as caught:
        Index.from_bytes(damage)
    assert "again" in caught.value.advice


def test_a_rare_word_beats_a_common_one_in_a_large_base() -> None:
    rows = [Answer(id=str(number), lang="zh", title=f"怎么使用钱包第{number}项") for number in range(2000)]
    index = Index.build([*rows, Answer(id="x", lang="zh", title="钱包怎么开发票")])
    assert index.search("怎么使用钱包开发票")[0].id == "x"


def test_pinyin_is_opened_by_the_first_letters_only_and_pypinyin_never() -> None:
    code = (
        "import sys; from okpay_console.content import load_answers; from okpay_console.domain.search import Index\n"
        "index = Index.build(load_answers('zh')); index.search('密码')\n"
        "assert 'okpay_console.domain.pinyin_table' not in sys.modules\n"
        "index.search('zhmm'); assert 'okpay_console.domain.pinyin_table' in sys.modules\n"
        "assert 'pypinyin' not in sys.modules and 'jieba' not in sys.modules"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_everyday_variants_are_one_wording() -> None:
    assert canonical("为啥登陆不了") == canonical("为什么登录无法")


def test_within_counts_swapped_neighbours_as_one_slip() -> None:
    assert within("frogot", "forgot", 1)
    assert not within("frogto", "forgot", 1)
    assert within("password", "pasword", 1)
    assert not within("pass", "password", 2)


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=40) | st.text(alphabet="zhaoguimna 密码找回转账*", max_size=40))
def test_any_text_is_safe_to_search(query: str) -> None:
    hits = SMALL.search(query)
    assert all(hit.score > 0 for hit in hits)
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)
