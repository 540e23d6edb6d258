"""The console's program on a disk that fails every flush from the second on: ``sickdisk.py COMMAND …``."""

from __future__ import annotations

import errno
import itertools
import os
import sys

from okpay_console.__main__ import main

if __name__ == "__main__":
    flush, calls = os.fdatasync, itertools.count()

    def failing(descriptor: int) -> None:
        if next(calls) >= int(os.environ.get("FLUSH_FAILS", "0")):
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        flush(descriptor)

    os.fdatasync = failing
    sys.exit(main())
