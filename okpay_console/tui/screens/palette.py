"""The command palette: every action of the key table by name, with its key beside it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from rich.align import Align
from rich.text import Text
from textual import on
from textual.command import CommandList, CommandPalette, DiscoveryHit, Hit, Hits, Provider
from textual.content import Content
from textual.fuzzy import Matcher
from textual.widgets import Input
from textual.widgets.option_list import Option

from ...content.interface import LANGUAGES, lang, load, t
from ...content.macros import load_macros
from ...errors import OkpayError
from .. import house, keys
from ..guarded import leaving, refused
from ..render import line

if TYPE_CHECKING:
    from ..desk_model import Desk, Start


_ALSO: Final = ("language",)
"""Actions that people look for by other words than their name has, in either language."""


class ActionProvider(Provider):
    """Finds actions by their name in the language in use or by their id in settings."""

    def _actions(self) -> Iterator[tuple[str, str, str]]:
        effective = getattr(self.app, "keys", {})
        for action in keys.ACTIONS:
            if action.palette and action.scope in ("desk", "queue"):
                bound = effective.get(action.id, ())
                key = keys.shown(bound[0]) if bound else ""
                yield action.id, keys.label(action.id), key
        desk: Desk | None = getattr(self.screen, "desk", None)
        for place, view in enumerate(desk.views() if desk is not None else (), 1):
            bound = effective.get(f"view_own{place}", ())
            yield f"own:{view.id}", t("views.named", name=line(view.name)), keys.shown(bound[0]) if bound else ""
        try:
            macros = load_macros(self._own())
        except OkpayError:
            return
        for macro in macros:
            yield f"macro:{macro.id}", line(macro.title.of(lang())), keys.shown(macro.key)

    def _own(self) -> Mapping[str, Mapping[str, Any]]:
        start: Start | None = getattr(self.app, "start", None)
        return start.settings.macros if start is not None else {}

    async def discover(self) -> Hits:
        for action, label, key in self._actions():
            yield DiscoveryHit(Content(f"{label}  {key}"), partial(self._run, action), help=action)

    async def search(self, query: str) -> Hits:
        matcher = self.matcher(query)
        for action, label, key in self._actions():
            also = " ".join(load(each)[f"palette.also_{action}"] for each in LANGUAGES) if action in _ALSO else ""
            score = max(matcher.match(words) for words in (label, action, *also.split()))
            if score > 0:
                yield Hit(score, _marked(matcher, f"{label}  {key}"), partial(self._run, action), help=action)

    def _run(self, action: str) -> None:
        run = getattr(self.screen, "action_key", None)
        if run is not None:
            run(action)


def _marked(matcher: Matcher, words: str) -> Content:
    """The words with the letters that were found set apart; Textual's own way to do it would read markup in them."""
    content = Content(words)
    for at in matcher.fuzzy_search.match(matcher.query, words)[1]:
        if not words[at].isspace():
            content = content.stylize(matcher.match_style, at, at + 1)
    return content


class Palette(CommandPalette):
    """The palette under the guard of every text field: what is searched for may not be a secret either."""

    def _start_no_matches_countdown(self, search_value: str) -> None:
        """As the base class does it (Textual 8.2), which says it in English alone."""
        self._stop_no_matches_countdown()

        def nothing() -> None:
            self._list_visible = bool(search_value)
            if search_value:
                words = Align.center(Text(t("palette.nothing"), style="not bold"))
                self.query_one(CommandList).add_option(Option(words, disabled=True, id=self._NO_MATCHES))

        self._no_matches_timer = self.set_timer(self._NO_MATCHES_COUNTDOWN, nothing)

    @on(Input.Changed)
    def _guard(self, event: Input.Changed) -> None:
        kept, kinds = leaving(event.value, field=None, finished=True)
        if kinds:
            event.stop()
            event.prevent_default()
            event.input.value = kept
            # Where the terminal is short the palette covers the line in which the desk speaks.
            event.input.placeholder = house.secret_words(kinds[0])
            refused(self, kinds[0], "palette")


def palette() -> CommandPalette:
    """The palette's screen, to be put over the screen that is in front."""
    return Palette(providers=[ActionProvider], placeholder=t("palette.placeholder"))
