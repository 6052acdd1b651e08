"""What the bot knows: services with example phrasings, and articles cut into passages.

A phrasing or a passage without its vector is work waiting for the embedding
worker; the text itself is the order.
"""

from __future__ import annotations

from peewee import SQL, BooleanField, FloatField, ForeignKeyField, IntegerField, TextField
from pgvector.peewee import VectorField

from models.db import Moment, Table
from models.tables.people import Team

DIMENSIONS = 384  # of all-MiniLM-L6-v2; another model needs a migration and all vectors anew


class Service(Table):
    """An intent the bot can serve: a name, ways to ask for it, one answer."""

    key = TextField(unique=True)
    name = TextField()
    description = TextField(constraints=[SQL("default ''")])
    answer = TextField()
    team = ForeignKeyField(Team, null=True, on_delete="SET NULL", backref="services")
    enabled = BooleanField(constraints=[SQL("default true")])
    created_at = Moment(constraints=[SQL("default now()")])
    updated_at = Moment(constraints=[SQL("default now()")])


class ServicePhrase(Table):
    """One way customers ask for a service."""

    service = ForeignKeyField(Service, on_delete="CASCADE", backref="phrases")
    text = TextField()
    embedding = VectorField(DIMENSIONS, null=True)

    class Meta:
        indexes = ((("service", "text"), True),)


class Article(Table):
    """An entry of the knowledge base, for the bot and for the help search alike."""

    slug = TextField(unique=True)
    title = TextField()
    body = TextField()
    published = BooleanField(constraints=[SQL("default true")])
    created_at = Moment(constraints=[SQL("default now()")])
    updated_at = Moment(constraints=[SQL("default now()")])


class ArticleChunk(Table):
    """A passage of an article, short enough to be one thought. Rewritten whenever the article is saved."""

    article = ForeignKeyField(Article, on_delete="CASCADE", backref="chunks")
    ord = IntegerField()
    text = TextField()
    embedding = VectorField(DIMENSIONS, null=True)

    class Meta:
        indexes = ((("article", "ord"), True),)


class AnswerBars(Table):
    """How sure the bot must be, measured on the desk's own phrasings. The newest row holds."""

    sure = FloatField()
    doubt = FloatField()
    phrases = IntegerField()
    measured_at = Moment(constraints=[SQL("default now()")])
