"""What is said once, in words, of the desk's standing with the server: what is not taken, and what its person now may see."""

from __future__ import annotations

from ..content import errors as sentences
from ..content.interface import has, lang, t
from ..errors import Refused
from .desk_model import Desk, LinkStatus
from .failures import explain
from .handing import queue_words
from .render import line

_SAID = ("online", "refused", "signed-out")
"""Away from the network there is nothing to be done, and the status line says so; in these states there is."""


class Telling:
    """Remembers what it has said, so that a trouble that stays is not said every second."""

    def __init__(self) -> None:
        self._trouble = ""
        self._role = ""
        self._queues: tuple[str, ...] | None = None

    def news(self, desk: Desk) -> list[str]:
        """The sentences that are due now."""
        status = desk.status()
        trouble = status.code if status.state in _SAID else ""
        said = [self._wrong(status)] if trouble and trouble != self._trouble else []
        self._trouble = trouble
        return said + self._person(desk)

    def _wrong(self, status: LinkStatus) -> str:
        known = bool(sentences.of_code(status.code, lang=lang()))
        code = status.code if known or lang() == "en" else "bad-request"
        what = explain(Refused(status.message, status.advice, code=code))
        return t("status.held", count=status.pending, what=what) if status.state == "online" else what

    def _person(self, desk: Desk) -> list[str]:
        """That an administrator has changed what this person is, or sees, while the desk is open."""
        role, queues = desk.role, tuple(desk.queues)
        if not role:
            return []
        said = []
        if self._role not in ("", role):
            known = has("status.role_" + role)
            said.append(t("status.role_now", role=t("status.role_" + role) if known else line(role)))
        if self._queues not in (None, queues):
            seen = t("status.comma").join(queue_words(name) for name in queues)
            said.append(t("status.queues_now", queues=seen) if queues else t("status.queues_all"))
        self._role, self._queues = role, queues
        return said
