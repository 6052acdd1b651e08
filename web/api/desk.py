"""The desk around the chats: people, settings."""

from __future__ import annotations

from typing import Any

from flask import g

from models.actions import agents
from models.queries import agents as read
from models.queries.access import Permission
from models.queries.shapes import Out
from models.schemas.people import AgentOut, MailCalls, MailCallsIn, OverviewOut, PresenceIn
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


@route(bp, "GET", "/me/mail", caller=may(Permission.CHAT_ANSWER), gives=MailCalls)
def mail_calls() -> Out:
    """Whether one is written to while away, what customers write in one's chats."""
    return read.mail_calls(g.viewer)


@route(bp, "PUT", "/me/mail", caller=may(Permission.CHAT_ANSWER), takes=MailCallsIn, gives=MailCalls)
def choose_mail_calls(on: bool) -> Out:
    """Choose so. The letters can be answered by mail; without a mailbox that proves senders it is refused as `no_mailbox`."""
    agents.wants_mail(g.viewer, on)
    return read.mail_calls(g.viewer)
