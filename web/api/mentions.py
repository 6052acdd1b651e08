"""Notes that name the agent who asks."""

from __future__ import annotations

from typing import Any

from flask import g

from models.actions import mentions
from models.queries import mentions as read
from models.queries.access import Permission
from models.queries.shapes import Out
from models.schemas.events import Done
from models.schemas.promises import MentionPage, MentionQuery, MentionsSeen
from web.api.routes import blueprint, route
from web.auth import may

bp = blueprint("mentions", "Where an agent is named")

READ = may(Permission.CHAT_READ)


@route(bp, "GET", "/mentions", caller=READ, asks=MentionQuery, gives=MentionPage)
def page(**query: Any) -> Out:
    """Mentions of oneself and of one's teams, newest first, in chats one may see."""
    return read.page(g.viewer, **query)


@route(bp, "POST", "/mentions/seen", caller=READ, takes=MentionsSeen, gives=Done)
def seen(**body: Any) -> Out:
    """Mark mentions as seen: these, or all of them when none is named."""
    mentions.see(g.viewer, **body)
    return {}
