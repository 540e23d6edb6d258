"""The agent's own views on a desk screen: listed, counted, typed, saved under a name, changed and deleted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ...content.filters import category_names
from ...content.interface import lang, t
from ...domain.queue import VIEWS
from ...domain.views import MOST, VALUES, Saved, is_filter, parse, written
from ...errors import FilterError, OkpayError
from ..failures import explain
from ..panes.queue import TicketTable
from ..render import cut, line
from ..views import OWN, Members

if TYPE_CHECKING:
    from ...domain.views import Lang, Where
    from .desk import DeskScreen

NAME_LETTERS = 24


class OwnViews:
    """Keeps the model's own views those of the desk; ``run`` answers the keys that concern them."""

    def __init__(self, screen: DeskScreen) -> None:
        self.screen = screen
        self._typed: Where | None = None
        self._said = ""
        self._hinted = False

    @property
    def saved(self) -> Sequence[Saved]:
        return self.screen.desk.views() if self.screen.desk is not None else ()

    async def begin(self) -> None:
        """The desk is here: its views become the screen's. One that cannot be understood any more is passed over."""
        for one in self.saved:
            try:
                await self._learn(one)
            except FilterError:
                continue
        self._name()

    async def run(self, action: str) -> None:
        """``save_view``, ``views``, ``view_own1`` to ``view_own3``, or a view by its key."""
        if self.screen.desk is None:
            self.screen.say(t("act.not_ready"), "warn")
        elif action == "save_view":
            await self._save()
        elif action == "views":
            await self._manage()
        elif action.startswith(OWN):
            self._choose(action)
        else:
            place = int(action.removeprefix("view_own")) - 1
            if place < len(self.saved):
                self._choose(OWN + self.saved[place].id)
            else:
                self.screen.say(t("views.none_here", key=self.screen.bound("save_view")))

    # Conditions in the filter's box

    def reads(self, words: str) -> bool:
        """Whether these words of the filter's box are conditions; then they are listed, or it is said what is wrong."""
        self.stop()
        if self.screen.desk is None or not is_filter(words):
            return False
        screen, model = self.screen, self.screen.model
        try:
            where = self._parse(words)
        except FilterError as error:
            model.misread(words, now=screen.now())
            self._show()
            self._say(explain(error), wrong=True)
        else:
            screen.run_worker(self._filter(words, where), group="filter", exclusive=True)
        return True

    def stop(self) -> None:
        """Other words are typed: what was being looked for is not wanted any more."""
        self._typed = None
        self._say("")
        self.screen.workers.cancel_group(self.screen, "filter")

    async def _filter(self, words: str, where: Where) -> None:
        screen, model = self.screen, self.screen.model
        members = Members(where, me=model.me)
        await model.learn(members)
        model.show_filtered(words, members, now=screen.now())
        self._typed = where
        self._show()
        if not self._hinted:
            self._hinted = True
            self._say(t("views.can_save", key=screen.bound("save_view")))

    def _say(self, text: str, *, wrong: bool = False) -> None:
        """Says something about what is being typed; "" takes back what was said last, if nobody else has said anything since."""
        bar = self.screen.message_bar
        if text or (self._said and bar.text == self._said):
            bar.say(text, "warn" if wrong else "info")
        self._said = bar.text if text else ""

    def _show(self) -> None:
        table = self.screen.query_one(TicketTable)
        table.show_list(keep=False)
        self.screen.show_views()

    # Keeping

    async def _save(self) -> None:
        screen = self.screen
        if len(self.saved) >= MOST:
            screen.say(t("views.too_many", count=MOST), "warn")
            return
        where = self._typed if self._typed is not None else await self._ask_where("")
        name = await self._ask_name("") if where is not None else None
        if where is None or not name or screen.desk is None:
            return
        one = Saved(screen.desk.author.new_id(), name, written(where, self._lang))
        if await self._keep([*self.saved, one]):
            await self._learn(one)
            self._choose(OWN + one.id)
            place = len(self.saved)
            key = screen.bound(f"view_own{place}") if place <= 3 else screen.bound("palette")
            screen.say(t("views.kept", name=line(name), key=key), "done")

    async def _manage(self) -> None:
        from .ask import Choose

        screen = self.screen
        if not self.saved:
            screen.say(t("views.none_here", key=screen.bound("save_view")))
            return
        width = max(screen.size.width - 24, 20)
        listed = [(one.id, cut(f"{one.name}  {one.where}", width)) for one in self.saved]
        chosen = await screen.ask(Choose(t("key.views"), listed))
        one = next((one for one in self.saved if one.id == chosen), None)
        if one is None:
            return
        wishes = [(wish, t(f"views.{wish}")) for wish in ("show", "rename", "change", "first", "delete")]
        wish = await screen.ask(Choose(f"{one.name}  {one.where}", wishes))
        if wish is not None:
            await self._wish(one, str(wish))

    async def _wish(self, one: Saved, wish: str) -> None:
        others = [other for other in self.saved if other.id != one.id]
        after = one
        if wish == "show":
            self._choose(OWN + one.id)
            return
        if wish == "delete":
            if await self._keep(others):
                self.screen.model.forget(OWN + one.id)
                self.screen.commands.choose(self.screen.model.view)
                self.screen.say(t("views.deleted", name=line(one.name)), "done")
                self._name()
            return
        if wish == "first":
            kept = await self._keep([one, *others])
        else:
            if wish == "rename":
                name = await self._ask_name(one.name)
                after = Saved(one.id, name or one.name, one.where)
            else:
                where = await self._ask_where(one.where)
                after = one if where is None else Saved(one.id, one.name, written(where, self._lang))
            kept = after != one and await self._keep([after if old.id == one.id else old for old in self.saved])
        if kept:
            await self._learn(after)
            if wish != "first":
                self._choose(OWN + one.id)

    async def _keep(self, views: Sequence[Saved]) -> bool:
        screen = self.screen
        assert screen.desk is not None
        try:
            await screen.desk.keep_views(views)
        except OkpayError as error:
            screen.acts.failed(error)
            return False
        return True

    async def _ask_where(self, text: str) -> Where | None:
        from .ask import Write

        def wrong(words: str) -> str:
            try:
                self._parse(words)
            except FilterError as error:
                return explain(error)
            return ""

        words = await self.screen.ask(Write(t("views.where"), text=text, about=t("views.grammar"), check=wrong))
        return self._parse(str(words)) if words else None

    async def _ask_name(self, name: str) -> str | None:
        from .ask import Write

        taken = {one.name.casefold() for one in self.saved if one.name != name}
        taken |= {word.casefold() for code in VIEWS for word in (code, *VALUES["view"][code])}

        def wrong(words: str) -> str:
            if len(words) > NAME_LETTERS:
                return t("views.name_long", count=NAME_LETTERS)
            return t("views.name_taken") if words.casefold() in taken else ""

        found = await self.screen.ask(Write(t("views.name"), text=name, check=wrong))
        return str(found) if found else None

    # Showing

    async def _learn(self, one: Saved) -> None:
        model = self.screen.model
        await model.learn(Members(self._parse(one.where), me=model.me), key=OWN + one.id)
        self._name()

    def _choose(self, key: str) -> None:
        if key in self.screen.model.own:
            self.screen.commands.choose(key)
        else:
            broken = next((one for one in self.saved if OWN + one.id == key), None)
            try:
                self._parse(broken.where if broken is not None else "")
            except FilterError as error:
                self.screen.say(explain(error), "warn")

    def _name(self) -> None:
        """The views' bar names them, with their numbers as they are now."""
        self.screen.view_bar.own = [(OWN + one.id, one.name) for one in self.saved]
        self.screen.live.count(at_once=True)

    @property
    def _lang(self) -> Lang:
        return "en" if lang() == "en" else "zh"

    def _parse(self, words: str) -> Where:
        return parse(words, categories=category_names(), lang=self._lang)
