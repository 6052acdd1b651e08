"""Messages that were written: corrected by their writers. And what is not sent yet."""

from __future__ import annotations

from typing import Any

from flask import Response, g

from models.queries import channels
from models.queries import chats as read
from models.queries.access import Permission
from models.queries.shapes import Out
from models.schemas.chats import DraftBody
from models.schemas.events import Done, MessageAck
from models.schemas.messages import EditBody, VersionList
from web import commands, limits
from web.api.routes import blueprint, route
from web.auth import may

bp = blueprint("messages", "Corrections, and drafts")

ANSWER = may(Permission.CHAT_ANSWER)
MESSAGE = "/chats/<int:chat_id>/messages/<int:message_id>"


@route(bp, "PATCH", MESSAGE, caller=ANSWER, takes=EditBody, gives=MessageAck)
def edit(chat_id: int, message_id: int, **body: Any) -> Out:
    """Change one's own message while the customer has not read it, or one's own note for 15 minutes."""
    limits.count("agent_message", str(g.viewer.id))
    return commands.edit_message(g.viewer, chat_id, message_id, **body)


@route(bp, "DELETE", MESSAGE, caller=ANSWER, gives=MessageAck)
def delete(chat_id: int, message_id: int) -> Out:
    """Delete one's own message; a stub stays. Supervisors may delete any agent's."""
    return commands.delete_message(g.viewer, chat_id, message_id)


@route(bp, "GET", f"{MESSAGE}/versions", caller=may(Permission.CHAT_SUPERVISE), gives=VersionList)
def versions(chat_id: int, message_id: int) -> Out:
    """What a message said before it was edited or deleted."""
    return read.versions(g.viewer, chat_id, message_id)


@route(bp, "GET", f"{MESSAGE}/original", caller=may(Permission.CHAT_READ), gives_files=("message/rfc822",))
def original(chat_id: int, message_id: int) -> Response:
    """A mail as it came, to save and open elsewhere; kept for thirty days. Nothing in it was looked at for what it might do."""
    limits.count("agent_search", str(g.viewer.id))
    kind, content = channels.original(g.viewer, chat_id, message_id)
    response = Response(content, mimetype=kind)
    response.headers["Content-Disposition"] = f'attachment; filename="message-{message_id}.eml"'
    response.headers["Cache-Control"] = "no-store"
    return response


@route(bp, "PUT", "/chats/<int:chat_id>/draft", caller=ANSWER, takes=DraftBody, gives=Done)
def draft(chat_id: int, **body: Any) -> Out:
    """Keep what is typed and not sent. An empty text leaves no draft."""
    return commands.keep_draft(g.viewer, chat_id, **body)
