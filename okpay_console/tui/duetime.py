"""Due times as people say them: ``30m``, ``1h30m``, ``半小时``, ``15:00``, ``明天下午3点``, ``下周一 10:00``, ``tomorrow 3pm``."""

from __future__ import annotations

import re
import unicodedata
from datetime import datetime, timedelta
from typing import Final

from ..domain import moments, numerals

_UNITS: Final = {
    60: ("minutes", "minute", "mins", "min", "m", "分钟", "分"),
    3600: ("hours", "hour", "hrs", "hr", "h", "小时", "钟头"),
    86400: ("days", "day", "d", "天"),
}
_SECONDS: Final = {name: seconds for seconds, names in _UNITS.items() for name in names}
_NAMES: Final = "|".join(sorted(_SECONDS, key=len, reverse=True))
_FAR: Final = 4000 * 86400
"""Seconds beyond which nobody promises anything; a slip of the hand on the digits does."""
_AROUND: Final = re.compile(r"^(?:\+|(?:再)?过|in\b)\s*|\s*(?:之后|以后|之内|以内|后|内|later|from now)$")
_HALF: Final = re.compile(
    rf"半\s*个?\s*(?P<zh>小时|钟头)|half (?:an? )?(?P<en>hour)|(?P<quarters>[一三])刻钟?|an? (?P<one>{_NAMES})\b"
)
_PIECE: Final = re.compile(
    rf"(?P<count>\d{{1,4}}(?:\.\d{{1,2}})?|[{numerals.CHARACTERS}]+)\s*(?P<half>个半)?个?\s*(?P<unit>{_NAMES})(?P<behind>半)?"
)
_CLOCK_EN: Final = re.compile(r"(?<![\d:])(\d{1,2})\s*(?=[ap]\.?m\b)")
_BARE: Final = re.compile(
    rf"(?:凌晨|早上|早晨|上午|中午|下午|傍晚|晚上|晚|[ap]\.?m\.?)?\s*[\d{numerals.CHARACTERS}]{{1,3}}\s*[:点时]"
)
_WEEKDAYS: Final = dict(zip(("mon", "tue", "wed", "thu", "fri", "sat", "sun"), "一二三四五六日", strict=True))
_DAY_EN: Final = re.compile(
    r"(?:on )?(?:(?P<week>this|next) )?(?P<day>mon|tue|wed|thu|fri|sat|sun)"
    r"(?:day|sday|s|nesday|rsday|rs|r|urday)?\b[,.]?\s*"
)
_WEEKDAY: Final = re.compile(r"(?:周|星期|礼拜)[一二三四五六日天]")


def read(text: str, *, now: datetime) -> datetime | None:
    """The moment to come that ``text`` names in Chinese or English, None where it names none.

    A length of time counts from ``now``, and none is no length. A bare clock time that has passed today is tomorrow's, one
    of a weekday that is today next week's; any other time that has passed is refused.
    """
    plain = " ".join(unicodedata.normalize("NFKC", text).casefold().split())
    seconds = _span(plain)
    if seconds is not None:
        return now + timedelta(seconds=seconds) if 0 < seconds <= _FAR else None
    plain = _in_order(plain)
    named = moments.read(plain, now=now, future=True)
    if named is None or named.clock is None:
        return None
    due = named.begins()
    if due <= now and _BARE.match(plain):
        due += timedelta(days=1)
    elif due <= now and _WEEKDAY.match(plain):
        due += timedelta(days=7)
    return due if due > now else None


def _span(plain: str) -> float | None:
    """The seconds of a length of time (``1h30m``, ``一个半小时后``, ``in 2 hours``), None where it is none."""
    plain = _AROUND.sub("", plain)
    place, seconds, last = 0, 0.0, float("inf")
    while place < len(plain):
        if found := _HALF.match(plain, place):
            unit = 60 if found["quarters"] else _SECONDS[found["zh"] or found["en"] or found["one"]]
            count = {"一": 15.0, "三": 45.0}[found["quarters"]] if found["quarters"] else 1.0 if found["one"] else 0.5
        elif found := _PIECE.match(plain, place):
            words, unit = found["count"], _SECONDS[found["unit"]]
            whole = float(words) if words[0].isdecimal() else numerals.read(words)
            if whole is None or (found["half"] and found["behind"]):
                return None
            count = whole + (0.5 if found["half"] or found["behind"] else 0.0)
        else:
            return None
        if unit >= last:
            return None  # 1h2h is a slip, no sum
        seconds, last, place = seconds + count * unit, unit, found.end()
        while plain[place : place + 1] in (" ", ","):
            place += 1
        place += 4 if plain.startswith("and ", place) else 0
    return seconds if last < float("inf") else None


def _in_order(plain: str) -> str:
    """English words for a moment in the order and the form of the Chinese ones: ``3pm on mon`` is ``周一 3:00 pm``."""
    plain = _CLOCK_EN.sub(r"\1:00 ", re.sub(r"^by |\bat ", "", plain))
    if turned := re.fullmatch(r"(\d{1,2}:\d\d ?(?:[ap]\.?m\.?)?) ((?:on |this |next )*[a-z]{3,})", plain):
        plain = f"{turned[2]} {turned[1]}"
    if day := _DAY_EN.match(plain):
        week = {"this": "这", "next": "下", None: ""}[day["week"]]
        plain = f"{week}周{_WEEKDAYS[day['day']]} {plain[day.end() :]}"
    return plain
