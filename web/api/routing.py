"""Routing rules: which inquiries go to which team."""

from __future__ import annotations

from typing import Any

from flask import g

from models.actions import routing
from models.queries import routing as read
from models.queries.access import Permission
from models.queries.shapes import Out
from models.schemas.admin import RoutingIn, RoutingOut, RoutingTried, RoutingTry
from web.api.routes import blueprint, route
from web.auth import may

bp = blueprint("routing", "Which inquiries go to which team")

EDIT = may(Permission.DESK_EDIT)


@route(bp, "GET", "/routing", caller=EDIT, gives=RoutingOut)
def rules() -> Out:
    """The ordered list, and what its editor can choose from."""
    return read.overview(g.viewer)


@route(bp, "PUT", "/routing", caller=EDIT, takes=RoutingIn, gives=RoutingOut)
def save(**body: Any) -> Out:
    """Save the whole list. With a version that is not the newest it is refused as `stale`."""
    routing.replace_rules(g.viewer, body["rules"], body["version"])
    return read.overview(g.viewer)


@route(bp, "POST", "/routing/try", caller=EDIT, takes=RoutingTry, gives=RoutingTried)
def dry_run(**body: Any) -> Out:
    """What these rules, saved or not, would do with a sample inquiry. Nothing is changed."""
    return read.tried(g.viewer, body["rules"], body["sample"])
