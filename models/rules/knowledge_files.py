"""Services and articles as files (`rules/sheets.py`). The key, or the slug, says which entry a row is; without one its name does."""

from __future__ import annotations

from models.rules.sheets import Sheet

SERVICES = Sheet(
    "service",
    ("name", "description", "answer", "phrasings", "quick_replies", "team", "handover", "enabled", "key"),
    needed=frozenset({"name", "answer"}),
    optional=frozenset({"description", "team", "handover", "enabled", "key"}),
    lists=frozenset({"phrasings", "quick_replies"}),
)
ARTICLES = Sheet(
    "article",
    ("title", "body", "phrasings", "published", "slug"),
    needed=frozenset({"title", "body"}),
    optional=frozenset({"published", "slug"}),
    lists=frozenset({"phrasings"}),
)

_YES, _NO = frozenset({"yes", "true", "1", "y"}), frozenset({"no", "false", "0", "n"})


def flag(value: object, otherwise: bool) -> bool | None:
    """A cell that says yes or no; `otherwise` where there is none, None where it says something else."""
    if value is None:
        return otherwise
    if isinstance(value, bool):
        return value
    said = str(value).strip().casefold()
    return True if said in _YES else False if said in _NO else None
