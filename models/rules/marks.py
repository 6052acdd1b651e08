"""The marks of bold, italic and code in what people write, taken off for places that show them as they stand.

What counts as a mark is what the screens take for one: `frontend/shared/format.ts`, whose cases the tests share.
"""

from __future__ import annotations

import re

_MARKED = re.compile(
    r"`(?P<code>[^`\n]+)`"
    r"|(?P<address>\b(?:https?://|mailto:|tel:)[^\s<>\"'`]+)"
    r"|\b[\w.+-]+@[\w-]+(?:\.[\w-]+)+"
    r"|\*\*(?P<bold>\S(?:[^\n]*?\S)?)\*\*"
    r"|(?<![*\w])\*(?P<star>[^\s*](?:[^*\n]*?[^\s*])?)\*(?![*\w])"
    r"|(?<!\w)_(?P<low>[^\s_](?:[^_\n]*?[^\s_])?)_(?!\w)",
    re.IGNORECASE | re.ASCII,
)
_DEEPEST = 4
"""Marks inside marks go this deep; what is deeper stays text."""


def without(text: str, depth: int = 0) -> str:
    """The words alone. Addresses and code stay to the letter."""
    if depth == _DEEPEST:
        return text

    def bare(found: re.Match[str]) -> str:
        if found["code"] is not None:
            return found["code"]
        inside = found["bold"] or found["star"] or found["low"]
        return without(inside, depth + 1) if inside else found.group()

    return _MARKED.sub(bare, text)
