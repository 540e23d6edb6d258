"""Undresses a text: digits however they are written or spoken become ASCII digits, and each keeps its former place."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

NUMERALS: Final = {**dict(zip("〇零一二三四五六七八九", "00123456789", strict=True)), "幺": "1"} | dict(
    zip("壹贰叁肆伍陆柒捌玖", "123456789", strict=True)
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
    rf"(?<![a-z])(?:(?:{_WORD}|double|triple)[\s,.\-…]+){{2,}}(?:{_WORD})(?![a-z])", re.IGNORECASE
)
_ONE_WORD: Final = re.compile(r"[a-z]+", re.IGNORECASE)

DIGIT: Final = re.compile(rf"[\d①-⑨{_CHARACTERS}]|(?<![a-z])(?:{_WORD})(?![a-z])", re.IGNORECASE)
HIDDEN: Final = re.compile(r"[\u00ad\u200b-\u200f\u2060-\u2064\ufeff\uff21-\uff5a]")


def undress(text: str) -> tuple[str, list[tuple[int, int]]]:
    """The text in ASCII digits and compatible characters, without invisible ones, and the span of each character in ``text``.

    Full-width, Arabic and circled digits, Chinese numerals (also 幺 and 壹), and English digit words read out one by one
    ("four one one one", "double seven") are digits here; the pauses between them are left out.
    """
    spoken = _spoken(text)
    gone = {place for pause in _PAUSES.finditer(text) for place in range(*pause.span())}
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
