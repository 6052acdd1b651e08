"""Questions the bot could not answer, each written in the transaction that hands its chat over."""

from __future__ import annotations

from peewee import SQL, ForeignKeyField, TextField
from pgvector.peewee import VectorField
from playhouse.postgres_ext import BinaryJSONField

from models.db import Moment, Table
from models.tables.chats import Chat
from models.tables.knowledge import DIMENSIONS
from models.tables.messages import Message


class FailedResponse(Table):
    """One question, why it failed, and what came near."""

    chat = ForeignKeyField(Chat, on_delete="CASCADE", backref="failed_responses")
    message = ForeignKeyField(Message, on_delete="CASCADE", unique=True)
    text = TextField()
    trigger = TextField()
    candidates = BinaryJSONField(index=False)
    embedding = VectorField(DIMENSIONS, null=True)
    status = TextField(constraints=[SQL("default 'open'")])
    created_at = Moment(constraints=[SQL("default now()")])
