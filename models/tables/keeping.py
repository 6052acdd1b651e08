"""What is taken out of the desk: exports, erasures, and rules for how long things are kept."""

from __future__ import annotations

import peewee as pw

from models.db import Table
from models.tables.customers import Channel
from models.tables.people import NOW, Agent
from models.tables.types import Json, Moment


class Export(Table):
    """One file that somebody asked for. The row is the work; the file is there while the state is `done`."""

    token = pw.TextField(unique=True)  # its link is signed over this; random
    what = pw.TextField()  # chats, messages, customer
    format = pw.TextField()  # csv, jsonl
    filter = Json(constraints=[pw.SQL("DEFAULT '{}'")])  # schemas/history.py, ChatFilter
    notes = pw.BooleanField(constraints=[pw.SQL("DEFAULT false")])  # internal ones as well
    agent = pw.ForeignKeyField(Agent, on_delete="CASCADE", index=False)
    state = pw.TextField(constraints=[pw.SQL("DEFAULT 'waiting'")])  # rules/exporting.py
    attempts = pw.SmallIntegerField(constraints=[pw.SQL("DEFAULT 0")])
    lease_until = Moment(null=True)
    rows_done = pw.IntegerField(constraints=[pw.SQL("DEFAULT 0")])
    rows_total = pw.IntegerField(null=True)
    capped = pw.BooleanField(constraints=[pw.SQL("DEFAULT false")])  # there were more rows than one file holds
    storage_key = pw.TextField(null=True)
    size = pw.BigIntegerField(null=True)  # bytes
    fault = pw.TextField(null=True)
    created_at = Moment(constraints=NOW)
    finished_at = Moment(null=True)


class Erasure(Table):
    """A receipt: what was erased of a customer, when, and by whose order. Nothing in it tells who it was."""

    customer_id = pw.BigIntegerField()
    agent = pw.ForeignKeyField(Agent, null=True, index=False)
    agent_name = pw.TextField()
    reason = pw.TextField()
    chats = pw.IntegerField()
    messages = pw.IntegerField()
    files = pw.IntegerField()
    notes = pw.IntegerField()
    at = Moment(constraints=NOW)


class RetentionRule(Table):
    """How long one kind of thing is kept. Nothing is removed before a dry run has said how much it would be."""

    what = pw.TextField()  # chats, bot_chats, files, broadcasts
    channel = pw.ForeignKeyField(Channel, on_delete="CASCADE", null=True, index=False)  # null: every channel
    after_days = pw.IntegerField()
    enabled = pw.BooleanField(constraints=[pw.SQL("DEFAULT false")])
    tried_at = Moment(null=True)  # the dry run of the rule as it is now
    tried_count = pw.IntegerField(null=True)
    ran_at = Moment(null=True)
    removed = pw.BigIntegerField(constraints=[pw.SQL("DEFAULT 0")])
    updated_at = Moment(constraints=NOW)
