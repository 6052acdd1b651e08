"""Keep a choice of chats under a name: for oneself, or as a supervisor for everybody."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import peewee

from models.actions import audit, news
from models.db import atomically, one
from models.errors import Conflict, Invalid, Refused
from models.queries import views as read
from models.queries.access import Permission, Viewer
from models.tables.history import SavedView

MOST = 50  # of one agent, and shared ones

Row = dict[str, Any]


def keep(viewer: Viewer, *, name: str, shared: bool, filter: Row, q: str, sort: str) -> int:  # noqa: A002 - its name
    """A new view. Returns its id. Raises `Conflict` (`name_taken`), `Invalid` (`too_many_views`)."""
    try:
        return _keep(viewer, name, shared, filter, q, sort)
    except peewee.IntegrityError:
        raise _taken(name) from None


@atomically
def _keep(viewer: Viewer, name: str, shared: bool, criteria: Row, q: str, sort: str) -> int:
    viewer.require(Permission.CHAT_SUPERVISE if shared else Permission.HISTORY_READ)
    held = one(
        "select count(*)::int as n from saved_view where shared = %(shared)s and (shared or agent_id = %(me)s)",
        {"shared": shared, "me": viewer.id},
    )
    if held is not None and held["n"] >= MOST:
        raise Invalid(f"There are {MOST} views already. Remove one first.", code="too_many_views")
    kept = _plain(criteria)
    made = SavedView.create(
        name=name, agent=viewer.id, shared=shared, filter=kept, q=q, sort=sort, names=read.names_in(kept)
    )
    view_id: int = made.id
    if shared:
        audit.note(viewer, "added", "view", view_id, name, after={"name": name, "q": q, "filter": kept})
    _tell(viewer, shared)
    return view_id


def change(viewer: Viewer, view_id: int, **changes: Any) -> None:
    """Another name, another choice. Its maker may; a shared one any supervisor."""
    try:
        _change(viewer, view_id, changes)
    except peewee.IntegrityError:
        raise _taken(str(changes.get("name"))) from None


@atomically
def _change(viewer: Viewer, view_id: int, changes: Row) -> None:
    row = _editable(viewer, view_id)
    if not changes:
        return
    if "filter" in changes:
        changes = {**changes, "filter": _plain(changes["filter"])}
        changes["names"] = read.names_in(changes["filter"])
    SavedView.update(**changes, updated_at=peewee.fn.clock_timestamp()).where(SavedView.id == view_id).execute()
    if row["shared"]:
        said: Row = {key: changes[key] for key in ("name", "q", "sort", "filter") if key in changes}
        audit.note(viewer, "changed", "view", view_id, row["name"], {key: row[key] for key in said}, said)
    _tell(viewer, row["shared"])


@atomically
def remove(viewer: Viewer, view_id: int) -> None:
    row = _editable(viewer, view_id)
    SavedView.delete().where(SavedView.id == view_id).execute()
    if row["shared"]:
        audit.note(viewer, "removed", "view", view_id, row["name"], before={"q": row["q"], "filter": row["filter"]})
    _tell(viewer, row["shared"])


def _editable(viewer: Viewer, view_id: int) -> Row:
    row = read.one_of(viewer, view_id)
    if not read.may_edit(viewer, row):
        raise Refused("Shared views are changed by supervisors.")
    return row


def _plain(criteria: Row) -> Row:
    """What differs from asking nothing, ready for JSON."""
    return {
        key: value.isoformat() if isinstance(value, datetime) else value
        for key, value in criteria.items()
        if value not in (None, [], "all") or (key == "scope" and value != "all")
    }


def _taken(name: str) -> Conflict:
    return Conflict(f"There is a view called {name} already.", code="name_taken")


def _tell(viewer: Viewer, shared: bool) -> None:
    news.catalogue("views", only_agent=None if shared else viewer.id)
