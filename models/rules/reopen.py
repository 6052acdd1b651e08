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


def continuation(
    ended_at: datetime,
    end_reason: str | None,
    end_cause: str,
    now: datetime,
    *,
    usual: timedelta,
    promised: bool = False,
) -> Continuation:
    """Say where the new chat belongs. `usual` is the desk's window for an ordinary end on this channel; `promised`
    says that we still owe the customer a word about it.
    """
    window = reopen_window(end_reason, end_cause, usual, promised=promised)
    elapsed = max(now - ended_at, timedelta(0))
    return "same_session" if elapsed < window else "new_session"


def reopen_window(end_reason: str | None, end_cause: str, usual: timedelta, *, promised: bool = False) -> timedelta:
    """Return for how long after its end a chat can be continued."""
    if end_cause == EndCause.ADMIN:
        return timedelta(0)  # ended by order or erased: nothing of it is carried on
    if end_reason == EndReason.TIME_WASTER:
        return DEFAULTS.reopen_time_waster
    if promised or end_reason == EndReason.FOLLOW_UP:
        return DEFAULTS.reopen_follow_up
    return usual
