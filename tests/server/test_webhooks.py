"""Messages to webhooks: signed, at least once under one id, tried for a day, and never in anybody's way."""

from __future__ import annotations

import asyncio
import base64
import subprocess
import sys
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from okpay_console import errors
from okpay_console.domain.alarmnews import Delivery
from okpay_console.server import audit, signing, webhooks
from okpay_console.server.db import Database, upgrade
from okpay_console.server.policy import Who
from okpay_console.server.postman import FIRST_S, LONGEST_S, Postman, pause, send

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
BOSS = Who("boss", "supervisor", frozenset())


class Receiver:
    """A real HTTP server that answers as it is told: a status, or ``hang``, ``die`` before the answer, ``drip`` a body for ever."""

    def __init__(self) -> None:
        self.got: list[tuple[dict[str, str], bytes]] = []
        self.answers: list[str] = []
        self.usual = "200"
        self.arrived = asyncio.Event()
        self._let_go = asyncio.Event()

    async def __aenter__(self) -> Receiver:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}/hook"
        return self

    async def __aexit__(self, *_: object) -> None:
        self._let_go.set()
        self._server.close()
        await self._server.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            fields = dict(line.split(": ", 1) for line in head.split("\r\n")[1:] if line)
            headers = {name.lower(): value for name, value in fields.items()}
            body = await reader.readexactly(int(headers["content-length"]))
            self.got.append((headers, body))
            self.arrived.set()
            answer = self.answers.pop(0) if self.answers else self.usual
            if answer == "hang":
                await self._let_go.wait()
            elif answer == "drip":
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\nx")
                await writer.drain()
                await self._let_go.wait()
            elif answer != "die":
                writer.write(
                    f"HTTP/1.1 {answer} X\r\nLocation: {self.url}/elsewhere\r\nContent-Length: 0\r\n\r\n".encode()
                )
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()


class Post:
    """A database with messages, and a postman whose clock and chance are ours."""

    def __init__(self, database: str) -> None:
        self.database = database
        self.db = Database(database)
        self.now = NOW
        self.postman = Postman(
            self.db, clock=lambda: self.now, on_duty=lambda: True, timeout_s=0.3, chance=lambda: 0.999999
        )

    async def line_up(self, kind: str = "alarm.raised") -> None:
        def work(conn: Any) -> None:
            webhooks.enqueue(conn, kind=kind, alarm="a", queue="vip", data={"value": 5}, now=self.now)

        await self.db.write(work)

    async def round(self) -> None:
        await self.postman.round()
        await self.postman.settled()

    async def listed(self, who: Who = BOSS) -> list[Delivery]:
        return await webhooks.listing(self.db, who, limit=100)


@pytest.fixture
async def post(tmp_path: Path) -> AsyncIterator[Post]:
    upgrade(str(tmp_path / "server.db"))
    made = Post(str(tmp_path / "server.db"))
    yield made
    await made.postman.close()
    await made.db.close()


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with Receiver() as made:
        yield made


async def test_a_message_arrives_signed_and_is_taken_down_as_sent(post: Post, receiver: Receiver) -> None:
    secret = (await webhooks.put(post.database, "duty", receiver.url)).secret
    await post.line_up()
    await post.round()
    [(headers, body)] = receiver.got
    assert signing.verify(secret, headers, body, now=int(NOW.timestamp()))
    assert msgspec.json.decode(body) == {
        "type": "alarm.raised",
        "timestamp": "2026-03-02T09:00:00Z",
        "data": {"value": 5},
    }
    [one] = await post.listed()
    assert (one.state, one.status, one.tries, one.id) == ("sent", "200", 1, headers["webhook-id"])
    await post.round()
    assert len(receiver.got) == 1


@pytest.mark.parametrize(
    ("answer", "status"), [("500", "500"), ("429", "429"), ("302", "302"), ("die", "broken"), ("hang", "timeout")]
)
async def test_whatever_goes_wrong_it_comes_again_under_the_same_id(
    post: Post, receiver: Receiver, answer: str, status: str
) -> None:
    secret = (await webhooks.put(post.database, "duty", receiver.url)).secret
    receiver.answers = [answer]
    await post.line_up()
    await post.round()
    [waiting] = await post.listed()
    assert (waiting.state, waiting.status, waiting.tries) == ("waiting", status, 1)
    await post.round()
    assert len(receiver.got) == 1, "not before it is due"
    post.now += timedelta(seconds=FIRST_S)
    await post.round()
    assert [one.state for one in await post.listed()] == ["sent"]
    first, second = receiver.got
    assert first[0]["webhook-id"] == second[0]["webhook-id"] and first[1] == second[1]
    # Each try is signed anew, so that a receiver can refuse what is old.
    assert first[0]["webhook-timestamp"] != second[0]["webhook-timestamp"]
    assert signing.verify(secret, second[0], second[1], now=int(post.now.timestamp()))


async def test_an_answer_that_never_ends_is_not_waited_for(post: Post, receiver: Receiver) -> None:
    await webhooks.put(post.database, "duty", receiver.url)
    receiver.answers = ["drip"]
    await post.line_up()
    await post.round()
    assert [one.state for one in await post.listed()] == ["sent"]


async def test_nobody_there_is_tried_for_a_day_and_then_given_up(post: Post) -> None:
    async with Receiver() as gone:
        url = gone.url
    await webhooks.put(post.database, "duty", url)
    await post.line_up()
    for _ in range(60):
        await post.round()
        post.now += timedelta(hours=1)
    [one] = await post.listed()
    assert (one.state, one.status) == ("failed", "refused")
    assert one.done is not None and timedelta(hours=22) < one.done - NOW <= timedelta(hours=24)


async def test_410_ends_a_webhook_and_what_waits_for_it(post: Post, receiver: Receiver) -> None:
    await webhooks.put(post.database, "duty", receiver.url)
    receiver.answers = ["410"]
    await post.line_up()
    await post.round()
    await post.line_up()
    await post.round()
    assert len(receiver.got) == 1
    assert [(one.id, one.stopped) for one in await webhooks.show(post.database)] == [("duty", "gone")]
    assert [one.state for one in await post.listed()] == ["failed"]
    # Set anew, it is there again, with another key.
    await webhooks.put(post.database, "duty", receiver.url)
    await post.line_up()
    await post.round()
    assert len(receiver.got) == 2


async def test_a_receiver_that_hangs_holds_up_no_other(post: Post, receiver: Receiver) -> None:
    async with Receiver() as stuck:
        stuck.usual = "hang"
        await webhooks.put(post.database, "a-stuck", stuck.url)
        for _ in range(20):
            await post.line_up()
        await webhooks.put(post.database, "b-well", receiver.url)
        await post.line_up()
        await post.postman.round()
        await asyncio.wait_for(receiver.arrived.wait(), 10)
        assert len(stuck.got) <= 4
        await post.postman.close()


async def test_a_message_that_was_sent_and_could_not_be_taken_down_is_sent_again(
    post: Post, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    await webhooks.put(post.database, "duty", receiver.url)
    await post.line_up()

    async def broken(_: Any) -> Any:
        raise errors.Unavailable("The database does not answer.")

    await post.postman.round()
    with monkeypatch.context() as patched:
        patched.setattr(post.db, "write", broken)
        await post.postman.settled()
    await post.round()
    assert [headers["webhook-id"] for headers, _ in receiver.got] == [(await post.listed())[0].id] * 2


KILLED = """
import asyncio, os, signal, sys
from datetime import UTC, datetime
from okpay_console.server import postman
from okpay_console.server.db import Database
real = postman.send
async def send(*args, **named):
    await real(*args, **named)
    os.kill(os.getpid(), signal.SIGKILL)
postman.send = send
async def main():
    post = postman.Postman(Database(sys.argv[1]), clock=lambda: datetime.now(UTC), on_duty=lambda: True)
    await post.round()
    await post.settled()
asyncio.run(main())
"""


async def test_a_process_killed_between_sending_and_taking_down_is_followed_by_one_that_sends_again(
    post: Post, receiver: Receiver
) -> None:
    await webhooks.put(post.database, "duty", receiver.url)
    await post.line_up()
    died = await asyncio.to_thread(subprocess.run, [sys.executable, "-c", KILLED, post.database], check=False)
    assert died.returncode == -9 and len(receiver.got) == 1
    await post.round()
    first, second = receiver.got
    assert first[0]["webhook-id"] == second[0]["webhook-id"] and first[1] == second[1]
    assert [one.state for one in await post.listed()] == ["sent"]


async def test_the_key_is_shown_once_and_nowhere_else(post: Post, receiver: Receiver) -> None:
    made = await webhooks.put(post.database, "duty", receiver.url)
    assert made.secret.startswith("whsec_") and len(base64.b64decode(made.secret.removeprefix("whsec_"))) == 32
    await post.line_up()
    shown = msgspec.json.encode([await webhooks.show(post.database), await post.listed()]).decode()
    rows, _ = await audit.listing(post.database)
    assert made.secret not in shown + repr(rows)
    assert [row.what for row in rows] == ["webhook.set"]
    await webhooks.remove(post.database, "duty")
    assert [one.state for one in await post.listed()] == ["dropped"]
    with pytest.raises(errors.Refused):
        await webhooks.remove(post.database, "duty")


async def test_whoever_is_confined_to_queues_sees_the_messages_of_those(post: Post, receiver: Receiver) -> None:
    await webhooks.put(post.database, "duty", receiver.url)
    await post.line_up()
    assert len(await post.listed(Who("v", "supervisor", frozenset({"vip"})))) == 1
    assert await post.listed(Who("g", "supervisor", frozenset({"general"}))) == []


async def test_what_became_of_messages_is_forgotten_after_a_month(post: Post, receiver: Receiver) -> None:
    await webhooks.put(post.database, "duty", receiver.url)
    await post.line_up()
    await post.round()
    post.now += timedelta(days=29)
    await post.round()
    assert len(await post.listed()) == 1
    post.now += timedelta(days=2)
    await post.round()
    assert await post.listed() == []


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("https://hook.example.com/a?b=c", ""), ("http://127.0.0.1:8000/", ""), ("http://localhost/", ""),
        ("http://[::1]:80/", ""), ("http://hook.example.com/", "plain-http"), ("http://127.0.0.1.example.com/", "plain-http"),
        ("https://me:pass@example.com/", "config"), ("ftp://example.com", "config"), ("https://", "config"),
        ("https://[", "config"), ("https://a b/", "config"), ("https://例子/", "config"),
    ],
)  # fmt: skip
def test_an_address_is_one_that_alarms_may_be_sent_to(url: str, code: str) -> None:
    if not code:
        assert webhooks.checked(url, plain=False) == url
        return
    with pytest.raises(errors.ConfigError) as raised:
        webhooks.checked(url, plain=False)
    assert raised.value.code == code


def test_the_signature_is_that_of_the_standards_own_example() -> None:
    """The vector that its libraries test with."""
    secret, body = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", b'{"test": 2432232314}'
    headers = signing.sign(secret, message="msg_p5jXN8AQM9LWM0D4loKWxJek", at=1614265330, body=body)
    assert headers["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


KEY = signing.secret_of(bytes(range(32)))


def test_what_was_changed_on_the_way_or_is_old_is_refused() -> None:
    headers = signing.sign(KEY, message="m", at=1000, body=b"{}")
    good = {**headers, "webhook-signature": "v1,AAAA v2,x " + headers["webhook-signature"]}
    assert signing.verify(KEY, headers, b"{}", now=1000) and signing.verify(KEY, good, b"{}", now=1300)
    assert not signing.verify(KEY, headers, b"{} ", now=1000)
    assert not signing.verify(KEY, {**headers, "webhook-id": "n"}, b"{}", now=1000)
    assert not signing.verify(KEY, {**headers, "webhook-timestamp": "1001"}, b"{}", now=1000)
    assert not signing.verify(KEY, headers, b"{}", now=1301) and not signing.verify(KEY, headers, b"{}", now=699)
    assert not signing.verify(signing.secret_of(bytes(32)), headers, b"{}", now=1000)
    assert not signing.verify(KEY, {}, b"{}", now=1000) and not signing.verify("whsec_*", headers, b"{}", now=1000)


@given(st.integers(1, 10_000), st.floats(0, 1, exclude_max=True))
def test_pauses_are_drawn_from_a_span_that_doubles_up_to_an_hour(tries: int, chance: float) -> None:
    assert 0 <= pause(tries, chance) <= min(LONGEST_S, FIRST_S * 2 ** min(tries - 1, 30))
    assert pause(tries, 0.0) == 0.0


async def test_an_address_that_the_client_does_not_understand_is_broken_and_no_crash() -> None:
    assert await send("http://[::1", "whsec_" + "A" * 44, message="m", body=b"", now=NOW) == "broken"
