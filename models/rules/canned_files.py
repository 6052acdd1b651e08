"""Canned messages as a file (`rules/sheets.py`). Scope and team may be missing; files are not carried over."""

from __future__ import annotations

from models.rules.sheets import Sheet

CANNED = Sheet(
    "canned message",
    ("shortcut", "title", "body", "scope", "team"),
    needed=frozenset({"shortcut", "title", "body"}),
    optional=frozenset({"scope", "team"}),
)
