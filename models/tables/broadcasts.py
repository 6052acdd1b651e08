"""Broadcasts: one message to many customers, the ledger of whom it reached, and what lies in their widgets."""

from __future__ import annotations

import peewee as pw

from models.db import Table
from models.tables.chats import Chat
from models.tables.customers import Channel, Customer
from models.tables.messages import Message
from models.tables.people import NOW, Agent
from models.tables.types import Json, Moment


class Broadcast(Table):
    """One message to many. Its audience is open while it is a draft, and frozen into recipients from then on."""

    title = pw.TextField()  # for colleagues; customers never see it
    body = pw.TextField()
    subject = pw.TextField(null=True)  # where it is a letter; null: the desk's name
    templates = Json(constraints=[pw.SQL("DEFAULT '[]'")])  # for those outside the window, one for each such channel
    audience_kind = pw.TextField()  # cluster, tag, filter, list
    audience = Json()  # rules/audiences.py
    cluster_id = pw.BigIntegerField(null=True)  # whose people it was written for, even if that is gone
    state = pw.TextField(constraints=[pw.SQL("DEFAULT 'draft'")])  # rules/broadcasting.py
    rate = pw.IntegerField(constraints=[pw.SQL("DEFAULT 20")])  # recipients a second, at most
    agent = pw.ForeignKeyField(Agent, null=True, index=False)  # who sends it
    confirmed = pw.IntegerField(null=True)  # the number that was typed, where one had to be
    version = pw.IntegerField(constraints=[pw.SQL("DEFAULT 1")])
    created_at = Moment(constraints=NOW)
    updated_at = Moment(constraints=NOW)
    frozen_at = Moment(null=True)
    scheduled_at = Moment(null=True)
    started_at = Moment(null=True)
    finished_at = Moment(null=True)
    slot_at = Moment(null=True)  # when the next recipient may be claimed: rules/rates.py


class Recipient(Table):
    """One customer of one broadcast, and what became of it. Who was left out stands here too, with the reason."""

    broadcast = pw.ForeignKeyField(Broadcast, on_delete="CASCADE", index=False)
    customer = pw.ForeignKeyField(Customer, on_delete="CASCADE")
    channel = pw.ForeignKeyField(Channel, on_delete="SET NULL", null=True, index=False)
    trial = pw.BooleanField(constraints=[pw.SQL("DEFAULT false")])  # a test send: counts nowhere
    state = pw.TextField(constraints=[pw.SQL("DEFAULT 'waiting'")])  # waiting, claimed, sent, failed, unknown, skipped
    reason = pw.TextField(null=True)  # why skipped: rules/audiences.py
    error = pw.TextField(null=True)  # in the channel's words
    provider_id = pw.TextField(null=True)
    attempts = pw.SmallIntegerField(constraints=[pw.SQL("DEFAULT 0")])
    due_at = Moment(constraints=NOW)
    lease_until = Moment(null=True)
    settled_at = Moment(null=True)
    created_at = Moment(constraints=NOW)


class Notice(Table):
    """A broadcast as one customer got it: in their widget, where it is the provider's side of the web channel, or elsewhere.

    Unique for its recipient, so that placing it twice is placing it once.
    """

    recipient = pw.ForeignKeyField(Recipient, on_delete="CASCADE", unique=True)
    customer = pw.ForeignKeyField(Customer, on_delete="CASCADE")
    channel = pw.ForeignKeyField(Channel, on_delete="CASCADE", index=False)
    chat = pw.ForeignKeyField(Chat, on_delete="SET NULL", null=True, index=False)
    message = pw.ForeignKeyField(Message, on_delete="SET NULL", null=True, index=False)
    body = pw.TextField(null=True)  # what they were sent in the place of its words: a template, filled for them
    placed_at = Moment(constraints=NOW)
    joined_at = Moment(null=True)  # became an entry of a chat: an open one, or that of the reply
    seen_at = Moment(null=True)
    closed_at = Moment(null=True)  # put away by the customer
