"""The agent's call: which one it is, who else rings, its clocks in the status line, and the keys F5, F6 and F8."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final, NamedTuple

from ..content.interface import t
from ..domain import callclock
from ..domain.queue import Row
from ..domain.ticket import Call, CallEvent
from ..errors import Held, Offline, OkpayError
from .panes.calling import CallCell, call_words
from .rows import number_word

if TYPE_CHECKING:
    from .desk_model import Desk
    from .screens.desk import DeskScreen

RINGS: Final = timedelta(minutes=15)
"""Nobody rings longer: whoever does has hung up, and the word of it was lost."""


class Mine(NamedTuple):
    """The agent's own call and the ticket that it is about."""

    ticket: str
    call: Call

    @property
    def phase(self) -> callclock.Phase:
        return callclock.phase(self.call)


class Ring(NamedTuple):
    """A caller who waits, and since when."""

    row: Row
    call: Call
    since: datetime


class Phone:
    """One agent has one call at a time. What it is, is read from the tickets, so it is there again after a crash.

    ``notice`` is told of every row that changed and keeps those whose calls still go on; nobody is looked for among all
    tickets later. While the agent talks, nobody else's ringing is shown.
    """

    def __init__(self, screen: DeskScreen) -> None:
        from .wrapping import Wrapping

        self.screen = screen
        self.cell = CallCell(id="call")
        self.wrapping = Wrapping(screen, self)
        self._going: dict[str, Row] = {}

    # What is known

    def notice(self, ticket: str, row: Row | None) -> None:
        """A ticket is as ``row`` says from now on, None for gone."""
        if row is not None and row.calls and any(callclock.phase(call) != "done" for call in row.calls):
            self._going[ticket] = row
        else:
            self._going.pop(ticket, None)

    @property
    def mine(self) -> Mine | None:
        """The call that the agent has: one that goes on before one whose wrap-up is not done."""
        me = self.screen.model.me
        found = [
            Mine(ticket, call) for ticket, row in self._going.items() if (call := callclock.live(row, me)) is not None
        ]
        return min(found, key=lambda mine: (mine.phase == "wrapup", mine.ticket), default=None)

    def rings(self, now: datetime) -> list[Ring]:
        """The callers whom anybody may answer, the longest waiting first."""
        found = []
        for row in self._going.values():
            call = callclock.ringing(row) if row.assignee is None and row.status != "closed" else None
            since = callclock.since(call, "offered") if call is not None else None
            if call is not None and since is not None and now - since < RINGS:
                found.append(Ring(row, call, since))
        return sorted(found, key=lambda ring: ring.since)

    # Time

    async def begin(self) -> None:
        """The console has opened: a call that goes on is in front again, and a wrap-up whose time is over ends."""
        from . import newcase

        screen, mine = self.screen, self.mine
        begun = newcase.unfinished(screen.acts)
        if mine is not None:
            screen.show_ticket(mine.ticket)
            word = "call.wrapup_waits" if mine.phase == "wrapup" else "call.resuming"
            screen.say(t(word, number=self._number(mine.ticket), key=screen.bound("wrapup")), "warn")
        elif begun is not None and begun.at is not None:
            screen.say(t("opening.unfinished", key=screen.bound("call")), "warn")
        self.tick(screen.now(), typing=screen.typing)

    def tick(self, now: datetime, *, typing: bool) -> None:
        """A second went by: the clocks go on, in their own cells."""
        mine = self.mine
        self.wrapping.tick(mine, now)
        online = self.screen.desk is not None and self.screen.desk.status().state == "online"
        words, role = call_words(
            mine.call if mine is not None else None,
            self.rings(now) if online and self.screen.shift.hears else (),
            now=now,
            typing=typing,
            limit=self.wrapping.limit,
            narrow=self.screen.has_class("-narrow") or self.screen.has_class("-tiny"),
            unwritten=self.unwritten(),
            key=self.screen.bound("call"),
        )
        self.cell.show(words, role)

    def unwritten(self) -> datetime | None:
        """When a call was answered that has no case yet, None for none."""
        from . import newcase

        begun = newcase.unfinished(self.screen.acts)
        return begun.at if begun is not None else None

    # Keys

    async def run(self, action: str) -> None:
        """One of the keys call, new, hold, mute and wrapup."""
        match action:
            case "call":
                await self.answer()
            case "new":
                mine = self.mine
                # A second matter of the caller who is on the line is no second call.
                await self._new(None if mine is not None and mine.phase != "wrapup" else self._now())
            case "hold":
                await self._turn("held", "resumed", said=("call.on_hold", "call.resumed"))
            case "mute":
                await self._turn("muted", "unmuted", said=("call.mute_on", "call.mute_off"))
            case _:
                await self.wrapping.begin()
        self.tick(self.screen.now(), typing=self.screen.typing)
        self.screen.shift.tick(self.screen.now(), typing=self.screen.typing)

    async def answer(self) -> None:
        """F5: the caller who has waited longest, or a form for one whom no telephony announces.

        A call of the agent's own goes first: nobody takes a second one, and a wrap-up is done before the next caller.
        """
        pressed, mine = self._now(), self.mine
        screen, desk = self.screen, self._desk()
        if mine is not None and mine.phase == "wrapup":
            await self.wrapping.begin()
        elif mine is not None:
            screen.say(t("call.busy", number=self._number(mine.ticket), key=screen.bound("wrapup")), "warn")
        elif self.unwritten() is not None or not (rings := self.rings(pressed)):
            await self._new(pressed)
        elif desk.status().state != "online" or not await self._take(rings, pressed):
            await self._new(pressed, note=t("opening.offline_ring"))

    async def _take(self, rings: Sequence[Ring], pressed: datetime) -> bool:
        """Asks the server for the callers in turn; False where it cannot be asked."""
        screen, desk = self.screen, self._desk()
        screen.say(t("call.taking") + screen.shift.ending)
        held = ""
        for ring in rings:
            ticket = ring.row.id
            try:
                await desk.claim(ticket)
            except Held as error:
                held = error.by or held
                continue
            except Offline:
                return False
            except OkpayError as error:
                screen.acts.failed(error)
                return True
            found = desk.view(ticket).ticket
            call = callclock.find(found.calls, ring.call.id) if found is not None else None
            screen.settled(ticket)
            screen.show_ticket(ticket)
            if found is None or call is None or callclock.phase(call) != "ringing":
                screen.say(t("call.given_up"), "warn")
                return True
            op = desk.author.mark(found, call.id, "answered", moment=max(pressed, ring.since))
            if await screen.acts.do(op):
                from .prefill import prefill, words

                said = t("call.taken", number=number_word(found.number))
                screen.say(words(said, await prefill(screen.acts, ticket)), "done")
            return True
        screen.say(t("call.gone", who=held) if held else t("call.given_up"), "warn")
        return True

    async def _new(self, at: datetime | None, *, note: str = "") -> None:
        from . import newcase

        await newcase.new(self.screen.acts, at=at, note=note)

    async def _turn(self, on: CallEvent, off: CallEvent, *, said: tuple[str, str]) -> None:
        """Holds or mutes the call, or takes that back."""
        screen, mine = self.screen, self.mine
        found = screen.acts.ticket(mine.ticket) if mine is not None and mine.phase != "wrapup" else None
        if mine is None or found is None:
            screen.say(t("call.no_call"), "warn")
            return
        standing = mine.phase == "held" if on == "held" else callclock.muted(mine.call)
        op = self._desk().author.mark(found, mine.call.id, off if standing else on)
        words = said[standing]
        key = screen.bound("hold")
        await screen.acts.do(op, said=t(words, key=key) if words == "call.on_hold" else t(words))

    def _desk(self) -> Desk:
        assert self.screen.desk is not None
        return self.screen.desk

    def _now(self) -> datetime:
        return self._desk().author.now()

    def _number(self, ticket: str) -> str:
        row = self._going.get(ticket)
        return number_word(row.number) if row is not None else ""
