"""What people do at their consoles, and what the world was promised by it."""

from __future__ import annotations

import contextlib
from datetime import timedelta
from typing import TYPE_CHECKING

from okpay_console import errors
from okpay_console.domain import callclock, ops
from okpay_console.domain.author import Author
from okpay_console.domain.ticket import Ticket

from .console import Console
from .faults import SHUT, Killed, Wrong

if TYPE_CHECKING:
    from .world import World


async def do(world: World, console: Console) -> None:
    op = _operation(world, console)
    await _promise(world, console, [op])


async def make(world: World, console: Console) -> None:
    """A first contact."""
    await _promise(world, console, [console.author.new(subject="测试", channel="chat", text="你好")])


async def do_all(world: World, console: Console) -> None:
    """Several operations at once, over one ticket that they make, or over two that are there."""
    author, rng = console.author, world.rng
    rows = sorted(console.engine.rows())
    chosen = [console.engine.view(one).ticket for one in rng.sample(rows, min(2, len(rows)))]
    two = [one for one in chosen if one is not None]
    wanted: list[ops.AnyOp]
    if len(two) < 2 or rng.random() < 0.5:
        new = author.new(subject="测试", channel="hotline", text="你好")
        made = ops.apply(None, new, new.at)
        call = world.new_id()
        wanted = [new, author.mark(made, call, "offered"), author.mark(made, call, "answered")]
    elif rng.random() < 0.4:
        wanted = [author.merge(two[0], two[1].id), author.link(two[1], two[0].id, kind="merged")]
    else:
        wanted = [author.note(two[0], world.words("note")), author.chase(two[1], text=world.words("chase"))]
    await _promise(world, console, wanted)


async def witness(world: World, console: Console) -> None:
    op = console.author.witness("secret-refused", kind="card", place=world.new_id())
    world.witnessed[op.uuid] = op.place
    await _promise(world, console, [op])


async def poison(world: World, console: Console) -> None:
    """A note that the server can never take, with others behind it in the same log."""
    rows = sorted(console.engine.rows())
    shown = console.engine.view(world.rng.choice(rows)).ticket if rows else None
    if shown is None:
        return
    op = console.author.note(shown, world.words("note"))
    world.poison[op.uuid] = world.rng.choice(("name", "args", "id", "whole"))
    await _promise(world, console, [op])


async def _promise(world: World, console: Console, wanted: list[ops.AnyOp]) -> None:
    """Only what ``do`` returned from was promised; a kill before that may have kept it or not, but never a part of it."""
    try:
        await console.engine.do_all(wanted)
    except (errors.Refused, errors.NeedsReview) as error:
        world.log.append(f"  {len(wanted)} operations declined: {error.code}")
        if console.held() & {op.uuid for op in wanted}:
            raise Wrong("a part of what was declined as a whole was kept") from error
        return
    except Killed:
        world.revive(console)
        if 0 < len(console.held() & {op.uuid for op in wanted}) < len(wanted):
            raise Wrong("a kill has torn operations apart") from None
        return
    for op in wanted:
        world.intents[op.uuid] = str(op.__struct_config__.tag)
        world.log.append(f"  {op.uuid[-6:]} {op.__struct_config__.tag} on {op.ticket[-6:]}")


async def tell(world: World, console: Console) -> None:
    rng = world.rng
    try:
        if rng.random() < 0.7:
            line = await console.engine.tell("state", what=rng.choice(("available", "break")))
        else:
            line = await console.engine.tell("notice", queue="*", words=world.words("notice"))
    except errors.Refused as error:
        world.log.append(f"  not told: {error.code}")
        return
    world.told[line.uuid] = line.kind
    world.log.append(f"  {line.uuid[-6:]} told")


async def draft(world: World, console: Console) -> None:
    """Words that are not finished: the last ones that the disk took are what an agent finds again."""
    rows = sorted(console.engine.rows())
    if not rows:
        return
    ticket, text = world.rng.choice(rows), world.words("draft")
    before = console.drafted.get(ticket, "")
    try:
        await console.engine.keep_draft(ticket, "note", text)
        console.drafted[ticket] = text
    except Killed:
        world.revive(console)
        found = console.drafts.get(console.user, ticket, "note")
        if found not in (before, text):
            raise Wrong("a draft is neither what it was nor what it was to be") from None
        console.drafted[ticket] = found


async def settle(world: World, console: Console) -> None:
    tray = console.engine.reviews()
    if not tray:
        return
    review = world.rng.choice(tray)
    world.excused.add(review.uuid)
    with contextlib.suppress(errors.Refused, errors.NeedsReview):
        before = {entry.item.uuid for entry in console.outbox.pending()}
        await console.engine.settle(review.uuid, world.rng.choice(("keep-theirs", "re-apply")))
        for entry in console.outbox.pending():
            if entry.item.uuid not in before:
                world.intents[entry.item.uuid] = entry.item.name


async def round(world: World, console: Console) -> None:  # noqa: A001 - the engine's own word
    done = await console.round()
    world.log.append(f"  {done.link} {done.code} pulled {done.pulled} pushed {done.pushed} pending {done.pending}")
    if done.link != "online" and done.message == SHUT:
        raise Wrong(f"{console.name} reads nothing because nothing is taken from it")


async def claim(world: World, console: Console) -> None:
    rows = sorted(console.engine.rows())
    if not rows:
        return
    with contextlib.suppress(errors.RemoteError, errors.Refused, errors.StoreForeign):
        await console.engine.claim(world.rng.choice(rows))


async def keep(world: World, console: Console) -> None:
    """What an open console does by itself when it wakes up."""
    await console.round()
    await console.engine.keep()
    with contextlib.suppress(errors.RemoteError):
        await console.engine.read_floor()
    world.log.append(f"  {console.engine.status().state} {console.engine.status().code}")


def _operation(world: World, console: Console) -> ops.AnyOp:
    rng, author = world.rng, console.author
    rows = sorted(console.engine.rows())
    shown = console.engine.view(rng.choice(rows)).ticket if rows and rng.random() < 0.85 else None
    if shown is None:
        return author.new(subject="测试", channel="chat", text="你好")
    match rng.randrange(17):
        case 0 | 1 | 2:
            return author.note(shown, world.words("note"))
        case 3:
            return author.priority(shown, rng.choice(("urgent", "high", "normal", "low")))
        case 4:
            return author.tags(shown, add=(rng.choice("abc"),), remove=(rng.choice("abc"),))
        case 5:
            return author.field(shown, "error_code", str(rng.randrange(100)))
        case 6:
            return author.reply(shown, world.words("reply"))
        case 7:
            return author.close(shown, "SOLVED") if shown.status != "closed" else author.reopen(shown)
        case 8:
            return author.promise(shown, "回电", console.now() + timedelta(hours=1))
        case 9:
            return author.chase(shown, text=world.words("chase"))
        case 10:
            return author.message(shown, world.words("message"))
        case 11:
            # Nobody of that name is known to the server alone: a note that can never go through as it is.
            whom = rng.choice(("wang", "li", "", "nobody"))
            return author.handover(shown, note=world.words("handover"), to=whom, queue="l2")
        case 12:
            return author.escalate(shown, rng.choice(("lead", "risk")), note=world.words("escalate"))
        case 13:
            return author.queue(shown, rng.choice(("general", "l2")))
        case 14:
            return author.reveal(shown, "mobile", reason=world.words("reveal"))
        case 15:
            return author.subject(shown, world.words("subject"))
        case _:
            return _call(world, author, shown)


def _call(world: World, author: Author, shown: Ticket) -> ops.AnyOp:
    live = callclock.live(shown, author.name)
    if live is None:
        ringing = callclock.ringing(shown)
        if ringing is None:
            return author.mark(shown, world.new_id(), world.rng.choice(("offered", "answered")))
        return author.mark(shown, ringing.id, world.rng.choice(("answered", "abandoned")))
    if world.rng.random() < 0.4:
        return author.wrapup(shown, "SOLVED", call=live.id, summary=world.words("summary"))
    return author.mark(shown, live.id, world.rng.choice(("held", "resumed", "ended")))
