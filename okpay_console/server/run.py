"""Runs the server: blocking, with worker processes, or in a thread of a program that needs one beside it."""

from __future__ import annotations

import asyncio
import errno
import multiprocessing
import signal
import socket
import ssl
import threading
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from datetime import datetime
from multiprocessing.process import BaseProcess
from typing import Any

import uvicorn

from .. import errors
from . import clock as clocks
from .app import create_app
from .connection import bounded
from .context import context_of
from .db import upgrade
from .settings import ServerConfig

__all__ = ["RunningServer", "ServerConfig", "serve", "start_in_thread"]


class _Server(uvicorn.Server):
    """Uvicorn that tells when it listens, and ends the event streams first when told to stop."""

    def __init__(
        self,
        settings: ServerConfig,
        *,
        ready: Callable[[], None] | None = None,
        clock: Callable[[], datetime] = clocks.now,
    ) -> None:
        self._app = create_app(settings, clock=clock)
        self._ready = ready
        super().__init__(
            uvicorn.Config(
                self._app,
                lifespan="on",
                access_log=False,
                log_config=None,
                server_header=False,
                proxy_headers=False,
                timeout_graceful_shutdown=10,
                limit_concurrency=None,
                http=bounded(settings),
                ws="none",
                ssl_certfile=settings.certfile or None,
                ssl_keyfile=settings.keyfile or None,
            )
        )

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """As uvicorn's own, but without sending the signal again at the end: being told to stop is no failure."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = {kind: signal.signal(kind, self.handle_exit) for kind in (signal.SIGTERM, signal.SIGINT)}
        try:
            yield
        finally:
            for kind, handler in before.items():
                signal.signal(kind, handler)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self._ready is not None and self.started:
            self._ready()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        context_of(self._app).hub.close()
        await super().shutdown(sockets)


class RunningServer:
    """A server in a thread of this process; ``stop`` waits until it is down, and may be called twice."""

    def __init__(self, url: str, server: _Server, thread: threading.Thread) -> None:
        self.url = url
        self._server = server
        self._thread = thread

    def stop(self) -> None:
        self._server.should_exit = True
        self._thread.join()

    def __enter__(self) -> RunningServer:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


def start_in_thread(config: ServerConfig, *, clock: Callable[[], datetime] = clocks.now) -> RunningServer:
    """Brings the schema up to date and serves from a daemon thread; returns once it answers. ConfigError if it cannot."""
    upgrade(config.database)
    listener = _listen(config)
    up = threading.Event()
    made: list[_Server] = []
    failure: list[BaseException] = []

    def run() -> None:
        async def main() -> None:
            # Made inside the loop it belongs to.
            made.append(_Server(config, ready=up.set, clock=clock))
            await made[0].serve([listener])

        try:
            _run(main)
        except BaseException as error:
            failure.append(error)
        finally:
            listener.close()
            up.set()

    thread = threading.Thread(target=run, name="okpay-server", daemon=True)
    thread.start()
    up.wait()
    if failure or not made or not made[0].started:
        thread.join()
        cause = failure[0] if failure else None
        raise errors.ConfigError("The server did not start.", "Look at its log.") from cause
    return RunningServer(_url(config, listener), made[0], thread)


def serve(config: ServerConfig, *, ready: Callable[[str], None] | None = None) -> None:
    """Brings the schema up to date and serves until SIGTERM or SIGINT; ``ready`` is told the real URL once it listens."""
    upgrade(config.database)
    listener = _listen(config)
    url = _url(config, listener)
    tell = (lambda: ready(url)) if ready is not None else None
    if config.workers > 1:
        _serve_many(config, listener, tell)
        return

    async def main() -> None:
        await _Server(config, ready=tell).serve([listener])

    _run(main)


def _serve_many(config: ServerConfig, listener: socket.socket, tell: Callable[[], None] | None) -> None:
    """Workers share one listening socket; one that dies is replaced, and a signal to stop is passed on to all."""
    spawn = multiprocessing.get_context("spawn")
    stopping = threading.Event()

    def start() -> BaseProcess:
        process = spawn.Process(target=_work, args=(config, listener), name="okpay-worker")
        process.start()
        return process

    before = {kind: signal.signal(kind, lambda *_: stopping.set()) for kind in (signal.SIGTERM, signal.SIGINT)}
    workers = [start() for _ in range(config.workers)]
    try:
        if tell is not None:
            tell()
        while not stopping.wait(0.5):
            workers = [worker if worker.is_alive() else start() for worker in workers]
    finally:
        for worker in workers:
            worker.terminate()
        for worker in workers:
            worker.join(15)
        for kind, handler in before.items():
            signal.signal(kind, handler)
        listener.close()


def _work(config: ServerConfig, listener: socket.socket) -> None:
    def follow() -> None:
        # A parent that was killed cannot tell its workers to stop; they would keep the port for ever.
        parent = multiprocessing.parent_process()
        if parent is not None:
            parent.join()
            signal.raise_signal(signal.SIGTERM)

    threading.Thread(target=follow, name="okpay-parent", daemon=True).start()

    async def main() -> None:
        await _Server(config).serve([listener])

    _run(main)


def _run(main: Callable[[], Coroutine[Any, Any, None]]) -> None:
    # uvicorn's choice of event loop: uvloop where it is installed.
    with asyncio.Runner(loop_factory=uvicorn.Config("", log_config=None).get_loop_factory()) as runner:
        runner.run(main())


def _listen(config: ServerConfig) -> socket.socket:
    _check_certificate(config)
    family = socket.AF_INET6 if ":" in config.host else socket.AF_INET
    # The protocol is named because asyncio turns Nagle's algorithm off only where it sees TCP; with it every reply whose
    # head and body are sent apart waits 40 ms for the other side's delayed acknowledgement.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((config.host, config.port))
        # Listening before the first worker is up: early callers wait in line instead of being refused.
        listener.listen(2048)
    except OSError as error:
        listener.close()
        what = f"The server cannot listen on {config.host}:{config.port}: {error.strerror}."
        if error.errno == errno.EADDRINUSE:
            raise errors.PortTaken(what, "Choose another port.", port=config.port) from error
        raise errors.ConfigError(what, "Choose another address or port.", code="no-listening") from error
    return listener


def _check_certificate(config: ServerConfig) -> None:
    """``ConfigError`` for a certificate or key that cannot be used: said at once, and not by every worker in turn."""
    if config.keyfile and not config.certfile:
        raise errors.ConfigError(
            "A TLS key was named without its certificate.",
            "Name both: --certfile and --keyfile.",
            code="lone-key",
        )
    if not config.certfile:
        return
    try:
        # "": a key with a passphrase would ask for it on a terminal that a server does not have.
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(config.certfile, config.keyfile or None, password="")
    except (OSError, ssl.SSLError, ValueError) as error:
        raise errors.ConfigError(
            "The TLS certificate or its key cannot be used.",
            "Both are PEM files that this user can read; the key belongs to the certificate and has no passphrase.",
            code="bad-certificate",
        ) from error


def _url(config: ServerConfig, listener: socket.socket) -> str:
    address: Any = listener.getsockname()
    host = f"[{address[0]}]" if ":" in address[0] else address[0]
    return f"{'https' if config.certfile else 'http'}://{host}:{address[1]}"
