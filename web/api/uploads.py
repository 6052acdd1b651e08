"""Files: uploaded before they are sent, taken back, and linked to afresh."""

from __future__ import annotations

from flask import g

from models.actions import attachments, uploads
from models.media.storage import incoming
from models.queries import media
from models.queries.access import Permission, Viewer, Visitor
from models.queries.shapes import Out
from models.schemas.media import AttachmentOut, UploadQuery
from web import hooks, limits, receiving
from web.api.routes import blueprint, route
from web.auth import VISITOR, may

bp = blueprint("uploads", "Files in conversations")

READ, ANSWER = may(Permission.CHAT_READ), may(Permission.CHAT_ANSWER)


@route(bp, "POST", "/uploads", caller=ANSWER, asks=UploadQuery, gives=AttachmentOut, status=201, takes_file=True)
def upload(name: str) -> Out:
    """Upload a file of at most 5 MB, to be sent with a message. Unsent, it is kept for a day."""
    limits.count("agent_upload", str(g.viewer.id))
    return _upload(g.viewer, name)


@route(
    bp, "POST", "/visitor/uploads", caller=VISITOR, asks=UploadQuery, gives=AttachmentOut, status=201, takes_file=True
)
def visitor_upload(name: str) -> Out:
    """Upload a file of at most 5 MB, to be sent with a message. Unsent, it is kept for a day."""
    limits.count("visitor_upload", str(g.visitor.customer_id))
    return _upload(g.visitor, name)


def _upload(by: Viewer | Visitor, name: str) -> Out:
    named = uploads.announced(by, name)
    hooks.lend_connection_back()  # a slow sender must not hold what everybody needs
    receiving.require_file()
    with incoming() as folder:
        file = folder / "file"
        receiving.into(file)
        return media.uploaded(uploads.received(by, named, folder, file))


@route(bp, "DELETE", "/uploads/<int:upload_id>", caller=ANSWER, status=204)
def take_back(upload_id: int) -> None:
    """Take back an upload that was not sent."""
    attachments.forget(g.viewer, upload_id)


@route(bp, "DELETE", "/visitor/uploads/<int:upload_id>", caller=VISITOR, status=204)
def visitor_takes_back(upload_id: int) -> None:
    """Take back an upload that was not sent."""
    attachments.forget(g.visitor, upload_id)


@route(bp, "GET", "/chats/<int:chat_id>/attachments/<int:attachment_id>", caller=READ, gives=AttachmentOut)
def attachment(chat_id: int, attachment_id: int) -> Out:
    """A file of a conversation, with links that hold for another hour at the least."""
    return media.in_chat(g.viewer, chat_id, attachment_id)


@route(bp, "GET", "/visitor/attachments/<int:attachment_id>", caller=VISITOR, gives=AttachmentOut)
def visitor_attachment(attachment_id: int) -> Out:
    """A file of one's own conversation, with links that hold for another hour at the least."""
    limits.count("visitor_read", str(g.visitor.customer_id))
    return media.of_visitor(g.visitor, attachment_id)
