"""Customers, how they are known, and the channels they come by."""

from __future__ import annotations

import peewee as pw

from models.db import Table
from models.tables.people import NOW, Agent
from models.tables.types import ArrayField, Json, Moment


class Channel(Table):
    kind = pw.TextField()
    name = pw.TextField()
    public_key = pw.TextField(unique=True)  # names the channel to the widget; not a secret
    allowed_origins = ArrayField(pw.TextField, index=False)  # sites that may embed the widget
    created_at = Moment(constraints=NOW)
    settings = Json(constraints=[pw.SQL("DEFAULT '{}'")])  # what people filled in, secrets apart
    secrets = pw.TextField(null=True)  # models/vault.py; never read back to anybody
    secret_tails = Json(constraints=[pw.SQL("DEFAULT '{}'")])  # the last four characters of each
    notes = Json(constraints=[pw.SQL("DEFAULT '{}'")])  # what the channel found out by itself: its name, its templates
    paused_at = Moment(null=True)  # takes everything in and sends nothing
    paused_why = pw.TextField(null=True)  # agent, unauthorized
    archived_at = Moment(null=True)  # gone for everybody but the chats that came by it
    check_due_at = Moment(null=True)  # somebody wants to know how it is
    checked_at = Moment(null=True)
    connected = pw.BooleanField(null=True)  # as the last check found it
    last_in_at = Moment(null=True)
    last_out_at = Moment(null=True)
    error = pw.TextField(null=True)
    error_at = Moment(null=True)
    lost_seen_at = Moment(null=True)  # what was lost before that is no alarm any more: people have looked at it
    version = pw.IntegerField(constraints=[pw.SQL("DEFAULT 1")])


class Customer(Table):
    name = pw.TextField(null=True)
    email = pw.TextField(null=True)
    phone = pw.TextField(null=True)
    language = pw.TextField(null=True)
    location = pw.TextField(null=True)
    time_zone = pw.TextField(null=True)
    browser = pw.TextField(null=True)
    page = pw.TextField(null=True)
    referrer = pw.TextField(null=True)
    device = pw.TextField(null=True)
    address = pw.TextField(null=True)  # network address last seen, for blocking an abuser
    attributes = Json(constraints=[pw.SQL("DEFAULT '{}'")])
    verified = pw.BooleanField(constraints=[pw.SQL("DEFAULT false")])
    created_at = Moment(constraints=NOW)
    erased_at = Moment(null=True)  # what was known of them is gone for good; the row stays for what refers to it
    broadcasts_off_at = Moment(null=True)  # does not want to be written to unasked
    joined_into = pw.ForeignKeyField(
        "self", on_delete="SET NULL", null=True
    )  # proved to be the same person as that one


class Identity(Table):
    """A customer as one channel knows them."""

    customer = pw.ForeignKeyField(Customer, on_delete="CASCADE")
    channel = pw.ForeignKeyField(Channel, on_delete="CASCADE", index=False)
    external_id = pw.TextField()
    name = pw.TextField(null=True)  # what they are called there
    last_in_at = Moment(null=True)  # a channel's window counts from here
    unreachable_at = Moment(null=True)  # they blocked us there
    slot_at = Moment(null=True)  # when the next may be sent to them
    hold_until = Moment(null=True)  # the provider said: not to them before
    notes = Json(constraints=[pw.SQL("DEFAULT '{}'")])  # what the channel needs to reach them

    class Meta:
        indexes = ((("channel", "external_id"), True),)


class VisitorToken(Table):
    """What a browser holds to be known again; here lies only its hash."""

    token_hash = pw.TextField(unique=True)
    customer = pw.ForeignKeyField(Customer, on_delete="CASCADE")
    channel = pw.ForeignKeyField(Channel, on_delete="CASCADE", index=False)
    created_at = Moment(constraints=NOW)
    seen_at = Moment(constraints=NOW)
    expires_at = Moment()


class CustomerNote(Table):
    """What colleagues should know of a person, whichever chat it is."""

    customer = pw.ForeignKeyField(Customer, on_delete="CASCADE")
    agent = pw.ForeignKeyField(Agent, index=False)
    body = pw.TextField()
    created_at = Moment(constraints=NOW)


class Block(Table):
    """An abuser kept out: by who they are, by where they write from, or both."""

    customer = pw.ForeignKeyField(Customer, on_delete="CASCADE", null=True, index=False)
    address = pw.TextField(null=True)
    reason = pw.TextField()
    by_agent = pw.ForeignKeyField(Agent, null=True, index=False)
    created_at = Moment(constraints=NOW)
    until = Moment(null=True)  # null: for good
    lifted_at = Moment(null=True)
    lifted_by_agent = pw.ForeignKeyField(Agent, null=True, index=False)
