"""Who gets the next chat, by the policy of the desk or team, and why the others did not."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import NamedTuple

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


class Policy(StrEnum):
    """How the desk chooses among those who have room."""

    LEAST_LOADED = "least_loaded"
    ROUND_ROBIN = "round_robin"


STICKY = "sticky"
"""Written in the place of a policy when a returning customer met the agent they knew."""


class Verdict(NamedTuple):
    """Why one agent was, or was not, given the chat. As a plain list it is kept with the assignment.

    `place` counts from 1 in the line of those it could have gone to, and is None for the others.
    """

    agent_id: int
    load: int
    limit: int
    place: int | None
    excluded: str | None


def order(seats: Iterable[Seat]) -> list[Seat]:
    """Line up those who may get a chat by their load, the first in line first.

    Least share of the limit, then longest since a chat was last given (never comes first), then
    the lower number, so that the same seats always give the same line.
    """
    return sorted(_free(seats), key=lambda seat: (seat.load / seat.limit, seat.last_given or _NEVER, seat.agent_id))


def turns(seats: Iterable[Seat], after: int | None) -> list[Seat]:
    """Line up those who may get a chat by their numbers, beginning behind the agent who got the last one."""
    last = after or 0
    return sorted(_free(seats), key=lambda seat: (seat.agent_id <= last, seat.agent_id))


def _free(seats: Iterable[Seat]) -> list[Seat]:
    """Those whom nothing excludes, spelled out: it is asked of hundreds for each chat."""
    return [seat for seat in seats if seat.available and seat.load < seat.limit]


def line(
    seats: Iterable[Seat],
    policy: str,
    *,
    after: int | None = None,
    preferred: int | None = None,
    avoided: int | None = None,
) -> list[Seat]:
    """Line up those who may get this chat.

    `after` is who had the last turn of round robin. `preferred`, whom the customer knows, comes
    first while they have room; `avoided`, who let this very chat drop, comes last.
    """
    waiting = turns(seats, after) if policy == Policy.ROUND_ROBIN else order(seats)
    if preferred is not None or avoided is not None:
        waiting.sort(key=lambda seat: (seat.agent_id == avoided, seat.agent_id != preferred))
    return waiting


def explain(
    seats: Iterable[Seat], waiting: Sequence[Seat], chosen: int | None, *, avoided: int | None = None
) -> list[Verdict]:
    """Tell for every agent why the chat went elsewhere; None is no objection.

    `waiting` is the line the chat was offered along. Whoever stood in it before the chosen one was
    being given another chat at that very moment (`just_taken`): assignment never waits for a locked
    agent.
    """
    places = {seat.agent_id: place for place, seat in enumerate(waiting, 1)}
    winner = places[chosen] if chosen is not None else len(places) + 1
    verdicts = []
    for seat in seats:
        place = places.get(seat.agent_id)
        if place is None:
            why: str | None = seat.excluded or "just_taken"
        elif seat.agent_id == avoided and seat.agent_id != chosen:
            why = "let_it_drop"
        else:
            why = "just_taken" if place < winner else None
        verdicts.append(Verdict(seat.agent_id, seat.load, seat.limit, place, why))
    return verdicts


class Choice(NamedTuple):
    """What is written down of a chat that the desk gave out by itself."""

    policy: str
    candidates: list[Verdict]


def limit_of(agent_limit: int | None, team_limit: int | None, desk_limit: int) -> int:
    """Return how many chats at once: the agent's own number, else the team's, else the desk's."""
    own = next((n for n in (agent_limit, team_limit) if n is not None), desk_limit)
    return min(max(own, LEAST), MOST)
