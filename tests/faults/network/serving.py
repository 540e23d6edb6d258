"""A server process with settings that the command line does not offer: ``serving.py DATABASE PORT name=number …``."""

from __future__ import annotations

import sys

from okpay_console.config import Settings
from okpay_console.server.run import ServerConfig, serve
from okpay_console.wiring import rules

if __name__ == "__main__":
    named = {key: float(value) for key, _, value in (word.partition("=") for word in sys.argv[3:])}
    numbers = {
        key: int(value) if key in ("guesses", "max_streams", "max_syncs", "workers") else value
        for key, value in named.items()
    }
    config = ServerConfig(database=sys.argv[1], port=int(sys.argv[2]), rules=rules(Settings()), **numbers)
    serve(config, ready=lambda url: print(url, flush=True))
