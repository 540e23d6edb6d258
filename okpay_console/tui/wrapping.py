"""The end of a call and of any other contact: hanging up, the wrap-up, and its end by the clock."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from ..content.interface import lang, t
from ..domain import callclock, wrapup
from ..domain.checklist import progress
from ..domain.disposition import WRAPUP_TIMEOUT
from ..domain.ops import AnyOp
from ..domain.ticket import Call, Ticket
from ..errors import StoreError
from . import house
from .failures import explain
from .render import line
from .rows import number_word
from .screens.wrapup import Case, Later, Wrapped, WrapUpDialog

if TYPE_CHECKING:
    from .phone import Mine, Phone
    from .screens.desk import DeskScreen

DRAFTS: Final = ("wrapup", "override")
"""The kinds of draft of a summary and of a reason for missing details."""
WARNING: Final = 15
"""Seconds before the end by the clock in which it is announced; also how long somebody must have stopped typing."""


class Wrapping:
    """After-call work. It ends by the clock ``limit`` seconds after the call, 0 for never, but not while somebody types:
    then once ``WARNING`` seconds have passed since the last key. A wrap-up that the clock ended can be done over.
    """

    def __init__(self, screen: DeskScreen, phone: Phone) -> None:
        self.screen = screen
        self.phone = phone
        self.limit = screen.start.settings.wrapup_seconds
        self.dialog: WrapUpDialog | None = None
        self._ending = ""
        self._warned = ""

    async def begin(self) -> None:
        """F8: ends the call and asks how it ended; without a call, how the contact about the open case did."""
        screen, mine = self.screen, self.phone.mine
        if mine is not None:
            if screen.opened.ticket != mine.ticket:
                screen.show_ticket(mine.ticket)
            screen.say("")
            await self._hang_up(mine)
            self.phone.tick(screen.now(), typing=screen.typing)
            await self._ask(mine.ticket, mine.call.id)
            return
        ticket = screen.opened.target()
        found = screen.acts.ticket(ticket) if ticket else None
        if found is None:
            screen.say(t("act.choose_first"), "warn")
            return
        late = _timed_out(found, screen.model.me)
        if found.status == "closed" and late is None:
            screen.say(t("wrapup.already", number=number_word(found.number)), "warn")
            return
        await self._ask(ticket, late.id if late is not None else "")

    async def _hang_up(self, mine: Mine) -> None:
        """The talk is over at this very moment, whatever becomes of the wrap-up."""
        found = self.screen.acts.ticket(mine.ticket)
        if found is not None and mine.phase in ("talking", "held") and self.screen.desk is not None:
            await self.screen.acts.do(self.screen.desk.author.mark(found, mine.call.id, "ended"))

    async def _ask(self, ticket: str, call: str) -> None:
        screen = self.screen
        found = screen.acts.ticket(ticket)
        desk = screen.desk
        if found is None or desk is None:
            return
        title = {"words": ""}

        async def finish(wrapped: Wrapped) -> str:
            error = await screen.acts.attempt_all(
                self._ops(screen.acts.now(found), call, wrapped), draft=DRAFTS[0], draft_of=ticket
            )
            title["words"] = house.disposition_title(wrapped.disposition)
            return explain(error) if error is not None else ""

        jotter = screen.acts.jotter
        self.dialog = WrapUpDialog(
            self._case(found, callclock.find(found.calls, call)),
            finish=finish,
            now=desk.author.now,
            slips=(jotter.slip(ticket, DRAFTS[0]), jotter.slip(ticket, DRAFTS[1])),
            abusive=(lambda: self._abusive(ticket, call)) if call else None,
        )
        drafted = self.dialog.case.summary
        try:
            answer = await screen.ask(self.dialog)
        finally:
            self.dialog = None
        if jotter.read(ticket, DRAFTS[0]) == drafted:
            # Nobody wrote that: the next draft knows more.
            jotter.forget(ticket, DRAFTS[0])
        if isinstance(answer, Wrapped):
            await self._done(ticket, answer, title["words"])
        elif isinstance(answer, Later) and answer.expired:
            await self._time_out(ticket, call, answer.summary)
        else:
            await jotter.keep()
            if isinstance(answer, Later):
                screen.opened.ask_next()
            elif call:
                number = number_word(found.number)
                screen.say(t("call.wrapup_waits", number=number, key=screen.bound("wrapup")), "warn")

    async def _abusive(self, ticket: str, call: str) -> str:
        from . import abuse

        found = self.screen.acts.ticket(ticket)
        known = callclock.find(found.calls, call) if found is not None else None
        return (await abuse.turn(self.screen, ticket, known)).words if known is not None else ""

    def _case(self, found: Ticket, call: Call | None) -> Case:
        listed = house.checklist(found.category)
        missing = progress(listed, found.answers, found.channel).missing if listed is not None else ()
        kept = self.screen.acts.jotter.read(found.id, DRAFTS[0])
        return Case(
            number=number_word(found.number),
            subject=line(found.subject),
            missing=missing,
            usual=house.usual_disposition(found.category),
            promised=any(one.state == "open" for one in found.promises),
            summary=kept or self._draft(found, call),
        )

    def _draft(self, found: Ticket, call: Call | None) -> str:
        desk = self.screen.desk
        # Only what was walked through is looked up: the knowledge base need not be here for the rest.
        answers = desk.answers() if desk is not None and found.steps else ()
        titles = {answer.id: answer.title for answer in answers if answer.lang == lang()}
        title = house.category_title(found.category) if found.category else ""
        drafted = wrapup.summary(
            found,
            call=call,
            labels=house.field_label,
            steps=lambda answer, numbers: t(
                "call.steps", title=titles.get(answer, answer), numbers=t("list.comma").join(numbers)
            ),
            title="" if title == found.subject else title,
            shown=house.value_words,
        )
        return line(drafted.replace("\n", "; "))

    def _ops(self, found: Ticket, call: str, wrapped: Wrapped) -> list[AnyOp]:
        """Everything that the end of the contact brings about, to be done in one go."""
        desk = self.screen.desk
        assert desk is not None
        author = desk.author
        text = t("promise.usual")
        ops: list[AnyOp] = []
        if wrapped.due is not None and house.dispositions_terms()[wrapped.disposition].needs == "promise":
            ops.append(author.promise(found, text, wrapped.due))
        op = author.wrapup(found, wrapped.disposition, call=call, summary=wrapped.summary, override=wrapped.override)
        subject = f"{house.disposition_title(wrapped.disposition)}: {found.subject}"
        return [*ops, op, *wrapup.sequel(found, op, author, subject=subject, text=text, due=wrapped.due)]

    async def _done(self, ticket: str, wrapped: Wrapped, title: str) -> None:
        screen = self.screen
        screen.acts.jotter.forget(ticket, DRAFTS[0])
        screen.acts.jotter.forget(ticket, DRAFTS[1])
        await screen.acts.jotter.keep()
        found = screen.acts.ticket(ticket)
        if found is None:
            return
        after = t(f"wrapup.{found.status if found.status in ('closed', 'pending') else 'open'}")
        said = t(
            "wrapup.done",
            number=number_word(found.number), title=title, after=after,
            call=screen.bound("call"), next=screen.bound("next"),
        )  # fmt: skip
        follows = " " + t("wrapup.callback") if wrapped.disposition == "CALL_DROPPED" else ""
        screen.say(said + follows, "done")

    # The clock

    def tick(self, mine: Mine | None, now: datetime) -> None:
        """A second went by: says that the end is near, or ends the wrap-up."""
        if mine is None or mine.phase != "wrapup" or not self.limit:
            return
        due = self._due(mine.call)
        if self.dialog is not None and self.dialog.typed_at is not None:
            due = max(due, self.dialog.typed_at + timedelta(seconds=WARNING))
        left = (due - now).total_seconds()
        if left <= 0 and self._ending != mine.call.id:
            self._ending = mine.call.id
            if self.dialog is not None:
                self.dialog.expire()
            else:
                kept = self.screen.acts.jotter.read(mine.ticket, DRAFTS[0])
                self.screen.run_worker(self._time_out(mine.ticket, mine.call.id, kept), group="acts")
        elif 0 < left <= WARNING and self._warned != mine.call.id:
            self._warned = mine.call.id
            words = t("wrapup.soon", seconds=WARNING)
            if self.dialog is not None and self.dialog.is_mounted:
                self.dialog.say(words)
            self.screen.say(words, "warn")
        elif left > WARNING:
            self._warned = ""

    def _due(self, call: Call) -> datetime:
        ended = callclock.since(call, "ended") or callclock.since(call)
        assert ended is not None
        return ended + timedelta(seconds=self.limit)

    async def _time_out(self, ticket: str, call: str, summary: str) -> None:
        """The contact ends by the clock: with the words written so far, and with the moment in which it was due."""
        screen, desk = self.screen, self.screen.desk
        found = screen.acts.ticket(ticket)
        known = callclock.find(found.calls, call) if found is not None else None
        if found is None or known is None or desk is None:
            return
        moment = max(min(self._due(known), desk.author.now()), known.marks[-1].at)
        ops = (
            desk.author.mark(found, call, "wrapped", moment=moment),
            desk.author.wrapup(found, WRAPUP_TIMEOUT, call=call, summary=summary.strip() or self._draft(found, known)),
        )
        words = t("wrapup.timed_out", number=number_word(found.number), key=screen.bound("wrapup"))
        error = await screen.acts.attempt_all(ops)
        if error is None:
            screen.say(words, "warn")
            return
        screen.acts.failed(error)
        if isinstance(error, StoreError):
            # What the disk did not take is tried again at the next tick; what was refused is the agent's to end.
            self._ending = ""


def _timed_out(found: Ticket, me: str) -> Call | None:
    """The agent's last call about the ticket where only the clock has ended its wrap-up."""
    last = next((call for call in reversed(found.calls) if call.agent == me), None)
    return last if last is not None and last.code == WRAPUP_TIMEOUT else None
