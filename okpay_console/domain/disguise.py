"""Undresses a text: digits become ASCII digits, traditional characters simplified ones, and each keeps its former place."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

NUMERALS: Final = {**dict(zip("〇零一二三四五六七八九", "00123456789", strict=True)), "幺": "1"} | dict(
    zip("壹贰叁肆伍陆柒捌玖", "123456789", strict=True)
)
_TRADITIONAL: Final = str.maketrans(
    "驗證碼號錄裡後從條這個為說數動態簡訊輸設確認問題媽親爸銀帳賬戶過發給錯機無還請開對們詢權貳陸兩點轉轉錢餘額鎖換單編訂郵麼辦時間內會傳後邊"
    "碼寫報剛纔將貼稱叫",
    "验证码号录里后从条这个为说数动态简讯输设确认问题妈亲爸银账账户过发给错机无还请开对们询权贰陆两点转转钱余额锁换单编订邮么办时间内会传后边"
    "码写报刚才将贴称叫",
)
# "验 证 码", "密-码": the words for a secret, pulled apart.
_APART: Final = r"[ \t\u3000.·\-_*/|]{1,3}"
PULLED: Final = re.compile(
    "|".join(
        rf"{_APART}".join(word)
        for word in (
            "验证码",
            "校验码",
            "动态码",
            "动态口令",
            "确认码",
            "安全码",
            "短信码",
            "登录码",
            "密码",
            "口令",
            "卡号",
        )
    )
)
_WORDS: Final = dict(zip("zero one two three four five six seven eight nine".split(), "0123456789", strict=True)) | {  # noqa: SIM905
    "oh": "0"
}
_WORD: Final = "|".join(_WORDS)
_CHARACTERS: Final = "".join(NUMERALS)
# "四六，二八" and "6、1、4、9": the pauses of somebody who reads a number out.
_PAUSES: Final = re.compile(
    rf"(?<=[{_CHARACTERS}])[，、,。.…\s]+(?=[{_CHARACTERS}])|(?<=(?<!\d)\d)[、,，]\s?(?=\d(?!\d))|(?<=(?<=[、,，\s])\d)[、,，]\s?(?=\d(?!\d))"
)
# Three words at least: "one or two times" is no number.
_SPOKEN: Final = re.compile(
    rf"(?<![a-z])(?:(?:{_WORD}|double|triple)[\s,.\-…]+){{2,40}}(?:{_WORD})(?![a-z])", re.IGNORECASE
)
_ONE_WORD: Final = re.compile(r"[a-z]+", re.IGNORECASE)

DIGIT: Final = re.compile(rf"[\d①-⑨{_CHARACTERS}]|(?<![a-z])(?:{_WORD})(?![a-z])", re.IGNORECASE)
_BLANKS: Final = 4
"""So many blanks in a row are kept, one more than any pattern counts."""
HIDDEN: Final = re.compile(r"[\u00ad\u200b-\u200f\u2060-\u2064\ufeff\uff21-\uff5a]")


def simplified(text: str) -> str:
    """The text with the traditional characters of this trade as simplified ones; as long as before."""
    return text if text.isascii() else text.translate(_TRADITIONAL)


def undress(text: str) -> tuple[str, list[tuple[int, int]]]:
    """The text in ASCII digits and compatible characters, without invisible ones, and the span of each character in ``text``.

    Full-width, Arabic and circled digits, Chinese numerals (also 幺 and 壹), and English digit words read out one by one
    ("four one one one", "double seven") are digits here; the pauses between them are left out, and so are blanks behind
    ``_BLANKS`` others.
    """
    spoken = _spoken(text)
    gone = {place for pause in _PAUSES.finditer(text) for place in range(*pause.span())}
    for word in PULLED.finditer(text):
        gone |= {place for place in range(*word.span()) if not "㐀" <= text[place] <= "鿿"}
    plain: list[str] = []
    origin: list[tuple[int, int]] = []
    place = 0
    while place < len(text):
        if place in spoken:
            digits, start, end = spoken[place]
            plain += digits
            origin += [(start, end)] * len(digits)
            place = end
            continue
        character = text[place]
        place += 1
        if place - 1 in gone or (not character.isascii() and unicodedata.category(character) == "Cf"):
            continue
        last = "".join(plain[-_BLANKS:]) if character.isspace() else ""
        if len(last) == _BLANKS and last.isspace() and (character != "\n" or "\n" in last):
            # Patterns that skip blanks would try each of ten thousand again and again; the end of a line is still told.
            continue
        if character.isascii() or ("㐀" <= character <= "鿿" and character not in NUMERALS):
            plain.append(character)
            origin.append((place - 1, place))
            continue
        for one in unicodedata.normalize("NFKC", NUMERALS.get(character, character)):
            plain.append(str(unicodedata.decimal(one, one)))
            origin.append((place - 1, place))
    return "".join(plain), origin


def _spoken(text: str) -> dict[int, tuple[str, int, int]]:
    """Digits by the place where their word starts; the word's span reaches over the pause up to the next word."""
    words: dict[int, tuple[str, int, int]] = {}
    for run in _SPOKEN.finditer(text):
        found = list(_ONE_WORD.finditer(text, *run.span()))
        times = 1
        for at, word in enumerate(found):
            end = found[at + 1].start() if at + 1 < len(found) else word.end()
            said = word[0].lower()
            digit = _WORDS.get(said, "")
            words[word.start()] = (digit * times, word.start(), end)
            times = 1 if digit else 2 if said == "double" else 3
    return words
