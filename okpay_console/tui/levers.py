"""What a supervisor does from a list behind a number: one change for many tickets, a note to their agent, a word to a queue."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from ..content.interface import has, lang, t
from ..domain import bulk
from ..domain.daybook import WORDS
from ..domain.ticket import PRIORITIES
from ..errors import NeedsReview, OkpayError, Refused
from .acts import Acts
from .desk_model import Desk
from .handing import colleagues, queue_words, queues
from .render import line
from .rows import number_word
from .screens.ask import Choose, Write
from .undoing import Deed

SLICE: Final = 25
"""Tickets judged at one go: about four milliseconds, which no key press notices."""
_NAMED: Final = 3
_OTHER: Final = "+"
_DO, _LEAVE = "do", "leave"


class Sent:
    """The last bulk change on its way: which of its operations the server has taken, has yet to judge, or did not take."""

    def __init__(self, plan: bulk.Plan) -> None:
        self.change = plan.change
        self.of: dict[str, str] = {op.uuid: op.ticket for op in plan.operations}

    def states(self, desk: Desk) -> tuple[int, int, int]:
        """(confirmed, still to be judged, refused)."""
        refused = sum(review.uuid in self.of for review in desk.reviews())
        waits = desk.pending_ids()
        tickets = [ticket for ticket in dict.fromkeys(self.of.values()) if ticket in waits]
        waiting = sum(op.uuid in self.of for ticket in tickets for op in desk.ops(ticket))
        return len(self.of) - refused - waiting, waiting, refused

    def words(self, desk: Desk, *, tray: str) -> str:
        """What has become of it so far, in a line."""
        done, waiting, refused = self.states(desk)
        parts = [t("lever.sent", what=change_words(self.change), count=done)]
        parts += [t("lever.sent_waiting", count=waiting)] if waiting else []
        parts += [t("lever.sent_refused", count=refused, key=tray)] if refused else []
        return "  ".join(parts)


class Levers:
    """The levers of one screen; ``acts`` are its acts. None of them raises: a failure is said, and the words stay kept."""

    def __init__(self, acts: Acts) -> None:
        self.acts = acts
        self.sent: Sent | None = None

    # One change for many

    async def change_all(self, lever: bulk.Lever, tickets: Sequence[str]) -> tuple[str, ...]:
        """Asks for the value, shows what would change and what not, and does it; the tickets that were changed."""
        desk, floor = self.acts.floor.desk, self.acts.floor
        if desk is None:
            return ()
        if bulk.barred(desk.role, lever):
            floor.say(t(f"lever.no_{lever}"), "warn")
            return ()
        if not tickets:
            floor.say(t("act.choose_first"), "warn")
            return ()
        value = await self._value(desk, lever, tickets)
        if not value:
            return ()
        change = bulk.Change(lever, value)
        plan = await planned(desk, change, tickets)
        if not plan.doing:
            floor.say(f"{t('lever.none', what=change_words(change))} {reasons_words(desk, plan)}", "warn")
            return ()
        options = [(_DO, t("lever.do", count=len(plan.doing))), (_LEAVE, t("lever.leave"))]
        if await floor.ask(Choose(preview_words(desk, plan), options)) != _DO:
            return ()
        return await self._carry_out(desk, change, tickets)

    async def _carry_out(self, desk: Desk, change: bulk.Change, tickets: Sequence[str]) -> tuple[str, ...]:
        # Judged anew: the question may have stood for a while. Once more where a ticket moved between judging and writing.
        for last in (False, True):
            plan = await planned(desk, change, tickets)
            if not plan.doing:
                break
            try:
                await desk.do_all(plan.operations)
            except (Refused, NeedsReview) as error:
                if last:
                    self.acts.failed(error)
                    return ()
                continue
            except OkpayError as error:
                self.acts.failed(error)
                return ()
            self.acts.deeds.done(Deed(tuple((one.before, one.op) for one in plan.doing), apart=True))
            self.sent = Sent(plan)
            said = t("lever.done", what=change_words(change), count=len(plan.doing))
            if plan.staying:
                said += "  " + reasons_words(desk, plan)
            self.acts.floor.say(said, "done" if plan.reasons.keys() <= {"same"} else "warn")
            return tuple(op.ticket for op in plan.operations)
        self.acts.floor.say(f"{t('lever.none', what=change_words(change))} {reasons_words(desk, plan)}", "warn")
        return ()

    async def _value(self, desk: Desk, lever: bulk.Lever, tickets: Sequence[str]) -> str:
        title = t(f"lever.title_{lever}", count=len(tickets))
        if lever == "priority":
            levels = [(level, t(f"priority.{level}")) for level in PRIORITIES]
            return _word(await self.acts.floor.ask(Choose(title, levels)))
        if lever == "assign":
            options = [(f"={name}", line(name)) for name in (*colleagues(desk), desk.me)]
        else:
            options = [(f"={name}", queue_words(name)) for name in queues(self.acts)]
        chosen = _word(await self.acts.floor.ask(Choose(title, [*options, (_OTHER, t("dialog.other_name"))])))
        if chosen == _OTHER:
            return _word(await self.acts.floor.ask(Write(title)))
        return chosen[1:]

    # Words

    async def note(self, agent: str, ticket: str) -> None:
        """A private note to an agent, about a ticket where one is named."""
        if not agent:
            self.acts.floor.say(t("lever.nobody"), "warn")
            return
        row = self.acts.floor.desk.rows().get(ticket) if self.acts.floor.desk is not None else None
        about = t("lever.about", number=number_word(row.number)) if row is not None else ""
        title = t("lever.title_note", who=line(agent))
        await self._tell(title, about, ticket, f"notice:{agent}", about_agent=agent)

    async def broadcast(self, queue: str = "") -> None:
        """A word to everybody who works in a queue; ``queue`` is the one that is offered first."""
        if self._may_not():
            return
        listed = sorted(queues(self.acts), key=lambda name: (name != queue, name))
        options = [*((f"={name}", queue_words(name)) for name in listed), ("=*", t("lever.everybody"))]
        chosen = _word(await self.acts.floor.ask(Choose(t("lever.title_broadcast"), options)))
        if chosen:
            name = chosen[1:]
            who = t("lever.everybody") if name == "*" else queue_words(name)
            await self._tell(t("lever.title_to_queue", name=who), "", "", f"notice:@{name}", queue=name)

    def _may_not(self) -> bool:
        """Says so where the role sends no notices."""
        desk = self.acts.floor.desk
        barred = desk is not None and bool(desk.role) and desk.role not in ("supervisor", "admin")
        if barred:
            self.acts.floor.say(t("lever.no_notice"), "warn")
        return barred

    async def _tell(
        self, title: str, about: str, ticket: str, draft: str, *, about_agent: str = "", queue: str = ""
    ) -> None:
        desk, floor = self.acts.floor.desk, self.acts.floor
        if desk is None or self._may_not():
            return
        slip = self.acts.jotter.slip(ticket, draft)
        words = await floor.ask(
            Write(title, about=about, slip=slip, check=lambda text: t("lever.too_long") if len(text) > WORDS else "")
        )
        # On the disk before it is tried: a refusal must not cost what was written.
        await slip.keep()
        if not isinstance(words, str):
            return
        try:
            await desk.tell("notice", about=about_agent, queue=queue, ticket=ticket, words=words)
        except OkpayError as error:
            self.acts.failed(error)
            return
        slip.forget()
        await slip.keep()
        online = desk.status().state == "online"
        floor.say(t("lever.told" if online else "lever.told_later"), "done")


async def planned(desk: Desk, change: bulk.Change, tickets: Iterable[str]) -> bulk.Plan:
    """Judges every ticket as it is seen, in slices that leave the event loop free."""
    judged: list[bulk.Doing | bulk.Stays] = []
    for place, ticket in enumerate(dict.fromkeys(tickets), 1):
        judged.append(bulk.one(ticket, desk.view(ticket).ticket, change, author=desk.author, role=desk.role))
        if place % SLICE == 0:
            await asyncio.sleep(0)
    return bulk.plan(change, judged)


def preview_words(desk: Desk, plan: bulk.Plan) -> str:
    """What would be done and what not, and why, before anything is done."""
    words = t("lever.preview", what=change_words(plan.change), count=len(plan.doing))
    return "\n".join([words, *(_reason(desk, plan, why, number) for why, number in plan.reasons.items())])


def reasons_words(desk: Desk, plan: bulk.Plan) -> str:
    """Why tickets stay as they are, in a line."""
    return "  ".join(_reason(desk, plan, why, number) for why, number in plan.reasons.items())


def _reason(desk: Desk, plan: bulk.Plan, why: str, count: int) -> str:
    rows = desk.rows()
    named: list[str] = []
    for one in plan.staying:
        if one.why == why and one.ticket in rows and len(named) < _NAMED:
            named.append(f"#{number_word(rows[one.ticket].number)}" + (f"({line(one.who)})" if one.who else ""))
    more = ".." if count > len(named) else ""
    word = t(f"lever.why_{why.replace('-', '_')}") if has(f"lever.why_{why.replace('-', '_')}") else _sentence(why)
    return f"{t('lever.stays', why=word, count=count)} {' '.join(named)}{more}".rstrip()


def _sentence(code: str) -> str:
    from ..content import errors

    return errors.of_code(code, lang=lang()) or code


def change_words(change: bulk.Change) -> str:
    """The change in a few words."""
    value: Mapping[str, str] = {
        "assign": line(change.value),
        "priority": t(f"priority.{change.value}") if has(f"priority.{change.value}") else line(change.value),
        "queue": queue_words(change.value),
    }
    return t(f"lever.what_{change.lever}", value=value[change.lever])


def _word(answer: object) -> str:
    return answer if isinstance(answer, str) else ""
