"""Typed facts a desk keeps of its customers: what a value of each type may be."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from math import isfinite
from typing import Any
from urllib.parse import urlsplit

from models.errors import Invalid

LONGEST = 500  # characters of a text or a link

Value = str | int | float | bool | None


def checked(kind: str, choices: Sequence[str], value: Any) -> Value:
    """Return the value as it is stored; None for "not known". Raises `Invalid` with a sentence about the type.

    An empty text is "not known" for every type.
    """
    if value is None or value == "":
        return None
    match kind:
        case "text":
            return _text(value)
        case "number":
            return _number(value)
        case "date":
            return _date(value)
        case "flag":
            if isinstance(value, bool):
                return value
            raise Invalid("This is yes or no.")
        case "choice":
            if value in choices:
                return str(value)
            raise Invalid(f"Choose one of: {', '.join(choices)}.")
        case "link":
            return _link(value)
        case _:
            raise Invalid(f"There is no type called {kind}.")


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise Invalid("This is a text.")
    text = " ".join(value.split())
    if len(text) > LONGEST:
        raise Invalid(f"At most {LONGEST} characters.")
    return text


def _number(value: Any) -> int | float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not isfinite(value) or abs(value) > 1e15:
        raise Invalid("This is a number.")
    return value


def _date(value: Any) -> str:
    try:
        return date.fromisoformat(value).isoformat()
    except (TypeError, ValueError):
        raise Invalid("This is a date, such as 2026-03-31.") from None


def _link(value: Any) -> str:
    """Only http and https: a stored link is shown as one, and `javascript:` is one too."""
    text = _text(value)
    try:
        parts = urlsplit(text)
        named = bool(parts.hostname)
    except ValueError:
        named = False
    if not named or parts.scheme not in ("http", "https"):
        raise Invalid("This is a web address, such as https://example.com.")
    return text
