"""Canned messages, for those who may use them."""

from __future__ import annotations

from typing import Any

from models.db import one, rows
from models.errors import NotFound
from models.queries import media, shapes
from models.queries.access import Permission, Viewer
from models.queries.shapes import Out, Row
from models.rules.canned import VARIABLES

_ALL = """
select c.*, t.name as team_name, t.hue as team_hue, a.name as agent_name, a.hue as agent_hue
from canned_message c left join team t on t.id = c.team_id left join agent a on a.id = c.agent_id
"""


def usable_by(viewer: Viewer) -> tuple[str, dict[str, Any]]:
    """An SQL condition over `canned_message c`: the desk's, those of the agent's teams, and the agent's own.

    A personal one is nobody else's business, whatever their role.
    """
    shared = "c.team_id is null or %(all_teams)s or c.team_id = any(%(teams)s)"
    return f"(c.agent_id = %(me)s or (c.agent_id is null and ({shared})))", {
        "me": viewer.id,
        "all_teams": viewer.may(Permission.CHAT_READ_ALL),
        "teams": list(viewer.team_ids),
    }


def usable(viewer: Viewer) -> Out:
    """Canned messages this agent may use, by shortcut; one's own first where several have the same."""
    clause, params = usable_by(viewer)
    found = rows(
        f"{_ALL} where {clause} and t.archived_at is null"
        " order by c.shortcut, c.agent_id is null, c.team_id is null, c.id",
        params,
    )
    return {"items": _outs(viewer, found), "variables": list(VARIABLES)}


def one_of(viewer: Viewer, canned_id: int) -> Out:
    """One of those this agent may use. Raises `NotFound` for any other."""
    clause, params = usable_by(viewer)
    found = one(f"{_ALL} where c.id = %(id)s and {clause}", {**params, "id": canned_id})
    if found is None:
        raise NotFound()
    return _outs(viewer, [found])[0]


def _outs(viewer: Viewer, found: list[dict[str, Any]]) -> list[Out]:
    files = media.of_canned([row["id"] for row in found])
    return [_out(viewer, row, files.get(row["id"], [])) for row in found]


def _out(viewer: Viewer, row: Row, files: list[Out]) -> Out:
    return {
        **{key: row[key] for key in ("id", "shortcut", "title", "body", "uses")},
        "scope": "personal" if row["agent_id"] else "team" if row["team_id"] else "desk",
        "team": shapes.team_brief(row, "team_"),
        "owner": shapes.agent_brief(row, "agent_"),
        "attachments": files,
        "last_used_at": shapes.moment(row["last_used_at"]),
        "updated_at": shapes.moment(row["updated_at"]),
        "editable": row["agent_id"] is not None or viewer.may(Permission.DESK_EDIT),
    }


def records(viewer: Viewer) -> list[Out]:
    """Those this agent may use as rows of a file, the desk's first, then by team, the agent's own last."""
    clause, params = usable_by(viewer)
    return rows(
        "select c.shortcut, c.title, c.body, t.name as team,"
        " case when c.agent_id is not null then 'personal' when c.team_id is not null then 'team' else 'desk' end as scope"
        f" from canned_message c left join team t on t.id = c.team_id where {clause} and t.archived_at is null"
        " order by c.agent_id is not null, c.team_id is not null, t.name, c.shortcut",
        params,
    )
