"""Check digits: the Luhn formula of card numbers and the mod 97 test of account numbers."""

from __future__ import annotations

from .codes import IBAN_LENGTHS


def luhn(digits: str) -> bool:
    """Whether ASCII ``digits`` pass the Luhn formula (ISO/IEC 7812-1 annex B): every second digit from the right doubled."""
    if not (digits.isascii() and digits.isdigit()):
        return False
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) << (place & 1)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def mod97(account: str) -> bool:
    """Whether an IBAN in capital letters and digits passes ISO 7064 mod 97-10: first four to the end, A = 10 … Z = 35."""
    if not (account.isascii() and account.isalnum()):
        return False
    turned = account[4:] + account[:4]
    return int("".join(str(int(character, 36)) for character in turned)) % 97 == 1


def iban(account: str) -> bool:
    """Whether the text without spaces is a whole IBAN: a country of the registry, its length, and the check digits."""
    return (
        len(account) == IBAN_LENGTHS.get(account[:2], 0)
        and account[2:4].isdigit()
        and account.isupper()
        and mod97(account)
    )
