"""What the desk owes after a chat: promises to come back, and letters on their way."""

from __future__ import annotations

import peewee as pw

from models.db import Table
from models.tables.chats import Chat, Session
from models.tables.customers import Channel, Customer
from models.tables.integrations import Alarm
from models.tables.people import NOW, Agent
from models.tables.types import Json, Moment


class Promise(Table):
    """Somebody will be contacted by then, by this agent."""

    kind = pw.TextField()  # follow_up, escalation
    chat = pw.ForeignKeyField(Chat, on_delete="CASCADE")  # where it was made
    session = pw.ForeignKeyField(Session, on_delete="CASCADE")
    customer = pw.ForeignKeyField(Customer, on_delete="CASCADE")
    owner = pw.ForeignKeyField(Agent, index=False)
    due_at = Moment()
    note = pw.TextField(constraints=[pw.SQL("DEFAULT ''")])
    state = pw.TextField(constraints=[pw.SQL("DEFAULT 'open'")])  # open, kept, cancelled
    made_by = pw.ForeignKeyField(Agent, null=True, index=False)
    made_at = Moment(constraints=NOW)
    warned_at = Moment(null=True)
    overdue_told_at = Moment(null=True)
    settled_at = Moment(null=True)
    settled_note = pw.TextField(constraints=[pw.SQL("DEFAULT ''")])
    kept_chat = pw.ForeignKeyField(Chat, on_delete="SET NULL", null=True)


class Mail(Table):
    """One letter. The row is the work: who it goes to and what kind; it is written when it is sent."""

    kind = pw.TextField()  # transcript, reply, alarm; to agents: call, refusal
    chat = pw.ForeignKeyField(Chat, on_delete="CASCADE", null=True)
    alarm = pw.ForeignKeyField(Alarm, on_delete="CASCADE", null=True, index=False)  # instead of a chat
    agent = pw.ForeignKeyField(Agent, on_delete="CASCADE", null=True)  # whom a call or a refusal is for
    channel = pw.ForeignKeyField(Channel, on_delete="CASCADE", null=True, index=False)  # by whose mailbox it goes
    answers = pw.ForeignKeyField(
        "self", on_delete="CASCADE", null=True, index=False
    )  # a refusal: the call that was answered
    about = Json(null=True)  # a refusal: why, and from which address the answer came
    address = pw.TextField()
    state = pw.TextField(constraints=[pw.SQL("DEFAULT 'pending'")])  # pending, sending, sent, failed, unknown
    attempts = pw.SmallIntegerField(constraints=[pw.SQL("DEFAULT 0")])
    due_at = Moment(constraints=NOW)
    lease_until = Moment(null=True)
    up_to_seq = pw.IntegerField(null=True)  # a reply holds the chat's public entries up to here
    last_error = pw.TextField(null=True)
    created_at = Moment(constraints=NOW)
    sent_at = Moment(null=True)
