"""The small things agents reach for: canned messages, tags, end reasons."""

from __future__ import annotations

from models.db import rows
from models.queries import shapes
from models.queries.access import Permission, Viewer
from models.queries.shapes import Out


def canned(viewer: Viewer) -> Out:
    """Canned messages this agent may use: the desk's, those of the agent's teams, and their own."""
    found = rows(
        "select c.*, t.name as team_name, t.hue as team_hue, a.name as agent_name, a.hue as agent_hue"
        " from canned_message c left join team t on t.id = c.team_id left join agent a on a.id = c.agent_id"
        " where (c.agent_id = %(me)s or (c.agent_id is null and (c.team_id is null or %(all)s or c.team_id = any(%(teams)s))))"
        " order by c.shortcut, c.id",
        {"me": viewer.id, "all": viewer.may(Permission.CHAT_READ_ALL), "teams": list(viewer.team_ids)},
    )
    return {
        "items": [
            {
                **{key: each[key] for key in ("id", "shortcut", "title", "body", "uses")},
                "scope": "personal" if each["agent_id"] else "team" if each["team_id"] else "desk",
                "team": shapes.team_brief(each, "team_"),
                "owner": shapes.agent_brief(each, "agent_"),
                "attachments": [],
                "last_used_at": shapes.moment(each["last_used_at"]),
                "updated_at": shapes.moment(each["updated_at"]),
                "editable": each["agent_id"] is not None or viewer.may(Permission.DESK_EDIT),
            }
            for each in found
        ],
        "variables": [],
    }


def tags() -> Out:
    """Every tag by name, with how often it is on a chat."""
    return {
        "items": rows(
            "select t.id, t.name, t.hue, (select count(*)::int from chat_tag c where c.tag_id = t.id) as uses"
            " from tag t order by t.name"
        )
    }


def end_reasons() -> Out:
    """Every end reason, those out of use last."""
    return {
        "items": rows(
            "select code, label, hint, needs_note, promises, builtin, archived_at is not null as archived"
            " from end_reason order by archived_at is not null, ord, code"
        )
    }
