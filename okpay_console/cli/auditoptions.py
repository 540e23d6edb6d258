"""What can be typed after ``audit``."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import Any

from okpay_console.cli import adminoptions, answering, numbers

Say = Callable[[str, str], str]


def options(
    command: Callable[..., argparse.ArgumentParser],
    local: Any,
    say: Say,
    database: Callable[[argparse.ArgumentParser, Say], None],
) -> None:
    """``audit [--local]`` and ``audit verify [FILE]``."""
    audit = command(
        "audit", "audit:run", "审计记录：服务器的，或本机的", "the audit log: the server's, or this machine's"
    )
    audit.add_argument("--local", action="store_true", help=say("本机的记录", "this machine's own"))
    audit.add_argument(
        "--limit", type=numbers.positive, default=1000, metavar="N", help=say("最近几条", "the newest N")
    )
    database(audit, say)
    checks: dict[str, argparse.ArgumentParser] = {}
    verify = command(
        "verify", "audit:verify", "核对审计链：导出的文件，或服务器的", "check the chain: of an exported file, or the server's",
        under=answering.Verbs(local, audit.prog, checks),
    )  # fmt: skip
    verify.add_argument(
        "file", nargs="?", metavar="FILE", help=say("export audit 写的 JSONL", "written by export audit")
    )
    verify.add_argument(
        "--against-server", action="store_true", help=say("再与服务器对照", "and compare its end with the server")
    )
    adminoptions.anchors(verify, say)
    database(verify, say)
    audit.set_defaults(run="audit:run", command="audit")
    audit.verbs = checks  # type: ignore[attr-defined]
    audit.epilog = say("也可以：audit verify", "Also: audit verify")
