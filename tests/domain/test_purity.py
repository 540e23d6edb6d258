"""The domain is pure: it needs no disk, no network, no clock and no chance, and reading it brings none of them in."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import okpay_console.domain

ROOM = Path(okpay_console.domain.__file__).parent
FORBIDDEN = {
    "asyncio", "os", "pathlib", "time", "random", "uuid", "secrets", "socket", "subprocess", "threading", "io", "tempfile",
    "textual", "rich", "httpx", "tinydb", "sqlalchemy", "litestar", "pypinyin", "jieba", "platformdirs", "keyring",
}  # fmt: skip


@pytest.mark.parametrize("file", sorted(ROOM.glob("*.py")), ids=lambda file: file.stem)
def test_a_module_imports_nothing_that_acts_on_the_world(file: Path) -> None:
    tree = ast.parse(file.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            assert not {alias.name.partition(".")[0] for alias in node.names} & FORBIDDEN
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            assert (node.module or "").partition(".")[0] not in FORBIDDEN
        elif isinstance(node, ast.ImportFrom) and node.level == 2:
            assert (node.module, {alias.name for alias in node.names}) in ((None, {"errors"}), ("errors", set()))
        elif isinstance(node, ast.Attribute) and node.attr in ("utcnow", "today"):
            pytest.fail(f"{file.name}:{node.lineno} reads the clock")
        elif isinstance(node, ast.Call) and ast.unparse(node.func) in ("datetime.now", "date.today", "open", "print"):
            pytest.fail(f"{file.name}:{node.lineno} acts on the world")


def test_a_fresh_interpreter_that_reads_the_whole_domain_holds_no_screen_network_or_database() -> None:
    names = " ".join(
        f"okpay_console.domain.{file.stem}," for file in sorted(ROOM.glob("*.py")) if file.stem != "__init__"
    )
    code = (
        f"import sys; import {names.rstrip(',')};"
        " heavy = {'textual', 'rich', 'httpx', 'tinydb', 'sqlalchemy', 'litestar', 'asyncio', 'socket', 'jieba', 'pypinyin'};"
        " print(*sorted(heavy & {name.partition('.')[0] for name in sys.modules}))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.split() == []
