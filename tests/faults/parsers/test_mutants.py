"""Parsers with a fault put in: what looks for it must find it."""

from __future__ import annotations

import sys
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest import mock

import msgspec
import pytest

from okpay_console.domain import tables
from okpay_console.remote import events
from okpay_console.server import connection

hostile: Any = sys.modules["okpay_parsers_hostile"]
table: Any = sys.modules["okpay_parsers_table"]


def harmed(name: str) -> list[str]:
    """The kinds of errors that come out of a parser and are not declared, over the documents that nobody should send."""
    parser = table.BY_NAME[name]
    out = set()
    for data in hostile.nasty():
        try:
            parser.read(data)
        except parser.may:
            pass
        except Exception as error:
            out.add(type(error).__name__)
    return sorted(out)


def uncaught(data: bytes) -> object:
    return msgspec.json.decode(data)


def test_a_parser_that_catches_nothing_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    assert harmed("problem") == []
    monkeypatch.setattr("okpay_console.remote.problems._problem", uncaught)
    assert {"DecodeError", "RecursionError"} <= set(harmed("problem"))


def test_settings_that_may_be_nested_at_will_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    assert harmed("settings") == []
    monkeypatch.setattr(tables, "read", tomllib.loads)
    assert harmed("settings") == ["RecursionError", "ValueError"]


def test_a_stream_without_its_limit_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lines without a value are held too."""

    def held() -> int:
        parser = events.Parser()
        try:
            for _ in range(3000):
                parser.feed(b"data\n" * 100)
        except events.errors.BadReply:
            return 0
        return len(parser._data)

    assert held() == 0, "an event without end was not refused"
    monkeypatch.setattr(events.Parser, "_check", lambda self, size: None)
    assert held() == 300_000


def test_a_quadratic_loop_is_found() -> None:
    from importlib.util import module_from_spec, spec_from_file_location

    spec = spec_from_file_location("okpay_parsers_growth", Path(__file__).with_name("test_growth.py"))
    assert spec and spec.loader
    growth = module_from_spec(spec)
    spec.loader.exec_module(growth)

    def once(data: bytes) -> None:
        for line in data.splitlines():
            line.strip()

    def again(data: bytes) -> None:
        lines = data.splitlines()
        for place in range(len(lines)):
            for line in lines[:place]:
                line.strip()

    def sized(size: int) -> bytes:
        return b"abcdefghijklmnopqrstuvwxyz 01234\n" * (size // 32)

    assert growth.linear(growth.grows(once, sized))
    assert not growth.linear(growth.grows(again, sized))


@pytest.mark.parametrize(
    "without",
    [{"HEAD_BYTES": 1 << 40, "HEAD_LINES": 1 << 40}, {"LINGER_BYTES": 1 << 40, "LINGER_S": 1e6}],
    ids=["head", "linger"],
)
def test_a_connection_without_a_limit_is_found(without: dict[str, Any]) -> None:
    """What the sockets of test_limits see, on a connection without a network."""
    assert _fed(connection) == (431, True)
    with mock.patch.multiple(connection, **without):
        assert _fed(connection) != (431, True)


async def _nobody(scope: object, receive: object, send: object) -> None: ...


def _fed(module: Any) -> tuple[int, bool]:
    """The status that a head without end is answered with, and whether the connection has ended after 5 MiB more of it."""
    import asyncio

    from uvicorn import Config
    from uvicorn.server import ServerState

    async def go() -> tuple[int, bool]:
        written: list[bytes] = []
        closed: list[bool] = []
        transport: Any = mock.Mock(
            write=written.append, close=lambda: closed.append(True), is_closing=lambda: bool(closed)
        )
        transport.get_extra_info.return_value = None
        made: Callable[..., Any] = module.Bounded
        one = made(Config(_nobody, http="httptools", log_config=None), ServerState(), {}, head_s=60.0, body_s=60.0)
        one.connection_made(transport)
        one.data_received(b"GET / HTTP/1.1\r\nX: ")
        for _ in range(80):
            one.data_received(b"x" * (1 << 16))
        head, ended = b"".join(written), bool(closed)
        one.connection_lost(None)
        return int(head.split()[1]) if head else 0, ended

    return asyncio.run(go())
