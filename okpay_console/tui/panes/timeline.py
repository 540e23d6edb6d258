"""The timeline of a case: who said and did what, newest at the end, with what the server has not confirmed marked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, NamedTuple

from rich.segment import Segment
from rich.style import Style
from textual.geometry import Size
from textual.scroll_view import ScrollView
from textual.strip import Strip

from ...content.interface import has, t
from ...domain.ops import AnyOp
from ...domain.overlay import View
from ...domain.ticket import CHANNELS, Entry
from .. import house
from ..render import clean, fit, line, wrap
from ..rows import category_word
from ..when import local


class Line(NamedTuple):
    """One line of cells and the role that colours it."""

    text: str
    role: str = ""


def entry_head(entry: Entry) -> str:
    """When, what and by whom: ``14:45 小王 备注``. A machine that brought the customer's words in is not somebody."""
    when = local(entry.at).strftime("%m-%d %H:%M")
    kind = "called" if entry.kind == "created" and entry.data.get("channel") == "hotline" else entry.kind
    what = t(f"entry.{kind}") if has(f"entry.{kind}") else kind
    by = "" if _is_machine(entry) else line(entry.by)
    return f"{when} {by} {what}" if by else f"{when} {what}"


def _is_machine(entry: Entry) -> bool:
    """Whether an integration wrote the entry: those bear their channel's name, bare or before a dash."""
    return entry.kind in ("created", "message") and entry.by.partition("-")[0] in CHANNELS


def entry_detail(entry: Entry) -> str:
    """What the entry's data says, in words; the entry's own text is not part of it."""
    data = {key: line(value) for key, value in entry.data.items()}
    match entry.kind:
        case "field":
            state = data.get("state", "")
            word = t(f"field.{state}") if has(f"field.{state}") else state
            return f"{house.field_label(data.get('field', ''))}: {word}"
        case "category":
            return f"{category_word(data.get('was', '')) or '-'} > {category_word(data.get('to', ''))}"
        case "priority":
            return f"{t('priority.' + data.get('was', 'normal'))} > {t('priority.' + data.get('to', 'normal'))}"
        case "status":
            return f"{t('status_word.' + data.get('was', 'new'))} > {t('status_word.' + data.get('to', 'new'))}"
        case "subject" | "assign":
            return f"{data.get('was', '') or '-'} > {data.get('to', '')}"
        case "close":
            title = house.disposition_title(data.get("disposition", ""))
            override = data.get("override", "")
            return f"{title}  {t('entry.override', reason=override)}" if override else title
        case "step":
            return data.get("step", "")
        case "claim" | "release":
            return ""
        case "promise" if "settled" in data:
            return t(f"promise.{data['settled']}")
        case "created":
            return t(f"channel.{data['channel']}") if has(f"channel.{data.get('channel')}") else ""
        case _:
            return "  ".join(value for key, value in data.items() if key != "due")


def lines(view: View, doubtful: Sequence[AnyOp], width: int) -> list[Line]:
    """The whole timeline in lines of ``width`` cells. ``doubtful`` are operations that would not go through as things stand."""
    laid: list[Line] = []
    if view.ticket is None:
        return laid
    waiting = set(view.pending)
    for entry in view.ticket.timeline:
        mark = f" {t('entry.unconfirmed')}" if entry.id in waiting else ""
        detail = entry_detail(entry)
        role = "mine" if entry.kind == "reply" else "said" if entry.kind in ("message", "created") else "quiet"
        head = entry_head(entry) + (f"  {detail}" if detail else "") + mark
        laid.extend(Line(text, "waiting" if mark else "head") for text in wrap(head, width))
        if entry.text:
            laid.extend(Line("  " + text, role) for text in wrap(clean(entry.text, emoji=t("queue.emoji")), width - 2))
    for op in doubtful:
        laid.extend(Line(text, "doubtful") for text in wrap(t("entry.doubtful", what=op_words(op)), width))
    return laid


def op_words(op: AnyOp) -> str:
    """An operation in a few words, with the words that it carries."""
    tag = str(op.__struct_config__.tag)
    key = f"op.{tag.replace('.', '_')}"
    name = t(key) if has(key) else tag
    for attribute in ("text", "value", "subject", "summary", "category", "priority", "assignee", "disposition"):
        words = getattr(op, attribute, "")
        if words:
            return f"{name}: {line(str(words))}"
    return name


class TimelinePane(ScrollView, can_focus=True):
    """Shows the laid-out lines; follows the end unless the agent has scrolled up."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "timeline--head", "timeline--said", "timeline--mine", "timeline--quiet", "timeline--waiting", "timeline--doubtful",
    }  # fmt: skip

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self.view: View | None = None
        self.doubtful: Sequence[AnyOp] = ()
        self.lines: list[Line] = []

    def show(self, view: View, doubtful: Sequence[AnyOp], *, fresh: bool) -> None:
        at_end = fresh or self.scroll_offset.y >= self.max_scroll_y
        self.view, self.doubtful = view, doubtful
        self._lay()
        if at_end:
            self.call_after_refresh(self.scroll_end, animate=False, force=True)

    def on_resize(self) -> None:
        self._lay()

    def _lay(self) -> None:
        if self.view is None:
            return
        width = max(self.scrollable_content_region.width - 1, 10)
        self.lines = lines(self.view, self.doubtful, width)
        self.virtual_size = Size(self.scrollable_content_region.width, len(self.lines))
        self.refresh()

    def render_line(self, y: int) -> Strip:
        at = y + self.scroll_offset.y
        width = self.size.width
        base = self.rich_style
        if at >= len(self.lines):
            return Strip.blank(width, base)
        shown = self.lines[at]
        style = base + self._role(shown.role) if shown.role else base
        return Strip([Segment(fit(" " + shown.text, width), style)], width)

    def _role(self, name: str) -> Style:
        return self.get_component_rich_style(f"timeline--{name}", partial=True)
