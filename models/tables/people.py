"""Teams and agents, their sessions and the sockets that prove they are there."""

from __future__ import annotations

import peewee as pw

from models.db import Table
from models.tables.types import Json, Moment

NOW: list[pw.Node] = [pw.SQL("DEFAULT clock_timestamp()")]


class Team(Table):
    name = pw.TextField(unique=True)
    hue = pw.SmallIntegerField()
    auto_assign = pw.BooleanField(null=True)  # null: as the desk says
    agent_limit = pw.SmallIntegerField(null=True)  # null: as the desk says, here and in what follows
    assign_policy = pw.TextField(null=True)
    last_given_agent_id = pw.BigIntegerField(null=True)  # where round robin stands
    hours = Json(null=True)  # rules/hours.py says what it holds
    queue_max_s = pw.IntegerField(null=True)
    first_reply_s = pw.IntegerField(null=True)
    first_reply_requeue = pw.BooleanField(null=True)
    idle_warn_s = pw.IntegerField(null=True)
    idle_end_s = pw.IntegerField(null=True)
    idle_end_async_s = pw.IntegerField(null=True)
    alarm_wait_s = pw.IntegerField(null=True)
    escalation_steps = Json(null=True)  # rules/escalating.py, Step
    escalation_in_hours = pw.BooleanField(null=True)
    escalation_expected_s = pw.IntegerField(null=True)
    archived_at = Moment(null=True)
    created_at = Moment(constraints=NOW)


class Agent(Table):
    name = pw.TextField()
    email = pw.TextField(unique=True)  # stored in lower case
    password_hash = pw.TextField()  # argon2id
    role = pw.TextField()
    hue = pw.SmallIntegerField()
    agent_limit = pw.SmallIntegerField(null=True)  # null: as the team or the desk says
    chosen_status = pw.TextField(constraints=[pw.SQL("DEFAULT 'offline'")])
    status_since = Moment(constraints=NOW)
    told_status = pw.TextField(constraints=[pw.SQL("DEFAULT 'offline'")])  # the effective status screens were last told
    last_given_at = Moment(null=True)  # when a chat was last given, for "longest since last given"
    disabled_at = Moment(null=True)
    mail_offline = pw.BooleanField(constraints=[pw.SQL("DEFAULT false")])  # is written to while away
    created_at = Moment(constraints=NOW)


class TeamMember(Table):
    team = pw.ForeignKeyField(Team, on_delete="CASCADE", index=False)
    agent = pw.ForeignKeyField(Agent, on_delete="CASCADE", backref="memberships")

    class Meta:
        primary_key = pw.CompositeKey("team", "agent")


class AgentSession(Table):
    """One sign-in. The cookie holds a random token; here lies only its hash."""

    token_hash = pw.TextField(unique=True)
    agent = pw.ForeignKeyField(Agent, on_delete="CASCADE")
    created_at = Moment(constraints=NOW)
    seen_at = Moment(constraints=NOW)
    expires_at = Moment()
    ended_at = Moment(null=True)
    ip = pw.TextField()
    browser = pw.TextField()


class SocketLease(Table):
    """A live socket and the process that holds it. An agent is there while any lease is fresh."""

    sid = pw.TextField(primary_key=True)
    front = pw.TextField()  # the process that renews it
    agent = pw.ForeignKeyField(Agent, on_delete="CASCADE", null=True)
    session = pw.ForeignKeyField(AgentSession, on_delete="CASCADE", null=True, index=False)
    customer_id = pw.BigIntegerField(null=True, index=True)
    chat_id = pw.BigIntegerField(null=True)  # the conversation open on this screen
    seen_at = Moment(constraints=NOW)


class Ticket(Table):
    """Opens one socket, once, within seconds; made by the HTTPS session it names."""

    token_hash = pw.TextField(primary_key=True)
    agent_session = pw.ForeignKeyField(AgentSession, on_delete="CASCADE", null=True, index=False)
    visitor_token_id = pw.BigIntegerField(null=True)
    expires_at = Moment()
