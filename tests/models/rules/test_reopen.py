"""Whether a customer who writes again still means the same issue."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from models.rules.reopen import continuation

NOON = datetime(2025, 3, 1, 12, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
LIVE, ASYNC = 15 * MINUTE, 24 * HOUR  # the windows a desk starts with
INSTANT = timedelta(microseconds=1)
SAME, NEW = "same_session", "new_session"


@pytest.mark.parametrize(
    ("reason", "cause", "usual", "later", "expected"),
    [
        ("resolved", "agent", LIVE, 15 * MINUTE - INSTANT, SAME),
        ("resolved", "agent", LIVE, 15 * MINUTE, NEW),
        ("resolved", "agent", ASYNC, 24 * HOUR - INSTANT, SAME),
        ("resolved", "agent", ASYNC, 24 * HOUR, NEW),
        ("no_response", "agent", LIVE, 10 * MINUTE, SAME),
        ("other", "agent", LIVE, 16 * MINUTE, NEW),
        ("follow_up", "agent", LIVE, 7 * DAY - INSTANT, SAME),
        ("follow_up", "agent", ASYNC, 7 * DAY, NEW),
        ("time_waster", "agent", LIVE, timedelta(0), NEW),
        ("time_waster", "agent", ASYNC, -MINUTE, NEW),
        (None, "visitor_ended", LIVE, MINUTE, SAME),
        (None, "inactivity", LIVE, 14 * MINUTE, SAME),
        (None, "queue_expired", ASYNC, 23 * HOUR, SAME),
        (None, "admin", ASYNC, MINUTE, NEW),
        (None, "bot_resolved", LIVE, -MINUTE, SAME),
    ],
)
def test_continuation(reason: str | None, cause: str, usual: timedelta, later: timedelta, expected: str) -> None:
    assert continuation(NOON, reason, cause, NOON + later, usual=usual) == expected


@pytest.mark.parametrize(("later", "expected"), [(6 * DAY, SAME), (7 * DAY, NEW)])
def test_who_was_promised_something_means_the_same_issue(later: timedelta, expected: str) -> None:
    assert continuation(NOON, "call_back", "agent", NOON + later, usual=LIVE, promised=True) == expected
