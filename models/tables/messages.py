"""Messages: the numbered log of a chat. Texts, notes and events alike."""

from __future__ import annotations

import peewee as pw

from models.db import Table
from models.tables.chats import Chat
from models.tables.people import NOW
from models.tables.types import Json, Moment


class Message(Table):
    """One entry. `all_seq` counts every entry of the chat, `pub_seq` those the customer sees; neither has gaps."""

    chat = pw.ForeignKeyField(Chat, on_delete="CASCADE", index=False)
    kind = pw.TextField()  # text, note, event
    author_kind = pw.TextField()  # customer, bot, agent, system
    author_id = pw.BigIntegerField(null=True)
    author_name = pw.TextField()  # as it was when it was said
    author_hue = pw.SmallIntegerField()
    body = pw.TextField()
    data = Json(constraints=[pw.SQL("DEFAULT '{}'")])
    change = Json(null=True)  # for events: the columns of the chat it set, so that the log folds into the row
    client_id = pw.TextField(null=True)
    all_seq = pw.IntegerField()
    pub_seq = pw.IntegerField(null=True)
    created_at = Moment(constraints=NOW)
