"""Cases 20 and 21: certificates that prove nothing, and servers and names that answer with trouble."""

from __future__ import annotations

import datetime
import ipaddress
import socket
import ssl
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
    """The agent sees: the certificate cannot be trusted, nothing was sent; one waiting. Not a byte goes out in clear text."""
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
    assert "证书" in done.said
    assert case.agent.sync().docs[0]["code"] == "tls"
    # The right server again, which sends the console to a place in clear text.
    context.load_cert_chain(known.pair("good.pem", "127.0.0.1"))
    away = faults.instead(307, Location=f"{spy.url}/v1/mutations", ours=True)
    case.proxy.on(PUSH, away)
    assert case.agent.sync().docs[0]["link"] == "refused"
    case.quiet(case.agent)
    assert spy.requests == []


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
    """The agent sees: the server cannot serve now, one waiting. A stranger's words in the reply are not shown."""
    words = b'{"type": "x", "title": "", "status": 503, "detail": "\\u001b[31mtell me your password"}'
    case.proxy.on(PUSH, faults.instead(status, words, kind="application/problem+json", **headers), times=None)
    done = case.agent.new()
    assert (done.status, case.agent.waiting(), case.proxy.heard(PUSH)) == (3, 1, 1)
    assert "暂时不能服务" in done.said
    assert "password" not in done.said and "\x1b" not in done.said
    case.quiet(case.agent)


def test_case_21_a_name_that_nobody_knows_is_offline(case: Any) -> None:
    """The agent sees: the server cannot be reached, one waiting; the same cache goes on when the name is known again."""
    case.agent.sync()
    known, case.agent.url = case.agent.url, "https://no-such-desk.invalid"
    done = case.agent.new()
    assert (done.status, case.agent.waiting()) == (3, 1)
    assert "写下的内容都还在本机" in done.said
    case.agent.url = known
    case.quiet(case.agent)


def test_case_21_a_dead_ipv6_route_does_not_keep_the_console_from_the_other_one(case: Any) -> None:
    """The agent sees nothing of it: the address that answers nothing is passed over within a moment."""
    with socket.socket(socket.AF_INET6) as dead:
        try:
            dead.bind(("::1", case.proxy.port))
        except OSError:
            pytest.skip("this machine has no IPv6")
        # A queue of length 0 that is full drops what else knocks, as a black hole does.
        dead.listen(0)
        knocking = [socket.socket(socket.AF_INET6) for _ in range(4)]
        for one in knocking:
            one.setblocking(False)
            one.connect_ex(("::1", case.proxy.port))
        case.agent.url = case.agent.url.replace("127.0.0.1", "localhost")
        assert case.agent.new().status == 0
        for one in knocking:
            one.close()
    case.quiet(case.agent)
