"""Who gets the next chat: the agent with most room, then the one who has waited longest for one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypedDict

LEAST, MOST = 1, 50
"""Nobody works with no chat at all (that is what "away" is for) or answers more than fifty."""

_NEVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Seat:
    """One agent as assignment sees them. `available` speaks of presence alone; room is counted here."""

    agent_id: int
    load: int
    limit: int
    last_given: datetime | None = None
    available: bool = True

    @property
    def excluded(self) -> str | None:
        """With which code this agent is passed over, or None when a chat may go to them."""
        if not self.available:
            return "not_online"
        if self.load >= self.limit:
            return "at_capacity"
        return None


class Verdict(TypedDict):
    """Why one agent was, or was not, given the chat."""

    agent_id: int
    load: int
    limit: int
    excluded: str | None


def order(seats: Iterable[Seat]) -> list[Seat]:
    """Line up those who may get a chat, the first in line first.

    Least share of the limit, then longest since a chat was last given (never comes first), then
    the lower number, so that the same seats always give the same line.
    """
    free = [seat for seat in seats if seat.excluded is None]
    return sorted(free, key=lambda seat: (seat.load / seat.limit, seat.last_given or _NEVER, seat.agent_id))


def explain(seats: Iterable[Seat], chosen: int | None) -> list[Verdict]:
    """Tell for every agent why the chat went elsewhere; None is no objection.

    Whoever stood before the chosen one and did not get the chat was being given another at that
    very moment (`just_taken`): assignment never waits for a locked agent.
    """
    everybody = list(seats)
    passed_over: dict[int, str] = {}
    for seat in order(everybody):
        if seat.agent_id == chosen:
            break
        passed_over[seat.agent_id] = "just_taken"
    return [
        Verdict(
            agent_id=seat.agent_id,
            load=seat.load,
            limit=seat.limit,
            excluded=seat.excluded or passed_over.get(seat.agent_id),
        )
        for seat in everybody
    ]


def limit_of(agent_limit: int | None, team_limit: int | None, desk_limit: int) -> int:
    """Return how many chats at once: the agent's own number, else the team's, else the desk's."""
    own = next((n for n in (agent_limit, team_limit) if n is not None), desk_limit)
    return min(max(own, LEAST), MOST)
