"""The period that a report is about: the last days, unless somebody asks for another."""

from __future__ import annotations

from datetime import datetime, timedelta

from models.errors import Invalid

DAYS = 30
MOST_DAYS = 400


def chosen(now: datetime, since: datetime | None, until: datetime | None) -> tuple[datetime, datetime]:
    """From when until when. Raises `Invalid` (`bad_date`) for one that ends before it begins, or is too long."""
    until = until or now
    since = since or until - timedelta(days=DAYS)
    if since >= until:
        raise _invalid("until", "The period ends before it begins.")
    if until - since > timedelta(days=MOST_DAYS):
        raise _invalid("since", f"Choose a period of at most {MOST_DAYS} days.")
    return since, until


def _invalid(field: str, sentence: str) -> Invalid:
    return Invalid(sentence, code="bad_date", fields={field: [sentence]})
