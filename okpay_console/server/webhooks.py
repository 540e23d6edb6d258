"""Where alarms are posted to, and the messages that wait to be sent there or were."""

from __future__ import annotations

import asyncio
import ipaddress
import re
import secrets
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Final, TypeVar
from urllib.parse import urlsplit

import msgspec
from sqlalchemy import Connection, delete, insert, select, update

from .. import errors
from ..domain.alarmnews import Delivery
from . import audit, clock
from .db import Database, at_head, upgrade
from .policy import Who
from .schema import deliveries, webhooks
from .signing import secret_of

T = TypeVar("T")
MOST: Final = 20
KEPT_DAYS: Final = 30
"""So long it can be looked up what became of a message."""
_ADMIN: Final = "admin"
_NAME: Final = re.compile(r"[A-Za-z0-9._\-]{1,64}")


class Webhook(msgspec.Struct, frozen=True):
    """A receiver; ``stopped`` says why nothing is sent to it: ``gone`` (it answered 410), "" where it is."""

    id: str
    url: str
    stopped: str
    waiting: int


class WebhookSet(msgspec.Struct, frozen=True):
    """A receiver and its signing key, shown this once."""

    id: str
    url: str
    secret: str


def checked(url: str, *, plain: bool) -> str:
    """The address; ConfigError where it is none, carries a password, or would send alarms readable over the network."""
    wrong = errors.ConfigError("The webhook's address cannot be read.", "Write it as https://name/path.")
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError as error:
        raise wrong from error
    if parts.scheme not in ("http", "https") or not parts.hostname or not url.isascii() or re.search(r"[\s\x00]", url):
        raise wrong
    if parts.username is not None or parts.password is not None:
        raise errors.ConfigError("The webhook's address carries a password.", "Leave it out: messages are signed.")
    if parts.scheme == "http" and not plain and not _loopback(parts.hostname):
        raise errors.ConfigError(
            "Over http:// everybody on the way could read the alarms.",
            "Use https://, or allow plain http for this webhook explicitly.",
            code="plain-http",
        )
    return url


async def put(database: str, name: str, url: str, *, plain: bool = False) -> WebhookSet:
    """A receiver, new or at another address, with a fresh key. Refused for an unusable name or too many of them."""
    if not _NAME.fullmatch(name):
        raise errors.Refused("This name cannot be used.", "Use letters, digits and . _ -", code="bad-name")
    url = checked(url, plain=plain)
    secret = secret_of(secrets.token_bytes(32))

    def work(conn: Connection) -> WebhookSet:
        now = clock.now()
        found = list(conn.execute(select(webhooks.c.id)).scalars())
        values = {"url": url, "secret": secret, "stopped": "", "at": clock.millis(now)}
        if name in found:
            conn.execute(update(webhooks).where(webhooks.c.id == name).values(**values))
        elif len(found) >= MOST:
            raise errors.Refused(f"There are {MOST} webhooks already.", "Remove one first.", code="too-many-webhooks")
        else:
            conn.execute(insert(webhooks).values(id=name, **values))
        # Not the address: it may itself be what lets somebody in.
        audit.append(conn, now=now, who=_ADMIN, what="webhook.set", about=name)
        return WebhookSet(name, url, secret)

    return await _on(database, work)


async def show(database: str) -> list[Webhook]:
    """Every receiver by name, never its key."""

    def work(conn: Connection) -> list[Webhook]:
        waiting = select(deliveries.c.webhook).where(deliveries.c.state == "waiting")
        open_ones = list(conn.execute(waiting).scalars())
        rows = conn.execute(select(webhooks).order_by(webhooks.c.id))
        return [Webhook(row.id, row.url, row.stopped, open_ones.count(row.id)) for row in rows]

    return await _on(database, work)


async def remove(database: str, name: str) -> None:
    """Forgets a receiver; what waits for it is dropped. Refused where there is none of that name."""

    def work(conn: Connection) -> None:
        if not conn.execute(delete(webhooks).where(webhooks.c.id == name)).rowcount:
            raise _unknown()
        now = clock.now()
        drop(conn, name, status="removed", now=now)
        audit.append(conn, now=now, who=_ADMIN, what="webhook.remove", about=name)

    await _on(database, work)


async def address(database: str, name: str) -> tuple[str, str]:
    """Where a receiver is, and its key. Refused where there is none of that name."""

    def work(conn: Connection) -> tuple[str, str]:
        row = conn.execute(select(webhooks).where(webhooks.c.id == name)).one_or_none()
        if row is None:
            raise _unknown()
        return row.url, row.secret

    return await _on(database, work)


def enqueue(conn: Connection, *, kind: str, alarm: str, queue: str, data: object, now: datetime) -> None:
    """One message for each receiver that takes any, in the caller's transaction; ``data`` is what the message is about."""
    body = message(kind, data, now=now).decode()
    at = clock.millis(now)
    rows = [
        {
            "id": f"msg_{clock.new_id()}", "webhook": name, "alarm": alarm, "queue": queue, "kind": kind, "body": body,
            "made": at, "due": at, "tries": 0, "state": "waiting", "status": "", "done": 0,
        }
        for name in conn.execute(select(webhooks.c.id).where(webhooks.c.stopped == "")).scalars()
    ]  # fmt: skip
    if rows:
        conn.execute(insert(deliveries), rows)


def message(kind: str, data: object, *, now: datetime) -> bytes:
    """The body of a message: its kind, the moment of what it tells, and that."""
    return msgspec.json.encode({"type": kind, "timestamp": now, "data": data})


def drop(conn: Connection, name: str, *, status: str, now: datetime) -> None:
    """Gives up what waits for one receiver."""
    waiting = update(deliveries).where(deliveries.c.webhook == name, deliveries.c.state == "waiting")
    conn.execute(waiting.values(state="dropped", status=status, done=clock.millis(now)))


def trim(conn: Connection, *, now: datetime) -> None:
    """Forgets what became of messages long ago."""
    past = clock.millis(now - timedelta(days=KEPT_DAYS))
    conn.execute(delete(deliveries).where(deliveries.c.state != "waiting", deliveries.c.done < past))


async def listing(db: Database, who: Who, *, limit: int) -> list[Delivery]:
    """The newest messages, newest first; to somebody who is confined to queues those of his queues' alarms."""
    query = select(deliveries).order_by(deliveries.c.made.desc(), deliveries.c.id.desc()).limit(limit)
    if who.queues:
        query = query.where(deliveries.c.queue.in_(sorted(who.queues)))
    rows = await db.read(lambda conn: conn.execute(query).all())
    return [_delivery(row) for row in rows]


def _delivery(row: Any) -> Delivery:
    return Delivery(
        row.id, row.webhook, row.kind, row.alarm, row.state, row.status, row.tries, clock.moment(row.made),
        clock.moment(row.due) if row.state == "waiting" else None, clock.moment(row.done) if row.done else None,
    )  # fmt: skip


def _unknown() -> errors.Refused:
    return errors.Refused("There is no webhook of this name.", "List the webhooks.", code="no-webhook")


def _loopback(host: str) -> bool:
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


async def _on(database: str, work: Callable[[Connection], T]) -> T:
    db = Database(database)
    try:
        if not await db.read(at_head):
            await asyncio.to_thread(upgrade, database)
        return await db.write(work)
    finally:
        await db.close()
