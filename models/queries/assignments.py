"""How chats came to their owners: the intervals of ownership, and whom the desk considered."""

from __future__ import annotations

from typing import Any

from models.db import rows
from models.queries import access, shapes
from models.queries.access import Viewer
from models.queries.shapes import Out
from models.rules.assignment import Verdict

# The names of everybody who was considered come with the interval, so that five hundred candidates are one statement.
_INTERVALS = """
select i.id, i.how, i.policy, i.over_limit, i.from_at, i.to_at, i.candidates,
       a.id as agent_id, a.name as agent_name, a.hue as agent_hue, b.id as by_id, b.name as by_name, b.hue as by_hue,
       (select jsonb_object_agg(n.id, jsonb_build_object('id', n.id, 'name', n.name, 'hue', n.hue)) from agent n
        where n.id in (select (each -> 0)::bigint from jsonb_array_elements(i.candidates) each)) as people
from assignment i join agent a on a.id = i.agent_id left join agent b on b.id = i.by_agent_id
where i.chat_id = %s order by i.from_at desc, i.id desc
"""


def of_chat(viewer: Viewer, chat_id: int) -> Out:
    """An `AssignmentList`, newest first."""
    access.see_chat(viewer, chat_id)
    return {"items": [_interval(each) for each in rows(_INTERVALS, (chat_id,))]}


def _interval(row: dict[str, Any]) -> Out:
    considered = [Verdict(*each) for each in row["candidates"] or []]
    considered.sort(key=lambda each: (each.place is None, each.place or 0))
    return {
        **{key: row[key] for key in ("id", "how", "policy", "over_limit")},
        "agent": shapes.agent_brief(row, "agent_"),
        "by": shapes.agent_brief(row, "by_"),
        "from_at": shapes.moment(row["from_at"]),
        "to_at": shapes.moment(row["to_at"]),
        "candidates": [_candidate(each, row["people"]) for each in considered],
    }


def _candidate(verdict: Verdict, people: dict[str, Out]) -> Out:
    return {
        "agent": people[str(verdict.agent_id)],
        "load": verdict.load,
        "limit": verdict.limit,
        "place": verdict.place,
        "excluded": verdict.excluded,
    }


def hands(chat_id: int) -> list[Out]:
    """The chain of hands: every owner, and every offer that nobody took, in the order they came."""
    found = rows(
        "select 'owner' as kind, i.how, i.from_at as at, a.id as agent_id, a.name as agent_name, a.hue as agent_hue,"
        " null::bigint as team_id, null as team_name, null::smallint as team_hue"
        " from assignment i join agent a on a.id = i.agent_id where i.chat_id = %(chat)s"
        " union all select 'offer', o.state, o.made_at, a.id, a.name, a.hue, t.id, t.name, t.hue"
        " from escalation o left join agent a on a.id = o.target_agent_id left join team t on t.id = o.target_team_id"
        " where o.chat_id = %(chat)s and o.state <> 'accepted' order by at",
        {"chat": chat_id},
    )
    return [
        {
            "kind": each["kind"],
            "how": each["how"],
            "agent": shapes.agent_brief(each, "agent_"),
            "team": shapes.team_brief(each, "team_"),
            "at": shapes.moment(each["at"]),
        }
        for each in found
    ]
