"""Questions the bot could not answer, each written in the transaction that hands its chat over."""

from __future__ import annotations

import peewee as pw
from pgvector.peewee import VectorField

from models.db import Table
from models.tables.chats import Chat
from models.tables.knowledge import DIMENSIONS
from models.tables.messages import Message
from models.tables.people import NOW
from models.tables.types import Json, Moment


class FailedResponse(Table):
    """One question, why it failed, and what came near."""

    chat = pw.ForeignKeyField(Chat, on_delete="CASCADE", backref="failed_responses")
    message = pw.ForeignKeyField(Message, on_delete="CASCADE", unique=True)
    text = pw.TextField()
    trigger = pw.TextField()
    candidates = Json(constraints=[pw.SQL("DEFAULT '[]'")])
    embedding = VectorField(DIMENSIONS, null=True)
    status = pw.TextField(constraints=[pw.SQL("DEFAULT 'open'")])
    created_at = Moment(constraints=NOW)
