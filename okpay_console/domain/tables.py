"""TOML text as a table: what people write into settings, calendars and themes."""

from __future__ import annotations

import tomllib
from typing import Any


def read(text: str) -> dict[str, Any]:
    """The table; ``tomllib.TOMLDecodeError`` for text that is none, or that no reader can follow.

    Python's own reader lets other errors out where values are nested too deep or a number has thousands of digits.
    """
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        raise
    except RecursionError:
        raise tomllib.TOMLDecodeError("it is nested too deep") from None
    except ValueError:
        raise tomllib.TOMLDecodeError("a number in it has too many digits") from None
