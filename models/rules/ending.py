"""How a chat ends: the agent's reason, or else the cause that nobody chose."""

from __future__ import annotations

import itertools
import re
import unicodedata
from collections.abc import Collection
from datetime import datetime
from enum import StrEnum

from models.errors import Conflict, Invalid
from models.rules.defaults import DEFAULTS

NOTE_LEAST, NOTE_MOST = 3, 500
"""Three characters are the shortest word that explains; five hundred still fit in a report."""

CODE_STEM = 32
"""Letters of a label that make a code; a number may follow."""

FEW_MESSAGES = 1
"""Who wrote at most once came into the queue and did not engage."""


class EndReason(StrEnum):
    """The reasons every desk has; it may add its own (table `end_reason`). Only agents give reasons."""

    RESOLVED = "resolved"
    NO_RESPONSE = "no_response"
    FOLLOW_UP = "follow_up"
    TIME_WASTER = "time_waster"
    OTHER = "other"


class EndCause(StrEnum):
    """What ended a chat. Every ended chat has one; a reason goes only with `agent`."""

    AGENT = "agent"
    VISITOR_LEFT = "visitor_left"
    VISITOR_ENDED = "visitor_ended"
    QUEUE_ABANDONED = "queue_abandoned"
    QUEUE_EXPIRED = "queue_expired"
    INACTIVITY = "inactivity"
    BOT_RESOLVED = "bot_resolved"
    BOT_IDLE = "bot_idle"
    ADMIN = "admin"
    MERGED = "merged"


def explanation(note: str | None, *, needed: bool) -> str | None:
    """Return the note to keep with the reason, trimmed; None for none.

    "Others" says nothing by itself, so it needs one, as may a reason of the desk's own; every other may have one.
    """
    text = (note or "").strip()
    if needed and not NOTE_LEAST <= len(text) <= NOTE_MOST:
        raise Invalid(
            f"Explain in {NOTE_LEAST} to {NOTE_MOST} characters why the chat ended.",
            code="reason_required",
            least=NOTE_LEAST,
            most=NOTE_MOST,
        )
    if len(text) > NOTE_MOST:
        raise Invalid(f"A note with a reason has at most {NOTE_MOST} characters.", most=NOTE_MOST)
    return text or None


def require_promise_fits(promise: object | None, *, promises: bool) -> None:
    """A promise is made only with a reason that makes one."""
    if promise is not None and not promises:
        raise Invalid("This reason promises nothing.", fields={"promise": ["This reason promises nothing."]})


def open_to_reason(cause: str | None, reason: str | None, ended_at: datetime | None, now: datetime) -> bool:
    """Whether an ended chat may still be given a reason: nobody chose its end, nobody has said why, and it is fresh."""
    return (
        ended_at is not None and cause != EndCause.AGENT and reason is None and now - ended_at <= DEFAULTS.late_reason
    )


def require_open_reason(cause: str | None, reason: str | None, ended_at: datetime | None, now: datetime) -> None:
    """Raise `Conflict`, `has_reason` or `too_late`, unless a reason may still be given."""
    if cause == EndCause.AGENT or reason is not None:
        raise Conflict("This chat has its reason already.", code="has_reason")
    if not open_to_reason(cause, reason, ended_at, now):
        raise Conflict("This chat ended too long ago to be given a reason.", code="too_late")


def code_for(label: str, taken: Collection[str]) -> str:
    """Make a code for a reason that a desk adds: from the letters of its label, unlike any there is."""
    plain = unicodedata.normalize("NFKD", label).encode("ascii", "ignore").decode().lower()
    stem = re.sub(r"[^a-z0-9]+", "_", plain).strip("_")[:CODE_STEM].strip("_")
    if len(stem) < 2 or not stem[0].isalpha():
        stem = "reason"
    return next(
        code for number in itertools.count(1) if (code := stem if number == 1 else f"{stem}_{number}") not in taken
    )


def suggestion(customer_messages: int) -> EndReason | None:
    """Suggest a reason where one is obvious; the agent still chooses."""
    return EndReason.NO_RESPONSE if customer_messages <= FEW_MESSAGES else None
