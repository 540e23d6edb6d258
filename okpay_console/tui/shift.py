"""The agent's own state on the desk: chosen by F10 and F11, said in the status line, begun and ended by what he does."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from ..content.interface import has, t
from ..domain import promises
from ..errors import OkpayError
from .duty import CHOICES, MINUTE, Duty, allowance, duty, minutes_taken
from .panes.calling import STEP, clock
from .screens.ask import Choose
from .screens.onduty import OnDuty

if TYPE_CHECKING:
    from ..domain.daybook import Line
    from .screens.desk import DeskScreen

AGAIN: Final = timedelta(seconds=10)
"""What is told without a key and could not be kept is tried again after so long."""


class Shift:
    """What he is at is read from the daybook, so it is there again after a crash. Nothing here moves the focus by itself.

    What is asked for during a call begins once its wrap-up is done; a caller whom he takes ends a break.
    """

    def __init__(self, screen: DeskScreen) -> None:
        self.screen = screen
        self.allowed = allowance(screen.start.settings.care)
        self.duty = Duty()
        self.wanted: Duty | None = None
        self.taken = 0
        self._lines: Sequence[Line] = ()
        self._following = False
        self._not_before: datetime | None = None

    @property
    def hears(self) -> bool:
        """Whether callers who ring are announced to him."""
        return not self.duty.away and self.wanted is None

    @property
    def ending(self) -> str:
        """What taking a caller ends, in words behind another sentence; "" where it ends nothing."""
        return t("shift.ends", word=_word(self.duty)) if self.duty.away else ""

    # Time

    def tick(self, now: datetime, *, typing: bool) -> None:
        """A second went by, or something happened: reads what is new and does what is due."""
        desk = self.screen.desk
        if desk is None:
            return
        lines = desk.daybook()
        if lines is not self._lines:
            self._lines = lines
            self.duty, self.taken = duty(lines, desk.me), minutes_taken(lines, desk.me)
        words = self.words(now, step=STEP if typing else 1)
        if words != self.screen.status_line.duty:
            self.screen.status_line.duty = words
            self.screen.show_status()
        if self._due(now) is not None and not self._following and (self._not_before is None or now >= self._not_before):
            self._following = True
            self.screen.run_worker(self._follow(), group="shift")

    def words(self, now: datetime, *, step: int = 1) -> tuple[str, bool]:
        """The state in words, and whether it goes on longer than planned; a working state has no clock to hurry by."""
        if self.wanted is not None:
            return t("shift.wanted", word=_word(self.wanted)), False
        found = self.duty
        if not found.what or (not found.away and self._busy()):
            return "", False
        if found.what == "available" or found.since is None:
            return _word(found), False
        gone = clock((now - found.since).total_seconds(), step=step)
        if found.what == "offline" or found.until is None:
            return (_word(found) if found.what == "offline" else t("shift.since", word=_word(found), clock=gone)), False
        planned = _planned(found.until - found.since)
        over = found.over(now)
        words = "shift.over" if over else "shift.planned"
        return t(words, word=_word(found), clock=gone, planned=planned), over

    def _due(self, now: datetime) -> Duty | None:
        """The state that is to be told without a key."""
        if self.duty.away and self._talks():
            return Duty("available")
        if self._busy():
            return None
        if self.wanted is not None:
            return self.wanted
        if self.duty.reason == MINUTE and self.duty.what == "break" and self.duty.over(now):
            return Duty("available")
        return None

    async def _follow(self) -> None:
        screen, former = self.screen, self.duty
        try:
            due = self._due(screen.now())
            if due is None:
                return
            if due.what != "available":
                self.wanted = None
                await self._begin(due)
            elif await self.tell("available"):
                # Behind what was said of the call, which is what he reads now.
                ended = t("shift.ended", word=_word(former))
                said = f"{screen.message_bar.text} {ended}".strip()
                screen.say(said if self._talks() else t("shift.minute_over"), "done")
        finally:
            self._following = False

    def _talks(self) -> bool:
        """Whether a caller is on the line, with a case or before there is one."""
        mine = self.screen.phone.mine
        return mine.phase != "wrapup" if mine is not None else self.screen.phone.unwritten() is not None

    def _busy(self) -> bool:
        return self.screen.phone.mine is not None or self._talks()

    # Keys

    async def choose(self) -> None:
        """F10: what can be chosen, each with its digit; F10 once more is a minute."""
        screen = self.screen
        options = [(f"{what}:{reason}", self._option(what, reason)) for what, reason in CHOICES]
        words, _ = self.words(screen.now())
        chosen = await screen.ask(OnDuty(words, options))
        if not isinstance(chosen, str):
            return
        what, _, reason = chosen.partition(":")
        if reason == MINUTE:
            await self.minute()
        elif what == "available":
            await self._return()
        elif what != "offline" or await self._leaves():
            await self._ask_for(Duty(what, reason))

    async def minute(self) -> None:
        """F11: no caller for a while, as far as the house allows it."""
        screen, allowed = self.screen, self.allowed
        now = screen.now()
        left = allowed.minutes_per_shift - self.taken
        waiting = len(screen.phone.rings(now))
        if self.duty.away and not self._busy():
            screen.say(t("shift.away_already", word=_word(self.duty)))
        elif left <= 0:
            screen.say(t("shift.no_more", count=allowed.minutes_per_shift, key=screen.bound("shift")), "warn")
        elif allowed.minute_waiting and waiting >= allowed.minute_waiting:
            screen.say(t("shift.too_many", count=waiting, key=screen.bound("minute")), "warn")
        else:
            await self._ask_for(Duty("break", MINUTE))

    def _option(self, what: str, reason: str) -> str:
        word = _word(Duty(what, reason))
        planned = self.allowed.planned(what, reason)
        if planned is None:
            return word
        if reason == MINUTE:
            left = max(self.allowed.minutes_per_shift - self.taken, 0)
            return t("shift.minute_option", word=word, length=_length(planned), left=left)
        return t("shift.option", word=word, length=_length(planned))

    async def _return(self) -> None:
        was, self.wanted = self.wanted, None
        if self.duty.what == "available":
            self.screen.say(t("shift.taken_back", word=_word(was)) if was is not None else t("shift.available_already"))
        elif await self.tell("available"):
            self.screen.say(t("shift.available_now"), "done")

    async def _ask_for(self, chosen: Duty) -> None:
        """Begins a state now, or says that it begins after the call."""
        if self._busy():
            self.wanted = chosen
            self.screen.say(t("shift.after_call", word=_word(chosen), key=self.screen.bound("shift")))
            self.tick(self.screen.now(), typing=self.screen.typing)
        else:
            self.wanted = None
            await self._begin(chosen)

    async def _begin(self, chosen: Duty) -> None:
        screen = self.screen
        planned = self.allowed.planned(chosen.what, chosen.reason)
        until = screen.now() + planned if planned is not None else None
        if not await self.tell(chosen.what, reason=chosen.reason, until=until):
            return
        if chosen.what == "offline":
            screen.say(t("shift.left"), "done")
        elif planned is None:
            screen.say(t("shift.begun", word=_word(chosen), key=screen.bound("shift")), "done")
        else:
            words = "shift.minute_begun" if chosen.reason == MINUTE else "shift.begun_for"
            screen.say(t(words, word=_word(chosen), length=_length(planned), key=screen.bound("shift")), "done")

    async def _leaves(self) -> bool:
        """Asks whether he leaves with what is not done yet; True at once where nothing is left."""
        left = self.left()
        if not left:
            return True
        options = [("stay", t("shift.stay")), ("leave", t("shift.leave"))]
        title = t("shift.left_over", what=t("list.comma").join(left))
        chosen: object = await self.screen.ask(Choose(title, options))
        return chosen == "leave"

    def left(self) -> list[str]:
        """What the agent still has in hand, in words."""
        screen, desk = self.screen, self.screen.desk
        assert desk is not None
        held = sum(row.assignee == desk.me and row.status != "closed" for row in desk.rows().values())
        owed = promises.open_promises(screen.model.promising(), keeper=desk.me)
        status = desk.status()
        counts = {"held": held, "owed": len(owed), "unsent": status.pending, "reviews": status.reviews}
        return [t(f"shift.left_{name}", count=count) for name, count in counts.items() if count]

    async def tell(self, what: str, *, reason: str = "", until: datetime | None = None) -> bool:
        """Puts the state into the daybook; False, and said, where it cannot be."""
        screen = self.screen
        assert screen.desk is not None
        try:
            await screen.desk.tell("state", what=what, reason=reason, until=until)
        except OkpayError as error:
            screen.acts.failed(error)
            self._not_before = screen.now() + AGAIN
            return False
        now = screen.now()
        self.tick(now, typing=screen.typing)
        screen.phone.tick(now, typing=screen.typing)
        screen.show_status()
        return True


def _word(state: Duty) -> str:
    key = f"duty.{state.word}"
    return t(key) if has(key) else t(f"duty.{state.what}")


def _planned(length: timedelta) -> str:
    """Behind a clock: whole minutes as a number, others as a clock: ``15``, ``01:30``."""
    seconds = round(length.total_seconds())
    return str(seconds // 60) if seconds % 60 == 0 else clock(seconds)


def _length(planned: timedelta) -> str:
    """In a sentence: minutes where they are whole, else seconds."""
    seconds = round(planned.total_seconds())
    return t("shift.seconds", count=seconds) if seconds % 60 else t("shift.minutes", count=seconds // 60)
