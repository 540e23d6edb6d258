"""The command palette: every action of the key table by name, with its key beside it."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from textual.command import CommandPalette, DiscoveryHit, Hit, Hits, Provider

from ...content.interface import t
from .. import keys


class ActionProvider(Provider):
    """Finds actions by their name in the language in use or by their id in settings."""

    def _actions(self) -> Iterator[tuple[str, str, str]]:
        effective = getattr(self.app, "keys", {})
        for action in keys.ACTIONS:
            if action.palette and action.scope in ("desk", "queue"):
                bound = effective.get(action.id, ())
                key = keys.shown(bound[0]) if bound else ""
                yield action.id, keys.label(action.id), key

    async def discover(self) -> Hits:
        for action, label, key in self._actions():
            yield DiscoveryHit(f"{label}  {key}", partial(self._run, action), help=action)

    async def search(self, query: str) -> Hits:
        matcher = self.matcher(query)
        for action, label, key in self._actions():
            score = max(matcher.match(label), matcher.match(action))
            if score > 0:
                yield Hit(score, matcher.highlight(f"{label}  {key}"), partial(self._run, action), help=action)

    def _run(self, action: str) -> None:
        run = getattr(self.screen, "action_key", None)
        if run is not None:
            run(action)


def palette() -> CommandPalette:
    """The palette's screen, to be put over the screen that is in front."""
    return CommandPalette(providers=[ActionProvider], placeholder=t("palette.placeholder"))
