"""The parts of a desk screen that the first frame does not need: each is loaded and made when it is first used."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from ..acts import Acts
    from ..alarms import Alarms
    from ..notices import Notices
    from ..phone import Phone
    from ..shift import Shift
    from .beside import Answers
    from .commands import Commands
    from .desk import DeskScreen
    from .hearing import Hearing
    from .live import Live
    from .opened import OpenCase
    from .ownviews import OwnViews


class DeskParts:
    """``live``: changes and time; ``commands``: keys; ``hearing``: what panes wish; ``opened``: the case; ``own``: own views;
    ``phone``: calls; ``shift``: the agent's own state; ``notices``: what leads and alarms tell; ``alarms``: promises that are due.
    """

    @property
    def _desk_screen(self) -> DeskScreen:
        return cast("DeskScreen", self)

    @cached_property
    def live(self) -> Live:
        from .live import Live

        return Live(self._desk_screen)

    @cached_property
    def commands(self) -> Commands:
        from .commands import Commands

        return Commands(self._desk_screen)

    @cached_property
    def hearing(self) -> Hearing:
        from .hearing import Hearing

        return Hearing(self._desk_screen)

    @cached_property
    def answers(self) -> Answers:
        from .beside import Answers

        return Answers(self._desk_screen)

    @cached_property
    def own(self) -> OwnViews:
        from .ownviews import OwnViews

        return OwnViews(self._desk_screen)

    @cached_property
    def phone(self) -> Phone:
        from ..phone import Phone

        return Phone(self._desk_screen)

    @cached_property
    def shift(self) -> Shift:
        from ..shift import Shift

        return Shift(self._desk_screen)

    @cached_property
    def notices(self) -> Notices:
        from ..notices import Notices

        return Notices(self._desk_screen)

    @cached_property
    def alarms(self) -> Alarms:
        from ..alarms import Alarms

        return Alarms(self._desk_screen)

    @cached_property
    def acts(self) -> Acts:
        from ..acts import Acts

        return Acts(self._desk_screen)

    @cached_property
    def opened(self) -> OpenCase:
        from .opened import OpenCase

        desk = self._desk_screen.desk
        assert desk is not None
        return OpenCase(self._desk_screen, desk)
