"""A breaker: a provider that fails time after time is left alone for a while, then tried with one message."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

FAILURES = 5
WITHIN = timedelta(seconds=30)
OPEN_FOR = timedelta(seconds=30)

LOOK_BACKOFF_S = (0, 20, 60, 120, 300)
"""Seconds that a channel which could not be looked into is left alone: one that hangs holds a worker each time."""


@dataclass(frozen=True, slots=True)
class Breaker:
    """How often it failed, since when, and until when nothing is tried."""

    failures: int = 0
    since: datetime | None = None
    open_until: datetime | None = None


CLOSED = Breaker()


def failed(before: Breaker, now: datetime) -> Breaker:
    """One more failure. Failures further apart than `WITHIN` have nothing to do with each other.

    After the pause the very next failure opens it again: whoever has just been ill is not well by the calendar.
    """
    if before.open_until is not None:
        return Breaker(before.failures, before.since, now + OPEN_FOR)
    if before.since is None or now - before.since > WITHIN:
        return Breaker(1, now)
    count = before.failures + 1
    return Breaker(count, before.since, now + OPEN_FOR if count >= FAILURES else None)


def look_again_after(failures: int) -> int:
    """Seconds until a channel is looked into again that could not be so many times in a row; at none, at once."""
    return LOOK_BACKOFF_S[min(failures, len(LOOK_BACKOFF_S) - 1)]
