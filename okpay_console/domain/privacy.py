"""How personal values are shown, and which values must never be kept at all."""

from __future__ import annotations

from . import secret
from .secret import Found, SecretKind
from .ticket import Caller

__all__ = ["Found", "SecretKind", "find_secret", "mask", "mask_caller", "redact"]

REMOVED = "[***]"


def mask(field: str, value: str) -> str:
    """The value as it may stand on a screen: 138****8000, z***@x.com, 张*, GB82…5432, **** 1234; others as they are.

    ``field`` is a checklist field, or ``name`` and ``handle`` of the caller. Masked values cannot be turned back.
    """
    if not value:
        return ""
    match field:
        case "mobile":
            return _mobile(value)
        case "email":
            name, at, domain = value.rpartition("@")
            return f"{name[:1]}***{at}{domain}" if at else f"{value[:1]}***"
        case "name" | "counterparty" | "benef_name":
            return f"{value.strip()[:1]}*"
        case "handle":
            return f"@{value.lstrip('@')[:1]}***"
        case "iban":
            tight = value.replace(" ", "")
            return f"{tight[:4]}…{tight[-4:]}" if len(tight) > 8 else "****"
        case "card_tail" | "account_tail":
            return f"**** {value[-4:]}"
        case _:
            return value


def _mobile(value: str) -> str:
    local = value.removeprefix("+86")
    if len(local) < 7:
        return "****"
    return f"{local[:3]}****{local[-4:]}"


def mask_caller(caller: Caller) -> Caller:
    """The caller with every value masked."""
    return Caller(
        name=mask("name", caller.name),
        mobile=mask("mobile", caller.mobile),
        email=mask("email", caller.email),
        handle=mask("handle", caller.handle),
    )


def find_secret(text: str, *, field: str | None = None) -> SecretKind | None:
    """The kind of the first secret in ``text``, None for none. ``field`` is the checklist field, None for free text."""
    found = secret.find(text, field=field)
    return found[0].kind if found else None


def redact(text: str, *, field: str | None = None) -> tuple[str, tuple[SecretKind, ...]]:
    """The text with ``[***]`` in place of every secret, and their kinds: for words that arrive and cannot be refused."""
    found = secret.find(text, field=field)
    kept: list[str] = []
    place = 0
    for item in found:
        if item.end <= place:
            continue
        kept += [text[place : max(place, item.start)], REMOVED]
        place = item.end
    return "".join((*kept, text[place:])), tuple(item.kind for item in found)
