"""``admin audit anchor``: the end of the audit log as one line to be kept elsewhere, and the check of such lines."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import os
from argparse import Namespace
from pathlib import Path

import msgspec

from okpay_console import errors, wiring
from okpay_console.cli import problems
from okpay_console.cli.output import Out, document
from okpay_console.config import Settings
from okpay_console.domain.auditchain import Anchor

_SHORTEST_KEY = 32


def anchor(arguments: Namespace, settings: Settings, out: Out) -> int:
    """Prints the line, and adds it to a file where one is named; a chain that is broken gets none."""
    from okpay_console.server import audit

    key = _key(arguments.key, out) if arguments.key else b""
    made = asyncio.run(audit.anchor(arguments.database or wiring.database(settings)))
    if key:
        made = msgspec.structs.replace(made, signature=_sign(key, made))
    line = msgspec.json.encode(made)
    if arguments.to:
        _add(Path(arguments.to), line, out)
    out.doc(document(made)) if out.json else out.line(line.decode())
    if not arguments.to and not out.json:
        out.note(
            out.pick(
                "请把这一行存到这台机器之外（纸、另一台机器、只能追加的存储），以后用 audit verify --anchors 对照。",
                "Keep this line outside of this machine; `audit verify --anchors FILE` compares the log with it later.",
            )
        )
    return problems.DONE


def read(path: str, key: str, out: Out) -> list[Anchor]:
    """The anchors of a file, each with a right signature where a key is given; ``Refused`` (anchor-line) otherwise."""
    secret = _key(key, out) if key else b""
    found = []
    for number, line in enumerate(_bytes(Path(path), out).splitlines(), start=1):
        if not line.strip():
            continue
        try:
            one = msgspec.json.decode(line, type=Anchor)
        except (ValueError, RecursionError):
            raise errors.Refused(
                out.pick(f"第 {number} 行不是末条记录。", f"Line {number} is no end of an audit log."),
                out.pick("文件应由 admin audit anchor 写成。", "The file must be one that `admin audit anchor` wrote."),
                code="anchor-line",
            ) from None
        if secret and not hmac.compare_digest(one.signature, _sign(secret, one)):
            raise errors.Refused(
                out.pick(f"第 {number} 行的签名不对。", f"The signature of line {number} is wrong."),
                out.pick("它被改过，或用了别的密钥。", "It was changed, or signed with another key."),
                code="anchor-signature",
            )
        found.append(one)
    return found


def _sign(key: bytes, one: Anchor) -> str:
    """HMAC-SHA-256 (RFC 2104) over the line without its signature."""
    bare = msgspec.json.encode(msgspec.structs.replace(one, signature=""))
    return hmac.new(key, bare, hashlib.sha256).hexdigest()


def _key(path: str, out: Out) -> bytes:
    key = _bytes(Path(path), out).strip()
    if len(key) < _SHORTEST_KEY:
        raise errors.UsageError(
            out.pick("密钥太短。", "The key is too short."),
            out.pick(
                "至少 32 个字节，如 openssl rand -hex 32 的输出。",
                "32 bytes at least, as `openssl rand -hex 32` gives.",
            ),
        )
    return key


def _bytes(path: Path, out: Out) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise errors.UsageError(
            out.pick(f"读不了文件 {path}。", f"The file {path} cannot be read."), error.strerror or ""
        ) from error


def _add(path: Path, line: bytes, out: Out) -> None:
    try:
        fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        with os.fdopen(fd, "ab") as file:
            file.write(line + b"\n")
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise errors.ConfigError(
            out.pick(f"写不了文件 {path}。", f"The file {path} cannot be written."), error.strerror or ""
        ) from error
