"""Doors for other programs: keys that act for an account, and addresses that are told what happens."""

from __future__ import annotations

import peewee as pw

from models.db import Table
from models.tables.chats import Chat
from models.tables.customers import Channel
from models.tables.messages import Message
from models.tables.people import NOW, Agent
from models.tables.types import ArrayField, Moment


class ApiKey(Table):
    """A key of another program. Here lies only its hash; it may do what its account may, within its scopes."""

    name = pw.TextField()
    prefix = pw.TextField()  # its first characters, so that people know which one it is
    token_hash = pw.TextField(unique=True)
    scopes = ArrayField(pw.TextField, index=False)  # rules/scopes.py
    agent = pw.ForeignKeyField(Agent, on_delete="CASCADE")  # for whom it acts
    made_by = pw.ForeignKeyField(Agent, on_delete="SET NULL", null=True, index=False, backref="keys_made")
    created_at = Moment(constraints=NOW)
    expires_at = Moment(null=True)
    last_used_at = Moment(null=True)  # to the minute
    revoked_at = Moment(null=True)


class Webhook(Table):
    """An address that is told what happens, and how well it listens."""

    name = pw.TextField()
    url = pw.TextField()
    secret = pw.TextField()  # sealed: models/vault.py
    secret_tail = pw.TextField()
    events = ArrayField(pw.TextField, index=False)  # rules/hook_events.py
    internal = pw.BooleanField(constraints=[pw.SQL("DEFAULT false")])  # also what customers never see
    state = pw.TextField(constraints=[pw.SQL("DEFAULT 'on'")])  # on, paused (by people), off (it failed for days)
    failures = pw.IntegerField(constraints=[pw.SQL("DEFAULT 0")])  # in a row
    failing_since = Moment(null=True)
    rest_until = Moment(null=True)  # nothing is sent before: rules/hooks.py
    last_at = Moment(null=True)  # when it last took something
    made_by = pw.ForeignKeyField(Agent, on_delete="SET NULL", null=True, index=False)
    version = pw.IntegerField(constraints=[pw.SQL("DEFAULT 1")])
    created_at = Moment(constraints=NOW)
    updated_at = Moment(constraints=NOW)


class WebhookDelivery(Table):
    """One thing that one webhook is to be told. The row is the work; `event_id` is the same however often it is told."""

    webhook = pw.ForeignKeyField(Webhook, on_delete="CASCADE", index=False)
    event = pw.TextField()
    event_id = pw.TextField()
    chat = pw.ForeignKeyField(Chat, on_delete="CASCADE", null=True, index=False)
    message = pw.ForeignKeyField(Message, on_delete="CASCADE", null=True, index=False)
    subject_id = pw.BigIntegerField(null=True)  # the failed response or broadcast it is about
    state = pw.TextField(constraints=[pw.SQL("DEFAULT 'waiting'")])  # waiting, claimed, sent, dead
    attempts = pw.SmallIntegerField(constraints=[pw.SQL("DEFAULT 0")])
    due_at = Moment(constraints=NOW)
    lease_until = Moment(null=True)
    status = pw.IntegerField(null=True)  # of the last answer
    fault = pw.TextField(null=True)  # why there was none: models/outbound.py, REASONS
    took_ms = pw.IntegerField(null=True)
    created_at = Moment(constraints=NOW)
    settled_at = Moment(null=True)


class Alarm(Table):
    """An outbreak of something not getting through: one row from when it began until it was over."""

    channel = pw.ForeignKeyField(Channel, on_delete="CASCADE", null=True, index=False)  # one of the two
    webhook = pw.ForeignKeyField(Webhook, on_delete="CASCADE", null=True, index=False)  # that was switched off
    dead = pw.IntegerField(constraints=[pw.SQL("DEFAULT 0")])  # messages that were given up
    waiting = pw.IntegerField(constraints=[pw.SQL("DEFAULT 0")])  # messages that wait for too long
    unread = pw.IntegerField(constraints=[pw.SQL("DEFAULT 0")])  # what came in and could not be read
    cut_off = pw.BooleanField(constraints=[pw.SQL("DEFAULT false")])  # it cannot be reached, or does not let us in
    began_at = Moment(constraints=NOW)
    ended_at = Moment(null=True)
