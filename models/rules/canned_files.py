"""Canned messages as a file (`rules/sheets.py`).

Both kinds know the columns `shortcut`, `title`, `body`, `scope` and `team`; the last two may be missing. Files are not
carried over.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from models.rules.sheets import Record, Sheet

COLUMNS = ("shortcut", "title", "body", "scope", "team")
NEEDED = frozenset(COLUMNS[:3])
_SHEET = Sheet("canned message", COLUMNS, NEEDED, optional=frozenset({"scope", "team"}))


class Problem(NamedTuple):
    """Why a row cannot be taken. Row 1 is the first canned message; 0 is the file itself."""

    row: int
    shortcut: str
    message: str


def written(records: Sequence[Record], kind: str) -> str:
    """The file as text. A missing team is null in JSON and empty in CSV."""
    return _SHEET.written(records, kind)


def read(text: str, kind: str) -> tuple[list[tuple[int, Record]], list[Problem]]:
    """The rows of a file, each with its number, and what is wrong with the form of the others."""
    found, problems = _SHEET.read(text, kind)
    return found, [Problem(*problem) for problem in problems]
