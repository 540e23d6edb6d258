"""Text in cells: nothing acts on the terminal, nothing is halved, nothing is lost."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from okpay_console.tui.render import clean, cut, fit, line, wrap


@pytest.mark.parametrize(
    ("hostile", "shown"),
    [
        ("\x1b[31mred\x1b[0m", "^[[31mred^[[0m"),
        ("\x1b]52;c;aGk=\x07", "^[]52;c;aGk=^G"),
        ("a\x9b2Jb", "a^?2Jb"),
        ("12\u202e34", "1234"),
        ("zero\u200bwidth", "zerowidth"),
        ("生气😡了", "生气[?]了"),
        ("a\tb", "a  b"),
    ],
)
def test_a_callers_text_has_no_power_over_the_terminal(hostile: str, shown: str) -> None:
    assert clean(hostile) == shown


def test_a_row_has_one_line_and_no_punctuation_of_doubtful_width() -> None:
    assert line("他说“没到账”…\n真的——吗") == '他说"没到账".. 真的--吗'


@given(st.text(max_size=60), st.integers(1, 40))
def test_fitted_text_has_exactly_its_cells(text: str, width: int) -> None:
    assert cell_len(fit(line(text), width)) == width


def test_a_wide_character_is_never_halved() -> None:
    assert cut("转账未到账", 6) == "转账~"
    assert fit("转账未到账", 6) == "转账~ "


@given(st.text(alphabet="不转账到，。abc de", max_size=80), st.integers(4, 30))
def test_wrapping_keeps_every_character_and_every_line_fits(text: str, width: int) -> None:
    lines = wrap(text, width)
    assert all(cell_len(part) <= width for part in lines)
    assert "".join("".join(lines).split()) == "".join(text.split())


def test_a_closing_mark_takes_its_whole_word_along() -> None:
    assert wrap("the exact message, please", 17) == ["the exact", "message, please"]
    assert wrap("(bcdef，", 6) == ["(bcde", "f，"]


def test_a_line_does_not_begin_with_a_closing_mark() -> None:
    for width in range(4, 24):
        for part in wrap("请尽快处理，谢谢。我已经等了三天，还没有收到。", width)[1:]:
            assert part[0] not in "，。"
