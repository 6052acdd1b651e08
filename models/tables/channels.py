"""What goes through channels beside the website's: updates that came in, messages on their way out, and the pace of each."""

from __future__ import annotations

import peewee as pw

from models.db import Table
from models.tables.chats import Chat
from models.tables.customers import Channel
from models.tables.messages import Message
from models.tables.people import NOW
from models.tables.types import ArrayField, Moment


class ChannelPace(Table):
    """How fast one channel may go: a bucket of tokens, how long its provider asked us to wait, and its breaker.

    Of one that has to be looked into also whether somebody does it now, and when it is due again.
    """

    channel = pw.ForeignKeyField(Channel, on_delete="CASCADE", primary_key=True)
    tokens = pw.DoubleField(constraints=[pw.SQL("DEFAULT 0")])  # rules/rates.py
    tokens_at = Moment(constraints=NOW)
    hold_until = Moment(null=True)  # the provider said: not before
    failures = pw.SmallIntegerField(constraints=[pw.SQL("DEFAULT 0")])  # rules/breaking.py
    failing_since = Moment(null=True)
    open_until = Moment(null=True)
    look_lease_until = Moment(null=True)
    look_due_at = Moment(constraints=NOW)
    look_failures = pw.SmallIntegerField(constraints=[pw.SQL("DEFAULT 0")])  # in a row
    look_failing_since = Moment(null=True)


class Inbound(Table):
    """One update as the provider sent it. Unique by the provider's own number, done in order for each sender."""

    channel = pw.ForeignKeyField(Channel, on_delete="CASCADE", index=False)
    provider_id = pw.TextField()
    sender = pw.TextField()  # whose line it stands in
    place = pw.BigIntegerField(constraints=[pw.SQL("DEFAULT 0")])  # the provider's order, where it tells one
    bundle = pw.TextField(null=True)  # updates that are one message: an album
    body = pw.BlobField()  # as it came
    state = pw.TextField(constraints=[pw.SQL("DEFAULT 'waiting'")])  # waiting, claimed, done, dead
    attempts = pw.SmallIntegerField(constraints=[pw.SQL("DEFAULT 0")])
    due_at = Moment(constraints=NOW)
    lease_until = Moment(null=True)
    outcome = pw.TextField(null=True)  # what became of it, in a word: message, edit, receipt, ignored, refused
    error = pw.TextField(null=True)
    chat = pw.ForeignKeyField(Chat, on_delete="CASCADE", null=True, index=False)
    message = pw.ForeignKeyField(Message, on_delete="SET NULL", null=True, index=False)
    provider_message_id = pw.TextField(null=True)  # what replies and edits will call it
    received_at = Moment(constraints=NOW)
    settled_at = Moment(null=True)


class Delivery(Table):
    """One public message on its way to a customer who is not on the website. Sent first in, first out, chat by chat."""

    message = pw.ForeignKeyField(Message, on_delete="CASCADE", unique=True)
    chat = pw.ForeignKeyField(Chat, on_delete="CASCADE", index=False)
    channel = pw.ForeignKeyField(Channel, on_delete="CASCADE", index=False)
    pub_seq = pw.IntegerField()
    state = pw.TextField(constraints=[pw.SQL("DEFAULT 'queued'")])  # rules/delivering.py
    parts_done = pw.SmallIntegerField(constraints=[pw.SQL("DEFAULT 0")])  # a long text and each file are parts
    provider_ids = ArrayField(pw.TextField, index=False, constraints=[pw.SQL("DEFAULT '{}'")])  # of those parts
    attempts = pw.SmallIntegerField(constraints=[pw.SQL("DEFAULT 0")])  # at the part that is next
    due_at = Moment(constraints=NOW)
    lease_until = Moment(null=True)
    error = pw.TextField(null=True)  # in the provider's words
    code = pw.TextField(null=True)  # rules/delivering.py, Code
    queued_at = Moment(constraints=NOW)
    settled_at = Moment(null=True)
