"""The words of the product: canned answers in Chinese and English, read from the installed package."""

from __future__ import annotations

from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

from okpay_console.errors import ContentError

if TYPE_CHECKING:
    from okpay_console.content.knowledge import load_kb
    from okpay_console.domain.answers import Answer

__all__ = ["LANGUAGES", "load_answers", "load_kb"]

LANGUAGES = ("zh", "en")


@cache
def load_answers(lang: str) -> tuple[Answer, ...]:
    """The shipped answers in one language (``zh`` or ``en``), ordered by file name, which starts with their rank.

    For search in both languages whatever the screen speaks, put the screen's language first:
    ``Index.build(load_answers("zh") + load_answers("en"))``; a hit then bears the first title of its id.
    Raises ContentError for an unknown language, or naming the file and line that is wrong.
    """
    # The reader comes with the first answers: the texts of the screens, in this package too, do not wait for it.
    from okpay_console.content.knowledge import parse_markdown

    if lang not in LANGUAGES:
        raise ContentError(f"There are no answers in the language '{lang}'.", f"Use one of: {', '.join(LANGUAGES)}.")
    folder = resources.files(__name__) / "answers" / lang
    files = sorted((entry for entry in folder.iterdir() if entry.name.endswith(".md")), key=lambda entry: entry.name)
    return tuple(parse_markdown(entry.read_text(encoding="utf-8"), name=entry.name, lang=lang) for entry in files)


def __getattr__(name: str) -> Any:
    if name == "load_kb":
        from okpay_console.content.knowledge import load_kb

        return load_kb
    raise AttributeError(name)
