"""Points in time as people type them: a date and time, a time today, or so much from now."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from okpay_console.errors import UsageError

_UNITS = {"m": "minutes", "h": "hours", "d": "days", "分": "minutes", "小时": "hours", "天": "days"}
_DAYS = {"": 0, "今天": 0, "today": 0, "明天": 1, "tomorrow": 1, "后天": 2}


def parse_due(typed: str, *, now: datetime, zone: str, say: Callable[[str, str], str]) -> datetime:
    """A future moment, UTC, from ``+2h``, ``15:00``, ``明天 10:00``, ``2026-01-31 15:00`` or RFC 3339.

    Wall clock times are of ``zone``; a time that has passed today means tomorrow. ``UsageError`` for anything else, and
    for what is past.
    """
    text = typed.strip().replace("：", ":")
    local = now.astimezone(ZoneInfo(zone))
    moment = _relative(text, now) or _clock(text, local) or _date(text, local)
    if moment is None:
        raise UsageError(
            say(f"看不懂时间“{typed[:40]}”。", f"'{typed[:40]}' is not a time."),
            say(
                "例如：15:00、明天 10:00、+2h、2026-01-31 15:00",
                "Such as: 15:00, tomorrow 10:00, +2h, 2026-01-31 15:00",
            ),
        )
    if moment <= now:
        raise UsageError(
            say("这个时间已经过去。", "This time has passed."), say("请写将来的时间。", "Give a time to come.")
        )
    return moment.astimezone(UTC)


def parse_past(typed: str, *, now: datetime, zone: str, say: Callable[[str, str], str]) -> datetime:
    """A moment that is not to come, UTC, from ``5m`` (ago), ``14:30`` (today's), ``2026-01-31 15:00`` or RFC 3339.

    Wall clock times are of ``zone``. ``UsageError`` for anything else, and for what is still to come.
    """
    text = typed.strip().replace("：", ":")
    local = now.astimezone(ZoneInfo(zone))
    ago = re.fullmatch(r"-?(\d{1,5})\s*(m|h|d|分|小时|天)", text)
    clock = re.fullmatch(r"([01]?\d|2[0-3]):([0-5]\d)(?::([0-5]\d))?", text)
    moment = _date(text, local)
    if ago:
        moment = now - timedelta(**{_UNITS[ago[2]]: int(ago[1])})
    elif clock:
        moment = local.replace(hour=int(clock[1]), minute=int(clock[2]), second=int(clock[3] or 0), microsecond=0)
    if moment is None:
        raise UsageError(
            say(f"看不懂时间“{typed[:40]}”。", f"'{typed[:40]}' is not a time."),
            say("例如：14:30、5m（五分钟前）、2026-01-31 15:00", "Such as: 14:30, 5m (ago), 2026-01-31 15:00"),
        )
    if moment > now:
        raise UsageError(
            say("这个时间还没有到。", "This time is still to come."),
            say("请写已经过去的时间。", "Give a time that has passed."),
        )
    return moment.astimezone(UTC)


def _relative(text: str, now: datetime) -> datetime | None:
    found = re.fullmatch(r"\+?(\d{1,5})\s*(m|h|d|分|小时|天)", text)
    return now + timedelta(**{_UNITS[found[2]]: int(found[1])}) if found else None


def _clock(text: str, local: datetime) -> datetime | None:
    found = re.fullmatch(r"(今天|明天|后天|today|tomorrow)?\s*([01]?\d|2[0-3]):([0-5]\d)", text, re.IGNORECASE)
    if not found:
        return None
    day = (found[1] or "").lower()
    moment = local.replace(hour=int(found[2]), minute=int(found[3]), second=0, microsecond=0)
    moment += timedelta(days=_DAYS[day])
    return moment + timedelta(days=1) if not day and moment <= local else moment


def _date(text: str, local: datetime) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=local.tzinfo)
