"""Questions the bot could not answer, each written in the transaction that hands its chat over."""

from __future__ import annotations

import peewee as pw
from pgvector.peewee import VectorField

from models.db import Table
from models.tables.chats import Chat
from models.tables.clusters import Cluster
from models.tables.knowledge import DIMENSIONS
from models.tables.messages import Message
from models.tables.people import NOW, Agent
from models.tables.types import Json, Moment


class FailedResponse(Table):
    """One question, why it failed, and what came near."""

    chat = pw.ForeignKeyField(Chat, on_delete="CASCADE", backref="failed_responses")
    message = pw.ForeignKeyField(Message, on_delete="CASCADE", unique=True)
    text = pw.TextField()
    trigger = pw.TextField()
    candidates = Json(constraints=[pw.SQL("DEFAULT '[]'")])
    embedding = VectorField(DIMENSIONS, null=True)
    cluster = pw.ForeignKeyField(Cluster, on_delete="SET NULL", null=True, index=False, backref="failures")
    placed = pw.TextField(null=True)  # how it got there: joined, opened, grouped, moved (by hand)
    looked_at = Moment(null=True)  # when the grouping looked at it; without a cluster it is a single failure since
    status = pw.TextField(constraints=[pw.SQL("DEFAULT 'open'")])  # open, resolved, dismissed
    status_reason = pw.TextField(null=True)
    status_note = pw.TextField(constraints=[pw.SQL("DEFAULT ''")])
    decided_by = pw.ForeignKeyField(Agent, on_delete="SET NULL", null=True, index=False)
    decided_at = Moment(null=True)
    map_x = pw.FloatField(null=True)  # where it stands on the map of all failures
    map_y = pw.FloatField(null=True)
    created_at = Moment(constraints=NOW)
