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
    created_at = Moment(constraints=NOW)
    updated_at = Moment(constraints=NOW)


class ServicePhrase(Table):
    """One way customers ask for a service."""

    service = pw.ForeignKeyField(Service, on_delete="CASCADE", backref="phrases")
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

    article = pw.ForeignKeyField(Article, on_delete="CASCADE", backref="chunks")
    ord = pw.IntegerField()
    text = pw.TextField()
    embedding = VectorField(DIMENSIONS, null=True)

    class Meta:
        indexes = ((("article", "ord"), True),)


class AnswerBars(Table):
    """How sure the bot must be, measured on the desk's own phrasings. The newest row holds."""

    sure = pw.FloatField()
    doubt = pw.FloatField()
    phrases = pw.IntegerField()
    measured_at = Moment(constraints=NOW)
