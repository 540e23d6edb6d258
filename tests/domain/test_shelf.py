"""The house's own answers over the shipped ones, and the counts of what helped."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from okpay_console.domain.answers import Answer
from okpay_console.domain.shelf import added, counted, laid_over

A, B = Answer("a", "zh", "甲"), Answer("b", "zh", "乙")


def test_own_answers_take_the_place_of_the_shipped_ones_and_new_ones_follow() -> None:
    mine, new = Answer("a", "zh", "甲二"), Answer("c", "zh", "丙")
    assert laid_over([A, B], {("c", "zh"): new, ("a", "zh"): mine}) == (mine, B, new)


def test_a_hidden_answer_is_gone_in_its_language_alone() -> None:
    english = Answer("a", "en", "A")
    assert laid_over([A, B, english], {("a", "zh"): None, ("z", "zh"): None}) == (B, english)


helped = st.dictionaries(st.sampled_from("abc"), st.booleans())


@given(st.lists(helped, min_size=1, max_size=6))
def test_counting_every_change_gives_the_last_state(states: list[dict[str, bool]]) -> None:
    steps = [counted(before, after) for before, after in zip([{}, *states], states, strict=False)]
    assert added({}, steps) == {answer: (1, 0) if good else (0, 1) for answer, good in states[-1].items()}


def test_counts_of_another_moment_never_fall_below_nothing() -> None:
    assert added({"a": (0, 1)}, [{"a": (-1, -1)}, {"b": (2, 0)}]) == {"b": (2, 0)}
