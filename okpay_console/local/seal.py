"""The sealed journal: each record encrypted with AES-256-GCM and bound to its place in its file (NIST SP 800-38D).

A sealed line is ``!``, the record's number in hexadecimal, a full stop, and in base64 12 random bytes of nonce, the
ciphertext and 16 bytes of tag. The number is bound like the file's salt; it stands there for salvage alone. The key of a file is
HKDF-SHA-256 (RFC 5869) of the master key with the file's salt, so no two files share a key, and random nonces stay far from
their limit (2^32 records a key). A counter as nonce would repeat after a torn tail is cut off.

What this cannot tell: that whole records are missing from the end, or that an older copy of the whole file was put back. The
server notices both, for a client's log is numbered and chained there.
"""

from __future__ import annotations

import os
import re
from base64 import b64encode
from binascii import a2b_base64
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

KEY_BYTES: Final = 32
_NONCE: Final = 12
_PREFIX: Final = "aes256gcm-"
_INFO: Final = b"okpay-console journal 1"


def key_id_of(codec: str) -> str:
    """The id of the key that a file sealed as ``codec`` needs; "" for a file that is not sealed."""
    return codec.removeprefix(_PREFIX) if codec.startswith(_PREFIX) else ""


class Sealed:
    """A ``Codec`` over one master key. ``key_id`` stands in the file's header, so that a file says which key it needs."""

    mark = b"!"

    def __init__(self, master: bytes, *, key_id: str) -> None:
        self.name = _PREFIX + key_id
        self._master = master
        self._salt = b""
        self._cipher: AESGCM | None = None

    def __repr__(self) -> str:
        return f"Sealed({self.name!r})"

    def seal(self, payload: bytes, *, number: int, salt: bytes) -> bytes:
        """Text without a line feed."""
        nonce = os.urandom(_NONCE)
        return b"!%x.%b" % (number, b64encode(nonce + self._of(salt).encrypt(nonce, payload, bound(number, salt))))

    def open(self, sealed: bytes | memoryview, *, number: int, salt: bytes) -> bytes:
        """The payload again; raises ``ValueError`` for a wrong key, a moved record, and anything that was changed."""
        head = b"!%x." % number
        if sealed[: len(head)] != head:
            raise ValueError("not the sealed record of this place")
        return opened(self._of(salt), a2b_base64(sealed[len(head) :], strict_mode=True), bound(number, salt))

    def place(self, sealed: bytes) -> int:
        """The number that the line says."""
        found = re.match(rb"!([0-9a-f]{1,16})\.", sealed)
        return int(found[1], 16) if found else 0

    def _of(self, salt: bytes) -> AESGCM:
        # Compaction writes one file while the other is still in use: the two change places a few times at most.
        if self._cipher is None or salt != self._salt:
            self._cipher, self._salt = _cipher(derived(self._master, salt=salt, info=_INFO)), salt
        return self._cipher


def bound(number: int, salt: bytes) -> bytes:
    """The associated data of a record: its file and its place there."""
    return salt + number.to_bytes(8, "big")


def derived(master: bytes, *, salt: bytes, info: bytes) -> bytes:
    """A key for one purpose."""
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF

    return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=salt, info=info).derive(master)


def wrap(key: bytes, secret: bytes, *, about: bytes) -> bytes:
    """A small secret under another key; ``about`` says what it is, and must be said again to open it."""
    nonce = os.urandom(_NONCE)
    return nonce + _cipher(key).encrypt(nonce, secret, about)


def unwrap(key: bytes, wrapped: bytes, *, about: bytes) -> bytes:
    """The secret again; ``ValueError`` where key or purpose is another."""
    return opened(_cipher(key), wrapped, about)


def opened(cipher: AESGCM, raw: bytes, about: bytes) -> bytes:
    """The plain bytes; ``ValueError`` where they cannot be proved."""
    from cryptography.exceptions import InvalidTag

    try:
        return cipher.decrypt(raw[:_NONCE], raw[_NONCE:], about)
    except InvalidTag:
        raise ValueError("the key does not fit, or the record was changed") from None


def _cipher(key: bytes) -> AESGCM:
    # Imported with the first sealed record: it costs about 60 ms, and the console's first frame comes before that.
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    return AESGCM(key)
