"""The numbers by which two programs know whether they fit: of the program, the protocol, the store and the database."""

from __future__ import annotations

from okpay_console import __version__


def numbers() -> dict[str, str | int]:
    """``database`` is the newest schema that this program knows, "" where the server's parts are not installed."""
    from okpay_console.domain.wire import PROTOCOL
    from okpay_console.local.record import VERSION

    return {"version": __version__, "protocol": PROTOCOL, "store": VERSION, "database": _schema()}


def line() -> str:
    """All of them for people."""
    told = numbers()
    parts = [f"{name} {told[name]}" for name in ("protocol", "store", "database") if told[name]]
    return f"{told['version']} ({', '.join(parts)})"


def _schema() -> str:
    try:
        from okpay_console.server.db import REVISION
    except ImportError:
        return ""
    return REVISION
