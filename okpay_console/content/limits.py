"""The house's limits: targets and calendars as shipped, and what the settings lay over them."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any, Final, NoReturn, TypeVar

import msgspec

from okpay_console.content import calendars
from okpay_console.content.calendars import Wrong
from okpay_console.domain import tables
from okpay_console.domain.sla import Limit, Policy, Target
from okpay_console.domain.ticket import CHANNELS, PRIORITIES
from okpay_console.domain.worktime import ALWAYS, Calendar
from okpay_console.errors import ConfigError, ContentError

__all__ = ["load_policy"]

_LIMIT: Final = re.compile(r"(\d{1,6})\s*(s|m|h|d|wd)(?:\s+([A-Za-z_][\w-]*))?")
_SECONDS: Final = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_T = TypeVar("_T")


class _TargetEntry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    category: str = ""
    priority: str = ""
    channel: str = ""
    response: str = ""
    resolve: str = ""


def load_policy(*, calendar: str | Path = "", targets: Iterable[Mapping[str, Any]] = ()) -> Policy:
    """The limits in force: the shipped ones, with the calendars of the file ``calendar`` and the house's ``targets`` over them.

    A calendar of the same name is changed key by key, a target of the same conditions limit by limit. The same policy
    comes back where nothing is laid over. Raises ``ConfigError`` naming what is wrong in the house's own, ``ContentError`` in
    the shipped file.
    """
    own = tuple(dict(target) for target in targets)
    if not calendar and not own:
        return _shipped()
    found = dict(_shipped().calendars)
    entries = _entries()
    path = Path(calendar)
    if calendar:
        wrong = _refuse(ConfigError, str(path))
        table = _convert(_own(path).get("calendar", {}), dict[str, dict[str, Any]], "calendar", wrong)
        for name, keys in table.items():
            entry = _convert({**entries.get(name, {}), **keys}, calendars.Entry, f"calendar.{name}", wrong)
            found[name] = calendars.make(name, entry, wrong)
    wrong = _refuse(ConfigError, "[[sla.target]]")
    laid = tuple(_target(one, found, f"no. {number}", wrong) for number, one in enumerate(own, 1))
    # The shipped ones count their working days by the house's calendar too.
    return Policy((*_targets(found), *laid), found)


@cache
def _shipped() -> Policy:
    wrong = _refuse(ContentError, "sla.toml")
    found = {
        name: calendars.make(name, _convert(entry, calendars.Entry, f"calendar.{name}", wrong), wrong)
        for name, entry in _entries().items()
    }
    return Policy(_targets(found), found)


def _targets(found: Mapping[str, Calendar]) -> tuple[Target, ...]:
    wrong = _refuse(ContentError, "sla.toml")
    return tuple(_target(one, found, f"target {number}", wrong) for number, one in enumerate(_file()["target"], 1))


def _target(raw: Mapping[str, Any], found: Mapping[str, Calendar], place: str, wrong: Wrong) -> Target:
    from okpay_console.content.rules import load_categories

    entry = _convert(raw, _TargetEntry, place, wrong)
    known = {"category": [one.id for one in load_categories()], "priority": PRIORITIES, "channel": CHANNELS}
    for name, values in known.items():
        value = getattr(entry, name)
        if value and value not in values:
            wrong(f"{place}, {name}", f"'{value}' is not one of {', '.join(values)}")
    if not entry.response and not entry.resolve:
        wrong(place, "it has neither response nor resolve")
    return Target(
        category=entry.category,
        priority=entry.priority,
        channel=entry.channel,
        response=_limit(entry.response, found, f"{place}, response", wrong),
        resolve=_limit(entry.resolve, found, f"{place}, resolve", wrong),
    )


def _limit(text: str, found: Mapping[str, Calendar], place: str, wrong: Wrong) -> Limit | None:
    if not text.strip():
        return None
    if text.strip() == "none":
        return Limit(None)
    read = _LIMIT.fullmatch(text.strip())
    if read is None:
        wrong(place, f'\'{text}\' is not a limit such as "4h", "3wd business" or "none"')
    name = read[3] or "always"
    if name != "always" and name not in found:
        wrong(place, f"there is no calendar '{name}'")
    unit = found.get(name, ALWAYS).workday_s if read[2] == "wd" else _SECONDS[read[2]]
    return Limit(int(read[1]) * unit, name)


@cache
def _file() -> dict[str, Any]:
    text = (resources.files(__package__) / "sla.toml").read_text(encoding="utf-8")
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ContentError(f"sla.toml cannot be read: {error}.", "Correct the file or reinstall.") from error


def _entries() -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = _file()["calendar"]
    return found


def _own(path: Path) -> dict[str, Any]:
    try:
        table = tables.read(path.read_bytes().decode("utf-8-sig"))
    except OSError as error:
        raise ConfigError(
            f"The calendar file {path} cannot be read: {error.strerror}.", "Check [sla] calendar in the settings."
        ) from error
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(f"The calendar file {path} is not TOML: {error}.", "Correct the file.") from error
    if set(table) - {"calendar"}:
        _refuse(ConfigError, str(path))(min(set(table) - {"calendar"}), "only [calendar.NAME] tables belong here")
    return table


def _convert(raw: Any, kind: type[_T], place: str, wrong: Wrong) -> _T:
    try:
        return msgspec.convert(raw, kind)
    except msgspec.ValidationError as error:
        wrong(place, str(error).replace("Object contains", "it has").replace("`", "'"))


def _refuse(kind: type[ConfigError | ContentError], file: str) -> Wrong:
    advice = "Correct it in the settings." if kind is ConfigError else "Correct the file or reinstall."

    def wrong(place: str, why: str) -> NoReturn:
        raise kind(f"{file}: {place}: {why}.", advice)

    return wrong
