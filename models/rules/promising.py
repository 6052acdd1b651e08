"""When a promise may fall due, and when its owner is reminded."""

from __future__ import annotations

from datetime import datetime, timedelta

from models.errors import Invalid

FARTHEST = timedelta(days=366)
"""Beyond a year nobody remembers what was promised."""


def due(asked: datetime | None, now: datetime, proposed_s: int, *, field: str = "due_at") -> datetime:
    """Return when the promise falls due: as asked, or as the desk proposes. Raises `Invalid` (`bad_date`)."""
    if asked is None:
        return now + timedelta(seconds=proposed_s)
    if asked <= now:
        raise _bad("This moment has passed. Choose one to come.", field)
    if asked - now > FARTHEST:
        raise _bad("Choose a date within a year.", field)
    return asked


def _bad(sentence: str, field: str) -> Invalid:
    return Invalid(sentence, code="bad_date", fields={field: [sentence]})
