"""The history: lists, searches, timelines, and views that are kept."""

from __future__ import annotations

from typing import Any

from flask import g

from models.actions import views
from models.queries import history as read
from models.queries import naming, search, timeline
from models.queries import views as read_views
from models.queries.access import Permission
from models.queries.shapes import Out
from models.rules.narrowing import Narrowing, narrowing
from models.schemas import history as shapes
from models.schemas import search as search_shapes
from web import limits
from web.api.routes import blueprint, route
from web.auth import may

bp = blueprint("history", "Every conversation, found and read")

READ = may(Permission.HISTORY_READ)


def _narrowing(criteria: dict[str, Any]) -> Narrowing:
    """The criteria of an address; what is left in `criteria` is something else."""
    criteria.pop("period")  # whoever asks has reckoned its two moments
    names = [name for name in criteria if name in Narrowing.__slots__]
    return narrowing({name: criteria.pop(name) for name in names})


@route(bp, "GET", "/history", caller=READ, asks=shapes.HistoryQuery, gives=shapes.HistoryPage)
def history(**query: Any) -> Out:
    """All chats one may see, or those one handled: narrowed, sorted, a page at a time."""
    wanted = _narrowing(query)
    return read.page(g.viewer, wanted, **query)


@route(bp, "GET", "/history/choices", caller=READ, gives=shapes.HistoryChoices)
def choices() -> Out:
    """Channels and services, to filter by."""
    return naming.choices()


@route(bp, "GET", "/search", caller=READ, asks=search_shapes.SearchQuery, gives=search_shapes.SearchPage)
def find(q: str, **query: Any) -> Out:
    """Chats by the words said in them, with the messages that fit, what fits marked; and customers by their name."""
    limits.count("agent_search", str(g.viewer.id))
    wanted = _narrowing(query)
    return search.page(g.viewer, q, wanted, **query)


@route(bp, "GET", "/search/suggest", caller=READ, asks=search_shapes.SuggestQuery, gives=search_shapes.SuggestList)
def suggest(q: str, at: int | None) -> Out:
    """What the word at the caret could become: operators, and the names that go with them."""
    return naming.suggestions(q, at)


@route(bp, "GET", "/sessions/<int:session_id>/timeline", caller=READ, asks=shapes.TimelineQuery, gives=shapes.Timeline)
def session(session_id: int, **where: Any) -> Out:
    """Session View: everything that happened in one issue, over all its chats, and nothing else."""
    return timeline.of_session(g.viewer, session_id, **where)


@route(
    bp, "GET", "/customers/<int:customer_id>/timeline", caller=READ, asks=shapes.TimelineQuery, gives=shapes.Timeline
)
def customer(customer_id: int, **where: Any) -> Out:
    """Chronological View: all sessions of a customer across channels, in the order things happened."""
    return timeline.of_customer(g.viewer, customer_id, **where)


@route(bp, "GET", "/views", caller=READ, gives=shapes.ViewList)
def all_views() -> Out:
    """One's own views and the shared ones, each with what of it is not in use any more."""
    return read_views.seen_by(g.viewer)


@route(bp, "POST", "/views", caller=READ, takes=shapes.ViewBody, gives=shapes.ViewOut, status=201)
def save_view(**body: Any) -> Out:
    """Keep a choice of chats under a name; shared ones are kept by supervisors."""
    return _view(views.keep(g.viewer, **body))


@route(bp, "PATCH", "/views/<int:view_id>", caller=READ, takes=shapes.ViewPatch, gives=shapes.ViewOut)
def change_view(view_id: int, **body: Any) -> Out:
    """Rename a view or change what it chooses."""
    views.change(g.viewer, view_id, **body)
    return _view(view_id)


@route(bp, "DELETE", "/views/<int:view_id>", caller=READ, gives=shapes.ViewList)
def remove_view(view_id: int) -> Out:
    """Remove a view."""
    views.remove(g.viewer, view_id)
    return read_views.seen_by(g.viewer)


def _view(view_id: int) -> Out:
    return read_views.out(g.viewer, read_views.one_of(g.viewer, view_id))
