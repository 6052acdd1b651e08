"""What tests of escalations ask of an offer, and a ladder for it to go down."""

from __future__ import annotations

from typing import Any

import pytest

from models.actions import timekeeping
from models.db import one, run
from models.errors import DeskError
from tests.support.people import (
    entries,
    let_fall_due,
)

LADDER: list[dict[str, Any]] = [
    {"do": "remind", "after_s": 60, "team_id": None},
    {"do": "origin", "after_s": 60, "team_id": None},
]


def offer_of(chat_id: int) -> dict[str, Any]:
    """The newest offer of the chat, as stored."""
    found = one("select * from escalation where chat_id = %s order by id desc limit 1", (chat_id,))
    assert found is not None
    return found


def promise_of(chat_id: int) -> dict[str, Any]:
    found = one("select * from promise where chat_id = %s and kind = 'escalation'", (chat_id,))
    assert found is not None
    return found


def public(chat_id: int) -> list[str]:
    return [each["body"] for each in entries(chat_id) if each["pub_seq"] is not None]


def code(action: Any, *args: Any, **more: Any) -> str:
    with pytest.raises(DeskError) as refusal:
        action(*args, **more)
    return refusal.value.code


def fall_due(chat_id: int) -> None:
    """The next step of the chat's offer is due now."""
    run("update escalation set made_at = made_at - (due_at - clock_timestamp()), due_at = clock_timestamp()"
        " where chat_id = %s and state = 'pending' and due_at > clock_timestamp()"
        " and (steps -> place ->> 'do') <> 'remind'", (chat_id,))  # fmt: skip
    let_fall_due(chat_id, "offer")
    timekeeping.fire_due()
