"""Whose cache this is: one user's on one server, which is known by the id in its database and by its address."""

from __future__ import annotations

import msgspec
from msgspec.structs import replace

from .. import errors


class Owner(msgspec.Struct, frozen=True, omit_defaults=True):
    """``server`` is what the server calls itself, for people; ``url`` is where it was last met.

    ``server_id`` was minted with the server's database and comes back with its backups; "" where no server has told one yet.
    """

    server: str
    user: str
    server_id: str = ""
    url: str = ""

    @property
    def place(self) -> str:
        """The server in words."""
        return f"{self.server} ({self.url})" if self.url else self.server


def met(known: Owner | None, found: Owner) -> Owner:
    """What to remember when ``found`` answers; ``StoreForeign`` where the cache is not his.

    The same id is the same server, wherever it has moved to. Another id at the same address is a server whose database was
    made anew: the cursor proves that to be so, and what it forgot is offered again. Another id elsewhere is another server,
    and a week of work must not be offered to it. Where one side tells no id, the address decides, and where one side has
    no address either, the name.
    """
    if known is None:
        return found
    if known.user != found.user:
        raise errors.StoreForeign(
            f"This cache belongs to {known.user} on {known.place}, not to {found.user}.",
            "Sign in as that user, or choose another data directory (OKPAY_DATA_DIR).",
        )
    if not _same_server(known, found):
        raise errors.StoreForeign(
            f"This cache belongs to {known.place}, and {found.place} is another server.",
            "Nothing was sent there. Set the server's address back (OKPAY_SERVER), or use the other server with a data "
            "directory of its own (OKPAY_DATA_DIR).",
        )
    return replace(found, server_id=found.server_id or known.server_id, url=found.url or known.url)


def _same_server(known: Owner, found: Owner) -> bool:
    if known.server_id and known.server_id == found.server_id:
        return True
    if known.url and found.url:
        return known.url.rstrip("/") == found.url.rstrip("/")
    # Two ids that differ are two databases, and a name that an administrator chose proves nothing against that.
    return not (known.server_id and found.server_id) and known.server == found.server
