"""The server's address: what may stand in it, and when a token may be sent there."""

from __future__ import annotations

import ipaddress
import ssl
from urllib.parse import urlsplit

import httpx

from .. import errors


def checked(server_url: str, *, allow_plain: bool) -> httpx.URL:
    """The server's address; ``ConfigError`` where it is none, carries a password, or would show the token to the network."""
    try:
        # httpx takes "https://[" for a host; the standard library does not.
        _ = urlsplit(server_url.strip()).port
        url = httpx.URL(server_url.strip())
    except (httpx.InvalidURL, UnicodeError, ValueError) as error:
        raise errors.ConfigError("The server's address cannot be read.", "Write it as https://name.") from error
    if url.scheme not in ("http", "https") or not url.host:
        raise errors.ConfigError(
            "The server's address must begin with https:// or http://.", "Write it as https://name."
        )
    if url.userinfo:
        raise errors.ConfigError("The server's address carries a password.", "Leave it out, and sign in with a token.")
    if url.scheme == "http" and not allow_plain and not loopback(url.host):
        raise errors.ConfigError(
            "Over http:// everybody on the way could read the token and the callers' data.",
            "Use https://, or allow plain http for this server explicitly.",
            code="plain-http",
        )
    return url.copy_with(query=None, fragment=None)


def trusting(ca_file: str) -> ssl.SSLContext:
    """TLS that believes the authorities in this PEM file and nobody else; ``ConfigError`` where they cannot be read."""
    try:
        return ssl.create_default_context(cafile=ca_file)
    except (OSError, ssl.SSLError) as error:
        raise errors.ConfigError(
            f"The file of trusted authorities cannot be read: {ca_file}.",
            "Correct ca_file (OKPAY_CA_FILE); it is a PEM file.",
        ) from error


def loopback(host: str) -> bool:
    """Whether the name or address can only be this machine."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
