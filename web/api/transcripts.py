"""A whole chat, to keep: as a text file, or by e-mail."""

from __future__ import annotations

from flask import Response, g

from models.actions import transcripts
from models.queries import letters as read
from models.queries.access import Permission
from models.queries.shapes import Out
from models.schemas.chats import TranscriptQuery
from models.schemas.events import Done
from models.schemas.visitor import EmailBody
from web import limits
from web.api.routes import blueprint, route
from web.auth import may

bp = blueprint("transcripts", "A whole chat, to keep")


@route(
    bp,
    "GET",
    "/chats/<int:chat_id>/transcript",
    caller=may(Permission.CHAT_READ),
    asks=TranscriptQuery,
    gives_files=("text/plain",),
)
def download(chat_id: int, notes: bool) -> Response:
    """The chat as a text file; with `notes` also what colleagues wrote to each other. Files are named, not enclosed."""
    limits.count("agent_search", str(g.viewer.id))
    response = Response(read.as_text(g.viewer, chat_id, notes=notes), mimetype="text/plain")
    response.headers["Content-Disposition"] = f'attachment; filename="chat-{chat_id}.txt"'
    response.headers["Cache-Control"] = "no-store"
    return response


@route(
    bp,
    "POST",
    "/chats/<int:chat_id>/transcript",
    caller=may(Permission.CHAT_ANSWER),
    takes=EmailBody,
    gives=Done,
    status=202,
)
def mail(chat_id: int, email: str) -> Out:
    """Have what the customer could read of an ended chat sent by e-mail."""
    limits.count("agent_letter", str(g.viewer.id))
    limits.count("letter_address", email.lower())
    transcripts.mails(g.viewer, chat_id, email)
    return {}
