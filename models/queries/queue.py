"""The Support Queue as numbers: who waits, at which place, and for about how long."""

from __future__ import annotations

import itertools
from typing import Any

from models.db import one, rows
from models.queries import terms
from models.queries.shapes import Out, moment
from models.rules import waiting

ORDER = "-priority, queued_at, id"
"""Who is next: places count the same order as picking. As the index has it, so that a page can begin anywhere."""


def waits_for(team_id: int | None) -> str:
    """An SQL condition for the waiting chats of this team, or of no team; its parameter is `team`.

    Each half fits the index `chat_queue_team`; `is not distinct from` would fit none.
    """
    return "state = 'queued' and " + ("team_id is null" if team_id is None else "team_id = %(team)s")


def teams(served_by: int | None = None) -> list[int | None]:
    """The teams that somebody waits for, None standing for chats of no team; of one agent, or all."""
    found = rows(
        "select t.id from team t where exists (select from chat c where c.state = 'queued' and c.team_id = t.id)"
        " and (%(agent)s::bigint is null or exists"
        "      (select from team_member m where m.team_id = t.id and m.agent_id = %(agent)s))"
        " union all select null where exists (select from chat c where c.state = 'queued' and c.team_id is null)",
        {"agent": served_by},
    )
    return [each["id"] for each in found]


def counts(team_id: int | None) -> Out:
    waits = waits_for(team_id)
    found = one(f"select count(*)::int as waiting from chat where {waits}", {"team": team_id})
    return {"team_id": team_id, "waiting": found["waiting"] if found else 0}


def place(chat_id: int) -> Out | None:
    """The place in line of one chat with its wait range; None when it does not wait."""
    found = one("select id, team_id, priority, queued_at from chat where id = %s and state = 'queued'", (chat_id,))
    if found is None:
        return None
    team_id = found["team_id"]
    waits = waits_for(team_id)
    before = one(
        f"select count(*)::int + 1 as position from chat where {waits}"
        " and (-priority, queued_at, id) < (%(before)s, %(queued_at)s, %(id)s)",
        {**found, "team": team_id, "before": -found["priority"]},
    )
    assert before is not None
    return _place({**found, **before}, pace(team_id), _opens_at(team_id))


def places(team_id: int | None) -> list[tuple[int, Out]]:
    """Every waiting chat of a team as (customer id, place). One pace serves them all."""
    waits = waits_for(team_id)
    found = rows(
        f"select id, customer_id, row_number() over (order by {ORDER})::int as position"
        f" from chat where {waits} order by {ORDER}",
        {"team": team_id},
    )
    if not found:
        return []
    measured, opens_at = pace(team_id), _opens_at(team_id)
    return [(each["customer_id"], _place(each, measured, opens_at)) for each in found]


def _opens_at(team_id: int | None) -> str | None:
    return moment(terms.in_force(team_id).opens_at)


def _place(found: dict[str, Any], measured: tuple[list[float], int], opens_at: str | None) -> Out:
    intervals, servers = measured
    expected = waiting.wait_range(found["position"], intervals, servers) if opens_at is None else None
    low, high = expected if expected is not None else (None, None)
    return {
        "chat_id": found["id"],
        "position": found["position"],
        "wait_low_s": low,
        "wait_high_s": high,
        "opens_at": opens_at,
    }


def pace(team_id: int | None) -> tuple[list[float], int]:
    """Seconds between the team's last pick-ups within the hour (at most 20, the newest last), and how many agents are there."""
    of_team = "c.team_id is null" if team_id is None else "c.team_id = %(team)s"
    taken = rows(
        "select a.from_at from assignment a join chat c on c.id = a.chat_id"
        f" where {of_team} and a.how in ('pick', 'auto', 'sticky')"
        " and a.from_at > clock_timestamp() - interval '1 hour' order by a.from_at desc limit 21",
        {"team": team_id},
    )
    moments = [each["from_at"] for each in reversed(taken)]
    intervals = [(later - earlier).total_seconds() for earlier, later in itertools.pairwise(moments)]
    there = one(
        "select count(distinct l.agent_id)::int as n from socket_lease l join agent a on a.id = l.agent_id"
        " where l.seen_at > clock_timestamp() - interval '45 seconds' and a.chosen_status = 'online'"
        " and (%(team)s::bigint is null or exists (select from team_member m where m.agent_id = a.id and m.team_id = %(team)s))",
        {"team": team_id},
    )
    return intervals, there["n"] if there else 0
