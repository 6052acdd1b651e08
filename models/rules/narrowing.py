"""Which conversations somebody is after: the criteria of the history, of a saved view, of a search and of an export."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

LATEST = "open"
"""What stands in a page marker for the end of a chat that has none yet; it comes after every moment."""

Ids = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Narrowing:
    """Criteria that all hold together; one left empty asks nothing.

    Several values of one criterion are alternatives, but for tags: a chat has them all. The two moments are about
    the end of a chat, the second of them not included; an open chat ends after every moment. A flag asks for the
    thing when true and for its absence when false.
    """

    scope: str = "all"  # all, mine
    state: str | None = None  # open, ended, any
    from_at: datetime | None = None
    to_at: datetime | None = None
    agent_ids: Ids = ()
    team_ids: Ids = ()
    channel_ids: Ids = ()
    tag_ids: Ids = ()
    service_ids: Ids = ()
    customer_id: int | None = None
    reasons: tuple[str, ...] = ()
    causes: tuple[str, ...] = ()
    ratings: Ids = ()
    has_media: bool | None = None
    escalated: bool | None = None
    bot_only: bool | None = None

    @property
    def shown(self) -> str:
        """The state that is asked for. One's own chats are shown open and ended, all others when they have ended."""
        return self.state or ("any" if self.scope == "mine" else "ended")


def narrowing(criteria: Mapping[str, Any]) -> Narrowing:
    """Criteria as a schema gives them. The name of a period is for who shows them: its two moments stand beside it."""
    values: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value for name, value in criteria.items() if name != "period"
    }
    return Narrowing(**values)


def reversed_dates(from_at: datetime | None, to_at: datetime | None) -> bool:
    """Whether nothing can lie between these two."""
    return from_at is not None and to_at is not None and from_at >= to_at
