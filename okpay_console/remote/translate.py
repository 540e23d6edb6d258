"""The one place where errors of httpx, of TLS and of the event loop become ours."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from contextlib import contextmanager

import httpx

from .. import errors
from .problems import CHECK_ADDRESS


@contextmanager
def translated(seconds: float) -> Iterator[None]:
    """Every foreign error inside becomes one of ours, with its cause kept; ``seconds`` is the limit that a timeout names."""
    try:
        yield
    except (TimeoutError, httpx.TimeoutException) as error:
        raise errors.Offline(
            f"The server did not answer within {seconds:g} s.", "Work goes on; it is sent when the server answers."
        ) from error
    except httpx.UnsupportedProtocol as error:
        raise errors.ConfigError("The server's address must begin with https:// or http://.", CHECK_ADDRESS) from error
    except (httpx.DecodingError, httpx.TooManyRedirects) as error:
        raise errors.BadReply("The server's answer cannot be unpacked.", CHECK_ADDRESS) from error
    except httpx.LocalProtocolError as error:
        raise errors.ConfigError("The request cannot be sent as it is.", "Check address and token.") from error
    except httpx.ProxyError as error:
        raise errors.Offline(
            "The proxy does not let us through.", "Check HTTPS_PROXY and NO_PROXY.", code="proxy"
        ) from error
    except httpx.TransportError as error:
        if _tls(error):
            raise errors.Offline(
                "The server's certificate cannot be trusted, so nothing was sent.",
                "Check the address and this machine's clock; ask the administrator about the certificate.",
                code="tls",
            ) from error
        raise errors.Offline(
            "The server cannot be reached.", "Work goes on; it is sent when the link is back."
        ) from error
    except (httpx.HTTPError, httpx.InvalidURL, httpx.CookieConflict, httpx.StreamError) as error:
        raise errors.BadReply("The answer makes no sense.", CHECK_ADDRESS) from error
    except (OSError, ssl.SSLError) as error:
        raise errors.Offline(
            "The server cannot be reached.", "Work goes on; it is sent when the link is back."
        ) from error


def _tls(error: BaseException) -> bool:
    seen: BaseException | None = error
    while seen is not None:
        if isinstance(seen, ssl.SSLError):
            return True
        seen = seen.__cause__ or seen.__context__
    return False
