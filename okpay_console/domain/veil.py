"""Personal values inside free text, masked: what a caller wrote stays readable and his numbers do not."""

from __future__ import annotations

import re
from typing import Final

from . import privacy

# Numbers are taken with the gaps that people write: 138 0013 8000, +86-138-0013-8000.
_MOBILE: Final = re.compile(r"(?<![\dA-Za-z])(?:(?:\+|00)86[ \-]?)?1[3-9]\d(?:[ \-]?\d{4}){2}(?![\dA-Za-z])")
_ABROAD: Final = re.compile(r"(?<![\dA-Za-z])\+(?!86)\d{1,3}(?:[ \-]?\d){6,12}(?!\d)")
_SHORTEST: Final = 7
"""Digits of the shortest number that ``_ABROAD`` takes, such as those of Niue; every other has more."""
_MAIL: Final = re.compile(r"(?<![\w.+\-])[A-Za-z0-9._%+\-]{1,64}@[A-Za-z0-9\-]+(?:\.[A-Za-z0-9\-]+)+")
_IBAN: Final = re.compile(r"(?<![A-Z0-9])[A-Z]{2}\d{2}(?: ?[A-Z0-9]){11,30}(?![A-Z0-9])")
# A resident identity number: region, date of birth, order, check digit (GB 11643).
_IDENTITY: Final = re.compile(
    r"(?<![\dA-Za-z])[1-9]\d{5}(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[\dXx](?![\dA-Za-z])"
)


def veil(text: str) -> str:
    """The text with mobile numbers, e-mail addresses, IBANs and identity numbers masked as ``privacy.mask`` does.

    Transaction and ticket numbers stay: without them the text could not be worked with.
    """
    if "@" not in text and sum(character.isdigit() for character in text) < _SHORTEST:
        return text
    text = _IDENTITY.sub(lambda found: f"{found[0][:3]}****{found[0][-2:]}", text)
    text = _IBAN.sub(lambda found: privacy.mask("iban", found[0]), text)
    text = _MOBILE.sub(lambda found: privacy.mask("mobile", re.sub(r"[ \-]|^(?:\+|00)86[ \-]?", "", found[0])), text)
    text = _ABROAD.sub(lambda found: f"{found[0][:3]}****{found[0][-3:]}", text)
    return _MAIL.sub(lambda found: privacy.mask("email", found[0]), text)
