"""The cursor: where a console stands in the feed, and the proof of the history that it stands in."""

from __future__ import annotations

import struct
from typing import Final

import msgspec

from .. import errors
from . import opaque

_FORM: Final = struct.Struct(">BQQQI8s")
_VERSION: Final = 2
_KIND: Final = "sync"


class Cursor(msgspec.Struct, frozen=True):
    """Sealed for consoles, which count no commits by it (``opaque``; ``facts`` on the protocol, pull).

    ``pos``: rows up to here are held. ``keep``: tombstones are needed from here. ``head`` and its ``fork``: the newest commit
    when the page was cut. ``scope``: the queues it was cut for.
    """

    pos: int
    keep: int
    head: int
    fork: int
    scope: bytes

    def encode(self, key: bytes) -> str:
        packed = _FORM.pack(_VERSION, self.pos, self.keep, self.head, self.fork, self.scope)
        return opaque.seal(key, _KIND, packed)


def decode(text: str, key: bytes) -> Cursor:
    """The cursor in ``text``; Declined (410) where it is not one of ours, because listing again heals that too."""
    try:
        version, pos, keep, head, fork, scope = _FORM.unpack(opaque.unseal(key, _KIND, text))
    except (ValueError, struct.error) as error:
        raise gone("The cursor cannot be read.") from error
    if version != _VERSION:
        raise gone("The cursor is of another version.")
    return Cursor(pos, keep, head, fork, scope)


def gone(why: str) -> errors.Declined:
    return errors.Declined(410, "cursor-gone", why, "List again from the beginning.")
