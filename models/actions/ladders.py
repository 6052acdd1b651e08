"""What becomes of escalations that nobody takes, as it is about to be kept for the desk or a team."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from models.db import rows
from models.errors import Invalid
from models.rules import escalating


def check(said: Sequence[Mapping[str, Any]], *, field: str = "escalation_steps") -> None:
    """The steps make sense, and the teams they name are in use and stay so until this transaction has ended."""
    steps = escalating.parse(said, field=field)
    wanted = sorted({step.team_id for step in steps if step.team_id is not None})
    found = rows("select id from team where id = any(%s) and archived_at is null for key share", (wanted,))
    known = {each["id"] for each in found}
    for place, step in enumerate(steps):
        if step.team_id is not None and step.team_id not in known:
            sentence = "There is no such team any more."
            fields: Any = {field: {str(place): {"team_id": [sentence]}}}
            raise Invalid(sentence, code="unknown_team", fields=fields)
