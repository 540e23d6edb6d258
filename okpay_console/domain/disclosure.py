"""The complaints of a year as they are to be published: how many, of which kind, how many were handled, and how fast."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta, tzinfo
from statistics import fmean
from typing import Any, Final, Literal

import msgspec

from . import intervals

Source = Literal["feedback", "regulatory", "tag"]
SOURCES: Final[tuple[Source, ...]] = ("feedback", "regulatory", "tag")
"""Why a ticket counts, the first that holds: the kind of its feedback, how one of its contacts ended, or a tag."""
TAGS: Final = frozenset({"投诉", "complaint"})
REGULATORY: Final = "COMPLAINT_REGULATORY"
FEW_DAYS: Final = 15
"""Days in which a complaint that the central bank passes on is to be answered (PBoC Order 2020/5, from a secondary source)."""
_DAY_S: Final = 86400


class Complaint(msgspec.Struct, frozen=True, kw_only=True):
    """One matter. ``in_time``: closed by its limit, None where it had none or is not closed."""

    ticket: str
    number: int
    type: str
    channel: str
    source: Source
    came: datetime
    closed: datetime | None
    in_time: bool | None

    @property
    def days(self) -> float | None:
        """From the first contact to the close, in days of the calendar; None while it is open."""
        return None if self.closed is None else max(0.0, (self.closed - self.came).total_seconds() / _DAY_S)


class Kind(msgspec.Struct, frozen=True, kw_only=True):
    """The complaints of one type: how many, how many of them are handled, and their mean days, None for none."""

    count: int
    handled: int
    mean_days: float | None


class Disclosure(msgspec.Struct, frozen=True, kw_only=True):
    """A year, by the first contact in the house's time zone. Shares are fractions of 1.

    ``judged``: handled complaints that had a limit, ``in_time`` of them within it. ``published_by``: the thirty-first of January.
    ``since``: the oldest first contact of the cache; a later one than the year's beginning means that the year is not whole.
    """

    year: int
    as_of: datetime
    count: int
    handled: int
    judged: int
    in_time: int
    within_few: int
    mean_days: float | None
    median_days: float | None
    max_days: float | None
    types: dict[str, Kind]
    channels: dict[str, int]
    sources: dict[str, int]
    months: dict[str, int]
    published_by: date
    since: datetime | None
    begins: datetime
    ends: datetime

    @property
    def share(self) -> float | None:
        return self.handled / self.count if self.count else None

    @property
    def over(self) -> bool:
        return self.as_of >= self.ends

    @property
    def gap(self) -> bool:
        return self.since is None or self.since > self.begins


def complaint(doc: Mapping[str, Any]) -> Complaint | None:
    """What a ticket's document says, None where it is no complaint, or stands in another ticket by now."""
    if doc.get("merged_into"):
        return None
    source = _source(doc)
    if source is None:
        return None
    closed = _moment(doc.get("closed_at")) if doc.get("status") == "closed" else None
    due = _moment(doc.get("sla", {}).get("resolve_due"))
    came = _moment(doc.get("created_at"))
    if came is None:
        return None
    return Complaint(
        ticket=str(doc.get("id", "")),
        number=int(doc.get("number", 0)),
        type=str(doc.get("category", "")),
        channel=str(doc.get("channel", "")),
        source=source,
        came=came,
        closed=closed,
        in_time=None if closed is None or due is None else closed <= due,
    )


def disclose(
    found: Iterable[Complaint], year: int, *, now: datetime, tz: tzinfo, since: datetime | None = None
) -> Disclosure:
    """The numbers of the year as they stand at ``now``."""
    begins, ends = intervals.begins(date(year, 1, 1), tz), intervals.begins(date(year + 1, 1, 1), tz)
    told = [one for one in found if begins <= one.came < ends and one.came <= now]
    spent = sorted(days for one in told if (days := one.days) is not None)
    judged = [one.in_time for one in told if one.in_time is not None]
    types = {name: _kind([one for one in told if one.type == name]) for name, _ in _ranked(one.type for one in told)}
    months = Counter(one.came.astimezone(tz).strftime("%Y-%m") for one in told)
    return Disclosure(
        year=year,
        as_of=now,
        count=len(told),
        handled=len(spent),
        judged=len(judged),
        in_time=sum(judged),
        within_few=sum(days <= FEW_DAYS for days in spent),
        mean_days=fmean(spent) if spent else None,
        # The nearest rank, as the ages of the backlog have it.
        median_days=spent[math.ceil(len(spent) / 2) - 1] if spent else None,
        max_days=spent[-1] if spent else None,
        types=types,
        channels=dict(_ranked(one.channel for one in told)),
        sources={name: sum(one.source == name for one in told) for name in SOURCES},
        months={f"{year}-{month:02d}": months[f"{year}-{month:02d}"] for month in range(1, 13)},
        published_by=date(year + 1, 1, 31),
        since=since,
        begins=begins,
        ends=ends,
    )


def past_due(one: Disclosure, now: datetime, tz: tzinfo) -> bool:
    """Whether the day of publication is over."""
    return now >= intervals.begins(one.published_by + timedelta(days=1), tz)


def _source(doc: Mapping[str, Any]) -> Source | None:
    answer = doc.get("answers", {}).get("feedback_type", {})
    if doc.get("category") == "FEEDBACK" and answer.get("value") == "complaint":
        return "feedback"
    ended = {doc.get("disposition"), *(call.get("code") for call in doc.get("calls", ()))}
    if REGULATORY in ended or any(_says(entry) for entry in doc.get("timeline", ())):
        return "regulatory"
    return "tag" if any(str(tag).casefold() in TAGS for tag in doc.get("tags", ())) else None


def _says(entry: Mapping[str, Any]) -> bool:
    """Whether a contact ended so: a wrap-up that leaves the ticket in work stands in the timeline alone."""
    return entry.get("kind") in ("wrapup", "close") and entry.get("data", {}).get("disposition") == REGULATORY


def _kind(told: list[Complaint]) -> Kind:
    spent = [days for one in told if (days := one.days) is not None]
    return Kind(count=len(told), handled=len(spent), mean_days=fmean(spent) if spent else None)


def _ranked(names: Iterable[str]) -> list[tuple[str, int]]:
    return sorted(Counter(names).items(), key=lambda item: (-item[1], item[0]))


def _moment(value: object) -> datetime | None:
    if isinstance(value, datetime):
        return value
    if not isinstance(value, str):
        return None
    try:
        found = datetime.fromisoformat(value)
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)
