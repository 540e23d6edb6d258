"""Times on the screens: in the house's zone, with their day where it is not today; and due times as people say them."""

from __future__ import annotations

from datetime import datetime, timedelta, tzinfo
from functools import cache

from ..content.interface import t

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


def told(moment: datetime, *, now: datetime) -> str:
    """The moment as a reader needs it: ``15:00`` today, ``昨天 15:00``, and with its date on any other day."""
    at, today = local(moment), local(now)
    if at.date() == today.date():
        return at.strftime("%H:%M")
    if at.date() == today.date() - timedelta(days=1):
        return t("alarm.yesterday", at=at.strftime("%H:%M"))
    return at.strftime("%m-%d %H:%M" if at.year == today.year else "%Y-%m-%d %H:%M")


def parse_due(text: str, *, now: datetime) -> datetime | None:
    """The moment to come that ``text`` names in Chinese or English, None where it names none (``duetime.read``)."""
    # What due times look like is not worth its load time before the first frame.
    from . import duetime

    return duetime.read(text, now=now)
