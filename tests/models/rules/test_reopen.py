"""Whether a customer who writes again still means the same issue."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from models.rules.reopen import continuation, sticky_until

NOON = datetime(2025, 3, 1, 12, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
INSTANT = timedelta(microseconds=1)
SAME, NEW = "same_session", "new_session"


@pytest.mark.parametrize(
    ("reason", "cause", "live", "later", "expected"),
    [
        ("resolved", "agent", True, 15 * MINUTE - INSTANT, SAME),
        ("resolved", "agent", True, 15 * MINUTE, NEW),
        ("resolved", "agent", False, 24 * HOUR - INSTANT, SAME),
        ("resolved", "agent", False, 24 * HOUR, NEW),
        ("no_response", "agent", True, 10 * MINUTE, SAME),
        ("other", "agent", True, 16 * MINUTE, NEW),
        ("follow_up", "agent", True, 7 * DAY - INSTANT, SAME),
        ("follow_up", "agent", False, 7 * DAY, NEW),
        ("time_waster", "agent", True, timedelta(0), NEW),
        ("time_waster", "agent", False, -MINUTE, NEW),
        (None, "visitor_ended", True, MINUTE, SAME),
        (None, "inactivity", True, 14 * MINUTE, SAME),
        (None, "queue_expired", False, 23 * HOUR, SAME),
        (None, "admin", False, MINUTE, NEW),
        (None, "bot_resolved", True, -MINUTE, SAME),
    ],
)
def test_continuation(reason: str | None, cause: str, live: bool, later: timedelta, expected: str) -> None:
    assert continuation(NOON, reason, cause, NOON + later, live) == expected


def test_the_last_owner_is_preferred_for_a_minute() -> None:
    assert sticky_until(NOON) == NOON + MINUTE
