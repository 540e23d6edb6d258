"""The system's key store, asked from a thread of its own: one that hangs, or asks its user something, holds nobody up for ever."""

from __future__ import annotations

import contextlib
import queue
import threading
from collections.abc import Callable
from typing import Any, Final, Protocol, TypeVar

T = TypeVar("T")

SERVICE: Final = "okpay-console"
WAIT_S = 30.0
"""How long it may take: long enough to type a password into the window that it may open."""


class KeyStore(Protocol):
    """What we use of the ``keyring`` module."""

    def get_password(self, service: str, name: str, /) -> str | None: ...
    def set_password(self, service: str, name: str, password: str, /) -> None: ...
    def delete_password(self, service: str, name: str, /) -> None: ...


def system_store() -> KeyStore | None:
    """The system's key store, None where there is none worth the name.

    Backends of priority 0 and below refuse or forget; those of ``keyrings.alt`` are plain files, and ours is the better one.
    Its methods raise ``TimeoutError`` after ``WAIT_S``, and at once for as long as it still has not answered.
    """
    try:
        return _asked(_found)
    except Exception:
        return None


def dropped(store: KeyStore | None, name: str) -> bool:
    """Deletes what is kept under this name; False where it may be there still: no store, or one that did not answer."""
    if store is None:
        return False
    with contextlib.suppress(Exception):
        store.delete_password(SERVICE, name)
        return True
    # What was not there cannot be deleted either, and every backend has its own word for that.
    with contextlib.suppress(Exception):
        return store.get_password(SERVICE, name) is None
    return False


def _found() -> KeyStore | None:
    import keyring

    backend = keyring.get_keyring()
    if backend.priority <= 0 or type(backend).__module__.startswith("keyrings.alt"):
        return None
    return _Patient(backend)


class _Patient:
    """A backend whose calls are made by the one thread that asks."""

    def __init__(self, backend: KeyStore) -> None:
        self._backend = backend

    def get_password(self, service: str, name: str, /) -> str | None:
        return _asked(lambda: self._backend.get_password(service, name))

    def set_password(self, service: str, name: str, password: str, /) -> None:
        _asked(lambda: self._backend.set_password(service, name, password))

    def delete_password(self, service: str, name: str, /) -> None:
        _asked(lambda: self._backend.delete_password(service, name))


class _Asker:
    """The thread, begun with the first question. A program does not wait for it at its end."""

    def __init__(self) -> None:
        self._turn = threading.Lock()
        self._questions: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        self._hangs = False

    def ask(self, work: Callable[[], T]) -> T:
        if self._hangs or not self._turn.acquire(timeout=WAIT_S):
            raise TimeoutError
        answers: queue.SimpleQueue[tuple[Any, BaseException | None]] = queue.SimpleQueue()

        def answer() -> None:
            result, failure = None, None
            try:
                result = work()
            except BaseException as error:
                failure = error
            answers.put((result, failure))

        if self._thread is None or not self._thread.is_alive():
            self._thread = threading.Thread(target=self._serve, name="okpay-key-store", daemon=True)
            self._thread.start()
        self._questions.put(answer)
        try:
            result, failure = answers.get(timeout=WAIT_S)
        except BaseException as error:
            # Also where somebody pressed Ctrl-C. It gets its turn when what hangs has answered.
            self._hangs = True
            self._questions.put(self._answered)
            if isinstance(error, queue.Empty):
                raise TimeoutError from None
            raise
        self._turn.release()
        if failure is not None:
            raise failure
        found: T = result
        return found

    def _serve(self) -> None:
        while True:
            self._questions.get()()

    def _answered(self) -> None:
        self._hangs = False
        self._turn.release()


_asker = _Asker()


def _asked(work: Callable[[], T]) -> T:
    return _asker.ask(work)
