"""Macros: several operations under one key, with their questions asked once and their blanks filled by one renderer."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Any, Final, Literal

import msgspec

from .. import errors
from . import answers as canned
from . import ops, privacy
from .author import Author
from .macro_steps import Fill, Step, make, texts
from .ticket import Ticket
from .words import Words

CASE: Final[Mapping[str, tuple[str, str]]] = {
    "number": ("工单编号", "ticket number"),
    "subject": ("标题", "subject"),
    "caller": ("来电人（已遮盖）", "caller, masked"),
    "mobile": ("手机号（已遮盖）", "mobile number, masked"),
    "category": ("类别代码", "category code"),
    "queue": ("队列", "queue"),
    "agent": ("经办人", "agent"),
}
"""What a macro knows of the case by itself, with Chinese and English labels; personal values come masked."""

# Any pair of braces is meant as a blank here, whichever way other desks spell theirs: {{contact.name}}, #{ticket.title}.
_BRACES: Final = re.compile(r"\{([^{}]*)\}")

UNKNOWN: Final = "?"
"""What stands where the case does not know it (yet): a ticket's number before the server has given one."""


class Prompt(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One question that a macro asks before it does anything; a ``time`` is answered in RFC 3339, as the screen reads it."""

    id: Annotated[str, msgspec.Meta(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
    title: Words
    kind: Literal["text", "time"] = "text"
    needed: bool = True


class Macro(msgspec.Struct, frozen=True):
    """Several operations under one name; ``key`` is "" where it has none of its own."""

    id: str
    title: Words
    key: str
    steps: tuple[Step, ...]
    prompts: tuple[Prompt, ...] = ()


def check(macro: Macro) -> None:
    """``ContentError`` naming the macro where it has no steps, asks the same twice, or uses a blank that nothing fills."""
    asked = [prompt.id for prompt in macro.prompts]
    if not macro.steps:
        raise errors.ContentError(f"The macro {macro.id} does nothing.", "Give it at least one step.")
    taken = [name for name in asked if asked.count(name) > 1 or name in CASE or name in canned.PLACEHOLDERS]
    if taken:
        raise errors.ContentError(
            f"The macro {macro.id} asks for '{taken[0]}', which is a name that is taken.", "Name the prompt otherwise."
        )
    known = {*asked, *CASE, *canned.PLACEHOLDERS}
    for text in (text for step in macro.steps for text in texts(step)):
        for name in _BRACES.findall(text):
            if name not in known:
                raise errors.ContentError(
                    f"The macro {macro.id} uses the blank {{{name}}}, which nothing fills.",
                    "Correct its spelling, or ask for it under 'prompts'.",
                )
    for step in macro.steps:
        if any(_BRACES.search(tag) for tag in (*step.add, *step.remove)):
            raise errors.ContentError(
                f"The macro {macro.id} has a blank in a tag, where nothing fills it.", "Write the tag in full."
            )
        if step.op == "promise" and not step.due and step.due_s <= 0:
            raise errors.ContentError(
                f"The macro {macro.id} promises something without a time.", "Give 'due' or 'due_s'."
            )


def expand(
    macro: Macro,
    ticket: Ticket,
    answers: Mapping[str, str],
    author: Author,
    *,
    values: Mapping[str, str],
    lang: str = "zh",
    call: str = "",
    rules: ops.Rules = ops.NO_RULES,
) -> tuple[ops.AnyOp, ...]:
    """The operations of the macro on ``ticket``, to be carried out in one go or not at all.

    ``answers`` are the prompts' by id, ``values`` the company facts of the settings, ``call`` the call that a wrap-up ends.
    Each operation sees the ticket as those before it leave it, judged by ``rules``; so a macro that closes passes the same gate
    as a hand that closes, and raises ``Refused`` or ``NeedsReview`` here, before anything has happened. ``Refused``
    (macro-blank) names what has no value yet, (bad-time) a time that cannot be read. Without ``rules`` the gate is left to
    whoever carries the operations out.
    """
    filled = {**values, **_of_case(ticket, author), **_answered(macro, answers)}
    optional = {prompt.id for prompt in macro.prompts if not prompt.needed}
    declared = frozenset((*CASE, *(prompt.id for prompt in macro.prompts)))

    def render(text: str) -> str:
        empty = [name for name in canned.blanks(text) if not filled.get(name, "").strip()]
        missing = [name for name in empty if name not in optional]
        if missing:
            raise errors.Refused(
                f"The macro lacks {', '.join(_label(macro, name, lang) for name in missing)}.",
                "Answer its questions, or fill the settings.",
                code="macro-blank",
            )
        for name in empty:
            text = text.replace("{" + name + "}", "")
        return canned.render(text, filled, lang=lang, declared=declared).text

    made: list[ops.AnyOp] = []
    for step in macro.steps:
        op = make(step, ticket, author, Fill(render, lang, call))
        ticket = ops.apply(ticket, op, author.now(), rules)
        made.append(op)
    return tuple(made)


def _of_case(ticket: Ticket, author: Author) -> dict[str, str]:
    caller = privacy.mask_caller(ticket.caller)
    return {
        "number": f"#{ticket.number}" if ticket.number else UNKNOWN,
        "subject": ticket.subject,
        "caller": caller.name or caller.mobile or caller.email or caller.handle or UNKNOWN,
        "mobile": caller.mobile or UNKNOWN,
        "category": ticket.category or UNKNOWN,
        "queue": ticket.queue,
        "agent": author.name,
    }


def _answered(macro: Macro, answers: Mapping[str, str]) -> dict[str, str]:
    return {prompt.id: answers.get(prompt.id, "").strip() for prompt in macro.prompts}


def _label(macro: Macro, name: str, lang: str) -> str:
    asked = next((prompt.title.of(lang) for prompt in macro.prompts if prompt.id == name), "")
    return asked or canned.label(name, lang=lang)


def from_table(name: str, table: Mapping[str, Any]) -> Macro:
    """The macro in a decoded TOML table; a text in one language alone stands for both. ``ContentError`` names what is wrong."""
    try:
        entry = msgspec.convert(_bilingual(dict(table)), _Entry)
    except msgspec.ValidationError as error:
        raise errors.ContentError(f"The macro {name} is wrong: {error}.", "Correct it where it is written.") from error
    macro = Macro(name, entry.title, entry.key, entry.steps, entry.prompts)
    check(macro)
    return macro


class _Entry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    title: Words
    steps: tuple[Step, ...]
    key: str = ""
    prompts: tuple[Prompt, ...] = ()


def _bilingual(value: Any, key: str = "") -> Any:
    if key in ("title", "text") and isinstance(value, str):
        return {"zh": value, "en": value}
    if isinstance(value, Mapping):
        return {name: _bilingual(inner, name) for name, inner in value.items()}
    return [_bilingual(item) for item in value] if isinstance(value, list) else value
