"""What people decided about failures, with what it takes to undo it; and the replays that prove a fix."""

from __future__ import annotations

import peewee as pw

from models.db import Table
from models.tables.clusters import Cluster
from models.tables.failures import FailedResponse
from models.tables.knowledge import Article, Service
from models.tables.messages import Message
from models.tables.people import NOW, Agent
from models.tables.types import Json, Moment


class ClusterDecision(Table):
    """One decision about a cluster or a single failure, by a person or by the desk itself."""

    cluster = pw.ForeignKeyField(Cluster, on_delete="CASCADE", null=True, index=False)
    failed_response = pw.ForeignKeyField(FailedResponse, on_delete="CASCADE", null=True, index=False)
    kind = pw.TextField()  # rules/clusters.py, Deed
    agent = pw.ForeignKeyField(Agent, on_delete="SET NULL", null=True, index=False)  # null: the desk itself
    agent_name = pw.TextField()
    note = pw.TextField(constraints=[pw.SQL("DEFAULT ''")])
    before = Json(constraints=[pw.SQL("DEFAULT '{}'")])  # enough to undo it
    after = Json(constraints=[pw.SQL("DEFAULT '{}'")])
    at = Moment(constraints=NOW)
    undone_at = Moment(null=True)
    undone_by = pw.ForeignKeyField(Agent, on_delete="SET NULL", null=True, index=False)


class SuggestionOutcome(Table):
    """What an analyst chose where the desk had suggested something: the calibrator learns from it."""

    decision = pw.ForeignKeyField(ClusterDecision, on_delete="CASCADE", unique=True)
    features = Json()  # rules/suggesting.py, FEATURES
    known = pw.BooleanField()  # an existing service or article was chosen
    first_right = pw.BooleanField()  # and it was the first of the suggestions
    at = Moment(constraints=NOW)


class RegressionTurn(Table):
    """A question the bot once answered well, and with what: no fix may break it."""

    message = pw.ForeignKeyField(Message, on_delete="CASCADE", null=True, unique=True)
    question = pw.TextField()
    service = pw.ForeignKeyField(Service, on_delete="CASCADE", null=True, index=False)
    article = pw.ForeignKeyField(Article, on_delete="CASCADE", null=True, index=False)
    origin = pw.TextField()  # confirmed by the customer, or replayed green
    added_at = Moment(constraints=NOW)


class Replay(Table):
    """The members of a cluster and the regression set, asked again: before a change is saved, or after."""

    cluster = pw.ForeignKeyField(Cluster, on_delete="CASCADE", null=True, index=False)
    failed_response = pw.ForeignKeyField(FailedResponse, on_delete="CASCADE", null=True, index=False)
    purpose = pw.TextField()  # before, after
    change = Json(null=True)  # what is laid over the bot's knowledge meanwhile: rules/replaying.py, Change
    state = pw.TextField(constraints=[pw.SQL("DEFAULT 'waiting'")])  # waiting, running, done, failed, cancelled
    fault = pw.TextField(null=True)
    by_agent = pw.ForeignKeyField(Agent, on_delete="SET NULL", null=True, index=False)
    bot_version = pw.TextField(null=True)
    total = pw.IntegerField(constraints=[pw.SQL("DEFAULT 0")])
    done = pw.IntegerField(constraints=[pw.SQL("DEFAULT 0")])
    fixed = pw.IntegerField(constraints=[pw.SQL("DEFAULT 0")])
    failing = pw.IntegerField(constraints=[pw.SQL("DEFAULT 0")])
    kept = pw.IntegerField(constraints=[pw.SQL("DEFAULT 0")])
    broken = pw.IntegerField(constraints=[pw.SQL("DEFAULT 0")])
    attempts = pw.SmallIntegerField(constraints=[pw.SQL("DEFAULT 0")])
    lease_until = Moment(null=True)
    asked_at = Moment(constraints=NOW)
    finished_at = Moment(null=True)


class ReplayTurn(Table):
    """One question of a replay, and what the bot says to it then. No verdict: not asked yet."""

    replay = pw.ForeignKeyField(Replay, on_delete="CASCADE", backref="turns")
    failed_response = pw.ForeignKeyField(FailedResponse, on_delete="CASCADE", null=True, index=False)
    regression_turn = pw.ForeignKeyField(RegressionTurn, on_delete="CASCADE", null=True, index=False)
    question = pw.TextField()
    verdict = pw.TextField(null=True)  # fixed, failing; of the regression set: kept, broken
    said = pw.TextField(null=True)
    source_kind = pw.TextField(null=True)
    source_id = pw.BigIntegerField(null=True)
    source_title = pw.TextField(null=True)
    confidence = pw.DoubleField(null=True)
