"""How a record's bytes become the bytes of its line: as they are, or sealed."""

from __future__ import annotations

from typing import Protocol


class Codec(Protocol):
    """Turns a record's JSON into one line's text and back.

    ``name`` is written into the journal's header, so that a store is never opened with the wrong one. ``mark`` is the
    first byte of everything that ``seal`` returns. ``number`` (the record's place in its file, from 1) and ``salt`` (16
    random bytes per file) are what a cipher binds as associated data, so that no record can be moved or replayed.
    """

    name: str
    mark: bytes

    def seal(self, payload: bytes, *, number: int, salt: bytes) -> bytes:
        """Text without a line feed."""
        ...

    def open(self, sealed: bytes | memoryview, *, number: int, salt: bytes) -> bytes | memoryview:
        """The payload again; raises ``ValueError`` for a wrong key or a moved record."""
        ...

    def place(self, sealed: bytes) -> int:
        """The number that a line says it was sealed with, for whoever looks behind damage; 0 where lines do not say it."""
        ...


class Plain:
    """No cipher: JSON has no raw line feed, so a payload already is one line."""

    name = "plain"
    mark = b"{"

    def seal(self, payload: bytes, *, number: int, salt: bytes) -> bytes:
        """The payload itself."""
        return payload

    def open(self, sealed: bytes | memoryview, *, number: int, salt: bytes) -> bytes | memoryview:
        """The payload itself."""
        return sealed

    def place(self, sealed: bytes) -> int:
        """Lines do not say it."""
        return 0


PLAIN = Plain()
