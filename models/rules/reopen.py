"""A customer writes after the end: is it still the same issue?

An ended chat stays ended, so the message always opens a new chat. What is decided here is whether
that chat joins the session of the old one or begins its own.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Literal

from models.rules.defaults import DEFAULTS
from models.rules.ending import EndCause, EndReason

Continuation = Literal["same_session", "new_session"]


def continuation(ended_at: datetime, end_reason: str | None, end_cause: str, now: datetime, live: bool) -> Continuation:
    """Say where the new chat belongs. `live` is true of channels where both sides sit and wait."""
    window = reopen_window(end_reason, end_cause, live)
    elapsed = max(now - ended_at, timedelta(0))
    return "same_session" if elapsed < window else "new_session"


def reopen_window(end_reason: str | None, end_cause: str, live: bool) -> timedelta:
    """Return for how long after its end a chat can be continued."""
    if end_cause == EndCause.ADMIN:
        return timedelta(0)  # ended by order or erased: nothing of it is carried on
    if end_reason == EndReason.TIME_WASTER:
        return DEFAULTS.reopen_time_waster
    if end_reason == EndReason.FOLLOW_UP:
        return DEFAULTS.reopen_follow_up
    return DEFAULTS.reopen_live if live else DEFAULTS.reopen_async


def sticky_until(now: datetime) -> datetime:
    """Return until when a continued chat waits for its last owner before anybody may be given it."""
    return now + DEFAULTS.sticky
