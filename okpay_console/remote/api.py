"""The one door to the server: requests in our own types, every foreign error translated into ours."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Any, TypeVar
from urllib.parse import quote

import httpx
import msgspec

from .. import errors
from ..domain import wire
from ..domain.presence import Company, Here
from ..domain.shelf import ShelfPage
from . import body as bodies
from .address import checked, trusting
from .problems import CHECK_ADDRESS, error_of
from .translate import translated

TOTAL_S = 15.0
CONNECT_S = 5.0
BODY_BYTES = 32 << 20
STREAM_SILENCE_S = 45.0

_T = TypeVar("_T")


class Api:
    """One server and one token. Safe for concurrent calls on one loop; ``aclose`` when done.

    ``timeout`` seconds bound a whole call, because httpx's own limits hold per read and a drip-feeding peer never meets
    them; ``silence`` seconds without a byte end an event stream; ``transport`` replaces the network. The token is never
    sent in clear text to another machine: ``ConfigError`` unless ``allow_plain``. Redirects are not followed, since they
    would carry the token elsewhere. With a ``ca_file`` its authorities alone vouch for the server.

    Proxies and certificate settings of the environment (HTTPS_PROXY, SSL_CERT_FILE) count for https only: there a proxy
    sees nothing but a tunnel, while over plain http it would read the token and a console would not reach its own machine.
    """

    def __init__(
        self,
        server_url: str,
        token: str,
        *,
        timeout: float = TOTAL_S,
        silence: float = STREAM_SILENCE_S,
        allow_plain: bool = False,
        ca_file: str = "",
        max_body: int = BODY_BYTES,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        url = checked(server_url, allow_plain=allow_plain)
        if not token.isascii() or any(not "!" <= character <= "~" for character in token):
            raise errors.ConfigError("The token holds characters that no token has.", "Copy it again, without spaces.")
        headers = {
            wire.PROTOCOL_HEADER: str(wire.PROTOCOL),
            "Accept": "application/json, application/problem+json",
            "Accept-Encoding": bodies.PACKED,
            "User-Agent": "okpay-console",
        }
        if token:
            headers["Authorization"] = f"Bearer {token}"
        secure = url.scheme == "https"
        self.server_url = str(url)
        self._timeout = timeout
        self._silence = silence
        self._max_body = max_body
        self._client = httpx.AsyncClient(
            base_url=url,
            headers=headers,
            timeout=httpx.Timeout(timeout, connect=min(CONNECT_S, timeout)),
            follow_redirects=False,
            # A sign-in page's cookies are not ours to carry to the server.
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=())),
            # Building a TLS context costs 70 ms, and a plain connection has no use for one.
            verify=trusting(ca_file) if secure and ca_file else secure,
            trust_env=secure,
            transport=transport,
        )

    def __repr__(self) -> str:
        return f"Api({self.server_url!r})"

    async def aclose(self) -> None:
        """Gives the connections back; twice is harmless."""
        await self._client.aclose()

    # What the engine asks

    async def me(self) -> wire.Me:
        """Who this token is, and which server answers."""
        return await self._get("/v1/me", wire.Me)

    async def sync(self, client: str, cursor: str, limit: int = wire.PAGE_ROWS) -> wire.Page:
        """The changes after ``cursor`` ("" for all there is); ``Gone`` where it is no longer served."""
        params = {"client": client, "limit": str(limit)} | ({"cursor": cursor} if cursor else {})
        return await self._get("/v1/sync", wire.Page, params=params)

    async def push(self, push: wire.Push) -> wire.PushReply:
        """Sends the next items of a client's log; ``Forked`` where the server knows the log otherwise."""
        return await self._post("/v1/mutations", wire.PushReply, body=msgspec.json.encode(push))

    async def claim(self, ticket_id: str) -> wire.Claimed:
        """``Held`` where somebody else has the ticket."""
        return await self._post(f"/v1/tickets/{quote(ticket_id, safe='')}/claim", wire.Claimed)

    async def renew(self, ticket_id: str) -> wire.Claimed:
        """A longer lease; ``Held`` where it ran out and somebody else has the ticket."""
        return await self._post(f"/v1/tickets/{quote(ticket_id, safe='')}/renew", wire.Claimed)

    async def next(self) -> wire.Claimed | None:
        """The most urgent unclaimed ticket, claimed; None where there is none."""
        status, body = await self._call("POST", "/v1/queue/next")
        return None if status == 204 else _decoded(body, wire.Claimed)

    async def shelf(self, have: str, after: str = "") -> ShelfPage | None:
        """The published answers after a key, as ``ShelfPage`` says; None where nothing has changed since the tag ``have``."""
        headers = {"If-None-Match": f'"{have}"'} if have and not after else {}
        params = {"have": have, "after": after}
        status, body = await self._call("GET", "/v1/answers", params=params, headers=headers)
        return None if status == 304 else _decoded(body, ShelfPage)

    async def here(self, told: Here) -> Company:
        """Tells which ticket is open here; ``NotFound`` where the server does not know it, or nothing of such news."""
        return await self._post("/v1/presence", Company, body=msgspec.json.encode(told))

    # What the command line asks

    async def ticket(self, ticket_id: str) -> dict[str, Any]:
        """A ticket's document as the server holds it now."""
        return await self._get(f"/v1/tickets/{quote(ticket_id, safe='')}", dict[str, Any])

    async def batch(self, items: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
        """Creates up to 500 tickets in one transaction; the reply names what became of each, by index."""
        return await self._post(
            "/v1/tickets/batch", dict[str, Any], body=msgspec.json.encode({"items": [dict(item) for item in items]})
        )

    async def ask(
        self, method: str, path: str, kind: type[_T], *, params: Mapping[str, str] | None = None, body: Any = None
    ) -> _T:
        """Any other request with its answer, of which the rooms beside this one know what they mean."""
        sent = b"" if body is None else msgspec.json.encode(body)
        _, answer = await self._call(method, path, params=params, body=sent)
        return _decoded(answer, kind)

    async def get(self, path: str, params: Mapping[str, str] | None = None) -> dict[str, Any]:
        """Any other document of the server."""
        return await self._get(path, dict[str, Any], params=params)

    # The event stream

    @asynccontextmanager
    async def stream(self, last_event_id: str = "") -> AsyncIterator[AsyncIterator[bytes]]:
        """The raw bytes of ``GET /v1/events``; 45 s without a byte is ``Offline``, for the server pings every 15 s."""
        headers = {"Accept": "text/event-stream", "Accept-Encoding": "identity", "Cache-Control": "no-store"}
        if last_event_id:
            headers["Last-Event-ID"] = last_event_id
        timeout = httpx.Timeout(self._timeout, connect=min(CONNECT_S, self._timeout), read=self._silence)
        request = self._client.build_request("GET", "/v1/events", headers=headers, timeout=timeout)
        with translated(self._timeout):
            async with asyncio.timeout(self._timeout):
                response = await self._client.send(request, stream=True)
        try:
            with translated(self._timeout):
                # The page that explains a refusal may drip for ever too.
                async with asyncio.timeout(self._timeout):
                    await self._judge(response, wanted="text/event-stream")
                yield self._bytes(response)
        finally:
            await response.aclose()

    async def _bytes(self, response: httpx.Response) -> AsyncIterator[bytes]:
        with translated(self._silence):
            async for part in bodies.pieces(response):
                yield part

    # Inside

    async def _get(self, path: str, kind: type[_T], *, params: Mapping[str, str] | None = None) -> _T:
        _, body = await self._call("GET", path, params=params)
        return _decoded(body, kind)

    async def _post(self, path: str, kind: type[_T], *, body: bytes = b"") -> _T:
        _, answer = await self._call("POST", path, body=body)
        return _decoded(answer, kind)

    async def _call(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, str] | None = None,
        body: bytes = b"",
        headers: Mapping[str, str] | None = None,
    ) -> tuple[int, bytes]:
        headers = {**(headers or {}), **({"Content-Type": "application/json"} if body else {})}
        with translated(self._timeout):
            async with (
                asyncio.timeout(self._timeout),
                self._client.stream(method, path, params=params, content=body or None, headers=headers) as response,
            ):
                await self._judge(response, wanted="application/json")
                return response.status_code, await self._read(response)

    async def _judge(self, response: httpx.Response, *, wanted: str) -> None:
        """Raises for everything that is not a good answer of our server in our protocol."""
        spoken = response.headers.get(wire.PROTOCOL_HEADER, "")
        status = response.status_code
        if spoken and spoken != str(wire.PROTOCOL):
            raise errors.BadReply(
                f"The server speaks protocol {spoken[:8]}, this console {wire.PROTOCOL}.",
                wire.which(spoken, they="server"),
                code="protocol",
            )
        if status == 304 and spoken and "If-None-Match" in response.request.headers:
            return
        if not 200 <= status < 300:
            body = await self._read(response)
            raise error_of(status, response.headers, body, ours=bool(spoken), now=datetime.now(UTC))
        kind = response.headers.get("content-type", "").partition(";")[0].strip().lower()
        if not spoken or (status != 204 and kind != wanted):
            found = f"{kind or 'no content type'}" if spoken else "no protocol header"
            raise errors.BadReply(f"Something answered that is not an OKPay server ({found[:60]}).", CHECK_ADDRESS)

    async def _read(self, response: httpx.Response) -> bytes:
        return await bodies.read(response, self._max_body)


def _decoded(body: bytes, kind: type[_T]) -> _T:
    try:
        return msgspec.json.decode(body, type=kind)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        raise errors.BadReply(
            "The server's answer cannot be read.", "Update the older of console and server."
        ) from error
