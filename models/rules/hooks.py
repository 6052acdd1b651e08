"""When a webhook is tried again, when it rests, and when it is given up."""

from __future__ import annotations

from datetime import timedelta

RETRY_S = (60, 300, 1800, 7200, 43_200)
"""Seconds between one attempt and the next, half a day at the end; whoever misses all of them is given up."""

LEASE_S = 30
"""Longer than an attempt takes; a worker that dies lets go of what it had in hand."""

OFF_AFTER = timedelta(days=3)
"""A webhook that has taken nothing for so long is switched off, and its makers are told."""

REST_AFTER = 3
"""Failures in a row after which nothing is sent for a while: who is down is not asked with everything that waits."""

_REST_S = (15, 60, 300)


def again_in(attempt: int) -> int | None:
    """Seconds until the next attempt after this one (1, 2, …) has failed; None: there is none."""
    return RETRY_S[attempt - 1] if attempt <= len(RETRY_S) else None


def rest_s(failures: int) -> int:
    """Seconds that a webhook rests after so many failures in a row; 0: it does not."""
    if failures < REST_AFTER:
        return 0
    return _REST_S[min(failures - REST_AFTER, len(_REST_S) - 1)]


def took(status: int | None) -> bool:
    """Whether an answer means that the webhook has taken what it was told."""
    return status is not None and 200 <= status < 300
