"""What is found when a journal is read: the good part, where it ends, and what lies behind damage."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Literal

import msgspec

from okpay_console.errors import StoreForeign
from okpay_console.local.codec import Codec
from okpay_console.local.record import CRC, Chain, Change, Tables, apply, decode, read_header

_HEX = re.compile(rb"[0-9a-f]{8}")

_OURS = re.compile(rb"[0-9a-f]{8}|[0-9a-f]{0,7}\Z")
"""How every journal begins, however little of it there is."""

_LEAST = CRC + 3
"""The bytes of the shortest line."""

_DOUBTS = 64
"""How many candidates are kept for the line in front of the next one, in a long rotten stretch."""


class Recovery(msgspec.Struct, frozen=True):
    """What opening had to mend, in words for the status line.

    ``none``: nothing. ``torn``: the last record was not finished; ``cut_bytes`` were removed. ``rot``: something before
    the end had changed on the disk; the old file was kept as ``quarantine`` (a name in the same folder, empty for a
    read-only opener, who moves nothing), ``salvaged`` rows per precious table are in the new store, ``lost_records``
    transactions could not be read, and every other table is empty and must be listed again.
    """

    kind: Literal["none", "torn", "rot"] = "none"
    cut_bytes: int = 0
    quarantine: str = ""
    salvaged: dict[str, int] = {}
    lost_records: int = 0
    message: str = ""
    advice: str = ""


def torn(cut_bytes: int) -> Recovery:
    """The report of an unfinished last record."""
    return Recovery(
        kind="torn",
        cut_bytes=cut_bytes,
        message=f"the end of the cache was not whole, as after a write that was broken off; {cut_bytes} bytes removed",
        advice="Look whether the last thing you entered is there.",
    )


def rotten(*, quarantine: str, salvaged: Tables, lost_records: int) -> Recovery:
    """The report of damage in the middle."""
    counts = {name: len(rows) for name, rows in salvaged.items()}
    kept = ", ".join(f"{name} {count}" for name, count in counts.items()) or "none"
    where = f"; the damaged file is kept as {quarantine}" if quarantine else ""
    what = f"{lost_records} records unreadable" if lost_records or counts else "no record is left in it"
    return Recovery(
        kind="rot",
        quarantine=quarantine,
        salvaged=counts,
        lost_records=lost_records,
        message=f"the cache was damaged on disk: {what}, own rows saved: {kept}{where}",
        advice="Tickets are fetched again; look through your unsent work, and have this disk checked.",
    )


class Found(msgspec.Struct):
    """A journal as read: ``tables`` as of byte ``end``; ``damage`` tells whether more follows, and of which kind.

    ``records`` and ``rows`` count what was read, and ``chain`` is None where the header itself was unreadable.
    ``tail``: a last line without its line feed, which for a reader may be a write under way.
    """

    tables: Tables
    chain: Chain | None
    end: int = 0
    damage: Literal["none", "tail", "torn", "rot"] = "none"


def read(data: bytes, codec: Codec) -> Found:
    """Read a whole file; ``rot`` is any damage with bytes behind the damaged line, since records are synced one by one.

    Raises ``StoreForeign`` for a file that is not ours to touch.
    """
    stop = data.find(b"\n")
    chain = read_header(data[:stop], codec=codec.name) if stop >= 0 else None
    found = Found(tables={}, chain=chain)
    if chain is None:
        if data.strip(b"\0") and b'"okdb"' not in data[:200] and not _OURS.match(data):
            raise StoreForeign(
                "the file in the cache's place is not a cache of this program", "Choose another profile."
            )
        found.damage = "rot" if 0 <= stop < len(data) - 1 else "torn" if stop >= 0 else "tail" if data else "none"
        return found
    found.end = stop + 1
    follow(found, data, codec, base=0)
    return found


def follow(found: Found, data: bytes, codec: Codec, *, base: int) -> int:
    """Go on from ``found.end`` in ``data``, whose first byte is the file's byte ``base``; returns the records applied."""
    chain = found.chain
    assert chain is not None
    view = memoryview(data)
    start, before = found.end - base, chain.number
    found.damage = "none"
    while start < len(data):
        stop = data.find(b"\n", start)
        if stop < 0:
            found.damage = "rot" if _holds_whole_line(data[start:], codec, chain) else "tail"
            break
        sealed = view[start + CRC : stop]
        crc = chain.sum(sealed)
        if data[start : start + CRC] != b"%08x" % crc:
            more = stop + 1 < len(data) or _holds_whole_line(data[start:stop], codec, chain)
            found.damage = "rot" if more else "torn"
            break
        apply(found.tables, _open(sealed, codec, chain=chain))
        chain.advance(crc)
        start = stop + 1
        found.end = base + start
    return chain.number - before


def _open(sealed: memoryview | bytes, codec: Codec, *, chain: Chain) -> dict[str, Change]:
    """The transaction in a line whose checksum is right; unreadable all the same means that it is not for us."""
    try:
        return decode(codec.open(sealed, number=chain.number + 1, salt=chain.salt))
    except (ValueError, RecursionError) as cause:
        raise StoreForeign(
            "this cache can be read from disk but not understood: another key, or another version wrote it",
            "Sign in as the user who owns it, or choose another profile.",
        ) from cause


def salvage(data: bytes, codec: Codec, *, precious: Iterable[str]) -> tuple[Tables, int]:
    """The rows of the ``precious`` tables from every line that can be proved, and the number of lines that cannot.

    A line behind damage is proved by its predecessor: its CRC continues from the CRC *stored* in the line before it, or
    from the one that the line before it *should* have stored. The same proof clears a line whose own CRC field is what
    rotted. Lines that were joined or split by a rotten line feed are tried at every place that looks like a CRC.
    """
    wanted = frozenset(precious)
    best: Tables = {}
    lost, most = 0, -1
    for chain in _chains(data, codec):
        tables: Tables = {}
        unread, proved = 0, 0
        for changes in _proved(data, codec, chain):
            if changes is None:
                unread += 1
                continue
            proved += 1
            apply(tables, {name: change for name, change in changes.items() if name in wanted or change.take in wanted})
        # The wrong half of a header can prove a line too: their sums are equal where only a seed's highest bit differs.
        if proved > most:
            best, lost, most = tables, unread, proved
    return {name: rows for name, rows in best.items() if name in wanted}, lost


def _chains(data: bytes, codec: Codec) -> Iterator[Chain]:
    """The chain that the header starts; with a damaged header, those that its halves tell (one of them is right)."""
    head = data[: data.find(b"\n")]
    whole = read_header(head, codec=codec.name)
    if whole is not None:
        yield whole
        return
    # The header's CRC is also the seed of every line, and it is there twice: written, and to be computed.
    salts = dict.fromkeys(re.findall(rb'"([0-9a-f]{32})"', head)) or {b"": None}
    for seed in (head[:CRC], b"%08x" % Chain(seed=0, salt=b"").sum(head[CRC:])):
        for salt in salts if _HEX.fullmatch(seed) else ():
            yield Chain(seed=int(seed, 16), salt=bytes.fromhex(salt.decode()))


def _mark(codec: Codec) -> re.Pattern[bytes]:
    """What a record looks like at its start."""
    return re.compile(rb"[0-9a-f]{8}(?=" + re.escape(codec.mark) + rb")")


def _holds_whole_line(text: bytes, codec: Codec, chain: Chain) -> bool:
    """Whether the damaged text begins with a right line and goes on: then a line feed rotted, and nothing was torn."""
    ends = [match.start() - 1 for match in _mark(codec).finditer(text) if match.start()]
    return any(text[:CRC] == b"%08x" % chain.sum(text[CRC:end]) for end in ends)


def _proved(data: bytes, codec: Codec, chain: Chain) -> Iterator[dict[str, Change] | None]:
    """Each line's transaction in order, None for a piece that cannot be proved."""
    mark = _mark(codec)
    before = {chain.seed}  # the CRCs that may stand in front of the next line
    doubtful: bytes | None = None  # the last line, not proved so far
    meant: set[int] = set()  # the CRCs that it should have had, were its payload whole
    seen: set[int] = set()  # the CRCs of the lines that were proved: a second one is an old copy in a wrong place
    gap = 0  # bytes since the last record that was read
    for piece in _pieces(data, mark, chain, before):
        stored = int(piece[:CRC], 16) if _HEX.match(piece) else None
        links = {crc for crc in before | meant if chain.sum(piece[CRC:], after=crc) == stored}
        if doubtful is not None:
            # When this line continues from what the last one should have said, only that one's CRC field had rotted.
            made = _readable(doubtful[CRC:], codec, chain, gap=gap) if links & meant else None
            gap = gap + len(doubtful) if made is None else 0
            yield made
            doubtful = None
        if links and stored is not None and stored not in seen:
            made = _readable(piece[CRC:], codec, chain, gap=gap)
            gap = gap + len(piece) if made is None else 0
            yield made
            before.clear()
            before.add(stored)
            meant = set()
            seen.add(stored)
            continue
        doubtful = piece
        meant = {chain.sum(piece[CRC:], after=crc) for crc in before}
        if stored is not None and stored not in seen and len(before) < _DOUBTS:
            before.add(stored)
    if doubtful is not None:
        yield None


def _pieces(data: bytes, mark: re.Pattern[bytes], chain: Chain, before: set[int]) -> Iterator[bytes]:
    """The lines behind the header; one that does not fit is cut wherever another line seems to start inside it."""
    start = data.find(b"\n") + 1
    # Where the header's own line feed rotted, records stand behind it in the same line.
    yield from _cut(data[: start - 1], mark)[1:]
    while 0 < start < len(data):
        stop = data.find(b"\n", start)
        text = data[start : stop if stop >= 0 else len(data)]
        start = stop + 1 if stop >= 0 else len(data)
        if any(text[:CRC] == b"%08x" % chain.sum(text[CRC:], after=crc) for crc in before):
            yield text
            continue
        yield from _cut(text, mark)


def _cut(text: bytes, mark: re.Pattern[bytes]) -> list[bytes]:
    """The parts of a line, without the byte in front of each: it is the line feed that rotted."""
    cuts = [match.start() for match in mark.finditer(text) if match.start()]
    return [text[left : right - 1] for left, right in zip([0, *cuts], [*cuts, len(text) + 1], strict=True)]


def _readable(sealed: bytes, codec: Codec, chain: Chain, *, gap: int) -> dict[str, Change] | None:
    """The transaction in a line that the chain proves; behind a ``gap`` it is tried with each number that it may have there."""
    for number in range(chain.number + 1, chain.number + 2 + gap // _LEAST):
        try:
            made = decode(codec.open(sealed, number=number, salt=chain.salt))
        except (ValueError, RecursionError):
            continue
        chain.number = number
        return made
    return None
