"""The timeline of a case: who said and did what, newest at the end, with what the server has not confirmed marked."""

from __future__ import annotations

from collections.abc import Callable, Sequence
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
from ...domain.veil import veil
from .. import house
from ..render import clean, fit, line, wrap
from ..roll import Roll
from ..rows import category_word
from ..when import local


class Line(NamedTuple):
    """One line of cells and the role that colours it."""

    text: str
    role: str = ""


def entry_head(entry: Entry) -> str:
    """When, what and by whom: ``14:45 小王 备注``. A machine that brought the customer's words in is not somebody."""
    when = local(entry.told).strftime("%m-%d %H:%M")
    kind = "called" if entry.kind == "created" and entry.data.get("channel") == "hotline" else entry.kind
    what = t(f"entry.{kind}") if has(f"entry.{kind}") else kind
    by = "" if _is_machine(entry) else line(entry.by)
    return f"{when} {by} {what}" if by else f"{when} {what}"


def _is_machine(entry: Entry) -> bool:
    """Whether an integration wrote the entry: those bear their channel's name, bare or before a dash."""
    return entry.kind in ("created", "message") and entry.by.partition("-")[0] in CHANNELS


def entry_detail(entry: Entry, number: Callable[[str], str] = str) -> str:
    """What the entry's data says, in words; the entry's own text is not part of it. ``number`` names a ticket by its id."""
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
            step = house.step_words(data.get("step", ""))
            return t("answers.unticked", step=step) if data.get("done") == "no" else step
        case "helped":
            word = t("key.helped" if data.get("helped") == "yes" else "key.unhelpful")
            return f"{house.answer_title(data.get('answer', ''))}: {word}"
        case "claim" | "release":
            return ""
        case "reveal":
            field = data.get("field", "")
            return t("reveal.caller") if field.startswith("caller.") else house.field_label(field)
        case "link" | "chase":
            other = entry.data.get("other", "")
            kind = data.get("kind", "") if entry.kind == "link" else ""
            return f"{t(f'tied.{kind}') if has(f'tied.{kind}') else kind} {number(other) if other else ''}".strip()
        case "merge":
            return number(entry.data.get("into", ""))
        case "queue":
            return f"{data.get('was', '') or '-'} > {data.get('to', '')}"
        case "handover":
            return data.get("to", "") or data.get("queue", "")
        case "escalate":
            return house.level_title(data.get("level", ""))
        case "call":
            event = data.get("event", "")
            return t(f"call_event.{event}") if has(f"call_event.{event}") else event
        case "wrapup":
            return house.disposition_title(data.get("disposition", ""))
        case "promise" if "settled" in data:
            return t(f"promise.{data['settled']}")
        case "created":
            return t(f"channel.{data['channel']}") if has(f"channel.{data.get('channel')}") else ""
        case _:
            return "  ".join(value for key, value in data.items() if key != "due")


def entry_lines(
    entry: Entry, width: int, *, waiting: bool = False, seen: bool = False, number: Callable[[str], str] = str
) -> list[Line]:
    """One entry in lines of ``width`` cells; ``waiting``: the server has not confirmed it.

    Numbers and addresses in what was said are masked unless they may be ``seen``.
    """
    show: Callable[[str], str] = str if seen else veil
    mark = f" {t('entry.unconfirmed')}" if waiting else ""
    detail = entry_detail(entry, number)
    role = "mine" if entry.kind == "reply" else "said" if entry.kind in ("message", "created") else "quiet"
    of = f" {t('entry.of_ticket', number=number(entry.data['ticket']))}" if "ticket" in entry.data else ""
    head = entry_head(entry) + of + (f"  {detail}" if detail else "") + mark
    laid = [Line(text, "waiting" if mark else "head") for text in wrap(head, width)]
    if entry.text:
        laid.extend(
            Line("  " + text, role) for text in wrap(clean(show(entry.text), emoji=t("queue.emoji")), width - 2)
        )
    return laid


def doubtful_lines(op: AnyOp, width: int, *, seen: bool = False) -> list[Line]:
    """An operation that would not go through as things stand."""
    words = op_words(op)
    return [Line(text, "doubtful") for text in wrap(t("entry.doubtful", what=words if seen else veil(words)), width)]


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
    """Shows the newest lines; follows the end unless the agent has scrolled up.

    Of a long conversation only a stretch is laid out (``tui/roll.py``); the line above and below it says how much more there is.
    """

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "timeline--head", "timeline--said", "timeline--mine", "timeline--quiet", "timeline--waiting", "timeline--doubtful",
    }  # fmt: skip

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self.view: View | None = None
        self.doubtful: Sequence[AnyOp] = ()
        self.roll: Roll[Line] = Roll()
        self.seen = False
        self.number: Callable[[str], str] = str
        self._moving = False
        self._laid_width = 0
        """What the lines were laid out for, 0 for none."""
        self._following = True
        """Whether the newest line is the last in sight; a pane that became lower still stands where its end was."""

    def show(self, view: View, doubtful: Sequence[AnyOp], *, fresh: bool, seen: bool = False) -> None:
        self.seen = seen
        self._following = at_end = fresh or (self._following and self.roll.at_end)
        self.view, self.doubtful = view, doubtful
        self._lay(end=at_end)
        if at_end:
            self.call_after_refresh(self._to_end)

    def on_resize(self) -> None:
        # A composer that opens or folds changes the height alone: whoever read the newest line goes on reading it.
        if self._laid_width != self._width:
            self._lay(end=self.roll.at_end)
        if self._following:
            self.call_after_refresh(self._to_end)

    @property
    def lines(self) -> list[Line]:
        """What is laid out, with what is said of the rest."""
        earlier, later = self.roll.first, self.roll.count - self.roll.last
        above = [Line(t("entry.earlier", count=earlier), "quiet")] if earlier else []
        below = [Line(t("entry.later", count=later), "quiet")] if later else []
        return [*above, *self.roll.lines, *below]

    def action_scroll_home(self) -> None:
        self.roll.jump(end=False)
        self._sized()
        self._stand(0)

    def action_scroll_end(self) -> None:
        self.roll.jump(end=True)
        self._sized()
        self._to_end()

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        super().watch_scroll_y(old_value, new_value)
        if not self._moving and old_value != new_value:
            self._following = new_value >= self.max_scroll_y
            # Not from here: the scroll that is under way would undo it.
            self.call_next(self._reach)

    def _reach(self) -> None:
        """An end of what is laid out has come near: more of it."""
        top, height = self.scroll_offset.y, max(self.size.height, 1)
        before = 1 if self.roll.first else 0
        if top < height and self.roll.first:
            more = self.roll.up()
            moved = more + (1 if self.roll.first else 0) - before
        elif top + 2 * height > len(self.lines) and not self.roll.at_end:
            gone = self.roll.down()
            moved = (1 if self.roll.first else 0) - before - gone
        else:
            return
        self._sized()
        self._stand(top + moved)

    def _to_end(self) -> None:
        self._moving = True
        self.scroll_end(animate=False, force=True, immediate=True)
        self._moving = False

    def _stand(self, top: int) -> None:
        self._moving = True
        self.scroll_to(y=top, animate=False, force=True, immediate=True)
        self._moving = False

    def _lay(self, *, end: bool) -> None:
        view, width = self.view, self._width
        if view is None:
            return
        if not self.size.width:
            # Not in its place yet: its first size lays it out.
            self._laid_width = 0
            return
        self._laid_width = width
        ticket = view.ticket
        entries = ticket.timeline if ticket is not None else ()
        doubtful = self.doubtful if ticket is not None else ()
        waiting = frozenset(view.pending)

        def lay(at: int) -> list[Line]:
            if at >= len(entries):
                return doubtful_lines(doubtful[at - len(entries)], width, seen=self.seen)
            entry = entries[at]
            return entry_lines(entry, width, waiting=entry.id in waiting, seen=self.seen, number=self.number)

        self.roll.show(len(entries) + len(doubtful), lay, end=end)
        self._sized()

    @property
    def _width(self) -> int:
        """The cells that a line may have."""
        return max(self.scrollable_content_region.width - 1, 10)

    def _sized(self) -> None:
        self._shown = self.lines
        self.virtual_size = Size(self.scrollable_content_region.width, len(self._shown))
        self.refresh()

    _shown: Sequence[Line] = ()

    def render_line(self, y: int) -> Strip:
        at = y + self.scroll_offset.y
        width = self.size.width
        base = self.rich_style
        if at >= len(self._shown):
            return Strip.blank(width, base)
        shown = self._shown[at]
        style = base + self._role(shown.role) if shown.role else base
        return Strip([Segment(fit(" " + shown.text, width), style)], width)

    def _role(self, name: str) -> Style:
        return self.get_component_rich_style(f"timeline--{name}", partial=True)
