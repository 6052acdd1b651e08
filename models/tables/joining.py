"""Customers who turn out to be one person: asked whether an address is theirs, and what was joined on proof."""

from __future__ import annotations

import peewee as pw

from models.db import Table
from models.tables.customers import Customer, Identity
from models.tables.people import NOW, Agent
from models.tables.promises import Mail
from models.tables.types import Json, Moment


class Confirmation(Table):
    """A customer is asked by letter whether an address is theirs. Here lies only the hash of what the letter holds."""

    mail = pw.ForeignKeyField(Mail, on_delete="CASCADE", unique=True)  # the letter that asks
    customer = pw.ForeignKeyField(Customer, on_delete="CASCADE")
    identity = pw.ForeignKeyField(Identity, on_delete="CASCADE")  # whose address it will be
    address = pw.TextField()
    token_hash = pw.TextField(null=True, unique=True)  # null until the letter is written
    asked_by = pw.ForeignKeyField(Agent, null=True, index=False)
    asked_at = Moment(constraints=NOW)
    expires_at = Moment(null=True)
    confirmed_at = Moment(null=True)


class CustomerJoin(Table):
    """Two customers who turned out to be one person: by which proof, and what it takes to part them again."""

    kept = pw.ForeignKeyField(Customer, on_delete="CASCADE")
    gone = pw.ForeignKeyField(Customer, on_delete="CASCADE")
    how = pw.TextField()  # confirmed, vouched
    proof = Json()  # the address or number both have: {"email": ...}, {"phone": ...}
    identity = pw.ForeignKeyField(Identity, on_delete="SET NULL", null=True)  # which brought the proof
    asked_by = pw.ForeignKeyField(Agent, null=True, index=False)
    before = Json()  # facts of the one who is kept, as they were
    after = Json()  # and as they became
    moved = Json()  # by table: the keys of the rows that changed hands
    joined_at = Moment(constraints=NOW)
    undone_at = Moment(null=True)
    undone_by = pw.ForeignKeyField(Agent, null=True, index=False)
