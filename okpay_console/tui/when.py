"""Times on the screens: in the house's zone, and due times as people say them (``30m``, ``2h``, ``15:00``, ``明天 10:00``)."""

from __future__ import annotations

import re
import unicodedata
from datetime import datetime, timedelta, tzinfo
from functools import cache
from typing import Final

_SPAN: Final = re.compile(r"\+?(\d{1,4})\s*(m|min|分钟|分|h|小时|个小时|d|天)(?:后|内|钟后)?")
_UNITS: Final = {
    "m": 60,
    "min": 60,
    "分钟": 60,
    "分": 60,
    "h": 3600,
    "小时": 3600,
    "个小时": 3600,
    "d": 86400,
    "天": 86400,
}
_NAMES_DAY: Final = re.compile(r"今|today|昨|前|yesterday|\d{1,4}[-/.月]")
_chosen: dict[str, str] = {}


def use_zone(name: str) -> None:
    """Shows every time in the zone ``name`` (IANA) from now on; it is looked up when the first time is shown."""
    _chosen["name"] = name


def local(moment: datetime) -> datetime:
    """The moment in the house's zone, China's where none was chosen. ``ZoneInfoNotFoundError`` where there is no such zone."""
    return moment.astimezone(_zone(_chosen.get("name", "Asia/Shanghai")))


@cache
def _zone(name: str) -> tzinfo:
    # The time zone tables are not worth their load time before the first frame.
    from zoneinfo import ZoneInfo

    return ZoneInfo(name)


def parse_due(text: str, *, now: datetime) -> datetime | None:
    """The moment to come that ``text`` names, None where it names none.

    A length of time counts from ``now``. A bare clock time that has passed today is tomorrow's.
    """
    plain = unicodedata.normalize("NFKC", text).strip().casefold()
    if span := _SPAN.fullmatch(plain):
        return now + timedelta(seconds=int(span[1]) * _UNITS[span[2]])
    from ..domain import moments

    named = moments.read(text, now=now, future=True)
    if named is None or named.clock is None:
        return None
    due = named.begins()
    if due <= now and not _NAMES_DAY.match(plain):
        due += timedelta(days=1)
    return due if due > now else None
