"""What a house works by: where its console's store is, its rules, and its categories by their titles."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from okpay_console.config import Settings

if TYPE_CHECKING:
    from okpay_console.domain.ops import Rules

STORE = "console.okdb"


def store_path(settings: Settings) -> Path:
    """The console's one store: mirror, outbox, drafts."""
    return settings.home / STORE


def rules(settings: Settings | None = None) -> Rules:
    """The house's rules, the same for server and console, with the limits of the settings if they are given.

    Raises ``ConfigError`` where the house's own calendars or targets are wrong.
    """
    from okpay_console.content.limits import load_policy
    from okpay_console.content.rules import load_rules

    if settings is None:
        return load_rules()
    return load_rules(policy=load_policy(calendar=settings.calendar, targets=settings.sla.target))


def category_titles() -> dict[str, str]:
    """The code of every category by its titles in both languages."""
    from okpay_console.content.rules import load_categories

    return {title: one.id for one in load_categories() for title in (one.title.zh, one.title.en)}
