"""The cursor: where a console stands in the feed, and the proof of the history that it stands in."""

from __future__ import annotations

import binascii
import struct
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Final

import msgspec

from .. import errors

_FORM: Final = struct.Struct(">BQQQI8s")
_VERSION: Final = 1


class Cursor(msgspec.Struct, frozen=True):
    """Opaque to consoles (``facts`` on the protocol, pull).

    ``pos``: rows up to here are held. ``keep``: tombstones are needed from here. ``head`` and its ``fork``: the newest commit
    when the page was cut. ``scope``: the queues it was cut for.
    """

    pos: int
    keep: int
    head: int
    fork: int
    scope: bytes

    def encode(self) -> str:
        packed = _FORM.pack(_VERSION, self.pos, self.keep, self.head, self.fork, self.scope)
        return urlsafe_b64encode(packed).rstrip(b"=").decode()


def decode(text: str) -> Cursor:
    """The cursor in ``text``; Declined (410) where it is not one of ours, because listing again heals that too."""
    try:
        raw = urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4))
        version, pos, keep, head, fork, scope = _FORM.unpack(raw)
    except (ValueError, binascii.Error, struct.error) as error:
        raise gone("The cursor cannot be read.") from error
    if version != _VERSION:
        raise gone("The cursor is of another version.")
    return Cursor(pos, keep, head, fork, scope)


def gone(why: str) -> errors.Declined:
    return errors.Declined(410, "cursor-gone", why, "List again from the beginning.")
