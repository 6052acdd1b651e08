"""What people may teach the bot: limits, states, and names that machines use. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from typing import Literal

HANDOVERS = ("never", "after_answer", "instead")

MOST_PHRASINGS = 200
PHRASING_LENGTH = 300
MOST_QUICK_REPLIES = 4  # two more stand under every answer: that it helped, and the wish for a person
QUICK_REPLY_LENGTH = 40
NAME_LENGTH = 80
ANSWER_LENGTH = 4_000
BODY_LENGTH = 50_000

State = Literal["draft", "published", "disabled", "archived"]
STATES: tuple[State, ...] = ("draft", "published", "disabled", "archived")

_NOT_IN_A_KEY = re.compile(r"[^a-z0-9]+")
_KEY_LENGTH = 48


def distinct(texts: Iterable[str]) -> list[str]:
    """Each text once, in order; whatever differs by spaces around it or by case alone is the same."""
    found: dict[str, str] = {}
    for text in (each.strip() for each in texts):
        if text:
            found.setdefault(text.casefold(), text)
    return list(found.values())


def key_of(name: str, taken: Iterable[str]) -> str:
    """A name for machines: Latin letters and digits of the name, and a number where another has them already."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().casefold()
    key = _NOT_IN_A_KEY.sub("-", plain).strip("-")[:_KEY_LENGTH].strip("-") or "entry"
    others = set(taken)
    if key not in others:
        return key
    number = 2
    while f"{key}-{number}" in others:
        number += 1
    return f"{key}-{number}"
