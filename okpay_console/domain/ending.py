"""The gate before an end: a disposition that people may choose, a complete checklist, and the disposition's own terms."""

from __future__ import annotations

from .. import errors
from . import checklist
from .disposition import BUILT_IN, Terms
from .merging import Rules
from .ticket import Ticket


def joined(*parts: str) -> str:
    """One line of everything that the author said, for the review tray."""
    return ": ".join(part for part in parts if part.strip())


def terms_of(code: str, rules: Rules, *, system: bool = False) -> Terms:
    """The terms of a disposition; ``Refused`` (no-disposition) for none, an unknown one, or the program's own.

    ``system``: the program itself ends the contact, so that its own codes are taken too.
    """
    if not code.strip():
        raise errors.Refused("The disposition is missing.", "Choose how the matter ended.", code="no-disposition")
    if rules.dispositions and code not in rules.dispositions:
        raise errors.Refused("There is no such disposition.", "Choose one of the list.", code="no-disposition")
    terms = rules.dispositions.get(code) or BUILT_IN.get(code) or Terms()
    if terms.system and not system:
        raise errors.Refused("Only the program sets this disposition.", "Choose another.", code="no-disposition")
    return terms


def complete(ticket: Ticket, rules: Rules) -> None:
    """``Refused`` (checklist-incomplete) naming the fields that are still to find out."""
    listed = rules.checklists.get(ticket.category)
    missing = checklist.progress(listed, ticket.answers, ticket.channel).missing if listed else ()
    if missing:
        raise errors.Refused(
            f"The checklist is not complete: {', '.join(missing)}.",
            "Ask for them, or close with a reason.",
            code="checklist-incomplete",
        )


def prerequisite(ticket: Ticket, terms: Terms) -> None:
    """``Refused`` (promise-missing, link-missing) where the ticket lacks what the disposition claims."""
    if terms.needs == "promise" and not any(promise.state == "open" for promise in ticket.promises):
        raise errors.Refused(
            "A promised call back needs a promise with a time.", "Write the promise down first.", code="promise-missing"
        )
    if terms.needs == "link" and not ticket.links:
        raise errors.Refused(
            "A duplicate needs a link to the ticket that it repeats.", "Link that ticket first.", code="link-missing"
        )
