"""Offers of a chat to somebody else: the one that is pending, all of a chat, and who may take which."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from models.db import one, rows
from models.queries import access, shapes
from models.queries.access import Permission, Viewer
from models.queries.shapes import Out

SUPERVISING = tuple(role for role, may in access.PERMISSIONS.items() if Permission.CHAT_SUPERVISE in may)
ANSWERING = tuple(role for role, may in access.PERMISSIONS.items() if Permission.CHAT_ANSWER in may)
_ROLES = {name: ", ".join(f"'{role}'" for role in roles) for name, roles in (("s", SUPERVISING), ("a", ANSWERING))}

TAKERS = (
    f"a.disabled_at is null and a.role in ({_ROLES['a']}) and a.id <> o.origin_id and (a.id = o.target_agent_id"
    " or (o.target_team_id is not null and exists"
    "     (select from team_member tm where tm.team_id = o.target_team_id and tm.agent_id = a.id))"
    f" or (o.target_supervisors and a.role in ({_ROLES['s']})))"
)
"""An SQL condition: agent `a` could take offer `o`, wherever they are now."""

DECLINED = "exists (select from escalation_answer w where w.escalation_id = o.id and w.agent_id = a.id and w.declined_at is not null)"


def _brief(table: str, key: str) -> str:
    return f"(select jsonb_build_object('id', n.id, 'name', n.name, 'hue', n.hue) from {table} n where n.id = {key})"


# One statement gives offers with everybody they name; moments come as ISO 8601 in UTC, as the connection is set to.
_OFFERS = f"""
select o.chat_id, jsonb_build_object(
    'id', o.id, 'chat_id', o.chat_id, 'state', o.state,
    'origin', {_brief("agent", "o.origin_id")}, 'by', {_brief("agent", "o.by_agent_id")},
    'agent', {_brief("agent", "o.target_agent_id")}, 'team', {_brief("team", "o.target_team_id")},
    'supervisors', o.target_supervisors, 'note', o.note, 'expected_at', o.expected_at,
    'made_at', o.made_at, 'due_at', o.due_at, 'reminded_at', o.reminded_at,
    'looked', coalesce((select jsonb_agg({_brief("agent", "w.agent_id")} order by w.looked_at)
                        from escalation_answer w where w.escalation_id = o.id and w.looked_at is not null), '[]'),
    'declined', coalesce((select jsonb_agg(jsonb_build_object('agent', {_brief("agent", "w.agent_id")},
                                           'reason', w.reason, 'note', w.note, 'at', w.declined_at) order by w.declined_at)
                          from escalation_answer w where w.escalation_id = o.id and w.declined_at is not null), '[]'),
    'decided_at', o.decided_at, 'decided_by', {_brief("agent", "o.decided_by_id")},
    'reason', o.reason, 'reason_note', o.reason_note) as offer
from escalation o
"""


def pending(chat_ids: Sequence[int]) -> dict[int, Out]:
    """The open offers of these chats, as `EscalationOut` by chat."""
    found = rows(_OFFERS + " where o.chat_id = any(%s) and o.state = 'pending'", (list(chat_ids),))
    return {each["chat_id"]: _as_told(each["offer"]) for each in found}


def of_chat(viewer: Viewer, chat_id: int) -> Out:
    """An `EscalationList`: every offer the chat went through, the newest first."""
    access.see_chat(viewer, chat_id)
    found = rows(_OFFERS + " where o.chat_id = %s order by o.id desc", (chat_id,))
    return {"items": [_as_told(each["offer"]) for each in found]}


def last(chat_id: int) -> Out | None:
    """The newest offer of a chat, for whoever comes too late to it."""
    found = one(_OFFERS + " where o.chat_id = %s order by o.id desc limit 1", (chat_id,))
    return _as_told(found["offer"]) if found is not None else None


def _as_told(offer: Out) -> Out:
    """Moments as everywhere on the wire: Postgres leaves out the last zeros of a fraction."""

    def told(facts: Out) -> Out:
        at = {
            name: shapes.moment(datetime.fromisoformat(facts[name]))
            for name in facts
            if name.endswith("at") and facts[name]
        }
        return {**facts, **at}

    return {**told(offer), "declined": [told(each) for each in offer["declined"]]}


def takeable(viewer: Viewer) -> tuple[str, dict[str, Any]]:
    """An SQL condition over `chat c` for chats with an offer that this agent may accept, with its parameters."""
    clause = (
        "c.state = 'escalated' and exists (select from escalation o join agent a on a.id = %(me)s"
        f" where o.chat_id = c.id and o.state = 'pending' and {TAKERS} and not {DECLINED})"
    )
    return clause, {"me": viewer.id}


def count_takeable(viewer: Viewer) -> int:
    clause, params = takeable(viewer)
    found = one(f"select count(*)::int as n from chat c where {clause}", params)
    return int(found["n"]) if found else 0


def may_take(viewer: Viewer, offer: Out | None) -> bool:
    """The same for one pending offer that is at hand, as `EscalationOut`."""
    if offer is None or not viewer.may(Permission.CHAT_ANSWER) or offer["origin"]["id"] == viewer.id:
        return False
    if viewer.id in {each["agent"]["id"] for each in offer["declined"]}:
        return False
    if offer["supervisors"]:
        return viewer.may(Permission.CHAT_SUPERVISE)
    if offer["team"] is not None:
        return offer["team"]["id"] in viewer.team_ids
    return bool(offer["agent"]["id"] == viewer.id)
