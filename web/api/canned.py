"""Canned messages."""

from __future__ import annotations

from flask import g

from models.queries import canned as read
from models.queries.access import Permission
from models.queries.shapes import Out
from models.schemas.catalogue import CannedList
from web.api.routes import blueprint, route
from web.auth import may

bp = blueprint("canned", "Canned messages: to use, to keep in order, to carry elsewhere")

READ = may(Permission.CHAT_READ)


@route(bp, "GET", "/canned", caller=READ, gives=CannedList)
def usable() -> Out:
    """Canned messages this agent may use, and the variables they may hold."""
    return read.usable(g.viewer)
