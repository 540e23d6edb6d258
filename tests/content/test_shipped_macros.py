"""The macros that are shipped work, and the house's own take their place."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from okpay_console.content.macros import load_macros
from okpay_console.content.rules import load_rules
from okpay_console.domain import macros, ops
from okpay_console.domain.author import Author
from okpay_console.errors import ContentError

NOW = datetime(2026, 11, 22, 6, 46, tzinfo=UTC)
NOTE = [{"op": "note", "text": "x"}]
# Where each one is meant to be used, and what is on the ticket then.
MATTERS = {"login-guided": "LOGIN", "transaction-second-line": "TXN", "risk": "TXN"}


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("macro", load_macros(), ids=lambda macro: macro.id)
def test_a_shipped_macro_goes_through_on_the_matter_it_is_for(macro: macros.Macro, lang: str) -> None:
    rules = load_rules()
    count = iter(range(99))
    author = Author("wang", lambda: f"id-{next(count)}", lambda: NOW)
    category = MATTERS.get(macro.id, "TXN")
    ticket = ops.apply(None, author.new(subject="s", channel="hotline", category=category), NOW, rules)
    for field in ("consent_rec", "mobile", "login_symptom"):
        ticket = ops.apply(ticket, author.field(ticket, field, "x", state="verified"), NOW, rules)
    later = (NOW + timedelta(hours=1)).isoformat()
    answers = {prompt.id: later if prompt.kind == "time" else "改好了" for prompt in macro.prompts}
    made = macros.expand(macro, ticket, answers, author, values={}, lang=lang, rules=rules)
    after = ticket
    for op in made:
        after = ops.apply(after, op, NOW, rules)
    assert len(made) == len(macro.steps)
    if lang == "en":
        told = [entry.text.replace("改好了", "") for entry in after.timeline[len(ticket.timeline) :]]
        assert not re.search(r"[㐀-鿿]", "".join(told))


def test_the_shipped_macros_have_titles_in_both_languages_and_keys_of_their_own() -> None:
    shipped = load_macros()
    assert 4 <= len(shipped) <= 9
    assert len({macro.key for macro in shipped}) == len(shipped)
    for macro in shipped:
        for words in (macro.title, *(prompt.title for prompt in macro.prompts)):
            assert re.search(r"[㐀-鿿]", words.zh)
            assert words.en
            assert not re.search(r"[㐀-鿿]", words.en)


def test_an_own_macro_replaces_takes_away_and_claims_keys() -> None:
    own: dict[str, Any] = {
        "risk": {"title": "自己的", "steps": NOTE},
        "shift-end": {},
        "mine": {"title": "我的", "key": "shift+f1", "steps": NOTE},
    }
    loaded = {macro.id: macro for macro in load_macros(own)}
    assert "shift-end" not in loaded
    assert (loaded["risk"].title.zh, loaded["risk"].key) == ("自己的", "")
    assert (loaded["mine"].key, loaded["login-guided"].key, loaded["chase-lead"].key) == ("shift+f1", "", "shift+f3")
    assert load_macros() == load_macros({})


@pytest.mark.parametrize(
    "steps",
    [
        [{"op": "close", "code": "DONE"}],
        [{"op": "wrapup", "code": "WRAPUP_TIMEOUT"}],
        [{"op": "close"}],
        [{"op": "escalate", "level": "moon", "text": "x"}],
        [{"op": "category", "category": "NOPE"}],
        [{"op": "note", "text": "{nobody}"}],
    ],
)
def test_an_own_macro_that_names_what_does_not_exist_is_refused_by_its_name(steps: list[dict[str, Any]]) -> None:
    with pytest.raises(ContentError, match="mine"):
        load_macros({"mine": {"title": "我的", "steps": steps}})


def test_two_own_macros_on_one_key_are_refused() -> None:
    one: dict[str, Any] = {"title": "x", "key": "shift+f9", "steps": NOTE}
    with pytest.raises(ContentError, match=r"shift\+f9"):
        load_macros({"a": one, "b": one})
