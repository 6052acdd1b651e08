"""Which typed facts the desk keeps of its customers."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from models.actions import audit, chat_log, news
from models.db import atomically, one
from models.errors import Conflict, Invalid, NotFound
from models.queries.access import Permission, Viewer
from models.tables.desk import Attribute

_KEY = re.compile(r"[a-z][a-z0-9_]{0,39}")


@atomically
def add(viewer: Viewer, key: str, label: str, type: str, choices: Sequence[str] = ()) -> int:  # noqa: A002 - the wire's word
    """Define an attribute; key and type stay for good. Returns its id."""
    viewer.require(Permission.DESK_EDIT)
    if not _KEY.fullmatch(key):
        raise Invalid(
            "A key has small letters, digits and underscores, and begins with a letter.",
            fields={"key": ["Use letters, digits and underscores."]},
        )
    _require_choices(type, choices)
    if Attribute.select().where(Attribute.key == key).exists():
        raise Conflict("There is an attribute with this key already.", code="key_taken")
    last = one("select coalesce(max(ord), 0) as ord from attribute")
    assert last is not None
    made = Attribute.create(key=key, label=label, type=type, choices=list(choices), ord=last["ord"] + 1)
    audit.note(viewer, "added", "attribute", made.id, label, after={"key": key, "type": type, "choices": list(choices)})
    news.catalogue("attributes")
    return int(made.id)


@atomically
def change(viewer: Viewer, attribute_id: int, **changes: Any) -> None:
    """Rename, give other choices, archive or bring back. Values that are stored stay as they are."""
    viewer.require(Permission.DESK_EDIT)
    found: Attribute | None = Attribute.select().where(Attribute.id == attribute_id).for_update().first()
    if found is None:
        raise NotFound()
    if "choices" in changes:
        _require_choices(found.type, changes["choices"])
    before = {
        "label": found.label,
        "choices": list(found.choices),
        "archived": found.archived_at is not None,
    }
    columns = {name: value for name, value in changes.items() if name != "archived"}
    if "archived" in changes and changes["archived"] != before["archived"]:
        columns["archived_at"] = chat_log.db_now() if changes["archived"] else None
    if columns:
        Attribute.update(**columns).where(Attribute.id == attribute_id).execute()
    audit.note(viewer, "changed", "attribute", attribute_id, found.label, before, {**before, **changes})
    news.catalogue("attributes")


def _require_choices(kind: str, choices: Sequence[str]) -> None:
    if kind == "choice" and len(set(choices)) < 2:
        raise Invalid("Give at least two different choices.", fields={"choices": ["At least two."]})
    if kind != "choice" and choices:
        raise Invalid("Only a choice has choices.", fields={"choices": ["Only for the type choice."]})
