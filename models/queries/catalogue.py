"""The small things agents reach for: tags, end reasons."""

from __future__ import annotations

from models.db import rows
from models.queries.shapes import Out


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


def attributes() -> Out:
    """The typed facts kept of customers, those out of use last."""
    return {
        "items": rows(
            "select id, key, label, type, choices, archived_at is not null as archived from attribute"
            " order by archived_at is not null, ord, id"
        )
    }
