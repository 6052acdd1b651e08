"""The small things agents reach for: tags, end reasons."""

from __future__ import annotations

from models.db import one, rows
from models.errors import NotFound
from models.queries.shapes import Out


def tags() -> Out:
    """Every tag by name, with how often it is on a chat."""
    return {
        "items": rows(
            "select t.id, t.name, t.hue, (select count(*)::int from chat_tag c where c.tag_id = t.id) as uses"
            " from tag t order by t.name"
        )
    }


_END_REASONS = (
    "select code, label, hint, needs_note, promises, builtin, archived_at is not null as archived from end_reason"
)


def end_reasons() -> Out:
    """Every end reason, those out of use last."""
    return {"items": rows(_END_REASONS + " order by archived_at is not null, ord, code")}


def end_reason(code: str) -> Out:
    found = one(_END_REASONS + " where code = %s", (code,))
    if found is None:
        raise NotFound()
    return found


def attributes() -> Out:
    """The typed facts kept of customers, those out of use last."""
    return {
        "items": rows(
            "select id, key, label, type, choices, archived_at is not null as archived from attribute"
            " order by archived_at is not null, ord, id"
        )
    }
