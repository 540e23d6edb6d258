"""``alarm`` and ``admin webhook``, against a real server and a receiver that is one too."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import msgspec
import pytest

from okpay_console.cli import parser
from okpay_console.errors import UsageError
from okpay_console.server import signing


class Receiver:
    def __init__(self) -> None:
        self.got: list[tuple[dict[str, str], bytes]] = []
        got = self.got

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                got.append(({name.lower(): value for name, value in self.headers.items()}, body))
                self.send_response(204)
                self.end_headers()

            def log_message(self, *_: Any) -> None: ...

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/okpay"


@pytest.fixture(scope="module")
def receiver() -> Iterator[Receiver]:
    made = Receiver()
    thread = threading.Thread(target=made.server.serve_forever, daemon=True)
    thread.start()
    yield made
    made.server.shutdown()
    made.server.server_close()
    thread.join()


def test_an_alarm_is_set_goes_up_is_posted_signed_and_is_taken_away(
    house: Any, desk: Callable[..., Any], receiver: Receiver
) -> None:
    boss, agent, server = desk("zhou", "supervisor"), desk("wang"), desk("admin-of-the-machine")
    # Those on the server's machine have its database.
    server.env["OKPAY_DATA_DIR"] = str(house.home)
    made = server("admin", "webhook", "set", "duty", receiver.url, "--json")
    assert made.status == 0 and made.doc["secret"].startswith("whsec_"), made.err
    assert server("admin", "webhook", "test", "duty", "--json").doc == {"id": "duty", "status": "204", "ok": True}
    terms = (
        "--metric",
        "groups.queue.general.open",
        "--above",
        "0",
        "--quiet",
        "23:00-23:01/mon,tue",
        "--words",
        "有人在等",
    )
    assert boss("alarm", "set", "waiting", *terms).status == 0
    assert agent("alarm", "list").status == 1
    assert agent("ticket", "new", "--subject", "重复扣款", "--channel", "chat").status == 0
    wanted, until = [], time.monotonic() + 60
    while not wanted and time.monotonic() < until:
        wanted = [one for one in boss("alarm", "deliveries", "--json").docs if one["state"] == "sent"]
    [one] = wanted
    headers, body = receiver.got[-1]
    assert (one["kind"], one["alarm"], one["id"]) == ("alarm.raised", "waiting", headers["webhook-id"])
    assert signing.verify(made.doc["secret"], headers, body, now=int(headers["webhook-timestamp"]))
    assert msgspec.json.decode(body)["data"]["words"] == "有人在等"
    listed = boss("alarm", "list", "--json").doc
    assert (listed["alarm"]["id"], listed["told"], listed["value"]) == ("waiting", True, 1)
    tested = boss("alarm", "test", "waiting", "--json").doc
    assert (tested["beyond"], tested["up"]) == (True, listed["up"])
    assert "有人在等" in boss("alarm", "list").out
    assert boss("alarm", "remove", "waiting").status == 0
    assert boss("alarm", "test", "waiting").status == 1
    shown = server("admin", "webhook", "show").out
    assert "duty" in shown and "whsec_" not in shown
    assert server("admin", "webhook", "remove", "duty").status == 0
    assert server("admin", "webhook", "test", "duty").status == 1


@pytest.mark.parametrize(
    "words",
    [
        "alarm", "alarm set a --metric ringing", "alarm set a --metric ringing --above 1 --below 2",
        "alarm set a --metric ringing --above nan", "admin webhook", "admin webhook set duty",
    ],
)  # fmt: skip
def test_what_cannot_be_meant_is_refused_before_anybody_is_asked(words: str) -> None:
    with pytest.raises(UsageError):
        parser.build(lambda _, en: en).parse_args(words.split())


def test_a_threshold_may_be_below_nothing() -> None:
    found = parser.build(lambda _, en: en).parse_args(
        ["alarm", "set", "a", "--metric", "levers.0.more", "--below", "-1.5", "--clear", "0"]
    )
    assert (found.below, found.above, found.clear, found.tell_agents) == (-1.5, None, 0.0, False)
