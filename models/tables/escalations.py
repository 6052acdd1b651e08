"""Offers of a chat to somebody else, and what each of those it was offered to did with it."""

from __future__ import annotations

import peewee as pw

from models.db import Table
from models.tables.chats import Chat
from models.tables.people import NOW, Agent, Team
from models.tables.types import Json, Moment


class Escalation(Table):
    """One offer: to an agent, to a team, or to the supervisors. Its ladder is kept as it was when it was made."""

    chat = pw.ForeignKeyField(Chat, on_delete="CASCADE", index=False)
    previous = pw.ForeignKeyField("self", on_delete="SET NULL", null=True, index=False)  # from which it went on to this
    origin = pw.ForeignKeyField(Agent, index=False)  # who owns the chat meanwhile
    by_agent = pw.ForeignKeyField(Agent, null=True, index=False)  # a supervisor who escalated in their stead
    target_agent = pw.ForeignKeyField(Agent, null=True, index=False)
    target_team = pw.ForeignKeyField(Team, null=True, index=False)
    target_supervisors = pw.BooleanField(constraints=[pw.SQL("DEFAULT false")])
    note = pw.TextField()
    expected_at = Moment()  # by when the customer was told to expect an answer
    state = pw.TextField(constraints=[pw.SQL("DEFAULT 'pending'")])  # rules/escalating.py, OfferState
    made_at = Moment(constraints=NOW)
    due_at = Moment()  # it cannot be accepted any more
    steps = Json()  # rules/escalating.py, Step
    hours = Json(null=True)  # whose open time the steps count; null: every hour counts
    place = pw.SmallIntegerField(constraints=[pw.SQL("DEFAULT 0")])  # the step that falls due next
    reminded_at = Moment(null=True)
    decided_at = Moment(null=True)
    decided_by = pw.ForeignKeyField(Agent, null=True, index=False)  # null: the desk itself
    reason = pw.TextField(null=True)  # of a rejection or cancellation; `offline`: the agent asked went away
    reason_note = pw.TextField(constraints=[pw.SQL("DEFAULT ''")])


class EscalationAnswer(Table):
    """What one of those who could take an offer did: looked inside, or declined."""

    escalation = pw.ForeignKeyField(Escalation, on_delete="CASCADE", index=False)
    agent = pw.ForeignKeyField(Agent, on_delete="CASCADE")
    looked_at = Moment(null=True)
    declined_at = Moment(null=True)
    reason = pw.TextField(null=True)
    note = pw.TextField(constraints=[pw.SQL("DEFAULT ''")])

    class Meta:
        primary_key = pw.CompositeKey("escalation", "agent")
