"""Every error of ours, drawn as one tree; each says what happened and what to do.

* OkpayError                 anything that we expected might go wrong
  * UsageError               the command was given wrongly (exit 2)
    * FilterError            a line of conditions cannot be understood; names the word and its place
  * ConfigError              the settings file or the environment is wrong
    * PortTaken              another program listens where the server was to
  * ContentError             a canned answer, checklist or theme file is wrong
  * Refused                  an operation that can never succeed on this ticket
    * SecretRefused          the text carries a secret that must never be kept
  * NeedsReview              two people changed the same guarded thing; a human decides
  * Declined                 the server does not carry out a request; carries the HTTP status
  * StoreError               this machine's disk
    * StoreBusy              another process holds the store
    * StoreFull              the disk took no more; nothing was half written
    * StoreBroken            the disk failed a write; read-only until reopened
    * StoreForeign           the store belongs to another user, server or version
    * StoreLocked            the store is sealed, and its key is not at hand
  * RemoteError              the backend seen from here
    * Offline                not reached: no route, refused, timed out, TLS
    * Unavailable            reached, and it cannot serve now (5xx, 429); carries retry_after
    * SignedOut              the token is missing, wrong, expired or revoked
    * Forbidden              signed in, and the role does not allow it
    * NotFound               there is no such thing in this scope
    * Held                   somebody else holds the ticket
    * Gone                   the cursor is no longer served: list again from zero
    * Forked                 the server knows this client by another history
    * BadReply               something answered that is not our server, or of another version
"""

from __future__ import annotations

from typing import Any


class OkpayError(Exception):
    """What happened, and what to do about it.

    ``what`` is one sentence without personal values; ``advice`` is the next step (may be empty);
    ``code`` is stable and meant for machines.
    """

    code = "error"

    def __init__(self, what: str, advice: str = "", *, code: str | None = None) -> None:
        super().__init__(what)
        self.what = what
        self.advice = advice
        if code is not None:
            self.code = code


class UsageError(OkpayError):
    code = "usage"


class FilterError(UsageError):
    """A line of conditions that cannot be read: the ``word``, the letter where it stands (from 1), and what is ``known`` there."""

    def __init__(self, what: str, *, code: str, word: str = "", at: int = 0, known: tuple[str, ...] = ()) -> None:
        super().__init__(what, f"Known are: {', '.join(known)}." if known else "Write it like status=open.", code=code)
        self.word = word
        self.at = at
        self.known = known


class ConfigError(OkpayError):
    code = "config"


class PortTaken(ConfigError):
    """Another program listens on ``port``."""

    code = "port-taken"

    def __init__(self, what: str, advice: str = "", *, port: int) -> None:
        super().__init__(what, advice)
        self.port = port


class ContentError(OkpayError):
    code = "content"


class Refused(OkpayError):
    code = "refused"


class SecretRefused(Refused):
    """A text carries a secret: ``kind`` is ``secret.SecretKind`` and ``ticket`` an id, where they are known; never the value."""

    code = "secret"

    def __init__(self, what: str, advice: str = "", *, kind: str = "", ticket: str = "") -> None:
        super().__init__(what, advice)
        self.kind = kind
        self.ticket = ticket


class NeedsReview(OkpayError):
    """A guarded field moved under the author; ``base`` was seen, ``mine`` was wanted, ``theirs`` stands."""

    code = "review"

    def __init__(self, field: str, *, base: object, mine: object, theirs: object) -> None:
        super().__init__(f"{field} was changed by somebody else in the meantime", "Decide in the review tray.")
        self.field = field
        self.base = base
        self.mine = mine
        self.theirs = theirs


class Declined(OkpayError):
    """A request that the server answers with a problem: ``status`` is HTTP's, ``members`` are the problem's extra members."""

    code = "declined"

    def __init__(self, status: int, code: str, what: str, advice: str = "", **members: Any) -> None:
        super().__init__(what, advice, code=code)
        self.status = status
        self.members = members


class StoreError(OkpayError):
    code = "store"


class StoreBusy(StoreError):
    """Another process owns the store; ``pid`` is 0 where it could not be read."""

    code = "store-busy"

    def __init__(self, what: str, advice: str = "", *, pid: int = 0) -> None:
        super().__init__(what, advice)
        self.pid = pid


class StoreFull(StoreError):
    code = "store-full"


class StoreBroken(StoreError):
    code = "store-broken"


class StoreForeign(StoreError):
    code = "store-foreign"


class StoreLocked(StoreError):
    code = "store-locked"


class RemoteError(OkpayError):
    code = "remote"


class Offline(RemoteError):
    code = "offline"


class Unavailable(RemoteError):
    """The server asks for patience; ``retry_after`` is in seconds, None where it did not say."""

    code = "unavailable"

    def __init__(self, what: str, advice: str = "", *, retry_after: float | None = None) -> None:
        super().__init__(what, advice)
        self.retry_after = retry_after


class SignedOut(RemoteError):
    code = "signed-out"


class Forbidden(RemoteError):
    code = "forbidden"


class NotFound(RemoteError):
    code = "not-found"


class Held(RemoteError):
    """The ticket is somebody else's; ``by`` is the holder's name."""

    code = "held"

    def __init__(self, what: str, advice: str = "", *, by: str = "") -> None:
        super().__init__(what, advice)
        self.by = by


class Gone(RemoteError):
    code = "cursor-gone"


class Forked(RemoteError):
    """``expect`` is the next number that the server would take, 0 where it did not say."""

    code = "client-forked"

    def __init__(self, what: str, advice: str = "", *, expect: int = 0, code: str | None = None) -> None:
        super().__init__(what, advice, code=code)
        self.expect = expect


class BadReply(RemoteError):
    code = "bad-reply"
