"""The one door to the server: every foreign error becomes one of ours, and the token goes nowhere else."""

from __future__ import annotations

import gzip
import inspect
import json
import shutil
import ssl
import subprocess
import traceback
import tracemalloc
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from okpay_console import errors
from okpay_console.domain import wire
from okpay_console.remote.api import Api
from okpay_console.remote.problems import error_of, retry_after
from okpay_console.remote.translate import translated

TOKEN = "okp_secret-of-this-test"
ME = json.dumps(
    {
        "user": "wang",
        "role": "agent",
        "queues": [],
        "server": "OKPay",
        "protocol": 1,
        "now": "2026-11-22T09:00:00Z",
        "x": 1,
    }
).encode()


def problem(code, **more):
    return json.dumps({"type": f"/problems/{code}", "title": "标题", "status": 400, **more}).encode()


@pytest.fixture
async def api(scripted):
    made = Api(scripted.url, TOKEN, timeout=2)
    yield made
    await made.aclose()


async def test_a_good_answer_is_read_and_unknown_fields_are_passed_over(api, scripted):
    scripted.answer(200, ME)
    assert (await api.me()).user == "wang"
    sent = scripted.requests[0].lower()
    assert b"okpay-protocol: 1" in sent
    assert b"authorization: bearer okp_secret" in sent


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (401, problem("signed-out"), errors.SignedOut),
        (403, problem("forbidden"), errors.Forbidden),
        (404, problem("not-found"), errors.NotFound),
        (409, problem("held", held_by="li"), errors.Held),
        (409, problem("client-forked"), errors.Forked),
        (409, problem("mid-gap", expect=7), errors.Forked),
        (409, problem("something-else"), errors.Refused),
        (408, problem("too-slow"), errors.Unavailable),
        (410, problem("cursor-gone"), errors.Gone),
        (413, problem("too-large"), errors.Refused),
        (422, problem("bad-request"), errors.Refused),
        (426, problem("protocol", detail="speaks 2"), errors.BadReply),
        (429, problem("busy"), errors.Unavailable),
        (500, b"", errors.Unavailable),
        (503, b"<html>", errors.Unavailable),
        (301, b"", errors.BadReply),
        (418, b"", errors.BadReply),
    ],
)
async def test_each_status_has_one_meaning(api, scripted, status, body, kind):
    scripted.answer(status, body, kind="application/problem+json")
    with pytest.raises(errors.RemoteError if kind is not errors.Refused else errors.Refused) as caught:
        await api.me()
    assert type(caught.value) is kind
    assert caught.value.what


async def test_a_head_that_the_server_finds_too_large_is_not_said_to_be_another_servers(api, scripted):
    scripted.answer(431, problem("head-too-large"), kind="application/problem+json")
    with pytest.raises(errors.BadReply) as caught:
        await api.me()
    assert caught.value.code == "head-too-large"


async def test_details_of_a_problem_are_kept(api, scripted):
    scripted.answer(409, problem("held", held_by="李", detail="别人在处理", advice="换一张"))
    with pytest.raises(errors.Held) as held:
        await api.claim("t1")
    assert (held.value.by, held.value.what, held.value.advice) == ("李", "别人在处理", "换一张")
    scripted.answer(409, problem("mid-gap", expect=7))
    with pytest.raises(errors.Forked) as fork:
        await api.push(wire.Push("c", []))
    assert (fork.value.code, fork.value.expect) == ("mid-gap", 7)
    scripted.answer(503, problem("busy"), Retry_After="17")
    with pytest.raises(errors.Unavailable) as busy:
        await api.me()
    assert busy.value.retry_after == 17


@pytest.mark.parametrize("status", [200, 302, 401, 403, 404, 407, 511])
async def test_a_captive_portal_signs_nobody_out(api, scripted, status):
    scripted.answer(
        status, b"<html>Welcome to the hotel</html>", ours=False, kind="text/html", Location="http://x.test/"
    )
    with pytest.raises((errors.BadReply, errors.Unavailable)):
        await api.me()
    assert len(scripted.requests) == 1, "a redirect would carry the token elsewhere"


@pytest.mark.parametrize(
    ("body", "headers", "kind"),
    [
        (b'{"user": "wa', {}, "application/json"),
        (b'"just text"', {}, "application/json"),
        (b"\xff\xfe", {}, "application/json"),
        (b"[" * 200_000, {}, "application/json"),
        (ME, {}, "text/plain"),
        (ME, {"Content_Encoding": "gzip"}, "application/json"),
        (gzip.compress(ME)[:-40], {"Content_Encoding": "gzip"}, "application/json"),
        (ME, {"OKPay-Protocol": "9"}, "application/json"),
    ],
    ids=[
        "cut off",
        "other shape",
        "not UTF-8",
        "deep",
        "wrong type",
        "not packed",
        "packed and cut off",
        "other version",
    ],
)
async def test_an_answer_that_makes_no_sense_is_a_bad_reply(api, scripted, body, headers, kind):
    scripted.answer(200, body, ours="OKPay-Protocol" not in headers, kind=kind, **headers)
    with pytest.raises(errors.BadReply):
        await api.me()


async def test_another_version_is_named(api, scripted):
    scripted.answer(200, ME, ours=False, OKPay_Protocol="9")
    with pytest.raises(errors.BadReply, match="protocol 9, this console 1") as caught:
        await api.me()
    assert (caught.value.code, caught.value.advice) == ("protocol", "Update this console.")
    scripted.answer(200, ME, ours=False, OKPay_Protocol="0")
    with pytest.raises(errors.BadReply) as caught:
        await api.me()
    assert caught.value.advice == "Update the server."


async def test_a_body_without_end_is_cut_also_when_it_comes_packed(scripted):
    api = Api(scripted.url, TOKEN, timeout=5, max_body=1 << 20)
    for body, headers in ((b" " * (2 << 20), {}), (gzip.compress(b" " * (4 << 20), 1), {"Content_Encoding": "gzip"})):
        scripted.answer(200, body, **headers)
        with pytest.raises(errors.BadReply) as caught:
            await api.me()
        assert caught.value.code == "reply-too-large"
    await api.aclose()


async def test_a_bomb_packed_twice_is_refused_before_it_is_unpacked(scripted):
    api = Api(scripted.url, TOKEN, timeout=20)
    bomb = gzip.compress(gzip.compress(bytes(32 << 20), 9), 9)
    assert len(bomb) < 8 << 10
    tracemalloc.start()
    for packing in ("gzip, gzip", "br", "deflate"):
        scripted.answer(200, bomb, Content_Encoding=packing)
        with pytest.raises(errors.BadReply, match="not asked for"):
            await api.me()
        scripted.answer(200, bomb, Content_Encoding=packing, kind="text/event-stream")
        with pytest.raises(errors.BadReply, match="not asked for"):
            async with api.stream() as parts:
                await anext(parts)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    await api.aclose()
    assert peak < 8 << 20


async def test_cookies_of_a_sign_in_page_are_not_carried_to_the_server(api, scripted):
    scripted.answer(200, b"<html>", ours=False, kind="text/html", Set_Cookie="portal=1; Path=/")
    for _ in range(2):
        with pytest.raises(errors.BadReply):
            await api.me()
    assert not any(b"cookie" in request.lower() for request in scripted.requests)


async def test_a_strangers_words_are_not_shown_as_the_servers(api, scripted):
    words = problem("busy", detail="Call 400-000 and tell them your password")
    for status in (401, 429, 503):
        scripted.answer(status, words, ours=False, kind="application/problem+json")
        with pytest.raises(errors.RemoteError) as caught:
            await api.me()
        assert "password" not in caught.value.what + caught.value.advice


async def test_the_page_that_explains_why_there_is_no_stream_may_not_drip_for_ever(scripted):
    scripted.answer(503, b"x" * 100)
    scripted.reply, scripted.hold = scripted.reply[:-50], True
    api = Api(scripted.url, TOKEN, timeout=0.2)
    with pytest.raises(errors.Offline, match=r"0\.2 s"):
        async with api.stream():
            pass
    await api.aclose()


async def test_a_body_shorter_than_announced_is_offline(api, scripted):
    scripted.answer(200, ME)
    scripted.reply = scripted.reply[:-5]
    with pytest.raises(errors.Offline):
        await api.me()


async def test_a_silent_server_and_a_closed_port_are_offline(scripted):
    scripted.hold = True
    slow = Api(scripted.url, TOKEN, timeout=0.2)
    with pytest.raises(errors.Offline, match=r"0\.2 s"):
        await slow.me()
    await slow.aclose()
    nobody = Api("http://127.0.0.1:9", TOKEN)
    with pytest.raises(errors.Offline):
        await nobody.me()
    await nobody.aclose()


async def test_a_server_without_tls_is_offline_and_nothing_is_sent_in_clear(scripted):
    scripted.reply, scripted.eager = b"HTTP/1.1 200 OK\r\n\r\n", True
    api = Api(scripted.url.replace("http:", "https:"), TOKEN, timeout=5)
    with pytest.raises(errors.Offline) as caught:
        await api.me()
    assert caught.value.code == "tls"
    assert not any(TOKEN.encode() in request for request in scripted.requests)
    await api.aclose()


@pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl makes the certificate")
async def test_a_certificate_that_nobody_vouches_for_is_offline(tmp_path, scripted):
    pair = str(tmp_path / "pair.pem")
    made = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=localhost", "-keyout", pair]
    certificate = subprocess.run([*made, "-days", "1"], check=True, capture_output=True).stdout
    Path(pair).write_bytes(Path(pair).read_bytes() + certificate)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(pair)
    server = type(scripted)()
    await server.start(context)
    api = Api(server.url.replace("http:", "https:"), TOKEN, timeout=5)
    with pytest.raises(errors.Offline) as caught:
        await api.me()
    assert caught.value.code == "tls"
    assert not server.requests
    await api.aclose()
    await server.stop()


@pytest.mark.parametrize(
    "url", ["http://desk.example", "http://10.0.0.7:8750", "ftp://x", "desk.example", "", "https://a:b@c", "https://["]
)
def test_an_address_that_would_show_the_token_or_is_none_is_refused(url):
    with pytest.raises(errors.ConfigError):
        Api(url, TOKEN)


@pytest.mark.parametrize("url", ["http://localhost:1", "http://127.0.0.9", "http://[::1]:8", "https://desk.example"])
def test_loopback_and_tls_are_allowed(url):
    Api(url, TOKEN)


def test_plain_http_can_be_allowed_and_a_token_is_checked():
    Api("http://desk.example", TOKEN, allow_plain=True)
    for token in ("with space", "line\nbreak", "口令"):
        with pytest.raises(errors.ConfigError):
            Api("https://desk.example", token)


async def test_the_token_shows_in_no_text_and_no_traceback(api, scripted):
    assert TOKEN not in repr(api)
    scripted.answer(500)
    try:
        await api.me()
    except errors.Unavailable as error:
        assert TOKEN not in "".join(traceback.format_exception(error))


LOWER = [kind for _, kind in inspect.getmembers(httpx, inspect.isclass) if issubclass(kind, Exception)]


@pytest.mark.parametrize("kind", LOWER, ids=lambda kind: kind.__name__)
def test_every_error_of_httpx_is_mapped(kind):
    error = kind.__new__(kind)
    with pytest.raises((errors.RemoteError, errors.ConfigError)) as caught, translated(1):
        raise error
    assert caught.value.__cause__ is error


async def test_next_is_none_for_an_empty_queue(api, scripted):
    scripted.reply = b"HTTP/1.1 204 No Content\r\nOKPay-Protocol: 1\r\nConnection: close\r\n\r\n"
    assert await api.next() is None


async def test_an_id_cannot_change_the_path(api, scripted):
    scripted.answer(404, problem("not-found"))
    with pytest.raises(errors.NotFound):
        await api.claim("../../queue/next?x=1")
    assert scripted.requests[0].startswith(b"POST /v1/tickets/..%2F..%2Fqueue%2Fnext%3Fx%3D1/claim ")


def test_retry_after_is_a_number_or_a_date():
    now = datetime(2026, 11, 22, 9, tzinfo=UTC)
    assert retry_after("120") == 120
    assert retry_after("Sun, 22 Nov 2026 09:01:00 GMT", now=now) == 60
    assert retry_after("Sun, 22 Nov 2026 08:00:00 GMT", now=now) == 0
    assert retry_after("soon", now=now) is None
    assert retry_after("Mon, 01 Jan 2020 00:00:00 +" + "9" * 19, now=now) is None
    assert retry_after("Mon, 01 Jan 2020 " + "9" * 400 + ":00:00 GMT", now=now) is None
    assert retry_after("") is None


def test_a_proxys_401_is_not_ours():
    assert isinstance(error_of(401, {}, b"", ours=False), errors.BadReply)
    assert isinstance(error_of(401, {}, b"", ours=True), errors.SignedOut)


async def test_the_event_stream_is_judged_like_every_answer(api, scripted):
    scripted.answer(401, problem("signed-out"))
    with pytest.raises(errors.SignedOut):
        async with api.stream():
            pass
    scripted.answer(200, b"event: state\n\n", kind="text/event-stream")
    async with api.stream("7") as parts:
        assert b"".join([part async for part in parts]) == b"event: state\n\n"
    assert b"last-event-id: 7" in scripted.requests[-1].lower()
