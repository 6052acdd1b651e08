"""Saved views: a choice of chats under a name, and what of it is not in use any more."""

from __future__ import annotations

from typing import Any

from models.db import rows
from models.errors import NotFound
from models.queries import shapes
from models.queries.access import Permission, Viewer
from models.queries.shapes import Out

Row = dict[str, Any]

# What a criterion names, where it is looked up, and whether what is found there is still in use.
_KINDS: dict[str, tuple[str, str]] = {
    "agent_ids": ("agent", "select id as key, name, disabled_at is null as in_use from agent"),
    "team_ids": ("team", "select id as key, name, archived_at is null as in_use from team"),
    "channel_ids": ("channel", "select id as key, name, true as in_use from channel"),
    "tag_ids": ("tag", "select id as key, name, true as in_use from tag"),
    "service_ids": ("service", "select id as key, name, true as in_use from service"),
    "customer_id": (
        "customer",
        "select id as key, coalesce(name, 'Visitor ' || (10000 + id)) as name, true as in_use from customer",
    ),
    "reasons": ("reason", "select code as key, label as name, archived_at is null as in_use from end_reason"),
}
_DROPPED = frozenset({"tag", "service"})
"""Taken off every chat when they are removed: to go on looking for them would find nothing for ever."""

_VIEWS = (
    "select v.*, a.name as owner_name, a.hue as owner_hue, a.id as owner_id from saved_view v"
    " join agent a on a.id = v.agent_id"
)


def seen_by(viewer: Viewer) -> Out:
    """A `ViewList`: one's own views and the shared ones."""
    viewer.require(Permission.HISTORY_READ)
    found = rows(f"{_VIEWS} where v.agent_id = %s or v.shared order by lower(v.name), v.id", (viewer.id,))
    return {"items": [out(viewer, each) for each in found]}


def one_of(viewer: Viewer, view_id: int) -> Row:
    """A view that this agent may open; `NotFound` otherwise."""
    found = rows(f"{_VIEWS} where v.id = %s and (v.agent_id = %s or v.shared)", (view_id, viewer.id))
    if not found:
        raise NotFound()
    return found[0]


def may_edit(viewer: Viewer, row: Row) -> bool:
    """Its maker may, and of a shared one any supervisor."""
    if row["shared"]:
        return viewer.may(Permission.CHAT_SUPERVISE)
    return bool(row["agent_id"] == viewer.id)


def names_in(criteria: Row) -> Row:
    """What the things a filter names are called now: by kind, then by number or code."""
    names: Row = {}
    for criterion, (kind, source) in _KINDS.items():
        if wanted := _values(criteria, criterion):
            found = rows(f"select * from ({source}) named where key::text = any(%s)", (wanted,))
            names[kind] = {str(each["key"]): each["name"] for each in found}
    return names


def out(viewer: Viewer, row: Row) -> Out:
    """A `ViewOut`, its filter without what is gone for good."""
    criteria, gone = dict(row["filter"]), []
    for criterion, (kind, source) in _KINDS.items():
        wanted = _values(criteria, criterion)
        if not wanted:
            continue
        in_use = {
            str(each["key"])
            for each in rows(f"select key from ({source}) named where in_use and key::text = any(%s)", (wanted,))
        }
        missing = [value for value in wanted if value not in in_use]
        called = row["names"].get(kind, {})
        gone += [
            {
                "kind": kind,
                "id": int(value) if value.isdigit() else None,
                "name": called.get(value, value),
                "dropped": kind in _DROPPED,
            }
            for value in missing
        ]
        if kind in _DROPPED:
            criteria[criterion] = [value for value in criteria[criterion] if str(value) not in missing]
    return {
        "id": row["id"],
        "name": row["name"],
        "shared": row["shared"],
        "owner": shapes.agent_brief(row, "owner_"),
        "may_edit": may_edit(viewer, row),
        "filter": criteria,
        "q": row["q"],
        "sort": row["sort"],
        "gone": gone,
        "updated_at": shapes.moment(row["updated_at"]),
    }


def _values(criteria: Row, criterion: str) -> list[str]:
    value = criteria.get(criterion)
    many = value if isinstance(value, list) else [] if value is None else [value]
    return [str(each) for each in many]
