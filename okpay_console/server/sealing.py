"""A file under a passphrase: AES-256-GCM in pieces, so that it can be written and read without ever being whole in memory.

The first line says what a guess costs and the salt; then come 32 bytes that prove passphrase and line (HMAC-SHA-256), and then
pieces of 64 KiB, each with its tag. A piece's nonce is its number and whether it is the last (the STREAM construction: Hoang,
Reyhanitabar, Rogaway, Vizár 2015), so none can be missing, doubled or moved. The key is Argon2id's (RFC 9106), new for each file.
"""

from __future__ import annotations

import hmac
import io
import os
from typing import IO, TYPE_CHECKING, Annotated, Final

import msgspec
from msgspec import Meta

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

MARK: Final = b"okpay-sealed 1 "
_PIECE: Final = 64 << 10
_TAG: Final = 16
_LINE: Final = 512


class WrongPassphraseError(ValueError):
    """This passphrase does not open the file, or its first line was changed."""


class _How(msgspec.Struct, frozen=True):
    """RFC 9106's second recommended option (§4), with bounds that keep somebody else's file from taking all memory."""

    salt: Annotated[str, Meta(min_length=32, max_length=64)]
    kib: Annotated[int, Meta(ge=8, le=1 << 20)] = 64 << 10
    passes: Annotated[int, Meta(ge=1, le=16)] = 3
    lanes: Annotated[int, Meta(ge=1, le=16)] = 4


_new = _How
"""How files are sealed from now on."""


def is_sealed(file: IO[bytes]) -> bool:
    """Whether a file begins as a sealed one does; it stands at its beginning afterwards."""
    found = file.read(len(MARK)) == MARK
    file.seek(0)
    return found


class Sealing(io.RawIOBase):
    """What is written to it arrives sealed in ``sink``; before ``finish`` its last piece, and with it its end, is missing."""

    def __init__(self, sink: IO[bytes], passphrase: str) -> None:
        how = _new(os.urandom(16).hex())
        line = MARK + msgspec.json.encode(how) + b"\n"
        self._cipher, proof = _keys(how, passphrase, line)
        self._sink = sink
        self._rest = bytearray()
        self._number = 0
        sink.write(line + proof)

    def writable(self) -> bool:
        return True

    def write(self, data: bytes, /) -> int:  # type: ignore[override]
        self._rest += data
        # One piece is kept back: only at the end is it known which is the last.
        while len(self._rest) > _PIECE:
            self._put(bytes(self._rest[:_PIECE]), last=False)
            del self._rest[:_PIECE]
        return len(data)

    def finish(self) -> None:
        """The last piece, which may be empty."""
        self._put(bytes(self._rest), last=True)
        self._rest.clear()

    def _put(self, piece: bytes, *, last: bool) -> None:
        self._sink.write(self._cipher.encrypt(_nonce(self._number, last), piece, None))
        self._number += 1


class Unsealed(io.RawIOBase):
    """A sealed file read in clear.

    ``WrongPassphraseError`` at once; ``EOFError`` or ``ValueError`` where bytes are missing or changed.
    """

    def __init__(self, source: IO[bytes], passphrase: str) -> None:
        line = source.readline(_LINE)
        try:
            how = msgspec.json.decode(line.removeprefix(MARK), type=_How)
            bytes.fromhex(how.salt)
        except (msgspec.MsgspecError, ValueError):
            raise ValueError("its first line was changed") from None
        self._cipher, proof = _keys(how, passphrase, line)
        if not hmac.compare_digest(proof, source.read(len(proof))):
            raise WrongPassphraseError
        self._source = source
        self._ahead = source.read(_PIECE + _TAG)
        self._clear = b""
        self._number = 0
        self._ended = False

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview, /) -> int:  # type: ignore[override]
        while not self._clear and not self._ended:
            self._clear = self._next()
        size = min(len(buffer), len(self._clear))
        buffer[:size] = self._clear[:size]
        self._clear = self._clear[size:]
        return size

    def _next(self) -> bytes:
        from cryptography.exceptions import InvalidTag

        piece, self._ahead = self._ahead, self._source.read(_PIECE + _TAG)
        self._ended = not self._ahead
        try:
            clear = self._cipher.decrypt(_nonce(self._number, self._ended), piece, None)
        except InvalidTag:
            if self._ended:
                raise EOFError from None
            raise ValueError("its bytes were changed") from None
        self._number += 1
        return clear


def _nonce(number: int, last: bool) -> bytes:
    return number.to_bytes(11, "big") + bytes([last])


def _keys(how: _How, passphrase: str, line: bytes) -> tuple[AESGCM, bytes]:
    """The cipher, and the proof of passphrase and first line."""
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM
    from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

    kdf = Argon2id(salt=bytes.fromhex(how.salt), length=64, iterations=how.passes, lanes=how.lanes, memory_cost=how.kib)
    both = kdf.derive(passphrase.encode())
    return AESGCM(both[:32]), hmac.digest(both[32:], line, "sha256")
