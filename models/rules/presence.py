"""Who is here: what an agent chose, together with whether their screen still answers.

An agent's status is a choice (online, away, offline) and a lease that every open screen renews.
Without a living lease the choice counts for nothing: others see the agent as offline.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from models.rules.defaults import DEFAULTS

# The lease is counted in SQL and the heartbeat in the screens: both want whole seconds. The reasons
# for the numbers stand beside them in `defaults`.
LEASE_S = int(DEFAULTS.presence_lease.total_seconds())
HEARTBEAT_S = int(DEFAULTS.heartbeat.total_seconds())
CLEAN_CLOSE_GRACE_S = int(DEFAULTS.clean_close_grace.total_seconds())
OWNER_GONE_S = int(DEFAULTS.owner_gone.total_seconds())


class Status(StrEnum):
    """What an agent chooses, and what others see."""

    ONLINE = "online"
    AWAY = "away"
    OFFLINE = "offline"


def effective(chosen: str, lease_alive: bool) -> Status:
    """Return the status others see: the choice while a screen answers, offline otherwise."""
    return Status(chosen) if lease_alive else Status.OFFLINE


def available(chosen: str, lease_alive: bool, load: int, limit: int) -> bool:
    """Whether one more chat may go to this agent now."""
    return why_not(chosen, lease_alive, load, limit) is None


def why_not(chosen: str, lease_alive: bool, load: int, limit: int, *, target: bool = False) -> str | None:
    """Say with which code a chat is kept from this agent, or None when it may go to them.

    Somebody who asks for themselves is `not_online` or `at_capacity`; somebody whom another
    chose is `target_offline` or `target_at_capacity`.
    """
    if effective(chosen, lease_alive) is not Status.ONLINE:
        return "target_offline" if target else "not_online"
    if load >= limit:
        return "target_at_capacity" if target else "at_capacity"
    return None


def owner_gone_due(chosen: str, lease_alive: bool, now: datetime) -> datetime | None:
    """Return when the chats of this agent go back to the queue if nothing changes; None for never.

    Away is a choice made in front of a living screen: those chats stay with their owner.
    """
    if effective(chosen, lease_alive) is Status.OFFLINE:
        return now + DEFAULTS.owner_gone
    return None
