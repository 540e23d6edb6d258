"""Own views: conditions written in one line, such as ``分类=TXN 渠道=chat 超时 "重复扣款"``, and which rows meet them.

A line is conditions, separated by spaces, all of which must hold:

* ``field=value`` or ``field=value,value`` (any of them), ``field!=value`` (none of them);
* the name of a view, bare: ``超时``, ``mine``; any other bare or quoted word must stand in the row's own words;
* ``-`` before a bare view or a word: it must not hold.

Fields and their fixed values are known by English and Chinese names, and every sign has its full-width twin. Unless a view
or a status is named, closed tickets are left out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Final, Literal, cast

import msgspec

from .. import errors
from .filterline import TWINS, Piece, pieces
from .queue import Row, ViewName, in_view, overdue

Lang = Literal["zh", "en"]
Names = Mapping[str, tuple[str, ...]]

FIELDS: Final[Names] = {
    "view": ("视图",),
    "status": ("状态",),
    "category": ("分类", "类别"),
    "channel": ("渠道",),
    "priority": ("优先级",),
    "queue": ("队列", "技能组"),
    "assignee": ("负责人", "坐席", "agent"),
    "tag": ("标签",),
}
VALUES: Final[Mapping[str, Names]] = {
    "view": {
        "open": ("未结",), "mine": ("我的",), "unclaimed": ("待认领",), "overdue": ("超时",), "pending": ("等客户", "waiting"),
        "closed": ("已结",), "all": ("全部",),
    },
    "status": {"new": ("新建",), "open": ("处理中",), "pending": ("等客户", "waiting"), "closed": ("已结",)},
    "channel": {"hotline": ("电话", "热线", "phone"), "chat": ("在线",), "email": ("邮件", "e-mail"), "social": ("社交",)},
    "priority": {"urgent": ("紧急", "急"), "high": ("高",), "normal": ("普通",), "low": ("低",)},
    "assignee": {"me": ("我",), "none": ("无", "没有")},
}  # fmt: skip
MOST: Final = 20
"""Own views of one agent: what a list on one screen holds."""
LONGEST: Final = 300
_PLAIN: Final = frozenset(' ="“”「」＂,')


class Condition(msgspec.Struct, frozen=True):
    """One condition: the row's ``field`` is one of the ``values``, or with ``no`` none of them. ``word`` is a field of its own."""

    field: str
    values: tuple[str, ...]
    no: bool = False


class Where(msgspec.Struct, frozen=True):
    """What a line asks for. ``late`` apart, for it alone depends on the time: True for overdue tickets, False for the others."""

    conditions: tuple[Condition, ...] = ()
    late: bool | None = None

    @property
    def bounded(self) -> bool:
        """Whether it says itself what becomes of closed tickets."""
        return self.late is True or any(one.field in ("view", "status") for one in self.conditions)


class Saved(msgspec.Struct, frozen=True):
    """A view that an agent keeps: its ``where`` is a line of conditions in either language."""

    id: str
    name: str
    where: str


def is_filter(text: str) -> bool:
    """Whether somebody writes conditions, not words to search for: it has an ``=`` between a word and a value."""
    try:
        return any(piece.field for piece in pieces(text))
    except errors.FilterError:
        return any(mark in text for mark in "=＝")


def parse(text: str, *, categories: Mapping[str, str], lang: Lang = "zh") -> Where:
    """The conditions in a line. ``categories`` gives the code of a category by each of its names.

    Raises ``FilterError`` naming the word, its place, and in ``lang`` what is known there.
    """
    if len(text) > LONGEST:
        raise errors.FilterError(f"The conditions are longer than {LONGEST} letters.", code="filter-long", at=LONGEST)
    conditions: list[Condition] = []
    late: bool | None = None
    for piece in pieces(text):
        for one in _conditions(piece, categories, lang):
            if one.field == "view" and "overdue" in one.values:
                if len(one.values) > 1 or late not in (None, not one.no):
                    what = f"Overdue cannot be mixed with another view (letter {piece.at})."
                    raise errors.FilterError(what, code="filter-mixed", word=piece.text, at=piece.at)
                late = not one.no
            else:
                conditions.append(one)
    if not conditions and late is None:
        raise errors.FilterError("There is no condition.", code="filter-empty", known=_listed(FIELDS, lang))
    return Where(tuple(conditions), late)


def _conditions(piece: Piece, categories: Mapping[str, str], lang: Lang) -> Iterator[Condition]:
    if not piece.field:
        view = None if piece.quoted else _named(VALUES["view"], piece.text)
        yield Condition("view", (view,), piece.no) if view else Condition("word", (piece.text.casefold(),), piece.no)
        return
    field = _named(FIELDS, piece.field)
    if field is None:
        what = f"There is no such field (letter {piece.at})."
        raise errors.FilterError(what, code="filter-field", word=piece.field, at=piece.at, known=_listed(FIELDS, lang))
    found = []
    for value in piece.values:
        if not value:
            what = f"Nothing stands behind the sign (letter {piece.at})."
            raise errors.FilterError(what, code="filter-value-missing", word=piece.field, at=piece.at)
        code: str | None = value
        known: tuple[str, ...] = ()
        if field == "category":
            code = "" if value in ("无", "none") else categories.get(value.casefold())
            known = tuple(dict.fromkeys(categories.values()))
        elif field == "assignee":
            code = _named(VALUES[field], value) or value
        elif field in VALUES:
            code, known = _named(VALUES[field], value), _listed(VALUES[field], lang)
        if code is None:
            what = f"The value is not known (letter {piece.at})."
            raise errors.FilterError(what, code="filter-value", word=f"{piece.field}={value}", at=piece.at, known=known)
        found.append(code.casefold() if field in ("queue", "tag") else code)
    yield Condition(field, tuple(dict.fromkeys(found)), piece.no)


def written(where: Where, lang: Lang = "zh") -> str:
    """The line that says the same, in its shortest form and in one language's names; ``parse`` reads it back."""
    parts = []
    if where.late is not None:
        parts.append(("" if where.late else "-") + _word(VALUES["view"], "overdue", lang))
    for one in where.conditions:
        if one.field == "word":
            parts.append(("-" if one.no else "") + _quoted(one.values[0], always=True))
            continue
        names = VALUES.get(one.field, {})
        values = [
            _quoted(_word(names, value, lang) if value else _word(VALUES["assignee"], "none", lang))
            for value in one.values
        ]
        parts.append(_word(FIELDS, one.field, lang) + ("!=" if one.no else "=") + ",".join(values))
    return " ".join(parts)


def built_in_view(word: str) -> ViewName | None:
    """The built-in view of this name in either language; None for another word."""
    return cast(ViewName | None, _named(VALUES["view"], word))


def holds(where: Where, *, me: str, closed: bool = False) -> Callable[[Row], bool]:
    """Whether a row meets every condition but ``late``, for agent ``me``; ``closed``: closed ones too where none is ``bounded``."""
    tests = [_test(one, me) for one in where.conditions]
    if not where.bounded and not closed:
        tests.insert(0, lambda row: row.status != "closed")

    return lambda row: all(test(row) for test in tests)


def meets(where: Where, row: Row, *, me: str, now: datetime, closed: bool = False) -> bool:
    """Whether a row meets every condition now."""
    return (where.late is None or overdue(row, now) == where.late) and holds(where, me=me, closed=closed)(row)


def haystack(row: Row) -> str:
    """The row's own words, in which a word is looked for: number, subject, the caller's number and name, assignee."""
    caller = row.caller
    return f"#{row.number} {row.subject} {caller.mobile} {caller.name} {row.assignee or ''}".casefold()


def _test(one: Condition, me: str) -> Callable[[Row], bool]:
    values, no = frozenset(one.values), one.no
    match one.field:
        case "word":
            word = one.values[0]
            return lambda row: (word in haystack(row)) != no
        case "tag":
            return lambda row: any(tag.casefold() in values for tag in row.tags) != no
        case "queue":
            return lambda row: (row.queue.casefold() in values) != no
        case "assignee":
            names = frozenset(me if value == "me" else None if value == "none" else value for value in values)
            return lambda row: (row.assignee in names) != no
        case "view":
            # Without ``overdue``, which is the only one that asks what time it is.
            views = cast(tuple[Literal["all", "open", "mine", "unclaimed", "pending", "closed"], ...], one.values)
            return lambda row: any(in_view(row, view, me=me, now=row.created_at) for view in views) != no
        case field:
            return lambda row: (getattr(row, field) in values) != no


def _quoted(text: str, *, always: bool = False) -> str:
    if not always and not _PLAIN.intersection(text.translate(TWINS)) and "、" not in text:
        return text
    return '"' + text.replace('"', '""') + '"'


def _named(names: Names, word: str) -> str | None:
    wanted = word.casefold()
    return next((code for code, others in names.items() if wanted == code or wanted in others), None)


def _word(names: Names, code: str, lang: Lang) -> str:
    return names[code][0] if lang == "zh" and code in names else code


def _listed(names: Names, lang: Lang) -> tuple[str, ...]:
    return tuple(_word(names, code, lang) for code in names)
