"""The terminal's clipboard, reached through the terminal itself (OSC 52), so that it works over SSH as well."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from textual.app import App

LIMIT: Final = 8 * 1024
"""Bytes of UTF-8 that are sent at most. Terminals drop what is too long for them without a word, some above a few thousand."""


def copy(app: App[object], text: str) -> bool:
    """Hands a text to the terminal; False where it is too long, and nothing is sent then, since half an answer misleads.

    True says that it was sent: whether the terminal took it, it does not tell.
    """
    if len(text.encode()) > LIMIT:
        return False
    app.copy_to_clipboard(text)
    return True
