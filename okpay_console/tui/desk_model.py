"""What the screens need from the rest of the house, as protocols: they are shown values and hand operations back."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Literal, Protocol

import msgspec

if TYPE_CHECKING:
    from ..domain.answers import Answer
    from ..domain.author import Author
    from ..domain.daybook import Line
    from ..domain.finding import Match
    from ..domain.ops import AnyOp
    from ..domain.overlay import View
    from ..domain.presence import Beside
    from ..domain.queue import Row
    from ..domain.shelf import Ratings
    from ..domain.targets import Policy
    from ..domain.ticket import Caller, Ticket
    from ..domain.views import Saved
    from ..domain.visits import Visits

Decision = Literal["keep-theirs", "re-apply", "edited"]


class Changed(Protocol):
    """What moved since the last call; ``everything`` where single tickets cannot be named, ``answers``: the canned ones.

    ``daybook``: the lines of the floor, or who was heard of when.
    """

    @property
    def tickets(self) -> frozenset[str]: ...
    @property
    def everything(self) -> bool: ...
    @property
    def link(self) -> bool: ...
    @property
    def answers(self) -> bool: ...
    @property
    def daybook(self) -> bool: ...


class LinkStatus(Protocol):
    """The link to the server: ``state`` is online, connecting, offline, signed-out or refused.

    Online with a ``code``, it answers and takes nothing that is sent. ``since`` is when that began, ``last_sync_at`` when data
    last came (None: never), ``message`` a sentence or "", ``retry_in`` the seconds until the next try, None where none is to
    come by itself.
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
    @property
    def retry_in(self) -> float | None: ...


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


class Unsent(Protocol):
    """Unfinished words: the box's ``kind``, the ``text``, and the ``ticket`` (with its ``number``) they were written at."""

    @property
    def kind(self) -> str: ...
    @property
    def text(self) -> str: ...
    @property
    def ticket(self) -> str: ...
    @property
    def number(self) -> int: ...


class Desk(Protocol):
    """One signed-in person's tickets, as ``overlay(mirror, outbox)`` shows them, and the ways to change them.

    ``do`` returns once the operation is on this machine's disk, and raises ``Refused`` where it can never succeed; nothing is
    kept then. Its ``draft`` names the draft that leaves the disk with it. ``ops`` are a ticket's unconfirmed operations,
    oldest first. ``role`` is agent, supervisor, admin or "" until the server has said so, and ``queues`` none
    for all of them. ``claim`` and ``next`` ask the
    server and raise ``RemoteError``. ``draft`` is "" where there is none; ``drafts_of`` are all of a ticket's, with those of
    the tickets that were merged into it.

    ``answers`` are the canned ones in every language, the house's own over the shipped ones; the first call after a change may
    take a moment, so make it in a thread. ``ratings`` say for how many tickets an answer helped, and for how many it did not.

    ``do_all`` is ``do`` for several operations, also on several tickets: one record on the disk, all or none; ``draft_of``
    is the ticket of the ``draft``, "" for a box that belongs to none. ``witness`` tells the audit logs what changes no
    ticket, such as a secret that was not kept (``what`` "secret-refused", its ``kind``, the ``place``): codes, never the value.

    ``find`` looks among all cached tickets, pending operations included, best first; until ``indexed`` is 1.0 it finds nothing.
    ``same`` are the tickets of a caller or of a transaction number, open ones first, newest first; ``visits`` how often the
    caller of a ticket had been in touch before, and when last. Both answer at any time.

    ``views`` are the agent's own, in his order; ``keep_views`` puts others in their place. ``look`` tells which ticket is open in
    front of him, and ``others`` who else has it open; both return at once. ``retry`` tries to reach the server now.

    ``daybook`` is what this console knows of the floor, its own unsent lines included, oldest first, and ``seen`` when each
    person was last heard of; both are live and cheap. ``daybook_since`` asks the server for older ones (``RemoteError``).
    ``tell`` puts a line on this disk and sends it when that can be done; ``fields`` are ``Line``'s about, queue, ticket, what,
    reason, until and words, and it raises ``Refused`` (``SecretRefused`` too) where the line may not be told; nothing is kept
    then. ``follow_floor`` says whether an open wall wants to be up to date within seconds.
    """

    @property
    def me(self) -> str: ...
    @property
    def role(self) -> str: ...
    @property
    def queues(self) -> Sequence[str]: ...
    @property
    def author(self) -> Author: ...
    def rows(self) -> Mapping[str, Row]: ...
    def view(self, ticket_id: str) -> View: ...
    def ops(self, ticket_id: str) -> Sequence[AnyOp]: ...
    def pending_ids(self) -> Collection[str]: ...
    def status(self) -> LinkStatus: ...
    def reviews(self) -> Sequence[Review]: ...
    def answers(self) -> Sequence[Answer]: ...
    def ratings(self) -> Ratings: ...
    async def do(self, op: AnyOp, *, draft: str = "") -> object: ...
    async def do_all(self, ops: Sequence[AnyOp], *, draft: str = "", draft_of: str = "") -> None: ...
    async def witness(self, what: str, *, kind: str = "", place: str = "", ticket: str = "") -> None: ...
    async def claim(self, ticket_id: str) -> object: ...
    async def next(self) -> Ticket | None: ...
    async def settle(self, uuid: str, decision: Decision) -> object: ...
    def draft(self, ticket_id: str, kind: str) -> str: ...
    def drafts_of(self, ticket_id: str) -> Sequence[Unsent]: ...
    async def keep_draft(self, ticket_id: str, kind: str, text: str) -> object: ...
    def find(self, words: str, limit: int = 50) -> Sequence[Match]: ...
    def same(self, caller: Caller, txn_no: str = "") -> Sequence[str]: ...
    def visits(self, ticket_id: str) -> Visits: ...
    def indexed(self) -> float: ...
    def views(self) -> Sequence[Saved]: ...
    async def keep_views(self, views: Sequence[Saved]) -> None: ...
    def look(self, ticket_id: str, *, writing: bool = False) -> None: ...
    def others(self, ticket_id: str) -> Sequence[Beside]: ...
    def daybook(self) -> Sequence[Line]: ...
    async def daybook_since(self, since: datetime) -> Sequence[Line]: ...
    def seen(self) -> Mapping[str, datetime]: ...
    async def tell(self, kind: str, **fields: Any) -> Line: ...
    def follow_floor(self, on: bool) -> None: ...
    def retry(self) -> None: ...


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """What a person sets about the screens. ``keys`` maps an action's id to a comma-separated list of keys.

    ``wrapup_seconds`` after the end of a call its wrap-up ends by itself, 0 for never; ``alarm_minutes`` before a promise is
    due its maker is reminded a first time. ``wall``: values of ``wallnumbers.House``;
    ``care``: of ``duty.Allowance``; ``wallboard``: the wall begins in big digits.
    """

    lang: str = "zh"
    zone: str = "Asia/Shanghai"
    theme: str = "okpay-dark"
    keys: Mapping[str, str] = {}
    placeholders: Mapping[str, str] = {}
    macros: Mapping[str, Mapping[str, Any]] = {}
    mouse: bool = True
    screen: Literal["desk", "wall"] = "desk"
    wrapup_seconds: int = 120
    alarm_minutes: int = 10
    wall: Mapping[str, Any] = {}
    care: Mapping[str, int] = {}
    wallboard: bool = False


def _now() -> datetime:
    return datetime.now(UTC)


async def _nothing() -> None:
    return None


class Start(msgspec.Struct, frozen=True, kw_only=True):
    """All that the console is started with.

    ``rows`` is the cached first page in queue order, shown in the first frame; ``open_desk`` runs after that frame and is
    given the listener that it calls, on the event loop, whenever something changed; ``close`` runs at the end.
    ``on_first_frame`` is told once that the first frame has been painted; ``policy`` gives the house's limits, the shipped
    ones where it is None.
    """

    settings: Settings = Settings()
    me: str = ""
    rows: Sequence[Row] = ()
    counts: Mapping[str, int] = {}
    open_desk: Callable[[Callable[[Changed], None]], Awaitable[Desk]]
    close: Callable[[], Awaitable[None]] = _nothing
    now: Callable[[], datetime] = _now
    policy: Callable[[], Policy] | None = None
    on_first_frame: Callable[[], None] | None = None
