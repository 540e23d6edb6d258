"""What lies between a console and the server: it loses, doubles, delays and swaps, and either end may die meanwhile."""

from __future__ import annotations

from collections import deque
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, TypeVar

import httpx
import msgspec

from okpay_console import errors
from okpay_console.domain.wire import PROTOCOL, PROTOCOL_HEADER
from okpay_console.remote.api import Api
from okpay_console.remote.problems import error_of

from .backends import Direct, Http, Reply, Request
from .faults import Killed, Lost, ServerKilled

if TYPE_CHECKING:
    from .world import World

T = TypeVar("T")


class Network:
    """Everything between the consoles and the server of one world."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._afloat: deque[Callable[[], Awaitable[object]]] = deque(maxlen=4)
        self._earlier: dict[str, object] = {}

    async def carry(
        self, send: Callable[[], Awaitable[T]], *, key: str = "", deceive: Callable[[], None] = lambda: None
    ) -> T:
        """One request and its answer; ``Lost`` where nobody hears of it. ``key`` is the same for the very same request, whose
        earlier answer may come once more; then ``deceive`` is called."""
        world = self._world
        if not world.faults:
            return await self._reach(send)
        chance, fault, kill = world.chance, world.mix.fault, world.mix.kill
        if chance(kill):
            raise Killed
        if chance(fault):
            world.met["lost"] += 1
            if chance(0.4):
                # On its way still: it arrives when the console has long given it up.
                self._afloat.append(send)
            raise Lost
        answer = await self._reach(send)
        if chance(fault):
            world.met["doubled"] += 1
            second = await self._reach(send)
            answer = second if chance(0.5) else answer
        if key:
            earlier = self._earlier.get(key)
            self._earlier[key] = answer
            if earlier is not None and chance(fault * 2):
                world.log.append("  an older answer came")
                world.met["older answer"] += 1
                answer = earlier  # type: ignore[assignment]
                deceive()
        if chance(fault):
            world.met["answer lost"] += 1
            raise Lost
        if chance(kill):
            raise Killed
        return answer

    async def arrive(self) -> None:
        """What was delayed gets to the server now, and its answer to nobody."""
        while self._afloat:
            send = self._afloat.popleft()
            self._world.met["delayed"] += 1
            try:
                await self._reach(send)
            except Lost:
                continue

    async def _reach(self, send: Callable[[], Awaitable[T]]) -> T:
        try:
            return await send()
        except ServerKilled:
            self._world.met["server killed"] += 1
            self._world.log.append("  the server died")
            self._world.server.start()
            raise Lost from None


class DirectApi(Api):
    """The console's own client down to its bytes, and from there the service in place of a socket."""

    def __init__(self, world: World, server: Direct, token: str, *, deceive: Callable[[], None]) -> None:
        self.server_url = "http://localhost"
        self._deceive = deceive
        self._world, self._server, self._token = world, server, token

    async def aclose(self) -> None:
        """There is nothing to give back."""

    async def _call(  # type: ignore[override]
        self,
        method: str,
        path: str,
        *,
        params: dict[str, str] | None = None,
        body: bytes = b"",
        headers: dict[str, str] | None = None,
    ) -> tuple[int, bytes]:
        world = self._world
        if path == "/v1/mutations":
            if turned_away := world.turned_away(body):
                raise error_of(turned_away.status, {}, msgspec.json.encode(turned_away), ours=True)
            body = world.poisoned(body)
        request = Request(method, path, self._token, params or {}, headers or {}, body)
        # An answer from a cursor on: a first one has nothing by which it could be told from a newer one.
        since = path in world.stale and (request.params.get("cursor") or request.params.get("after"))
        key = f"{self._token}{path}{params}" if since else ""
        if world.faults and world.chance(world.mix.fault / 4):
            world.met["sick server"] += 1
            world.log.append("  a sick server, or a stranger")
            status = world.rng.choice((500, 503, 429, 200))
            if status == 200:
                raise errors.BadReply("Something answered that is not an OKPay server.", "")
            raise error_of(status, {"retry-after": "7"} if status != 500 else {}, b"<html>", ours=False)
        try:
            reply: Reply = await world.network.carry(
                lambda: self._server.handle(request),
                key=key,
                deceive=self._deceive if path == "/v1/sync" else lambda: None,
            )
        except Lost:
            raise errors.Offline("The server cannot be reached.", "") from None
        if reply.status == 304 or 200 <= reply.status < 300:
            return reply.status, reply.body
        raise error_of(reply.status, reply.headers, reply.body, ours=True)


class Wire(httpx.AsyncBaseTransport):
    """The network under the real client: it carries HTTP requests to the whole application."""

    def __init__(self, world: World, server: Http) -> None:
        self._world, self._server = world, server

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        body = await request.aread()
        if request.url.path == "/v1/mutations":
            if turned_away := self._world.turned_away(body):
                said = {PROTOCOL_HEADER: str(PROTOCOL), "content-type": "application/problem+json"}
                return httpx.Response(turned_away.status, headers=said, content=msgspec.json.encode(turned_away))
            body = self._world.poisoned(body)
        request.headers["content-length"] = str(len(body)) if body else request.headers.get("content-length", "0")
        try:
            return await self._world.network.carry(lambda: self._server.handle(request, body))
        except Lost:
            if self._world.chance(0.5):
                raise httpx.ConnectError("the request was lost") from None
            raise httpx.ReadTimeout("the answer was lost") from None
