"""Reads numbers as they are spoken in Chinese: 三百, 一千二, 两万零五十, 十二."""

from __future__ import annotations

from typing import Final

DIGITS: Final = {
    **dict(zip("〇零一二三四五六七八九", (0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9), strict=True)),
    **dict(zip("壹贰叁肆伍陆柒捌玖", range(1, 10), strict=True)),
    "两": 2, "俩": 2, "幺": 1,
}  # fmt: skip
_UNITS: Final = {"十": 10, "拾": 10, "百": 100, "佰": 100, "千": 1000, "仟": 1000}
_LARGE: Final = {"万": 10_000, "亿": 100_000_000}

CHARACTERS: Final = "".join((*DIGITS, *_UNITS, *_LARGE))


def read(words: str) -> int | None:
    """The whole number that the words say, None where they say none.

    A last digit without its unit takes the next lower one, as in speech: 三百五 is 350, 一千二 is 1200; 三百零五 is 305. Digits
    one by one (二零二六) are read as they stand.
    """
    if not words or any(character not in CHARACTERS for character in words):
        return None
    if all(character in DIGITS for character in words):
        return int("".join(str(DIGITS[character]) for character in words))
    total = section = digit = 0
    unit, last, zero = 0, -1, False
    for character in words:
        if character in DIGITS:
            if last > 0:
                return None  # two digits side by side amid units: 三百五六
            digit = last = DIGITS[character]
            zero = zero or last == 0
            continue
        if character in _UNITS:
            if last == -1 and _UNITS[character] != 10:
                return None  # only 十 may stand without a digit before it
            unit = _UNITS[character]
            section += (digit or 1) * unit
            zero = False
        else:
            unit = _LARGE[character]
            total = (total + section + digit) * unit if unit > total else total + (section + digit) * unit
            section = 0
            zero = False
        digit, last = 0, -1
    if digit and unit >= 100 and not zero:
        digit *= unit // 10
    return total + section + digit
