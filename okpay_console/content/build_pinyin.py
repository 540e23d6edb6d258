"""Writes the pinyin table that the search ships; run by hand with ``python -m okpay_console.content.build_pinyin``.

Needs pypinyin (extra ``dev``), which the program itself never imports.
"""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path
from typing import Final

TARGET: Final = Path(__file__).parent.parent / "domain" / "pinyin_table.py"

# Everyday wallet words in which a character is not read as it is alone, and which pypinyin's phrases lack.
EXTRA: Final = {
    "还款": "huan kuan", "还钱": "huan qian", "归还": "gui huan", "还清": "huan qing", "代还": "dai huan",
    "还贷": "huan dai", "偿还": "chang huan", "还完": "huan wan", "已还": "yi huan", "还不": "huan bu",
    "银行": "yin hang", "行号": "hang hao", "行卡": "hang ka", "分行": "fen hang", "开户行": "kai hu hang",
    "重置": "chong zhi", "重复": "chong fu", "重新": "chong xin", "重发": "chong fa", "重试": "chong shi",
    "重登": "chong deng", "重扣": "chong kou", "重设": "chong she", "时长": "shi chang", "多长": "duo chang",
    "长期": "chang qi", "延长": "yan chang", "了解": "liao jie", "不了": "bu liao", "退不了": "tui bu liao",
    "账单": "zhang dan", "单号": "dan hao", "提供": "ti gong", "调整": "tiao zheng", "调低": "tiao di",
    "差额": "cha e", "目的": "mu di", "证券": "zheng quan", "会计": "kuai ji", "便宜": "pian yi",
}  # fmt: skip


def main() -> None:
    """Write every reading of the 20,000 unified ideographs without tones, and the phrases that decide between them."""
    from pypinyin.contrib.tone_convert import to_normal
    from pypinyin.phrases_dict import phrases_dict
    from pypinyin.pinyin_dict import pinyin_dict

    readings = {
        chr(code): list(dict.fromkeys(to_normal(reading) for reading in text.split(",")))
        for code, text in sorted(pinyin_dict.items())
        if 0x4E00 <= code <= 0x9FFF
    }
    first: dict[str, list[str]] = defaultdict(list)
    other: dict[str, list[str]] = defaultdict(list)
    for character, found in readings.items():
        first[found[0]].append(character)
        for reading in found[1:]:
            other[reading].append(character)
    phrases: dict[str, str] = {}
    for phrase, tones in phrases_dict.items():
        spoken = [to_normal(reading[0]) for reading in tones]
        alone = [readings.get(character, [""])[0] for character in phrase]
        if len(spoken) == len(phrase) in (2, 3) and spoken != alone and _everyday(phrase):
            phrases[phrase] = " ".join(spoken)
    for phrase, reading in EXTRA.items():
        spoken = reading.split(" ")
        if spoken != [readings[character][0] for character in phrase]:
            phrases[phrase] = reading
    syllables = sorted(first.keys() | other.keys())
    TARGET.write_text(
        '"""Toneless pinyin of Chinese characters: data written by content/build_pinyin.py, not by hand."""\n\n'
        "# ruff: noqa: E501\n\n"
        "# One line per syllable: the characters whose first reading it is, a bar, those with it among the others.\n"
        'SYLLABLES = """\\\n'
        + "".join(f"{name} {''.join(first[name])}|{''.join(other[name])}\n" for name in syllables)
        + '"""\n\n# Phrases in which some character is not read by its first reading.\n'
        'PHRASES = """\\\n' + "".join(f"{phrase} {reading}\n" for phrase, reading in sorted(phrases.items())) + '"""\n',
        encoding="utf-8",
    )


def _everyday(phrase: str) -> bool:
    """GB 2312 holds the characters of everyday writing; phrases beyond it would only cost space."""
    try:
        phrase.encode("gb2312")
    except UnicodeEncodeError:
        return False
    return True


if __name__ == "__main__":
    main()
