"""A desk on which every word that somebody else may write is hostile, and a look at everything that it draws."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace
from rich.cells import cell_len
from textual.widgets import Input, TextArea

from okpay_console.domain.answers import Answer, Step
from okpay_console.domain.daybook import Line
from okpay_console.domain.presence import Beside
from okpay_console.domain.ticket import Call, Caller, Entry, FieldAnswer, Handover, Mark, Promise
from okpay_console.domain.views import Saved
from okpay_console.tui import terminaldoor

from .corpus import CORPUS, LONG, acts, cells, found, said

EVERYTHING = " ".join(map(said, CORPUS))
NASTY = "甲\x1b]52;c;cHdu\x07\x9b2J\u202e[@click=app.quit]x[/]\u200bz\u0301\u0301\u0301\u0301\u0301\u0301👨\u200d👩\t\u2028乙"
"""A short one of many kinds, for where there is little room."""
SEEN = "甲^[]52;c;cHdu^G^?2J[@click=app.quit]x[/]z"
"""How it begins where it is shown."""
TICKET = "00000000-0000-7000-8000-000000000001"


def hostile(make: Any, *, me: str = "小王") -> Any:
    """The desk: a ticket for each text of the corpus, and one, with a call, in which everything is written."""

    def ago(minutes: float) -> Any:
        return make.now - timedelta(minutes=minutes)

    names = sorted(CORPUS)
    marks = (Mark("offered", ago(3)), Mark("answered", ago(2)))
    case = make.ticket(
        1,
        NASTY,
        category="FEEDBACK",
        assignee=me,
        status="open",
        minutes=-900,
        queue="general",
        caller=Caller(name=NASTY, mobile="+8613800138000", email=f"{NASTY}@x.invalid", handle=NASTY),
        calls=(Call("call", me, marks),),
        tags=(NASTY,),
        links=("00000000-0000-7000-8000-000000000002",),
        handover=Handover(NASTY, ago(4), NASTY, to=me),
        answers={
            "feedback_type": FieldAnswer("complaint", "filled"),
            "feedback_text": FieldAnswer(NASTY, "filled", source=NASTY, by=NASTY),
            "feedback_area": FieldAnswer(NASTY, "filled"),
            "nps": FieldAnswer("2", "filled"),
        },
        promises=(Promise("p1", NASTY, ago(-30), NASTY, ago(9)),),
        timeline=(
            *(Entry(f"e{place}", "note", ago(60 - place / 10), NASTY, said(name)) for place, name in enumerate(names)),
            *(Entry(f"l{name}", "message", ago(5), NASTY, text) for name, text in LONG.items()),
            Entry("set", "field", ago(2), NASTY, NASTY, {NASTY: NASTY, "field": NASTY, "value": NASTY}),
        ),
    )
    others = [
        make.ticket(
            number,
            said(name),
            assignee=said(name) if number % 2 else None,
            status="open" if number % 2 else "new",
            caller=Caller(name=NASTY, mobile="+8613800138000"),
            category=said(name) if number % 3 == 0 else "TXN",
            queue=said(name) if number % 3 == 1 else "general",
        )
        for number, name in enumerate(names, 2)
    ]
    long = make.ticket(999, LONG["long-word"], caller=Caller(name=LONG["long-line"]))
    desk = make.desk([case, *others, long], me=me)
    fill(desk, make)
    return desk


def fill(desk: Any, make: Any) -> None:
    """What stands beside tickets: drafts, notices, alarms, knowledge, views, colleagues, reviews."""
    at = make.now - timedelta(minutes=1)
    desk.drafts = {(TICKET, "note"): EVERYTHING, (TICKET, "reply"): NASTY, (TICKET, "summary"): NASTY}
    alarm = msgspec.json.encode({"metric": "ringing", "value": 7, "words": NASTY}).decode()
    desk.lines = (
        Line(uuid="n1", kind="notice", at=at, by=NASTY, words=EVERYTHING[:1800], about=desk.me),
        Line(uuid="n2", kind="notice", at=at, by=NASTY, words=NASTY, queue="*"),
        Line(uuid="a1", kind="alarm", at=at, by="server", what=NASTY, reason="raised", about="*", words=alarm),
        Line(uuid="a2", kind="alarm", at=at, by="server", what="x", reason="raised", queue="*", words=alarm),
        *(
            Line(uuid=f"s{place}", kind="state", at=at, by=name, what=what, reason=NASTY)
            for place, (name, what) in enumerate(((NASTY, "available"), ("小李", "break"), (said("rlo"), "training")))
        ),
        *(
            Line(uuid=f"m{place}", kind="missed", at=at, by="小李", words=words, what=NASTY)
            for place, words in enumerate((NASTY, NASTY + "1", said("markdown")))
        ),
    )
    desk.heard_of = dict.fromkeys((NASTY, "小李", said("rlo")), make.now)
    desk.counts = {"evil": (1, 2)}
    desk.shelf = tuple(
        Answer(
            f"evil{place}",
            lang,
            NASTY,
            category="FEEDBACK",
            keywords=("evil", NASTY),
            steps=tuple(Step(name, said(name)) for name in sorted(CORPUS)),
            body=EVERYTHING[:4000],
            spoken=NASTY,
            written=NASTY,
        )
        for place, lang in enumerate(("zh", "en"))
    )
    desk.own = (Saved("v1", NASTY, "超时"), Saved("v2", said("rlo"), f'分类="{said("action")}"'))
    desk.company = {TICKET: (Beside(NASTY), Beside(said("zalgo"), writing=True))}
    desk.tray = [
        make.review(
            uuid="r1", ticket=TICKET, name=NASTY, words=EVERYTHING[:3000], what=NASTY, field=NASTY, base=NASTY, mine=NASTY,
            theirs=NASTY,
        ),
        make.review(uuid="r2", ticket=TICKET, name="add_reply", words=NASTY, what=NASTY, state="refused", code=NASTY),
    ]  # fmt: skip


@contextmanager
def watched() -> Iterator[list[str]]:
    """What the terminal's door takes out while this goes on: outside of text fields, panes leave it nothing to do."""
    taken: list[str] = []
    plain = terminaldoor.powerless

    def told(text: str) -> str:
        left = plain(text)
        if left != text:
            taken.append(text)
        return left

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(terminaldoor, "powerless", told)
        yield taken


def wrong(app: Any, taken: list[str]) -> list[str]:
    """What is wrong with the screen as it is drawn now; everything that hostile text could have done to it."""
    screen, told = app.screen, []
    fields = [one.value for one in screen.query(Input)] + [one.text for one in screen.query(TextArea)]
    for row, strip in enumerate(screen._compositor.render_strips()):
        text = strip.text
        if found(text):
            told.append(f"row {row} holds {found(text)}")
        if not cells(text) == cell_len(text) == app.size.width:
            told.append(f"row {row} has {cells(text)}, {cell_len(text)} cells: {text!r}")
        for segment in strip:
            style = segment.style
            if style and (style.link or any("app." in str(value) for value in style.meta.values())):
                told.append(f"row {row} does something when it is clicked: {segment!r}")
    told += [f"left to the door: {text!r}" for text in taken if not _typed(text, fields)]
    if app._exit:
        told.append("the program was left")
    return told


def _typed(text: str, fields: list[str]) -> bool:
    """Whether the words stand in a text field, where they stay as they are; its tabs are drawn as spaces."""
    kept = _plain(text)
    return any(kept in _plain(field) for field in fields)


def _plain(text: str) -> str:
    return "".join(one for one in text if not acts(one) and not one.isspace())


def without_fields(desk: Any) -> Any:
    """The same desk with nothing in its text fields."""
    desk.drafts = {}
    return desk


def answered(case: Any, value: str) -> Any:
    """The case with one more detail said."""
    return replace(case, answers={**case.answers, "feedback_text": FieldAnswer(value, "filled")})
