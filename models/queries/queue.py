"""The Support Queue as numbers: who waits, at which place, and for about how long."""

from __future__ import annotations

import itertools
from typing import Any

from models.db import one, rows
from models.queries import terms
from models.queries.shapes import Out, moment
from models.rules import waiting

# Places count the same order as picking: priority, then the original queue time, then the number.
PLACES = """
select id, customer_id, team_id,
       row_number() over (partition by team_id order by priority desc, queued_at, id)::int as position
from chat where state = 'queued'
"""


def counts(team_id: int | None) -> Out:
    found = one(
        "select count(*)::int as waiting from chat where state = 'queued' and team_id is not distinct from %s",
        (team_id,),
    )
    return {"team_id": team_id, "waiting": found["waiting"] if found else 0}


def place(chat_id: int) -> Out | None:
    """The place in line of one chat with its wait range; None when it does not wait."""
    found = one(f"select * from ({PLACES}) p where id = %s", (chat_id,))
    return _place(found, pace(found["team_id"]), _opens_at(found["team_id"])) if found else None


def places(team_id: int | None) -> list[tuple[int, Out]]:
    """Every waiting chat of a team as (customer id, place). One pace serves them all."""
    found = rows(f"select * from ({PLACES}) p where team_id is not distinct from %s", (team_id,))
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
    taken = rows(
        "select a.from_at from assignment a join chat c on c.id = a.chat_id"
        " where c.team_id is not distinct from %s and a.how in ('pick', 'auto', 'sticky')"
        " and a.from_at > clock_timestamp() - interval '1 hour' order by a.from_at desc limit 21",
        (team_id,),
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
