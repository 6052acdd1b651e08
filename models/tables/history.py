"""What the history is found by: choices that are kept, and the words that were ever written."""

from __future__ import annotations

import peewee as pw

from models.db import Table
from models.tables.people import NOW, Agent
from models.tables.types import Json, Moment


class SavedView(Table):
    """A choice of chats under a name: an agent's own, or a shared one."""

    name = pw.TextField()
    agent = pw.ForeignKeyField(Agent, on_delete="CASCADE", index=False)  # who made it; of a shared one as well
    shared = pw.BooleanField(constraints=[pw.SQL("DEFAULT false")])
    filter = Json(constraints=[pw.SQL("DEFAULT '{}'")])  # schemas/history.py, ChatFilter
    q = pw.TextField(constraints=[pw.SQL("DEFAULT ''")])
    sort = pw.TextField(constraints=[pw.SQL("DEFAULT 'newest'")])
    names = Json(constraints=[pw.SQL("DEFAULT '{}'")])  # what its criteria were called when it was saved
    created_at = Moment(constraints=NOW)
    updated_at = Moment(constraints=NOW)


class Word(Table):
    """A word that somebody wrote, in small letters without accents, and how often."""

    word = pw.TextField(primary_key=True)
    uses = pw.IntegerField()


class WordMark(Table):
    """Up to which message the words are counted. One row."""

    message_id = pw.BigIntegerField()
