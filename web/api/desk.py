"""The desk around the chats: people, settings, canned messages, tags."""

from __future__ import annotations

from typing import Any

from flask import g

from models.actions import desk
from models.queries import agents as read
from models.queries import catalogue
from models.queries.access import Permission
from models.queries.shapes import Out
from models.schemas.admin import DeskIn
from models.schemas.catalogue import CannedList, EndReasonList, TagList
from models.schemas.people import AgentOut, DeskOut, OverviewOut, PresenceIn
from web import commands
from web.api.routes import blueprint, route
from web.auth import may

bp = blueprint("desk", "Agents, settings and the small things they reach for")

READ = may(Permission.CHAT_READ)


@route(bp, "GET", "/overview", caller=READ, gives=OverviewOut)
def overview() -> Out:
    """How many wait, one's own chats, the teams and everybody's presence."""
    return read.overview(g.viewer)


@route(bp, "PUT", "/me/presence", caller=may(Permission.CHAT_ANSWER), takes=PresenceIn, gives=AgentOut)
def presence(**body: Any) -> Out:
    """Choose online, away or offline."""
    return commands.set_presence(g.viewer, **body)


@route(bp, "PATCH", "/desk", caller=may(Permission.DESK_EDIT), takes=DeskIn, gives=DeskOut)
def settings(**body: Any) -> Out:
    """Change settings of the desk; what is left out stays."""
    desk.change_settings(g.viewer, **body)
    return read.desk()


@route(bp, "GET", "/canned", caller=READ, gives=CannedList)
def canned() -> Out:
    """Canned messages this agent may use."""
    return catalogue.canned(g.viewer)


@route(bp, "GET", "/tags", caller=READ, gives=TagList)
def tags() -> Out:
    """Every tag there is, by name."""
    return catalogue.tags()


@route(bp, "GET", "/end-reasons", caller=READ, gives=EndReasonList)
def end_reasons() -> Out:
    """Why an agent may end a chat."""
    return catalogue.end_reasons()
