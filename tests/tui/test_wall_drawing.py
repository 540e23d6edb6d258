"""The curves and the large digits of the wall, dot by dot."""

from __future__ import annotations

from okpay_console.tui import bigdigits, braille


def test_a_bar_reaches_as_high_as_its_share_and_a_little_is_never_nothing() -> None:
    assert braille.bars([4, 2, 0, None], 4, rows=1) == [chr(0x28E7) + chr(0x2800)]
    assert braille.bars([0.01], 100, rows=2) == ["\u2800", "\u2840"]


def test_what_is_expected_is_a_dot_alone_where_nothing_has_come() -> None:
    assert braille.bars([None, None], 4, rows=1, dots=[4, 1]) == [chr(0x2800 + 0x01 + 0x80)]


def test_more_than_the_most_does_not_leave_the_drawing() -> None:
    assert braille.bars([9, 9], 4, rows=1) == [chr(0x28FF)]


def test_wide_takes_a_cell_for_each_value_and_lines_are_of_one_length() -> None:
    lines = braille.bars([1, 2, 3], 3, rows=3, wide=True)
    assert [len(line) for line in lines] == [3, 3, 3]
    assert lines[0][2] == chr(0x28FF)


def test_every_character_of_a_number_has_a_pattern_of_five_rows() -> None:
    for text in ("0123456789", "83%", "+12", "-", "45s", "3m", "2h", "12d", "1.5"):
        lines = bigdigits.pattern(text)
        assert len(lines) == bigdigits.ROWS
        assert len({len(line) for line in lines}) == 1, text
        assert all("#" in "".join(bigdigits.pattern(one)) for one in text)


def test_no_two_digits_look_the_same() -> None:
    assert len({tuple(bigdigits.pattern(digit)) for digit in "0123456789"}) == 10
