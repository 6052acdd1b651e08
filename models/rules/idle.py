"""When a customer who does not answer is asked, and when the chat is closed (T19).

Only an agent's unanswered message starts the clock: a customer who spoke last waits for us, and
is never closed for it. The desk's own words (the question itself, "Ana has joined") do not count
as speaking.

On slow channels nobody is asked: the question would be one more mail or message. The chat ends some time after the
agent's last word, and what the customer writes later goes on with it by the rules of `reopen.py`.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Literal

Step = Literal["warn", "end"]


def idle_due(
    last_author: str | None,
    last_customer_at: datetime | None,
    last_agent_at: datetime | None,
    *,
    warn_s: int | None,
    end_s: int,
    warned_at: datetime | None,
) -> tuple[Step, datetime] | None:
    """Return the next step and when it falls due; None while it is the customer who waits.

    Nobody is closed unasked: if the question came late (a worker was down), the end moves with it,
    so the customer always has the full time between the two. Where nobody is asked, `warn_s` is None.
    """
    if last_author != "agent" or last_agent_at is None:
        return None
    if last_customer_at is not None and last_customer_at > last_agent_at:
        return None
    if warn_s is None:
        return "end", last_agent_at + timedelta(seconds=end_s)
    if warned_at is None or warned_at < last_agent_at:
        return "warn", last_agent_at + timedelta(seconds=warn_s)
    grace = timedelta(seconds=max(end_s - warn_s, 0))
    return "end", max(last_agent_at + timedelta(seconds=end_s), warned_at + grace)
