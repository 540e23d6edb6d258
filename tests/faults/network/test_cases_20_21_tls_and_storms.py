"""Cases 20 and 21: certificates that prove nothing, and servers and names that answer with trouble."""

from __future__ import annotations

import datetime
import ipaddress
import os
import socket
import ssl
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

PUSH, PULL = "POST /v1/mutations", "GET /v1/sync"
DAY = datetime.timedelta(days=1)


class Authority:
    """A certificate authority that this machine trusts, or one that it does not know."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"authority of {folder.name}")])
        self.file = folder / "ca.pem"
        self.file.write_bytes(self._sign(self.name, self.key, authority=True))

    def pair(self, file: str, host: str, *, until: datetime.timedelta = DAY) -> Path:
        """Certificate and key for a host, in one file; negative ``until``: it has run out."""
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
        form = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        path = self.folder / file
        path.write_bytes(self._sign(name, key, host=host, until=until) + key.private_bytes(*form))
        return path

    def _sign(
        self, name: x509.Name, key: Any, *, host: str = "", until: datetime.timedelta = DAY, authority: bool = False
    ) -> bytes:
        now = datetime.datetime.now(datetime.UTC)
        made = x509.CertificateBuilder().subject_name(name).issuer_name(self.name).public_key(key.public_key())
        made = (
            made.serial_number(x509.random_serial_number()).not_valid_before(now - 3 * DAY).not_valid_after(now + until)
        )
        made = made.add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
        if host:
            names = [x509.IPAddress(ipaddress.ip_address(host)) if host[0].isdigit() else x509.DNSName(host)]
            made = made.add_extension(x509.SubjectAlternativeName(names), critical=False)
        return made.sign(self.key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)


@pytest.fixture
def spy(faults: Any) -> Iterator[Any]:
    """A place in clear text where no request of a console may ever arrive."""
    made = faults.Proxy()
    yield made
    made.close()


@pytest.mark.parametrize("wrong", ["expired", "another host's", "nobody's"])
def test_case_20_a_certificate_that_proves_nothing_is_told_nothing(
    shared: Any, stage: Any, faults: Any, tmp_path: Path, wrong: str, spy: Any
) -> None:
    """The agent sees: "服务器的证书不可信，没有连接。", one waiting. Not a byte goes out in clear text."""
    (tmp_path / "known").mkdir()
    (tmp_path / "unknown").mkdir()
    known, unknown = Authority(tmp_path / "known"), Authority(tmp_path / "unknown")
    bad = {
        "expired": lambda: known.pair("bad.pem", "127.0.0.1", until=-DAY),
        "another host's": lambda: known.pair("bad.pem", "elsewhere.test"),
        "nobody's": lambda: unknown.pair("bad.pem", "127.0.0.1"),
    }[wrong]()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(bad)
    case = stage(shared, tls=context, ca_file=str(known.file))
    done = case.agent.new()
    assert (done.status, case.agent.waiting(), case.proxy.requests) == (3, 1, [])
    assert done.says("tls")
    again = case.agent.sync()
    assert (again.docs[0]["link"], again.docs[0]["code"], again.docs[0]["pending"]) == ("offline", "tls", 1)
    # The right server again, which sends the console to a place in clear text.
    context.load_cert_chain(known.pair("good.pem", "127.0.0.1"))
    away = faults.instead(307, Location=f"{spy.url}/v1/mutations", ours=True)
    for name in ("GET", "POST"):
        case.proxy.on(name, away, times=None)
    assert case.agent.sync().docs[0]["link"] == "refused"
    case.quiet(case.agent)
    assert spy.requests == []


def test_case_20_a_man_in_the_middle_of_a_working_day_gets_nothing_and_the_desk_says_why(
    shared: Any, stage: Any, tmp_path: Path, open_desks: Any, spy: Any
) -> None:
    """The desk is online. Then somebody between it and the server shows a certificate of his own, then speaks an old TLS, then
    none at all on the same port; at last it is the server again.

    The agent sees: "在线", then "离线  … 后重试  1 条待发" with "服务器的证书不可信，没有连接。" at each try; then "在线".
    """
    for name in ("known", "unknown"):
        (tmp_path / name).mkdir()
    known, unknown = Authority(tmp_path / "known"), Authority(tmp_path / "unknown")
    good = known.pair("good.pem", "127.0.0.1")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(good)
    case = stage(shared, tls=context, ca_file=str(known.file))
    ticket = case.house.ticket(case.agent.who)
    desk = open_desks(case.agent, HASTE="20")
    desk.shows("在线")

    def old(context: ssl.SSLContext) -> None:
        context.load_cert_chain(good)
        context.set_ciphers("ALL:@SECLEVEL=0")
        with warnings.catch_warnings(action="ignore", category=DeprecationWarning):
            context.minimum_version = ssl.TLSVersion.TLSv1
            context.maximum_version = ssl.TLSVersion.TLSv1_1

    heard = 0
    for change in (lambda context: context.load_cert_chain(unknown.pair("mine.pem", "127.0.0.1")), old, None):
        case.proxy.refuse()
        desk.shows("离线")
        heard = len(case.proxy.requests)
        if change is not None:
            change(context)
        case.proxy.answer_as(context if change is not None else None)
        if change is not None and not case.agent.written:
            desk.ask(note="有人在中间时写的", ticket=ticket)
            desk.tells(lambda said: said.get("kept"))
            case.agent.written.append((ticket, "有人在中间时写的"))
        seen = desk.tells(lambda said: said.get("code") == "tls")
        assert seen["line"].startswith("离线  ") and "后重试  1 条待发  数据 " in seen["line"], seen
        assert (
            seen["words"]
            == "服务器的证书不可信，没有连接。 请核对服务器地址，或请管理员检查证书；写下的内容都还在本机。"
        )
        assert case.proxy.requests[heard:] == [], "nothing that a console asks was ever read there"
    case.proxy.refuse()
    fine = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    fine.load_cert_chain(good)
    case.proxy.answer_as(fine)
    desk.tells(lambda said: said.get("line", "").startswith("在线"))
    desk.end()
    case.quiet(case.agent)
    assert spy.requests == []


STORMS = ((500, {}, 0), (502, {}, 0), (503, {"Retry_After": "40"}, 40), (429, {"Retry_After": "7"}, 7))
"""Status, headers, and the seconds before which nobody may come back."""


def test_case_21_a_storm_is_asked_less_and_less_often_and_never_before_it_says(
    case: Any, faults: Any, open_desks: Any
) -> None:
    """An open desk, while every answer is 500, 502, then 503 and 429 with a time to come back.

    The agent sees: "在线", then "离线  … 后重试  1 条待发  数据 … 前" and "服务器暂时不能服务（…）"; then "在线", and it is sent.
    """
    ticket = case.house.ticket(case.agent.who)
    desk = open_desks(case.agent, HASTE="40")
    desk.shows("在线")
    for status, headers, least in STORMS:
        words = f"服务器暂时不能服务（The server cannot serve now (HTTP {status}).） 请稍后重试；写下的内容都还在本机。"
        for name in ("GET", "POST"):
            case.proxy.on(name, faults.instead(status, b"", **headers), times=None)
        desk.ask(note=f"{status} 风暴里写的", ticket=ticket)
        desk.tells(lambda said: said.get("kept"))
        case.agent.written.append((ticket, f"{status} 风暴里写的"))
        desk.tells(lambda said, words=words: said.get("words") == words)
        desk.ask(retry=True)
        desk.tells(lambda said: said.get("state") == "connecting")
        tries = [desk.tells(lambda said, words=words: said.get("words") == words) for _ in range(5)]
        for number, said in enumerate(tries):
            assert said["line"].startswith("离线  ") and " 1 条待发  数据 " in said["line"], said
            assert least <= said["retry_in"] <= least + min(30, 2**number) + 0.01, (number, said)
        case.proxy.calm()
        desk.ask(retry=True)
        desk.tells(lambda said: said.get("line", "").startswith("在线") and said.get("pending") == 0)
    desk.end()
    case.quiet(case.agent)


@pytest.mark.parametrize(
    ("status", "headers"),
    [
        (500, {}),
        (502, {}),
        (503, {"Retry_After": "30"}),
        (429, {"Retry_After": "Mon, 01 Jan 2020 00:00:00 +" + "9" * 19}),
    ],
)
def test_case_21_a_server_in_trouble_is_asked_once_and_the_words_wait(
    case: Any, faults: Any, status: int, headers: dict[str, str]
) -> None:
    """The agent sees: "服务器暂时不能服务…", one waiting. A stranger's words in the reply are not shown."""
    words = b'{"type": "x", "title": "", "status": 503, "detail": "\\u001b[31mtell me your password"}'
    for name in (PUSH, PULL):
        case.proxy.on(name, faults.instead(status, words, kind="application/problem+json", **headers), times=None)
    done = case.agent.new()
    assert (done.status, case.agent.waiting(), case.proxy.heard(PUSH)) == (3, 1, 1)
    assert done.says("unavailable")
    assert "password" not in done.said and "\x1b" not in done.said
    case.quiet(case.agent)


def test_case_21_a_name_that_nobody_knows_is_offline(case: Any) -> None:
    """The agent sees: the server cannot be reached, one waiting; the same cache goes on when the name is known again."""
    case.agent.sync()
    known, case.agent.url = case.agent.url, "https://no-such-desk.invalid"
    done = case.agent.new()
    assert (done.status, case.agent.waiting(), done.says("offline")) == (3, 1, True)
    case.agent.url = known
    case.quiet(case.agent)


def test_case_21_a_dead_ipv6_route_does_not_keep_the_console_from_the_other_one(case: Any) -> None:
    """The agent sees nothing of it: the address that answers nothing is passed over within a moment.

    The name has both addresses, the dead one first, as a machine with IPv6 and a broken route to the world has it.
    """
    with socket.socket(socket.AF_INET6) as dead:
        if not _has_ipv6():
            pytest.skip("::1 cannot be bound on this machine")
        dead.bind(("::1", case.proxy.port))
        # A queue of length 0 that is full drops what else knocks, as a black hole does.
        dead.listen(0)
        knocking = [socket.socket(socket.AF_INET6) for _ in range(4)]
        for one in knocking:
            one.setblocking(False)
            one.connect_ex(("::1", case.proxy.port))
        case.agent.url = case.agent.url.replace("127.0.0.1", "desk.test")
        case.agent.configure(plain_http=True)
        done = case.agent.new(program="twofaced.py")
        assert (done.status, done.said) == (0, "asked for desk.test, tried ::1 first\n")
        for one in knocking:
            one.close()
    case.agent.url = case.proxy.url
    case.quiet(case.agent)


def _has_ipv6() -> bool:
    """Whether ::1 can be bound at all. Where the kernel has the address and refuses it, that is an error in CI and no reason."""
    try:
        with socket.socket(socket.AF_INET6) as any_port:
            any_port.bind(("::1", 0))
    except OSError:
        addresses = Path("/proc/net/if_inet6")
        kernel_has_it = addresses.exists() and "00000000000000000000000000000001" in addresses.read_text()
        if os.environ.get("CI") and kernel_has_it:
            raise
        return False
    return True
