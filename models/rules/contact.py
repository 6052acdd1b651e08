"""How people can be reached, as far as that can be told from looking."""

from __future__ import annotations

import re

from models.errors import Invalid

_EMAIL = re.compile(r"[^@\s,;<>()\"\\]+@[^@\s,;<>()\"\\]+\.[^@\s,;<>()\"\\]{2,}")
_PHONE = re.compile(r"\+?[0-9 ()./-]{4,40}")


def email(text: str, field: str = "email") -> str:
    """Return the address trimmed. Raises `Invalid`: only delivery proves an address, this finds slips of the finger."""
    address = text.strip()
    if len(address) > 254 or not _EMAIL.fullmatch(address) or ".." in address:
        raise Invalid("Enter a full address, like name@example.com.", fields={field: ["Not an e-mail address."]})
    return address


def phone(text: str, field: str = "phone") -> str:
    """Return the number as it was typed, trimmed. Raises `Invalid` for what cannot be dialled."""
    number = text.strip()
    if not _PHONE.fullmatch(number) or sum(sign.isdigit() for sign in number) < 4:
        raise Invalid("Enter a phone number, like +49 30 1234567.", fields={field: ["Not a phone number."]})
    return number
