"""The door to a server that cannot even be addressed: work goes on and is kept, and every round says what is wrong."""

from __future__ import annotations

from typing import NoReturn

from okpay_console.errors import OkpayError


class ClosedDoor:
    """Stands for ``Api`` where the settings let none be made; every question raises the reason."""

    server_url = ""

    def __init__(self, reason: OkpayError) -> None:
        self._reason = reason

    async def me(self) -> NoReturn:
        raise self._reason

    async def sync(self, client: str, cursor: str, limit: int = 0) -> NoReturn:
        raise self._reason

    async def push(self, push: object) -> NoReturn:
        raise self._reason

    async def claim(self, ticket_id: str) -> NoReturn:
        raise self._reason

    async def renew(self, ticket_id: str) -> NoReturn:
        raise self._reason

    async def next(self) -> NoReturn:
        raise self._reason

    async def shelf(self, have: str, after: str = "") -> NoReturn:
        raise self._reason

    async def here(self, told: object) -> NoReturn:
        raise self._reason

    async def ask(
        self, method: str, path: str, kind: object, *, params: object = None, body: object = None
    ) -> NoReturn:
        raise self._reason

    async def aclose(self) -> None:
        """There is nothing to give back."""
