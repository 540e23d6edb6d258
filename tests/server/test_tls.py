"""TLS by real handshakes, with an authority made here."""

from __future__ import annotations

import ipaddress
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from okpay_console import errors
from okpay_console.remote.api import Api
from okpay_console.server import run, users

PEM, PLAIN = serialization.Encoding.PEM, serialization.NoEncryption()
PKCS8 = serialization.PrivateFormat.PKCS8


def signed(name: str, key: Any, by: Any = None, by_key: Any = None, **wanted: Any) -> Any:
    begin = datetime.now(UTC) - timedelta(days=2)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    made = x509.CertificateBuilder(
        issuer_name=by.subject if by else subject, subject_name=subject, public_key=key.public_key(),
        serial_number=x509.random_serial_number(), not_valid_before=begin,
        not_valid_after=begin + timedelta(days=wanted.get("days", 30)),
    ).add_extension(x509.BasicConstraints(ca=by is None, path_length=None), critical=True)  # fmt: skip
    usage = dict.fromkeys(
        ("digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement",
         "key_cert_sign", "crl_sign", "encipher_only", "decipher_only"), False,
    )  # fmt: skip
    usage.update({"key_cert_sign": True} if by is None else {"digital_signature": True})
    made = made.add_extension(x509.KeyUsage(**usage), critical=True)
    made = made.add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    if by is not None:
        host = wanted.get("host", x509.IPAddress(ipaddress.ip_address("127.0.0.1")))
        made = made.add_extension(x509.SubjectAlternativeName([host]), critical=False)
        issuer = x509.AuthorityKeyIdentifier.from_issuer_public_key(by_key.public_key())
        made = made.add_extension(issuer, critical=False)
    return made.sign(by_key or key, hashes.SHA256())


class Authority:
    def __init__(self, folder: Path) -> None:
        self.folder, self.key = folder, ec.generate_private_key(ec.SECP256R1())
        self.cert = signed("house", self.key)
        self.file = folder / "ca.pem"
        self.file.write_bytes(self.cert.public_bytes(PEM))

    def issue(self, name: str, **wanted: Any) -> tuple[str, str]:
        key = ec.generate_private_key(ec.SECP256R1())
        cert, secret = self.folder / f"{name}.pem", self.folder / f"{name}.key"
        cert.write_bytes(signed("desk", key, self.cert, self.key, **wanted).public_bytes(PEM))
        secret.write_bytes(key.private_bytes(PEM, PKCS8, PLAIN))
        return str(cert), str(secret)


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("ca"))


async def asked(url: str, token: str, **more: Any) -> str:
    """Who answers, or the code of the error."""
    try:
        api = Api(url, token, **more)
    except errors.ConfigError as error:
        return error.code
    try:
        return (await api.me()).user
    except errors.OkpayError as error:
        return error.code
    finally:
        await api.aclose()


async def test_a_console_that_trusts_the_house_gets_in_and_one_that_does_not_sends_nothing(
    authority: Authority, tmp_path: Path
) -> None:
    cert, key = authority.issue("good")
    database = str(tmp_path / "server.db")
    token = (await users.add_user(database, "wang", "agent")).token
    other = Authority(tmp_path)
    with run.start_in_thread(
        run.ServerConfig(database=database, port=0, certfile=cert, keyfile=key, floor_s=0)
    ) as server:
        assert server.url.startswith("https://127.0.0.1:")
        assert await asked(server.url, token, ca_file=str(authority.file)) == "wang"
        assert await asked(server.url, token) == "tls", "the system's authorities do not know this one"
        assert await asked(server.url, token, ca_file=str(other.file)) == "tls"
        assert await asked(server.url.replace("https", "http"), token) in ("offline", "bad-reply")
        assert await asked(server.url, token, ca_file=str(tmp_path / "none.pem")) == "config"


@pytest.mark.parametrize(
    "wanted", [{"host": x509.DNSName("elsewhere.example")}, {"days": 1}], ids=["another host", "expired"]
)
async def test_a_certificate_of_another_host_or_another_time_is_never_passed_over(
    authority: Authority, tmp_path: Path, wanted: Any
) -> None:
    cert, key = authority.issue("bad", **wanted)
    database = str(tmp_path / "server.db")
    token = (await users.add_user(database, "wang", "agent")).token
    with run.start_in_thread(
        run.ServerConfig(database=database, port=0, certfile=cert, keyfile=key, floor_s=0)
    ) as server:
        assert await asked(server.url, token, ca_file=str(authority.file)) == "tls"


def test_a_certificate_that_cannot_be_used_is_told_before_anybody_is_served(
    authority: Authority, tmp_path: Path
) -> None:
    cert, _ = authority.issue("one")
    _, key = authority.issue("two")
    locked = tmp_path / "locked.key"
    secret = ec.generate_private_key(ec.SECP256R1())
    locked.write_bytes(secret.private_bytes(PEM, PKCS8, serialization.BestAvailableEncryption(b"x")))
    for certfile, keyfile in (
        (cert, key),
        (cert, str(tmp_path / "none")),
        ("", key),
        (cert, str(locked)),
        (os.devnull, key),
    ):
        with pytest.raises(errors.ConfigError, match="TLS"):
            run.start_in_thread(
                run.ServerConfig(database=str(tmp_path / "s.db"), port=0, certfile=certfile, keyfile=keyfile)
            )


@pytest.mark.parametrize(
    "address", ["http://desk.example", "http://10.0.0.1", "http://127.0.0.1.example", "http://[2001:db8::1]"]
)
def test_a_token_is_never_sent_in_clear_to_another_machine_unless_told_to(address: str) -> None:
    with pytest.raises(errors.ConfigError) as caught:
        Api(address, "okp_x")
    assert caught.value.code == "plain-http"
    Api(address, "okp_x", allow_plain=True)


@pytest.mark.parametrize("address", ["http://127.0.0.1:1", "http://localhost", "http://[::1]", "https://desk.example"])
def test_to_this_machine_or_by_tls_it_is(address: str) -> None:
    Api(address, "okp_x")
