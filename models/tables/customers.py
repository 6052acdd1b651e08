"""Customers, how they are known, and the channels they come by."""

from __future__ import annotations

import peewee as pw

from models.db import Table
from models.tables.people import NOW
from models.tables.types import ArrayField, Json, Moment


class Channel(Table):
    kind = pw.TextField()
    name = pw.TextField()
    public_key = pw.TextField(unique=True)  # names the channel to the widget; not a secret
    allowed_origins = ArrayField(pw.TextField, index=False)  # sites that may embed the widget
    created_at = Moment(constraints=NOW)


class Customer(Table):
    name = pw.TextField(null=True)
    email = pw.TextField(null=True)
    phone = pw.TextField(null=True)
    language = pw.TextField(null=True)
    location = pw.TextField(null=True)
    time_zone = pw.TextField(null=True)
    browser = pw.TextField(null=True)
    page = pw.TextField(null=True)
    attributes = Json(constraints=[pw.SQL("DEFAULT '{}'")])
    verified = pw.BooleanField(constraints=[pw.SQL("DEFAULT false")])
    created_at = Moment(constraints=NOW)


class Identity(Table):
    """A customer as one channel knows them."""

    customer = pw.ForeignKeyField(Customer, on_delete="CASCADE")
    channel = pw.ForeignKeyField(Channel, on_delete="CASCADE", index=False)
    external_id = pw.TextField()

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
