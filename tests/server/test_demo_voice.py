"""The demo's callers say what kind of feedback they have, and its agents looked for things that no answer covers."""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec
import pytest

from okpay_console.domain import voice
from okpay_console.domain.choices import CHOICES
from okpay_console.domain.daybook import check
from okpay_console.domain.queue import row_of
from okpay_console.server import demo

NOW = datetime(2026, 11, 22, 6, 46, tzinfo=UTC)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_feedback_of_the_past_has_a_kind_an_area_and_scores_and_searches_in_vain_were_told(lang: str) -> None:
    script = demo.load_script(lang)
    past = demo.history(script, count=300, seed=1, now=NOW)
    told = [voice.said_of(msgspec.to_builtins(one), row_of(one)) for one in past if one.assignee]
    said = [one for one in told if one is not None]
    assert len(said) > 10 and all(one.type and one.area and one.score is not None for one in said)
    assert {one.type for one in said} <= {one.code for one in CHOICES["feedback_type"]}
    assert {one.area for one in said} <= {one.code for one in CHOICES["feedback_area"]}
    lines = demo.searches(script, past, now=NOW)
    for line in lines:
        check(line, now=NOW)
        assert line.by in script.agents
    missed = voice.grouped(lines)
    assert {words for one in missed for words in one.words} == {one.words for one in script.searches}
    assert len({line.uuid for line in lines}) == len(lines)
