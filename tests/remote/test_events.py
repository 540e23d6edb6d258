"""The event stream: bytes in any pieces, lines without end, and a loop that never gives up."""

from __future__ import annotations

from contextlib import asynccontextmanager

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from okpay_console import errors
from okpay_console.remote.events import Event, Parser, hints

STREAM = (
    "\ufeffretry: 2000\n\n: ping\n\nid: 17-a\nevent: state\n\nid:17-b\r\nevent:state\r\ndata: 甲\r\ndata:乙\r\n\r\n"
    "data: x\r\revent: reauth\rid: no\0pe\r\rnonsense\nevent: lost"
).encode()
WANTED = [
    Event("state", "", "17-a"),
    Event("state", "甲\n乙", "17-b"),
    Event("message", "x", "17-b"),
    Event("reauth", "", "17-b"),
]


@given(cuts=st.lists(st.integers(0, len(STREAM)), max_size=12).map(sorted))
@settings(max_examples=200, deadline=None)
def test_the_pieces_do_not_matter(cuts):
    parser = Parser()
    events = []
    for start, end in zip([0, *cuts], [*cuts, len(STREAM)], strict=True):
        events += parser.feed(STREAM[start:end])
    assert events == WANTED
    assert (parser.last_id, parser.retry_s) == ("17-b", 2.0)


@given(st.binary(max_size=300))
@settings(max_examples=200, deadline=None)
def test_no_bytes_break_the_parser(data):
    Parser().feed(data)


@pytest.mark.parametrize("piece", [b"data: " + b"x" * 2000, b"x" * 2000 + b"\n", b"data: xxxxxxxx\n" * 300])
def test_a_line_or_an_event_without_end_is_refused(piece):
    parser = Parser(line_chars=1000)
    with pytest.raises(errors.BadReply):
        for _ in range(3):
            parser.feed(piece)


class Stopped(Exception):
    pass


class Streams:
    """Connections from a script: bytes to deliver, or an error to fail with."""

    def __init__(self, *script):
        self.script = list(script)
        self.asked = []

    @asynccontextmanager
    async def stream(self, last_event_id=""):
        self.asked.append(last_event_id)
        if not self.script:
            raise Stopped
        step = self.script.pop(0)
        if isinstance(step, Exception):
            raise step

        async def parts():
            for part in step:
                if isinstance(part, Exception):
                    raise part
                yield part

        yield parts()


async def told(*script, lives=60.0):
    streams, waits, seen, now = Streams(*script), [], [], [0.0]

    async def sleep(seconds):
        waits.append(seconds)

    with pytest.raises(Stopped):
        async for hint in hints(streams, sleep=sleep, uniform=lambda _, high: high, monotonic=lambda: now[0]):
            seen += [hint]
            now[0] += lives if hint == "up" else 0.0
    return seen, waits, streams.asked


async def test_a_stream_is_opened_again_with_the_last_id():
    seen, _, asked = await told([b"id: 5\nevent: state\n\n"], [b"event: reauth\n\n", errors.Offline("gone")])
    assert seen == ["up", "state", "down", "up", "reauth", "down"]
    assert asked == ["", "5", "5"]


async def test_the_waits_double_up_to_thirty_seconds_and_start_again_after_a_good_stream():
    down = [errors.Offline("no")] * 6
    _, waits, _ = await told(*down, [b": ping\n\n"], errors.SignedOut("x"))
    assert waits == [2, 4, 8, 16, 30, 30, 1, 2]


async def test_a_stream_that_opens_and_ends_at_once_is_opened_ever_more_rarely():
    _, waits, _ = await told(*[[b": ping\n\n"]] * 4, [], [b": ping\n\n", errors.Offline("cut")], lives=0.5)
    assert waits == [2, 4, 8, 16, 30, 30]


@pytest.mark.parametrize("digits", [10, 400, 5000])
def test_a_wait_of_more_digits_than_any_clock_has_is_none(digits):
    parser = Parser()
    assert parser.feed(b"retry: " + b"9" * digits + b"\nevent: state\n\n") == [Event("state", "", "")]
    assert parser.retry_s is None


async def test_a_sign_of_life_without_news_is_told_apart_from_news():
    seen, _, _ = await told([b": ping\n\n", b"id: 5\nevent: state\n\n", b": ping\n\n"])
    assert seen == ["up", "alive", "state", "alive", "down"]
