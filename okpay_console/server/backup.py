"""A backup: one file with every row of one moment, made while the server serves and proved before it bears its name."""

from __future__ import annotations

import contextlib
import errno
import gzip
import hashlib
import io
import os
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import IO, Any, Final, Protocol

import msgspec
from sqlalchemy import Connection, Table, func, select, tuple_

from .. import __version__, errors
from ..domain import auditchain, ticket
from ..domain.auditchain import Chain, Linked
from . import audit, clock, history, sealing
from .clock import moment
from .db import REVISION, Database, at_head
from .schema import meta

Tell = Callable[[int, int], None]
"""Told how many of how many rows are written or checked."""
FORMAT: Final = 1
PASSING: Final = frozenset({"presence", "heard", "duties", "floor"})
"""Tables that nobody misses: what they hold is of this minute."""
_CHUNK: Final = 500


class Header(msgspec.Struct, frozen=True, kw_only=True):
    """The first line: what is in the file. ``tables`` are the columns of each; ``rows`` how many there were at that moment."""

    okpay_backup: int
    program: str
    revision: str
    server_id: str
    seq: int
    made_at: datetime
    tables: dict[str, list[str]]
    rows: dict[str, int]


class Part(msgspec.Struct, frozen=True, tag=True):
    """A line with rows of one table, in the order of its key."""

    table: str
    rows: list[list[Any]]


class End(msgspec.Struct, frozen=True, tag=True):
    """The last line: SHA-256 of all bytes before it, uncompressed."""

    sha256: str


class Backup(msgspec.Struct, frozen=True, kw_only=True):
    """A backup that was read to its end and found whole. ``audit`` is the end of its audit log, ``bytes`` the file's size."""

    file: str
    header: Header
    bytes: int
    sha256: str
    audit: Chain

    @property
    def rows(self) -> int:
        return sum(self.header.rows.values())


class _Sink(Protocol):
    def write(self, data: bytes, /) -> int: ...


async def backup(database: str, file: Path, *, passphrase: str = "", tell: Tell = lambda *_: None) -> Backup:
    """Writes ``file`` (0600), and a line into the audit log; the server may serve meanwhile. Sealed with a ``passphrase``.

    Refused (backup-exists) where there is a file already; ConfigError where the database is none or of another version, or the file
    cannot be written. Whatever happens, a file of that name is whole: it gets its name when it was read back.
    """
    db = Database(database)
    aside = file.with_name(f"{file.name}.{os.getpid()}.part")
    try:
        if not await db.read(at_head):
            raise errors.ConfigError(
                "The database is of another version than this program.",
                "Start the server once, or update this program.",
                code="other-database",
            )
        _check_free(file)
        with _own(aside, passphrase) as sink:
            await db.read(lambda conn: _write(conn, sink, tell))
        made = check(aside, passphrase=passphrase, tell=tell)
        try:
            # A link does not overwrite what somebody else has put there in the meantime, as renaming would.
            os.link(aside, file)
        except FileExistsError:
            raise _exists(file) from None
        sync_folder(file.parent)
        now = clock.now()
        await db.write(lambda conn: audit.append(conn, now=now, who="admin", what="backup", about=file.name[:200]))
        return msgspec.structs.replace(made, file=str(file))
    except OSError as error:
        raise _unwritten(error) from error
    finally:
        with contextlib.suppress(OSError):
            aside.unlink(missing_ok=True)
        await db.close()


def check(file: Path, *, passphrase: str = "", tell: Tell = lambda *_: None) -> Backup:
    """Reads a backup to its end; Refused (bad-backup) where it is none or is not whole, (backup-audit) where its audit log does
    not hold together, and (backup-sealed) where it is sealed and this passphrase does not open it."""
    digest = hashlib.sha256()
    chain, prev, counts, done = Chain(), auditchain.FIRST, dict[str, int](), 0
    header: Header | None = None
    ended = ""
    for line in _lines(file, passphrase):
        if ended:
            raise _bad("something follows its end")
        found = _decoded(line, Header if header is None else Part | End)
        if header is None:
            header = found
            counts = dict.fromkeys(header.tables, 0)
        elif isinstance(found, End):
            if found.sha256 != digest.hexdigest():
                raise _bad("its checksum is another")
            ended = found.sha256
            continue
        else:
            if found.table not in counts:
                raise _bad("a table is not announced")
            counts[found.table] += len(found.rows)
            done += len(found.rows)
            tell(done, sum(header.rows.values()))
            try:
                if found.table == "audit":
                    linked = list(_linked(header, found, prev))
                    chain, prev = auditchain.check(linked, chain), linked[-1].link if linked else prev
                elif found.table == "tickets":
                    _readable(header, found)
            except (LookupError, ValueError, TypeError, AttributeError, OverflowError, OSError):
                raise _bad("a line in it cannot be read") from None
        digest.update(line)
    if header is None or not ended:
        raise _bad("its end is missing")
    if counts != header.rows:
        raise _bad("rows are missing")
    if chain.broken:
        raise errors.Refused(
            f"Its audit log does not hold together from line {chain.broken} on.",
            "Somebody has changed the database or the backup: keep both and report it.",
            code="backup-audit",
        )
    return Backup(file=str(file), header=header, bytes=file.stat().st_size, sha256=ended, audit=chain)


def parts(file: Path, *, passphrase: str = "") -> Iterator[Part]:
    """The rows of a backup that was checked, table by table."""
    for place, line in enumerate(_lines(file, passphrase)):
        if place:
            found = _decoded(line, Part | End)
            if isinstance(found, Part):
                yield found


def _write(conn: Connection, sink: _Sink, tell: Tell) -> None:
    tables = [table for table in meta.sorted_tables if table.name not in PASSING]
    rows = {
        str(table.name): int(conn.execute(select(func.count()).select_from(table)).scalar_one()) for table in tables
    }
    header = Header(
        okpay_backup=FORMAT,
        program=__version__,
        revision=REVISION,
        server_id=history.server_id(conn),
        seq=history.head(conn).seq,
        made_at=clock.now(),
        tables={str(table.name): [str(column.name) for column in table.columns] for table in tables},
        rows=rows,
    )
    digest = hashlib.sha256()
    done = 0

    def put(line: msgspec.Struct) -> None:
        data = msgspec.json.encode(line) + b"\n"
        sink.write(data)
        digest.update(data)

    put(header)
    for table in tables:
        for chunk in _chunks(conn, table):
            put(Part(str(table.name), chunk))
            done += len(chunk)
            tell(done, sum(rows.values()))
    put(End(digest.hexdigest()))


def _chunks(conn: Connection, table: Table) -> Iterator[list[list[Any]]]:
    """The rows by key, a piece at a time: no statement takes long, and memory holds one piece."""
    keys = list(table.primary_key.columns)
    places = [list(table.columns).index(key) for key in keys]
    query = select(table).order_by(*keys).limit(_CHUNK)
    after: list[Any] | None = None
    while True:
        further = query if after is None else query.where(tuple_(*keys) > tuple_(*after))
        rows = [list(row) for row in conn.execute(further)]
        if not rows:
            return
        yield rows
        after = [rows[-1][place] for place in places]


def _linked(header: Header, part: Part, prev: str) -> Iterator[Linked]:
    columns = header.tables["audit"]
    for row in part.rows:
        kept = dict(zip(columns, row, strict=True))
        yield Linked(kept["id"], moment(kept["at"]), kept["who"], kept["what"], kept["about"], prev, kept["link"])
        prev = kept["link"]


def _readable(header: Header, part: Part) -> None:
    doc, gone = (header.tables["tickets"].index(name) for name in ("doc", "gone"))
    try:
        for row in part.rows:
            if not row[gone]:
                ticket.from_json(row[doc].encode())
    except msgspec.MsgspecError:
        raise _bad("a ticket in it cannot be read") from None


def _lines(file: Path, passphrase: str) -> Iterator[bytes]:
    try:
        with file.open("rb") as source:
            clear: IO[bytes] = source
            if sealing.is_sealed(source):
                if not passphrase:
                    raise _sealed("The backup is encrypted, and no passphrase was given.")
                clear = io.BufferedReader(sealing.Unsealed(source, passphrase))
            with gzip.open(clear, "rb") as told:
                yield from told
    except errors.Refused:
        raise
    except sealing.WrongPassphraseError:
        raise _sealed("This passphrase does not open the backup.") from None
    except (EOFError, gzip.BadGzipFile, OSError) as error:
        if isinstance(error, (FileNotFoundError, PermissionError, IsADirectoryError)):
            raise errors.ConfigError(
                f"The backup cannot be opened: {error.strerror}.",
                "Check the path and its permissions.",
                code="no-backup" if isinstance(error, FileNotFoundError) else "backup-unread",
            ) from error
        raise _bad("its end is missing") from None
    except Exception as error:
        # zlib's own error has no family of its own.
        raise _bad("its bytes were changed") from error


def _decoded(line: bytes, kind: Any) -> Any:
    try:
        return msgspec.json.decode(line, type=kind)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        raise _bad("a line in it cannot be read") from None


@contextlib.contextmanager
def _own(path: Path, passphrase: str) -> Iterator[_Sink]:
    """A compressed file of this user alone, sealed with a passphrase, on the disk when the block ends."""
    path.unlink(missing_ok=True)
    fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(fd, "wb") as file:
        seal = sealing.Sealing(file, passphrase) if passphrase else None
        with gzip.GzipFile(fileobj=seal or file, mode="wb", filename="", mtime=0, compresslevel=5) as packed:
            yield packed
        if seal is not None:
            seal.finish()
        file.flush()
        os.fsync(file.fileno())


def sync_folder(folder: Path) -> None:
    """Makes a new name in the folder certain; Windows does so by itself."""
    if os.name == "nt":
        return
    fd = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def _check_free(file: Path) -> None:
    if file.exists():
        raise _exists(file)


def _exists(file: Path) -> errors.Refused:
    return errors.Refused(f"There is a file {file.name} already.", "Choose another name.", code="backup-exists")


def _unwritten(error: OSError) -> errors.ConfigError:
    what, advice = f"The backup cannot be written: {error.strerror}.", "Choose another place, with enough room."
    if error.errno == errno.ENOSPC:
        return errors.ConfigError(what, advice, code="backup-full")
    folder = isinstance(error, (FileNotFoundError, NotADirectoryError))
    return errors.ConfigError(what, advice, code="backup-folder" if folder else "backup-unwritten")


def _sealed(what: str) -> errors.Refused:
    return errors.Refused(what, "Name the file with its passphrase: --passphrase-file FILE.", code="backup-sealed")


def _bad(why: str) -> errors.Refused:
    return errors.Refused(f"The file is no whole backup: {why}.", "Take another backup.", code="bad-backup")
