"""Tables: aligned in terminal cells, whole in a pipe."""

from __future__ import annotations

import subprocess
import sys
import textwrap

import pytest
from rich.cells import cell_len

from okpay_console.cli.output import Out


def test_a_table_in_a_pipe_is_aligned_by_cells_and_cuts_nothing_off(capsys: pytest.CaptureFixture[str]) -> None:
    long = "很长的标题" * 200
    Out(json=False, lang="zh").table(("号", "标题", "谁"), ((7, long, "王"), (1234, "short\x1b[31m", "li")), right=(0,))
    head, first, second = capsys.readouterr().out.splitlines()
    assert first == f"   7  {long}  王"
    assert second.startswith("1234  short [31m")
    assert head.split() == ["号", "标题", "谁"]
    assert (
        cell_len(head[: head.index("谁")])
        == cell_len(first[: first.index("王")])
        == cell_len(second[: second.index("li")])
    )


def test_a_table_without_rows_is_its_headings(capsys: pytest.CaptureFixture[str]) -> None:
    Out(json=False, lang="en").table(("a", "b"), ())
    assert capsys.readouterr().out == "a  b\n"


def test_a_long_table_is_written_as_it_stands_and_not_fitted_by_rich() -> None:
    """Fitting twenty thousand rows to a width takes longer than anybody waits."""
    script = """
        import sys
        from okpay_console.cli.output import Out
        Out(json=False, lang="en").table(("n",), ((n,) for n in range(3000)))
        assert "rich.table" not in sys.modules
    """
    done = subprocess.run([sys.executable, "-c", textwrap.dedent(script)], capture_output=True, check=True)
    assert len(done.stdout.splitlines()) == 3001
