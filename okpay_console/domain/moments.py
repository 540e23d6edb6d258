"""Reads the moments that a caller names: 今天14:30, 昨天, 3-5 14:30, 2026-11-22 09:05; and a span such as 明天 10:00-12:00."""

from __future__ import annotations

import re
import unicodedata
from datetime import date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import msgspec

from . import numerals

SHANGHAI: Final = ZoneInfo("Asia/Shanghai")

_DAYS: Final = {
    "今天": 0, "今日": 0, "today": 0, "昨天": -1, "昨日": -1, "yesterday": -1, "前天": -2, "前日": -2,
    "大前天": -3, "明天": 1, "明日": 1, "tomorrow": 1, "后天": 2,
}  # fmt: skip
_NOW: Final = frozenset({"刚才", "刚刚", "now", "just now"})
_DAY: Final = re.compile("|".join(sorted(_DAYS, key=len, reverse=True)), re.IGNORECASE)
_HALF_DAYS: Final = {"昨晚": "昨天晚上", "今早": "今天早上", "今晚": "今天晚上", "明早": "明天早上", "明晚": "明天晚上"}
_WEEKDAY: Final = re.compile(r"(?P<week>上个?|这个?|本|下个?)?(?:周|星期|礼拜)(?P<day>[一二三四五六日天])")
_AGO: Final = re.compile(r"(\d{1,3})\s?(?:(天|days?)|(个?小时|hours?)|(?:分钟|minutes?))(?:前| ago)")
_DATE: Final = re.compile(r"(?:(?P<y>\d{4})[-/.年])?(?P<m>\d{1,2})[-/.月](?P<d>\d{1,2})[日号]?|(?P<c>20\d{6})(?!\d)")
_TIME: Final = re.compile(
    r"(?P<half>凌晨|早上|早晨|上午|中午|下午|傍晚|晚上|晚|[ap]\.?m\.?)?\s*(?P<h>\d{1,2})"
    r"(?:[:点时](?P<mi>\d{1,2}|半)?分?)(?:[:](?P<s>\d{2})秒?)?\s*(?P<after>[ap]\.?m\.?)?",
    re.IGNORECASE,
)
_NUMERAL: Final = re.compile(
    rf"(?<![{numerals.CHARACTERS}])[{numerals.CHARACTERS}]+(?=[点时分月日号天]|个?小时)|(?<=点)[{numerals.CHARACTERS}]+(?=分|$)|(?<=月)[{numerals.CHARACTERS}]+$"
)
_AFTERNOON: Final = frozenset("下午 傍晚 晚上 晚 pm".split())  # noqa: SIM905 -- one line of words


_PARTS: Final = frozenset("凌晨 早上 早晨 上午 中午 下午 傍晚 晚上 晚".split())  # noqa: SIM905


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
    if plain in _NOW:
        return Moment(today.date(), time(today.hour, today.minute))
    plain = _HALF_DAYS.get(plain[:2], plain[:2]) + plain[2:]
    weekday = _WEEKDAY.match(plain)
    plain = (plain[: weekday.end()] if weekday else "") + _digits(plain[weekday.end() :] if weekday else plain)
    if ago := _AGO.fullmatch(plain):
        return _ago(ago, today)
    day: date | None = None
    if named := _DAY.match(plain):
        day = today.date() + timedelta(days=_DAYS[named[0]])
        plain = plain[named.end() :]
    elif weekday:
        day = _weekday(weekday, today.date(), future=future)
        plain = plain[weekday.end() :]
    elif dated := _DATE.match(plain):
        day = _day(dated, today.date(), future=future)
        if day is None:
            return None
        plain = plain[dated.end() :]
    plain = plain.strip(" ,，的")
    if not plain or plain in _PARTS:
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


def _digits(text: str) -> str:
    """Chinese numerals of a date or a clock as digits: 三点二十, 十二月五号, 两点一刻."""
    text = text.replace("点一刻", "点15").replace("点三刻", "点45").replace("点钟", "点")
    return _NUMERAL.sub(lambda words: words[0] if (number := numerals.read(words[0])) is None else str(number), text)


def _ago(ago: re.Match[str], today: datetime) -> Moment:
    """A number of days ago is a day; hours and minutes give a moment."""
    count = int(ago[1])
    if ago[2]:
        return Moment(today.date() - timedelta(days=count))
    then = today - (timedelta(hours=count) if ago[3] else timedelta(minutes=count))
    return Moment(then.date(), time(then.hour, then.minute))


def _weekday(named: re.Match[str], today: date, *, future: bool) -> date:
    """周五 is the last Friday up to today, or the next one where ``future``; 上周五 lies in the week before this one."""
    wanted = "一二三四五六日".index(named["day"].replace("天", "日"))
    week = (named["week"] or "")[:1]
    if week:
        return today + timedelta(days=wanted - today.weekday() + 7 * {"上": -1, "下": 1}.get(week, 0))
    back = (today.weekday() - wanted) % 7
    return today + timedelta(days=(7 - back) % 7) if future else today - timedelta(days=back)


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
