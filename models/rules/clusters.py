"""Clusters of failed responses: which decision fits which state, what a cluster weighs, when a fix no longer holds. Pure."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from models.errors import Conflict, Invalid

DAY = timedelta(days=1)


class Status(StrEnum):
    OPEN = "open"
    SNOOZED = "snoozed"  # out of the list until a day
    RESOLVED = "resolved"
    DISMISSED = "dismissed"  # noise or out of scope: what means the same is dismissed with it
    MERGED = "merged"  # its failures are another cluster's


class Deed(StrEnum):
    """What people, or the desk itself, decide about a cluster. Each is kept, with what it takes to undo it."""

    SPLIT = "split"
    MERGE = "merge"
    MOVE = "move"
    RENAME = "rename"
    SNOOZE = "snooze"
    WAKE = "wake"
    ASSIGN = "assign"
    DISMISS = "dismiss"
    RESOLVE = "resolve"
    REOPEN = "reopen"
    ARTICLE = "article"
    SERVICE = "service"


DISMISSALS = ("noise", "out_of_scope")
RESOLUTIONS = ("fixed", "no_fix_needed", "answered_elsewhere", "other")

_LIVING = frozenset({Status.OPEN, Status.SNOOZED})
_SETTLED = frozenset({Status.RESOLVED, Status.DISMISSED})
_FITS: Mapping[Deed, frozenset[Status]] = {
    Deed.SPLIT: _LIVING | _SETTLED,
    Deed.MERGE: _LIVING | _SETTLED,
    Deed.MOVE: _LIVING | _SETTLED,
    Deed.RENAME: _LIVING | _SETTLED,
    Deed.ASSIGN: _LIVING | _SETTLED,
    Deed.SNOOZE: _LIVING,
    Deed.WAKE: frozenset({Status.SNOOZED}),
    Deed.DISMISS: _LIVING,
    Deed.RESOLVE: _LIVING,
    Deed.REOPEN: _SETTLED,
    Deed.ARTICLE: _LIVING | frozenset({Status.RESOLVED}),
    Deed.SERVICE: _LIVING | frozenset({Status.RESOLVED}),
}

FEWEST = 3  # failures that mean the same before they are a cluster and not chance
SAME_TOPIC = 0.75  # cosine of two centroids from which a new group is no new topic
LONGEST_SNOOZE = timedelta(days=365)
REASON_LEAST = 10  # characters of a written reason that stands in for a proof


def fits(deed: Deed, status: str) -> bool:
    return Status(status) in _FITS[deed]


def require(deed: Deed, status: str) -> None:
    """Raise `Conflict` when this decision cannot be made in this state."""
    if not fits(deed, status):
        raise Conflict(f"A cluster that is {status} cannot be changed so.", code="cluster_state")


def snooze_until(until: datetime, now: datetime) -> datetime:
    """The day a cluster wakes. Raises `Invalid` when that is not ahead, or further than a year."""
    if not now < until <= now + LONGEST_SNOOZE:
        raise Invalid("Choose a time ahead, within a year.", fields={"until": ["Choose a time ahead, within a year."]})
    return until


def reopens(status: str, since_fix: int, needed: int) -> bool:
    """Whether neighbours that came after the fix say that it does not hold."""
    return status == Status.RESOLVED and since_fix >= needed


@dataclass(frozen=True)
class Numbers:
    """What is counted of one cluster."""

    failures: int
    people: int
    week: int  # in the last 7 days
    before: int  # in the 7 days before those
    first_seen_at: datetime
    last_seen_at: datetime


def trend(week: int, before: int) -> float | None:
    """This week against the week before, as a share: 0.5 is half as many again. None: there was nothing before."""
    return None if before == 0 else (week - before) / before


def impact(numbers: Numbers, now: datetime) -> int:
    """How much a cluster matters, 0 to 100: people hit, more when it grows, less when it has gone quiet.

    Ten people hit this week in a steady topic weigh about 40; a topic nobody asked for in a month a quarter of that.
    """
    momentum = min(max((numbers.week + 1) / (numbers.before + 1), 0.5), 2.0)
    quiet = 0.5 ** (max(now - numbers.last_seen_at, timedelta()) / (14 * DAY))
    raw = (numbers.people + 0.25 * (numbers.failures - numbers.people)) * momentum * quiet
    return round(100 * (1 - math.exp(-raw / 20)))


@dataclass(frozen=True)
class Proof:
    """The newest finished replay of a cluster, as far as it says whether the fix holds."""

    fixed: int
    failing: int
    broken: int

    @property
    def percent(self) -> int:
        """Of its failures, those that the bot now answers: rounded down, so that 79.9 is not 80."""
        asked = self.fixed + self.failing
        return 100 * self.fixed // asked if asked else 0


def require_proof(proof: Proof | None, needed_percent: int, note: str) -> bool:
    """Whether it is proved that a cluster is resolved; without the proof a written reason must stand in for it.

    Raises `Conflict` (`not_proved`) when there is neither.
    """
    if proof is not None and proof.percent >= needed_percent and proof.broken == 0:
        return True
    if len(note.strip()) >= REASON_LEAST:
        return False
    raise Conflict(
        "No replay has shown that this is fixed. Replay it, or write down why it is resolved all the same.",
        code="not_proved",
        proof={
            "percent": proof.percent if proof else None,
            "broken": proof.broken if proof else None,
            "needed_percent": needed_percent,
        },
    )
