"""What befalls the server, the disks, the clocks and the people of a world."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import msgspec
from sqlalchemy import Connection, update

from okpay_console.domain import ops
from okpay_console.domain.author import Author
from okpay_console.server import feed, history
from okpay_console.server.schema import commits, sync_head, tokens, users

from .clocks import BEGIN
from .console import Console
from .database import mint, template
from .faults import Killed

if TYPE_CHECKING:
    from .world import World

SCOPES = ((), ("general",), ("general", "l2"), ("l2",))
JUMPS = (timedelta(), timedelta(days=1), timedelta(days=-1), timedelta(minutes=3))
ROLES = ("agent", "agent", "supervisor", "admin")


async def restart(world: World, console: Console) -> None:
    console.restart(power=world.chance(world.mix.power))


async def arrive(world: World, _: Console) -> None:
    await world.network.arrive()


async def late(world: World, console: Console) -> None:
    """A page comes when newer ones have been taken: it is passed over unless it still is the next one."""
    fitting = [seen for seen in console.mirror.pages if seen.client == console.outbox.client]
    if not fitting or console.outbox.forked((seen := world.rng.choice(fitting)).page.last):
        return
    taken = await console.commit(
        lambda: console.mirror.plan_page(seen.page, seen.asked, outbox=console.outbox, now=console.now())
    )
    world.log.append(f"  {'taken' if taken else 'passed over'}")


# The server


async def save(world: World, _: Console) -> None:
    world.backups.append(world.server.save())


async def restore(world: World, _: Console) -> None:
    if world.backups:
        world.histories += 1
        await world.server.restore(world.rng.choice(world.backups), running=world.chance(0.5))


async def rebuild(world: World, _: Console) -> None:
    """Everything is lost but the people and the address: the empty history is another one, and so is the id."""
    world.histories += 1
    await world.server.restore(template()[0])
    name, fork = world.rng.randbytes(16).hex(), world.rng.getrandbits(32)

    def work(conn: Connection) -> None:
        conn.execute(update(sync_head).values(server_id=name))
        conn.execute(update(commits).values(fork=fork))

    await world.server.write(work)


async def shut(world: World, _: Console) -> None:
    """From now on the server takes no mutations, whatever is in them, or takes them again; it may be read all the while."""
    world.shut = 0 if world.shut else world.rng.choice((403, 413, 422, 500))
    world.log.append(f"  pushes: {world.shut or 'taken'}")


async def trim(world: World, _: Console) -> None:
    [(head, horizon)] = world.server.rows("select seq, horizon from sync_head")
    wanted = world.rng.choice((head, world.rng.randint(horizon, head)))
    confirmed = world.server.rows(f"select uuid from mutations where state = 'confirmed' and seq <= {wanted}")
    world.trimmed |= {uuid for (uuid,) in confirmed}
    await feed.trim(_Through(world), wanted)  # type: ignore[arg-type]


class _Through:
    """The server's database to whoever only writes through it."""

    def __init__(self, world: World) -> None:
        self.write = world.server.write


async def bring(world: World, _: Console) -> None:
    """Several tickets in one commit, as an import makes them."""
    author = Author("wang", world.new_id, world.clock.now)
    news = [author.new(subject="导入", channel="email", text="你好") for _ in range(world.rng.randint(2, 5))]
    made = [ops.apply(None, new, new.at) for new in news]
    await world.server.write(lambda conn: history.commit(conn, now=world.server.clock.now(), puts=made))
    world.log.append(f"  {len(made)} tickets at once")


async def bury(world: World, _: Console) -> None:
    """A ticket is deleted."""
    living = sorted(world.server.rows("select id, doc from tickets where not gone"))
    if not living:
        return
    ticket, doc = world.rng.choice(living)
    world.excused |= {entry["id"] for entry in msgspec.json.decode(doc)["timeline"]}
    # What changed nothing on it left no mark there, and is of no use any more either.
    world.excused |= {uuid for (uuid,) in world.server.rows(f"select uuid from mutations where ticket = '{ticket}'")}
    await world.server.write(lambda conn: history.commit(conn, now=world.server.clock.now(), gone=[ticket]))
    world.log.append(f"  {ticket[-6:]} is gone")


# A disk


async def copy(world: World, console: Console) -> None:
    """A backup of a console's disk."""
    world.images[console.name] = console.image()


async def rollback(world: World, console: Console) -> None:
    image = world.images.get(console.name)
    if image is None:
        return
    before = console.held()
    try:
        console.put_back(image)
    except Killed:
        world.revive(console)
    console.drafted, console.history = console.unfinished(), 0
    # What only the lost cache knew is lost with it; it may or may not have reached the server.
    world.excused |= before - console.held()


async def clone(world: World, console: Console) -> None:
    if len(world.consoles) <= 3:
        world.consoles.append(console.clone(f"{console.name}-clone"))


# A clock


async def jump(world: World, console: Console) -> None:
    if not world.mix.jumps:
        return
    if world.chance(0.25):
        # A server is set right again; further apart than its daybook reaches, nobody would set it.
        world.server.clock.ahead = world.rng.choice((timedelta(), timedelta(days=1)))
        world.log.append(f"  the server's is {world.server.clock.ahead} ahead")
    else:
        console.clock.ahead = world.rng.choice(JUMPS)
        world.log.append(f"  {console.clock.ahead} ahead")
    for one in world.consoles:
        # By whose time a cache is dated is not that of a process that has yet to hear of any.
        one.wrong = True


async def night(world: World, _: Console) -> None:
    """Everything sleeps for eight hours, once: leases and calls run out, and all that is known is old."""
    if world.mix.jumps and not world.met["night"] > 1:
        world.clock.seconds += timedelta(hours=8).total_seconds()


# A person


async def settle_in(world: World) -> None:
    """In half of the worlds not everybody leads and sees everything from the beginning."""
    if world.chance(0.5):
        await world.server.write(
            lambda conn: conn.execute(
                update(users).where(users.c.name == "li").values(role="agent", queues='["general"]')
            )
        )


async def scope(world: World, console: Console) -> None:
    queues = msgspec.json.encode(sorted(world.rng.choice(SCOPES))).decode()
    world.moved.add(console.user)
    await _person(world, console.user, queues=queues)


async def role(world: World, console: Console) -> None:
    await _person(world, console.user, role=world.rng.choice(ROLES))


async def disable(world: World, console: Console) -> None:
    await _person(world, console.user, disabled=world.chance(0.5))


async def _person(world: World, name: str, **values: object) -> None:
    def work(conn: Connection) -> None:
        conn.execute(update(users).where(users.c.name == name).values(**values))
        # As an administrator's command does: an empty commit, so that every console asks.
        history.commit(conn, now=world.server.clock.now())

    await world.server.write(work)
    world.log.append(f"  {name} {values}")


async def expire(world: World, console: Console) -> None:
    """Every token of a person ends in a while, or at once."""
    soon = int((world.server.clock.now() + timedelta(seconds=world.rng.choice((0, 120)))).timestamp() * 1000)
    await world.server.write(
        lambda conn: conn.execute(update(tokens).where(tokens.c.user == console.user).values(expires_at=soon))
    )


async def sign_in(world: World, console: Console) -> None:
    """A person signs in again where he is signed out; that fails where he is disabled, or the server cannot be reached."""
    if console.engine.status().state != "signed-out" or world.chance(0.3):
        return
    if (console.user, 1) in world.server.rows("select name, disabled from users"):
        world.log.append("  nobody may sign in")
        return
    await anew(world, console)


async def anew(world: World, console: Console) -> None:
    """A token of his own for this person, and his consoles use it."""
    at = int(BEGIN.timestamp() * 1000)
    world.server.tokens[console.user] = await world.server.write(lambda conn: mint(conn, console.user, at))
    console.engine.sign_in(console.door())
