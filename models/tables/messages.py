"""Messages: the numbered log of a chat. Texts, notes and events alike."""

from __future__ import annotations

import peewee as pw

from models.db import Table
from models.tables.chats import Chat
from models.tables.customers import Customer
from models.tables.desk import CannedMessage
from models.tables.people import NOW, Agent, Team
from models.tables.types import Json, Moment, Words

_WORDS = "GENERATED ALWAYS AS (case when kind <> 'event' then to_tsvector('parley', body) end) STORED"


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
    edited_at = Moment(null=True)
    deleted_at = Moment(null=True)  # the body is gone from here; message_version keeps it for the audit
    words = Words(constraints=[pw.SQL(_WORDS)])  # what a search looks into; the desk's own sentences are not searched


class MessageVersion(Table):
    """What a message said before it was edited or deleted."""

    message = pw.ForeignKeyField(Message, on_delete="CASCADE")
    how = pw.TextField()  # edited, deleted
    body = pw.TextField()
    data = Json(constraints=[pw.SQL("DEFAULT '{}'")])
    by_agent = pw.ForeignKeyField(Agent, null=True, index=False)
    replaced_at = Moment(constraints=NOW)


class Attachment(Table):
    """A file: uploaded first, then sent with a message, or kept with a canned message."""

    token = pw.TextField(unique=True)  # names it in links; random
    chat = pw.ForeignKeyField(Chat, on_delete="CASCADE", null=True)
    message = pw.ForeignKeyField(Message, on_delete="CASCADE", null=True)
    canned = pw.ForeignKeyField(CannedMessage, on_delete="CASCADE", null=True)
    by_agent = pw.ForeignKeyField(Agent, null=True, index=False)
    by_customer = pw.ForeignKeyField(Customer, on_delete="CASCADE", null=True)
    name = pw.TextField()  # as shown: cleaned, at most 120 characters
    kind = pw.TextField()  # image, audio, video, document
    content_type = pw.TextField()
    size = pw.IntegerField()  # bytes
    width = pw.IntegerField(null=True)
    height = pw.IntegerField(null=True)
    duration_ms = pw.IntegerField(null=True)
    storage_key = pw.TextField()  # ^[0-9a-f]{2}/[0-9a-f]{64}$
    thumb_key = pw.TextField(null=True)
    scanned = pw.BooleanField(constraints=[pw.SQL("DEFAULT false")])  # a virus scanner found nothing
    created_at = Moment(constraints=NOW)


class MediaTrash(Table):
    """Files that a sweep has to remove: a trigger names those whose rows are gone, whatever removed the row.

    A file is also named here, due later, before it is stored, until it has its row.
    """

    storage_key = pw.TextField(primary_key=True)
    due_at = Moment(constraints=NOW)


class Draft(Table):
    """What an agent has typed and not sent, so that another screen of theirs can go on."""

    agent = pw.ForeignKeyField(Agent, on_delete="CASCADE", index=False)
    chat = pw.ForeignKeyField(Chat, on_delete="CASCADE")
    mode = pw.TextField()  # reply, note
    body = pw.TextField()
    updated_at = Moment(constraints=NOW)

    class Meta:
        primary_key = pw.CompositeKey("agent", "chat", "mode")


class Mention(Table):
    """Somebody was named in a note."""

    message = pw.ForeignKeyField(Message, on_delete="CASCADE", index=False)
    chat = pw.ForeignKeyField(Chat, on_delete="CASCADE")
    agent = pw.ForeignKeyField(Agent, on_delete="CASCADE", index=False)
    team = pw.ForeignKeyField(Team, on_delete="SET NULL", null=True, index=False)  # named as one of this team
    seen_at = Moment(null=True)
    created_at = Moment(constraints=NOW)

    class Meta:
        indexes = ((("message", "agent"), True),)
