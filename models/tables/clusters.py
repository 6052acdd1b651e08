"""Failed responses that mean the same, what might answer them, and what a nightly grouping would rather have.

A cluster's id never changes silently: a better grouping stands in `cluster_proposal`
until somebody agrees. A cluster merged into another stays as a row that says where it went.
"""

from __future__ import annotations

import peewee as pw
from pgvector.peewee import VectorField

from models.db import Table
from models.tables.knowledge import Article, Service
from models.tables.people import NOW, Agent
from models.tables.types import ArrayField, Json, Moment


class Cluster(Table):
    """Questions that mean the same: one thing to repair."""

    status = pw.TextField(constraints=[pw.SQL("DEFAULT 'open'")])  # rules/clusters.py, Status
    reason = pw.TextField(null=True)  # why it is resolved or dismissed
    reason_note = pw.TextField(constraints=[pw.SQL("DEFAULT ''")])
    label = pw.TextField(constraints=[pw.SQL("DEFAULT ''")])  # a short central question
    label_by_hand = pw.BooleanField(constraints=[pw.SQL("DEFAULT false")])
    keywords = ArrayField(pw.TextField, constraints=[pw.SQL("DEFAULT '{}'")], index=False)
    language = pw.TextField(null=True)  # of its first failure; others of that language or of none join it
    model_id = pw.TextField()  # vectors of two models are never compared
    centroid = VectorField()  # plain mean of its members' vectors
    size = pw.IntegerField(constraints=[pw.SQL("DEFAULT 0")])  # failures in the centroid
    central_id = pw.BigIntegerField(null=True)  # the failure nearest to the centroid
    owner = pw.ForeignKeyField(Agent, on_delete="SET NULL", null=True, index=False)  # who takes care of it
    pinned = pw.BooleanField(constraints=[pw.SQL("DEFAULT false")])  # a person decided: no grouping changes it silently
    decided_by = pw.ForeignKeyField(Agent, on_delete="SET NULL", null=True, index=False)
    decided_at = Moment(null=True)
    snoozed_until = Moment(null=True)
    merged_into = pw.ForeignKeyField("self", on_delete="SET NULL", null=True, index=False)
    article = pw.ForeignKeyField(Article, on_delete="SET NULL", null=True, index=False)  # what was made to answer it
    service = pw.ForeignKeyField(Service, on_delete="SET NULL", null=True, index=False)
    fixed_at = Moment(null=True)  # neighbours that come later say that the fix does not hold
    proved_at = Moment(null=True)  # of the first replay that passed
    reopened = pw.SmallIntegerField(constraints=[pw.SQL("DEFAULT 0")])
    reopened_at = Moment(null=True)
    known = pw.DoubleField(null=True)  # how likely it is that a service or article serves it already
    facts = Json(null=True)  # what its suggestions were weighed by: rules/suggesting.py, FEATURES
    draft = Json(null=True)  # an article from what people answered: rules/drafting.py
    map_x = pw.FloatField(null=True)  # where it stands on the map; once placed it stays
    map_y = pw.FloatField(null=True)
    first_seen_at = Moment()
    last_seen_at = Moment()
    changed_at = Moment(constraints=NOW)  # of its members; label, suggestions and draft follow
    described_at = Moment(null=True)
    version = pw.IntegerField(
        constraints=[pw.SQL("DEFAULT 1")]
    )  # counts what people see change, so that two of them notice
    created_at = Moment(constraints=NOW)


class GroupingRun(Table):
    """One grouping of everything from scratch, and what came of it."""

    model_id = pw.TextField()
    failures = pw.IntegerField()
    groups = pw.IntegerField()
    applied = pw.IntegerField(constraints=[pw.SQL("DEFAULT 0")])
    proposed = pw.IntegerField(constraints=[pw.SQL("DEFAULT 0")])
    seconds = pw.DoubleField()
    at = Moment(constraints=NOW)


class ClusterProposal(Table):
    """Merge two, split one, move some: what a person may accept or decline."""

    run = pw.ForeignKeyField(GroupingRun, on_delete="CASCADE")
    kind = pw.TextField()  # merge, split, move
    cluster = pw.ForeignKeyField(Cluster, on_delete="CASCADE", backref="proposals")
    other = pw.ForeignKeyField(Cluster, on_delete="CASCADE", null=True, index=False)  # merged with, or moved to
    failure_ids = ArrayField(pw.BigIntegerField, constraints=[pw.SQL("DEFAULT '{}'")], index=False)
    likeness = pw.DoubleField()  # cosine between the two halves
    state = pw.TextField(constraints=[pw.SQL("DEFAULT 'open'")])  # open, accepted, declined, applied, outdated
    made_at = Moment(constraints=NOW)
    decided_at = Moment(null=True)
    decided_by = pw.ForeignKeyField(Agent, on_delete="SET NULL", null=True, index=False)


class ClusterSuggestion(Table):
    """What the desk already has that may serve a cluster, best first."""

    cluster = pw.ForeignKeyField(Cluster, on_delete="CASCADE", backref="suggestions", index=False)
    ord = pw.SmallIntegerField()
    service = pw.ForeignKeyField(Service, on_delete="CASCADE", null=True, index=False)
    article = pw.ForeignKeyField(Article, on_delete="CASCADE", null=True, index=False)
    score = pw.DoubleField()  # mean of the members' confidence in it
    confidence = pw.DoubleField()  # calibrated: how often a suggestion like this one is right
    computed_at = Moment(constraints=NOW)

    class Meta:
        primary_key = pw.CompositeKey("cluster", "ord")


class SuggestionCalibrator(Table):
    """How far suggestions may be believed, measured on the desk's own services. The newest row holds."""

    knowledge = pw.TextField()  # fingerprint of what it was trained on
    weights = Json()  # rules/suggesting.py, Calibrator
    simulated = pw.IntegerField()  # clusters of the self-simulation
    decided = pw.IntegerField()  # decisions of analysts among the lessons
    auroc = pw.DoubleField(null=True)  # known against new, on clusters held out
    ece = pw.DoubleField(null=True)
    trained_at = Moment(constraints=NOW)
