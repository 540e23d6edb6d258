"""Errors in words and numbers: what is said in which language, and the exit status that goes with it."""

from __future__ import annotations

from typing import Final

from okpay_console import errors

DONE: Final = 0
FAILED: Final = 1
USAGE: Final = 2
OFFLINE: Final = 3
INTERRUPTED: Final = 130


def explain(error: errors.OkpayError, *, lang: str) -> tuple[str, str]:
    """What happened and what to do, in ``zh`` or ``en``; a translated sentence keeps the details of the original."""
    # Most commands end without an error, and their start is waited for.
    from okpay_console.content import errors as sentences

    return sentences.explain(error, lang=lang, where="cli")


def status(error: errors.OkpayError) -> int:
    """The exit status of an error."""
    if isinstance(error, (errors.UsageError, errors.ConfigError)):
        return USAGE
    if isinstance(error, (errors.Offline, errors.Unavailable)):
        return OFFLINE
    return FAILED
