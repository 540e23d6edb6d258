"""A file that is written in one go or goes on where it was broken off, and gets its name only when it is whole.

While it grows it is called ``NAME.part``, and ``NAME.part.json`` beside it says how far it is good: so many rows in so many bytes,
and their hash. Both are this user's alone. What stands behind the last such mark is cut off when it goes on, so a row is neither
doubled nor lost, whenever the process was killed.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec

from okpay_console import errors

from .disk import FULL, Disk, write_all
from .whole import replace_file

if TYPE_CHECKING:
    from hashlib import _Hash

FORMAT: Final = 1
_CHUNK: Final = 1 << 20


class Good(msgspec.Struct, frozen=True, kw_only=True):
    """How far a part is good. ``asked`` and ``source`` are hashes of what was asked for and of what it was read from.

    ``as_of`` is the moment that its contents are of; ``total`` the rows that it will have.
    """

    format: int = FORMAT
    asked: str
    source: str = ""
    as_of: datetime
    total: int = 0
    rows: int = 0
    bytes: int = 0
    sha256: str = ""


class PartFile:
    """One file in the making. Errors of the disk are ``StoreError`` (code ``export-failed``) or ``StoreFull`` (``export-full``)."""

    def __init__(self, target: Path, *, fs: Disk | None = None) -> None:
        self.target = target
        self.part = target.with_name(target.name + ".part")
        self.side = target.with_name(target.name + ".part.json")
        self.good: Good | None = None
        self._fs = fs or Disk()
        self._fd = -1
        self._hash: _Hash = hashlib.sha256()
        self._rows = self._bytes = 0

    def refuse_taken(self, *, resume: bool, force: bool) -> None:
        """``Refused`` where the name is taken, or where a part stands there that nobody asked to go on with."""
        if os.path.lexists(self.target) and (not force or not self.target.is_file() or self.target.is_symlink()):
            raise errors.Refused(
                f"There is a file {self.target.name} already.",
                "Choose another name, or use --force.",
                code="export-taken",
            )
        if not self.target.parent.is_dir():
            raise errors.UsageError(
                f"There is no folder {self.target.parent}.", "Make it, or choose another.", code="export-folder"
            )
        if os.path.lexists(self.part) and not resume and not force:
            raise errors.Refused(
                f"An unfinished {self.part.name} is there already.",
                "Go on with --resume, or begin anew with --force.",
                code="export-unfinished",
            )

    def read_good(self) -> Good:
        """How far the unfinished part is good; ``Refused`` where there is none to go on with."""
        try:
            found = msgspec.json.decode(self.side.read_bytes(), type=Good)
        except (OSError, ValueError, RecursionError):
            found = None
        if found is None or found.format != FORMAT or not self.part.is_file() or self.part.is_symlink():
            raise errors.Refused(
                f"There is no unfinished {self.part.name} to go on with.",
                "Begin without --resume.",
                code="export-nothing",
            )
        return found

    def begin(self, good: Good) -> None:
        """A fresh, empty part in the place of any other."""
        with self._disk():
            self.part.unlink(missing_ok=True)
            self.side.unlink(missing_ok=True)
            self._fd = os.open(self.part, os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0), 0o600)
            self._own()
        self.good = good
        self.checkpoint()

    def go_on(self, good: Good) -> None:
        """The part as it stood at its last mark. ``Refused`` where it is not what the mark says, and nothing is changed."""
        with self._disk():
            self._fd = os.open(self.part, os.O_RDWR | getattr(os, "O_NOFOLLOW", 0))
            self._own()
            left = good.bytes
            with os.fdopen(os.dup(self._fd), "rb") as file:
                while left and (piece := file.read(min(left, _CHUNK))):
                    self._hash.update(piece)
                    left -= len(piece)
        if left or self._hash.hexdigest() != good.sha256:
            self.close()
            raise errors.Refused(
                f"{self.part.name} was changed since it was written.", "Begin anew with --force.", code="export-changed"
            )
        with self._disk():
            self._fs.truncate(self._fd, good.bytes)
        self.good, self._rows, self._bytes = good, good.rows, good.bytes

    def write(self, data: bytes, *, rows: int) -> None:
        """More of it, ``rows`` whole rows."""
        with self._disk():
            write_all(self._fs, self._fd, data, self._bytes)
        self._hash.update(data)
        self._bytes += len(data)
        self._rows += rows

    def checkpoint(self) -> None:
        """From here on it is good up to here, come what may."""
        assert self.good is not None
        good = msgspec.structs.replace(self.good, rows=self._rows, bytes=self._bytes, sha256=self._hash.hexdigest())
        with self._disk():
            self._fs.sync(self._fd)
            replace_file(self.side, msgspec.json.encode(good), durable=True)
        self.good = good

    def finish(self, *, force: bool) -> Good:
        """Gives the file its name, durably; ``Refused`` where somebody has taken the name meanwhile."""
        self.checkpoint()
        assert self.good is not None
        with self._disk():
            if force:
                self._fs.rename(self.part, self.target)
            else:
                self._name()
            self.side.unlink(missing_ok=True)
            self._fs.sync_dir(self.target.parent)
        self.close()
        return self.good

    def close(self) -> None:
        """Lets go; the part stays. Twice is harmless."""
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1

    def _name(self) -> None:
        try:
            # A link is made or not; a rename would take the place of a file that has come there meanwhile.
            os.link(self.part, self.target)
        except FileExistsError:
            self.refuse_taken(resume=True, force=False)
            raise
        except OSError:
            self.refuse_taken(resume=True, force=False)
            self._fs.rename(self.part, self.target)
            return
        self.part.unlink()

    def _own(self) -> None:
        try:
            import fcntl
        except ImportError:
            return
        try:
            fcntl.flock(self._fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self.close()
            raise errors.Refused(
                f"Another process is writing {self.part.name}.",
                "Wait for it, or choose another name.",
                code="export-busy",
            ) from None

    @contextlib.contextmanager
    def _disk(self) -> Iterator[None]:
        try:
            yield
        except (OSError, errors.StoreFull) as error:
            if isinstance(error, errors.StoreFull) or error.errno in FULL:
                raise errors.StoreFull(
                    f"The disk took no more of {self.part.name}.",
                    "Free some space and run the same command with --resume.",
                    code="export-full",
                ) from error
            reason = os.strerror(error.errno) if error.errno else "unknown reason"
            raise errors.StoreError(
                f"{self.part.name} could not be written: {reason}.",
                "Check the folder and its rights.",
                code="export-failed",
            ) from error
