"""One sentence or name in both languages of the product."""

from __future__ import annotations

import msgspec


class Words(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One sentence or name in Chinese and in English."""

    zh: str
    en: str

    def of(self, lang: str) -> str:
        """The text in ``lang``; Chinese for any language that we do not speak."""
        return self.en if lang == "en" else self.zh
