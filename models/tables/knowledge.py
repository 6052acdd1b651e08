"""What the bot knows: services with example phrasings, and articles cut into passages.

A phrasing or a passage without its vector is work waiting for the embedding
worker; the text itself is the order. Every vector in here is of the desk's one
model; those of the model that is to follow wait in `ComingVector`.
"""

from __future__ import annotations

import peewee as pw
from pgvector.peewee import VectorField

from models.db import Table
from models.tables.people import NOW, Agent, Team
from models.tables.types import ArrayField, Json, Moment


class Service(Table):
    """An intent the bot can serve: a name, ways to ask for it, one answer."""

    key = pw.TextField(unique=True)
    name = pw.TextField()
    description = pw.TextField(constraints=[pw.SQL("DEFAULT ''")])
    answer = pw.TextField()
    team = pw.ForeignKeyField(Team, null=True, on_delete="SET NULL", backref="services")
    enabled = pw.BooleanField(constraints=[pw.SQL("DEFAULT true")])
    direction = VectorField(null=True)  # learned: how far a question leans to this service and no other
    bias = pw.DoubleField(null=True)
    quick_replies = ArrayField(pw.TextField, constraints=[pw.SQL("DEFAULT '{}'")], index=False)
    handover = pw.TextField(constraints=[pw.SQL("DEFAULT 'never'")])  # never, after_answer, instead: to its team
    version = pw.IntegerField(constraints=[pw.SQL("DEFAULT 1")])  # counts saves, so that two editors notice
    published_at = Moment(null=True)  # null: a draft, never enabled yet
    archived_at = Moment(null=True)
    was_live = pw.BooleanField(constraints=[pw.SQL("DEFAULT false")])  # when it was archived: so it comes back
    changed_by = pw.ForeignKeyField(Agent, null=True, on_delete="SET NULL", index=False)
    created_at = Moment(constraints=NOW)
    updated_at = Moment(constraints=NOW)


class ServicePhrase(Table):
    """One text that leads to a service: a customer's phrasing (`example`), or its `own` name and words.

    Never edited, only added and removed: a vector always belongs to its text.
    """

    service = pw.ForeignKeyField(Service, on_delete="CASCADE", backref="phrases", index=False)
    origin = pw.TextField(constraints=[pw.SQL("DEFAULT 'example'")])
    text = pw.TextField()
    embedding = VectorField(null=True)

    class Meta:
        indexes = ((("service", "text"), True),)


class ServiceVersion(Table):
    """A service as it was saved once."""

    service = pw.ForeignKeyField(Service, on_delete="CASCADE", index=False)
    version = pw.IntegerField()
    content = Json()  # rules/knowledge.py, ServiceContent
    by_agent = pw.ForeignKeyField(Agent, null=True, on_delete="SET NULL", index=False)
    by_name = pw.TextField()
    at = Moment(constraints=NOW)


class Article(Table):
    """An entry of the knowledge base, for the bot and for the help search alike."""

    slug = pw.TextField(unique=True)
    title = pw.TextField()
    body = pw.TextField()
    published = pw.BooleanField(constraints=[pw.SQL("DEFAULT true")])
    version = pw.IntegerField(
        constraints=[pw.SQL("DEFAULT 1")]
    )  # counts saves of either text, so that two editors notice
    published_at = Moment(null=True)  # null: never published yet
    archived_at = Moment(null=True)
    was_live = pw.BooleanField(constraints=[pw.SQL("DEFAULT false")])  # when it was archived: so it comes back
    changed_by = pw.ForeignKeyField(Agent, null=True, on_delete="SET NULL", index=False)
    created_at = Moment(constraints=NOW)
    updated_at = Moment(constraints=NOW)


class ArticleChunk(Table):
    """A passage of an article, short enough to be one thought. Rewritten whenever the article is saved."""

    article = pw.ForeignKeyField(Article, on_delete="CASCADE", backref="chunks", index=False)
    ord = pw.IntegerField()
    text = pw.TextField()
    embedding = VectorField(null=True)

    class Meta:
        indexes = ((("article", "ord"), True),)


class ArticlePhrase(Table):
    """A question that this article answers, in a customer's words. Never edited, only added and removed."""

    article = pw.ForeignKeyField(Article, on_delete="CASCADE", backref="phrases", index=False)
    text = pw.TextField()
    embedding = VectorField(null=True)

    class Meta:
        indexes = ((("article", "text"), True),)


class ArticleDraft(Table):
    """What somebody is writing of an article; the published text stays what it is until it is published."""

    article = pw.ForeignKeyField(Article, on_delete="CASCADE", primary_key=True)
    title = pw.TextField()
    body = pw.TextField()
    phrasings = ArrayField(pw.TextField, constraints=[pw.SQL("DEFAULT '{}'")], index=False)
    by_agent = pw.ForeignKeyField(Agent, null=True, on_delete="SET NULL", index=False)
    updated_at = Moment(constraints=NOW)


class ArticleVersion(Table):
    """An article as it was published once."""

    article = pw.ForeignKeyField(Article, on_delete="CASCADE", index=False)
    version = pw.IntegerField()
    content = Json()  # rules/knowledge.py, ArticleContent
    by_agent = pw.ForeignKeyField(Agent, null=True, on_delete="SET NULL", index=False)
    by_name = pw.TextField()
    at = Moment(constraints=NOW)


class EmbeddingModel(Table):
    """What the back room says of a model: whether it can load it, and if not, why."""

    id = pw.TextField(primary_key=True)
    available = pw.BooleanField()
    fault = pw.TextField(null=True)
    checked_at = Moment(constraints=NOW)


class Reembedding(Table):
    """The change to another model: everything is read anew beside the old vectors, which answer until the end."""

    model_id = pw.TextField()
    from_model_id = pw.TextField()
    state = pw.TextField(constraints=[pw.SQL("DEFAULT 'running'")])  # running, done, cancelled, failed
    by_agent = pw.ForeignKeyField(Agent, null=True, index=False)
    texts = pw.IntegerField()  # how many there were to read when it began, or were found since
    read = pw.IntegerField(constraints=[pw.SQL("DEFAULT 0")])
    fault = pw.TextField(null=True)
    lease_until = Moment(null=True)  # of the worker that reads
    attempts = pw.SmallIntegerField(constraints=[pw.SQL("DEFAULT 0")])  # since it last got further
    started_at = Moment(constraints=NOW)
    finished_at = Moment(null=True)


class ComingVector(Table):
    """A vector of the model that is to follow, until it takes the place of the old one."""

    reembedding = pw.ForeignKeyField(Reembedding, on_delete="CASCADE", index=False)
    place = pw.TextField()  # the table its text is in
    text_id = pw.BigIntegerField()
    embedding = VectorField()

    class Meta:
        primary_key = pw.CompositeKey("reembedding", "place", "text_id")


class AnswerBars(Table):
    """How sure the bot must be, measured whenever the services change. The newest row holds."""

    knowledge = pw.TextField()  # fingerprint of what it was measured on: another one means "learn again"
    sure = pw.DoubleField()
    doubt = pw.DoubleField()
    examples = pw.IntegerField()
    accuracy = pw.DoubleField()  # share of held-out phrasings led to their own service
    measured_at = Moment(constraints=NOW)
