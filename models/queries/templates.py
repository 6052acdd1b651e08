"""The templates of a channel: what its provider has approved, and one of them with its gaps filled."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from models.channels.known import KINDS
from models.db import one
from models.errors import Invalid, NotFound
from models.queries import shapes
from models.queries.access import Permission, Viewer
from models.queries.shapes import Out
from models.rules import templates, wording
from models.rules.templates import Filled, Template

Row = dict[str, Any]


def of_channel(viewer: Viewer, channel_id: int) -> Out:
    """A `TemplateList`. Raises `NotFound` for a channel that has no such thing."""
    viewer.require(Permission.CHAT_READ)
    found = _row(channel_id)
    return {
        "items": [_out(each) for each in _kept(found)],
        "read_at": shapes.moment(found["read_at"]),
        "reading": found["check_due_at"] is not None,
        "fault": found["notes"].get("templates_fault") or (found["error"] if found["connected"] is False else None),
    }


def _out(template: Template) -> Out:
    return {**templates.stored(template), "unusable": template.unusable or None}


def filled(channel_id: int, name: str, language: str, variables: Sequence[str]) -> Filled:
    """A template of this channel with words in its gaps.

    Raises `Invalid` (`unknown_template`, `template_variables`, `template_variable`) and `Conflict` (`template_unusable`).
    """
    try:
        found = _row(channel_id)
    except NotFound:
        raise Invalid("Nothing is approved in advance on this channel.", code="unknown_template") from None
    for each in _kept(found):
        if (each.name, each.language) == (name, language):
            return templates.fill(each, variables)
    raise Invalid("There is no such template any more. Read the list anew.", code="unknown_template")


FIRST_NAME = "{{customer.first_name}}"
"""In a variable of a broadcast: how each of its readers is called."""


def for_many(chosen: Mapping[str, Any], *, name: str | None) -> Filled:
    """The template of a broadcast for one reader. Raises as `filled`."""
    called = name.split()[0] if name and name.strip() else wording.NAMELESS
    variables = [each.replace(FIRST_NAME, called) for each in chosen["variables"]]
    return filled(chosen["channel_id"], chosen["name"], chosen["language"], variables)


def require_readable(channel_id: int) -> None:
    """Raises `NotFound` for a channel that has no templates."""
    _row(channel_id)


def _row(channel_id: int) -> Row:
    found = one(
        "select kind, notes, (notes ->> 'templates_at')::timestamptz as read_at, check_due_at, connected, error"
        " from channel where id = %s and archived_at is null",
        (channel_id,),
    )
    if found is None or found["kind"] not in KINDS or not KINDS[found["kind"]].templates:
        raise NotFound()
    return found


def _kept(channel: Mapping[str, Any]) -> list[Template]:
    return [templates.parse(each) for each in channel["notes"].get("templates", ())]
