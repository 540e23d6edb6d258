"""What the keys of a report are called in words: categories, channels, dispositions, days; anything else as it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from okpay_console.cli.words import word

if TYPE_CHECKING:
    from collections.abc import Callable

    from okpay_console.content.reporting import Wording
    from okpay_console.domain.words import Words


def namer(words: Wording) -> Callable[[str, str], str]:
    """``name(section, key)`` in the language of the words."""
    from okpay_console.content.rules import load_categories, load_dispositions, load_fields

    def title(of: Words) -> str:
        return of.zh if words.lang == "zh" else of.en

    categories = {one.id: title(one.title) for one in load_categories()}
    endings = {one.code: title(one.title) for one in load_dispositions()}
    fields = load_fields()

    def name(section: str, key: str) -> str:
        if section == "category":
            return categories.get(key, key) or words.say("word.none")
        if section == "ending":
            return endings.get(key, key) or words.say("word.none")
        if section == "channel":
            return word(key, words.lang)
        if section in fields:
            return fields[section].shown(key, words.lang) or words.say("voice.other")
        return key

    return name
