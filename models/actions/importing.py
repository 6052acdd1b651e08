"""What files that are taken in have in common, whatever they are lists of: teams by name, and the report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from marshmallow import ValidationError

from models.db import rows
from models.rules.sheets import Problem, Record


def teams() -> dict[str, int]:
    """The numbers of the teams there are, by their names in lower case."""
    found = rows("select id, lower(name) as name from team where archived_at is null")
    return {each["name"]: each["id"] for each in found}


def team_of(record: Record, known: Mapping[str, int]) -> int | None:
    """The team that a row names; None where it names none. Raises `ValidationError` where there is no such team."""
    team = record.get("team")
    if team is None:
        return None
    if not isinstance(team, str) or team.strip().lower() not in known:
        raise ValidationError({"team": [f"There is no team called “{str(team)[:60]}”."]})
    return known[team.strip().lower()]


def report(problems: Sequence[Problem], *, added: int, changed: int, unchanged: int, applied: bool) -> dict[str, Any]:
    """An `ImportReport`."""
    return {
        "added": added,
        "changed": changed,
        "unchanged": unchanged,
        "problems": [problem._asdict() for problem in sorted(problems)],
        "applied": applied,
    }
