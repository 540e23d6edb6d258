"""Small files that are replaced whole: readable by this user alone, and never seen half written."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

from .disk import Disk, store_error


def replace_file(path: Path, data: bytes, *, durable: bool) -> None:
    """Writes ``data`` beside ``path`` (mode 0600) and renames it into place; ``durable`` waits for the disk to have both.

    Raises ``StoreFull`` or ``StoreError``, and the file is as before, or whole as it should be where its name was not certain.
    """
    aside = path.with_name(f"{path.name}.{os.getpid()}.new")
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        aside.unlink(missing_ok=True)
        fd = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(fd, "wb") as file:
            file.write(data)
            if durable:
                file.flush()
                os.fsync(fd)
        aside.replace(path)
        if durable:
            Disk().sync_dir(path.parent)
    except OSError as error:
        with contextlib.suppress(OSError):
            aside.unlink(missing_ok=True)
        raise store_error(f"{path.name} could not be written", error) from error
