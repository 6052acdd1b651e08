"""What the bot knows: services with example phrasings, and articles cut into passages.

A phrasing or a passage without its vector is work waiting for the embedding
worker; the text itself is the order.
"""

from __future__ import annotations

import peewee as pw
from pgvector.peewee import VectorField

from models.db import Table
from models.tables.people import NOW, Team
from models.tables.types import Moment

DIMENSIONS = 384  # of all-MiniLM-L6-v2; another model needs a migration and all vectors anew


class Service(Table):
    """An intent the bot can serve: a name, ways to ask for it, one answer."""

    key = pw.TextField(unique=True)
    name = pw.TextField()
    description = pw.TextField(constraints=[pw.SQL("DEFAULT ''")])
    answer = pw.TextField()
    team = pw.ForeignKeyField(Team, null=True, on_delete="SET NULL", backref="services")
    enabled = pw.BooleanField(constraints=[pw.SQL("DEFAULT true")])
    direction = VectorField(DIMENSIONS, null=True)  # learned: how far a question leans to this service and no other
    bias = pw.DoubleField(null=True)
    created_at = Moment(constraints=NOW)
    updated_at = Moment(constraints=NOW)


class ServicePhrase(Table):
    """One text that leads to a service: a customer's phrasing (`example`), or its `own` name and words.

    Never edited, only added and removed: a vector always belongs to its text.
    """

    service = pw.ForeignKeyField(Service, on_delete="CASCADE", backref="phrases", index=False)
    origin = pw.TextField(constraints=[pw.SQL("DEFAULT 'example'")])
    text = pw.TextField()
    embedding = VectorField(DIMENSIONS, null=True)

    class Meta:
        indexes = ((("service", "text"), True),)


class Article(Table):
    """An entry of the knowledge base, for the bot and for the help search alike."""

    slug = pw.TextField(unique=True)
    title = pw.TextField()
    body = pw.TextField()
    published = pw.BooleanField(constraints=[pw.SQL("DEFAULT true")])
    created_at = Moment(constraints=NOW)
    updated_at = Moment(constraints=NOW)


class ArticleChunk(Table):
    """A passage of an article, short enough to be one thought. Rewritten whenever the article is saved."""

    article = pw.ForeignKeyField(Article, on_delete="CASCADE", backref="chunks", index=False)
    ord = pw.IntegerField()
    text = pw.TextField()
    embedding = VectorField(DIMENSIONS, null=True)

    class Meta:
        indexes = ((("article", "ord"), True),)


class AnswerBars(Table):
    """How sure the bot must be, measured whenever the services change. The newest row holds."""

    knowledge = pw.TextField()  # fingerprint of what it was measured on: another one means "learn again"
    sure = pw.DoubleField()
    doubt = pw.DoubleField()
    examples = pw.IntegerField()
    accuracy = pw.DoubleField()  # share of held-out phrasings led to their own service
    measured_at = Moment(constraints=NOW)
