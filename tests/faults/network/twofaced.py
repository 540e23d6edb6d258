"""The console's program where the name ``desk.test`` has two addresses: ::1, which is dead, before 127.0.0.1."""

from __future__ import annotations

import socket
import sys
from typing import Any

from okpay_console.__main__ import main

if __name__ == "__main__":
    straight = socket.getaddrinfo
    tried: list[str] = []

    def resolve(host: Any, port: Any, *given: Any, **named: Any) -> Any:
        if host not in ("desk.test", b"desk.test"):
            return straight(host, port, *given, **named)
        kind = (socket.SOCK_STREAM, socket.IPPROTO_TCP, "")
        return [(socket.AF_INET6, *kind, ("::1", port, 0, 0)), (socket.AF_INET, *kind, ("127.0.0.1", port))]

    class Told(socket.socket):
        """Remembers which address was tried."""

        def connect(self, address: Any) -> None:
            tried.append(address[0])
            super().connect(address)

    socket.getaddrinfo = resolve
    socket.socket = Told  # type: ignore[misc]
    status = main()
    if tried[:1] == ["::1"] and "127.0.0.1" in tried:
        print("asked for desk.test, tried ::1 first", file=sys.stderr)
    sys.exit(status)
