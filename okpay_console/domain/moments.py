"""Reads the moments that a caller names: 今天14:30, 昨天, 3-5 14:30, 2026-11-22 09:05; and a span such as 明天 10:00-12:00."""

from __future__ import annotations

import re
import unicodedata
from datetime import date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import msgspec

SHANGHAI: Final = ZoneInfo("Asia/Shanghai")

_DAYS: Final = {
    "今天": 0, "今日": 0, "today": 0, "昨天": -1, "昨日": -1, "昨晚": -1, "yesterday": -1, "前天": -2, "前日": -2,
    "大前天": -3, "刚才": 0, "刚刚": 0, "now": 0, "明天": 1, "明日": 1, "tomorrow": 1, "后天": 2,
}  # fmt: skip
_NOW: Final = frozenset({"刚才", "刚刚", "now"})
_DAY: Final = re.compile("|".join(sorted(_DAYS, key=len, reverse=True)), re.IGNORECASE)
_DATE: Final = re.compile(r"(?:(?P<y>\d{4})[-/.年])?(?P<m>\d{1,2})[-/.月](?P<d>\d{1,2})[日号]?|(?P<c>20\d{6})(?!\d)")
_TIME: Final = re.compile(
    r"(?P<half>凌晨|早上|早晨|上午|中午|下午|傍晚|晚上|晚|[ap]\.?m\.?)?\s*(?P<h>\d{1,2})"
    r"(?:[:点时](?P<mi>\d{1,2}|半)?分?)(?:[:](?P<s>\d{2})秒?)?\s*(?P<after>[ap]\.?m\.?)?",
    re.IGNORECASE,
)
_HOURS: Final = ("零", "一", "二", "三", "四", "五", "六", "七", "八", "九", "十", "十一", "十二")
_HOUR_WORDS: Final = re.compile(r"(?:十[一二]?|[零一二三四五六七八九两])(?=点)")
_AFTERNOON: Final = frozenset("下午 傍晚 晚上 晚 pm".split())  # noqa: SIM905 -- one line of words


class Moment(msgspec.Struct, frozen=True):
    """A day, and the time of it where the caller knew one."""

    day: date
    clock: time | None = None

    def text(self) -> str:
        """``2026-11-22 14:30+08:00`` (RFC 3339 with a space), or ``2026-11-22`` for a day."""
        if self.clock is None:
            return self.day.isoformat()
        moment = datetime.combine(self.day, self.clock, SHANGHAI)
        return moment.isoformat(" ", "seconds" if self.clock.second else "minutes")

    def begins(self) -> datetime:
        return datetime.combine(self.day, self.clock or time.min, SHANGHAI)


def read(text: str, *, now: datetime, future: bool = False) -> Moment | None:
    """The moment that ``text`` names, by the clock of Asia/Shanghai; None where it names none, or names more than one.

    A month and day without a year mean the last such day before ``now``, or the next one where ``future``. A time alone
    means today.
    """
    today = now.astimezone(SHANGHAI)
    plain = unicodedata.normalize("NFKC", text).strip().lower()
    plain = re.sub(r"(?<=\d)t(?=\d)", " ", plain).removesuffix("+08:00")
    plain = _HOUR_WORDS.sub(lambda hour: str(_HOURS.index(hour[0])) if hour[0] != "两" else "2", plain)
    if plain in _NOW:
        return Moment(today.date(), time(today.hour, today.minute))
    day: date | None = None
    if named := _DAY.match(plain):
        day = today.date() + timedelta(days=_DAYS[named[0]])
        if named[0] == "昨晚":
            plain = "晚" + plain
            named = _DAY.search(plain)
        plain = plain.replace(named[0], "", 1) if named else plain
    elif dated := _DATE.match(plain):
        day = _day(dated, today.date(), future=future)
        if day is None:
            return None
        plain = plain[dated.end() :]
    plain = plain.strip(" ,，的")
    if not plain or plain == "晚":
        return Moment(day) if day else None
    clock = _TIME.fullmatch(plain)
    if clock is None:
        return None
    at = _clock(clock)
    return None if at is None else Moment(day or today.date(), at)


def read_span(text: str, *, now: datetime) -> tuple[Moment, Moment] | None:
    """The two ends of ``明天 10:00-12:00`` or ``15:00-17:00``, on one day; None where the text is no such span."""
    plain = unicodedata.normalize("NFKC", text).strip()
    ends = re.fullmatch(r"(.*?\d[:点时]\d{0,2}半?)\s*(?:-|–|—|~|到|至|to)\s*(\d{1,2}[:点时].*)", plain, re.IGNORECASE)
    if ends is None:
        return None
    first, last = read(ends[1], now=now, future=True), read(ends[2], now=now, future=True)
    if first is None or last is None or first.clock is None or last.clock is None or last.clock <= first.clock:
        return None
    return first, Moment(first.day, last.clock)


def _day(dated: re.Match[str], today: date, *, future: bool) -> date | None:
    try:
        if dated["c"]:
            return date(int(dated["c"][:4]), int(dated["c"][4:6]), int(dated["c"][6:]))
        month, day = int(dated["m"]), int(dated["d"])
        if dated["y"]:
            return date(int(dated["y"]), month, day)
        # 2-29 without a year may mean any of the last eight years, the longest wait for a leap day.
        step = 1 if future else -1
        for year in range(today.year, today.year + 9 * step, step):
            if (month, day) == (2, 29) and not (year % 4 == 0 and (year % 100 or year % 400 == 0)):
                continue
            found = date(year, month, day)
            if (found >= today) if future else (found <= today):
                return found
    except ValueError:
        return None
    return None


def _clock(clock: re.Match[str]) -> time | None:
    half = (clock["half"] or clock["after"] or "").replace(".", "")
    hour = int(clock["h"])
    minute = 30 if clock["mi"] == "半" else int(clock["mi"] or 0)
    if (half in _AFTERNOON and 1 <= hour < 12) or (half == "中午" and hour in (1, 2)):
        hour += 12
    elif half in ("am", "凌晨") and hour == 12:
        hour = 0
    try:
        return time(hour, minute, int(clock["s"] or 0))
    except ValueError:
        return None
