"""What the screens need from the rest of the house, as protocols: they are shown values and hand operations back."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Literal, Protocol

import msgspec

if TYPE_CHECKING:
    from ..domain.answers import Answer
    from ..domain.author import Author
    from ..domain.ops import AnyOp
    from ..domain.overlay import View
    from ..domain.queue import Row
    from ..domain.ticket import Ticket

Decision = Literal["keep-theirs", "re-apply", "edited"]


class Changed(Protocol):
    """What moved since the last call; ``everything`` where single tickets cannot be named."""

    @property
    def tickets(self) -> frozenset[str]: ...
    @property
    def everything(self) -> bool: ...
    @property
    def link(self) -> bool: ...


class LinkStatus(Protocol):
    """The link to the server: ``state`` is online, connecting, offline, signed-out or refused.

    ``since`` is when that began, ``last_sync_at`` when data last came (None: never), ``message`` a sentence or "".
    """

    @property
    def state(self) -> str: ...
    @property
    def since(self) -> datetime | None: ...
    @property
    def last_sync_at(self) -> datetime | None: ...
    @property
    def pending(self) -> int: ...
    @property
    def reviews(self) -> int: ...
    @property
    def code(self) -> str: ...
    @property
    def message(self) -> str: ...
    @property
    def advice(self) -> str: ...
    @property
    def disk(self) -> str: ...


class Review(Protocol):
    """Words that the server did not take: ``name`` is the operation's on the wire, ``words`` what the agent wrote.

    ``state`` is rejected (it can never succeed) or review (two people changed ``field``: ``base`` was seen, ``mine`` was
    wanted, ``theirs`` stands).
    """

    @property
    def uuid(self) -> str: ...
    @property
    def ticket(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def words(self) -> str: ...
    @property
    def state(self) -> str: ...
    @property
    def code(self) -> str: ...
    @property
    def what(self) -> str: ...
    @property
    def field(self) -> str: ...
    @property
    def base(self) -> Any: ...
    @property
    def mine(self) -> Any: ...
    @property
    def theirs(self) -> Any: ...
    @property
    def at(self) -> datetime: ...


class Desk(Protocol):
    """One signed-in person's tickets, as ``overlay(mirror, outbox)`` shows them, and the ways to change them.

    ``do`` returns once the operation is on this machine's disk, and raises ``Refused`` where it can never succeed; nothing is
    kept then. Its ``draft`` names the draft that leaves the disk with it. ``ops`` are a ticket's unconfirmed operations,
    oldest first. ``role`` is agent, supervisor, admin or "" until the server has said so. ``claim`` and ``next`` ask the
    server and raise ``RemoteError``. ``draft`` is "" where there is none.
    """

    @property
    def me(self) -> str: ...
    @property
    def role(self) -> str: ...
    @property
    def author(self) -> Author: ...
    def rows(self) -> Mapping[str, Row]: ...
    def view(self, ticket_id: str) -> View: ...
    def ops(self, ticket_id: str) -> Sequence[AnyOp]: ...
    def pending_ids(self) -> Collection[str]: ...
    def status(self) -> LinkStatus: ...
    def reviews(self) -> Sequence[Review]: ...
    async def do(self, op: AnyOp, *, draft: str = "") -> object: ...
    async def claim(self, ticket_id: str) -> object: ...
    async def next(self) -> Ticket | None: ...
    async def settle(self, uuid: str, decision: Decision) -> object: ...
    def draft(self, ticket_id: str, kind: str) -> str: ...
    async def keep_draft(self, ticket_id: str, kind: str, text: str) -> object: ...


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """What a person sets about the screens. ``keys`` maps an action's id to a comma-separated list of keys."""

    lang: str = "zh"
    zone: str = "Asia/Shanghai"
    theme: str = "okpay-dark"
    keys: Mapping[str, str] = {}
    placeholders: Mapping[str, str] = {}
    mouse: bool = True
    screen: Literal["desk", "wall"] = "desk"


def _now() -> datetime:
    return datetime.now(UTC)


async def _nothing() -> None:
    return None


class Start(msgspec.Struct, frozen=True, kw_only=True):
    """All that the console is started with.

    ``rows`` is the cached first page in queue order, shown in the first frame; ``open_desk`` runs after that frame and is
    given the listener that it calls, on the event loop, whenever something changed; ``close`` runs at the end.
    ``on_first_frame`` is told once that the first frame has been painted; ``answers`` gives the knowledge base, the
    shipped one where it is None.
    """

    settings: Settings = Settings()
    me: str = ""
    rows: Sequence[Row] = ()
    counts: Mapping[str, int] = {}
    open_desk: Callable[[Callable[[Changed], None]], Awaitable[Desk]]
    close: Callable[[], Awaitable[None]] = _nothing
    now: Callable[[], datetime] = _now
    answers: Callable[[], Sequence[Answer]] | None = None
    on_first_frame: Callable[[], None] | None = None
