"""The list of dispositions in a wrap-up, in which letters look for one."""

from __future__ import annotations

from collections.abc import Sequence

from textual import events
from textual.message import Message

from .ask import Choices


class Codes(Choices):
    """The dispositions: digits choose the first nine, letters and Chinese words look for one, by name, code or initials."""

    def __init__(self, options: Sequence[tuple[str, str]], *, start: str, id: str | None = None) -> None:  # noqa: A002
        super().__init__(options, start=start, id=id)
        self.every = list(options)
        self.words = ""

    def on_key(self, event: events.Key) -> None:
        if event.key == "backspace":
            self.look(self.words[:-1])
        elif event.character is not None and event.is_printable and not event.character.isspace():
            if event.character.isdigit() and not self.words:
                return
            self.look(self.words + event.character)
        else:
            return
        event.stop()
        event.prevent_default()

    def look(self, words: str) -> None:
        """Lists what fits ``words``, everything for ""."""
        self.words = words
        self.show([one for one in self.every if _fits(one, words.casefold())] if words else self.every)
        self.post_message(self.Looked(words, len(self.options)))

    class Looked(Message):
        """Other words are looked for, and so many codes fit."""

        def __init__(self, words: str, found: int) -> None:
            super().__init__()
            self.words = words
            self.found = found


def _fits(option: tuple[str, str], words: str) -> bool:
    code, title = option
    from ...domain.pinyin import pinyin

    read = pinyin().readings(title)
    initials, whole = "".join(part[:1] for part in read), "".join(read)
    return words in title.casefold() or words in code.casefold() or words in initials or whole.startswith(words)
