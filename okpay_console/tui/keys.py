"""Every key of the console in one table: bindings, the key bar, help and the command palette are read from it."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping
from typing import Final, Literal, NamedTuple

from textual.binding import Binding, BindingType
from textual.keys import _character_to_key

from ..content.interface import t
from ..errors import ConfigError

Scope = Literal[
    "desk", "queue", "case", "checklist", "composer", "answers", "wall", "drill", "follow", "reviews", "opening",
    "wrapping", "owing", "shift",
]  # fmt: skip  # fmt: skip


class Action(NamedTuple):
    """One thing to do: ``id`` names it in settings, ``bar`` is its rank in the key bar (0: only in help and palette)."""

    id: str
    scope: Scope
    keys: str
    bar: int = 0
    palette: bool = True


# Function keys, Ctrl chords and digits: an input method that is switched on swallows letters. F5, F6 and F8 are the phone.
ACTIONS: Final[tuple[Action, ...]] = (
    Action("help", "desk", "f1", 1),
    Action("claim", "desk", "f2", 2),
    Action("next", "desk", "f3", 3),
    Action("release", "desk", "f4", 9),
    Action("call", "desk", "f5", 4),
    Action("hold", "desk", "f6", 4),
    Action("wrapup", "desk", "f8", 5),
    Action("mute", "desk", "", 0),
    Action("new", "desk", "", 0),
    Action("close", "desk", "f7", 5),
    Action("reviews", "desk", "f9", 11),
    Action("find", "desk", "ctrl+f", 7),
    Action("answers", "desk", "ctrl+a", 4),
    Action("note", "desk", "ctrl+n", 6),
    Action("reply", "desk", "ctrl+r", 6),
    Action("promise", "desk", "ctrl+t", 10),
    Action("settle", "desk", "ctrl+d", 10),
    Action("owed", "desk", "ctrl+k", 11),
    Action("category", "desk", "ctrl+g", 13),
    Action("priority", "desk", "ctrl+y", 14),
    Action("reopen", "desk", "ctrl+o", 15),
    Action("fresh", "desk", "ctrl+l", 12),
    Action("assign", "desk", "", 0),
    Action("board", "desk", "ctrl+b", 16),
    Action("palette", "desk", "ctrl+p", 8),
    Action("ask", "desk", "ctrl+e", 17),
    Action("show_queue", "desk", "ctrl+w", 18),
    Action("language", "desk", "", 0),
    Action("views", "desk", "", 0),
    Action("retry", "desk", "", 0),
    Action("more", "desk", "f12", 8),
    Action("shift", "desk", "f10", 12),
    Action("minute", "desk", "f11", 0),
    Action("notices", "desk", "ctrl+u", 0),
    Action("abuse", "desk", "", 0),
    Action("handover", "desk", "", 0),
    Action("escalate", "desk", "", 0),
    Action("merge", "desk", "", 0),
    Action("link", "desk", "", 0),
    Action("unlink", "desk", "", 0),
    Action("split", "desk", "", 0),
    Action("chase", "desk", "", 0),
    Action("move", "desk", "", 0),
    Action("undo", "desk", "ctrl+z", 0),
    Action("macros", "desk", "", 0),
    *(Action(f"macro{place}", "desk", f"shift+f{place}", 0, palette=False) for place in range(1, 10)),
    Action("quit", "desk", "ctrl+q", 19),
    Action("open", "queue", "enter", 1, palette=False),
    Action("peek", "queue", "space", 0, palette=False),
    Action("filter", "queue", "slash", 0, palette=False),
    Action("why", "queue", "!", 0),
    Action("view_open", "queue", "1", 0),
    Action("view_mine", "queue", "2", 0),
    Action("view_unclaimed", "queue", "3", 0),
    Action("view_overdue", "queue", "4", 0),
    Action("view_pending", "queue", "5", 0),
    Action("view_closed", "queue", "6", 0),
    Action("view_all", "queue", "7", 0),
    Action("view_own1", "queue", "8", 0, palette=False),
    Action("view_own2", "queue", "9", 0, palette=False),
    Action("view_own3", "queue", "0", 0, palette=False),
    Action("save_view", "queue", "=", 0),
    Action("edit", "checklist", "enter", 1, palette=False),
    Action("why_case", "checklist", "!", 0, palette=False),
    Action("free", "checklist", "space", 2, palette=False),
    Action("reveal", "checklist", "5", 0, palette=False),
    Action("reveal_caller", "checklist", "6", 0, palette=False),
    Action("state_known", "checklist", "1", 2, palette=False),
    Action("state_unknown", "checklist", "2", 3, palette=False),
    Action("state_na", "checklist", "3", 4, palette=False),
    Action("state_verified", "checklist", "4", 5, palette=False),
    Action("state_empty", "checklist", "0,delete", 0, palette=False),
    Action("send", "composer", "ctrl+s", 1, palette=False),
    Action("leave", "composer", "escape", 2, palette=False),
    Action("insert", "answers", "enter", 1, palette=False),
    Action("step", "answers", "space", 2, palette=False),
    Action("back", "answers", "escape", 3, palette=False),
    Action("helped", "answers", "plus", 4, palette=False),
    Action("unhelpful", "answers", "minus", 5, palette=False),
    Action("copy", "answers", "ctrl+c", 6, palette=False),
    Action("drill", "wall", "enter", 1, palette=False),
    Action("desk", "wall", "escape,ctrl+b", 2, palette=False),
    Action("formula", "wall", "f4", 2, palette=False),
    Action("agents", "wall", "f6", 2, palette=False),
    Action("wallboard", "wall", "f3", 3, palette=False),
    Action("aht_less", "wall", "left_square_bracket", 5, palette=False),
    Action("aht_more", "wall", "right_square_bracket", 5, palette=False),
    Action("calls_less", "wall", "minus", 6, palette=False),
    Action("calls_more", "wall", "plus", 6, palette=False),
    Action("target_less", "wall", "comma", 7, palette=False),
    Action("target_more", "wall", "full_stop", 7, palette=False),
    Action("measured", "wall", "0", 8, palette=False),
    Action("wall_voice", "wall", "f9", 4, palette=False),
    Action("wall_help", "wall", "f1", 3, palette=False),
    Action("wall_quit", "wall", "ctrl+q", 4, palette=False),
    Action("follow", "drill", "enter", 1, palette=False),
    Action("drill_back", "drill", "escape", 2, palette=False),
    Action("mark", "drill", "space", 3, palette=False),
    Action("mark_all", "drill", "plus", 5, palette=False),
    Action("mark_none", "drill", "minus", 5, palette=False),
    Action("part_next", "drill", "right", 9, palette=False),
    Action("part_before", "drill", "left", 0, palette=False),
    Action("drill_open", "drill", "f2", 7, palette=False),
    Action("broadcast", "drill", "f3", 8, palette=False),
    Action("drill_desk", "drill", "f4", 10, palette=False),
    Action("all_assign", "drill", "f5", 4, palette=False),
    Action("all_priority", "drill", "f6", 4, palette=False),
    Action("all_queue", "drill", "f7", 4, palette=False),
    Action("tell_agent", "drill", "f8", 6, palette=False),
    Action("drill_reviews", "drill", "f9", 11, palette=False),
    Action("drill_undo", "drill", "ctrl+z", 6, palette=False),
    Action("drill_help", "drill", "f1", 8, palette=False),
    Action("drill_quit", "drill", "ctrl+q", 12, palette=False),
    Action("follow_back", "follow", "escape", 1, palette=False),
    Action("follow_open", "follow", "f2", 2, palette=False),
    Action("follow_tell", "follow", "f8", 3, palette=False),
    Action("follow_help", "follow", "f1", 4, palette=False),
    Action("follow_quit", "follow", "ctrl+q", 5, palette=False),
    Action("keep_theirs", "reviews", "1", 1, palette=False),
    Action("reapply", "reviews", "2", 2, palette=False),
    Action("edit_words", "reviews", "3", 3, palette=False),
    Action("reviews_back", "reviews", "escape,f9", 4, palette=False),
    Action("drop_call", "opening", "f4", 0, palette=False),
    Action("ask_missing", "wrapping", "ctrl+e", 0, palette=False),
    Action("finish", "wrapping", "f8", 0, palette=False),
    Action("kept", "owing", "plus", 0, palette=False),
    Action("broken", "owing", "minus", 0, palette=False),
    Action("minute_now", "shift", "f10,f11", 0, palette=False),
)
_TYPING: Final = frozenset({"desk", "composer", "opening", "wrapping"})
"""Scopes whose keys act while letters are typed."""
_YIELDS: Final = frozenset({"undo"})
"""Keys of the desk that a text field knows for itself: there they are the field's."""
BY_ID: Final[Mapping[str, Action]] = {action.id: action for action in ACTIONS}

# What the same key gives while a Chinese input method is on.
TWINS: Final[Mapping[str, str]] = {
    "/": "、／", "?": "？", ":": "：", ",": "，", ".": "。", ";": "；", "!": "！", "(": "（", ")": "）", "[": "【", "]": "】",
    "<": "《", ">": "》", "\\": "、", "$": "￥", "^": "…", "_": "—", "`": "·", "+": "＋", "-": "－", "=": "＝", "*": "＊",
    "%": "％", "&": "＆", "#": "＃", "@": "＠", "|": "｜", "~": "～", "{": "｛", "}": "｝", "'": "‘", '"': "“",
}  # fmt: skip
_TWIN_NAMES: Final = {
    _character_to_key(key): [_character_to_key(twin) for twin in twins] for key, twins in TWINS.items()
}
TWIN_KEYS: Final = frozenset(name for names in _TWIN_NAMES.values() for name in names) | {
    f"f{n}" for n in range(13, 25)
}
"""The names of the full-width twins; they work, and are not worth a place on the screen."""
# The terminal gives these the bytes of Enter, Tab, Backspace and Escape.
_EATEN: Final = {"ctrl+m": "enter", "ctrl+i": "tab", "ctrl+h": "backspace", "ctrl+j": "enter", "ctrl+[": "escape"}
_NAMED: Final = frozenset(
    "enter escape tab shift+tab space delete backspace insert up down left right pageup pagedown home end".split()  # noqa: SIM905
)
_KEY: Final = re.compile(r"f([1-9]|1[0-2])|ctrl\+[a-z]|ctrl\+(up|down|left|right|home|end)|shift\+f([1-9]|1[0-2])")


def effective(overrides: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    """Every action's keys, full-width twins included, with the settings laid over the table.

    Raises ConfigError naming the action for an unknown action, a key that no terminal sends or that typing needs, and for
    two actions that would fight for one key.
    """
    for name in overrides:
        if name not in BY_ID:
            near = difflib.get_close_matches(name, BY_ID, 1)
            advice = f"Did you mean '{near[0]}'?" if near else f"Known are: {', '.join(BY_ID)}."
            raise ConfigError(f"The settings give keys to an unknown action '{name}'.", advice)
    keys: dict[str, tuple[str, ...]] = {}
    for action in ACTIONS:
        wanted = overrides.get(action.id, action.keys)
        keys[action.id] = tuple(dict.fromkeys(_with_twins(_names(wanted, action))))
    _refuse_clashes(keys)
    return keys


def bindings(scope: Scope) -> list[BindingType]:
    """The bindings of a scope as the table has them; ``App.set_keymap`` lays the settings over by id."""
    made: list[BindingType] = []
    for action in ACTIONS:
        if action.scope != scope:
            continue
        keys = ",".join(dict.fromkeys(_with_twins(_names(action.keys, action)))) or f"unbound_{action.id}"
        # The desk's own keys work while a text field has the focus; so do a composer's and a form's.
        made.append(
            Binding(
                keys,
                f"key('{action.id}')",
                action.id,
                priority=scope in _TYPING and action.id not in _YIELDS,
                id=action.id,
            )
        )
    return made


def keymap(overrides: Mapping[str, str]) -> dict[str, str]:
    """The settings' keys in the form that ``App.set_keymap`` takes; validated like ``effective``."""
    keys = effective(overrides)
    return {name: ",".join(keys[name]) for name in overrides}


def shown(key: str) -> str:
    """A key as people write it: ``F2``, ``^F``, ``/``, ``Enter``."""
    if key.startswith("ctrl+"):
        return "^" + key[5:].upper()
    if key.startswith("shift+"):
        return "Shift+" + shown(key.removeprefix("shift+"))
    if re.fullmatch(r"f\d+", key):
        return key.upper()
    for character in TWINS:
        if _character_to_key(character) == key:
            return character
    names = {"enter": "Enter", "escape": "Esc", "space": t("key.space_bar"), "delete": "Del", "tab": "Tab"}
    if key in ("left", "right"):
        return t(f"key.arrow_{key}")
    return names.get(key, key)


def bound(app: object, action: str) -> str:
    """The first key of an action as this console has it, as people write it; its name where no key is bound to it."""
    found: Mapping[str, tuple[str, ...]] = getattr(app, "keys", {})
    names = found.get(action) or tuple(filter(None, BY_ID[action].keys.split(",")))
    return shown(names[0]) if names else label(action)


def label(action: str) -> str:
    """An action's short name in the language in use."""
    return t(f"key.{action}")


def in_scope(scope: Scope) -> Iterator[Action]:
    return (action for action in ACTIONS if action.scope == scope)


def _names(keys: str, action: Action) -> list[str]:
    found = []
    for raw in keys.split(","):
        name = raw.strip()
        if not name:
            continue
        key = _character_to_key(name) if len(name) == 1 else name.lower()
        if key in _EATEN:
            raise ConfigError(
                f"'{name}' for '{action.id}' cannot be told from {_EATEN[key]} in a terminal.", "Choose another key."
            )
        typed = len(name) == 1 or key in _TWIN_NAMES
        if not typed and key not in _NAMED and not _KEY.fullmatch(key):
            raise ConfigError(
                f"'{name}' for '{action.id}' is not a key that terminals send.", "Use F1 to F12, ctrl+letter, a digit."
            )
        if typed and action.scope in _TYPING:
            raise ConfigError(
                f"'{name}' for '{action.id}' is needed for typing.", "Use a function key or ctrl+letter for it."
            )
        found.append(key)
    return found


def _with_twins(names: list[str]) -> Iterator[str]:
    for name in names:
        yield name
        yield from _TWIN_NAMES.get(name, ())
        if found := re.fullmatch(r"shift\+f(\d+)", name):
            yield f"f{int(found[1]) + 12}"  # what most terminals send for it


_DESK: Final = frozenset({"desk", "queue", "case", "checklist", "composer", "answers"})


def _refuse_clashes(keys: Mapping[str, tuple[str, ...]]) -> None:
    owner: dict[tuple[str, str], str] = {}
    for action in ACTIONS:
        for key in keys[action.id]:
            nested = [action.scope] if action.scope != "desk" else sorted(_DESK)
            for scope in nested:
                other = owner.setdefault((scope, key), action.id)
                if other != action.id:
                    raise ConfigError(
                        f"The key {key} is given to both '{other}' and '{action.id}'.",
                        "Change one of them in the settings.",
                    )
