"""Keys of other programs: whose they are, what they lend, and how they are shown."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from models.db import one, rows
from models.errors import NotFound
from models.queries import shapes
from models.queries.access import Permission, Viewer
from models.queries.shapes import Out

_READ = frozenset({Permission.CHAT_READ, Permission.CHAT_READ_ALL})
_ACT = _READ | {Permission.CHAT_ANSWER, Permission.CHAT_SUPERVISE}

LENDS: Mapping[str, frozenset[Permission]] = {
    "chats:read": _READ | {Permission.HISTORY_READ},
    "chats:write": _ACT,
    "customers:read": _READ,
    "customers:write": _ACT,
    "knowledge:read": frozenset({Permission.CHAT_READ, Permission.KNOWLEDGE_EDIT}),
    "knowledge:write": frozenset({Permission.CHAT_READ, Permission.KNOWLEDGE_EDIT}),
    "failures:read": frozenset({Permission.FAILURE_REVIEW}),
    "failures:write": frozenset({Permission.FAILURE_REVIEW, Permission.KNOWLEDGE_EDIT}),
    "broadcasts:read": frozenset({Permission.BROADCAST_PREPARE}),
    "broadcasts:send": frozenset({Permission.BROADCAST_PREPARE, Permission.BROADCAST_SEND}),
    "reports:read": frozenset({Permission.REPORT_READ}),
}
"""The rights a scope lends, never more than the account behind the key has itself. Which addresses it opens is said in
`web/scopes.py`; both must hold."""

_HOLDER = """
select k.id as key_id, k.name as key_name, k.scopes, a.id, a.name, a.hue, a.role,
       coalesce((select array_agg(m.team_id order by m.team_id) from team_member m where m.agent_id = a.id), '{}') as teams
from api_key k join agent a on a.id = k.agent_id
where k.token_hash = %s and k.revoked_at is null and (k.expires_at is null or k.expires_at > clock_timestamp())
  and a.disabled_at is null
"""


def holder(token_hash: str) -> Viewer | None:
    """For whom a key acts now, with no more rights than its scopes lend. None: it opens nothing (any more)."""
    found = one(_HOLDER, (token_hash,))
    if found is None:
        return None
    scopes = frozenset(found["scopes"])
    return Viewer(
        found["id"],
        found["name"],
        found["hue"],
        found["role"],
        tuple(found["teams"]),
        session_id=0,  # no sign-in: nothing can be opened or ended with it
        key_id=found["key_id"],
        key_name=found["key_name"],
        scopes=scopes,
        lent=frozenset().union(*(LENDS[scope] for scope in scopes if scope in LENDS)),
    )


_KEYS = """
select k.id, k.name, k.prefix, k.scopes, k.created_at, k.expires_at, k.last_used_at, k.revoked_at,
       k.expires_at is not null and k.expires_at <= clock_timestamp() as expired, a.disabled_at is not null as disabled,
       a.id as agent_id, a.name as agent_name, a.hue as agent_hue, m.id as by_id, m.name as by_name, m.hue as by_hue
from api_key k join agent a on a.id = k.agent_id left join agent m on m.id = k.made_by_id
"""


def keys() -> Out:
    """Every key, those that open nothing any more last."""
    found = rows(_KEYS + " order by k.revoked_at is not null, k.id desc")
    return {"items": [_key(each) for each in found]}


def key(key_id: int) -> Out:
    found = one(_KEYS + " where k.id = %s", (key_id,))
    if found is None:
        raise NotFound()
    return _key(found)


def _key(row: dict[str, Any]) -> Out:
    state = "on"
    if row["revoked_at"] is not None:
        state = "revoked"
    elif row["expired"]:
        state = "expired"
    elif row["disabled"]:
        state = "account_disabled"
    return {
        **{name: row[name] for name in ("id", "name", "prefix", "scopes")},
        "state": state,
        "agent": shapes.agent_brief(row, "agent_"),
        "made_by": shapes.agent_brief(row, "by_"),
        **{name: shapes.moment(row[name]) for name in ("created_at", "expires_at", "last_used_at", "revoked_at")},
    }
