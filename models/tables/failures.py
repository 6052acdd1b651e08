"""The bot's turns, what customers thought of its answers, and what it failed on.

Each row is written in the transaction in which it happened.
"""

from __future__ import annotations

import peewee as pw
from pgvector.peewee import VectorField

from models.db import Table
from models.tables.chats import Chat, Session
from models.tables.clusters import Cluster
from models.tables.customers import Channel, Customer
from models.tables.knowledge import Article, Service
from models.tables.messages import Message
from models.tables.people import NOW, Agent
from models.tables.types import ArrayField, Json, Moment


class BotTurn(Table):
    """One message the bot has dealt with: what it looked up, what it made of it, and how sure it was."""

    message = pw.ForeignKeyField(Message, on_delete="CASCADE", primary_key=True)
    chat = pw.ForeignKeyField(Chat, on_delete="CASCADE", index=False)
    reply = pw.ForeignKeyField(Message, on_delete="SET NULL", null=True, index=False, backref="answered_turns")
    outcome = pw.TextField()  # answered, asked_back, asked_which, small_talk, settled, missed
    question = pw.TextField()  # the words looked up: of "yes" those before it
    service = pw.ForeignKeyField(Service, on_delete="SET NULL", null=True, index=False)
    article = pw.ForeignKeyField(Article, on_delete="SET NULL", null=True, index=False)
    confidence = pw.DoubleField(null=True)
    candidates = Json(constraints=[pw.SQL("DEFAULT '[]'")])  # rules/answering.py, Candidate
    bot_version = pw.TextField()  # fingerprint of the model and of what was learned
    model_id = pw.TextField(null=True)  # of the vector; both are null where nothing was looked up
    embedding = VectorField(null=True)
    at = Moment(constraints=NOW)


class BotTrial(Table):
    """A question somebody of the desk tries on the bot. The row is the work; a day later it is gone."""

    agent = pw.ForeignKeyField(Agent, on_delete="CASCADE")
    question = pw.TextField()
    verdict = Json(null=True)  # schemas/knowledge.py, BotTrialVerdict
    fault = pw.TextField(null=True)
    asked_at = Moment(constraints=NOW)
    answered_at = Moment(null=True)


class AnswerFeedback(Table):
    """Thumbs up or down on one message of the bot. The last word counts."""

    message = pw.ForeignKeyField(Message, on_delete="CASCADE", primary_key=True)
    chat = pw.ForeignKeyField(Chat, on_delete="CASCADE")
    customer = pw.ForeignKeyField(Customer, on_delete="CASCADE")
    helped = pw.BooleanField()
    at = Moment(constraints=NOW)


class FailedResponse(Table):
    """One question, why it failed, what came near, and what a person answered then."""

    chat = pw.ForeignKeyField(Chat, on_delete="CASCADE", backref="failed_responses")
    message = pw.ForeignKeyField(Message, on_delete="CASCADE", unique=True)
    text = pw.TextField()
    normalized = pw.TextField()  # rules/failures.py: two ways to type it become one
    language = pw.TextField(null=True)
    channel = pw.ForeignKeyField(Channel, index=False)
    session = pw.ForeignKeyField(Session, on_delete="CASCADE")
    customer = pw.ForeignKeyField(Customer, on_delete="CASCADE", index=False)
    reply = pw.ForeignKeyField(Message, on_delete="SET NULL", null=True, index=False, backref="failures")
    trigger = pw.TextField()  # rules/failures.py, Trigger
    candidates = Json(constraints=[pw.SQL("DEFAULT '[]'")])
    bot_version = pw.TextField()
    model_id = pw.TextField(null=True)  # of the vector
    embedding = VectorField(null=True)
    noise = pw.TextField(null=True)  # why nobody needs to repair it; null: somebody may
    status = pw.TextField(constraints=[pw.SQL("DEFAULT 'open'")])  # open, resolved, dismissed
    answer = pw.TextField(null=True)  # what people said then
    answer_message_ids = ArrayField(pw.BigIntegerField, constraints=[pw.SQL("DEFAULT '{}'")], index=False)
    answered_by = pw.ForeignKeyField(Agent, on_delete="SET NULL", null=True, index=False)
    answered_at = Moment(null=True)
    cluster = pw.ForeignKeyField(Cluster, on_delete="SET NULL", null=True, index=False, backref="failures")
    placed = pw.TextField(null=True)  # how it got there: joined, opened, grouped, moved (by hand)
    looked_at = Moment(null=True)  # when the grouping looked at it; without a cluster it is a single failure since
    status_reason = pw.TextField(null=True)
    status_note = pw.TextField(constraints=[pw.SQL("DEFAULT ''")])
    decided_by = pw.ForeignKeyField(Agent, on_delete="SET NULL", null=True, index=False)
    decided_at = Moment(null=True)
    map_x = pw.FloatField(null=True)  # where it stands on the map of all failures
    map_y = pw.FloatField(null=True)
    created_at = Moment(constraints=NOW)
