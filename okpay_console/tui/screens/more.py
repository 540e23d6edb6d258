"""Everything that can be done with a case and has no key of its own, as one list."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Final

from ...content.interface import t
from .. import handing, keys, macros, tying, undoing
from ..acts import Acts
from .ask import Choose

ACTS: Final[Mapping[str, Callable[[Acts, str], Awaitable[None]]]] = {
    "handover": handing.hand_over,
    "escalate": handing.escalate,
    "merge": tying.merge,
    "chase": tying.chase,
    "macros": macros.choose,
    "undo": undoing.undo,
    "link": tying.link,
    "split": tying.split,
    "move": handing.move,
    "unlink": tying.unlink,
}
ELSEWHERE: Final = ("why", "reveal_caller", "assign", "mute", "abuse", "notices")
"""Acts of other rooms that the list offers too; who opened it runs them."""


async def more(acts: Acts, ticket: str) -> str:
    """Lets the agent choose and does it; the name of one of ``ELSEWHERE`` where that was chosen, else ""."""
    names = (*ACTS, *ELSEWHERE)
    options = [(name, f"{keys.label(name)}  {_key(name)}".rstrip()) for name in names]
    chosen = await acts.floor.ask(Choose(t("more.title"), options))
    if isinstance(chosen, str) and chosen in ACTS:
        await ACTS[chosen](acts, ticket)
        return ""
    return chosen if isinstance(chosen, str) else ""


def _key(name: str) -> str:
    first = keys.BY_ID[name].keys.split(",", maxsplit=1)[0]
    return keys.shown(first) if first else ""
